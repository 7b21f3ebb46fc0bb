// Counts down to deadlines that the server names: <span data-deadline="2026-11-26T10:05:00Z" data-warn-seconds="30">5:00</span>.
// The device's clock is only asked how much time has passed, never what time it is.

/** Milliseconds. A new measurement that differs by more means that somebody set the device's clock. */
const CLOCK_WAS_SET = 5_000;

export class Timers {
  private ahead: number | null = null;
  private readonly said = new Set<string>();
  private interval: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly announce: (text: string) => void = () => undefined) {}

  start(): void {
    this.tick();
    this.interval = setInterval(() => this.tick(), 1000);
  }

  stop(): void {
    clearInterval(this.interval);
  }

  /** The server's clock said `now` in a page whose first byte arrived at `arrived`. What the line took makes it look too early, never too late. */
  measure(now: string | undefined, arrived: number): void {
    const ahead = Date.parse(now ?? "") - arrived;
    if (Number.isNaN(ahead)) return;
    const wasSet = this.ahead !== null && Math.abs(ahead - this.ahead) > CLOCK_WAS_SET;
    this.ahead = this.ahead === null || wasSet ? ahead : Math.max(this.ahead, ahead);
  }

  tick(): void {
    const now = Date.now() + (this.ahead ?? 0);
    for (const element of document.querySelectorAll<HTMLElement>("[data-deadline]")) this.show(element, now);
  }

  private show(element: HTMLElement, now: number): void {
    const deadline = Date.parse(element.dataset.deadline ?? "");
    if (Number.isNaN(deadline)) return;
    const left = Math.ceil((deadline - now) / 1000);
    const state = left <= 0 ? "over" : left <= Number(element.dataset.warnSeconds ?? 0) ? "warn" : "";
    if (element.textContent !== clock(left)) element.textContent = clock(left);
    if (element.dataset.state !== state) element.dataset.state = state;
    if (!element.hasAttribute("role")) element.setAttribute("role", "timer"); // which is not read out at each second
    this.speak(element, state);
  }

  /** Once for each deadline: data-text-warn, data-text-over. */
  private speak(element: HTMLElement, state: string): void {
    const text = state === "warn" ? element.dataset.textWarn : state === "over" ? element.dataset.textOver : undefined;
    const what = `${element.dataset.deadline} ${state}`;
    if (!text || this.said.has(what)) return;
    this.said.add(what);
    this.announce(text);
  }
}

/** Seconds as 4:05, 1:02:03, and +0:10 once the time is up. */
export function clock(seconds: number): string {
  const whole = Math.abs(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, "0");
  const text = hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
  return seconds < 0 ? `+${text}` : text;
}
