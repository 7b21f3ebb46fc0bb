// Delivers forms in their order, each exactly once, over a line that comes and goes (docs/adr/0022-the-rooms-islands.md).

import { deliver, type Verdict } from "./delivery";
import { newId } from "../new-id";
import { inOrder, MemoryStore, type Entry, type Store } from "./outbox-store";

export type Draft = Pick<Entry, "action" | "fields" | "label" | "typed">;

export interface OutboxOptions {
  user: string;
  store: Store;
  token: () => string;
  /** Takes a new CSRF token from the server. False when somebody else is signed in. */
  renewToken: () => Promise<boolean>;
  /** What is said of an entry that waited longer than the server remembers its key. */
  tooOld?: string;
  /** The list has changed. */
  onChange?: () => void;
  onResult?: (entry: Entry, verdict: Verdict) => void;
  random?: () => number;
}

const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 30_000;
/** The server forgets a key after seven days; later it could not tell a second delivery from a new form. */
const LONGEST_WAIT = 6 * 24 * 3600 * 1000;

export class Outbox {
  readonly memory = new MemoryStore();
  /** Nothing is sent: signed out, or somebody else is signed in. */
  held = false;
  private readonly own = new Set<string>();
  private attempt = 0;
  private last = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | undefined;
  private again = false;

  constructor(private readonly options: OutboxOptions) {}

  /** Everything of this user's, in order: unsent and refused. */
  async entries(): Promise<Entry[]> {
    const { store, user } = this.options;
    return inOrder([...(await store.all(user)), ...(await this.memory.all(user))]);
  }

  /** Whether it waits for more than its first answer: it was tried in vain, or was there before this page. */
  isStuck(entry: Entry): boolean {
    return entry.refused !== undefined || entry.tries > 0 || !this.own.has(entry.id);
  }

  /** Takes a form and sends it. The same form that still waits is not taken twice. `keep`: whether it may be written down. */
  async add(draft: Draft, key: string, keep = true): Promise<Entry> {
    const waiting = (await this.entries()).filter((entry) => entry.refused === undefined);
    const twin = waiting.find((entry) => isSame(entry, draft));
    if (twin) {
      void this.flush();
      return twin;
    }
    this.last = Math.max(Date.now(), this.last + 1, (waiting.at(-1)?.at ?? 0) + 1);
    const fields: [string, string][] = [...draft.fields, ["idempotency_key", key]];
    const entry: Entry = { ...draft, fields, id: newId(), user: this.options.user, at: this.last, tries: 0 };
    this.own.add(entry.id);
    await this.place(keep)
      .put(entry)
      .catch(() => this.memory.put(entry)); // no room is left on the device
    this.options.onChange?.();
    void this.flush();
    return entry;
  }

  async discard(id: string): Promise<void> {
    await Promise.all([this.memory.remove(id), this.options.store.remove(id)]);
    this.options.onChange?.();
  }

  /** Sends what waits, now. */
  flush(): Promise<void> {
    if (this.running) this.again = true;
    return (this.running ??= this.run());
  }

  /** The line seems to be back: the waiting times begin anew. */
  retryNow(): void {
    this.attempt = 0;
    this.held = false;
    void this.flush();
  }

  private async run(): Promise<void> {
    try {
      do {
        this.again = false;
        clearTimeout(this.timer);
        if (await this.first()) await this.options.store.exclusively(() => this.sendAll());
      } while (this.again && !this.held && !this.attempt);
    } finally {
      this.running = undefined;
    }
  }

  private async first(): Promise<Entry | undefined> {
    return (await this.entries()).find((entry) => entry.refused === undefined);
  }

  /** One after the other, until one has to wait. */
  private async sendAll(): Promise<void> {
    for (let entry = await this.first(); entry; entry = await this.first()) {
      const verdict = await this.send(entry);
      await this.settle(entry, verdict);
      if (verdict.kind === "kept" || verdict.kind === "held") return;
      this.attempt = 0;
    }
  }

  private async send(entry: Entry): Promise<Verdict> {
    const { user, token, renewToken, tooOld } = this.options;
    if (entry.at < Date.now() - LONGEST_WAIT) return { kind: "refused", status: 0, said: tooOld ?? "", page: null };
    const verdict = await deliver(entry, user, token());
    if (verdict.kind !== "refused" || verdict.status !== 403) return verdict;
    try {
      return (await renewToken()) ? await deliver(entry, user, token()) : { kind: "held" };
    } catch {
      return { kind: "kept", after: null };
    }
  }

  private async settle(entry: Entry, verdict: Verdict): Promise<void> {
    const place = this.place(!this.memory.has(entry.id));
    const isThere = (await place.all(entry.user)).some(({ id }) => id === entry.id); // it may have been discarded meanwhile
    if (verdict.kind === "done") await place.remove(entry.id);
    else if (verdict.kind === "refused" && isThere) await place.put({ ...entry, refused: verdict.said });
    else if (isThere) await place.put({ ...entry, tries: entry.tries + 1 });
    if (verdict.kind === "kept" || verdict.kind === "held") this.wait(verdict);
    this.options.onResult?.(entry, verdict);
    this.options.onChange?.();
  }

  private wait(verdict: Verdict): void {
    this.held = verdict.kind === "held";
    if (this.held) return;
    const ceiling = Math.min(FIRST_DELAY * 2 ** this.attempt, LONGEST_DELAY);
    this.attempt += 1;
    const asked = verdict.kind === "kept" ? verdict.after : null;
    this.timer = setTimeout(() => void this.flush(), asked ?? ceiling * (0.5 + (this.options.random ?? Math.random)() / 2));
  }

  private place(keep: boolean): Store {
    return keep ? this.options.store : this.memory;
  }
}

function isSame(entry: Entry, draft: Draft): boolean {
  const fields = entry.fields.filter(([name]) => name !== "idempotency_key");
  return entry.action === draft.action && JSON.stringify(fields) === JSON.stringify(draft.fields);
}
