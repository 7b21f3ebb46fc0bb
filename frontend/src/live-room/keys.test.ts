// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Keys } from "./keys";

let pressed: string[];

const PAGE = `
  <button data-keys-help hidden>Keyboard</button>
  <dialog data-keys><dl data-keys-list></dl><input type="checkbox" data-keys-toggle></dialog>
  <button data-key="1">Give the floor <span>to Town 1</span></button><button data-key="2" disabled>Give the floor</button>
  <button data-key="s">Has finished</button><button data-key="ctrl+z">Undo</button><input id="field"><a id="link" href="#">x</a>`;

/** Whether the page took the key. */
function press(key: string, options: KeyboardEventInit = {}, at: Element = document.body): boolean {
  return !at.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...options }));
}

function open(): void {
  const page = document.implementation.createHTMLDocument(); // the listeners of the page before go with it
  vi.stubGlobal("document", page);
  page.body.innerHTML = PAGE;
  page.addEventListener("click", (event) => pressed.push((event.target as HTMLElement).dataset.key ?? ""));
  new Keys().start();
}

beforeEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
  pressed = [];
  open();
});

describe("the keys", () => {
  it.each<[string, KeyboardEventInit, string]>([
    ["1", {}, "1"],
    ["S", { shiftKey: true }, "s"],
    ["z", { ctrlKey: true }, "ctrl+z"],
    ["z", { metaKey: true }, "ctrl+z"],
  ])("%s %o presses the button %s", (key, options, button) => {
    expect(press(key, options)).toBe(true);
    expect(pressed).toEqual([button]);
  });

  it.each<[string, KeyboardEventInit]>([
    ["2", {}],
    ["z", {}],
    ["1", { ctrlKey: true }],
    ["1", { altKey: true }],
    ["1", { repeat: true }],
    ["Enter", {}],
  ])("%s %o presses nothing, and is left to the browser", (key, options) => {
    expect(press(key, options)).toBe(false);
    expect(pressed).toEqual([]);
  });

  it("puts the focus into a field that a key is for", () => {
    document.body.insertAdjacentHTML("beforeend", '<input type="search" data-key="/">');
    expect(press("/")).toBe(true);
    expect((document.activeElement as HTMLInputElement).type).toBe("search");
  });

  it("write in a field, and work from a link", () => {
    expect(press("1", {}, document.querySelector("#field")!)).toBe(false);
    expect(press("1", {}, document.querySelector("#link")!)).toBe(true);
    expect(pressed).toEqual(["1"]);
  });
});

describe("the list of keys", () => {
  it("opens with ? and shows what this page has", () => {
    expect(press("?", { shiftKey: true })).toBe(true);
    expect(document.querySelector("dialog")!.open).toBe(true);
    const rows = [...document.querySelectorAll("[data-keys-list] > *")].map((element) => element.textContent);
    expect(rows).toEqual(["1", "Give the floor to Town 1", "S", "Has finished", "Ctrl + Z", "Undo"]);
  });

  it("opens with its button, which is there for those who have the script", () => {
    const button = document.querySelector<HTMLElement>("[data-keys-help]")!;
    expect(button.hidden).toBe(false);
    button.click();
    expect(document.querySelector("dialog")!.open).toBe(true);
  });

  it("switches off the keys of one character, also for the next visit", () => {
    const toggle = () => document.querySelector<HTMLInputElement>("[data-keys-toggle]")!;
    expect(toggle().checked).toBe(true);
    toggle().checked = false;
    toggle().dispatchEvent(new Event("change"));
    open();
    expect(toggle().checked).toBe(false);
    expect([press("1"), press("?"), press("z", { ctrlKey: true })]).toEqual([false, false, true]);
    expect(pressed).toEqual(["ctrl+z"]);
  });
});
