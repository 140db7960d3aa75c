# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's record of what was applied under which name, and of how the host was before. This file is private to the collection.

One JSON file per name. It is written before anything is changed (phase `applying` or `removing`) and again when all is done, so
that a run that was killed half-way leaves behind what the next one needs to know.
"""

import json
import os
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _files

Record = t.Dict[str, t.Any]

DIRECTORY = '/var/lib/linux_audit_fleet'
VERSION = 1
_HOST = '_host'  # no name begins with an underscore


class LedgerError(Exception):
    """A record that can't be read or trusted."""


def empty(name):  # type: (str) -> Record
    """A record of nothing applied yet.

    ``phase`` is noted, applying, applied or removing. ``rules``: lines that are to be there. ``kernel``: those of them that were
    loaded by us, so that teardown deletes no one else's. ``boot_id``: the boot in which they were loaded. ``file``: the rules file
    that has them, None when none has, and ``header`` its comment. ``settings``: setting → value set on request.
    """
    return {
        'version': VERSION,
        'name': name,
        'phase': 'noted',
        'scope': None,
        'rules': [],
        'kernel': [],
        'boot_id': None,
        'loader': None,
        'file': None,
        'header': '',
        'settings': {},
    }


def empty_host():  # type: () -> Record
    """What all names of a host share: how it was before the first of them was applied, and how the last run left it.

    ``status``: `auditctl -s` before, None while auditctl was not installed. ``files``: path → snapshot of what augenrules rewrites.
    ``others``: SHA-256 of everybody else's rules.d. ``directories``: path → whether it was there. ``packages``: all that were
    installed, None when auditctl was there already. ``start``: whether auditd was to be started by us. ``service_enabled``:
    whether it was started at boot, None where that was not asked. ``never_task``: rules that switched auditing off for new
    processes and were taken from the kernel. ``status_after`` and
    ``audit_rules_after`` (SHA-256) tell whether somebody else has changed settings or audit.rules since.
    """
    return {
        'version': VERSION,
        'status': None,
        'files': {},
        'others': None,
        'directories': {},
        'packages': None,
        'start': False,
        'service_enabled': None,
        'never_task': [],
        'status_after': {},
        'audit_rules_after': None,
    }


class Ledger:
    """The records of a host."""

    def __init__(self, directory=DIRECTORY, disk=_files.LOCAL):  # type: (str, _files.Disk) -> None
        self.directory = directory
        self._disk = disk

    def _path(self, name):  # type: (str) -> str
        return os.path.join(self.directory, name + '.json')

    def names(self):  # type: () -> t.List[str]
        """The names that have a record."""
        return [entry[: -len('.json')] for entry in self._disk.names(self.directory) if entry.endswith('.json') and entry[0] != '_']

    def read(self, name):  # type: (str) -> t.Optional[Record]
        """The record of a name, None when there is none. Raises LedgerError when it is damaged."""
        return self._read(name, empty(name))

    def host(self):  # type: () -> Record
        """What the names share; empty when nothing was noted yet."""
        return self._read(_HOST, empty_host()) or empty_host()

    def _read(self, name, form):  # type: (str, Record) -> t.Optional[Record]
        taken = self._disk.snapshot(self._path(name))
        if taken is None:
            return None
        record = None  # type: t.Any
        try:
            record = json.loads(taken.content.decode('utf-8'))
            if record['version'] != VERSION or set(record) != set(form):
                raise ValueError('of another version')
        except (ValueError, KeyError, TypeError) as error:
            raise LedgerError('{0} is damaged ({1})'.format(self._path(name), error)) from error
        return t.cast(Record, record)

    def others(self, name):  # type: (str) -> t.List[Record]
        """The records of all other names that can be read."""
        records = []  # type: t.List[Record]
        for other in self.names():
            if other != name:
                try:
                    record = self.read(other)
                except LedgerError:
                    continue
                if record:
                    records.append(record)
        return records

    def write(self, record):  # type: (Record) -> None
        self._write(record['name'], record)

    def write_host(self, record):  # type: (Record) -> None
        self._write(_HOST, record)

    def _write(self, name, record):  # type: (str, Record) -> None
        if not self._disk.is_directory(self.directory):
            self._disk.make_directory(self.directory)
        content = (json.dumps(record, indent=2, sort_keys=True) + '\n').encode('utf-8')
        self._disk.put(self._path(name), _files.Snapshot(content, 0o600, self._disk.uid, self._disk.gid))

    def remove(self, name):  # type: (str) -> None
        """Forget a name; with the last one, what they shared and the directory."""
        self._disk.discard(self._path(name))
        self.sweep()

    def sweep(self):  # type: () -> None
        """Remove what a run that was killed while it wrote or removed a record has left."""
        for entry in self._disk.names(self.directory):
            if entry.endswith(_files.SUFFIX):
                self._disk.discard(os.path.join(self.directory, entry))
        if not self.names():
            self._disk.discard(self._path(_HOST))
            self._disk.remove_directory(self.directory)
