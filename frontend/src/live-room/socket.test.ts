import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AccessEnded, CLOSE, LiveSocket, retryAfter, type LiveSocketOptions } from "./socket";

class FakeSocket {
  static all: FakeSocket[] = [];
  sent: string[] = [];
  isClosed = false;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((closed: { code: number; reason: string }) => void) | null = null;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.isClosed = true;
  }
  push(message: object | string): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }
  fail(code: number, reason = ""): void {
    this.onclose?.({ code, reason });
  }
  get query(): Record<string, string> {
    return Object.fromEntries(new URLSearchParams(this.url.split("?")[1]));
  }
}

const newest = (): FakeSocket => FakeSocket.all.at(-1)!;
const event = (sequence: number, previous: number) => ({ type: "note.saved", sequence, previous, at: "", actor: null, object: { id: sequence } });
const hello = (sequence = 0, heartbeat = 20) => ({ type: "hello", sequence, heartbeat });

let tickets: number;
let log: string[];

async function open(changes: Partial<LiveSocketOptions> = {}): Promise<LiveSocket> {
  const live = new LiveSocket({
    url: "/ws/v1/meetings/m/",
    ticket: () => Promise.resolve(`t${++tickets}`),
    after: 5,
    onEvent: (received) => log.push(`event ${received.sequence}`),
    onSnapshot: (_state, sequence) => log.push(`snapshot ${sequence}`),
    onUnsequenced: (message) => log.push(message.type),
    onState: (state) => log.push(state),
    makeSocket: (url) => new FakeSocket(url) as unknown as WebSocket,
    random: () => 1,
    ...changes,
  });
  live.start();
  await vi.advanceTimersByTimeAsync(0);
  return live;
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  tickets = 0;
  log = [];
});
afterEach(() => {
  vi.useRealTimers();
});

describe("connecting", () => {
  it("sends the ticket and the last sequence", async () => {
    await open();
    expect(newest().query).toEqual({ ticket: "t1", after: "5" });
  });

  it("asks for a snapshot when it knows nothing", async () => {
    const live = await open({ after: null });
    expect(newest().query).toEqual({ ticket: "t1" });
    newest().push(hello(9));
    newest().push({ type: "snapshot", sequence: 9, state: {} });
    expect(log).toEqual(["connecting", "open", "snapshot 9"]);
    expect(live.sequence).toBe(9);
  });

  it("gives up on a server that never says hello", async () => {
    await open();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(newest().isClosed).toBe(true);
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("takes a new ticket for every connection", async () => {
    await open();
    newest().fail(1006);
    await vi.advanceTimersByTimeAsync(500);
    expect(newest().query.ticket).toBe("t2");
  });

  it("tries again when the ticket cannot be fetched", async () => {
    const ticket = vi.fn().mockRejectedValueOnce(new TypeError("offline")).mockResolvedValue("t");
    await open({ ticket });
    expect(log).toEqual(["connecting", "retrying"]);
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("stops when there is no ticket to be had", async () => {
    const ticket = vi.fn().mockRejectedValue(new AccessEnded());
    await open({ ticket });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(log).toEqual(["connecting", "ended"]);
    expect(ticket).toHaveBeenCalledTimes(1);
  });

  it("opens nothing when it was stopped while the ticket was on its way", async () => {
    let give: (ticket: string) => void = () => undefined;
    const live = await open({ ticket: () => new Promise((resolve) => (give = resolve)) });
    live.stop();
    give("late");
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.all).toHaveLength(0);
  });
});

describe("events", () => {
  it("passes them on in order and remembers the last", async () => {
    const live = await open();
    newest().push(hello(7));
    newest().push(event(6, 5));
    newest().push(event(9, 6));
    expect(log.slice(2)).toEqual(["event 6", "event 9"]);
    expect(live.sequence).toBe(9);
  });

  it("ignores what it has seen", async () => {
    await open();
    newest().push(hello());
    newest().push(event(6, 5));
    newest().push(event(6, 5));
    newest().push(event(4, 3));
    expect(log.slice(2)).toEqual(["event 6"]);
  });

  it("accepts a predecessor from before what the page shows", async () => {
    await open({ after: 12 }); // the page counted an event that this audience may not see
    newest().push(hello(10));
    newest().push(event(13, 10));
    expect(log.slice(2)).toEqual(["event 13"]);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("reconnects from its last sequence when a frame is missing", async () => {
    await open();
    const first = newest();
    first.push(hello(9));
    first.push(event(6, 5));
    first.push(event(9, 8));
    expect(first.isClosed).toBe(true);
    await vi.advanceTimersByTimeAsync(500);
    expect(newest().query).toEqual({ ticket: "t2", after: "6" });
    newest().push(hello(9));
    newest().push(event(8, 6));
    newest().push(event(9, 8));
    expect(log.filter((line) => line.startsWith("event"))).toEqual(["event 6", "event 8", "event 9"]);
  });

  it("hears nothing more from a socket it has left", async () => {
    await open();
    const first = newest();
    first.push(hello());
    first.push(event(9, 8));
    first.push(event(6, 5));
    first.fail(CLOSE.accessEnded);
    expect(log.filter((line) => line !== "retrying")).toEqual(["connecting", "open"]);
  });

  it("goes on from a snapshot", async () => {
    await open();
    newest().push(hello(40));
    newest().push({ type: "snapshot", sequence: 40, state: { current_item: null } });
    newest().push(event(41, 40));
    expect(log.slice(2)).toEqual(["snapshot 40", "event 41"]);
  });

  it("passes presence and tallies on without touching the sequence", async () => {
    const live = await open();
    newest().push(hello());
    newest().push({ type: "presence", joined: [], left: [], count: 3 });
    newest().push({ type: "tally", poll: "p" });
    expect(log.slice(2)).toEqual(["presence", "tally"]);
    expect(live.sequence).toBe(5);
  });

  it.each(["not json", "null", "[]", "{}"])("reconnects after the unreadable frame %s", async (frame) => {
    await open();
    newest().push(hello());
    newest().push(frame);
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.all).toHaveLength(2);
  });
});

describe("closing", () => {
  it.each([CLOSE.accessEnded, CLOSE.noSuchMeeting])("ends for good on %d", async (code) => {
    await open();
    newest().push(hello());
    newest().fail(code);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(log).toEqual(["connecting", "open", "ended"]);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it.each([CLOSE.ticket, CLOSE.protocol, 1006, 1001])("tries again on %d", async (code) => {
    await open();
    newest().fail(code);
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("waits as long as a restarting server says", async () => {
    await open();
    newest().fail(CLOSE.restart, '{"retry_after": 3.5}');
    await vi.advanceTimersByTimeAsync(3_499);
    expect(FakeSocket.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("waits longer each time, up to half a minute, and starts over once it hears an event", async () => {
    await open();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      const before = FakeSocket.all.length;
      newest().fail(1006);
      let waited = 0;
      while (FakeSocket.all.length === before) {
        await vi.advanceTimersByTimeAsync(500);
        waited += 500;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
    newest().push(hello());
    newest().push(event(6, 5));
    newest().fail(1006);
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.all).toHaveLength(10);
  });

  it("starts over after a connection that lasted", async () => {
    await open();
    newest().fail(1006);
    await vi.advanceTimersByTimeAsync(500);
    newest().fail(1006);
    await vi.advanceTimersByTimeAsync(1000);
    newest().push(hello());
    await vi.advanceTimersByTimeAsync(10_000);
    newest().fail(1006);
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.all).toHaveLength(4);
  });

  it("spreads its tries over half of the wait", async () => {
    await open({ random: () => 0 });
    newest().fail(1006);
    await vi.advanceTimersByTimeAsync(249);
    expect(FakeSocket.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("tries at once when told that the line is back", async () => {
    const live = await open();
    newest().fail(1006);
    live.retryNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.all).toHaveLength(2);
    live.retryNow();
    await vi.advanceTimersByTimeAsync(60_000 - 45_001);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("stays closed once stopped", async () => {
    const live = await open();
    newest().push(hello());
    live.stop();
    live.retryNow();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(newest().isClosed).toBe(true);
    expect(FakeSocket.all).toHaveLength(1);
  });
});

describe("heartbeat", () => {
  it("is sent as often as the server asks", async () => {
    await open();
    newest().push(hello(5, 20));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(newest().sent).toEqual(Array(3).fill('{"type":"heartbeat"}'));
  });

  it("leaves a server that beat and then fell silent", async () => {
    await open();
    newest().push(hello(5, 20));
    newest().push({ type: "heartbeat" });
    expect(log).toEqual(["connecting", "open"]);
    await vi.advanceTimersByTimeAsync(50_000);
    expect(newest().isClosed).toBe(true);
  });

  it("waits for a server that never beats", async () => {
    await open();
    newest().push(hello(5, 20));
    newest().push(event(6, 5));
    await vi.advanceTimersByTimeAsync(600_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("ends with its connection", async () => {
    await open();
    const first = newest();
    first.push(hello(5, 20));
    first.fail(1006);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(first.sent).toEqual([]);
  });
});

it.each([
  ['{"retry_after": 2.5}', 2.5],
  ["retry_after=4", 4],
  ["7", 7],
  ["999", 30],
  ["", null],
  ["restart", null],
])("reads the wait %j as %j", (reason, seconds) => {
  expect(retryAfter(reason)).toBe(seconds);
});
