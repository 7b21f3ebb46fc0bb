// Small comforts for every page. Each form and link works without them.

/** data-confirm="words" on a form or a submit button asks before it sends. */
export function confirmSubmit(event: SubmitEvent, ask: (text: string) => boolean = (text) => confirm(text)): void {
  const text = event.submitter?.dataset.confirm ?? (event.target as HTMLFormElement).dataset.confirm;
  if (text && !ask(text)) event.preventDefault();
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
}

/** Coming back with the browser's button finds the forms ready again. */
export function readyAgain(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
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

/** data-auto-submit on a filter form sends it when a choice changes. */
export function submitOnChange(event: Event): void {
  const field = event.target as HTMLInputElement | HTMLSelectElement;
  if (field.form?.dataset.autoSubmit !== undefined && field.matches("select, [type=checkbox], [type=radio]")) field.form.requestSubmit();
}
