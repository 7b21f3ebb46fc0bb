// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { KeyScopes } from "./key-scopes";
import { Keys } from "./live-room/keys";

let pressed: string[];

const scope = (id: string) => `<article id="${id}" data-key-scope><h3>${id}</h3><button data-key="a" name="${id}">Accept</button>
  <details><summary data-key="d">Decline</summary><textarea></textarea></details></article>`;

function press(key: string): void {
  const at = document.activeElement ?? document.body;
  at.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

const current = () => [...document.querySelectorAll("[aria-current]")].map((one) => one.id);

beforeEach(() => {
  const page = document.implementation.createHTMLDocument(); // the listeners of the page before go with it
  vi.stubGlobal("document", page);
  localStorage.clear();
  location.hash = "";
  pressed = [];
  page.body.innerHTML = `<button data-key="j" data-scope-step="1" hidden>Next</button><button data-key="k" data-scope-step="-1" hidden>Previous</button>
    ${["one", "two", "three"].map(scope).join("")}<dialog data-keys><dl data-keys-list></dl></dialog>`;
  page.addEventListener("click", (event) => {
    const name = (event.target as HTMLButtonElement).name;
    if (name) pressed.push(name);
  });
});

function start(): void {
  new KeyScopes().start();
  new Keys().start();
}

describe("the keys of several things alike", () => {
  it("step between them and act on the current one alone", () => {
    start();
    for (const key of ["a", "j", "a", "j", "a", "k", "a"]) press(key);
    expect(pressed).toEqual(["one", "two", "one"]);
    expect(current()).toEqual(["one"]);
    expect(document.activeElement?.textContent).toBe("one");
  });

  it("stay at the ends", () => {
    start();
    for (const key of ["k", "k", "j", "j", "j", "j", "a"]) press(key);
    expect(pressed).toEqual(["three"]);
  });

  it("act where the address leads, and where the focus is", () => {
    location.hash = "#two";
    start();
    press("a");
    document.querySelector<HTMLElement>("#three button")!.focus();
    press("a");
    expect(pressed).toEqual(["two", "three"]);
  });

  it("open what needs words, with the focus in its field, where keys are letters again", () => {
    start();
    for (const key of ["j", "d"]) press(key);
    expect(document.querySelector("#one details")!.hasAttribute("open")).toBe(true);
    expect(document.activeElement?.tagName).toBe("TEXTAREA");
    press("a");
    expect(pressed).toEqual([]);
  });

  it("are listed once, of the first while none is current", () => {
    start();
    press("?");
    expect([...document.querySelectorAll("[data-keys-list] dt")].map((one) => one.textContent)).toEqual(["J", "K", "A", "D"]);
  });
});
