# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that is to be known of a host without Python, asked by one script.

This file is private to the collection: it can change without notice.
"""

from __future__ import annotations

import re
import shlex
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _abi, _files, _kernel, _ledger, _loader, _ruleset

from . import _raw_shell

TOOLS = ("auditctl", "auditd", "augenrules", "ausearch", "ausyscall", "unshare")
BOOT_ID = "/proc/sys/kernel/random/boot_id"

_MODE = re.compile(r"^[-bcdlps]([-rwxsStT]{9})\S*\s+\d+\s+(\d+)\s+(\d+)\s")

FUNCTIONS = r"""
f() {
  [ -f "$1" ] || return 0
  mark "file $1"; ls -ldn "$1"; cksum <"$1"; od -An -v -tx1 <"$1" | tr -d ' \n'
}
d() { if [ -d "$1" ]; then mark "directory $1"; fi; }
e() { if [ -e "$1" ]; then mark "exists $1"; fi; }
c() {
  n=$1; shift
  mark "out $n"; error=$("$@" 2>&1 >&3 3>&- </dev/null); code=$?
  mark "code $n"; echo $code
  mark "error $n"; printf '%s' "$error"
}
"""
"""f prints a file (list, checksum, bytes in hexadecimal), d and e say that a directory or anything is there, c runs a command and keeps its
answer, its errors and its exit code apart, under the names that :meth:`Host.ran` reads."""

NAMES = r"""
mark users; { getent passwd || cat /etc/passwd; } 2>/dev/null | cut -d: -f1,3
mark groups; { getent group || cat /etc/group; } 2>/dev/null | cut -d: -f1,3
"""

# What _presence reads of kallsyms.
_SYMBOLS = (
    " [tTwW] [._]*((x64|ia32|arm64|s390x?|riscv|ia32_compat|arm64_compat|s390_compat|riscv_compat|compat)_)?(sys_|sys32_)"
    "|entry_INT80| ia32_syscall|ia32_sys_call_table"
)

_GATHER = r"""
mark user; id -u
mark machine; uname -m
mark release; uname -r
f BOOT_ID
mark command_line; cat /proc/cmdline 2>/dev/null
mark mounts; cat /proc/self/mounts 2>/dev/null
mark symbols; grep -E 'SYMBOLS' /proc/kallsyms 2>/dev/null | sed 's/^[0-9a-f]* /0 /'
mark namespaces; for n in pid user; do readlink /proc/self/ns/$n 2>/dev/null || echo unknown; done
mark container; tr '\0' '\n' 2>/dev/null </proc/1/environ | sed -n 's/^container=//p'
e /run/.containerenv; e /.dockerenv
for p in TOOLS; do
  for b in DIRECTORIES; do
    if [ -f "$b/$p" ] && [ -x "$b/$p" ]; then mark "program $b/$p"; fi
  done
done
if command -v auditctl >/dev/null; then
  c version auditctl -v
  c status auditctl -s
  c rules auditctl -l
fi
if command -v ausyscall >/dev/null; then
  case $(uname -m) in MACHINES *) a= ;; esac
  for a in $a; do c "syscalls $a" ausyscall "$a" --dump; done
fi
mark processes; cat /proc/[0-9]*/stat 2>/dev/null
if [ -d /run/systemd/system ]; then
  for u in UNITS; do c "unit $u" systemctl SHOW "$u"; done
fi
for b in UNIT_DIRECTORIES; do
  for u in UNITS; do
    if [ -e "$b/$u" ]; then
      if [ "$(readlink -f "$b/$u")" = /dev/null ]; then mark "masked $b/$u"; else f "$b/$u"; fi
    fi
    for x in "$b/$u.d"/*.conf; do f "$x"; done
  done
done
for x in SETTINGS; do f "$x"; done
for x in MARKS; do e "$x"; done
for x in AUDIT_DIRECTORIES RULES_DIRECTORY RECORDS; do d "$x"; done
for x in RULES_FILE RULES_FILE.prev; do f "$x"; f "${x}SUFFIX"; done
for x in RULES_DIRECTORY/* RECORDS/*; do f "$x"; done
g=$(sed -n 's/^[^ ]* \([^ ]*\) cgroup2 .*/\1/p' /proc/self/mounts 2>/dev/null | head -n 1)
if [ -n "$g" ]; then
  g=$(printf %b "$(printf %s "$g" | sed 's/\\\([0-7][0-7][0-7]\)/\\0\1/g')")
  for x in "$g"/*/; do
    [ -d "$x" ] && mark groups_of_cgroup2
    if [ -e "$x/cgroup.kill" ]; then mark cgroup_kill; break; fi
  done
fi
"""


def _words(words: t.Iterable[str]) -> str:
    return " ".join(map(shlex.quote, words))


def script(paths: t.Iterable[str] = (), users: t.Iterable[str] = (), groups: t.Iterable[str] = ()) -> _raw_shell.Script:
    """Return the script that asks a host, also where ``paths`` lead to, and for ``users`` and ``groups`` by name. It changes nothing."""
    machines = " ".join(
        f"{machine}) a='{' '.join(_abi.architectures(machine).values())}' ;;" for machine in ("i486", "i586", "i686", "arm64", *_abi.MACHINES, "arm*")
        if _abi.architectures(machine.rstrip("*"))
    )
    body = NAMES + _GATHER
    for name, value in (
        ("AUDIT_DIRECTORIES", _words(_ruleset.DIRECTORIES)),
        ("UNIT_DIRECTORIES", _words(_loader.UNIT_DIRECTORIES)),
        ("RULES_DIRECTORY", _loader.RULES_DIRECTORY),
        ("DIRECTORIES", _words(_kernel.DIRECTORIES)),
        ("RULES_FILE", _loader.RULES_FILE),
        ("SETTINGS", _words(_loader.SYSV_SETTINGS)),
        ("MACHINES", machines),
        ("RECORDS", _ledger.DIRECTORY),
        ("BOOT_ID", BOOT_ID),
        ("MARKS", _words((*_loader.SYSTEMD, _loader.SYSV_SCRIPT))),
        ("UNITS", _words(_loader.UNITS)),
        ("TOOLS", _words(TOOLS)),
        ("SUFFIX", _files.SUFFIX),
        ("SYMBOLS", _SYMBOLS),
        ("SHOW", _words(_loader.SHOW)),
    ):
        body = body.replace(name, value)
    lines = [
        f"if [ -e {path} ] || [ -L {path} ]; then mark {shlex.quote('path ' + name)}; readlink -f {path}; fi"
        for name, path in ((name, shlex.quote(name)) for name in paths)
    ]
    lines += [f"mark {shlex.quote('user ' + name)}; id -u {shlex.quote(name)} 2>/dev/null" for name in users]
    lines += [f"mark {shlex.quote('group ' + name)}; getent group {shlex.quote(name)} 2>/dev/null | cut -d: -f3" for name in groups]
    return _raw_shell.Script.of(FUNCTIONS + body + "\n".join(lines))


class Ran(t.NamedTuple):
    """What a command answered."""

    code: int
    out: str
    error: str


def ran(sections: t.Mapping[str, str], name: str) -> Ran | None:
    """Return what the command called ``name`` answered, None when it was not run."""
    if f"code {name}" not in sections:
        return None
    return Ran(int(sections[f"code {name}"]), sections[f"out {name}"], sections[f"error {name}"])


def numbers(text: str) -> dict[str, int]:
    """Return the numbers of lines such as ``root:0``."""
    pairs = (line.rpartition(":") for line in text.splitlines())
    return {name: int(number) for name, _colon, number in pairs if name and number.isdigit()}


class Found(t.NamedTuple):
    """A file, and its ``cksum`` line, by which a script sees that it is still the same."""

    taken: _files.Snapshot
    checksum: str


def _mode(letters: str) -> int:
    """Return the number of what ls writes: ``rw-r-x--T``."""
    mode = sum(1 << 8 - at for at, letter in enumerate(letters) if letter not in "-ST")
    return mode | sum(0o4000 >> at // 3 for at, letter in enumerate(letters) if letter in "sStT")


def _file(text: str) -> Found | None:
    lines = text.split("\n")
    listed = _MODE.match(lines[0])
    if listed is None or len(lines) < 3:
        return None
    taken = _files.Snapshot(bytes.fromhex(lines[2]), _mode(listed.group(1)), int(listed.group(2)), int(listed.group(3)))
    return Found(taken, lines[1].strip())


class Host:
    """What a host answered to :func:`script`."""

    def __init__(self, sections: t.Mapping[str, str]) -> None:
        self.sections = sections
        self.machine = sections["machine"].strip()
        self.release = sections["release"].strip()
        self.root = sections["user"].strip() == "0"
        self.files = {path: found for path, text in self._named("file ") if (found := _file(text))}
        self.directories = {path for path, _text in self._named("directory ")}
        self.programs = {path for path, _text in self._named("program ")}
        self.paths = {path: text.strip() for path, text in self._named("path ")}
        self.users = {**numbers(sections.get("users", "")), **self._asked("user ")}
        self.groups = {**numbers(sections.get("groups", "")), **self._asked("group ")}

    def _named(self, kind: str) -> t.Iterator[tuple[str, str]]:
        return ((name[len(kind) :], text) for name, text in self.sections.items() if name.startswith(kind))

    def _asked(self, kind: str) -> dict[str, int]:
        return {name: int(text) for name, text in self._named(kind) if text.strip().isdigit()}

    def exists(self, path: str) -> bool:
        """Tell whether a file that was asked for is there."""
        return path in self.files or path in self.directories or f"exists {path}" in self.sections or f"masked {path}" in self.sections

    def ran(self, name: str) -> Ran | None:
        """Return what the command called ``name`` answered, None when it was not run."""
        return ran(self.sections, name)

    def program(self, name: str) -> str | None:
        """Return the path of one of audit's tools."""
        paths = (f"{directory}/{name}" for directory in _kernel.DIRECTORIES)
        return next((path for path in paths if path in self.programs), None)


class Names(_kernel.HostNames):
    """Names as a host without Python resolves them."""

    def __init__(self, host: Host) -> None:
        super().__init__(_abi.normal_machine(host.machine), _not_run)
        self._host = host

    def table(self, arch: str) -> dict[str, int]:
        dump = self._host.ran(f"syscalls {arch}")
        return _kernel.read_syscalls(dump.out) if dump and dump.code == 0 else {}

    def knows(self, arch: str) -> bool:
        return bool(self.table(arch)) or self._host.program("ausyscall") is None

    def user(self, name: str) -> int | None:
        return self._host.users.get(name)

    def group(self, name: str) -> int | None:
        return self._host.groups.get(name)


def _not_run(_argv: t.Sequence[str]) -> tuple[int, str, str]:
    raise AssertionError("all has been asked before")


class _Tree(_loader.Tree):
    def __init__(self, host: Host) -> None:
        super().__init__()
        self._host = host

    def exists(self, path: str) -> bool:
        return self._host.exists(path)

    def read(self, path: str) -> str:
        found = self._host.files.get(path)
        return found.taken.content.decode("utf-8", "replace") if found else ""

    def masked(self, path: str) -> bool:
        return f"masked {path}" in self._host.sections

    def drop_ins(self, directory: str) -> list[str]:
        return [path for path in self._host.files if path.startswith(directory + "/")]

    def has_augenrules(self) -> bool:
        return self._host.program("augenrules") is not None


def loader(host: Host) -> _loader.Loader:
    """Return how rules are loaded at boot."""

    def run(argv: t.Sequence[str]) -> tuple[int, str, str]:
        return host.ran(f"unit {argv[-1]}") or (1, "", "")

    return _loader.from_systemd(run) or _loader.from_tree(_Tree(host))
