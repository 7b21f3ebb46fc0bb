// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { confirmSubmit, readyAgain, sendOnce } from "./enhance";

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
