// The service worker: pages from the network, their copy where there is no line, or while a slow one is waited for; files from the device.

import { Kept, type Copy } from "./kept";
import { sentForm, withForm, withList, withWayBack } from "./unsent";

const FILES = "raccordo-files";
const SHELL = "raccordo-offline";
const MOST_FILES = 80;
/** Milliseconds that somebody who has a copy waits for the page itself. */
const PATIENCE = 700;
/** Milliseconds after which the page for "no connection" is fetched anew. */
const SHELL_AGE = 24 * 3_600_000;
/** A proxy's answers while the server is away. */
const AWAY = [502, 503, 504];
const IN_A_LANGUAGE = /^\/([a-z]{2})(\/|$)/;
/** Where it may change who is signed in. */
const CHANGES_PERSON = /\/accounts\/|^\/demo\/sign-in\//;
/** Sent by every page that follows a session; it changes nothing. */
const CHANGES_NOTHING = /\/live-ticket\/$/;
const HASHED = /\.[0-9a-f]{12}\.\w+$/;

/** What a page and the worker tell each other. */
export type FromPage = { keep: string; files: string[] };
export type FromWorker = "newer";

interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Asked extends Waiting {
  request: Request;
  resultingClientId: string;
  preloadResponse?: Promise<Response | undefined>;
  respondWith(answer: Promise<Response>): void;
}

/** What the browser offers a service worker, as far as this one uses it. */
export interface Surroundings {
  caches: CacheStorage;
  location: { origin: string };
  registration: { navigationPreload?: { enable(): Promise<void> } };
  clients: { claim(): Promise<void>; get(id: string): Promise<{ postMessage(message: FromWorker): void } | undefined> };
  fetch(request: Request | string, init?: RequestInit): Promise<Response>;
  skipWaiting(): Promise<void>;
  addEventListener(type: string, listener: (event: never) => void): void;
}

export class Worker {
  private readonly kept: Kept;

  constructor(private readonly scope: Surroundings) {
    this.kept = new Kept(scope.caches);
  }

  start(): void {
    this.scope.addEventListener("install", (event: Waiting) => event.waitUntil(this.scope.skipWaiting()));
    this.scope.addEventListener("activate", (event: Waiting) => event.waitUntil(this.activate()));
    this.scope.addEventListener("fetch", (event: Asked) => this.asked(event));
    this.scope.addEventListener("message", (event: Waiting & { data: FromPage }) => event.waitUntil(this.keep(event.data)));
  }

  private async activate(): Promise<void> {
    await this.scope.registration.navigationPreload?.enable();
    await this.scope.clients.claim();
  }

  private asked(event: Asked): void {
    const { request } = event;
    const url = new URL(request.url);
    if (url.origin !== this.scope.location.origin) return;
    if (request.method !== "GET" && request.method !== "HEAD") return this.sent(event, url);
    if (url.pathname.startsWith("/static/")) return event.respondWith(this.file(request));
    if (request.mode === "navigate" && !url.pathname.startsWith("/api/")) event.respondWith(this.page(event, url));
  }

  // Forms

  private sent(event: Asked, url: URL): void {
    if (CHANGES_NOTHING.test(url.pathname)) return;
    const noted = CHANGES_PERSON.test(url.pathname) ? this.kept.forget() : this.kept.wrote();
    event.waitUntil(noted);
    if (event.request.mode === "navigate") event.respondWith(this.send(event.request, url, noted));
  }

  /** Nothing of another person may be on the device once the server knows who it is. */
  private async send(request: Request, url: URL, noted: Promise<void>): Promise<Response> {
    await noted;
    const fields = sentForm(request);
    try {
      return await this.scope.fetch(request);
    } catch {
      const sent = CHANGES_PERSON.test(url.pathname) ? null : await fields.catch(() => null);
      return this.offline((page) => (sent ? withForm(page, url.href, sent) : withWayBack(page)));
    }
  }

  // Pages

  private async page(event: Asked, url: URL): Promise<Response> {
    const copy = IN_A_LANGUAGE.test(url.pathname) ? await this.kept.find(url.href) : undefined;
    const arriving = this.load(event, url);
    if (!copy) return arriving.catch(async () => this.offline((page, pages) => withList(page, pages)));
    const arrived = arriving.catch(() => copy.response);
    if (!copy.good) return arrived;
    return Promise.race([arrived, this.impatient(event, copy, arriving)]);
  }

  /** The copy, once the page has not come in time; it is told when the page is there after all. */
  private async impatient(event: Asked, copy: Copy, arriving: Promise<Response>): Promise<Response> {
    await new Promise((resolve) => setTimeout(resolve, PATIENCE));
    const told = arriving.then(async (response) => {
      if (response.ok) (await this.scope.clients.get(event.resultingClientId))?.postMessage("newer");
    });
    event.waitUntil(told.catch(() => undefined));
    return copy.response;
  }

  /** The page from the server. Rejects when there is no line, or nobody behind it. */
  private async load(event: Asked, url: URL): Promise<Response> {
    const begun = Date.now();
    const response = (await event.preloadResponse) ?? (await this.scope.fetch(event.request));
    if (AWAY.includes(response.status) && !response.headers.has("X-Offline")) throw new Error(String(response.status));
    if (response.type === "basic" && response.headers.has("X-Offline")) {
      const taken = this.kept.take(url.href, response.clone(), begun);
      event.waitUntil(taken.then(() => this.renewShell(url)).catch(() => undefined));
    }
    return response;
  }

  /** The page on which the worker was registered came without it: it is asked for once more, from the browser's own cache where that has it. */
  private async keep({ keep, files }: FromPage): Promise<void> {
    const begun = Date.now();
    const url = new URL(keep);
    await Promise.all(files.map((file) => this.file(new Request(file)).catch(() => undefined)));
    if (!IN_A_LANGUAGE.test(url.pathname)) return;
    const response = await this.scope.fetch(keep, { credentials: "same-origin" }).catch(() => undefined);
    if (response) await this.kept.take(keep, response, begun);
    await this.renewShell(url);
  }

  // The page for "no connection"

  /** It comes with the policy it was fetched with; what is put into it is neither script nor style. */
  private async offline(fill: (page: string, pages: { url: string; title: string }[]) => string): Promise<Response> {
    const cache = await this.scope.caches.open(SHELL);
    const last = (await cache.keys()).at(-1);
    const shell = last && (await cache.match(last, { ignoreVary: true }));
    if (!shell) return Response.error();
    const headers = new Headers(shell.headers);
    for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
    return new Response(fill(await shell.text(), await this.kept.list()), { status: 503, headers });
  }

  /** In the language of the page, and nobody's: it is asked for without a cookie. */
  private async renewShell(url: URL): Promise<void> {
    const language = IN_A_LANGUAGE.exec(url.pathname)?.[1];
    if (!language) return;
    const cache = await this.scope.caches.open(SHELL);
    const address = `/${language}/offline/`;
    const known = await cache.match(address, { ignoreVary: true });
    const isLast = (await cache.keys()).at(-1)?.url.endsWith(address);
    if (known && isLast && Date.now() - Date.parse(known.headers.get("Date") ?? "") < SHELL_AGE) return;
    const response = await this.scope.fetch(address, { credentials: "omit" });
    if (!response.ok) return;
    await cache.delete(address);
    await cache.put(address, response);
  }

  // Files

  /** A name with a digest in it never means anything else; any other is asked for, and kept for when there is no line. */
  private async file(request: Request): Promise<Response> {
    const cache = await this.scope.caches.open(FILES);
    const known = await cache.match(request, { ignoreVary: true });
    const hashed = HASHED.test(new URL(request.url).pathname);
    if (known && hashed) return known;
    try {
      const response = await this.scope.fetch(request);
      if (response.ok && response.status === 200) await this.store(cache, request, response.clone());
      return response;
    } catch (error) {
      if (known) return known;
      throw error;
    }
  }

  private async store(cache: Cache, request: Request, response: Response): Promise<void> {
    await cache.delete(request, { ignoreVary: true });
    await cache.put(request, response);
    for (const old of (await cache.keys()).slice(0, -MOST_FILES)) await cache.delete(old);
  }
}
