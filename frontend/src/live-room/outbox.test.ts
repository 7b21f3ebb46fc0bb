// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Outbox, type OutboxOptions } from "./outbox";
import { IndexedStore, MemoryStore, type Entry, type Store } from "./outbox-store";
import type { Verdict } from "./delivery";

type Answer = () => Response | Promise<Response>;

let answers: Answer[];
let sent: { address: string; body: URLSearchParams; user: string }[];
let results: string[];
let token: string;

const ours = (status: number, text = "{}", headers: Record<string, string> = {}) => new Response(text, { status, headers: { "X-Outbox": "1", ...headers } });
const done: Answer = () => ours(200, '{"to": "/room/"}');
const noLine: Answer = () => Promise.reject(new TypeError("offline"));
const locks = { request: (_name: string, _options: LockOptions, work: () => Promise<void>) => work() } as unknown as LockManager;

function outbox(store: Store, changes: Partial<OutboxOptions> = {}): Outbox {
  const onResult = (entry: Entry, verdict: Verdict) => results.push(`${entry.label} ${verdict.kind}`);
  return new Outbox({ user: "me", store, token: () => token, renewToken: () => Promise.resolve(false), onResult, random: () => 1, ...changes });
}

const draft = (label: string, text = label) => ({ action: `/${label}/`, fields: [["text", text]] as [string, string][], label, typed: [] });
const keys = () => sent.map(({ address, body }) => `${address} ${body.get("idempotency_key")}`);
const pass = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds);
/** What IndexedDB needs to answer, which is not a matter of time. */
const settle = async () => {
  for (let turn = 0; turn < 40; turn++) await pass();
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("fetch", (address: string, request: { body: URLSearchParams; headers: Record<string, string> }) => {
    sent.push({ address, body: new URLSearchParams(request.body), user: request.headers["X-Outbox"]! });
    return Promise.resolve().then(answers.shift() ?? done);
  });
  [answers, sent, results, token] = [[], [], [], "token"];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a line that is well", () => {
  it("takes a form once, in its user's name, with the page's token", async () => {
    const box = outbox(new MemoryStore());
    await box.add(draft("vote", "yes"), "k1");
    await settle();
    expect(sent.map(({ user, body }) => [user, body.get("text"), body.get("csrfmiddlewaretoken")])).toEqual([["me", "yes", "token"]]);
    expect(results).toEqual(["vote done"]);
    expect(await box.entries()).toEqual([]);
  });

  it("takes the same form once while it is under way", async () => {
    const box = outbox(new MemoryStore());
    let answer: (value: Response) => void = () => undefined;
    answers = [() => new Promise<Response>((resolve) => (answer = resolve))];
    const [first, second] = [await box.add(draft("vote"), "k1"), await box.add(draft("vote"), "k2")];
    expect(second.id).toBe(first.id);
    await settle();
    answer(await done());
    await settle();
    expect(keys()).toEqual(["/vote/ k1"]);
  });
});

describe("a line that fails", () => {
  it.each<[string, Answer]>([
    ["no network", noLine],
    ["a proxy without a server", () => new Response("<h1>Bad gateway</h1>", { status: 502 })],
    ["a hotel's page", () => new Response("<h1>Welcome</h1>", { status: 200 })],
    ["a proxy that refuses", () => new Response("<h1>Forbidden</h1>", { status: 403 })],
    ["a server that is busy", () => ours(503)],
    ["too many requests", () => ours(429)],
  ])("%s: it is kept, and sent again under its key", async (_name, answer) => {
    const box = outbox(new MemoryStore());
    answers = [answer, answer];
    await box.add(draft("vote"), "k1");
    await settle();
    expect((await box.entries()).map((entry) => [entry.label, box.isStuck(entry)])).toEqual([["vote", true]]);
    await pass(1_000);
    await pass(2_000);
    await settle();
    expect(keys()).toEqual(["/vote/ k1", "/vote/ k1", "/vote/ k1"]);
    expect(results).toEqual(["vote kept", "vote kept", "vote done"]);
    expect(await box.entries()).toEqual([]);
  });

  it("keeps the order: nothing overtakes what waits", async () => {
    const box = outbox(new MemoryStore());
    answers = [noLine, noLine, noLine];
    for (const name of ["one", "two", "three"]) await box.add(draft(name), name);
    await settle();
    expect(new Set(sent.map(({ address }) => address))).toEqual(new Set(["/one/"]));
    sent = [];
    answers = [];
    box.retryNow();
    await settle();
    expect(keys()).toEqual(["/one/ one", "/two/ two", "/three/ three"]);
  });

  it("waits as long as the server asks", async () => {
    const box = outbox(new MemoryStore());
    answers = [() => ours(503, "", { "Retry-After": "7" })];
    await box.add(draft("vote"), "k1");
    await settle();
    await pass(6_900);
    expect(sent).toHaveLength(1);
    await pass(200);
    await settle();
    expect(sent).toHaveLength(2);
  });

  it("gives up on a server that fails at it again and again, and goes on with the next", async () => {
    const box = outbox(new MemoryStore());
    answers = Array.from({ length: 6 }, () => () => ours(500, "<main><h1>An error</h1></main>"));
    await box.add(draft("one"), "k1");
    await box.add(draft("two"), "k2");
    for (let turn = 0; turn < 10; turn++) await pass(30_000);
    await settle();
    expect(results.slice(-2)).toEqual(["one refused", "two done"]);
  });

  it("does not bring back what was discarded while it was under way", async () => {
    const box = outbox(new MemoryStore());
    let fail: (error: Error) => void = () => undefined;
    answers = [() => new Promise<Response>((_resolve, reject) => (fail = reject))];
    const entry = await box.add(draft("vote"), "k1");
    await settle();
    await box.discard(entry.id);
    fail(new Error("offline"));
    await settle();
    expect(await box.entries()).toEqual([]);
  });
});

describe("an answer that refuses", () => {
  it("takes it out of the way and keeps what was typed with what the server said", async () => {
    const box = outbox(new MemoryStore());
    answers = [() => ours(409, '<main><div id="error-summary"><ul><li>The vote is\n closed.</li></ul></div></main>'), done];
    await box.add(draft("vote"), "k1");
    await box.add(draft("note"), "k2");
    await settle();
    expect(results).toEqual(["vote refused", "note done"]);
    const [left] = await box.entries();
    expect([left!.refused, left!.fields[0]]).toEqual(["The vote is closed.", ["text", "vote"]]);
    box.retryNow();
    await settle();
    expect(sent).toHaveLength(2);
  });

  it("takes a new CSRF token and sends the same again", async () => {
    const renewToken = () => ((token = "new"), Promise.resolve(true));
    const box = outbox(new MemoryStore(), { renewToken });
    answers = [() => ours(403), done];
    await box.add(draft("vote"), "k1");
    await settle();
    expect(sent.map(({ body }) => [body.get("idempotency_key"), body.get("csrfmiddlewaretoken")])).toEqual([
      ["k1", "token"],
      ["k1", "new"],
    ]);
    expect(results).toEqual(["vote done"]);
  });

  it("believes a server that forbids it twice", async () => {
    const box = outbox(new MemoryStore(), { renewToken: () => Promise.resolve(true) });
    answers = [() => ours(403), () => ours(403, "<main><h1>You may not do this</h1><p>No right.</p></main>")];
    await box.add(draft("vote"), "k1");
    await settle();
    expect((await box.entries())[0]!.refused).toBe("You may not do this No right.");
  });

  it.each<[string, Answer]>([
    ["signed out", () => ours(401)],
    ["somebody else's page", () => ours(403)],
  ])("%s: holds it until its user is back", async (_name, answer) => {
    const box = outbox(new MemoryStore());
    answers = [answer];
    await box.add(draft("vote"), "k1");
    await settle();
    await pass(600_000);
    expect([box.held, sent.length, (await box.entries()).length]).toEqual([true, 1, 1]);
    box.retryNow();
    await settle();
    expect(results.at(-1)).toBe("vote done");
  });

  it("says so when the server has forgotten the key", async () => {
    const store = new MemoryStore();
    await store.put({ ...draft("vote"), id: "1", user: "me", at: Date.now() - 7 * 24 * 3600_000, tries: 0 });
    const box = outbox(store, { tooOld: "Too old" });
    await box.flush();
    expect([sent.length, (await box.entries())[0]!.refused]).toEqual([0, "Too old"]);
  });
});

describe("what is written down", () => {
  beforeEach(() => vi.useRealTimers());

  it("survives the page, in order, for its user alone", async () => {
    const before = outbox(new IndexedStore(locks));
    answers = [noLine, noLine];
    await before.add(draft("one"), "k1");
    await before.add(draft("two"), "k2");
    await before.flush();
    await outbox(new IndexedStore(locks), { user: "somebody else" }).flush();
    sent = [];
    answers = [];
    const after = outbox(new IndexedStore(locks));
    expect((await after.entries()).every((entry) => after.isStuck(entry))).toBe(true);
    await after.flush();
    expect(keys()).toEqual(["/one/ k1", "/two/ k2"]);
    expect(await after.entries()).toEqual([]);
  });

  it("is never a secret vote", async () => {
    const store = new IndexedStore(locks);
    const box = outbox(store);
    answers = [noLine];
    await box.add(draft("secret"), "k1", false);
    await box.flush();
    expect([await store.all("me"), (await box.entries()).length]).toEqual([[], 1]);
    expect(box.memory.isEmpty).toBe(false);
  });

  it.each([
    ["with locks of the browser", fairLocks],
    ["with a lease", () => undefined],
  ])("is sent by one tab at a time, %s", async (_name, make) => {
    const held = make();
    const tabs = [0, 1, 2].map(() => outbox(new IndexedStore(held)));
    answers = [noLine];
    await tabs[0]!.add(draft("one"), "k1");
    await tabs[0]!.flush();
    sent = [];
    await Promise.all(tabs.map((tab) => tab.flush()));
    expect(keys()).toEqual(["/one/ k1"]);
  });
});

/** navigator.locks in one process: whoever asks waits for whoever asked before. */
function fairLocks(): LockManager {
  let last: Promise<unknown> = Promise.resolve();
  const request = (_name: string, _options: LockOptions, work: () => Promise<void>) => (last = last.then(work));
  return { request } as unknown as LockManager;
}
