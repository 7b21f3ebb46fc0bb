// Presses a page's buttons from the keyboard: [data-key="1"], "s", "ctrl+z". Nothing happens while a field has the focus, and
// keys that are one character alone can be switched off (WCAG 2.1.4); "?" shows what there is: partials/keys.html.
// Of several alike ([data-key-scope], src/key-scopes.ts) only the current one's buttons are pressed.

const SWITCHED_OFF = "raccordo-keys-off";
const FIELD = "input, textarea, select, [contenteditable], dialog[open]";

export class Keys {
  private on = wereOn();
  private readonly dialog = document.querySelector<HTMLDialogElement>("dialog[data-keys]");

  start(): void {
    document.addEventListener("keydown", (event) => this.pressed(event));
    for (const button of document.querySelectorAll<HTMLElement>("[data-keys-help]")) {
      button.hidden = false;
      button.addEventListener("click", () => this.help());
    }
    const toggle = this.toggle;
    if (!toggle) return;
    toggle.checked = this.on;
    toggle.addEventListener("change", () => {
      this.on = toggle.checked;
      remember(this.on);
    });
  }

  private get toggle(): HTMLInputElement | null {
    return this.dialog?.querySelector<HTMLInputElement>("[data-keys-toggle]") ?? null;
  }

  private pressed(event: KeyboardEvent): void {
    const key = nameOf(event);
    if (event.defaultPrevented || event.repeat || event.isComposing || !key) return;
    if ((event.target as Element | null)?.closest?.(FIELD)) return;
    if (!key.startsWith("ctrl+") && !this.on) return;
    if (key === "?" && this.dialog) this.help();
    else if (!press(key)) return;
    event.preventDefault();
  }

  private help(): void {
    if (!this.dialog) return;
    this.dialog.querySelector("[data-keys-list]")?.replaceChildren(...buttons(scope() ?? document.querySelector("[data-key-scope]")).flatMap(describe));
    this.dialog.showModal();
  }
}

function nameOf(event: KeyboardEvent): string {
  if (event.altKey || event.key.length > 1) return "";
  const key = event.key.toLowerCase();
  return event.ctrlKey || event.metaKey ? (event.shiftKey ? "" : `ctrl+${key}`) : key;
}

function press(key: string): boolean {
  const button = buttons().find((one) => one.dataset.key === key);
  button?.click();
  if (button?.tagName === "SUMMARY") firstField(button)?.focus();
  if (button?.tagName === "INPUT") button.focus();
  return button !== undefined;
}

/** What was opened is written in at once; what was closed has no field to show. */
function firstField(summary: HTMLElement): HTMLElement | null {
  const details = summary.closest("details");
  return details?.open ? details.querySelector<HTMLElement>("select, textarea, input:not([type=hidden])") : null;
}

function scope(): Element | null {
  return document.querySelector("[data-key-scope][aria-current]");
}

function buttons(within: Element | null = scope()): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-key]")].filter((one) => {
    const around = one.closest("[data-key-scope]");
    return !one.hasAttribute("disabled") && !one.closest("[hidden]") && (!around || around === within);
  });
}

function describe(button: HTMLElement): Element[] {
  const term = document.createElement("dt");
  for (const part of (button.dataset.key ?? "").split("+")) {
    if (term.childNodes.length) term.append(" + ");
    term.append(Object.assign(document.createElement("kbd"), { textContent: part.length > 1 ? capital(part) : part.toUpperCase() }));
  }
  const words = button.getAttribute("aria-label") ?? button.textContent ?? "";
  return [term, Object.assign(document.createElement("dd"), { textContent: words.replace(/\s+/g, " ").trim() })];
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function wereOn(): boolean {
  try {
    return localStorage.getItem(SWITCHED_OFF) === null;
  } catch {
    return true; // the browser keeps nothing
  }
}

function remember(on: boolean): void {
  try {
    if (on) localStorage.removeItem(SWITCHED_OFF);
    else localStorage.setItem(SWITCHED_OFF, "1");
  } catch {
    // it holds for this page
  }
}
