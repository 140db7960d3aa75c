# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import re

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.linux_audit.fleet.plugins.filter import compile_rules as filters
from ansible_collections.linux_audit.fleet.plugins.module_utils import _rule
from ansible_collections.linux_audit.fleet.tests.unit.plugins import golden, hosts

SHIPPED = golden.names()[:-1]
SPECIFICATION = yaml.safe_load((golden.ROOT / "roles/syscall_audit/meta/argument_specs.yml").read_text(encoding="utf-8"))
EVERYWHERE = [(machine, kernel) for machine in hosts.MACHINES for kernel in hosts.KERNELS if hosts.exists(machine, kernel)]


def profile(name: str) -> dict:
    (read,) = filters.read_profiles([name], [str(golden.PROFILES)])
    return read


def on_disk(name: str) -> str:
    return (golden.GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


# Profiles


@pytest.mark.parametrize("name", SHIPPED)
def test_a_profile_says_what_it_is_for(name: str) -> None:
    read = profile(name)
    assert list(read) == ["name", "description", "answers", "blind_spots", "volume", "rules"]
    assert read["name"] == name
    assert read["answers"].endswith("?")
    assert read["blind_spots"]
    assert {rule["key"] for rule in read["rules"]} == {name}


def test_all_profiles_of_the_design_are_there() -> None:
    assert sorted(
        "signal_send unexpected_reboot process_exec file_delete time_change kernel_module ptrace mount network_connect permission_change "
        "identity_change cgroup_kill".split()
    ) == SHIPPED


@pytest.mark.parametrize("name", golden.names())
def test_profiles_become_what_the_golden_files_show(name: str) -> None:
    """After a wanted change: .venv/bin/python tests/tools/make_golden.py"""
    assert golden.render(name) == on_disk(name)


@pytest.mark.parametrize(("machine", "kernel"), EVERYWHERE)
@pytest.mark.parametrize("name", SHIPPED)
def test_every_line_is_one_that_auditctl_can_read(name: str, machine: str, kernel: str) -> None:
    for line in golden.compiled(name, machine, kernel)["rules"]:
        rule = _rule.parse(line, _rule.Names(machine))
        assert rule.syscalls is None or all(isinstance(syscall, int) for syscall in rule.syscalls)
        assert _rule.keys(rule) == [name]


def sections(name: str, machine: str, kernel: str) -> str:
    (found,) = [part for part in on_disk(name).split("\n== ") if re.search(rf"{machine}: .*\bLinux {re.escape(kernel)} ", part.partition("\n")[0])]
    return found


def test_rhel_5_lacks_rt_tgsigqueueinfo() -> None:
    section = sections("signal_send", "x86_64", "2.6.18")
    assert "-S rt_tgsigqueueinfo" not in section
    assert "left out: b64: rt_tgsigqueueinfo came with Linux 2.6.31" in section
    assert "-S rt_tgsigqueueinfo" in sections("signal_send", "x86_64", "2.6.32")


@pytest.mark.parametrize("name", SHIPPED)
def test_i386_has_no_b64_and_ppc64le_no_b32(name: str) -> None:
    for _machine, kernel in [found for found in EVERYWHERE if found[0] == "i686"]:
        assert "arch=b64" not in sections(name, "i686", kernel)
    for _machine, kernel in [found for found in EVERYWHERE if found[0] == "ppc64le"]:
        assert "arch=b32" not in sections(name, "ppc64le", kernel)


def test_aarch64_has_no_unlink_or_rename() -> None:
    section = sections("file_delete", "aarch64", "6.1.0")
    (line,) = [line for line in section.splitlines() if "arch=b64" in line]
    assert re.findall(r"-S (\S+)", line) == ["unlinkat", "renameat", "renameat2"]
    assert {"unlink", "rename", "rmdir"} <= set(re.findall(r"left out: b64: aarch64 has no syscall (\S+)", section))


def test_a_profile_of_ones_own_is_found_before_the_shipped_one(tmp_path: pathlib.Path) -> None:
    rules = [{"key": "own", "syscalls": ["kill", "open"], "fields": ["auid>=500"]}]
    for name in ("own", "signal_send"):
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump({"name": name, "rules": rules}), encoding="utf-8")
    profiles = filters.read_profiles("own,signal_send", [str(tmp_path), str(golden.PROFILES)])
    result = filters.compile_rules([], hosts.facts("aarch64", "6.1.0", filters.needs([], profiles)), profiles)
    assert result["rules"] == [
        "-a always,exit -F arch=b64 -S kill -F auid>=500 -k own",
        "-a always,exit -F arch=b32 -S kill -S open -F auid>=500 -k own",
    ]
    assert result["left_out"] == [{"key": "own", "abi": "b64", "syscall": "open", "reason": "aarch64 has no syscall open"}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: [", "is not YAML"),
        ("name: other\nrules: []\n", "calls itself 'other'"),
        ("- a list\n", "a profile must be a dictionary with name and rules"),
        ("name: own\nrules: [{key: own, syscalls: [kil]}]\n", r"profile own.rules\[0\].syscalls: .* Did you mean kill"),
        ("name: own\nrules: [{key: own, path: etc/passwd}]\n", r"profile own.rules\[0\].path: 'etc/passwd' must be an absolute path"),
    ],
)
def test_a_wrong_profile_of_ones_own_is_refused(tmp_path: pathlib.Path, text: str, message: str) -> None:
    (tmp_path / "own.yml").write_text(text, encoding="utf-8")
    with pytest.raises(AnsibleFilterError, match=message):
        filters.needs([], filters.read_profiles(["own"], [str(tmp_path)]))


def test_a_profile_that_is_not_there_is_refused_with_what_is_near() -> None:
    with pytest.raises(AnsibleFilterError, match=r"syscall_audit_profiles: there is no profile 'signal_sent'. Did you mean signal_send\?"):
        filters.read_profiles(["signal_sent"], [str(golden.PROFILES)])


# Input


def test_signals_may_come_from_the_command_line() -> None:
    specs = filters._specifications([], [profile("signal_send")], "KILL,15")
    assert [spec["signals"] for spec in specs] == [[9, 15]]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"key": "x", "syscalls": ["kil"]}, r"^syscall_audit_rules\[0\].syscalls: "),
        ({"key": "x", "syscalls": ["kill"], "signals": ["KIL"]}, r"^syscall_audit_rules\[0\].signals: "),
        ({"key": "x", "syscalls": ["kill"], "fields": ["foo=1"]}, r"^syscall_audit_rules\[0\].fields: "),
        ({"key": "x y", "syscalls": ["kill"]}, r"^syscall_audit_rules\[0\].key: "),
        ({"key": "x" * 257, "syscalls": ["kill"]}, r"^syscall_audit_rules\[0\].key: "),
        ({"key": "x", "syscalls": ["kill"], "fields": [f"a0!={number}" for number in range(62)]}, r"^syscall_audit_rules\[0\]: .* 63 are possible"),
        ({"key": "x", "path": "/" + "x" * 6144}, r"^syscall_audit_rules\[0\]: .* more than 6144 bytes"),
        ({"key": "x", "path": "etc/passwd"}, r"^syscall_audit_rules\[0\].path: "),
        ("kill", r"^syscall_audit_rules\[0\]: "),
    ],
)
def test_wrong_rules_are_refused_before_a_host_is_asked(rule: object, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message):
        filters.needs([rule])


def test_a_wrong_signal_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="^syscall_audit_signals: "):
        filters.needs([], [profile("signal_send")], ["KIL"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rules": "kill"}, "Input of linux_audit.fleet.compile_rules must be a list of rules, not str"),
        ({"profiles": {}}, "Option profiles of .* must be a list of profiles, not dict"),
        ({"signals": 9}, "Option signals of .* must be a list of signals, not int"),
        ({"facts": []}, "Option facts of .* must be the dictionary ansible_facts.linux_audit, not list"),
        ({"facts": {}}, "Option facts of .* has no abis"),
        ({"missing": "ignore"}, "Option missing of .* must be leave_out or fail, not 'ignore'"),
    ],
)
def test_wrong_types_are_refused_by_name(arguments: dict, message: str) -> None:
    facts = hosts.facts("x86_64", "6.1.0", filters.needs([]))
    with pytest.raises(AnsibleFilterError, match=message):
        filters.compile_rules(**{"rules": [], "facts": facts, **arguments})


def test_missing_things_fail_by_policy() -> None:
    rules = [{"key": "x", "path": "/srv/none", "perm": "wa"}]
    facts = hosts.facts("x86_64", "6.1.0", filters.needs(rules), paths={"/srv/none": None})
    assert filters.compile_rules(rules, facts)["rules"] == []
    with pytest.raises(AnsibleFilterError, match="x: there is no /srv/none"):
        filters.compile_rules(rules, facts, missing="fail")


def test_a_misspelt_variable_is_refused_with_what_is_near() -> None:
    known = list(SPECIFICATION["argument_specs"]["main"]["options"])
    assert "syscall_audit_missing" in known
    assert filters.unknown_variables([*known, "syscall_audit_profile"], known) == [
        "There is no variable syscall_audit_profile. Did you mean syscall_audit_profiles?"
    ]


def test_the_role_takes_every_option_that_a_rule_has() -> None:
    options = SPECIFICATION["argument_specs"]["main"]["options"]["syscall_audit_rules"]["options"]
    assert filters.needs([{"key": "x", "syscalls": ["kill"], **{name: None for name in options if name not in ("key", "syscalls", "optional")}}])
    with pytest.raises(AnsibleFilterError) as refused:
        filters.needs([{"unknown": 1}])
    assert set(re.findall(r"\w+", str(refused.value).partition("Known are: ")[2])) == set(options)


@pytest.mark.parametrize(("name", "wanted"), [("signal_send", {"key": "signal_send", "signal": 0}), ("file_delete", None)])
def test_the_canary_is_told(name: str, wanted: object) -> None:
    assert filters.canary([], [profile(name)]) == wanted
