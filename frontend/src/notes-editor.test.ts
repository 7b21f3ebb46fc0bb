// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NotesEditor } from "./notes-editor";

type Sent = { url: string; body: FormData | undefined; redirect: string | undefined; keepalive: boolean | undefined };

class FakeSocket {
  static last: FakeSocket;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((closed: { code: number; reason: string }) => void) | null = null;
  constructor(readonly url: string) {
    FakeSocket.last = this;
  }
  send(): void {}
  close(): void {}
  push(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let sent: Sent[] = [];
let answers: (() => Response | Promise<Response>)[] = [];
let editor: NotesEditor | undefined;
let gone: string[] = [];

const kept = () => new Response('{"kept": true}', { headers: { "Content-Type": "application/json" } });
const lost = () => Promise.reject(new TypeError("no line"));
const element = <T extends HTMLElement>(selector: string): T => document.querySelector<T>(selector)!;
const status = () => element("[data-status]").textContent;
const people = () => element("[data-people]").textContent;
const field = () => element<HTMLTextAreaElement>("textarea");
const value = (name: string) => element<HTMLInputElement>(`[name=${name}]`).value;
const pass = (milliseconds = 1500) => vi.advanceTimersByTimeAsync(milliseconds);

function page(text = "One", extra = ""): void {
  document.body.innerHTML = `${extra}<a id="back" href="/en/home/room/">Back</a><a id="here" href="#x">Here</a><a id="new" target="_blank" href="/en/x/">New</a>
    <form method="post" action="/en/home/notes/1/edit/" data-notes-editor data-live-url="/ws/" data-live-ticket-url="/ticket/" data-live-after="5"
     data-at="note:1" data-note="1" data-me="me" data-text-unsaved="Unsaved" data-text-kept="Kept {time}" data-text-offline="Offline" data-text-refused="Refused"
     data-text-restored="Restored" data-text-one="{names} is here" data-text-many="{names} are here" data-text-newer="{name} saved" data-text-somebody="Somebody"
     data-text-loaded="Loaded" data-text-saving="Saving" data-text-again="Again">
    <input type="hidden" name="csrfmiddlewaretoken" value="token"><input type="hidden" name="idempotency_key" value="key">
    <input type="hidden" name="version" value="3"><input type="hidden" name="base" value="${text}"><textarea name="text">${text}</textarea>
    <p data-people></p><p data-status></p><div data-newer hidden><p data-newer-text></p><button type="button" data-load hidden></button><button data-merge hidden></button></div>
    <button id="save">Save</button><button id="discard" name="discard" value="1">Discard</button></form>`;
  editor?.stop();
  editor = new NotesEditor(element("form"), 1500, (url) => new FakeSocket(url) as unknown as WebSocket);
  editor.start();
}

function type(text: string): void {
  field().value = text;
  field().dispatchEvent(new Event("input", { bubbles: true }));
}

/** Whether the browser would follow the link; here it does not. */
function follows(id: string): boolean {
  let follow = false;
  const last = (event: Event) => {
    follow = !event.defaultPrevented;
    event.preventDefault();
  };
  addEventListener("click", last, { once: true });
  element(id).dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  return follow;
}

function written(version: number, text: string, actor = "anna", id = "1"): void {
  FakeSocket.last.push({ type: "note.written", sequence: 5 + version, previous: 5, at: "", actor, object: { id, text, version } });
}

beforeEach(async () => {
  vi.useFakeTimers();
  [sent, answers, gone] = [[], [], []];
  sessionStorage.clear();
  history.replaceState(null, "", "/en/home/notes/1/edit/");
  vi.stubGlobal("fetch", (url: string, request: RequestInit) => {
    if (url === "/ticket/") return Promise.resolve(new Response('{"ticket": "t"}'));
    sent.push({ url, body: request.body as FormData, redirect: request.redirect, keepalive: request.keepalive });
    return Promise.resolve().then(answers.shift() ?? kept);
  });
  vi.spyOn(location, "assign").mockImplementation((address) => void gone.push(String(address)));
  page();
  await pass(0);
});

afterEach(() => {
  editor?.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("what is typed", () => {
  it("is kept when it rests, with the version it was written over, and the time is said", async () => {
    type("Two");
    expect(status()).toBe("Unsaved");
    await pass(1000);
    type("Three");
    await pass(1000);
    expect(sent).toEqual([]);
    await pass(500);
    expect(sent.map(({ body }) => [body!.get("autosave"), body!.get("text"), body!.get("version"), body!.get("base")])).toEqual([["1", "Three", "3", "One"]]);
    expect(status()).toMatch(/^Kept \d\d:\d\d:\d\d$/);
    expect(sessionStorage.length).toBe(0);
  });

  it("is kept on the device without a line, and on the server once it is back", async () => {
    answers = [lost];
    type("Two");
    await pass();
    expect(status()).toBe("Offline");
    expect(sessionStorage.getItem("note:/en/home/notes/1/edit/")).toContain("Two");
    await pass(5000);
    expect(sent).toHaveLength(2);
    expect(status()).toMatch(/^Kept/);
  });

  it("is found again after the page was lost", async () => {
    answers = [lost];
    type("Two");
    await pass();
    page();
    expect([field().value, status()]).toEqual(["Two", "Restored"]);
    await pass();
    expect(sent.at(-1)!.body!.get("text")).toBe("Two");
  });

  it("is not found again where the form came back with it", async () => {
    sessionStorage.setItem("note:/en/home/notes/1/edit/", JSON.stringify({ text: "Old", base: "", version: "1" }));
    page("Merged", '<div id="error-summary"></div>');
    expect(field().value).toBe("Merged");
    await pass();
    expect(sent.at(-1)!.body!.get("text")).toBe("Merged");
  });

  it("is sent when the page goes away", async () => {
    type("Two");
    dispatchEvent(new Event("pagehide"));
    expect(sent.map(({ keepalive, body }) => [keepalive, body!.get("autosave")])).toEqual([[true, "1"]]);
    await pass();
  });

  it("says when it is refused", async () => {
    answers = [() => new Response("{}", { status: 409 })];
    type("Two");
    await pass();
    expect(status()).toBe("Refused");
  });
});

describe("saving", () => {
  const submit = (button: string) =>
    element("form").dispatchEvent(Object.assign(new Event("submit", { cancelable: true }), { submitter: element(button) }) as SubmitEvent);

  it("keeps what is typed first, then lets the browser save; nothing is kept after it", async () => {
    const again = vi.spyOn(HTMLFormElement.prototype, "requestSubmit").mockImplementation(() => undefined);
    type("Two");
    expect(submit("#save")).toBe(false);
    await pass(0);
    expect(sent).toHaveLength(1);
    expect(again).toHaveBeenCalledWith(element("#save"));
    expect(submit("#save")).toBe(true);
    dispatchEvent(new Event("pagehide"));
    await pass(10_000);
    expect(sent).toHaveLength(1);
  });

  it("leaves to the browser what has not changed, and what is discarded", () => {
    expect(submit("#save")).toBe(true);
    page();
    type("Two");
    expect(submit("#discard")).toBe(true);
    expect(sent).toEqual([]);
  });

  it("happens on going to another page", async () => {
    type("Two");
    expect(follows("#back")).toBe(false);
    await pass(0);
    expect(sent.map(({ body, redirect }) => [body!.get("autosave"), body!.get("text"), redirect])).toEqual([[null, "Two", "manual"]]);
    expect(gone).toEqual([expect.stringContaining("/en/home/room/")]);
  });

  it("does not happen for a link that stays, for an empty text, or for one that is as it was", () => {
    type("Two");
    expect([follows("#here"), follows("#new")]).toEqual([true, true]);
    type(" ");
    expect(follows("#back")).toBe(true);
    type("One ");
    expect(follows("#back")).toBe(true);
  });

  it("shows both texts when somebody else has saved, and without a line goes only when asked again", async () => {
    const again = vi.spyOn(HTMLFormElement.prototype, "requestSubmit").mockImplementation(() => undefined);
    answers = [lost, () => new Response("", { status: 412 })];
    type("Two");
    follows("#back");
    await pass(0);
    expect([status(), gone]).toEqual(["Again", []]);
    expect(follows("#back")).toBe(true);
    await editor!.leave("/en/home/room/");
    expect(again).toHaveBeenCalledOnce();
    expect(gone).toEqual([]);
  });
});

describe("others", () => {
  beforeEach(() => FakeSocket.last.push({ type: "hello", sequence: 5, heartbeat: 20 }));

  it("are named while they are there, and oneself is not", () => {
    expect(FakeSocket.last.url).toContain("at=note%3A1");
    const at = (...names: string[]) =>
      FakeSocket.last.push({ type: "editing", at: "note:1", people: [{ id: "me", name: "Me" }, ...names.map((name) => ({ id: name.toLowerCase(), name }))] });
    at("Anna");
    expect(people()).toBe("Anna is here");
    at("Anna", "Bruno");
    expect(people()).toBe("Anna and Bruno are here");
    at();
    expect(people()).toBe("");
    FakeSocket.last.push({ type: "editing", at: "note:2", people: [{ id: "anna", name: "Anna" }] });
    expect(people()).toBe("");
  });

  it("have their newer text offered: as it is to who has typed nothing", () => {
    FakeSocket.last.push({ type: "editing", at: "note:1", people: [{ id: "anna", name: "Anna" }] });
    written(4, "Theirs");
    expect([element("[data-newer]").hidden, element("[data-newer-text]").textContent]).toEqual([false, "Anna saved"]);
    expect([element("[data-load]").hidden, element("[data-merge]").hidden]).toEqual([false, true]);
    element("[data-load]").click();
    expect([field().value, value("version"), value("base"), element("[data-newer]").hidden]).toEqual(["Theirs", "4", "Theirs", true]);
  });

  it("and to who has, to be merged: what is typed stays", () => {
    written(4, "Theirs");
    type("Mine");
    expect([element("[data-load]").hidden, element("[data-merge]").hidden]).toEqual([true, false]);
    expect([field().value, value("version")]).toEqual(["Mine", "3"]);
  });

  it("are of no concern in another note, or with what is known already", () => {
    written(4, "Theirs", "anna", "2");
    FakeSocket.last.push({ type: "snapshot", sequence: 9, state: { note: [{ id: "1", text: "Old", version: 3 }] } });
    expect(element("[data-newer]").hidden).toBe(true);
    FakeSocket.last.push({ type: "snapshot", sequence: 9, state: { note: [{ id: "1", text: "New", version: 4 }] } });
    expect([element("[data-newer]").hidden, element("[data-newer-text]").textContent]).toEqual([false, "Somebody saved"]);
  });

  it("that have saved the very same text change nothing but the version", () => {
    written(4, "One");
    expect([element("[data-newer]").hidden, value("version")]).toEqual([true, "4"]);
  });
});
