"""Lighthouse over a page that is served, where it runs. It is large, so it lies apart (build/lighthouse) and is fetched when asked for."""

import json
import os
import subprocess
from pathlib import Path

from tests.rendered import ROOT

VERSION = "13.5.0"
FOLDER = ROOT / "build" / "lighthouse"
PROGRAM = FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"
BIN = ROOT / ".venv" / "bin"
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"


def available() -> bool:
    """Fetches it when it is not there; False where that is not possible."""
    if not PROGRAM.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "package.json").write_text('{"private": true}\n')
        command = [str(BIN / "npm"), "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", f"lighthouse@{VERSION}"]
        subprocess.run(command, cwd=FOLDER, env=_environment(), check=False, capture_output=True, timeout=600)
    return PROGRAM.exists()


def scores(address: str, cookie: str) -> dict[str, float]:
    """Performance and accessibility, of 100, on Lighthouse's own phone and line. Raises RuntimeError with what it said instead."""
    headers = FOLDER / "headers.json"
    headers.write_text(json.dumps({"Cookie": f"sessionid={cookie}"} if cookie else {}))
    command = [str(BIN / "node"), str(PROGRAM), address, "--quiet", "--output=json", "--only-categories=performance,accessibility"]
    command += [f"--extra-headers={headers}", f"--chrome-flags={FLAGS}"]
    done = subprocess.run(command, env=_environment(), check=False, capture_output=True, text=True, timeout=300)
    headers.unlink()
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip().splitlines()[-1:])
    found = json.loads(done.stdout)["categories"]
    return {name: round(100 * found[name]["score"]) for name in ("performance", "accessibility")}


def _environment() -> dict[str, str]:
    chromium = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    return {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "CHROME_PATH": str(Path(chromium))}
