# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import shlex
import subprocess

import pytest

from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _raw_shell

HOSTILE = "it's \"$HOME\" `id` $(id) \\n \\\\ %s %b\tä\udcff ! # * ~ \r"


def run(commands):
    """Run commands as ssh and sudo would: quoted once more for a shell."""
    said = b""
    for command in commands:
        said = subprocess.run(["sh", "-c", "sh -c " + shlex.quote(command)], capture_output=True, check=False).stdout
    return said.decode("utf-8", "surrogateescape")


def test_any_text_reaches_the_host_as_it_is():
    script = _raw_shell.Script.of("mark text; printf %s " + shlex.quote(HOSTILE))
    assert script.sections("\n" + run(script.commands())) == {"text": HOSTILE, "end": ""}


def test_a_long_script_goes_in_pieces_that_are_short_enough(monkeypatch):
    monkeypatch.setattr(_raw_shell, "LIMIT", 1000)
    script = _raw_shell.Script.of("mark text; printf %s " + shlex.quote(HOSTILE * 100))
    commands = script.commands()
    assert len(commands) > 3
    assert max(map(len, commands)) < 1300
    assert script.sections("\n" + run(commands))["text"] == HOSTILE * 100
    assert subprocess.run(["ls", f"/var/run/linux_audit_fleet.{script.word}"], capture_output=True, check=False).returncode != 0


def test_a_terminal_is_recognised_by_the_ends_of_lines():
    script = _raw_shell.Script("", "WORD")
    said = "Welcome!\r\n\r\n--WORD one\r\na\r\nb\r\r\n\r\n--WORD two\r\n\r\n--WORD end\r\n"
    assert script.sections(said) == {"one": "a\nb\r\n", "two": "", "end": ""}


def test_what_only_looks_like_a_divider_is_text():
    script = _raw_shell.Script("", "WORD")
    assert script.sections("\n--WORD one\n--OTHER two\n x --WORD three\n\n--WORD end\n")["one"] == "--OTHER two\n x --WORD three\n"


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("", "the host said nothing"),
        ("sudo: a password is required", "sudo: a password is required"),
        ("\n--WORD one\nhalf", "half"),
        ("\n--WORD one\nx\n--WORD failed\nno room\n", "no room"),
    ],
)
def test_an_answer_without_its_end_is_an_error(said, complaint):
    with pytest.raises(_raw_shell.RawError, match=complaint):
        _raw_shell.Script("", "WORD").sections(said)
