// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { Announcer } from "./announcer";

let announcer: Announcer;
const texts = (selector: string) => [...document.querySelector(selector)!.children].map((element) => element.textContent);
const polite = () => texts("[data-live-announce]");
const urgent = () => texts("[data-live-alert]");

function page(says: string): void {
  document.querySelector("main")!.innerHTML = says;
}

beforeEach(() => {
  document.body.innerHTML = "<div data-live-announce></div><div data-live-alert></div><main></main>";
  announcer = new Announcer();
  page('<p data-live-say="item">Now: item 1</p>');
  announcer.learn();
});

describe("what the page says", () => {
  it("is not repeated by a refresh that changes nothing", () => {
    announcer.look();
    page('<p data-live-say="item">Now:  item 1</p>');
    announcer.look();
    expect(polite()).toEqual([]);
  });

  it("is said once when it changes, and again when it comes back", () => {
    for (const item of [2, 2, 1]) {
      page(`<p data-live-say="item">Now: item ${item}</p>`);
      announcer.look();
    }
    expect(polite()).toEqual(["Now: item 2", "Now: item 1"]);
  });

  it("interrupts when it calls upon the reader", () => {
    page('<p data-live-say="turn" data-live-level="assertive">You have the floor</p>');
    announcer.look();
    expect([polite(), urgent()]).toEqual([[], ["You have the floor"]]);
  });

  it("is said again when it was gone meanwhile", () => {
    const turn = '<p data-live-say="turn">You are next</p>';
    for (const says of [turn, "", turn]) {
      page(says);
      announcer.look();
    }
    expect(polite()).toEqual(["You are next", "You are next"]);
  });

  it("is shown and said to the seat alone that it is for", () => {
    document.querySelector("main")!.dataset.ownSeats = "a b";
    page('<p data-live-say="1" data-for-seat="b" hidden>You have the floor</p><p data-live-say="2" data-for-seat="c" hidden>You are next</p>');
    announcer.look();
    expect(polite()).toEqual(["You have the floor"]);
    expect([...document.querySelectorAll("main p")].map((element) => (element as HTMLElement).hidden)).toEqual([false, true]);
  });

  it("can be a notice that the page shows", () => {
    page('<p id="near" data-live-notice>Your item is near</p>');
    announcer.look();
    announcer.look();
    expect(polite()).toEqual(["Your item is near"]);
  });
});

describe("announcements", () => {
  it("that come together are all there, the oldest go", () => {
    for (const text of ["a", "b", "b", "c"]) announcer.say(text);
    expect(polite()).toEqual(["b", "b", "c"]);
  });

  it("of nothing are none", () => {
    announcer.say("");
    expect(polite()).toEqual([]);
  });
});
