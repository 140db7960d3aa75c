# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _boot, _kernel, _loader, _rule

NAMES = _rule.Names("x86_64")
LINES = ["-a always,exit -F arch=b64 -S kill -k ops", "-w /etc/passwd -p wa -k ops"]
HEADER = "# Ours.\n"
BLOCK = "# BEGIN linux_audit.fleet x\n# Ours.\n{0}\n{1}\n# END linux_audit.fleet x\n".format(*LINES)


@pytest.fixture
def host(tmp_path, monkeypatch):
    """An /etc/audit of our own."""
    (tmp_path / "rules.d").mkdir()
    monkeypatch.setattr(_loader, "RULES_FILE", str(tmp_path / "audit.rules"))
    monkeypatch.setattr(_loader, "RULES_DIRECTORY", str(tmp_path / "rules.d"))
    return tmp_path


def boot_files(kind, name="x", run=None):
    return _boot.BootFiles(name, _loader.Loader(kind, "test", "", _loader.RULES_FILE), run)


@pytest.mark.parametrize(
    "before, after",
    [
        ("", BLOCK),
        ("-D\n", "-D\n" + BLOCK),
        ("-D", "-D\n" + BLOCK),
        ("-D\n-e 2\n", "-D\n" + BLOCK + "-e 2\n"),
        ("-D\n-e  2\n# end\n", "-D\n" + BLOCK + "-e  2\n# end\n"),
        ("-D\n-e 1\n-w /a -p r\n", "-D\n-e 1\n-w /a -p r\n" + BLOCK),
    ],
)
def test_where_a_block_goes(before, after):
    body = HEADER + "".join(line + "\n" for line in LINES)
    assert _boot.with_block(before, "x", body) == after
    assert _boot.with_block(after, "x", body) == after
    assert _boot.without_block(after, "x") in (before, before + "\n")


def test_a_block_of_another_name_is_left():
    text = "# BEGIN linux_audit.fleet x2\n-w /a -p r\n# END linux_audit.fleet x2\n"
    assert _boot.without_block(text, "x") == text


def test_augenrules_gets_a_file_of_its_own(host):
    boot = boot_files("augenrules")
    wanted = boot.wanted(HEADER, LINES)
    assert boot.path == str(host / "rules.d/95-x.rules")
    assert wanted.content.decode() == "# Ours.\n{0}\n{1}\n".format(*LINES)
    assert (wanted.mode, wanted.uid, wanted.gid) == (0o640, 0, 0)
    assert boot.wanted(HEADER, []) is None


def test_audit_rules_keeps_mode_and_content(host):
    (host / "audit.rules").write_text("-D\n")
    (host / "audit.rules").chmod(0o600)
    wanted = boot_files("audit_rules").wanted(HEADER, LINES)
    assert wanted.content.decode() == "-D\n" + BLOCK
    assert wanted.mode == 0o600


def test_lines_are_those_of_this_name(host):
    (host / "audit.rules").write_text("-w /b -p r\n" + BLOCK)
    assert boot_files("audit_rules").lines() == LINES
    assert boot_files("augenrules").lines() == []


def test_others_are_all_but_ours(host):
    (host / "rules.d/10-site.rules").write_text("-D\n# x\n-a exit,always -F arch=b64 -S kill -k ops\n-a gibberish\n")
    (host / "rules.d/95-x.rules").write_text(LINES[1] + "\n")
    (host / "rules.d/notes.txt").write_text(LINES[1] + "\n")
    assert boot_files("augenrules").others(NAMES) == [_rule.parse(LINES[0], NAMES)]


def test_the_fingerprint_knows_names_bytes_and_not_ours(host):
    boot = boot_files("augenrules")
    empty = boot.fingerprint([])
    (host / "rules.d/95-x.rules").write_text("x")
    (host / "rules.d/95-y.rules").write_text("y")
    assert boot.fingerprint([str(host / "rules.d/95-y.rules")]) == empty
    (host / "rules.d/10-site.rules").write_text("")
    assert boot.fingerprint([str(host / "rules.d/95-y.rules")]) != empty


def test_stale_when_a_line_lacks_or_is_left(host):
    boot = boot_files("augenrules")
    (host / "audit.rules").write_text(LINES[0] + "\n")
    assert not boot.stale(LINES[:1], [])
    assert boot.stale(LINES, [])
    assert boot.stale([], LINES)
    assert not boot.stale(LINES[:1], LINES[:1])
    assert not boot_files("audit_rules").stale(LINES, [])


def test_augenrules_that_fails_is_quoted(host, monkeypatch):
    monkeypatch.setattr(_kernel, "binary", lambda name, *_disk: "/sbin/" + name)
    boot = boot_files("augenrules", run=lambda argv: (1, "", "/sbin/augenrules: No rules directory"))
    with pytest.raises(_boot.BootError, match="No rules directory"):
        boot.rebuild()


def test_without_augenrules_the_loader_is_named(host, monkeypatch):
    monkeypatch.setattr(_kernel, "binary", lambda name, *_disk: None)
    with pytest.raises(_boot.BootError, match="test loads rules with augenrules"):
        boot_files("augenrules").rebuild()


def test_rules_that_switch_auditing_off_go_aside_and_come_back():
    text = "-D\n-a task,never\n# -a task,never\n-a never,task -F uid=1\n-a never,exit -S all\n-a task,never"
    aside = _boot.without_never_task(text)
    assert [line for line in aside.split("\n") if line.startswith("-a")] == ["-a never,exit -S all"]
    assert _boot.without_never_task(aside) == aside
    assert _boot.with_never_task(aside) == text


def test_the_fingerprint_does_not_know_what_we_put_aside(host):
    boot = boot_files("augenrules")
    (host / "rules.d/10-no-audit.rules").write_text("-a task,never\n")
    before = boot.fingerprint([])
    ((path, aside),) = boot.never_task(True)
    (host / "rules.d/10-no-audit.rules").write_bytes(aside.content)
    assert path == str(host / "rules.d/10-no-audit.rules")
    assert boot.fingerprint([]) == before
    assert boot.never_task(True) == []
    assert [wanted.content for path, wanted in boot.never_task(False)] == [b"-a task,never\n"]


def test_lines_can_be_taken_out_of_a_text():
    assert _boot.without_lines(b"-D\n-w /a\n\n", ["-w /a"]) == b"-D\n\n"
