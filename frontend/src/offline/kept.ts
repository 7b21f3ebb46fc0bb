// What is kept on the device, and for whom: a few pages of one person, of one session. docs/adr/0025-critical-css-and-offline.md

const PAGES = "raccordo-pages";
const STATE = "raccordo-state";
/** So many pages at most, none larger (characters) or older (milliseconds) than that. */
const MOST = 60;
const LARGEST = 600_000;
const OLDEST = 7 * 24 * 3_600_000;
const SAVED = "X-Saved-At";

/** Whose pages these are since when, and when anything was last sent to the server. Milliseconds since 1970. */
interface State {
  owner: string;
  since: number;
  wrote: number;
}

/** A kept page; `good` when it may also be shown while the server is only slow. */
export interface Copy {
  response: Response;
  good: boolean;
}

export class Kept {
  private known: Promise<State> | undefined;

  constructor(
    private readonly caches: CacheStorage,
    private readonly now: () => number = Date.now,
  ) {}

  /** The copy of a page, if there is one. */
  async find(url: string): Promise<Copy | undefined> {
    const response = await (await this.caches.open(PAGES)).match(key(url), { ignoreVary: true });
    const saved = Number(response?.headers.get(SAVED));
    if (!response || this.now() - saved > OLDEST) return undefined;
    const live = response.headers.get("X-Offline")?.endsWith("live");
    return { response, good: !live && saved > (await this.state()).wrote };
  }

  /** A page has come, asked for at `begun`: what was kept for another person goes, and it is kept if it may be. */
  async take(url: string, response: Response, begun: number): Promise<void> {
    const [owner, use] = (response.headers.get("X-Offline") ?? "").split("; ");
    if (!owner) return;
    const state = await this.state();
    if (owner !== state.owner) {
      if (begun < state.since) return; // it was on its way when somebody else signed in
      await this.forget(owner);
    }
    if (use && response.status === 200 && !response.redirected) await this.put(url, response, begun);
  }

  /** Something was sent to the server: what was kept before shows how things were, not how they are. */
  async wrote(): Promise<void> {
    await this.remember({ ...(await this.state()), wrote: this.now() });
  }

  /** Nothing is left, and from now on it is `owner`'s. */
  async forget(owner = "nobody"): Promise<void> {
    await this.remember({ ...(await this.state()), owner, since: this.now() });
    await this.caches.delete(PAGES);
  }

  /** Addresses and titles (as HTML), the latest first. */
  async list(): Promise<{ url: string; title: string }[]> {
    const cache = await this.caches.open(PAGES);
    const found = [];
    for (const { url } of await cache.keys()) {
      const copy = await this.find(url);
      const title = copy && /<title>([^<]*)<\/title>/.exec(await copy.response.text())?.[1];
      if (title) found.unshift({ url, title });
    }
    return found;
  }

  private async put(url: string, response: Response, asked: number): Promise<void> {
    const html = await response.text();
    if (html.length > LARGEST) return;
    const headers = new Headers(response.headers);
    for (const name of ["Content-Encoding", "Content-Length", "Vary"]) headers.delete(name);
    headers.set(SAVED, String(asked));
    const cache = await this.caches.open(PAGES);
    await cache.delete(key(url));
    await cache.put(key(url), new Response(asCopy(html), { headers }));
    for (const old of (await cache.keys()).slice(0, -MOST)) await cache.delete(old);
  }

  private state(): Promise<State> {
    this.known ??= this.read();
    return this.known;
  }

  private async read(): Promise<State> {
    const response = await (await this.caches.open(STATE)).match("/state");
    return response ? ((await response.json()) as State) : { owner: "nobody", since: 0, wrote: 0 };
  }

  /** A worker is stopped at any time and begins anew: what it knows is written down. */
  private async remember(state: State): Promise<void> {
    this.known = Promise.resolve(state);
    await (await this.caches.open(STATE)).put("/state", new Response(JSON.stringify(state)));
  }
}

/** The copy says that it is one; the server's clock of that moment would set the countdowns wrong. */
export function asCopy(html: string): string {
  return html.replace('alert-warning" data-kept hidden', 'alert-warning" data-kept').replace(/ data-server-now="[^"]*"/, "");
}

function key(url: string): string {
  return url.split("#")[0] ?? url;
}
