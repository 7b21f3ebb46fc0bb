// The running order on the agenda builder: every move is saved at once, can be undone, and is announced. Without this script each row
// has its buttons Up and Down, which are forms of their own.

interface Saved {
  version: number;
  /** Item → [instant, clock time]. */
  starts: Record<string, [string, string]>;
}

interface Refused {
  detail?: string;
  current?: { items: string[]; version: number };
}

type Direction = -1 | 1;

export class OrderEditor {
  private readonly undone: string[][] = [];
  /** The order that the server has, as far as this page knows. */
  private known: string[];
  private saving = false;
  private moved = "";
  private words = "moved";
  private readonly form = one<HTMLFormElement>("[data-order-save]");
  private readonly status = one("[data-order-status]");

  constructor(private readonly list: HTMLElement) {
    this.known = this.ids;
  }

  get ids(): string[] {
    return this.rows.map((row) => row.dataset.item ?? "");
  }

  private get rows(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>("[data-item]")];
  }

  start(): void {
    for (const hidden of document.querySelectorAll<HTMLElement>("[data-order-handle], [data-order-help]")) hidden.hidden = false;
    for (const handle of this.list.querySelectorAll("[data-order-handle]")) handle.setAttribute("aria-describedby", "order-help");
    this.list.addEventListener("submit", (event) => this.pressed(event));
    this.list.addEventListener("keydown", (event) => this.typed(event));
    one("[data-order-undo]").addEventListener("click", () => this.undo());
    one("[data-order-again]").addEventListener("click", () => void this.save());
    one("[data-order-force]").addEventListener("click", () => this.force());
    this.number();
  }

  /** After a drag: the row is where it was dropped; `before` is the order it was dragged out of. */
  dropped(item: string, before: string[]): void {
    if (before.join() !== this.ids.join()) this.changed(item, before, "moved");
  }

  private pressed(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    if (form.dataset.orderStep === undefined) return;
    event.preventDefault();
    event.stopPropagation(); // the page's own “sent once” must not take it for sent
    this.step(form.closest<HTMLElement>("[data-item]"), Number(form.dataset.orderStep) as Direction, event.submitter);
  }

  private typed(event: KeyboardEvent): void {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key] as Direction | undefined;
    if (!event.altKey || !by) return;
    event.preventDefault();
    this.step((event.target as Element).closest<HTMLElement>("[data-item]"), by, event.target as HTMLElement);
  }

  private step(row: HTMLElement | null, by: Direction, focused: HTMLElement | null): void {
    const rows = this.rows;
    const place = row ? rows.indexOf(row) : -1;
    const other = rows[place + by];
    if (!row || place < 0 || !other) return;
    const before = this.ids;
    if (by < 0) other.before(row);
    else other.after(row);
    this.changed(row.dataset.item ?? "", before, "moved");
    const usable = focused && !focused.hasAttribute("disabled") ? focused : row.querySelector<HTMLElement>("[data-order-handle]");
    usable?.focus();
    row.scrollIntoView({ block: "nearest" });
  }

  private undo(): void {
    const before = this.undone.pop();
    if (!before) return;
    this.arrange(before);
    this.changed("", null, "undone");
  }

  private arrange(ids: string[]): void {
    const rows = new Map(this.rows.map((row) => [row.dataset.item ?? "", row]));
    for (const id of ids) {
      const row = rows.get(id);
      if (row) this.list.append(row);
    }
  }

  private changed(item: string, before: string[] | null, words: string): void {
    if (before) this.undone.push(before);
    [this.moved, this.words] = [item, words];
    this.number();
    void this.save();
  }

  /** Places, and which buttons have somewhere to go. */
  private number(): void {
    const rows = this.rows;
    rows.forEach((row, n) => {
      const place = row.querySelector("[data-order-place]");
      if (place) place.textContent = `${n + 1}.`;
      for (const form of row.querySelectorAll<HTMLFormElement>("[data-order-step]")) {
        const target = n + Number(form.dataset.orderStep);
        form.querySelector("button")?.toggleAttribute("disabled", target < 0 || target >= rows.length);
      }
    });
    one("[data-order-undo]").hidden = this.undone.length === 0;
  }

  /** Saves what the page shows; what is moved meanwhile is saved after it. */
  private async save(): Promise<void> {
    if (this.saving) return;
    const ids = this.ids;
    if (ids.join() === this.known.join()) return this.say(this.words);
    this.saving = true;
    this.show("[data-order-again]", false);
    this.say("saving");
    let answer: Response;
    try {
      answer = await fetch(this.form.action, { method: "POST", body: this.request(ids), headers: { Accept: "application/json" } });
      if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
    } catch {
      this.say("failed");
      this.show("[data-order-again]", true);
      return;
    } finally {
      this.saving = false;
    }
    await this.answered(answer, ids);
  }

  private request(ids: string[]): FormData {
    const sent = new FormData(this.form);
    sent.set("script", "1");
    sent.set("items", ids.join());
    sent.set("moved", this.moved);
    sent.set("idempotency_key", globalThis.crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`);
    return sent;
  }

  private async answered(answer: Response, ids: string[]): Promise<void> {
    if (!answer.headers.get("Content-Type")?.includes("json")) return location.reload(); // signed out: the page says so
    if (!answer.ok) return this.refused((await answer.json()) as Refused);
    const { version, starts } = (await answer.json()) as Saved;
    this.known = ids;
    this.setVersion(version);
    this.show("[data-order-stale]", false);
    for (const row of this.rows) showStart(row, starts[row.dataset.item ?? ""]);
    if (this.ids.join() === ids.join()) this.say(this.words);
    else await this.save();
  }

  /** Somebody else has moved something (both orders are shown), or the agenda is no longer to be ordered. */
  private refused({ detail, current }: Refused): void {
    this.say("");
    const notice = one("[data-order-refused]");
    if (!current || [...current.items].sort().join() !== [...this.ids].sort().join()) {
      notice.querySelector("p")?.replaceChildren(detail ?? "");
      notice.hidden = false;
      return;
    }
    this.known = current.items;
    this.setVersion(current.version);
    this.fill("[data-order-mine]", this.ids);
    this.fill("[data-order-theirs]", current.items);
    this.show("[data-order-stale]", true);
    one("[data-order-stale]").focus();
  }

  private force(): void {
    this.show("[data-order-stale]", false);
    void this.save();
  }

  private fill(selector: string, ids: string[]): void {
    const titles = new Map(this.rows.map((row) => [row.dataset.item, row.dataset.title ?? ""]));
    one(selector).replaceChildren(...ids.map((id) => Object.assign(document.createElement("li"), { textContent: titles.get(id) ?? "" })));
  }

  private setVersion(version: number): void {
    for (const field of document.querySelectorAll<HTMLInputElement>("[data-order-save] [name=version], [data-order-step] [name=version]")) {
      field.value = String(version);
    }
  }

  private show(selector: string, shown: boolean): void {
    one(selector).hidden = !shown;
  }

  private say(what: string): void {
    const row = this.rows.find((one) => one.dataset.item === this.moved);
    const text = this.status.dataset[what] ?? "";
    this.status.textContent = text
      .replace("{title}", row?.dataset.title ?? "")
      .replace("{place}", String(row ? this.rows.indexOf(row) + 1 : ""))
      .replace("{count}", String(this.rows.length))
      .replace("{time}", row?.querySelector("[data-order-start]")?.textContent?.trim() ?? "");
  }
}

function showStart(row: HTMLElement, start: [string, string] | undefined): void {
  const time = row.querySelector("[data-order-start] time");
  if (!time || !start) return;
  time.setAttribute("datetime", start[0]);
  time.textContent = start[1];
}

function one<T extends HTMLElement = HTMLElement>(selector: string): T {
  const found = document.querySelector<T>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}
