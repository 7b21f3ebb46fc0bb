// The client of the push-only websocket /ws/v1/meetings/{id}/.
// It holds the last sequence it was given, asks for what it missed, and tells the difference between a line that dropped (try again)
// and an access that ended (stop).

export interface LiveEvent {
  type: string;
  sequence: number;
  previous: number;
  at: string;
  actor: unknown;
  object: unknown;
}

export type Unsequenced = { type: string } & Record<string, unknown>;
export type ConnectionState = "connecting" | "open" | "retrying" | "ended";

export interface LiveSocketOptions {
  /** Path or address of the socket, without a query. */
  url: string;
  /** Fetches a new ticket; every connection takes one. Throws AccessEnded when there will be none. */
  ticket: () => Promise<string>;
  /** The last sequence the page already shows; null asks for a snapshot. */
  after: number | null;
  /** What is being edited, such as "note:<id>": the staff see each other there. */
  at?: string;
  onEvent: (event: LiveEvent) => void;
  onSnapshot: (state: unknown, sequence: number) => void;
  /** presence and tally: coalesced, without a sequence. */
  onUnsequenced?: (message: Unsequenced) => void;
  onState?: (state: ConnectionState) => void;
  makeSocket?: (url: string) => WebSocket;
  random?: () => number;
}

/** Thrown by a ticket function: signed out, removed, or no such meeting. */
export class AccessEnded extends Error {}

export const CLOSE = { protocol: 4400, ticket: 4401, accessEnded: 4403, noSuchMeeting: 4404, restart: 1012, busy: 1013 } as const;
const FINAL: readonly number[] = [CLOSE.accessEnded, CLOSE.noSuchMeeting];
const LATER: readonly number[] = [CLOSE.restart, CLOSE.busy];
const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;
const HELLO_TIMEOUT = 15_000;
/** A connection that lasted this long starts the waiting times over. */
const STABLE_AFTER = 10_000;
/** Silence of this many heartbeats means the line is dead; only a server that sends some is expected to be heard. */
const SILENT_BEATS = 2.5;

export class LiveSocket {
  private socket: WebSocket | null = null;
  private last: number | null;
  private attempt = 0;
  private heartbeat = 0;
  private serverBeats = false;
  private stopped = false;
  private connecting = false;
  private beatTimer: ReturnType<typeof setInterval> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;
  private stableTimer: ReturnType<typeof setTimeout> | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: LiveSocketOptions) {
    this.last = options.after;
  }

  /** The last sequence received, null before the first snapshot. */
  get sequence(): number | null {
    return this.last;
  }

  start(): void {
    this.stopped = false;
    this.setState("connecting");
    void this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.drop();
  }

  /** Try at once, for instance when the browser is online again. Does nothing while connected. */
  retryNow(): void {
    if (this.stopped || this.socket || this.connecting) return;
    this.attempt = 0;
    void this.connect();
  }

  private async connect(): Promise<void> {
    clearTimeout(this.retryTimer);
    this.connecting = true;
    let ticket: string;
    try {
      ticket = await this.options.ticket();
    } catch (error) {
      this.connecting = false;
      if (error instanceof AccessEnded) this.end();
      else this.retry();
      return;
    }
    this.connecting = false;
    if (!this.stopped) this.open(ticket);
  }

  private open(ticket: string): void {
    const query = new URLSearchParams({ ticket });
    if (this.last !== null) query.set("after", String(this.last));
    if (this.options.at) query.set("at", this.options.at);
    const make = this.options.makeSocket ?? ((url: string) => new WebSocket(url));
    const socket = make(`${this.options.url}?${query}`);
    this.socket = socket;
    this.serverBeats = false;
    this.heartbeat = 0;
    this.expectWithin(HELLO_TIMEOUT);
    socket.onmessage = (message) => {
      if (socket === this.socket) this.receive(String(message.data));
    };
    socket.onclose = (closed) => {
      if (socket === this.socket) this.closed(closed.code, closed.reason);
    };
  }

  private receive(text: string): void {
    const message = parse(text);
    if (!message) return this.resync();
    if (message.type === "heartbeat") this.serverBeats = true;
    if (this.serverBeats && this.heartbeat) this.expectWithin(this.heartbeat * SILENT_BEATS);
    if (message.type === "hello") this.hello(Number(message.heartbeat) || 0);
    else if (message.type === "snapshot") this.snapshot(message);
    else if (typeof message.sequence === "number") this.event(message as unknown as LiveEvent);
    else if (message.type !== "heartbeat") this.options.onUnsequenced?.(message);
  }

  private hello(heartbeat: number): void {
    this.heartbeat = heartbeat * 1000;
    clearTimeout(this.silenceTimer);
    clearInterval(this.beatTimer);
    this.stableTimer = setTimeout(() => (this.attempt = 0), STABLE_AFTER);
    if (this.heartbeat) this.beatTimer = setInterval(() => this.socket?.send('{"type":"heartbeat"}'), this.heartbeat);
    this.setState("open");
  }

  private snapshot(message: Unsequenced): void {
    this.last = Number(message.sequence);
    this.attempt = 0;
    this.options.onSnapshot(message.state, this.last);
  }

  private event(event: LiveEvent): void {
    if (this.last === null || event.previous > this.last) return this.resync(); // a frame for us went missing
    if (event.sequence <= this.last) return; // seen already
    this.last = event.sequence;
    this.attempt = 0;
    this.options.onEvent(event);
  }

  private expectWithin(milliseconds: number): void {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => this.resync(), milliseconds);
  }

  private closed(code: number, reason: string): void {
    this.drop();
    if (FINAL.includes(code)) this.end();
    else this.retry(LATER.includes(code) ? retryAfter(reason) : null);
  }

  private resync(): void {
    this.drop();
    this.retry();
  }

  private drop(): void {
    clearInterval(this.beatTimer);
    clearTimeout(this.silenceTimer);
    clearTimeout(this.stableTimer);
    clearTimeout(this.retryTimer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private end(): void {
    this.stop();
    this.setState("ended");
  }

  private retry(seconds: number | null = null): void {
    if (this.stopped) return;
    this.setState("retrying");
    const random = (this.options.random ?? Math.random)();
    const ceiling = Math.min(FIRST_DELAY * 2 ** this.attempt, LONGEST_DELAY);
    this.attempt += 1;
    const delay = seconds === null ? ceiling * (0.5 + random / 2) : seconds * 1000;
    this.retryTimer = setTimeout(() => void this.connect(), delay);
  }

  private setState(state: ConnectionState): void {
    this.options.onState?.(state);
  }
}

function parse(text: string): Unsequenced | null {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === "object" && message !== null && "type" in message ? (message as Unsequenced) : null;
  } catch {
    return null;
  }
}

/** Seconds from the reason of a close that asks to come later: {"retry_after": 2.4} or the bare number; the server has jittered it. */
export function retryAfter(reason: string): number | null {
  const found = /(\d+(?:\.\d+)?)/.exec(reason);
  return found ? Math.min(Number(found[1]), LONGEST_DELAY / 1000) : null;
}
