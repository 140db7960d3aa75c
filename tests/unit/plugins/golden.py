# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every profile becomes on every kind of host, as text to be compared with the files in tests/data/rules."""

from __future__ import annotations

import pathlib
import typing as t

from ansible_collections.linux_audit.fleet.plugins.filter import compile_rules as filters
from ansible_collections.linux_audit.fleet.tests.unit.plugins import hosts

ROOT = pathlib.Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests/data/rules"
PROFILES = ROOT / "roles/syscall_audit/vars/profiles"
ALL = "all_profiles"
ALL_ON = (("x86_64", "2.6.18"), ("x86_64", "6.12.0"), ("aarch64", "6.1.0"))
"""Where all together are shown; elsewhere they would be the same by the hundred."""


def names() -> list[str]:
    """The profiles, and ALL for them together."""
    return [*sorted(path.stem for path in PROFILES.glob("*.yml")), ALL]


def compiled(name: str, machine: str, kernel: str) -> dict[str, t.Any]:
    profiles = filters.read_profiles(names()[:-1] if name == ALL else [name], [str(PROFILES)])
    return filters.compile_rules([], hosts.facts(machine, kernel, filters.needs([], profiles)), profiles)


def text(result: t.Mapping[str, t.Any]) -> str:
    lines = list(result["rules"])
    lines += [f"# by number: {item['abi']} {item['syscall']} is {item['number']}" for item in result["by_number"]]
    lines += [f"# left out: {item['abi'] or 'all'}: {item['reason']}" for item in result["left_out"]]
    return "".join(f"{line}\n" for line in lines)


def render(name: str) -> str:
    """All outcomes of a profile; kernels with the same one stand together."""
    parts = []
    for machine in hosts.MACHINES:
        outcomes: dict[str, list[str]] = {}
        for kernel, audit in hosts.KERNELS.items():
            if hosts.exists(machine, kernel) and (name != ALL or (machine, kernel) in ALL_ON):
                outcomes.setdefault(text(compiled(name, machine, kernel)), []).append(f"Linux {kernel} (audit {audit})")
        parts += [f"== {machine}: {', '.join(kernels)}\n{outcome}" for outcome, kernels in outcomes.items()]
    return "\n".join(parts)


def write() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for path in GOLDEN.glob("*.txt"):
        path.unlink()
    for name in names():
        (GOLDEN / f"{name}.txt").write_text(render(name), encoding="utf-8")
