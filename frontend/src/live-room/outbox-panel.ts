// Shows what is not sent yet, and what was refused after its page was left: partials/outbox.html.

import type { Outbox } from "./outbox";
import type { Entry } from "./outbox-store";

/** Milliseconds: an answer that comes sooner is worth no words. */
const SHOW_AFTER = 3_000;

export class OutboxPanel {
  private shown = "";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly time: Intl.DateTimeFormat;

  constructor(
    private readonly root: HTMLElement,
    private readonly outbox: Outbox,
    private readonly announce: (text: string) => void,
  ) {
    const zone = root.dataset.zone ? { timeZone: root.dataset.zone } : {};
    this.time = new Intl.DateTimeFormat(document.documentElement.lang || undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...zone });
  }

  start(): void {
    this.root.addEventListener("click", (event) => this.clicked(event));
    addEventListener("beforeunload", (event) => {
      if (!this.outbox.memory.isEmpty) event.preventDefault();
    });
  }

  async render(): Promise<void> {
    clearTimeout(this.timer);
    const entries = await this.outbox.entries();
    const stuck = entries.filter((entry) => this.outbox.isStuck(entry) || Date.now() - entry.at > SHOW_AFTER);
    if (stuck.length < entries.length) this.timer = setTimeout(() => void this.render(), SHOW_AFTER);
    const state = JSON.stringify([this.outbox.held, stuck.map((entry) => [entry.id, entry.refused])]);
    if (state === this.shown) return;
    this.shown = state;
    this.show(stuck);
  }

  private show(entries: Entry[]): void {
    const focus = document.activeElement?.closest<HTMLElement>("[data-entry]")?.dataset.entry;
    const hadFocus = this.root.contains(document.activeElement);
    this.root.hidden = entries.length === 0;
    for (const element of this.root.querySelectorAll<HTMLElement>("[data-outbox-held]")) element.hidden = !this.outbox.held;
    this.root.querySelector("[data-outbox-list]")?.replaceChildren(...entries.map((entry) => this.row(entry)));
    const unsent = entries.filter((entry) => entry.refused === undefined).length;
    this.say(unsent);
    if (hadFocus) this.focus(focus);
  }

  private say(unsent: number): void {
    const text = unsent ? (this.root.dataset.textUnsent ?? "").replace("{n}", String(unsent)) : "";
    if (text) this.announce(text);
  }

  private focus(id: string | undefined): void {
    const same = id && this.root.querySelector<HTMLElement>(`[data-entry="${id}"] button`);
    (same || this.root.querySelector<HTMLElement>("[data-entry] button") || document.getElementById("main"))?.focus();
  }

  private row(entry: Entry): Element {
    const template = this.root.querySelector<HTMLTemplateElement>("template[data-outbox-entry]")!;
    const row = document.importNode(template.content, true).firstElementChild as HTMLElement;
    row.dataset.entry = entry.id;
    row.dataset.state = entry.refused === undefined ? "unsent" : "refused";
    fill(row, "label", entry.label);
    fill(row, "time", this.time.format(entry.at));
    fill(row, "refused", entry.refused);
    for (const element of row.querySelectorAll<HTMLElement>("[data-if]")) element.hidden = element.dataset.if !== row.dataset.state;
    const list = row.querySelector<HTMLElement>("[data-typed]");
    if (list) typed(list, entry);
    return row;
  }

  private clicked(event: Event): void {
    const button = (event.target as Element).closest("button");
    const id = button?.closest<HTMLElement>("[data-entry]")?.dataset.entry;
    if (button?.matches("[data-outbox-now]")) this.outbox.retryNow();
    if (id && button?.matches("[data-outbox-discard]")) void this.outbox.discard(id);
  }
}

function fill(row: Element, name: string, text = ""): void {
  for (const element of row.querySelectorAll(`[data-fill="${name}"]`)) element.textContent = text;
}

function typed(list: HTMLElement, entry: Entry): void {
  list.hidden = entry.typed.length === 0;
  for (const [label, text] of entry.typed) {
    list.append(Object.assign(document.createElement("dt"), { textContent: label || entry.label }));
    list.append(Object.assign(document.createElement("dd"), { className: "user-text", textContent: text }));
  }
}
