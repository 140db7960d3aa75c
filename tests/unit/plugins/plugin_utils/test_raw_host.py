# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import subprocess

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _facts, _files, _kernel
from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _raw_facts, _raw_host

WANTED = {
    "syscalls": ["kill", "tkill", "tgkill", "pidfd_send_signal", "openat2", "unlink", "stime"],
    "paths": ["/etc/localtime", "/no/such", "/bin/sh"],
    "users": ["root", "nobody", "no_such"],
    "groups": ["root", "no_such"],
}


def ask(script):
    said = subprocess.run(["sh", "-c", script.commands()[0]], capture_output=True, check=True).stdout
    return script.sections("\n" + said.decode("utf-8", "surrogateescape"))


@pytest.fixture(scope="module")
def host():
    return _raw_host.Host(ask(_raw_host.script(WANTED["paths"], WANTED["users"], WANTED["groups"])))


def run(argv):
    done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"}, check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_same_facts_as_with_python(host):
    names = _kernel.HostNames(_kernel.machine(), run)
    with_python = _facts.gather(run, names, WANTED)
    without = _raw_facts.facts(host, WANTED)
    for part in ("status", "unaudited"):  # these change from second to second
        assert set(without.pop(part)) == set(with_python.pop(part))
    # Without Python nothing can be installed, and the advice is another.
    assert (without.pop("unreachable_reason") is None) == (with_python.pop("unreachable_reason") is None)
    assert without == with_python


@pytest.mark.parametrize("mode", [0o640, 0o4755, 0o2711, 0o1777, 0o6000, 0o000])
def test_a_file_is_read_as_it_is(tmp_path, mode):
    path = tmp_path / "file"
    content = bytes(range(256)) + b"\n no newline at the end"
    path.write_bytes(content)
    path.chmod(mode)
    sections = ask(_raw_host._raw_shell.Script.of(f"{_raw_host.FUNCTIONS}\nf {path}"))
    found = _raw_host._file(sections[f"file {path}"])
    assert found.taken == _files.Snapshot(content, mode, os.geteuid(), path.stat().st_gid)
    cksum = subprocess.run(["cksum"], stdin=path.open("rb"), capture_output=True, text=True, check=True).stdout if mode & 0o400 or os.geteuid() == 0 else None
    assert cksum is None or found.checksum == cksum.strip()


def test_output_errors_and_exit_code_of_a_command_are_kept_apart():
    sections = ask(_raw_host._raw_shell.Script.of(_raw_host.FUNCTIONS + "\nc it sh -c 'echo out; echo bad >&2; cat; exit 3'"))
    assert _raw_host.ran(sections, "it") == (3, "out\n", "bad")
    assert _raw_host.ran(sections, "other") is None
