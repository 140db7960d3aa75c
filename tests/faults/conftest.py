# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host whose /etc/audit and record are thrown away, on this machine's kernel. Needs root and a mount namespace of its own."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import typing as t

import pytest

RULES_DIRECTORY = pathlib.Path("/etc/audit/rules.d")
RULES_FILE = pathlib.Path("/etc/audit/audit.rules")
RECORDS = pathlib.Path("/var/lib/linux_audit_fleet")
PROGRAM = pathlib.Path(__file__).with_name("run_until.py")

# Somebody else's: by hand in the kernel, and in files that are loaded at boot.
BY_HAND = ("-a always,exit -F arch=b64 -S kill -F a1=63 -k faults_own2", "-w /etc/hostname -p wa -k faults_by_hand")
VENDOR = """## A vendor's policy
-D
-b 8192
-a always,exit -F arch=b64 -S ptrace -F a0=4660 -k faults_vendor
-w /etc/hostname -p wa -k faults_vendor_watch
"""


def auditctl(*arguments: str) -> str:
    done = subprocess.run(["auditctl", *arguments], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def kernel_rules() -> list[str]:
    return [line for line in auditctl("-l").splitlines() if line.startswith("-")]


def settings() -> dict[str, str]:
    now = dict(line.split(maxsplit=1) for line in auditctl("-s").splitlines())
    return {name: now[name] for name in ("enabled", "failure", "rate_limit", "backlog_limit", "backlog_wait_time")}


def files() -> dict[str, tuple[int, bytes]]:
    """Every file below /etc/audit with mode and content."""
    return {str(path): (path.stat().st_mode, path.read_bytes()) for path in sorted(RULES_FILE.parent.rglob("*")) if path.is_file()}


class Host(t.NamedTuple):
    """What must come back, byte for byte."""

    rules: list[str]
    settings: dict[str, str]
    files: dict[str, tuple[int, bytes]]
    recorded: bool


def host() -> Host:
    return Host(kernel_rules(), settings(), files(), RECORDS.exists())


def transaction(state: str, step: int = 0, **options: t.Any) -> subprocess.CompletedProcess[str]:
    """Run one transaction in a process of its own; step N has it killed at its Nth change."""
    asked = json.dumps({"state": state, "step": step, "name": "faults", **options})
    return subprocess.run([sys.executable, str(PROGRAM), asked], capture_output=True, text=True, check=False)


def succeeded(done: subprocess.CompletedProcess[str]) -> dict[str, t.Any]:
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, t.Any] = json.loads(done.stdout)
    return answer


def mount_tmpfs(path: pathlib.Path, *options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", *options, "faults", str(path)], check=True)


def unmount(path: pathlib.Path) -> None:
    subprocess.run(["umount", "--lazy", str(path)], check=True)


def cannot_run(reason: str) -> t.NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def usable_kernel() -> None:
    if os.geteuid() != 0 or not shutil.which("auditctl"):
        cannot_run("needs root and auditctl")
    if "enabled 0" not in auditctl("-s") and "enabled 1" not in auditctl("-s"):
        cannot_run(f"this kernel's audit can't be used: {auditctl('-s')}")


@pytest.fixture
def etc_audit() -> t.Iterator[None]:
    """An /etc/audit with a vendor's policy, rules that somebody loaded by hand, and all of it gone afterwards."""
    before = settings(), kernel_rules()
    RULES_FILE.parent.mkdir(exist_ok=True)
    mount_tmpfs(RULES_FILE.parent, "-o", "size=1m")
    RULES_DIRECTORY.mkdir(mode=0o750)
    (RULES_DIRECTORY / "30-vendor.rules").write_text(VENDOR)
    (RULES_DIRECTORY / "30-vendor.rules").chmod(0o600)
    subprocess.run(["augenrules"], capture_output=True, check=True)
    # The rebuild of a rebuild leaves no audit.rules.prev behind that was not there.
    for path in (RULES_FILE.with_name("audit.rules.prev"),):
        path.unlink(missing_ok=True)
    for rule in BY_HAND:
        auditctl(*rule.split())
    try:
        yield
    finally:
        transaction("absent")
        for rule in BY_HAND:
            auditctl(*rule.replace("-a ", "-d ", 1).replace("-w ", "-W ", 1).split())
        unmount(RULES_FILE.parent)
        assert (settings(), kernel_rules()) == before, "the test left something in the kernel"
        assert not RECORDS.exists()
