// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { IndexedStore } from "./outbox-store";
import { Room } from "./room";

type Answer = () => Response | Promise<Response>;

const PANEL = `<section data-outbox-user="me" hidden data-text-unsent="Unsent: {n}" data-text-not-sent="Nothing was changed" data-text-refused="Refused" data-text-sent="Sent">
  <p data-outbox-held hidden>Sign in</p><ul data-outbox-list></ul>
  <template data-outbox-entry><li><b data-fill="label"></b><i data-fill="time"></i><p data-if="refused" data-fill="refused"></p><dl data-typed></dl>
  <button type="button" data-if="unsent" data-outbox-now>Try</button><button type="button" data-outbox-discard>Discard</button></li></template></section>`;
const HEAD = `<input type="hidden" name="csrfmiddlewaretoken" value="token"><div data-live-announce></div><div data-live-alert></div><div data-live-said></div>${PANEL}`;
const VOTE = (mode = "") => `<form id="ballot" method="post" action="/vote/" data-outbox="${mode}"><input type="hidden" name="idempotency_key" value="k1">
  <fieldset><legend>Town 1</legend><button name="choice" value="yes">In favour</button><button name="choice" value="no">Against</button></fieldset></form>`;
const ROOM = (region: string) => `<main><div data-live-url="/ws/" data-live-ticket-url="/ticket/" data-live-after="5" data-outbox="now">${HEAD}
  <section id="vote" data-live-region><h2>Vote</h2>${region}</section></div></main>`;
const NOTE = (error = "") => `<main><h1>Notes</h1>${HEAD}${error}<form method="post" action="" data-outbox><input type="hidden" name="idempotency_key" value="k1">
  <input type="hidden" name="action" value="not an address"><label for="n">Note</label><textarea id="n" name="text"></textarea><button>Save</button></form></main>`;

let posts: Answer[];
let sent: [string, Record<string, string>][];
let shown: string;
let went: string[];

class FakeSocket {
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose = null;
  close(): void {}
  send(): void {}
}

const ours = (status: number, text: string) => new Response(text, { status, headers: { "X-Outbox": "1" } });
const done: Answer = () => ours(200, '{"to": "/en/home/room/#speakers"}');
const noLine: Answer = () => Promise.reject(new TypeError("offline"));
const find = <T extends HTMLElement>(selector: string) => document.querySelector<T>(selector)!;
const text = (selector: string) => (find(selector).textContent ?? "").replace(/\s+/g, " ").trim();
const stored = async () => (await new IndexedStore().all("me")).map((entry) => entry.label);
const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 2000, interval: 5 });

async function open(html: string): Promise<Room> {
  const page = document.implementation.createHTMLDocument(); // the listeners of the page before go with it
  vi.stubGlobal("document", page);
  page.body.innerHTML = html;
  shown = html;
  const room = new Room(() => new FakeSocket() as unknown as WebSocket);
  await room.start();
  return room;
}

/** Whether the browser itself would send the form. */
function press(button: HTMLElement): boolean {
  const form = button.closest("form")!;
  const event = new Event("submit", { bubbles: true, cancelable: true });
  Object.defineProperty(event, "submitter", { value: button });
  return form.dispatchEvent(event);
}

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("BroadcastChannel", undefined);
  const later = setTimeout;
  vi.stubGlobal("setTimeout", (work: () => void, milliseconds = 0) => (milliseconds < 450 ? later(work, milliseconds) : 0)); // nothing is tried again by itself
  vi.stubGlobal("setInterval", () => 0);
  [posts, sent, went] = [[], [], []];
  vi.spyOn(location, "assign").mockImplementation((address) => void went.push(String(address)));
  vi.spyOn(location, "reload").mockImplementation(() => undefined);
  vi.stubGlobal("fetch", (address: string, request: { method?: string; body?: URLSearchParams } = {}) => {
    if (address === "/ticket/") return Promise.resolve(new Response('{"ticket": "t"}'));
    if (request.method !== "POST") return Promise.resolve(new Response(shown));
    sent.push([address, Object.fromEntries(request.body!)]);
    return Promise.resolve().then(posts.shift() ?? done);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("a form in the room", () => {
  it("is sent with the button that was pressed, and the room brought up to date", async () => {
    await open(ROOM(VOTE()));
    shown = ROOM("<h2>Vote</h2><p>You voted</p>");
    expect(press(find("[value=no]"))).toBe(false);
    await eventually(() => expect(text("#vote")).toContain("You voted"));
    expect(sent).toEqual([["/vote/", { choice: "no", idempotency_key: "k1", csrfmiddlewaretoken: "token" }]]);
    await eventually(async () => expect(await stored()).toEqual([]));
    expect([went, find("[data-outbox-user]").hidden]).toEqual([[], true]);
  });

  it("is shown as unsent while the line is down, and told once", async () => {
    await open(ROOM(VOTE()));
    posts = [noLine];
    press(find("[value=yes]"));
    await eventually(() => expect(find("[data-outbox-user]").hidden).toBe(false));
    expect(text("[data-outbox-list] b")).toBe("Town 1: In favour");
    expect(text("[data-live-announce]")).toBe("Unsent: 1");
    expect(await stored()).toEqual(["Town 1: In favour"]);
  });

  it("is there after the page is loaded again, and goes at a press of its button", async () => {
    await open(ROOM(VOTE()));
    posts = Array.from({ length: 9 }, () => noLine);
    press(find("[value=yes]"));
    await eventually(() => expect(find("[data-outbox-user]").hidden).toBe(false));
    await open(ROOM(VOTE()));
    await eventually(() => expect(text("[data-outbox-list] b")).toBe("Town 1: In favour"));
    posts = [];
    find("[data-outbox-now]").click();
    await eventually(async () => expect(await stored()).toEqual([]));
    await eventually(() => expect([text("[data-live-announce]"), find("[data-outbox-user]").hidden]).toEqual(["Unsent: 1Sent", true]));
    expect(new Set(sent.map(([, fields]) => fields.idempotency_key))).toEqual(new Set(["k1"]));
  });

  it("can be discarded", async () => {
    await open(ROOM(VOTE()));
    posts = Array.from({ length: 9 }, () => noLine);
    press(find("[value=yes]"));
    await eventually(() => expect(find("[data-outbox-user]").hidden).toBe(false));
    find("[data-outbox-discard]").click();
    await eventually(() => expect(find("[data-outbox-user]").hidden).toBe(true));
    expect(await stored()).toEqual([]);
  });

  it("with a secret in it is never written down", async () => {
    await open(ROOM(VOTE("memory")));
    posts = [noLine];
    press(find("[value=yes]"));
    await eventually(() => expect(find("[data-outbox-user]").hidden).toBe(false));
    expect(await stored()).toEqual([]);
    const leaving = new Event("beforeunload", { cancelable: true });
    dispatchEvent(leaving);
    expect(leaving.defaultPrevented).toBe(true);
  });

  it("that makes no sense later is tried once, and keeps its key for the next press", async () => {
    await open(ROOM('<form method="post" action="/close/"><input type="hidden" name="idempotency_key" value="k1"><button>Close the vote</button></form>'));
    posts = [noLine];
    press(find("#vote button"));
    await eventually(() => expect(text("[data-live-said]")).toBe("Nothing was changed"));
    await eventually(async () => expect(await stored()).toEqual([]));
    expect(find<HTMLInputElement>("[name=idempotency_key]").value).toBe("k1");
  });

  it("that is refused says why", async () => {
    await open(ROOM(VOTE()));
    posts = [() => ours(409, '<main><div id="error-summary"><ul><li>The vote is closed.</li></ul></div></main>')];
    press(find("[value=yes]"));
    await eventually(() => expect(text("[data-live-said]")).toBe("The vote is closed."));
    expect(text("[data-live-alert]")).toBe("The vote is closed.");
    await eventually(async () => expect(await stored()).toEqual([]));
  });

  it("that is asked about leads to the question, which goes to the same address", async () => {
    await open(ROOM('<form method="post" action="/leave/"><button>Go on</button></form>'));
    posts = [() => ours(409, '<main tabindex="-1"><h1>Somebody speaks</h1><form method="post"><button name="confirm">Go on all the same</button></form></main>')];
    press(find("#vote button"));
    await eventually(() => expect(text("main")).toBe("Somebody speaksGo on all the same"));
    expect(find("main form").getAttribute("action")).toBe("/leave/");
  });

  it.each(["data-outbox='off'", "data-autosave"])("with %s is left to the browser", async (attribute) => {
    await open(ROOM(`<form method="post" action="/x/" ${attribute}><button>Send</button></form>`));
    expect(press(find("#vote button"))).toBe(true);
  });
});

describe("a page beside the room", () => {
  it("goes on to where the server says", async () => {
    await open(NOTE());
    find<HTMLTextAreaElement>("textarea").value = "The plan";
    press(find("form button"));
    await eventually(() => expect(went).toEqual([new URL("/en/home/room/#speakers", location.href).href]));
    expect(sent[0]![1]).toEqual({ action: "not an address", text: "The plan", idempotency_key: "k1", csrfmiddlewaretoken: "token" });
    expect(sent[0]![0]).toBe(location.pathname + location.search);
  });

  it("shows what was typed while it is unsent", async () => {
    await open(NOTE());
    posts = [noLine];
    find<HTMLTextAreaElement>("textarea").value = "The plan";
    press(find("form button"));
    await eventually(() => expect(text("[data-typed]")).toBe("NoteThe plan"));
    expect(text("[data-outbox-list] b")).toBe("Notes");
    expect(find<HTMLTextAreaElement>("textarea").value).toBe("The plan");
  });

  it("shows the server's form with its errors", async () => {
    await open(NOTE());
    posts = [() => ours(422, NOTE('<div id="error-summary" tabindex="-1"><ul><li>Too long</li></ul></div>').replace("></textarea>", ">Typed</textarea>"))];
    press(find("form button"));
    await eventually(() => expect(document.activeElement?.id).toBe("error-summary"));
    expect(find<HTMLTextAreaElement>("textarea").value).toBe("Typed");
    await eventually(async () => expect(await stored()).toEqual([]));
    press(find("form button"));
    await eventually(() => expect(went).toHaveLength(1));
  });

  it("keeps what was refused without a form, with the server's words, until it is discarded", async () => {
    await open(NOTE());
    posts = [() => ours(404, "<main><h1>There is no such page</h1><p>Gone.</p></main>")];
    find<HTMLTextAreaElement>("textarea").value = "The plan";
    press(find("form button"));
    await eventually(() => expect(text("[data-outbox-list]")).toContain("There is no such page Gone."));
    expect(text("[data-typed]")).toBe("NoteThe plan");
    expect(find("[data-outbox-now]").hidden).toBe(true);
  });

  it("asks who is no longer signed in to sign in", async () => {
    await open(NOTE());
    posts = [() => ours(401, "{}")];
    press(find("form button"));
    await eventually(() => expect(find("[data-outbox-held]").hidden).toBe(false));
    expect(await stored()).toEqual(["Notes"]);
  });
});

it("ignores the second press of a double click", async () => {
  await open(ROOM(VOTE()));
  const second = new MouseEvent("click", { detail: 2, bubbles: true, cancelable: true });
  find("[value=yes]").dispatchEvent(second);
  expect(second.defaultPrevented).toBe(true);
});

it("shows the words that come with a refresh until others come", async () => {
  const room = await open(ROOM(""));
  shown = ROOM("").replace("data-live-said>", "data-live-said><div>Recorded</div>");
  await room.live!.refresh();
  shown = ROOM("");
  await room.live!.refresh();
  expect(text("[data-live-said]")).toBe("Recorded");
});
