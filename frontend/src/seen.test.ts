// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { seeSoon } from "./seen";

const sent = vi.fn(() => Promise.resolve(new Response(null, { status: 204 })));

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", sent.mockClear());
  document.body.innerHTML = '<form method="post" action="/news/seen/" data-seen><input type="hidden" name="until" value="now"></form>';
});

afterEach(() => vi.useRealTimers());

it("is sent once the page has been looked at, and only then", () => {
  seeSoon(3000);
  vi.advanceTimersByTime(2999);
  expect(sent).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  document.dispatchEvent(new Event("visibilitychange"));
  vi.advanceTimersByTime(5000);
  expect(sent).toHaveBeenCalledOnce();
});

it("is not sent while nobody looks", () => {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  seeSoon(10);
  vi.advanceTimersByTime(100);
  expect(sent).not.toHaveBeenCalled();
});

it("does nothing on other pages", () => {
  document.body.innerHTML = "";
  seeSoon(0);
  vi.advanceTimersByTime(100);
  expect(sent).not.toHaveBeenCalled();
});
