// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { OrderEditor } from "./agenda-sort";

interface Sent {
  items: string;
  version: string;
  moved: string;
}

let sent: Sent[];
let answers: (() => Response | Promise<Response>)[];
let version: number;
let editor: OrderEditor;

const TITLES: Record<string, string> = { a: "Buses", b: "Snow", c: "Waste" };

function row(id: string): string {
  return `<li data-item="${id}" data-title="${TITLES[id]}"><span data-order-place></span><button data-order-handle hidden></button>
    <form data-order-step="-1"><input name="version" value="4"><button>Up</button></form>
    <form data-order-step="1"><input name="version" value="4"><button>Down</button></form>
    <span data-order-start><time datetime="">10:00</time></span></li>`;
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });

function saved(items: string): Response {
  const starts = Object.fromEntries(items.split(",").map((id, n) => [id, [`2026-11-26T10:${n}0+01:00`, `10:${n}0`]]));
  return json({ version: ++version, starts });
}

const list = () => document.querySelector<HTMLElement>("[data-order]")!;
const item = (id: string) => document.querySelector<HTMLElement>(`[data-item=${id}]`)!;
const status = () => document.querySelector("[data-order-status]")!.textContent;
const shown = (selector: string) => !document.querySelector<HTMLElement>(selector)!.hidden;
const settle = () => vi.waitFor(() => expect(status()).not.toBe("Saving"));

function alt(key: string, id: string): boolean {
  const event = new KeyboardEvent("keydown", { key, altKey: true, bubbles: true, cancelable: true });
  return !item(id).querySelector("[data-order-handle]")!.dispatchEvent(event);
}

function press(id: string, by: -1 | 1): boolean {
  const form = item(id).querySelector<HTMLFormElement>(`[data-order-step="${by}"]`)!;
  const event = new Event("submit", { bubbles: true, cancelable: true });
  Object.defineProperty(event, "submitter", { value: form.querySelector("button") });
  return !form.dispatchEvent(event);
}

const click = (selector: string) => document.querySelector<HTMLElement>(selector)!.click();

beforeEach(() => {
  [sent, answers, version] = [[], [], 4];
  document.body.innerHTML = `<p data-order-help hidden></p><form data-order-save action="/order/"><input name="version" value="4"></form>
    <span data-order-status data-saving="Saving" data-moved="{title} is {place} of {count} at {time}" data-undone="Back" data-failed="Lost"></span>
    <button data-order-undo hidden></button><button data-order-again hidden></button>
    <section data-order-stale tabindex="-1" hidden><ol data-order-mine></ol><ol data-order-theirs></ol><button data-order-force></button></section>
    <div data-order-refused hidden><p></p></div><ol data-order>${["a", "b", "c"].map(row).join("")}</ol>`;
  vi.stubGlobal("fetch", (_url: string, request: { body: FormData }) => {
    sent.push(Object.fromEntries(request.body.entries()) as unknown as Sent);
    const next = answers.shift() ?? (() => saved(sent.at(-1)!.items));
    return Promise.resolve().then(next);
  });
  editor = new OrderEditor(list());
  editor.start();
});

describe("moving", () => {
  it("by Alt and an arrow saves the whole order at once and says where the item is now", async () => {
    expect(alt("ArrowDown", "a")).toBe(true);
    await settle();
    expect(editor.ids).toEqual(["b", "a", "c"]);
    expect(sent.map(({ items, version, moved }) => [items, version, moved])).toEqual([["b,a,c", "4", "a"]]);
    expect(status()).toBe("Buses is 2 of 3 at 10:10");
    expect([...document.querySelectorAll("[data-order-place]")].map((one) => one.textContent)).toEqual(["1.", "2.", "3."]);
    expect(document.activeElement).toBe(item("a").querySelector("[data-order-handle]"));
  });

  it("by the buttons does the same without leaving the page, and the ends have no way on", async () => {
    expect(press("c", -1)).toBe(true);
    await settle();
    expect(sent[0]!.items).toBe("a,c,b");
    const disabled = [...document.querySelectorAll("[data-order-step] button")].map((one) => one.hasAttribute("disabled"));
    expect(disabled).toEqual([true, false, false, false, false, true]);
  });

  it("keeps the focus on the row when its button has nowhere to go any more", async () => {
    item("b").querySelector<HTMLElement>('[data-order-step="-1"] button')!.focus();
    press("b", -1);
    await settle();
    expect(document.activeElement).toBe(item("b").querySelector("[data-order-handle]"));
  });

  it("does nothing at the ends, nor without Alt", () => {
    alt("ArrowUp", "a");
    item("a").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
    expect(sent).toEqual([]);
  });

  it("by dragging saves what was dropped, and nothing when it was dropped where it was", async () => {
    const before = editor.ids;
    editor.dropped("a", before);
    list().append(item("a"));
    editor.dropped("a", before);
    await settle();
    expect(sent.map(({ items }) => items)).toEqual(["b,c,a"]);
  });

  it("once more while it is being saved is saved afterwards, from the new version", async () => {
    alt("ArrowDown", "a");
    alt("ArrowDown", "a");
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    await settle();
    expect(sent.map(({ items, version }) => [items, version])).toEqual([
      ["b,a,c", "4"],
      ["b,c,a", "5"],
    ]);
  });
});

describe("undoing", () => {
  it("puts back the order before, step by step, and saves it", async () => {
    expect(shown("[data-order-undo]")).toBe(false);
    alt("ArrowDown", "a");
    await settle();
    alt("ArrowDown", "a");
    await settle();
    click("[data-order-undo]");
    await settle();
    click("[data-order-undo]");
    await settle();
    expect(sent.map(({ items }) => items)).toEqual(["b,a,c", "b,c,a", "b,a,c", "a,b,c"]);
    expect(status()).toBe("Back");
    expect(shown("[data-order-undo]")).toBe(false);
  });
});

describe("when it cannot be saved", () => {
  it("a lost line is said, and the button tries again", async () => {
    answers = [() => Promise.reject(new Error("offline"))];
    alt("ArrowDown", "a");
    await vi.waitFor(() => expect(status()).toBe("Lost"));
    expect(editor.ids).toEqual(["b", "a", "c"]);
    click("[data-order-again]");
    await settle();
    expect(sent.map(({ items }) => items)).toEqual(["b,a,c", "b,a,c"]);
    expect(shown("[data-order-again]")).toBe(false);
  });

  it("somebody else's move shows both orders; mine is saved over it only when asked", async () => {
    answers = [() => json({ code: "stale", detail: "Changed", current: { items: ["c", "a", "b"], version: 9 } }, 412)];
    alt("ArrowDown", "a");
    await vi.waitFor(() => expect(shown("[data-order-stale]")).toBe(true));
    const names = (selector: string) => [...document.querySelectorAll(`${selector} li`)].map((one) => one.textContent);
    expect(names("[data-order-mine]")).toEqual(["Snow", "Buses", "Waste"]);
    expect(names("[data-order-theirs]")).toEqual(["Waste", "Buses", "Snow"]);
    expect(sent).toHaveLength(1);
    click("[data-order-force]");
    await settle();
    expect(sent[1]).toMatchObject({ items: "b,a,c", version: "9" });
    expect(shown("[data-order-stale]")).toBe(false);
  });

  it.each([
    ["other items", { detail: "Changed", current: { items: ["a", "b", "x"], version: 9 } }, 412],
    ["an agenda that is published", { detail: "Changed" }, 409],
  ])("%s can only be loaded again", async (_what, body, code) => {
    answers = [() => json(body, code)];
    alt("ArrowDown", "a");
    await vi.waitFor(() => expect(shown("[data-order-refused]")).toBe(true));
    expect(document.querySelector("[data-order-refused] p")!.textContent).toBe("Changed");
    expect(shown("[data-order-stale]")).toBe(false);
  });
});
