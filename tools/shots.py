"""Pictures of every screen: for each of its roles, on a phone and a desk, by day and by night: `make shots`.

A demo is built under build/shots-demo with its next session under way (tests/stage.py), served, and photographed page by page into
build/shots/<screen>/<role>-<width>-<theme>.png; build/shots/index.html shows them beside each other. Each page is loaded once for a role.

    python -m tools.shots [--only ROOM] [--language it] [--towns 312] [--keep] [--output DIR]
"""

import argparse
import asyncio
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "build" / "shots-demo"
WIDTHS = (390, 1280)
THEMES = ("light", "dark")
HEIGHT = 844
SIDE_BY_SIDE = 2
WEEKS = 3
TALLEST = 6000
"""Pixels: what is further down a list of 312 municipalities looks like what is above it."""


@dataclass(frozen=True)
class Job:
    """A screen as one role sees it."""

    screen: str
    role: str
    path: str
    cookie: str


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Pictures of every screen.")
    parser.add_argument("--only", default="", metavar="REGEX", help="screens whose name it finds")
    parser.add_argument("--language", default="it")
    parser.add_argument("--towns", type=int, default=312, help="municipalities of the demo: 312, or up to 12")
    parser.add_argument("--keep", action="store_true", help="use the demo of the last run")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "shots")
    return parser.parse_args()


def set_up(keep: bool) -> None:
    """Django over a database of this command's own."""
    if not keep:
        shutil.rmtree(DEMO, ignore_errors=True)
    os.environ.update(VAR_DIR=str(DEMO), DEMO="1", DATABASE_URL=f"sqlite:///{DEMO / 'demo.sqlite3'}", REDIS_URL="")
    os.environ["DJANGO_SETTINGS_MODULE"] = "coordination.settings"
    sys.path.insert(0, str(ROOT))
    import django  # noqa: PLC0415 - what Django reads is set above

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)


def jobs(towns: int, language: str, only: str) -> list[Job]:
    from django.test import Client  # noqa: PLC0415

    from meetings.demo.services import create  # noqa: PLC0415
    from meetings.network.models import Network  # noqa: PLC0415
    from tests.conftest import BACKEND  # noqa: PLC0415
    from tests.screens import ANYBODY, SCREENS  # noqa: PLC0415
    from tests.stage import Stage, enliven, make_stage  # noqa: PLC0415

    network = Network.objects.first()
    if network is not None:
        stage = Stage.of(network)
    elif towns <= 12:  # as many as the stage has by itself
        stage = make_stage(towns)
    else:
        network = create(weeks=WEEKS, tell=print)
        enliven(network)
        stage = Stage.of(network)

    def cookie(role: str) -> str:
        if role == ANYBODY:
            return ""
        client = Client()
        client.force_login(stage.people[role], backend=BACKEND)
        return client.cookies["sessionid"].value

    cookies = {role: cookie(role) for screen in SCREENS for role in screen.roles}
    chosen = [screen for screen in SCREENS if re.search(only, screen.name)]
    return [Job(screen.name, role, screen.address(stage, language), cookies[role]) for screen in chosen for role in screen.roles]


async def photograph(todo: list[Job], address: str, output: Path) -> list[str]:
    """Takes all pictures and returns what went wrong."""
    from playwright.async_api import async_playwright  # noqa: PLC0415

    from tests.browser.session import ARGUMENTS  # noqa: PLC0415

    queue, wrong = list(reversed(todo)), list[str]()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium", args=ARGUMENTS)

        async def work() -> None:
            contexts: dict[str, BrowserContext] = {}
            while queue:
                job = queue.pop()
                print(f"{len(todo) - len(queue):>4}/{len(todo)}  {job.screen} ({job.role})", flush=True)
                try:
                    if job.role not in contexts:
                        contexts[job.role] = await signed_in(browser, job, address)
                    await one(contexts[job.role], job, address, output)
                except Exception as error:  # noqa: BLE001 - the other pictures are taken all the same
                    wrong.append(f"{job.screen} ({job.role}): {str(error).splitlines()[0]}")

        await asyncio.gather(*(work() for _ in range(SIDE_BY_SIDE)))
        await browser.close()
    return wrong


async def signed_in(browser: "Browser", job: Job, address: str) -> "BrowserContext":
    """A browser of the role's own, which has met a page already: the fonts are there from the second on."""
    context = await browser.new_context(viewport={"width": WIDTHS[0], "height": HEIGHT}, reduced_motion="reduce")
    if job.cookie:
        await context.add_cookies([{"name": "sessionid", "value": job.cookie, "url": address}])
    page = await context.new_page()
    await page.goto(address + job.path)
    await page.close()
    return context


async def one(context: "BrowserContext", job: Job, address: str, output: Path) -> None:
    page = await context.new_page()
    try:
        answer = await page.goto(address + job.path, wait_until="load")
        if answer is None or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise RuntimeError(f"{job.path} answers {answer and answer.status}")
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": HEIGHT})
            for theme in THEMES:
                await take(page, theme, width, output / job.screen / f"{job.role}-{width}-{theme}.png")
    finally:
        await page.close()


async def take(page: "Page", theme: str, width: int, path: Path) -> None:
    await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    height = await page.evaluate("document.documentElement.scrollHeight")
    path.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": min(height, TALLEST)})


def sheet(output: Path) -> str:
    """All pictures there are, one row to a screen and role."""
    return "\n".join(
        [
            "<!doctype html><html lang=en><meta charset=utf-8><title>Every screen</title>",
            "<style>body { font-family: sans-serif } figure { display: inline-block; margin: .5rem; vertical-align: top }",
            "img { height: 30rem; border: 1px solid #888 }</style>",
            "<h1>Every screen</h1>",
            *_rows(output),
        ]
    )


def _rows(output: Path) -> Iterator[str]:
    for folder in sorted(path for path in output.iterdir() if path.is_dir()):
        yield f"<h2 id={escape(folder.name)}>{escape(folder.name)}</h2>"
        for picture in sorted(folder.glob("*.png")):
            source = f"{folder.name}/{picture.name}"
            image = f'<a href="{source}"><img loading=lazy alt="" src="{source}"></a>'
            yield f"<figure>{image}<figcaption>{escape(picture.stem)}</figcaption></figure>"


def main() -> int:
    asked, begun = options(), time.monotonic()
    set_up(asked.keep)
    from tests.browser.serving import serving  # noqa: PLC0415

    todo = jobs(asked.towns, asked.language, asked.only)
    if not asked.only:
        shutil.rmtree(asked.output, ignore_errors=True)
    asked.output.mkdir(parents=True, exist_ok=True)
    with serving() as address:
        wrong = asyncio.run(photograph(todo, address, asked.output))
    (asked.output / "index.html").write_text(sheet(asked.output), encoding="utf-8")
    pictures = len(todo) * len(WIDTHS) * len(THEMES)
    print(f"{pictures} pictures of {len(todo)} screens and roles in {time.monotonic() - begun:.0f} s: {asked.output / 'index.html'}")
    for line in wrong:
        print(f"not taken: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
