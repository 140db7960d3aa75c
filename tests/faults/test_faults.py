# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever happens half-way, others' rules stay, the boot policy loads, and the next run ends as wished."""

from __future__ import annotations

import itertools
import os
import pathlib
import signal
import typing as t

import pytest

from .conftest import (
    BY_HAND,
    RECORDS,
    RULES_DIRECTORY,
    RULES_FILE,
    VENDOR,
    auditctl,
    host,
    kernel_rules,
    mount_tmpfs,
    settings,
    succeeded,
    transaction,
    unmount,
)

pytestmark = pytest.mark.usefixtures("etc_audit")

WANTED = (
    "-a always,exit -F arch=b64 -S kill -S tkill -F a1=62 -k faults_own",
    "-a always,exit -F arch=b32 -S kill -S tkill -F a1=62 -k faults_own",
    "-a always,exit -F arch=b64 -F path=/etc/hosts -F perm=wa -k faults_own",
)
SETTINGS = {"backlog_limit": 77}
LOADERS = ("augenrules", "audit_rules")


def present(step: int = 0, loader: str = "augenrules", **options: t.Any) -> t.Any:
    return transaction("present", step, rules=WANTED, settings=SETTINGS, loader=loader, **options)


def our_rules() -> list[str]:
    return [line for line in kernel_rules() if line.endswith("faults_own")]


def our_lines() -> list[str]:
    return [line for line in RULES_FILE.read_text().splitlines() if line.endswith("faults_own")]


def assert_others_intact() -> None:
    rules = kernel_rules()
    assert sum("faults_own2" in rule or "faults_by_hand" in rule for rule in rules) == len(BY_HAND)
    assert (RULES_DIRECTORY / "30-vendor.rules").read_text() == VENDOR
    for line in VENDOR.splitlines()[1:]:
        assert line in RULES_FILE.read_text().splitlines()


def assert_boot_policy_loads() -> None:
    """audit.rules has each of our rules once at the most, and only rules that the kernel took: a bad line would drop all behind it."""
    lines = our_lines()
    assert len(lines) == len(set(lines))
    assert set(lines) <= set(WANTED)


def assert_as_wished(loader: str) -> None:
    assert len(our_rules()) == len(WANTED)
    assert our_lines() == list(WANTED)
    assert settings()["backlog_limit"] == "77"
    own = RULES_DIRECTORY / "95-faults.rules"
    assert own.exists() == (loader == "augenrules")
    assert [path.name for path in RECORDS.iterdir() if not path.name.endswith(".json")] == []


def deaths(run: t.Callable[[int], t.Any], prepare: t.Callable[[], t.Any]) -> t.Iterator[int]:
    """Run again and again, each time killed one step later, until a run comes to its end."""
    for step in itertools.count(1):
        prepare()
        done = run(step)
        if done.returncode != -signal.SIGKILL:
            succeeded(done)
            assert step > 10, "hardly a step was tried"
            return
        yield step


@pytest.mark.parametrize("loader", LOADERS)
def test_enable_killed_at_each_step_is_mended_by_the_next_enable(loader: str) -> None:
    before = host()
    for step in deaths(lambda step: present(step, loader), lambda: succeeded(transaction("absent", loader=loader))):
        assert_others_intact()
        assert_boot_policy_loads()
        succeeded(present(loader=loader))
        assert_as_wished(loader)
        assert not succeeded(present(loader=loader))["changed"], step
        succeeded(transaction("absent", loader=loader))
        assert host() == before, step


@pytest.mark.parametrize("loader", LOADERS)
def test_enable_killed_at_each_step_is_taken_back_by_teardown(loader: str) -> None:
    before = host()
    for step in deaths(lambda step: present(step, loader), lambda: succeeded(transaction("absent", loader=loader))):
        succeeded(transaction("absent", loader=loader))
        assert host() == before, step


@pytest.mark.parametrize("loader", LOADERS)
def test_teardown_killed_at_each_step_is_finished_by_the_next(loader: str) -> None:
    before = host()
    for step in deaths(lambda step: transaction("absent", step, loader=loader), lambda: succeeded(present(loader=loader))):
        assert_others_intact()
        assert_boot_policy_loads()
        succeeded(transaction("absent", loader=loader))
        assert host() == before, step


def test_teardown_killed_at_each_step_can_be_followed_by_enable() -> None:
    before = host()
    for step in deaths(lambda step: transaction("absent", step), lambda: succeeded(present())):
        succeeded(present())
        assert_as_wished("augenrules")
        succeeded(transaction("absent"))
        assert host() == before, step


def test_one_rule_of_ten_that_is_refused_leaves_all_as_it_was() -> None:
    before = host()
    rules = [f"-a always,exit -F arch=b64 -S kill -F a0={index} -F a1=62 -k faults_own" for index in range(9)]

    done = transaction("present", rules=[*rules[:6], "-a always,exit -F arch=b64 -S kil -k faults_own", *rules[6:]])

    assert done.returncode == 1
    assert "Syscall name unknown: kil" in done.stdout
    assert host() == before


def test_a_refused_rule_leaves_the_rules_of_before() -> None:
    succeeded(present())
    before = host()

    done = transaction("present", rules=[*WANTED[:1], "-a always,exit -F arch=b64 -S kil -k faults_own"])

    assert done.returncode == 1
    assert host() == before


@pytest.mark.parametrize("state", ["present", "absent"])
def test_augenrules_that_fails_leaves_all_as_it_was(state: str) -> None:
    if state == "absent":
        succeeded(present())
        # Another's change makes teardown rebuild audit.rules instead of putting the old one back.
        (RULES_DIRECTORY / "40-later.rules").write_text("-a always,exit -F arch=b64 -S ptrace -F a0=4661 -k faults_vendor\n")
    before = host()
    pathlib.Path("/tmp/faults_augenrules").write_text("#!/bin/sh\necho no space >&2\nexit 1\n")
    pathlib.Path("/tmp/faults_augenrules").chmod(0o755)
    os.system("mount --bind /tmp/faults_augenrules /usr/sbin/augenrules")
    try:
        done = present() if state == "present" else transaction("absent")
    finally:
        unmount(pathlib.Path("/usr/sbin/augenrules"))
        pathlib.Path("/tmp/faults_augenrules").unlink()

    assert done.returncode == 1
    assert "augenrules could not build /etc/audit/audit.rules: no space" in done.stdout
    assert host() == before
    if state == "present":
        succeeded(present())
        assert_as_wished("augenrules")
    else:
        succeeded(transaction("absent"))
        assert our_rules() == []
        assert our_lines() == []
        assert "4661" in RULES_FILE.read_text()


@pytest.mark.parametrize("full", [RULES_DIRECTORY, RECORDS], ids=["rules.d", "record"])
def test_a_full_disk_leaves_all_as_it_was(full: pathlib.Path) -> None:
    files = {path: path.read_bytes() for path in full.glob("*")} if full.exists() else {}
    existed = full.exists()
    before = host()
    full.mkdir(exist_ok=True)
    mount_tmpfs(full, "-o", "size=16k")
    for path, content in files.items():
        path.write_bytes(content)
        path.chmod(0o600)
    filler = full / "filler"
    try:
        with filler.open("wb", buffering=0) as stream:
            while stream.write(b"x" * 1024):
                pass
    except OSError:
        pass
    rules = [f"-a always,exit -F arch=b64 -S kill -F a0={index} -F a1=62 -k faults_own" for index in range(200)]
    try:
        done = transaction("present", rules=rules)

        assert done.returncode == 1
        assert "No space left on device" in done.stdout
        assert our_rules() == []
        assert our_lines() == []
        assert_others_intact()
    finally:
        unmount(full)
        if not existed:
            full.rmdir()
    assert host() == before
    succeeded(present())
    assert_as_wished("augenrules")


def test_two_names_share_a_rule_and_each_is_reverted_alone() -> None:
    before = host()
    succeeded(present())
    other = [WANTED[0], "-a always,exit -F arch=b64 -S kill -F a1=61 -k faults_other"]
    succeeded(transaction("present", name="faults2", rules=other))
    assert len(our_rules()) == len(WANTED)
    assert_boot_policy_loads()

    succeeded(transaction("absent"))

    assert len(our_rules()) == 1
    assert our_lines() == [WANTED[0]]
    assert settings()["backlog_limit"] == before.settings["backlog_limit"]
    succeeded(transaction("absent", name="faults2"))
    assert host() == before


def test_changes_of_others_in_between_stay() -> None:
    succeeded(present())
    later = RULES_DIRECTORY / "40-later.rules"
    later.write_text("-a always,exit -F arch=b64 -S ptrace -F a0=4661 -k faults_vendor\n")
    auditctl("-b", "99")

    succeeded(transaction("absent"))

    assert later.exists()
    assert "4661" in RULES_FILE.read_text()
    assert our_lines() == []
    assert settings()["backlog_limit"] == "99"
    auditctl("-b", "64")


def test_a_lost_record_is_made_anew_from_file_and_kernel() -> None:
    before = host()
    succeeded(present())
    for path in RECORDS.iterdir():
        path.unlink()
    RECORDS.rmdir()

    succeeded(transaction("absent"))

    assert our_rules() == []
    assert our_lines() == []
    assert before.rules == kernel_rules()
    auditctl("-b", before.settings["backlog_limit"])


def test_a_damaged_record_is_made_anew_from_file_and_kernel() -> None:
    succeeded(present())
    (RECORDS / "faults.json").write_text('{"version": 1, "rules": [')

    succeeded(present())

    assert_as_wished("augenrules")


def test_rules_that_were_there_before_are_not_ours() -> None:
    auditctl(*WANTED[0].split())
    before = host()
    succeeded(present())

    succeeded(transaction("absent"))

    assert host() == before
    auditctl(*WANTED[0].replace("-a", "-d", 1).split())


def test_a_rule_that_a_vendor_loads_at_boot_is_not_written_twice() -> None:
    (RULES_DIRECTORY / "30-vendor.rules").write_text(f"{VENDOR}{WANTED[0]}\n")

    succeeded(present())

    assert our_lines() == list(WANTED)
    assert (RULES_DIRECTORY / "95-faults.rules").read_text().count("faults_own") == len(WANTED) - 1
    (RULES_DIRECTORY / "30-vendor.rules").write_text(VENDOR)


def test_a_block_goes_before_the_line_that_locks() -> None:
    RULES_FILE.write_text("-D\n-a always,exit -F arch=b64 -S ptrace -F a0=4660 -k faults_vendor\n-e 2")
    before = host()

    succeeded(present(loader="audit_rules"))

    lines = RULES_FILE.read_text().splitlines()
    assert lines[-1] == "-e 2"
    assert lines[2] == "# BEGIN linux_audit.fleet faults"
    assert our_lines() == list(WANTED)
    succeeded(transaction("absent", loader="audit_rules"))
    assert host() == before


def test_scopes_can_be_changed() -> None:
    before = host()
    succeeded(present(scope="runtime"))
    assert len(our_rules()) == len(WANTED)
    assert our_lines() == []
    succeeded(present(scope="persistent"))
    assert our_rules() == []
    assert our_lines() == list(WANTED)
    assert not succeeded(present(scope="persistent"))["changed"]
    succeeded(present(scope="both"))
    assert_as_wished("augenrules")
    succeeded(transaction("absent"))
    assert host() == before


@pytest.mark.parametrize("loader", LOADERS)
def test_rules_that_switch_auditing_off_are_put_aside_and_back(loader: str) -> None:
    never = "-a task,never"
    path = RULES_DIRECTORY / "10-no-audit.rules" if loader == "augenrules" else RULES_FILE
    path.write_text(f"-D\n## comment\n{never}\n-b 8192")
    before = host()

    succeeded(present(loader=loader, never_task="remove"))

    assert never not in path.read_text().splitlines()
    assert never not in RULES_FILE.read_text().splitlines()
    assert our_lines() == list(WANTED)
    assert not succeeded(present(loader=loader, never_task="remove"))["changed"]
    succeeded(transaction("absent", loader=loader))
    assert {name: content for name, content in host().files.items() if name != str(RULES_FILE)} == {
        name: content for name, content in before.files.items() if name != str(RULES_FILE)
    }
    assert never in path.read_text().splitlines()
    assert host() == before
