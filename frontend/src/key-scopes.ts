// Of several things alike that the keys can act on ([data-key-scope]) one is current: the one stepped to by its buttons
// ([data-scope-step="1"] and "-1", which have keys themselves), or the one that has the focus.

const SCOPE = "[data-key-scope]";

export class KeyScopes {
  start(): void {
    for (const button of document.querySelectorAll<HTMLElement>("[data-scope-step]")) {
      button.hidden = false;
      button.addEventListener("click", () => this.step(Number(button.dataset.scopeStep)));
    }
    document.addEventListener("focusin", (event) => {
      const scope = (event.target as Element).closest(SCOPE);
      if (scope) this.choose(scope);
    });
    const named = location.hash ? document.getElementById(location.hash.slice(1)) : null;
    if (named?.matches(SCOPE)) this.choose(named);
  }

  /** To the next or the one before; without a current one to the first. At the ends it stays. */
  private step(by: number): void {
    const all = [...document.querySelectorAll(SCOPE)];
    const now = all.findIndex((one) => one.hasAttribute("aria-current"));
    const next = all[now < 0 ? 0 : Math.min(Math.max(now + by, 0), all.length - 1)];
    if (!next) return;
    this.choose(next);
    const heading = next.querySelector<HTMLElement>("h2, h3") ?? (next as HTMLElement);
    heading.tabIndex = -1;
    heading.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  private choose(scope: Element): void {
    for (const other of document.querySelectorAll(`${SCOPE}[aria-current]`)) if (other !== scope) other.removeAttribute("aria-current");
    scope.setAttribute("aria-current", "true");
  }
}
