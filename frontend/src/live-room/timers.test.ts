// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clock, Timers } from "./timers";

const NOW = Date.parse("2026-11-26T10:00:00Z");
let timers: Timers;
let said: string[];
const element = () => document.querySelector<HTMLElement>("[data-deadline]")!;
const shown = () => [element().textContent, element().dataset.state];

function page(deadline: string): void {
  document.body.innerHTML = `<span data-deadline="${deadline}" data-warn-seconds="30" data-text-warn="30 seconds" data-text-over="Time is up">5 minutes</span>`;
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  said = [];
  timers = new Timers((text) => said.push(text));
  page("2026-11-26T10:01:00Z");
});
afterEach(() => {
  timers.stop();
  vi.useRealTimers();
});

describe("a deadline", () => {
  it("is counted down to, second by second, and says in time what is coming", () => {
    timers.start();
    expect(shown()).toEqual(["1:00", ""]);
    vi.advanceTimersByTime(29_000);
    expect([...shown(), said]).toEqual(["0:31", "", []]);
    vi.advanceTimersByTime(1_000);
    expect([...shown(), said]).toEqual(["0:30", "warn", ["30 seconds"]]);
    vi.advanceTimersByTime(30_000);
    expect(shown()).toEqual(["0:00", "over"]);
    vi.advanceTimersByTime(65_000);
    expect([...shown(), said]).toEqual(["+1:05", "over", ["30 seconds", "Time is up"]]);
  });

  it("is no live region", () => {
    timers.start();
    expect(element().getAttribute("role")).toBe("timer");
    expect(element().hasAttribute("aria-live")).toBe(false);
  });

  it("that is none leaves the server's words", () => {
    page("soon");
    timers.start();
    expect(element().textContent).toBe("5 minutes");
  });
});

describe("a device with a wrong clock", () => {
  it("counts by the server's", () => {
    timers.measure("2026-11-26T10:00:40Z", NOW);
    timers.start();
    expect(shown()).toEqual(["0:20", "warn"]);
  });

  it("believes the measurement that the line held up least", () => {
    timers.measure("2026-11-26T10:00:10Z", NOW);
    timers.measure("2026-11-26T10:00:10Z", NOW + 3_000);
    timers.start();
    expect(shown()[0]).toBe("0:50");
  });

  it("begins anew when the clock is set", () => {
    timers.measure("2026-11-26T10:00:10Z", NOW);
    vi.setSystemTime(NOW + 3_600_000);
    timers.measure("2026-11-26T10:00:20Z", NOW + 3_600_000);
    timers.start();
    expect(shown()[0]).toBe("0:40");
  });

  it("does not mind a page that does not say the time", () => {
    timers.measure(undefined, NOW);
    timers.start();
    expect(shown()[0]).toBe("1:00");
  });
});

it.each([
  [0, "0:00"],
  [59, "0:59"],
  [600, "10:00"],
  [3_661, "1:01:01"],
  [-5, "+0:05"],
])("%d seconds read %s", (seconds, text) => expect(clock(seconds)).toBe(text));
