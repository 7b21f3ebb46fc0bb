// Keeps a page that the server renders up to date: on every event the page is fetched again and its live regions are brought up to it.
// Without JavaScript the page refreshes itself by <meta http-equiv="refresh"> inside <noscript>. Markup: docs/adr/0005-front-end.md.

import { Announcer } from "./announcer";
import { showPresence, showTally } from "./counters";
import { morphChildren } from "./morph";
import { AccessEnded, LiveSocket, type ConnectionState, type LiveEvent, type Unsequenced } from "./socket";

/** Events that come close together cause one refresh; the pages of one meeting do not ask all at once. Milliseconds. */
const GATHER = 150;
const SPREAD = 400;
const POLL_WHILE_OFFLINE = 15_000;

interface Live {
  /** The websocket's path. */
  liveUrl?: string;
  /** Where a POST gives {"ticket": …}. */
  liveTicketUrl?: string;
  /** The last sequence that the page shows. */
  liveAfter?: string;
  /** The page to fetch, this page itself unless given. */
  livePage?: string;
}

export interface Hooks {
  makeSocket?: (url: string) => WebSocket;
  announcer?: Announcer;
  /** The regions are as the server has just said; `page` is what it sent, since `arrived` (milliseconds since 1970). */
  onFresh?: (page: Document, arrived: number) => void;
  onState?: (state: ConnectionState) => void;
}

export class LivePage {
  private readonly settings: Live;
  private readonly texts: Record<string, string>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private poll: ReturnType<typeof setInterval> | undefined;
  private fetching = false;
  private again = false;
  private readonly announcer: Announcer;
  readonly socket: LiveSocket;

  constructor(
    root: HTMLElement,
    private readonly hooks: Hooks = {},
  ) {
    this.settings = root.dataset as Live;
    this.announcer = hooks.announcer ?? new Announcer();
    this.texts = JSON.parse(document.getElementById("live-texts")?.textContent ?? "{}") as Record<string, string>;
    this.socket = new LiveSocket({
      url: this.settings.liveUrl ?? "",
      ticket: () => this.ticket(),
      after: this.settings.liveAfter ? Number(this.settings.liveAfter) : null,
      onEvent: (event) => this.changed(event),
      onSnapshot: () => this.schedule(),
      onUnsequenced: (message) => this.unsequenced(message),
      onState: (state) => this.showState(state),
      ...(hooks.makeSocket ? { makeSocket: hooks.makeSocket } : {}),
    });
  }

  start(): void {
    this.announcer.learn();
    addEventListener("online", () => this.socket.retryNow());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.socket.retryNow();
    });
    this.socket.start();
  }

  private async ticket(): Promise<string> {
    const token = document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
    const headers = { "X-CSRFToken": token, Accept: "application/json" };
    const response = await fetch(this.settings.liveTicketUrl ?? "", { method: "POST", headers });
    if ([401, 403, 404].includes(response.status)) throw new AccessEnded();
    if (!response.ok) throw new Error(`ticket: ${response.status}`);
    return ((await response.json()) as { ticket: string }).ticket;
  }

  private changed(event: LiveEvent): void {
    const text = this.texts[event.type];
    if (text) this.announcer.say(text);
    this.schedule();
  }

  private unsequenced(message: Unsequenced): void {
    document.dispatchEvent(new CustomEvent(`live:${message.type}`, { detail: message })); // for other islands
    if (message.type === "presence") showPresence(message);
    if (message.type === "tally" && !showTally(message)) this.schedule();
  }

  /** Refresh soon: together with what else happens, and not at the same moment as everybody. */
  schedule(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.refresh();
    }, GATHER + Math.random() * spread());
  }

  /** Fetch the page and bring the live regions up to it; never two at a time. */
  async refresh(): Promise<void> {
    if (this.fetching) {
      this.again = true;
      return;
    }
    this.fetching = true;
    try {
      await this.fetchAndSwap();
    } catch {
      this.schedule(); // the line dropped under the request
    }
    this.fetching = false;
    if (this.again) {
      this.again = false;
      this.schedule();
    }
  }

  private async fetchAndSwap(): Promise<void> {
    const address = this.settings.livePage ?? location.href;
    const response = await fetch(address, { headers: { "X-Live-Refresh": "1" }, cache: "no-cache" });
    const arrived = Date.now();
    if (response.redirected) return location.reload(); // the meeting is over, or we are signed out
    if ([401, 403, 404].includes(response.status)) return this.showState("ended");
    if (!response.ok) throw new Error(`page: ${response.status}`);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    swapRegions(page);
    this.announcer.look();
    this.hooks.onFresh?.(page, arrived);
  }

  private showState(state: ConnectionState): void {
    this.hooks.onState?.(state);
    clearInterval(this.poll);
    if (state === "retrying") this.poll = setInterval(() => this.schedule(), POLL_WHILE_OFFLINE); // a proxy may allow no websocket
    if (state === "ended") this.socket.stop();
    for (const element of document.querySelectorAll<HTMLElement>("[data-live-state]")) {
      element.dataset.state = state;
      const text = element.dataset[`text${state.charAt(0).toUpperCase()}${state.slice(1)}`];
      if (text !== undefined && element.textContent !== text) element.textContent = text;
    }
  }
}

/** Milliseconds over which the pages of one meeting spread their questions: the server knows how many they are (data-live-spread). */
function spread(): number {
  return Number(document.querySelector<HTMLElement>("[data-live-spread]")?.dataset.liveSpread ?? SPREAD);
}

/** Bring every [data-live-region] up to its namesake (by id) in `page`. Focus on what is gone moves to the heading of its region. */
export function swapRegions(page: Document): void {
  for (const unneeded of page.querySelectorAll("noscript")) unneeded.remove(); // a page that is parsed without scripts has elements there
  const focused = document.activeElement;
  const around = focused?.closest<HTMLElement>("[data-live-region]");
  for (const region of document.querySelectorAll("[data-live-region][id]")) {
    const wanted = page.getElementById(region.id);
    if (wanted) morphChildren(region, wanted);
  }
  if (around && !focused?.isConnected) focusOn(around);
}

function focusOn(region: HTMLElement): void {
  const target = region.querySelector<HTMLElement>("h2, h3") ?? region;
  target.tabIndex = -1;
  target.focus({ preventScroll: true });
}
