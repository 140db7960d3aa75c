# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _kernel

# `auditctl -s` of 3.0.9 on kernel 6.18, recorded on 2026-11-23.
STATUS = """enabled 1
failure 1
pid 812
rate_limit 0
backlog_limit 8192
lost 3
backlog 0
backlog_wait_time 60000
backlog_wait_time_actual 0
loginuid_immutable 0 unlocked
"""
# The same in the form of audit 1.8 to 2.2 (auditctl.c, audit_print_reply): RHEL 5 and early RHEL 6.
OLD_STATUS = "AUDIT_STATUS: enabled=1 flag=1 pid=1391 rate_limit=0 backlog_limit=320 lost=0 backlog=0\n"

RULE = "-a always,exit -F arch=b64 -S kill -k ops"


class Auditctl:
    """Answers as auditctl does, and keeps what it was asked."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def __call__(self, argv):
        words = list(argv)[1:]
        self.asked.append(" ".join(words))
        answer = self.answers.get(words[0].lstrip("-"), (0, "", ""))
        return answer(" ".join(words)) if callable(answer) else answer


@pytest.fixture
def make(monkeypatch):
    monkeypatch.setattr(_kernel, "binary", lambda name, *_disk: "/sbin/" + name)

    def build(**answers):
        run = Auditctl(**answers)
        return _kernel.Kernel(run, _kernel.HostNames("x86_64", run)), run

    return build


def test_status_has_numbers(make):
    status = make(s=(0, STATUS, ""))[0].status()
    assert status["enabled"] == 1
    assert status["pid"] == 812
    assert status["loginuid_immutable"] == "0 unlocked"


def test_status_of_old_versions(make):
    status = make(s=(0, OLD_STATUS, ""))[0].status()
    assert (status["enabled"], status["failure"], status["backlog_limit"], status["pid"]) == (1, 1, 320, 1391)


@pytest.mark.parametrize(
    "code, err, reason",
    [
        (255, "Error sending status request (Operation not permitted)", "PID namespace"),
        (255, "Error - audit support not in kernel\nCannot open netlink audit socket", "CONFIG_AUDIT"),
        (0, "", "user namespace"),
        (255, "Error sending status request (Connection refused)", "user namespace"),
        (255, "Something new", "Something new"),
    ],
)
def test_a_kernel_that_does_not_answer_is_explained(make, code, err, reason):
    with pytest.raises(_kernel.KernelError, match=reason):
        make(s=(code, "", err))[0].status()


@pytest.mark.parametrize("user, reason", [(1000, "become: true"), (0, "container without privileges")])
def test_exit_4_means_another_thing_for_root(make, monkeypatch, user, reason):
    monkeypatch.setattr(_kernel.os, "geteuid", lambda: user)
    with pytest.raises(_kernel.KernelError, match=reason):
        make(s=(4, "", "You must be root to run this program."))[0].status()


def test_without_auditctl_the_package_is_named(monkeypatch):
    monkeypatch.setattr(_kernel, "binary", lambda name, *_disk: None)
    with pytest.raises(_kernel.KernelError, match="auditd .Debian"):
        _kernel.Kernel(Auditctl(), _kernel.HostNames("x86_64", Auditctl()))


def test_version(make):
    assert make(v=(0, "auditctl version 3.0.9\n", ""))[0].version() == "3.0.9"
    assert make(v=(0, "", "auditctl: invalid option"))[0].version() is None


def test_a_rule_that_exists_is_no_error(make):
    kernel, run = make(a=(255, "", "Error sending add rule data request (Rule exists)"))
    assert kernel.add(RULE) is False
    assert run.asked == [RULE]


def test_a_rule_that_is_not_there_is_no_error_to_delete(make):
    kernel, run = make(d=(255, "", "Error sending delete rule data request (No such file or directory)"))
    assert kernel.delete(RULE) is False
    assert run.asked == ["-d" + RULE[2:]]


@pytest.mark.parametrize("version, loads", [("4.0.3", True), ("4.0.4", False), ("4.1.0", False), ("4.1.1", True)])
def test_a_rule_is_not_put_first_where_that_would_delete_it(make, version, loads):
    kernel, run = make(v=(0, "auditctl version {0}".format(version), ""))
    if loads:
        assert kernel.add("-A" + RULE[2:])
    else:
        with pytest.raises(_kernel.KernelError, match="write -a"):
            kernel.add("-A" + RULE[2:])
    assert ("-A" + RULE[2:] in run.asked) == loads


def test_a_watch_is_deleted_by_its_own_option(make):
    kernel, run = make()
    assert kernel.delete("-w /etc/passwd -p wa -k identity")
    assert run.asked == ["-W /etc/passwd -p wa -k identity"]


def test_an_error_is_one_whatever_the_exit_code(make):
    """Up to 3.1.1 some errors come with exit code 0."""
    with pytest.raises(_kernel.KernelError, match="Syscall name unknown: kil"):
        make(a=(0, "", "Syscall name unknown: kil"))[0].add(RULE)


def refuse_third(words):
    return (255, "", "Error sending add rule data request (Invalid argument)") if "third" in words else (0, "", "")


def test_load_is_all_or_none(make):
    kernel, run = make(a=refuse_third)
    with pytest.raises(_kernel.KernelError, match="Invalid argument"):
        kernel.load([RULE + "_first", RULE + "_second", RULE + "_third", RULE + "_fourth"])
    assert [words[:2] + words.rpartition("_")[2] for words in run.asked] == ["-afirst", "-asecond", "-athird", "-dsecond", "-dfirst"]


def test_load_takes_back_only_what_it_added(make):
    def answer(words):
        return (255, "", "(Rule exists)") if "first" in words else refuse_third(words)

    kernel, run = make(a=answer)
    with pytest.raises(_kernel.KernelError):
        kernel.load([RULE + "_first", RULE + "_second", RULE + "_third"])
    assert [words for words in run.asked if words.startswith("-d")] == ["-d" + RULE[2:] + "_second"]


def test_unload_deletes_by_the_listing_where_the_words_do_not_fit(make):
    """The kernel tells a rule by its fields in order, so that other words for the same rule may not find it."""
    listed = "-a always,exit -F arch=b64 -S kill -F key=ops"

    def answer(words):
        return (0, "", "") if "-F key=ops" in words else (255, "", "(No such file or directory)")

    kernel, run = make(d=answer)
    assert kernel.unload([RULE], _kernel.Listing(listed + "\n", kernel.names)) == [RULE]
    assert run.asked == ["-d" + RULE[2:], "-d" + listed[2:]]


def test_unload_leaves_what_is_not_listed(make):
    kernel, run = make()
    assert kernel.unload([RULE], _kernel.Listing("No rules\n", kernel.names)) == []
    assert run.asked == []


def test_enabled_is_set_last(make):
    kernel, run = make()
    kernel.set({"enabled": 1, "backlog_limit": 8192})
    assert run.asked == ["-b 8192", "-e 1"]


def test_a_setting_that_is_refused_is_named(make):
    with pytest.raises(_kernel.KernelError, match="backlog_limit=-1: must be positive"):
        make(b=(255, "", "must be positive"))[0].set({"backlog_limit": -1})


def test_locked_rules_are_refused():
    with pytest.raises(_kernel.KernelError, match="reboot"):
        _kernel.require_unlocked({"enabled": 2})
    _kernel.require_unlocked({"enabled": 1})


@pytest.mark.parametrize(
    "err, accepted",
    [
        ("Error sending add rule data request (Connection refused)", True),
        ("Error - audit support not in kernel\nCannot open netlink audit socket", True),
        ("unshare: unshare failed: Operation not permitted", True),
        ("The audit system is in immutable mode, no rule changes allowed", True),
        ("", True),
        ("Syscall name unknown: kil", False),
        ("-F unknown field: audi", False),
        ("arch elf mapping not found", False),
    ],
)
def test_a_rule_can_be_read_without_a_kernel(monkeypatch, err, accepted):
    monkeypatch.setattr(_kernel, "binary", lambda name, *_disk: "/bin/" + name)
    asked = []

    def run(argv):
        asked.append(argv[:4])
        return 0, "", err

    if accepted:
        _kernel.check_unloaded(run, RULE)
    else:
        with pytest.raises(_kernel.KernelError, match=err):
            _kernel.check_unloaded(run, RULE)
    assert asked == [["/bin/unshare", "-U", "-r", "/bin/auditctl"]]


def test_ausyscall_fills_what_the_tables_lack(monkeypatch):
    monkeypatch.setattr(_kernel, "binary", lambda name, *_disk: "/bin/" + name)
    dump = "Using x86_64 syscall table:\n0\tread\n62\tkill\n900\tbrand_new\n"
    names = _kernel.HostNames("x86_64", lambda argv: (0, dump, "") if "--dump" in argv else (1, "", ""))
    assert names.syscall("x86_64", "kill") == 62
    assert names.syscall("x86_64", "brand_new") == 900
    assert names.syscall("x86_64", "never_heard") == "never_heard"
    assert names.user("root") == 0
    assert names.group("no such group") is None
