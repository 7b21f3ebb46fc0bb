"""What a benchmark says: a table for people, and `build/bench/NAME.json` for programs."""

import json
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[3] / "build" / "bench"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; `goal` in words, `met` None where there is none."""

    metric: str
    value: float
    unit: str
    goal: str = ""
    met: bool | None = None


@dataclass
class Report:
    name: str
    rows: list[Row] = field(default_factory=list)

    def add(self, metric: str, value: float, unit: str, *, most: float | None = None, least: float | None = None) -> None:
        """A figure, with a goal where it has a bound. What is held against the goal is the figure as it is printed."""
        value = round(value, 3 if abs(value) < 10 else 1)
        goal = " and ".join([*([f"≤ {most:g}"] if most is not None else []), *([f"≥ {least:g}"] if least is not None else [])])
        met = (most is None or value <= most) and (least is None or value >= least) if goal else None
        self.rows.append(Row(metric, value, unit, goal, met))

    def end(self) -> int:
        """Prints and writes it all; 0 when every goal is met, else 1."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        whole = {"name": self.name, "machine": machine, "rows": [asdict(row) for row in self.rows]}
        (FOLDER / f"{self.name}.json").write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")
        print(json.dumps(whole, indent=2, ensure_ascii=False) if "--json" in sys.argv else self._table(machine), flush=True)
        return int(any(row.met is False for row in self.rows))

    def _table(self, machine: str) -> str:
        verdict = {None: "", True: "met", False: "MISSED"}
        width = max(len(row.metric) for row in self.rows)
        lines = [f"{row.metric:{width}}  {row.value:>10g} {row.unit:<9} {row.goal:<12} {verdict[row.met]}".rstrip() for row in self.rows]
        return "\n".join(["", f"{self.name} ({machine})", *lines])


def ratio(ones: Sequence[float], others: Sequence[float]) -> float:
    """The median of one side over the median of the other, both measured in turns."""
    return statistics.median(ones) / statistics.median(others)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * round(share * 1000) // 1000) - 1))]
