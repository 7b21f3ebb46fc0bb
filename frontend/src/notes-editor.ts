// A note being written: kept on the server while its author types, saved when they go to another page; who else is writing it is named,
// and a newer text is offered. Without this the button saves, and whoever saves over another's text gets both.

import { AccessEnded, LiveSocket, type LiveEvent, type Unsequenced } from "./live-room/socket";

interface Person {
  id: string;
  name: string;
}

interface Note {
  id: string;
  text: string;
  version: number;
}

/** What is kept on the device: the text, and what it was written over. */
type Typed = { text: string; base: string; version: string };

const TRY_AGAIN = 5_000;

export class NotesEditor {
  private readonly field: HTMLTextAreaElement;
  /** The last text that the server is known to hold, as the note or as a draft. */
  private held: string;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private keeping: Promise<void> | undefined;
  private stopped = false;
  private readonly ended = new AbortController();
  private failedToLeave = false;
  private people: Person[] = [];
  private newer: Note | undefined;
  readonly socket: LiveSocket;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly wait = 1_500,
    makeSocket?: (url: string) => WebSocket,
  ) {
    this.field = form.elements.namedItem("text") as HTMLTextAreaElement;
    this.held = this.field.value;
    this.socket = new LiveSocket({
      url: form.dataset.liveUrl ?? "",
      ticket: () => this.ticket(),
      after: form.dataset.liveAfter ? Number(form.dataset.liveAfter) : null,
      at: form.dataset.at ?? "",
      onEvent: (event) => this.happened(event),
      onSnapshot: (state) => this.caughtUp(state),
      onUnsequenced: (message) => this.told(message),
      ...(makeSocket ? { makeSocket } : {}),
    });
  }

  start(): void {
    this.restore();
    const { signal } = this.ended;
    this.field.addEventListener("input", () => this.changed(), { signal });
    this.form.addEventListener("submit", (event) => this.submitting(event), { signal });
    this.form.querySelector("[data-load]")?.addEventListener("click", () => this.load(), { signal });
    document.addEventListener("click", (event) => this.clicked(event), { signal });
    addEventListener("pagehide", () => this.flush(), { signal });
    addEventListener("online", () => this.online(), { signal });
    this.socket.start();
  }

  /** Lets go of the page. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.ended.abort();
    this.socket.stop();
  }

  private online(): void {
    void this.keep();
    this.socket.retryNow();
  }

  // Keeping what is typed

  private get isUnsaved(): boolean {
    const text = this.field.value.trim();
    return text !== "" && text !== this.base.trim();
  }

  private changed(): void {
    sessionStorage.setItem(this.place, JSON.stringify(this.typed));
    this.say("unsaved");
    this.offer();
    this.later(this.wait);
  }

  private later(milliseconds: number): void {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => void this.keep(), milliseconds);
  }

  /** Keeps the text now, or after the keeping that is under way. */
  async keep(): Promise<void> {
    await this.keeping;
    if (this.stopped || this.field.value === this.held) return;
    this.keeping = this.send().finally(() => (this.keeping = undefined));
    await this.keeping;
  }

  private async send(): Promise<void> {
    const text = this.field.value;
    let answer: Response;
    try {
      answer = await fetch(this.action, { method: "POST", body: this.draft(), headers: { Accept: "application/json" } });
      if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
    } catch {
      this.say("offline");
      this.later(TRY_AGAIN);
      return;
    }
    if (!answer.ok) return this.say("refused");
    this.held = text;
    if (this.field.value !== text) return this.later(this.wait);
    sessionStorage.removeItem(this.place);
    if (this.isUnsaved) this.say("kept", { time: clock() });
    else this.say("");
  }

  private draft(): FormData {
    const sent = new FormData(this.form);
    sent.set("autosave", "1");
    return sent;
  }

  /** The page goes away: what is not kept yet is sent without waiting for the answer. */
  private flush(): void {
    if (this.stopped || this.field.value === this.held) return;
    void fetch(this.action, { method: "POST", body: this.draft(), keepalive: true }).catch(() => undefined);
  }

  /** What was typed before the line, or the page, was lost. A form that comes back with errors holds what was typed already. */
  private restore(): void {
    const kept = sessionStorage.getItem(this.place);
    if (document.getElementById("error-summary")) {
      this.held = ""; // what came back with the form is kept once more, as it is now
      return this.later(this.wait);
    }
    if (!kept) return;
    const typed = JSON.parse(kept) as Typed;
    if (typed.text === this.field.value) return sessionStorage.removeItem(this.place);
    this.field.value = typed.text;
    this.set("base", typed.base);
    this.set("version", typed.version);
    this.say("restored");
    this.later(this.wait);
  }

  // Saving

  /** The text is kept first: a line lost at that moment loses nothing, and a keeping under way does not come after the saving. */
  private submitting(event: SubmitEvent): void {
    clearTimeout(this.timer);
    if (event.defaultPrevented) return;
    const button = event.submitter as HTMLButtonElement | null;
    const discards = button?.name === "discard";
    if (this.stopped || (!this.keeping && (discards || this.field.value === this.held))) {
      this.stopped = true;
      sessionStorage.removeItem(this.place);
      return;
    }
    event.preventDefault();
    void (discards ? this.keeping : this.keep())?.then(() => {
      this.stopped = true;
      delete this.form.dataset.sent;
      this.form.requestSubmit(button);
    });
  }

  private clicked(event: MouseEvent): void {
    const link = (event.target as Element | null)?.closest<HTMLAnchorElement>("a[href]");
    if (!link || event.defaultPrevented || this.stopped || this.failedToLeave || !this.isUnsaved || !leadsAway(link, event)) return;
    event.preventDefault();
    this.say("saving");
    void this.leave(link.href);
  }

  /** Going to another page saves the note. When it cannot be saved as it is, the form says why; without a line the second click goes. */
  async leave(address: string): Promise<void> {
    clearTimeout(this.timer);
    await this.keeping;
    let answer: Response;
    try {
      answer = await fetch(this.action, { method: "POST", body: new FormData(this.form), redirect: "manual" });
      if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
    } catch {
      this.failedToLeave = true;
      this.say("again");
      return;
    }
    this.stopped = true;
    if (answer.status >= 400) return this.form.requestSubmit();
    sessionStorage.removeItem(this.place);
    location.assign(address);
  }

  // Others

  private async ticket(): Promise<string> {
    const headers = { "X-CSRFToken": this.get("csrfmiddlewaretoken"), Accept: "application/json" };
    const response = await fetch(this.form.dataset.liveTicketUrl ?? "", { method: "POST", headers });
    if ([401, 403, 404].includes(response.status)) throw new AccessEnded();
    if (!response.ok) throw new Error(`ticket: ${response.status}`);
    return ((await response.json()) as { ticket: string }).ticket;
  }

  private told(message: Unsequenced): void {
    if (message.type !== "editing" || message.at !== this.form.dataset.at) return;
    this.people = (message.people as Person[]).filter((person) => person.id !== this.form.dataset.me);
    const names = new Intl.ListFormat(language(), { type: "conjunction" }).format(this.people.map((person) => person.name));
    const words = this.people.length > 1 ? this.form.dataset.textMany : this.form.dataset.textOne;
    this.write("[data-people]", this.people.length ? (words ?? "").replace("{names}", names) : "");
  }

  private happened(event: LiveEvent): void {
    if (event.type === "note.written") this.seen(event.object as Note | null, String(event.actor));
  }

  private caughtUp(state: unknown): void {
    for (const note of (state as { note?: Note[] }).note ?? []) this.seen(note, "");
  }

  /** Somebody has saved this note, perhaps its author in another window. */
  private seen(note: Note | null, by: string): void {
    if (!note || note.id !== this.form.dataset.note || note.version <= Number(this.get("version"))) return;
    if (note.text === this.field.value.trim()) return this.adopt(note);
    this.newer = note;
    const name = this.people.find((person) => person.id === by)?.name ?? this.form.dataset.textSomebody ?? "";
    this.write("[data-newer-text]", (this.form.dataset.textNewer ?? "").replace("{name}", name));
    this.offer();
  }

  /** Who has typed nothing may have the newer text; who has, both. */
  private offer(): void {
    for (const [what, hidden] of [["newer", !this.newer], ["load", !this.newer || this.isUnsaved], ["merge", !this.newer || !this.isUnsaved]] as const) {
      const element = this.form.querySelector<HTMLElement>(`[data-${what}]`);
      if (element) element.hidden = hidden;
    }
  }

  private load(): void {
    if (!this.newer) return;
    this.field.value = this.newer.text;
    this.adopt(this.newer);
    this.field.focus();
    this.say("loaded");
  }

  private adopt(note: Note): void {
    this.newer = undefined;
    this.held = this.field.value;
    this.set("base", note.text);
    this.set("version", String(note.version));
    sessionStorage.removeItem(this.place);
    this.offer();
  }

  // The form

  private get action(): string {
    return this.form.getAttribute("action") || location.pathname; // a field may be named "action"
  }

  private get place(): string {
    return `note:${location.pathname}`;
  }

  private get base(): string {
    return this.get("base");
  }

  private get typed(): Typed {
    return { text: this.field.value, base: this.base, version: this.get("version") };
  }

  private get(name: string): string {
    const field = this.form.elements.namedItem(name);
    return field instanceof HTMLInputElement ? field.value : "";
  }

  private set(name: string, value: string): void {
    const field = this.form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = value;
  }

  private say(what: string, values: Record<string, string> = {}): void {
    const text = what ? (this.form.dataset[`text${what.charAt(0).toUpperCase()}${what.slice(1)}`] ?? "") : "";
    this.write("[data-status]", text.replace(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? ""));
  }

  private write(selector: string, text: string): void {
    const element = this.form.querySelector(selector);
    if (element && element.textContent !== text) element.textContent = text;
  }
}

/** A plain click on a link that leaves this page. */
function leadsAway(link: HTMLAnchorElement, event: MouseEvent): boolean {
  if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
  if ((link.target && link.target !== "_self") || link.hasAttribute("download")) return false;
  const to = new URL(link.href, location.href);
  return to.origin === location.origin && to.pathname + to.search !== location.pathname + location.search;
}

function language(): string | undefined {
  return document.documentElement.lang || undefined;
}

function clock(): string {
  return new Date().toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}
