// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LivePage, swapRegions } from "./live-refresh";

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

const PAGE = (item: string) => `
  <input type="hidden" name="csrfmiddlewaretoken" value="token">
  <div id="live" data-live-url="/ws/v1/meetings/m/" data-live-ticket-url="/ticket/" data-live-after="5">
    <p data-live-state data-text-open="Connected" data-text-retrying="Reconnecting" data-text-ended="Ended"></p>
    <p data-live-announce aria-live="polite"></p>
    <span data-live-count>1</span>
    <section id="current" data-live-region>${item}</section>
    <aside id="fixed">${item}</aside>
  </div>
  <script type="application/json" id="live-texts">{"current_item.changed": "The next item is being discussed"}</script>`;

let answers: Record<string, () => Partial<Response>>;
let asked: string[];
const text = (selector: string) => document.querySelector(selector)?.textContent;
const event = (sequence: number, type = "current_item.changed") => ({ type, sequence, previous: sequence - 1, at: "", actor: null, object: {} });

async function open(): Promise<LivePage> {
  const page = new LivePage(document.getElementById("live")!, { makeSocket: (url) => new FakeSocket(url) as unknown as WebSocket });
  page.start();
  await vi.advanceTimersByTimeAsync(0);
  FakeSocket.last?.push({ type: "hello", sequence: 5, heartbeat: 20 });
  return page;
}

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = PAGE("Item 1");
  asked = [];
  answers = {
    "/ticket/": () => ({ ok: true, status: 200, json: () => Promise.resolve({ ticket: "abc" }) }),
    page: () => ({ ok: true, status: 200, text: () => Promise.resolve(PAGE("Item 2")) }),
  };
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    const key = url === "/ticket/" ? url : "page";
    asked.push(`${init.method ?? "GET"} ${key} ${JSON.stringify(init.headers)}`);
    return Promise.resolve(answers[key]!());
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a live page", () => {
  it("takes its ticket with the page's CSRF token and goes on from what it shows", async () => {
    await open();
    expect(asked).toEqual(['POST /ticket/ {"X-CSRFToken":"token","Accept":"application/json"}']);
    expect(FakeSocket.last.url).toBe("/ws/v1/meetings/m/?ticket=abc&after=5");
    expect(text("[data-live-state]")).toBe("Connected");
  });

  it("brings its regions up to date on an event and says what happened", async () => {
    await open();
    FakeSocket.last.push(event(6));
    await vi.advanceTimersByTimeAsync(600);
    expect([text("#current"), text("#fixed")]).toEqual(["Item 2", "Item 1"]);
    expect(text("[data-live-announce]")).toBe("The next item is being discussed");
  });

  it("fetches once for events that come together", async () => {
    await open();
    for (const sequence of [6, 7, 8]) FakeSocket.last.push(event(sequence, "vote.cast"));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked.filter((line) => line.startsWith("GET"))).toHaveLength(1);
  });

  it("takes the longer, the more pages there are to ask", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.9);
    document.querySelector<HTMLElement>("#current")!.dataset.liveSpread = "4000";
    await open();
    FakeSocket.last.push(event(6));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(text("#current")).toBe("Item 1");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(text("#current")).toBe("Item 2");
    vi.restoreAllMocks();
  });

  it("fetches again for an event that came while it was fetching", async () => {
    let answer: (value: string) => void = () => undefined;
    answers.page = () => ({ ok: true, status: 200, text: () => new Promise<string>((resolve) => (answer = resolve)) });
    await open();
    FakeSocket.last.push(event(6));
    await vi.advanceTimersByTimeAsync(600);
    FakeSocket.last.push(event(7));
    await vi.advanceTimersByTimeAsync(600);
    answer(PAGE("Item 2"));
    await vi.advanceTimersByTimeAsync(600);
    expect(asked.filter((line) => line.startsWith("GET"))).toHaveLength(2);
  });

  it("tries again when the fetch fails", async () => {
    let failures = 2;
    const good = answers.page!;
    answers.page = () => (failures-- > 0 ? { ok: false, status: 502 } : good());
    await open();
    FakeSocket.last.push(event(6));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(text("#current")).toBe("Item 2");
  });

  it("shows who is there without fetching", async () => {
    await open();
    FakeSocket.last.push({ type: "presence", joined: [], left: [], count: 42 });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(text("[data-live-count]")).toBe("42");
    expect(asked).toHaveLength(1);
  });

  it("polls while the socket is away", async () => {
    await open();
    FakeSocket.last.onclose?.({ code: 1006, reason: "" });
    answers["/ticket/"] = () => ({ ok: false, status: 503 });
    expect(text("[data-live-state]")).toBe("Reconnecting");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(text("#current")).toBe("Item 2");
  });

  it.each([401, 403, 404])("ends when the ticket is refused with %d", async (status) => {
    answers["/ticket/"] = () => ({ ok: false, status });
    await open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(text("[data-live-state]")).toBe("Ended");
    expect(asked).toHaveLength(1);
  });
});

describe("the focus", () => {
  const REGION = (inner: string) => PAGE("").replace("data-live-region></section>", `data-live-region>${inner}</section>`);
  const page = (html: string) => new DOMParser().parseFromString(html, "text/html");
  const button = (id: string) => `<form id="${id}"><button>${id}</button></form>`;

  it("stays on the button that others are moved around, whatever comes and goes", () => {
    document.body.innerHTML = REGION(`<h2>List</h2>${button("a")}${button("b")}`);
    document.querySelector<HTMLElement>("#b button")!.focus();
    swapRegions(page(REGION(`<h2>List</h2>${button("c")}${button("b")}${button("a")}`)));
    expect(document.activeElement?.textContent).toBe("b");
  });

  it("goes to the heading of the region when its button is gone", () => {
    document.body.innerHTML = REGION(`<h2>List</h2>${button("a")}${button("b")}`);
    document.querySelector<HTMLElement>("#b button")!.focus();
    swapRegions(page(REGION(`<h2>List</h2>${button("a")}`)));
    expect(document.activeElement?.textContent).toBe("List");
  });

  it("elsewhere is left alone", () => {
    document.body.innerHTML = `<button id="out">x</button>${REGION(button("a"))}`;
    document.querySelector<HTMLElement>("#out")!.focus();
    swapRegions(page(REGION("")));
    expect(document.activeElement?.id).toBe("out");
  });
});
