"""A person without a mouse: goes by Tab to what has a name, and fails where it cannot be reached or where the focus is not seen."""

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

MOST_STOPS, MOST_CHOICES = 150, 12
SKIP = "Skip to the content"
SOON = 10_000
FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const words = (one) => {
    const copy = one?.cloneNode(true);
    for (const hidden of copy?.querySelectorAll("[aria-hidden=true], script") ?? []) hidden.remove();
    for (const picture of copy?.querySelectorAll("svg[aria-label]") ?? []) picture.replaceWith(picture.getAttribute("aria-label"));
    return copy?.textContent ?? "";
  };
  const referred = (element.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => words(document.getElementById(id))).join(" ");
  const labels = [...(element.labels ?? [])];
  const label = labels.map(words).join(" ");
  const group = element.type === "radio" ? words(element.closest("fieldset")?.querySelector("legend")) : "";
  const name = element.getAttribute("aria-label") || referred.trim() || label || words(element) || element.title;
  const shown = (one) => [null, "::before", "::after"].some((part) => {
    const style = getComputedStyle(one, part);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  });
  const places = [element, ...labels];
  const own = /date|time/.test(element.type) && !element.matches(":focus"); // the browser's button in it, with a ring of its own
  const inside = places.some((one) => {
    const box = one.getBoundingClientRect();
    return box.width && box.height && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  });
  const line = (text) => text.replace(/\\s+/g, " ").replace(/ :/g, ":").trim();
  return { name: line(name), group: line(group), checked: element.checked ?? false, seen: inside && (places.some(shown) || own) };
}"""


@dataclass(frozen=True)
class Focus:
    """What a screen reader says of it, and whether one sees that it is there."""

    name: str
    group: str
    """The question above a radio button."""
    checked: bool
    seen: bool

    def is_called(self, name: str) -> bool:
        """`name…` is how the name begins; otherwise it is the whole of it, or a part more says about what."""
        here = self.group or self.name
        if name.endswith("…"):
            return here.startswith(name[:-1])
        return here == name or bool(re.match(re.escape(name) + r"(:|,| \()", here))


class Keyboard:
    """Every method says by name what it goes to, as it is read out: `Accept` is met by “Accept” and by “Accept: School buses”."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def focused(self) -> Focus | None:
        found = self.page.evaluate(FOCUSED)
        return Focus(**found) if found else None

    def to(self, name: str) -> Focus:
        """Goes on from where the focus is; stays where it is already there."""
        passed: list[str] = []
        here = self.focused()
        while not here or not here.is_called(name):
            assert passed.count(SKIP) < 2 and len(passed) < MOST_STOPS, f"“{name}” cannot be reached by the tabulator: {passed}"
            self.page.keyboard.press("Tab")
            here = self.focused()  # none: out of the page, to come in again at its top
            assert not here or here.seen, f"{here} cannot be seen"
            passed += [here.name[:40]] if here else []
        return here

    def is_at(self, name: str) -> bool:
        here = self.focused()
        return bool(here and here.seen and here.is_called(name))

    def press(self, name: str) -> None:
        """What answers without another page."""
        self.to(name)
        self.page.keyboard.press("Enter")

    def follow(self, name: str) -> None:
        """A link, or a button that brings another page."""
        self.to(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def skip(self) -> None:
        """To the content, from the top of a page; some answers lead there by themselves."""
        if "#" in self.page.url:
            return
        self.page.keyboard.press("Tab")
        here = self.focused()
        assert here and here.name == SKIP and here.seen, here
        self.page.keyboard.press("Enter")

    def write(self, name: str, text: str) -> None:
        self.to(name)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def pick(self, name: str, option: str) -> None:
        """From a list: by the first letters."""
        self.to(name)
        self.page.keyboard.type(option)
        chosen = self.page.evaluate("document.activeElement.selectedOptions[0].textContent").strip()
        assert chosen.startswith(option), chosen

    def choose(self, group: str, name: str) -> None:
        """One of several radio buttons: Tab comes to the group, the arrows to the answer."""
        here = self.to(group)
        for _stop in range(MOST_CHOICES):
            if here.name.startswith(name):
                break
            self.page.keyboard.press("ArrowDown")
            here = self._still_seen()
        assert here.name.startswith(name), here
        self.page.keyboard.press("Space")
        assert self._still_seen().checked

    def _still_seen(self) -> Focus:
        here = self.focused()
        assert here and here.seen, here
        return here

    def reads(self, *texts: str) -> None:
        """It stands on the page, or comes there soon."""
        for text in texts:
            expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible(timeout=SOON)
