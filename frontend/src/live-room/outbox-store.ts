// Where the outbox keeps what it has not sent: IndexedDB, which survives a reload and the closing of the browser, or memory alone.

import { createStore, del, set, update, values, type UseStore } from "idb-keyval";
import { newId } from "../new-id";

/** A form that was sent off and that the server has not yet answered, or has refused. */
export interface Entry {
  id: string;
  /** Whose it is: nobody else signed in on the same browser may see or send it. */
  user: string;
  /** The address, without the origin. */
  action: string;
  /** The fields as they go to the server, without the CSRF token. */
  fields: [string, string][];
  /** What a person reads of it: what was done, and each field's label and text. */
  label: string;
  typed: [string, string][];
  /** Milliseconds since 1970 by this device; entries are sent in this order. */
  at: number;
  /** How often it was tried in vain. */
  tries: number;
  /** What the server said when it refused. */
  refused?: string;
}

export interface Store {
  all(user: string): Promise<Entry[]>;
  put(entry: Entry): Promise<void>;
  remove(id: string): Promise<void>;
  /** Runs `work` while no other tab runs its own. */
  exclusively(work: () => Promise<void>): Promise<void>;
}

const NAME = "raccordo-outbox";
const LEASE = "lease";
/** Milliseconds. Whoever waited this long for another tab goes on: the server takes no key twice, so that costs nothing but a request. */
const PATIENCE = 20_000;
const LOOK_AGAIN = 250;

interface Lease {
  lease: string;
  until: number;
}

export class IndexedStore implements Store {
  private readonly store: UseStore;

  constructor(private readonly locks: LockManager | undefined = navigator.locks) {
    this.store = createStore(NAME, "entries");
  }

  async all(user: string): Promise<Entry[]> {
    const rows = await values<Entry | Lease>(this.store);
    return inOrder(rows.filter((row): row is Entry => "user" in row && row.user === user));
  }

  put(entry: Entry): Promise<void> {
    return set(entry.id, entry, this.store);
  }

  remove(id: string): Promise<void> {
    return del(id, this.store);
  }

  async exclusively(work: () => Promise<void>): Promise<void> {
    if (!this.locks) return this.leased(work);
    let begun = false;
    const begin = () => {
      begun = true;
      return work();
    };
    try {
      await this.locks.request(NAME, { signal: AbortSignal.timeout(PATIENCE) }, begin);
    } catch (error) {
      if (begun) throw error;
      await work();
    }
  }

  /** Without navigator.locks (no HTTPS, an old browser): a row says who is sending, and until when if that tab dies. */
  private async leased(work: () => Promise<void>): Promise<void> {
    const lease = newId();
    for (const begun = Date.now(); !(await this.take(lease)) && Date.now() - begun < PATIENCE; ) await pause(LOOK_AGAIN);
    try {
      await work();
    } finally {
      await update<Lease | undefined>(LEASE, (held) => (held?.lease === lease ? { lease, until: 0 } : held), this.store);
    }
  }

  private async take(lease: string): Promise<boolean> {
    let mine = false;
    await update<Lease>(
      LEASE,
      (held) => {
        mine = !held || held.until < Date.now();
        return mine || !held ? { lease, until: Date.now() + PATIENCE } : held;
      },
      this.store,
    );
    return mine;
  }
}

/** For what must not be written down, and for browsers without IndexedDB. */
export class MemoryStore implements Store {
  private readonly entries = new Map<string, Entry>();

  all(user: string): Promise<Entry[]> {
    return Promise.resolve(inOrder([...this.entries.values()].filter((entry) => entry.user === user)));
  }

  put(entry: Entry): Promise<void> {
    this.entries.set(entry.id, entry);
    return Promise.resolve();
  }

  remove(id: string): Promise<void> {
    this.entries.delete(id);
    return Promise.resolve();
  }

  exclusively(work: () => Promise<void>): Promise<void> {
    return work();
  }

  has(id: string): boolean {
    return this.entries.has(id);
  }

  get isEmpty(): boolean {
    return this.entries.size === 0;
  }
}

/** IndexedDB where the browser allows it. */
export async function openStore(): Promise<Store> {
  try {
    const store = new IndexedStore();
    await store.all("");
    return store;
  } catch {
    return new MemoryStore();
  }
}

export function inOrder(entries: Entry[]): Entry[] {
  return entries.sort((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
