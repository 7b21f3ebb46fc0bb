"""What a visit to a page costs, measured in Chromium: bytes, requests, when its largest part is there, and what moves."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Page

SLOW_3G = {"offline": False, "latency": 2000, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""Chromium's own “Slow 3G”: 400 kbit/s, and two seconds before anything answers."""
CPU = 4
WATCH = """
window.seen = { largest: 0, shifted: 0 };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.seen.largest = entry.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.seen.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100))))"


@dataclass
class Visit:
    """Bytes on the line, milliseconds."""

    page: int = 0
    whole: int = 0
    scripts: int = 0
    requests: int = 0
    largest: float = 0.0
    shifted: float = 0.0


@dataclass
class Counter:
    """Adds up what the network says."""

    session: CDPSession
    kinds: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.session.send("Network.enable")
        self.session.on("Network.requestWillBeSent", self._asked)
        self.session.on("Network.loadingFinished", self._came)

    def _asked(self, event: Any) -> None:
        if event["request"]["url"].startswith("http"):
            self.kinds.setdefault(event["requestId"], event.get("type", ""))

    def _came(self, event: Any) -> None:
        self.sizes[event["requestId"]] = int(event["encodedDataLength"])

    def of(self, *kinds: str) -> int:
        return sum(size for request, size in self.sizes.items() if request in self.kinds and (not kinds or self.kinds[request] in kinds))


def first_visit(context: BrowserContext, address: str, *, slow: bool = True) -> Visit:
    """With nothing kept, on a slow line and a slow phone."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    counter = Counter(session)
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    if slow:
        session.send("Network.emulateNetworkConditions", SLOW_3G)
        session.send("Emulation.setCPUThrottlingRate", {"rate": CPU})
    page.add_init_script(WATCH)
    answer = page.goto(address, wait_until="load", timeout=120_000)
    if answer is None or answer.status not in (200, 404):
        raise RuntimeError(f"{address}: {answer and answer.status}")
    page.evaluate(SETTLED)
    seen = page.evaluate("window.seen")
    visit = Visit(counter.of("Document"), counter.of(), counter.of("Script"), len(counter.kinds), seen["largest"], seen["shifted"])
    page.close()
    return visit


def keep(page: Page, address: str) -> None:
    """Visits a page so that the device has it."""
    page.goto(address)
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("async (url) => !!(await caches.match(url, {ignoreVary: true}))", arg=page.url, timeout=60_000)


def second_visit(context: BrowserContext, address: str) -> float:
    """Milliseconds until its largest part is there again."""
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(address, wait_until="load", timeout=60_000)
    page.evaluate(SETTLED)
    seen: float = page.evaluate("window.seen.largest")
    page.close()
    return seen
