// Sends the forms of the room and of the pages beside it through the outbox, so that a line that fails loses nothing.
// [data-outbox] on a form or around it: "" is kept on the device until it is delivered; "memory" is kept only as long as the page is open
// (a secret vote is never written down); "now" is tried once, for what makes no sense later; "off" is left to the browser.

import type { Verdict } from "./delivery";
import type { Outbox } from "./outbox";
import { newId } from "../new-id";
import type { Entry } from "./outbox-store";

export interface Surroundings {
  /** Done: bring the page up to date, or go on to `to`. */
  done: (to: string, form: HTMLFormElement) => void;
  /** The line failed, and what was pressed is not kept. */
  notSent: () => void;
  /** Refused while the person is looking at the form. True when the page has shown it. */
  refused: (verdict: Verdict & { kind: "refused" }, form: HTMLFormElement, action: string) => boolean;
  kept: (form: HTMLFormElement) => void;
}

type Control = HTMLElement & { name: string; type?: string; labels?: NodeListOf<HTMLLabelElement> | null };

const NOT_TYPED = ["csrfmiddlewaretoken", "idempotency_key"];

export class OutboxForms {
  /** The forms of this page that wait for their first answer, by entry. */
  private readonly waiting = new Map<string, { form: HTMLFormElement; mode: string }>();

  constructor(
    private readonly outbox: Outbox,
    private readonly page: Surroundings,
  ) {}

  start(): void {
    document.addEventListener("submit", (event) => void this.submitted(event));
    document.addEventListener("click", ignoreSecondOfTwo, { capture: true });
  }

  async submitted(event: SubmitEvent): Promise<void> {
    const form = event.target as HTMLFormElement;
    const mode = modeOf(form);
    if (event.defaultPrevented || mode === null) return;
    event.preventDefault();
    const draft = { action: addressOf(form), ...fieldsOf(form, event.submitter), label: labelOf(form, event.submitter) };
    const entry = await this.outbox.add(draft, takeKey(form), mode === "");
    this.waiting.set(entry.id, { form, mode });
  }

  /** What became of an entry, whoever sent it off. True when it was a form of this page that the person still waits for. */
  settled(entry: Entry, verdict: Verdict): boolean {
    const known = this.waiting.get(entry.id);
    if (!known) return false;
    const { form, mode } = known;
    ready(form);
    if (verdict.kind === "done") {
      this.waiting.delete(entry.id);
      form.reset();
      this.page.done(verdict.to, form);
    } else if (verdict.kind === "refused") {
      this.waiting.delete(entry.id);
      if (this.page.refused(verdict, form, entry.action)) void this.outbox.discard(entry.id);
    } else if (mode === "now") {
      this.waiting.delete(entry.id);
      giveBack(form, entry);
      void this.outbox.discard(entry.id);
      this.page.notSent();
    } else if (entry.tries === 0) this.page.kept(form);
    return true;
  }
}

/** How a form is kept; null when it is none of the outbox's. */
export function modeOf(form: HTMLFormElement): string | null {
  if (form.getAttribute("method")?.toLowerCase() !== "post" || form.hasAttribute("data-autosave")) return null;
  const mode = form.closest<HTMLElement>("[data-outbox]")?.dataset.outbox ?? "off";
  const files = [...form.querySelectorAll<HTMLInputElement>("input[type=file]")].some((field) => field.files?.length);
  return mode === "off" || files ? null : mode;
}

/** The attribute, since a field may be named "action". */
function addressOf(form: HTMLFormElement): string {
  const address = new URL(form.getAttribute("action") || location.href, location.href);
  return address.pathname + address.search;
}

function fieldsOf(form: HTMLFormElement, button: HTMLElement | null): Pick<Entry, "fields" | "typed"> {
  const all = [...new FormData(form)].filter((entry): entry is [string, string] => typeof entry[1] === "string");
  const fields = all.filter(([name]) => !NOT_TYPED.includes(name));
  if (button instanceof HTMLButtonElement && button.name) fields.push([button.name, button.value]);
  return { fields, typed: typedIn(form) };
}

/** Each field that a person sees, with what they typed or chose in words. */
function typedIn(form: HTMLFormElement): [string, string][] {
  const rows: [string, string][] = [];
  for (const control of form.querySelectorAll<Control>("input, select, textarea")) {
    const text = textOf(control).trim();
    if (text) rows.push([headingOf(control), text]);
  }
  return rows;
}

function textOf(control: Control): string {
  if (control instanceof HTMLSelectElement) return [...control.selectedOptions].filter((one) => one.value).map((one) => one.text).join(", ");
  if (control instanceof HTMLTextAreaElement) return control.value;
  const field = control as HTMLInputElement;
  if (field.type === "hidden" || field.type === "password" || field.type === "file") return "";
  if (field.type !== "radio" && field.type !== "checkbox") return field.value;
  return field.checked ? wordsOf(field.labels?.[0]) || field.value : "";
}

function headingOf(control: Control): string {
  if (control.type === "radio" || control.type === "checkbox") return wordsOf(control.closest("fieldset")?.querySelector("legend"));
  return wordsOf(control.labels?.[0]);
}

/** In words what was done: “Town 1, your vote: In favour”, “Ask for the floor”. */
function labelOf(form: HTMLFormElement, button: HTMLElement | null): string {
  const named = button?.dataset.outboxLabel ?? form.dataset.outboxLabel;
  if (named) return named;
  const legend = wordsOf(button?.closest("fieldset")?.querySelector("legend"));
  const heading = wordsOf(form.closest(".card, li")?.querySelector("h2, h3"));
  const typed = form.querySelector("input:not([type=hidden]), textarea, select") !== null;
  if (typed) return legend || wordsOf(document.querySelector("main h1"));
  return [legend || heading, wordsOf(button)].filter(Boolean).join(": ");
}

function wordsOf(element: Element | null | undefined): string {
  return (element?.textContent ?? "").replace(/\s+/g, " ").trim();
}

/** Each sending has a key of its own: the form gets a fresh one for what is sent from it next. */
function takeKey(form: HTMLFormElement): string {
  const field = form.querySelector<HTMLInputElement>("input[name=idempotency_key]");
  const key = field?.value || newId();
  if (field) field.value = newId();
  return key;
}

/** Pressing again repeats the same request: it may have arrived although no answer did. */
function giveBack(form: HTMLFormElement, entry: Entry): void {
  const field = form.querySelector<HTMLInputElement>("input[name=idempotency_key]");
  const key = entry.fields.find(([name]) => name === "idempotency_key");
  if (field && key) field.value = key[1];
}

/** Undoes what enhance.js did so that nothing is sent twice. */
function ready(form: HTMLFormElement): void {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

/** The second press of a double click would fall on whatever button the first one has brought there. */
function ignoreSecondOfTwo(event: MouseEvent): void {
  const form = (event.target as Element).closest("button")?.form;
  if (event.detail > 1 && form && modeOf(form) !== null) event.preventDefault();
}
