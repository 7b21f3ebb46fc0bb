"""What must be true of the tree itself."""

import re
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {"Django": "5.2.14", "icalendar": "7.3.0", "reportlab": "4.4", "django-allauth": "65.16.1"}
"""Below these versions there are known holes (CVE-2026-33034 and others)."""
FOREIGN_ADDRESS = re.compile(r"https?://[\w.-]*(pypi|pythonhosted|npmjs|npmmirror|jsdelivr|unpkg)[\w.-]*")
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|home|Users)/\w+")


def requirements(name: str) -> dict[str, Requirement]:
    lines = (line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    rows = [Requirement(line) for line in lines if line and not line.startswith("-")]
    return {row.name.lower(): row for row in rows}


def tracked() -> list[Path]:
    """Every file of the project that is text; a checkout without git has nothing to say here."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=False
    )
    names = [name for name in done.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


@pytest.mark.parametrize(("package", "floor"), FLOORS.items())
def test_floors_of_known_holes_are_kept(package: str, floor: str) -> None:
    specifier = requirements("requirements.txt")[package.lower()].specifier
    lower = [Version(part.version) for part in specifier if part.operator in (">=", "==", "~=")]
    assert lower and max(lower) >= Version(floor)
    assert Version(version(package)) >= Version(floor)


def test_the_lock_satisfies_the_requirements_and_pins_everything() -> None:
    locked = requirements("requirements.lock")
    assert all(len(row.specifier) == 1 and next(iter(row.specifier)).operator == "==" for row in locked.values())
    for name in ("requirements.txt", "requirements-dev.txt"):
        for package, wanted in requirements(name).items():
            pinned = next(iter(locked[package].specifier)).version
            assert wanted.specifier.contains(pinned, prereleases=True), f"{package} {pinned}"


def test_no_file_names_a_registry_or_a_machine() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for pattern in (FOREIGN_ADDRESS, MACHINE_PATH):
            found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in pattern.finditer(text)]
    assert [line for line in found if not line.startswith("tests/test_hygiene.py")] == []


def test_the_npm_lock_records_no_address() -> None:
    assert '"resolved"' not in (ROOT / "frontend" / "package-lock.json").read_text()


def test_npm_packages_are_pinned_exactly() -> None:
    text = (ROOT / "frontend" / "package.json").read_text()
    ranges = re.findall(r'"(?:[\w@/.-]+)":\s*"([\^~*><][^"]*)"', text)
    assert ranges == []
