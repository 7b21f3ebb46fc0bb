// Puts the islands of the room and of the pages beside it together. What a page holds decides what runs on it.

import { Announcer } from "./announcer";
import type { Verdict } from "./delivery";
import { OutboxForms } from "./forms";
import { Keys } from "./keys";
import { LivePage, type Hooks } from "./live-refresh";
import { Outbox } from "./outbox";
import { OutboxPanel } from "./outbox-panel";
import { openStore, type Store } from "./outbox-store";
import { Timers } from "./timers";

const CHANNEL = "raccordo-outbox";
/** Milliseconds: what another tab has just taken is mostly sent by then. */
const LET_IT_ARRIVE = 1_000;

export class Room {
  readonly announcer = new Announcer();
  readonly timers = new Timers((text) => this.announcer.say(text));
  readonly live: LivePage | null;
  private outbox: Outbox | undefined;

  constructor(private readonly makeSocket?: (url: string) => WebSocket) {
    const root = document.querySelector<HTMLElement>("[data-live-url]");
    this.live = root && new LivePage(root, this.hooks());
  }

  async start(): Promise<void> {
    this.timers.measure(serverNow(document), arrivedAt());
    this.timers.start();
    new Keys().start();
    this.live?.start();
    const panel = document.querySelector<HTMLElement>("[data-outbox-user]");
    if (panel) await this.startOutbox(panel, await openStore());
  }

  private hooks(): Hooks {
    return {
      announcer: this.announcer,
      onFresh: (page, arrived) => {
        this.timers.measure(serverNow(page), arrived);
        this.timers.tick();
        showSaid(page);
      },
      onState: (state) => {
        if (state === "open") this.outbox?.retryNow();
      },
      ...(this.makeSocket ? { makeSocket: this.makeSocket } : {}),
    };
  }

  private async startOutbox(root: HTMLElement, store: Store): Promise<void> {
    const others = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);
    const outbox = new Outbox({
      user: root.dataset.outboxUser ?? "",
      store,
      token: () => document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "",
      renewToken: () => renewToken(root.dataset.outboxUser),
      tooOld: root.dataset.textTooOld ?? "",
      onChange: () => {
        void panel.render();
        others?.postMessage("changed");
      },
      onResult: (entry, verdict) => {
        if (!forms.settled(entry, verdict)) this.settledLater(verdict, root);
      },
    });
    this.outbox = outbox;
    const panel = new OutboxPanel(root, outbox, (text) => this.announcer.say(text));
    const forms = new OutboxForms(outbox, this.surroundings(root));
    others?.addEventListener("message", () => setTimeout(() => void panel.render(), LET_IT_ARRIVE));
    panel.start();
    forms.start();
    for (const event of ["online", "pageshow"]) addEventListener(event, () => outbox.retryNow());
    root.dataset.ready = ""; // from now on no form leads away from the page
    await panel.render();
    await outbox.flush();
  }

  private surroundings(root: HTMLElement): ConstructorParameters<typeof OutboxForms>[1] {
    return {
      done: (to, form) => {
        if (this.live && form.closest("[data-live-url]")) void this.live.refresh();
        else go(to);
      },
      notSent: () => this.tell(root.dataset.textNotSent ?? "", "warning"),
      kept: () => undefined, // the panel shows it
      refused: (verdict, form, action) => this.refused(verdict, form, action),
    };
  }

  private refused(verdict: Verdict & { kind: "refused" }, form: HTMLFormElement, action: string): boolean {
    if (verdict.page && showAgain(verdict.page, action)) return true;
    if (this.live && form.closest("[data-live-url]")) {
      this.tell(verdict.said, "danger");
      void this.live.refresh();
      return true;
    }
    return false;
  }

  /** Sent off on a page that was left meanwhile, or in another tab. */
  private settledLater(verdict: Verdict, root: HTMLElement): void {
    if (verdict.kind === "done") this.announcer.say(root.dataset.textSent ?? "");
    if (verdict.kind === "refused") this.announcer.say(root.dataset.textRefused ?? "", "assertive");
    if (verdict.kind === "done" || verdict.kind === "refused") this.live?.schedule();
  }

  /** Something for the person at this page alone. */
  private tell(text: string, kind: "warning" | "danger"): void {
    const place = document.querySelector("[data-live-said]");
    place?.replaceChildren(Object.assign(document.createElement("div"), { className: `alert alert-${kind}`, textContent: text }));
    this.announcer.say(text, "assertive");
  }
}

/** What the server says after a form, once: it stays until it says something else. */
function showSaid(page: Document): void {
  const said = page.querySelector("[data-live-said]");
  const place = document.querySelector("[data-live-said]");
  if (said?.firstElementChild && place) place.replaceChildren(...said.cloneNode(true).childNodes);
}

/**
 * The page that the server answered a form with: its errors and everything that was typed, or a question of its own. False when it holds no
 * form, or when it is the room, which only has to be brought up to date.
 */
function showAgain(page: Document, action: string): boolean {
  const [main, wanted] = [document.querySelector("main"), page.querySelector("main")];
  if (!main || !wanted?.querySelector("form[method=post]") || wanted.querySelector("[data-live-url]")) return false;
  const panel = document.querySelector("[data-outbox-user]");
  main.replaceChildren(...document.importNode(wanted, true).childNodes);
  for (const form of main.querySelectorAll("form[method=post]:not([action])")) form.setAttribute("action", action);
  if (panel) main.querySelector("[data-outbox-user]")?.replaceWith(panel);
  (document.getElementById("error-summary") ?? main).focus();
  return true;
}

function go(to: string): void {
  const there = new URL(to, location.href);
  location.assign(there);
  if (there.href === location.href) location.reload();
}

/** Takes this page's CSRF token anew; it is another one once somebody has signed in. */
async function renewToken(user: string | undefined): Promise<boolean> {
  const answer = await fetch(location.href, { headers: { "X-Live-Refresh": "1" }, cache: "no-store" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.querySelector<HTMLElement>("[data-outbox-user]")?.dataset.outboxUser !== user) return false;
  const token = page.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
  for (const field of document.querySelectorAll<HTMLInputElement>("input[name=csrfmiddlewaretoken]")) field.value = token;
  return true;
}

function serverNow(page: Document): string | undefined {
  return page.querySelector<HTMLElement>("[data-server-now]")?.dataset.serverNow;
}

/** When the first byte of this page came. */
function arrivedAt(): number {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return navigation ? performance.timeOrigin + navigation.responseStart : Date.now();
}
