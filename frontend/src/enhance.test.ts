// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { confirmSubmit, copyLink, readyAgain, sendOnce } from "./enhance";

function submit(): SubmitEvent {
  const form = document.querySelector("form")!;
  const event = new Event("submit", { cancelable: true }) as SubmitEvent;
  Object.defineProperties(event, { target: { value: form }, submitter: { value: form.querySelector("button") } });
  return event;
}

beforeEach(() => {
  document.body.innerHTML = '<form method="post"><button data-confirm="Cancel the meeting?">Cancel</button></form>';
});

describe("confirming", () => {
  it.each([true, false])("sends only when the answer is yes: %s", (answer) => {
    const event = submit();
    confirmSubmit(event, () => answer);
    expect(event.defaultPrevented).toBe(!answer);
  });

  it("says so once to what asks without script too", () => {
    confirmSubmit(submit(), () => false);
    expect(document.querySelector("[name=sure]")).toBeNull();
    confirmSubmit(submit(), () => true);
    confirmSubmit(submit(), () => true);
    expect([...document.querySelectorAll<HTMLInputElement>("[name=sure]")].map((field) => field.value)).toEqual(["on"]);
  });

  it("asks in the words of the button", () => {
    const asked: string[] = [];
    confirmSubmit(submit(), (text) => asked.push(text) > 0);
    expect(asked).toEqual(["Cancel the meeting?"]);
  });
});

describe("sending", () => {
  it("happens once", () => {
    const [first, second] = [submit(), submit()];
    sendOnce(first);
    sendOnce(second);
    expect([first.defaultPrevented, second.defaultPrevented]).toEqual([false, true]);
  });

  it("is possible again after coming back to the page", () => {
    sendOnce(submit());
    readyAgain();
    const event = submit();
    sendOnce(event);
    expect(event.defaultPrevented).toBe(false);
  });

  it("is still possible after saying no to the question", () => {
    const refused = submit();
    confirmSubmit(refused, () => false);
    sendOnce(refused);
    const event = submit();
    sendOnce(event);
    expect(event.defaultPrevented).toBe(false);
  });
});

describe("a button that takes a while", () => {
  it("says so until one comes back to the page", async () => {
    document.querySelector("button")!.dataset.busy = "Importing…";
    sendOnce(submit());
    expect(document.querySelector("button")!.textContent).toBe("Importing…");
    await vi.waitFor(() => expect(document.querySelector("[role=status]")!.textContent).toBe("Importing…"));
    readyAgain();
    expect(document.querySelector("button")!.textContent).toBe("Cancel");
  });
});

describe("a link to copy", () => {
  const click = (more: MouseEventInit = {}) => {
    document.body.innerHTML = '<a href="https://example.org/go/item/1/" data-copy-link data-copied="Copied"><span aria-live="polite">Copy</span></a>';
    const event = new MouseEvent("click", { bubbles: true, cancelable: true, ...more });
    Object.defineProperty(event, "target", { value: document.querySelector("span") });
    return event;
  };

  it("is copied, and says so", async () => {
    const written: string[] = [];
    const event = click();
    await copyLink(event, { writeText: (text) => Promise.resolve(void written.push(text)) });
    expect(written).toEqual(["https://example.org/go/item/1/"]);
    expect([event.defaultPrevented, document.querySelector("span")!.textContent]).toEqual([true, "Copied"]);
  });

  it.each([[{ ctrlKey: true }], [{}]])("is a plain link in a new tab, and where nothing can be copied: %o", async (more: MouseEventInit) => {
    const event = click(more);
    await copyLink(event, more.ctrlKey ? { writeText: () => Promise.resolve() } : (null as unknown as undefined));
    expect(event.defaultPrevented).toBe(false);
  });
});
