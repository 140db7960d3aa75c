# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host without Python as the controller knows it, on which a transaction is played.

This file is private to the collection: it can change without notice.

The transaction is the one that runs on hosts with Python. What it changes is noted step by step;
the steps become a shell script (_raw_apply).
"""

from __future__ import annotations

import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _files, _kernel, _ledger, _loader, _rule, _transaction

from . import _raw_host

Argv = tuple[str, ...]


class Put(t.NamedTuple):
    """A file that becomes ``wanted``, absent for None."""

    path: str
    before: _files.Snapshot | None
    wanted: _files.Snapshot | None


class MakeDirectory(t.NamedTuple):
    path: str


class RemoveDirectory(t.NamedTuple):
    path: str


class Add(t.NamedTuple):
    """A rule to be loaded; ``undo`` are the words that delete it."""

    argv: Argv
    undo: Argv


class Delete(t.NamedTuple):
    """A rule to be deleted, as we write it or else as it was ``listed``; ``undo`` are the words that load it."""

    argv: Argv
    listed: Argv | None
    undo: Argv


class Setting(t.NamedTuple):
    """A setting of ``auditctl -s``: the option, its value and the one before, None when there was none."""

    option: str
    value: str
    before: str | None


class Check(t.NamedTuple):
    """A rule that this host's auditctl must be able to read."""

    argv: Argv


class Rebuild(t.NamedTuple):
    """A run of augenrules, from the audit.rules and audit.rules.prev that there were."""

    program: str
    before: tuple[_files.Snapshot | None, _files.Snapshot | None]


class Terminate(t.NamedTuple):
    pid: int


Step = Put | MakeDirectory | RemoveDirectory | Add | Delete | Setting | Check | Rebuild | Terminate

GENERATED = (_loader.RULES_FILE, _loader.RULES_FILE + ".prev")
_OPTIONS = {option: name for name, option in _kernel.SETTINGS.items()}
_Answer = tuple[int, str, str]


def _deleting(argv: Argv) -> Argv:
    return tuple({"-a": "-d", "-A": "-d", "-w": "-W"}.get(word, word) for word in argv)


def _adding(argv: Argv) -> Argv:
    return tuple({"-d": "-a", "-W": "-w"}.get(word, word) for word in argv)


class Model(_files.Disk):
    """The host's files and kernel. ``steps`` are the changes made so far."""

    uid = 0
    gid = 0

    def __init__(self, host: _raw_host.Host) -> None:
        self.steps: list[Step] = []
        self._host = host
        self._names = _raw_host.Names(host)
        self._files = {path: found.taken for path, found in host.files.items()}
        self._directories = set(host.directories)
        rules = host.ran("rules")
        self._lines = [line for line in (rules.out if rules else "").split("\n") if line.strip()]
        self._listed = frozenset(self._lines)
        self._status: dict[str, int | str] = {}
        status = host.ran("status")
        if status:
            try:
                self._status = _kernel.read_status(*status, host.root)
            except _kernel.KernelError:
                self._status = {}

    # The files

    def snapshot(self, path: str) -> _files.Snapshot | None:
        return self._files.get(path)

    def put(self, path: str, wanted: _files.Snapshot | None) -> bool:
        before = self._files.get(path)
        if before == wanted:
            return False
        self.steps.append(Put(path, before, wanted))
        self._set(path, wanted)
        return True

    def _set(self, path: str, wanted: _files.Snapshot | None) -> None:
        if wanted is None:
            self._files.pop(path, None)
        else:
            self._files[path] = wanted

    def discard(self, path: str) -> None:
        self.put(path, None)

    def names(self, directory: str) -> list[str]:
        return sorted(path.rpartition("/")[2] for path in self._files if path.rpartition("/")[0] == directory)

    def is_directory(self, path: str) -> bool:
        return path in self._directories

    def make_directory(self, path: str) -> None:
        self.steps.append(MakeDirectory(path))
        self._directories.add(path)

    def remove_directory(self, path: str) -> None:
        if path in self._directories and not self.names(path):
            self.steps.append(RemoveDirectory(path))
            self._directories.discard(path)

    def is_program(self, path: str) -> bool:
        return path in self._host.programs

    def terminate(self, pid: int) -> None:
        self.steps.append(Terminate(pid))
        self._status["pid"] = 0

    # The programs

    def run(self, argv: t.Sequence[str]) -> _Answer:
        """Answer as the host's auditctl, augenrules and unshare would."""
        program, words = argv[0].rpartition("/")[2], tuple(argv[1:])
        if program == "augenrules":
            self._rebuild(argv[0])
            return 0, "", ""
        if program == "unshare" or (not self._status and words[0] not in ("-v", "-s", "-l")):
            self.steps.append(Check(tuple(argv)))
            return 0, "", ""
        if words == ("-s",):
            return self._show_status()
        if words == ("-l",):
            ran = self._host.ran("rules")
            return (ran.code, "\n".join(self._lines) + "\n", ran.error) if ran else (1, "", "")
        if words[0] in _OPTIONS:
            return self._set_setting(words[0], words[1])
        return self._delete(words) if {"-d", "-W"} & set(words) else self._add(words)

    def _show_status(self) -> _Answer:
        ran = self._host.ran("status")
        if not self._status or ran is None:
            return ran or (1, "", "")
        return 0, "".join(f"{name} {value}\n" for name, value in self._status.items()), ""

    def _set_setting(self, option: str, value: str) -> _Answer:
        name = _OPTIONS[option]
        before = self._status.get(name)
        self.steps.append(Setting(option, value, None if before is None else str(before)))
        self._status[name] = int(value)
        return 0, "", ""

    def _find(self, argv: Argv) -> int | None:
        text = _rule.line(argv)
        if text in self._lines:
            return self._lines.index(text)
        wanted = _rule.parse(text, self._names)
        return _kernel.Listing("\n".join(self._lines), self._names).find(wanted)

    def _add(self, argv: Argv) -> _Answer:
        if self._find(argv) is not None:
            return 255, "", "Error sending add rule data request (Rule exists)"
        self.steps.append(Add(argv, _deleting(argv)))
        self._lines.append(_rule.line(argv))
        return 0, "", ""

    def _delete(self, argv: Argv) -> _Answer:
        adding = _adding(argv)
        index = self._find(adding)
        if index is None:
            return 255, "", "Error sending delete rule data request (No such file or directory)"
        line = self._lines.pop(index)
        listed = _deleting(tuple(_rule.words(line))) if line in self._listed else None
        self.steps.append(Delete(argv, None if listed == argv else listed, adding))
        return 0, "", ""

    def _rebuild(self, program: str) -> None:
        """Play augenrules as far as a transaction looks at its work: which rules audit.rules has."""
        path, previous = GENERATED
        before = self._files.get(path)
        self.steps.append(Rebuild(program, (before, self._files.get(previous))))
        sources = [name for name in self.names(_loader.RULES_DIRECTORY) if name.endswith(".rules")]
        contents = [self._files[f"{_loader.RULES_DIRECTORY}/{name}"].content for name in sources]
        built = _files.Snapshot(f"{_loader.GENERATED} {_loader.RULES_DIRECTORY}\n".encode() + b"".join(contents), 0o640, 0, 0)
        if before is not None:
            self._set(previous, before)
        self._set(path, built)


def transact(host: _raw_host.Host, params: _transaction.Params, check: bool) -> tuple[dict[str, t.Any], Model]:
    """Play a transaction: its result, as the module audit_rules returns it with ``warnings``, and the model after it. Raises _ruleset.Errors."""
    model = Model(host)
    played = _transaction.Host(model.run, _raw_host.Names(host), _ledger.Ledger(disk=model), model, _raw_host.loader(host))
    return _transaction.run(played, params, check), model
