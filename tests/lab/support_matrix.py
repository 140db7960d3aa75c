# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the table of what the tests passed on:  support_matrix.py RESULTS FILE

RESULTS holds one JSON object per scenario and host. Rows of the file that this run did not try again stay as they are.
"""

from __future__ import annotations

import json
import pathlib
import sys

COLUMNS = {
    "scenario": "scenario",
    "suite": "suite",
    "audit": "audit",
    "loader": "loader",
    "kernel": "kernel",
    "architecture": "architecture",
    "python": "Python of the host",
    "core": "ansible-core",
    "passed": "passed on",
}
KEY = ("scenario", "suite", "loader", "architecture", "core")
"""What makes a row another one, rather than a newer result."""

HEAD = """# Where it is known to work

Written by `make test-all` (tests/lab/support_matrix.py), not by hand: each row passed on the day that it names.
What the scenarios do is said in [TESTING.md](../TESTING.md); for the versions between these rows nothing is claimed.

"""

Row = dict[str, str]


def read_table(text: str) -> list[Row]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")]
    return [dict(zip(COLUMNS, row)) for row in rows[1:]]


def table(rows: list[Row]) -> str:
    lines = [list(COLUMNS.values()), ["---"] * len(COLUMNS), *([row[column] for column in COLUMNS] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" if line[0] != "---" else f"|{'|'.join(line)}|\n" for line in lines)


def merged(rows: list[Row]) -> list[Row]:
    """One row for hosts that differ in their Python alone."""
    pythons: dict[tuple[str, ...], set[str]] = {}
    for row in rows:
        pythons.setdefault(tuple(row[name] for name in COLUMNS if name != "python"), set()).update(row["python"].split())
    names = [name for name in COLUMNS if name != "python"]
    return [{**dict(zip(names, key)), "python": " ".join(sorted(found, key=_version))} for key, found in pythons.items()]


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def main(results: pathlib.Path, target: pathlib.Path) -> None:
    rows = read_table(target.read_text()) if target.exists() else []
    found = [json.loads(path.read_text()) for path in sorted(results.glob("*.json"))]
    rows += merged([{name: str(row[name] or "-") for name in COLUMNS} for row in found])
    newest = {tuple(row[name] for name in KEY): row for row in rows}
    target.parent.mkdir(exist_ok=True)
    target.write_text(HEAD + table([newest[key] for key in sorted(newest)]))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
