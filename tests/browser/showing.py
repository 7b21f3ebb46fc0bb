"""Every screen in a real browser, as each of its roles: `with showing(stage) as shown`, then `shown.context(role, width)`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.serving import serving
from tests.browser.session import cookie_of, launch
from tests.screens import ANYBODY, SCREENS, Screen
from tests.stage import Stage

HEIGHT = 844


class View(NamedTuple):
    """A screen as one role sees it; `path` is where it is asked for."""

    screen: Screen
    role: str
    path: str


@dataclass(frozen=True)
class Showing:
    """A stage that is served, and a browser."""

    stage: Stage
    address: str
    browser: Browser
    cookies: dict[str, str]

    def views(self, *, language: str = "it", every_role: bool = True) -> list[View]:
        """Sorted by role, so that one context after the other can be used."""
        found = [View(screen, role, screen.address(self.stage, language)) for screen in SCREENS for role in _roles(screen, every_role)]
        return sorted(found, key=lambda view: view.role)

    def context(self, role: str, width: int, *, dark: bool = False, address: str = "", keeps: bool = False) -> BrowserContext:
        """The role's browser; `keeps`: with the service worker."""
        context = self.browser.new_context(
            locale="it-IT",
            viewport={"width": width, "height": HEIGHT},
            color_scheme="dark" if dark else "light",
            service_workers="allow" if keeps else "block",
        )
        if role != ANYBODY:
            context.add_cookies([{"name": "sessionid", "value": self.cookies[role], "url": address or self.address}])
        return context


def _roles(screen: Screen, every_role: bool) -> Sequence[str]:
    return screen.roles if every_role else screen.roles[:1]


@contextmanager
def showing(stage: Stage, *, collected: bool = False) -> Iterator[Showing]:
    """Needs a database that other processes can read."""
    cookies = {role: cookie_of(stage.people[role]) for role in {role for screen in SCREENS for role in screen.roles} - {ANYBODY}}
    with serving(collected=collected) as address, sync_playwright() as playwright:
        browser = launch(playwright)
        yield Showing(stage, address, browser, cookies)
        browser.close()
