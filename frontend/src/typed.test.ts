// @vitest-environment happy-dom
import { beforeEach, expect, it } from "vitest";
import { bringBack, keepTyped } from "./typed";

const FORM = '<form method="post"><textarea name="text">old</textarea><input name="title"><input type="hidden" name="version" value="3"><input type="password" name="password"></form>';

function show(path: string, user = "ada", html = FORM): void {
  history.replaceState(null, "", path);
  document.body.innerHTML = html;
  if (user) document.body.dataset.user = user;
  else delete document.body.dataset.user;
  document.body.dataset.typedBack = "It is back.";
}

function type(): void {
  document.querySelector("textarea")!.value = "Much work";
  document.querySelector<HTMLInputElement>("[name=title]")!.value = "Buses";
  document.querySelector<HTMLInputElement>("[name=password]")!.value = "secret";
  const event = new Event("submit", { cancelable: true });
  Object.defineProperty(event, "target", { value: document.querySelector("form") });
  keepTyped(event as SubmitEvent);
}

const typed = () => [document.querySelector("textarea")?.value, document.querySelector<HTMLInputElement>("[name=title]")?.value];
const ended = () => show("/en/accounts/login/code/", "", "<p data-session-ended></p>");

beforeEach(() => sessionStorage.clear());

it("comes back after signing in, in another language too, and says so", () => {
  show("/en/home/edit/");
  type();
  expect(sessionStorage.getItem("typed")).not.toContain("secret");
  ended();
  bringBack();
  show("/en/accounts/login/code/confirm/", "", "");
  bringBack();
  show("/it/home/edit/");
  bringBack();
  expect(typed()).toEqual(["Much work", "Buses"]);
  expect(document.querySelector("[role=status]")!.textContent).toBe("It is back.");
  expect(sessionStorage.length).toBe(0);
});

it("does not come back for somebody else", () => {
  show("/en/home/edit/");
  type();
  ended();
  bringBack();
  show("/en/home/edit/", "eve");
  bringBack();
  expect(typed()).toEqual(["old", ""]);
  expect(sessionStorage.length).toBe(0);
});

it("is forgotten once it was sent", () => {
  show("/en/home/edit/");
  type();
  show("/en/home/edit/");
  bringBack();
  expect(typed()).toEqual(["old", ""]);
  expect(sessionStorage.length).toBe(0);
});

it("waits on other pages and writes over nothing", () => {
  show("/en/home/edit/");
  type();
  ended();
  bringBack();
  show("/en/", "ada", "");
  bringBack();
  show("/en/home/edit/");
  document.querySelector("textarea")!.value = "newer";
  bringBack();
  expect(typed()).toEqual(["newer", "Buses"]);
});
