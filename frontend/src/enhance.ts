// Small comforts for every page. Each form and link works without them.

/** data-confirm="words" on a form or a submit button asks before it sends. What asks without script, too, is told so by `sure`. */
export function confirmSubmit(event: SubmitEvent, ask: (text: string) => boolean = (text) => confirm(text)): void {
  const text = event.submitter?.dataset.confirm ?? (event.target as HTMLFormElement).dataset.confirm;
  if (!text) return;
  if (ask(text)) sure(event.target as HTMLFormElement);
  else event.preventDefault();
}

function sure(form: HTMLFormElement): void {
  if (form.querySelector("input[name=sure]")) return;
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "sure", value: "on" }));
}

/** A form that was sent is not sent again while the answer is on its way. The button stays enabled, or its name would not be sent. */
export function sendOnce(event: SubmitEvent): void {
  if (event.defaultPrevented) return;
  const form = event.target as HTMLFormElement;
  if (form.method === "dialog" || form.target) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-disabled", "true");
  sayBusy(event.submitter);
}

/** A submit button with data-busy="Importing…" says so, to those who do not see it too, until the answer is there. */
function sayBusy(button: HTMLElement | null): void {
  if (!button?.dataset.busy) return;
  button.dataset.label = button.textContent ?? "";
  button.textContent = button.dataset.busy;
  const status = document.createElement("span");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  button.after(status);
  setTimeout(() => (status.textContent = button.dataset.busy ?? "")); // a region is read when it changes, not when it comes
}

/** Coming back with the browser's button finds the forms ready again. */
export function readyAgain(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll<HTMLElement>("[aria-disabled]")) {
      button.removeAttribute("aria-disabled");
      if (button.dataset.label !== undefined) button.textContent = button.dataset.label;
    }
  }
}

/** data-copy="element id" copies that element's text or value, and says so with data-copied. */
export async function copyText(event: Event): Promise<void> {
  const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
  const source = button && document.getElementById(button.dataset.copy ?? "");
  if (!button || !source) return;
  await navigator.clipboard.writeText(source instanceof HTMLInputElement ? source.value : (source.textContent ?? "").trim());
  if (button.dataset.copied) button.textContent = button.dataset.copied;
}

/** A link with data-copy-link copies its own address and says so; where nothing can be copied it leads there, for the address bar. */
export async function copyLink(event: Event, clipboard: Pick<Clipboard, "writeText"> | undefined = navigator.clipboard): Promise<void> {
  const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-copy-link]");
  const { ctrlKey, metaKey, shiftKey } = event as MouseEvent;
  if (!link || !clipboard || ctrlKey || metaKey || shiftKey) return;
  event.preventDefault();
  await clipboard.writeText(link.href).then(() => {
    const words = link.querySelector("[aria-live]");
    if (words && link.dataset.copied) words.textContent = link.dataset.copied;
  }, () => location.assign(link.href));
}

/** data-auto-submit on a filter form sends it when a choice changes. */
export function submitOnChange(event: Event): void {
  const field = event.target as HTMLInputElement | HTMLSelectElement;
  if (field.form?.dataset.autoSubmit !== undefined && field.matches("select, [type=checkbox], [type=radio]")) field.form.requestSubmit();
}
