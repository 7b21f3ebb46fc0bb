// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { hasUnsavedInput, morphChildren } from "./morph";

function element(html: string): HTMLElement {
  const made = document.createElement("div");
  made.innerHTML = html;
  return made;
}

function morph(from: string, to: string, work: (root: HTMLElement) => void = () => undefined): HTMLElement {
  const root = element(from);
  document.body.replaceChildren(root);
  work(root);
  morphChildren(root, element(to));
  return root;
}

const field = (root: Element, name: string) => root.querySelector<HTMLInputElement>(`[name=${name}]`)!;

beforeEach(() => document.body.replaceChildren());

describe("what the server says", () => {
  it.each([
    ["", "<p>new</p>"],
    ["<p>old</p>", ""],
    ["<p>old</p>", "<p>new</p>"],
    ["<p class='a' title='x'>old</p>", "<p class='b'>old</p>"],
    ["<p>a</p><ul><li>1</li></ul>", "<ul><li>1</li><li>2</li></ul><p>a</p>"],
    ["text", "<b>other</b> text"],
    ["<ol><li id='a'>a</li><li id='b'>b</li><li id='c'>c</li></ol>", "<ol><li id='c'>c</li><li id='a'>A</li><li id='d'>d</li></ol>"],
    ["<li>plain</li><li id='a'>a</li>", "<li id='a'>a</li><li>plain</li>"],
  ])("%s becomes %s", (from, to) => {
    expect(morph(from, to).innerHTML).toBe(element(to).innerHTML);
  });

  it("keeps an element with an id when it moves", () => {
    let kept: Element | null = null;
    const root = morph("<p id='a'>1</p><p id='b'>2</p>", "<p id='b'>2</p><p id='a'>1!</p>", (root) => {
      kept = root.querySelector("#b");
    });
    expect(root.firstChild).toBe(kept);
  });

  it("updates a form that nobody has touched, its hidden version too", () => {
    const root = morph(
      "<form><input type='hidden' name='version' value='1'><input name='title' value='old'></form>",
      "<form><input type='hidden' name='version' value='2'><input name='title' value='new'></form>",
    );
    expect([field(root, "version").value, field(root, "title").value]).toEqual(["2", "new"]);
  });
});

describe("what the person is doing", () => {
  const form = "<form id='f'><input type='hidden' name='version' value='1'><input name='title' value='old'><p>help</p></form>";
  const newer = "<form id='f'><input type='hidden' name='version' value='2'><input name='title' value='theirs'><p>new help</p></form>";

  it("leaves a form with unsaved input alone, version and all", () => {
    const root = morph(form, newer, (root) => (field(root, "title").value = "mine"));
    expect([field(root, "version").value, field(root, "title").value]).toEqual(["1", "mine"]);
  });

  it("leaves the form with the focus alone", () => {
    const root = morph(form, newer, (root) => field(root, "title").focus());
    expect(document.activeElement).toBe(field(root, "title"));
    expect(field(root, "version").value).toBe("1");
  });

  it("keeps the focus on a link that others move around", () => {
    const root = morph("<a id='a' href='#'>a</a><a id='b' href='#'>b</a>", "<a id='b' href='#'>b</a><a id='a' href='#'>a</a>", (root) =>
      root.querySelector<HTMLElement>("#b")!.focus(),
    );
    expect(document.activeElement?.id).toBe("b");
    expect(root.innerHTML).toBe('<a id="b" href="#">b</a><a id="a" href="#">a</a>');
  });

  it("does not throw away what was typed when its form is gone", () => {
    const root = morph(form, "<p>closed</p>", (root) => (field(root, "title").value = "mine"));
    expect(field(root, "title").value).toBe("mine");
    expect(root.querySelector("p")?.textContent).toBe("closed");
  });

  it("keeps the focus on a button after something that is gone", () => {
    const root = morph("<h2>1</h2> <details id='d'>text</details> <form><button>next</button></form>", "<h2>2</h2> <form><button>next</button></form>", (root) =>
      root.querySelector("button")!.focus(),
    );
    expect(document.activeElement?.textContent).toBe("next");
    expect(root.innerHTML.replace(/ /g, "")).toBe("<h2>2</h2><form><button>next</button></form>");
  });

  it("leaves open what was opened", () => {
    const root = morph("<details><summary>s</summary>old</details>", "<details><summary>s</summary>new</details>", (root) => {
      root.querySelector("details")!.setAttribute("open", "");
    });
    expect(root.querySelector("details")!.hasAttribute("open")).toBe(true);
    expect(root.textContent).toBe("snew");
  });

  it("leaves alone what is marked so", () => {
    expect(morph("<div data-live-keep>video</div>", "<div data-live-keep></div>").textContent).toBe("video");
  });
});

describe("unsaved input", () => {
  const select = "<select><option>a</option><option>b</option></select>";
  it.each([
    ["<input value='a'>", false],
    ["<textarea>a</textarea>", false],
    [select, false],
    ["<select><option>a</option><option selected>b</option></select>", false],
    ["<input type='checkbox' checked>", false],
    ["<input type='hidden' value='a'>", false],
  ])("%s as rendered is saved", (html, unsaved) => {
    expect(hasUnsavedInput(element(html))).toBe(unsaved);
  });

  it.each<[string, (root: HTMLElement) => void]>([
    ["<input value='a'>", (root) => (root.querySelector("input")!.value = "b")],
    ["<textarea>a</textarea>", (root) => (root.querySelector("textarea")!.value = "b")],
    [select, (root) => (root.querySelector("select")!.selectedIndex = 1)],
    ["<input type='checkbox'>", (root) => (root.querySelector("input")!.checked = true)],
  ])("%s after a change is not", (html, change) => {
    const root = element(html);
    change(root);
    expect(hasUnsavedInput(root)).toBe(true);
  });
});
