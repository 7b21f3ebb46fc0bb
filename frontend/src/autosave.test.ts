// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Autosave } from "./autosave";

const sent: FormData[] = [];
let answers: (() => Response | Promise<Response>)[] = [];

function saved(version: number): Response {
  return new Response(JSON.stringify({ action: "/en/home/agenda-items/1/edit/", version }), { headers: { "Content-Type": "application/json" } });
}

function status(): string {
  return document.querySelector("[data-autosave-status]")!.textContent ?? "";
}

function field<T extends HTMLElement>(name: string): T {
  return document.querySelector<T>(`[name=${name}]`)!;
}

function type(text: string): void {
  field<HTMLTextAreaElement>("text").value = text;
  field("text").dispatchEvent(new Event("input", { bubbles: true }));
}

function page(): void {
  document.body.innerHTML = `<form action="/en/home/meetings/1/propose/" method="post">
    <input type="hidden" name="idempotency_key" value="first"><input name="title" value="Buses"><textarea name="text"></textarea>
    <select name="kind"><option value="decision">D</option><option value="discussion" selected>E</option></select>
    <p role="status" data-autosave-status data-saved="Saved at {time}" data-failed="Line lost" data-stale="Changed" data-restored="Restored" data-incomplete="Not yet"></p>
    <button>Keep</button></form>`;
  new Autosave(document.querySelector("form")!, 1000).start();
}

beforeEach(() => {
  vi.useFakeTimers();
  sent.length = 0;
  answers = [];
  sessionStorage.clear();
  history.replaceState(null, "", "/en/home/meetings/1/propose/");
  vi.stubGlobal("fetch", (_url: string, request: { body: FormData }) => {
    sent.push(request.body);
    return Promise.resolve().then(answers.shift() ?? (() => saved(sent.length)));
  });
  page();
});

afterEach(() => vi.useRealTimers());

/** Whether the browser itself would send the form. */
function press(form: HTMLFormElement): boolean {
  return form.dispatchEvent(new Event("submit", { cancelable: true }));
}

const pass = (milliseconds = 1000) => vi.advanceTimersByTimeAsync(milliseconds);

describe("typing", () => {
  it("is saved once it pauses, and says when", async () => {
    type("One");
    await pass(600);
    type("Two");
    await pass(600);
    expect(sent).toHaveLength(0);
    await pass(400);
    expect(sent.map((body) => [body.get("text"), body.get("autosave")])).toEqual([["Two", "1"]]);
    expect(status()).toMatch(/^Saved at \d{1,2}[:.]\d\d/);
  });

  it("goes on in the draft that was made, at its version", async () => {
    type("One");
    await pass();
    expect(location.pathname).toBe("/en/home/agenda-items/1/edit/");
    type("Two");
    await pass();
    expect(sent[1]!.get("version")).toBe("1");
    expect(field<HTMLInputElement>("version").value).toBe("2");
    expect(sessionStorage.length).toBe(0);
  });

  it("waits for what cannot be saved yet", async () => {
    answers = [() => new Response("{}", { status: 422 })];
    type("One");
    await pass();
    expect(status()).toBe("Not yet");
    type("Two");
    await pass();
    expect(status()).toContain("Saved");
  });
});

describe("a lost line", () => {
  it("loses nothing: the same request goes first, then what came after it", async () => {
    answers = [() => Promise.reject(new Error("offline"))];
    type("One");
    await pass();
    expect(status()).toBe("Line lost");
    expect(sessionStorage.getItem("autosave:/en/home/meetings/1/propose/")).toContain("One");
    type("Two");
    await pass(3000);
    expect(sent.map((body) => body.get("text"))).toEqual(["One", "One", "Two"]);
    expect(sent[1]!.get("idempotency_key")).toBe(sent[0]!.get("idempotency_key"));
    expect(sent[2]!.get("idempotency_key")).not.toBe(sent[0]!.get("idempotency_key"));
    expect(sessionStorage.length).toBe(0);
  });

  it("finds the text again after a reload", async () => {
    answers = [() => Promise.reject(new Error("offline"))];
    field<HTMLSelectElement>("kind").value = "decision";
    type("One");
    await pass();
    page();
    expect([field<HTMLTextAreaElement>("text").value, field<HTMLSelectElement>("kind").value]).toEqual(["One", "decision"]);
    expect(status()).toBe("Restored");
    await pass();
    expect(status()).toContain("Saved");
  });

  it("finds what was ticked among several boxes of one name", () => {
    sessionStorage.setItem("autosave:/en/home/meetings/1/propose/", JSON.stringify([["town", "b"], ["town", "c"], ["sure", "on"]]));
    document.body.innerHTML = `<form><input type="checkbox" name="sure">
      ${["a", "b", "c"].map((value) => `<input type="checkbox" name="town" value="${value}">`).join("")}</form>`;
    new Autosave(document.querySelector("form")!, 1000).start();
    const ticked = [...document.querySelectorAll<HTMLInputElement>("input:checked")].map(({ name, value }) => [name, value]);
    expect(ticked).toEqual([["sure", "on"], ["town", "b"], ["town", "c"]]);
  });
});

describe("somebody else's change", () => {
  it("stops it and keeps what was typed", async () => {
    answers = [() => new Response("{}", { status: 412 })];
    type("Mine");
    await pass();
    expect(status()).toBe("Changed");
    type("Mine, longer");
    await pass(5000);
    expect(sent).toHaveLength(1);
    expect(field<HTMLTextAreaElement>("text").value).toBe("Mine, longer");
    expect(sessionStorage.getItem("autosave:/en/home/meetings/1/propose/")).toContain("Mine, longer");
  });
});

describe("the button", () => {
  it("waits for the saving under way, or there would be two drafts", async () => {
    let answer: (value: Response) => void = () => undefined;
    answers = [() => new Promise<Response>((resolve) => (answer = resolve))];
    const form = document.querySelector("form")!;
    const again = vi.spyOn(form, "requestSubmit").mockImplementation(() => undefined);
    type("One");
    await pass();
    expect(press(form)).toBe(false);
    answer(saved(1));
    await pass(0);
    expect(again).toHaveBeenCalledOnce();
    expect(form.action).toContain("/agenda-items/1/edit/");
    expect(press(form)).toBe(true);
  });

  it("sends nothing when the line is lost, and keeps the text", async () => {
    answers = [() => Promise.reject(new Error("offline"))];
    const form = document.querySelector("form")!;
    const again = vi.spyOn(form, "requestSubmit").mockImplementation(() => undefined);
    type("One");
    expect(press(form)).toBe(false);
    await pass(0);
    expect(again).not.toHaveBeenCalled();
    expect(status()).toBe("Line lost");
    expect(sessionStorage.length).toBe(1);
  });
});
