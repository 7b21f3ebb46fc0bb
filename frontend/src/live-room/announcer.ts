// Says to who does not see the page change what has changed: politely what happens in the session, at once what calls upon the reader.

/** How many announcements stay in the page, so that a screen reader that is slow finds them. */
const KEPT = 3;

export class Announcer {
  private readonly said = new Map<string, string>();

  /** New text is added rather than changed: two that come together are both read, and the same words twice are read twice. */
  say(text: string, level: "polite" | "assertive" = "polite"): void {
    const element = document.querySelector(level === "assertive" ? "[data-live-alert]" : "[data-live-announce]");
    if (!element || !text) return;
    element.append(Object.assign(document.createElement("p"), { textContent: text }));
    while (element.children.length > KEPT) element.firstElementChild?.remove();
  }

  /** Shows what is for this reader alone and takes what the page says now as known: whoever opens it reads it. */
  learn(): void {
    this.notice(() => undefined);
  }

  /**
   * After a refresh: shows what is for this reader alone ([data-for-seat]), and says what [data-live-say="name"] and [data-live-notice] say
   * that they did not say before.
   */
  look(): void {
    this.notice((element, text) => this.say(text, element.dataset.liveLevel === "assertive" ? "assertive" : "polite"));
  }

  private notice(changed: (element: HTMLElement, text: string) => void): void {
    const names = new Set<string>();
    for (const element of document.querySelectorAll<HTMLElement>("[data-live-say], [data-live-notice]")) {
      const name = element.dataset.liveSay ?? `notice ${element.dataset.liveNotice || element.id}`;
      const text = (element.textContent ?? "").replace(/\s+/g, " ").trim();
      if (isForOthers(element)) continue;
      names.add(name);
      if (text && this.said.get(name) !== text) changed(element, text);
      this.said.set(name, text);
    }
    for (const name of this.said.keys()) if (!names.has(name)) this.said.delete(name);
  }
}

/** What concerns one seat is in everybody's page, hidden; it is shown to who represents the seat. */
function isForOthers(element: HTMLElement): boolean {
  const seat = element.dataset.forSeat;
  if (seat === undefined) return false;
  const own = document.querySelector<HTMLElement>("[data-own-seats]")?.dataset.ownSeats ?? "";
  element.hidden = !own.split(" ").includes(seat);
  return element.hidden;
}
