// Keeps what is being typed: a draft is saved by itself while its author writes, and a lost line loses nothing.
// Without this the button “Keep as a draft” does the same.

import { newId } from "./new-id";

/** What the server says of a saved draft: where it is saved from now on, and at which version. */
interface Saved {
  action: string;
  version: number;
}

const HIDDEN = ["csrfmiddlewaretoken", "idempotency_key", "version", "autosave"];

export class Autosave {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private saving: Promise<void> | undefined;
  /** A request that no answer came to: it is sent again as it was, under its key, before anything else. */
  private unanswered: FormData | undefined;
  private dirty = false;
  private stopped = false;
  private readonly status: HTMLElement | null;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly wait = 2000,
  ) {
    this.status = form.querySelector<HTMLElement>("[data-autosave-status]");
  }

  start(): void {
    this.restore();
    this.form.addEventListener("input", () => this.changed());
    this.form.addEventListener("submit", (event) => this.submitting(event));
    addEventListener("online", () => void this.save());
  }

  private changed(): void {
    this.dirty = true;
    sessionStorage.setItem(this.place, JSON.stringify(this.typed));
    this.later(this.wait);
  }

  private later(milliseconds: number): void {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => void this.save(), milliseconds);
  }

  /** Saves now, or after the saving that is under way. */
  async save(): Promise<void> {
    await this.saving;
    if (this.stopped || !(this.dirty || this.unanswered)) return;
    this.saving = this.send().finally(() => (this.saving = undefined));
    await this.saving;
    if (this.dirty) this.later(this.wait);
  }

  private async send(): Promise<void> {
    const again = this.unanswered !== undefined;
    const sent = (this.unanswered ??= this.snapshot());
    if (!again) this.dirty = false;
    let answer: Response;
    try {
      answer = await fetch(this.form.action, { method: "POST", body: sent, headers: { Accept: "application/json" } });
      if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
    } catch {
      this.dirty = true;
      this.say("failed");
      return;
    }
    this.unanswered = undefined;
    await this.answered(answer);
  }

  private async answered(answer: Response): Promise<void> {
    if (answer.ok && answer.headers.get("Content-Type")?.includes("json")) return this.saved((await answer.json()) as Saved);
    if (answer.status === 422) return this.say("incomplete");
    this.stopped = true; // pressing the button shows why, and both texts
    this.say(answer.status === 412 ? "stale" : "refused");
  }

  private saved({ action, version }: Saved): void {
    const from = this.place;
    this.form.action = action;
    this.hidden("version").value = String(version);
    history.replaceState(history.state, "", action); // reloading finds the draft, not an empty form
    sessionStorage.removeItem(from);
    if (this.dirty) sessionStorage.setItem(this.place, JSON.stringify(this.typed));
    this.say("saved", new Date().toLocaleTimeString(document.documentElement.lang || undefined, { hour: "2-digit", minute: "2-digit", hour12: false }));
  }

  /** The button saves the same way first: a line lost at that moment loses nothing, and a saving under way makes no second draft. */
  private submitting(event: SubmitEvent): void {
    clearTimeout(this.timer);
    if (this.stopped || !(this.saving || this.dirty || this.unanswered)) {
      this.stopped = true;
      sessionStorage.removeItem(this.place);
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    void this.save().then(() => {
      if (!this.unanswered) this.form.requestSubmit(button);
    });
  }

  private snapshot(): FormData {
    const sent = new FormData(this.form);
    sent.set("autosave", "1");
    sent.set("idempotency_key", newId());
    return sent;
  }

  private get place(): string {
    return `autosave:${location.pathname}`;
  }

  private get typed(): [string, string][] {
    const all = [...new FormData(this.form).entries()];
    return all.filter((entry): entry is [string, string] => typeof entry[1] === "string" && !HIDDEN.includes(entry[0]));
  }

  /** What was typed before the line, or the page, was lost. A form that comes back with errors holds what was typed already. */
  private restore(): void {
    const kept = sessionStorage.getItem(this.place);
    if (!kept || document.getElementById("error-summary")) return;
    for (const [name, text] of JSON.parse(kept) as [string, string][]) {
      for (const field of this.form.elements) if (field.getAttribute("name") === name) fill(field, text);
    }
    this.dirty = true;
    this.say("restored");
    this.later(this.wait);
  }

  private hidden(name: string): HTMLInputElement {
    const known = this.form.elements.namedItem(name);
    if (known instanceof HTMLInputElement) return known;
    const made = Object.assign(document.createElement("input"), { type: "hidden", name });
    this.form.append(made);
    return made;
  }

  private say(what: string, time = ""): void {
    if (this.status) this.status.textContent = (this.status.dataset[what] ?? "").replace("{time}", time);
  }
}

/** Of several boxes or options with one name each is told of apart. */
function fill(field: Element, text: string): void {
  if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)) field.checked ||= field.value === text;
  else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = text;
  else if (field instanceof HTMLSelectElement) for (const option of field.options) option.selected ||= option.value === text;
}
