# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of a transaction as one shell script, which does all of them or none.

This file is private to the collection: it can change without notice.
"""

from __future__ import annotations

import hashlib
import shlex
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _files, _kernel, _ledger, _loader

from . import _raw_host, _raw_model, _raw_shell

LOCK = "/var/run/linux_audit_fleet.raw"
LOCK_SECONDS = 60
STOP_SECONDS = 20

_FUNCTIONS = r"""
undo=
fail() { mark failed; printf '%s\n' "$*"; exit 1; }
finish() {
  code=$?
  trap - EXIT
  trap '' HUP INT TERM PIPE
  if [ $code -ne 0 ]; then
    for step in $undo; do
      "$step" || printf 'Taking back what had been done failed too (%s): %s\n' "$step" "$said"
    done
  fi
  rm -rf LOCK
  exit $code
}
seconds=0
until mkdir LOCK 2>/dev/null; do
  holder=$(cat LOCK/pid 2>/dev/null)
  if [ -n "$holder" ] && [ ! -d "/proc/$holder" ]; then rm -rf LOCK; continue; fi
  seconds=$((seconds + 1))
  [ $seconds -le PATIENCE ] || fail 'another run changes the audit rules of this host (there is LOCK); this one waited PATIENCE s'
  sleep 1
done
echo $$ >LOCK/pid
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
trap '' PIPE
same() {
  if [ -f "$1" ]; then now=$(cksum <"$1"); else now=; fi
  [ "$now" = "$2" ] || fail "$1 was changed by somebody else while this was worked out: run it again"
}
write() {
  said=$(
    exec 2>&1
    rm -f "$1SUFFIX"
    printf %s "$5" >"$1SUFFIX" && chown "$4" "$1SUFFIX" && chmod "$3" "$1SUFFIX" && [ "$(wc -c <"$1SUFFIX")" -eq "$2" ] && mv -f "$1SUFFIX" "$1" && exit 0
    rm -f "$1SUFFIX"
    exit 1
  ) || return 1
  if command -v restorecon >/dev/null 2>&1; then restorecon "$1" >/dev/null 2>&1; fi
  return 0
}
remove() { said=$(rm -f "$1" 2>&1); }
ask() { said=$("$@" 2>&1 </dev/null); code=$?; }
taken() {
  if [ $code -ne 0 ] || printf '%s\n' "$said" | grep -Eq '^(Error|Unknown|Syscall name unknown)'; then fail "$*: $said (exit code $code)"; fi
}
add() { ask "$@"; case $said in *'Rule exists'*) return 1 ;; esac; taken "$@"; }
delete() { ask "$@"; case $said in *'No such file or directory'*) return 1 ;; esac; taken "$@"; }
read_only() {
  ask "$@"
  said=$(printf '%s\n' "$said" | grep -Ev UNREACHED | grep .) && fail "$*: $said"
  return 0
}
has() { grep -Fxq -e "$1" RULES_FILE || fail "augenrules reported success, but RULES_FILE lacks $1"; }
"""

_PRINT = r"""
undo=
if [ -f RULES_FILE ]; then mark rules_file; od -An -v -tx1 <RULES_FILE | tr -d ' \n'; fi
"""


def _call(*words: str) -> str:
    return " ".join(map(shlex.quote, words))


def _put(path: str, wanted: _files.Snapshot | None) -> str:
    if wanted is None:
        return _call("remove", path)
    text = wanted.content.decode("utf-8", "surrogateescape")
    return _call("write", path, str(len(wanted.content)), f"{wanted.mode:04o}", f"{wanted.uid}:{wanted.gid}", text)


class _Writer:
    """Writes steps as lines of shell. Each step that can be taken back has a function that does so."""

    def __init__(self, host: _raw_host.Host, locked: bool) -> None:
        self.lines: list[str] = []
        self._auditctl = host.program("auditctl") or "auditctl"
        self._locked = locked
        self._undone = 0
        self._lines_for_boot: list[str] = []

    def _back(self, *commands: str) -> str:
        """Return the shell that notes how a step is taken back; the function is written before the step."""
        self._undone += 1
        self.lines.append(f"undo_{self._undone}() {{ {'; '.join(commands)}; }}")
        return f'undo="undo_{self._undone} $undo"'

    def step(self, step: _raw_model.Step) -> None:
        getattr(self, "_" + type(step).__name__.lower())(step)

    def _fallible(self, command: str, what: str, note: str = "") -> None:
        self.lines.append(f"{command} || fail {shlex.quote(what)}\"$said\"" + (f"\n{note}" if note else ""))

    def _put(self, step: _raw_model.Put) -> None:
        note = self._back(_put(step.path, step.before))
        self._fallible(_put(step.path, step.wanted), f"{step.path}: ", note)
        if step.wanted is not None and step.path.startswith(_loader.RULES_DIRECTORY + "/"):
            text = step.wanted.content.decode("utf-8", "surrogateescape")
            self._lines_for_boot += [line for line in text.split("\n") if line.startswith(("-a", "-A", "-w"))]

    def _makedirectory(self, step: _raw_model.MakeDirectory) -> None:
        note = self._back(f"rmdir {shlex.quote(step.path)}")
        self._fallible(f"said=$(mkdir -p -m 0700 {shlex.quote(step.path)} 2>&1)", "", note)

    def _removedirectory(self, step: _raw_model.RemoveDirectory) -> None:
        note = self._back(f"mkdir -m 0700 {shlex.quote(step.path)}")
        # Whatever else is in it is not ours to judge.
        self.lines.append(f"if rmdir {shlex.quote(step.path)} 2>/dev/null; then {note}; fi")

    def _add(self, step: _raw_model.Add) -> None:
        note = self._back(_call("ask", self._auditctl, *step.undo))
        self.lines.append(f"if {_call('add', self._auditctl, *step.argv)}; then {note}; fi")

    def _delete(self, step: _raw_model.Delete) -> None:
        note = self._back(_call("ask", self._auditctl, *step.undo))
        ways = " || ".join(_call("delete", self._auditctl, *argv) for argv in (step.argv, step.listed) if argv)
        self.lines.append(f"{ways} || fail {shlex.quote(' '.join(step.argv) + ': auditctl -l shows it, but the kernel finds no such rule to delete')}\n{note}")

    def _setting(self, step: _raw_model.Setting) -> None:
        note = self._back(_call("ask", self._auditctl, step.option, step.before)) if step.before is not None else ""
        self.lines.append(_call("ask", self._auditctl, step.option, step.value))
        self._fallible("[ $code -eq 0 ]", f"auditctl {step.option} {step.value}: ", note)

    def _check(self, step: _raw_model.Check) -> None:
        self.lines.append(_call("read_only", *step.argv))

    def _rebuild(self, step: _raw_model.Rebuild) -> None:
        note = self._back(*(_put(path, before) for path, before in zip(_raw_model.GENERATED, step.before)))
        self.lines.append(f"{note}\n{_call('ask', step.program)}")
        self._fallible("[ $code -eq 0 ]", f"augenrules could not build {_loader.RULES_FILE}: ")
        if not self._locked:
            self.lines += [_call("has", line) for line in self._lines_for_boot]

    def _terminate(self, step: _raw_model.Terminate) -> None:
        self.lines.append(
            f"kill -TERM {step.pid} && seconds=0\n"
            f"until ask {self._auditctl} -s; case $said in *'pid 0'* | *'pid=0'*) true ;; *) [ ! -d /proc/{step.pid} ] ;; esac; do\n"
            f"  seconds=$((seconds + 1)); [ $seconds -le {STOP_SECONDS} ] || fail 'auditd (pid {step.pid}) did not end within {STOP_SECONDS} s of SIGTERM'\n"
            "  sleep 1\ndone"
        )


def _touched(steps: t.Iterable[_raw_model.Step]) -> list[str]:
    paths: dict[str, None] = {}
    for step in steps:
        if isinstance(step, _raw_model.Put):
            paths[step.path] = None
        elif isinstance(step, _raw_model.Rebuild):
            paths.update(dict.fromkeys(_raw_model.GENERATED))
    return list(paths)


def script(host: _raw_host.Host, steps: t.Sequence[_raw_model.Step], locked: bool = False, again: bool = False) -> _raw_shell.Script:
    """Return the script that does the steps. It prints the section rules_file, audit.rules as it is then in hexadecimal.

    ``locked`` says that augenrules may have left audit.rules alone; ``again`` that the files are no longer as ``host`` has them.
    """
    functions = _FUNCTIONS
    for name, value in (
        ("UNREACHED", shlex.quote(_kernel.UNREACHED)),
        ("RULES_FILE", _loader.RULES_FILE),
        ("PATIENCE", str(LOCK_SECONDS)),
        ("SUFFIX", _files.SUFFIX),
        ("LOCK", LOCK),
    ):
        functions = functions.replace(name, value)
    writer = _Writer(host, locked)
    if not again:
        for path in _touched(steps):
            found = host.files.get(path)
            writer.lines.append(_call("same", path, found.checksum if found else ""))
    for step in steps:
        writer.step(step)
    return _raw_shell.Script.of(functions + "\n".join(writer.lines) + _PRINT.replace("RULES_FILE", _loader.RULES_FILE))


def correction(model: _raw_model.Model, printed: t.Mapping[str, str]) -> list[_raw_model.Step]:
    """Return the steps that make the host's record tell of the audit.rules that augenrules really built.

    ``printed`` are the sections that the script printed. The digest tells teardown whether somebody else has changed the file since.
    """
    ledger = _ledger.Ledger(disk=model)
    if not ledger.names():
        return []
    built = bytes.fromhex(printed["rules_file"].strip()) if "rules_file" in printed else None
    digest = None if built is None else hashlib.sha256(built).hexdigest()
    record = ledger.host()
    if record["audit_rules_after"] == digest:
        return []
    done = len(model.steps)
    ledger.write_host({**record, "audit_rules_after": digest})
    return model.steps[done:]
