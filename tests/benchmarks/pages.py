"""Every screen against its budgets: bytes, requests, LCP, CLS, the second visit, axe, Lighthouse. `make bench-pages [SCREENS=regex]`.

Each screen as the first of its roles, over a small demo with a session under way, with the static files as `make build` collected them.
The largest part of a page (LCP) is waited for on Chromium's “Slow 3G” (400 kbit/s, two seconds before anything answers) with a processor
a quarter as fast; the second visit goes through a line of 400 kbit/s and 400 ms (tools/slow_line.py), with the service worker.
The figures of each screen are in build/bench/pages-screens.json. SCREENS=regex looks at some, LIGHTHOUSE=0 leaves that out.
"""

import json
import os
import re
import statistics
import sys
from dataclasses import asdict, dataclass, field

from playwright.sync_api import BrowserContext

from tests.benchmarks.tools import lighthouse
from tests.benchmarks.tools.report import FOLDER, Report
from tests.benchmarks.tools.slow_line import slow_line
from tests.benchmarks.tools.visits import Visit, first_visit, keep, second_visit
from tests.browser.axe import APPEARANCE, WHOLE, check
from tests.browser.session import DESK, PHONE, SMALL_PHONE
from tests.browser.showing import HEIGHT, Showing, View, showing
from tests.screens import ANYBODY
from tests.stage import make_stage

NOT_KEPT = ("sign-in", "sign-out", "reply", "unsubscribe", "tokens", "calendar-feeds", "my-data", "own-address", "not-found")
"""Pages that the device may not keep: they have no second visit."""
LIVE = ("room", "screen", "room-before")
"""Pages that are always fetched: a copy of a session is no session."""
FOR_LIGHTHOUSE = ("sign-in", "dashboard", "meeting", "agenda", "room", "minutes", "action-items")
KB = 1024


@dataclass
class Figures:
    """One screen's."""

    screen: str
    role: str
    first: Visit = field(default_factory=Visit)
    shifted_at_desk: float = 0.0
    second: float | None = None
    axe: list[str] = field(default_factory=list)
    scores: dict[str, float] = field(default_factory=dict)
    long: bool = False


def visited(shown: Showing, view: View) -> Figures:
    """The first visit, on a phone and at a desk, and what axe says."""
    figures = Figures(view.screen.name, view.role, long=view.screen.long)
    named = shown.address.replace("127.0.0.1", "localhost")  # by a name, as installations are called: passkeys are for names alone
    address = named + view.path
    phone, desk = (shown.context(view.role, width, address=named) for width in (PHONE, DESK))
    figures.shifted_at_desk = first_visit(desk, address, slow=False).shifted  # and the server has made the page before
    figures.first = first_visit(phone, address)
    figures.axe = axe(desk, address)
    phone.close()
    desk.close()
    return figures


def axe(context: BrowserContext, address: str) -> list[str]:
    page = context.new_page()
    page.goto(address)
    found = []
    for width in (SMALL_PHONE, PHONE, DESK):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            whole = theme == "light" and width != PHONE
            found += [f"{width} px {theme}: {line}" for line in check(page, WHOLE if whole else APPEARANCE)]
    return found


def visited_again(shown: Showing, views: list[View]) -> dict[str, float]:
    """Milliseconds, by screen, for what a device may keep."""
    found = {}
    for role in sorted({view.role for view in views} - {ANYBODY}):
        mine = [view for view in views if view.role == role and view.screen.name not in (*NOT_KEPT, *LIVE)]
        context = shown.context(role, PHONE, keeps=True)
        with slow_line(shown.address) as slow:
            context.add_cookies([{"name": "sessionid", "value": shown.cookies[role], "url": slow}])
            for view in mine:
                page = context.new_page()
                keep(page, slow + view.path)
                page.close()
                found[view.screen.name] = second_visit(context, slow + view.path)
        context.close()
    return found


def room_is_live_after(shown: Showing) -> float:
    """Seconds until the room is connected, on the line of 400 kbit/s and 400 ms with nothing kept."""
    context = shown.context("representative", PHONE)
    [view] = [view for view in shown.views() if (view.screen.name, view.role) == ("room", "representative")]
    with slow_line(shown.address) as slow:
        context.add_cookies([{"name": "sessionid", "value": shown.cookies["representative"], "url": slow}])
        page = context.new_page()
        page.goto(slow + view.path, wait_until="commit")
        page.wait_for_selector("[data-live-state][data-state=open]", state="attached", timeout=60_000)
        since: float = page.evaluate("performance.now()")
    context.close()
    return since / 1000


def judged(shown: Showing, figures: list[Figures]) -> None:
    """Lighthouse, where it runs."""
    if os.environ.get("LIGHTHOUSE") == "0" or not lighthouse.available():
        print("Lighthouse is left out.", file=sys.stderr)
        return
    paths = {(view.screen.name, view.role): view.path for view in shown.views()}
    for one in (one for one in figures if one.screen in FOR_LIGHTHOUSE):
        try:
            one.scores = lighthouse.scores(shown.address + paths[one.screen, one.role], shown.cookies.get(one.role, ""))
        except RuntimeError as error:
            print(f"Lighthouse on {one.screen}: {error}", file=sys.stderr)


def told(report: Report, figures: list[Figures]) -> None:
    short = [one for one in figures if not one.long]
    report.add("screens", len(figures), "screens")
    report.add("HTML with its styles, compressed, largest without a long list", max(one.first.page for one in short) / KB, "KB", most=14)
    report.add("HTML with its styles, compressed, median", statistics.median(one.first.page for one in figures) / KB, "KB")
    report.add("first load, largest", max(one.first.whole for one in figures) / KB, "KB", most=60)
    report.add("first load, median", statistics.median(one.first.whole for one in figures) / KB, "KB")
    report.add("requests of a first load, most", max(one.first.requests for one in figures), "requests")
    rooms = [one.first.scripts for one in figures if one.screen == "room"]
    if rooms:
        report.add("scripts of the live room", max(rooms) / KB, "KB", most=20)
    largest = [one.first.largest / 1000 for one in short]
    report.add("LCP, Slow 3G, CPU ×4, worst", max(largest), "s", most=2.5)
    report.add("LCP, Slow 3G, CPU ×4, median", statistics.median(largest), "s")
    report.add("CLS, phone and desk, worst", max(max(one.first.shifted, one.shifted_at_desk) for one in figures), "", most=0.02)
    again = [one.second / 1000 for one in figures if one.second is not None]
    if again:
        report.add("second visit, 400 kbit/s, 400 ms, worst", max(again), "s", most=1.2)
        report.add("second visit, 400 kbit/s, 400 ms, median", statistics.median(again), "s")
    report.add("axe, 320, 390 and 1280 px, light and dark", sum(len(one.axe) for one in figures), "findings", most=0)
    for name, least in (("performance", 98), ("accessibility", 100)):
        scores = [one.scores[name] for one in figures if one.scores]
        if scores:
            report.add(f"Lighthouse {name}, lowest of {len(scores)}", min(scores), "", least=least)


def main() -> int:
    report = Report("pages")
    with showing(make_stage(), collected=True) as shown:
        wanted = re.compile(os.environ.get("SCREENS", ""))
        views = [view for view in shown.views(every_role=False) if wanted.search(view.screen.name)]
        figures = []
        for number, view in enumerate(views, 1):
            print(f"{number:>4}/{len(views)}  {view.screen.name} ({view.role})", file=sys.stderr, flush=True)
            figures.append(visited(shown, view))
        again = visited_again(shown, views)
        for one in figures:
            one.second = again.get(one.screen)
        judged(shown, figures)
        told(report, figures)
        if any(one.screen == "room" for one in figures):
            report.add("live room connected, 400 kbit/s, 400 ms, nothing kept", room_is_live_after(shown), "s", most=5)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "pages-screens.json").write_text(json.dumps([asdict(one) for one in figures], indent=2, ensure_ascii=False) + "\n")
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
