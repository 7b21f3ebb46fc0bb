// What was shown counts as seen: form[data-seen] is sent by itself once its page has been looked at for a while.

const LOOKED_AT = 3000; // milliseconds

export function seeSoon(wait = LOOKED_AT): void {
  const form = document.querySelector<HTMLFormElement>("form[data-seen]");
  if (!form) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") timer = setTimeout(() => void see(form), wait);
  };
  document.addEventListener("visibilitychange", look);
  look();
}

/** The lines stay where they are: only the next page's bell has another number. */
async function see(form: HTMLFormElement): Promise<void> {
  if (form.dataset.seen === "sent") return;
  form.dataset.seen = "sent";
  await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Seen": "1" } }).catch(() => (form.dataset.seen = ""));
}
