# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running ausearch. This file is private to the collection.

It always reads the files given (-if), never its standard input, in the C locale and in UTC, and prints raw records.
"""

import contextlib
import fcntl
import os
import re
import select
import signal
import subprocess
import tempfile
import time
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _logs, _stream, _time

_OPTION = re.compile(r'(?<![\w-])(-{1,2}[a-z][a-z-]*)')
_VERSION = re.compile(r'ausearch version ([0-9]+)\.([0-9]+)')
_NOTE = re.compile(r'NOTE - ')
_MALFORMED = re.compile(r'Malformed event skipped, rc=-?[0-9]+\. ?')
_READ = 1 << 18
_PIPE = 1 << 20
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ, which the fcntl module does not name before Python 3.10.

# From this version on -if takes a directory of rotated logs.
_DIRECTORY_SINCE = (2, 8)


class AusearchError(Exception):
    """ausearch refused to search; the text is what it said."""


def options(text):  # type: (str) -> t.FrozenSet[str]
    """What an ausearch can be given, from what its --help prints."""
    return frozenset(_OPTION.findall(text))


class Tool:
    """One host's ausearch and what it can do."""

    def __init__(self, path):  # type: (str) -> None
        self.path = path
        self.options = options(self._ask('--help'))
        found = _VERSION.search(self._ask('--version'))
        self.version = (int(found.group(1)), int(found.group(2))) if found else (0, 0)

    def _ask(self, option):  # type: (str) -> str
        ran = subprocess.run([self.path, option], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_environment(), check=False)
        return ran.stdout.decode('utf-8', 'replace')


def _environment():  # type: () -> t.Dict[str, str]
    return dict(os.environ, LC_ALL='C', LANGUAGE='C', TZ='UTC0')


class Search:
    """One run of ausearch. After the chunks have been read, ``timed_out`` says whether it was cut short.

    *start* and *end* are milliseconds since the epoch, *timeout* is in seconds.
    """

    def __init__(self, tool, logs, arguments, start=None, end=None, timeout=None):
        # type: (Tool, _logs.Logs, t.List[str], t.Optional[int], t.Optional[int], t.Optional[float]) -> None
        self.timed_out = False
        self._tool = tool
        self._logs = logs
        self._timeout = timeout
        self.arguments = [tool.path, '--raw' if '--raw' in tool.options else '-r']
        if '--debug' in tool.options:  # Only then does it tell which records it could not read.
            self.arguments.append('--debug')
        if start is not None:
            self.arguments += ['-ts', *_time.for_ausearch(start)]
        if end is not None:
            self.arguments += ['-te', *_time.for_ausearch(end)]
        self.arguments += arguments
        if tool.version >= _DIRECTORY_SINCE:
            self.arguments += ['-if', logs.folder]

    def chunks(self, malformed):  # type: (_stream.Malformed) -> t.Iterator[bytes]
        """What it prints, in pieces; records that ausearch itself could not read go to *malformed*. Raises AusearchError."""
        with tempfile.TemporaryFile(prefix='linux_audit_fleet.') as errors:
            feeder = None if '-if' in self.arguments else self._feed()
            stdin = subprocess.DEVNULL if feeder is None else feeder.stdout
            ran = subprocess.Popen(self.arguments, stdin=stdin, stdout=subprocess.PIPE, stderr=errors, env=_environment())
            if feeder is not None and feeder.stdout is not None:
                feeder.stdout.close()
            seen = False
            try:
                for chunk in self._read(ran):
                    seen = True
                    yield chunk
            finally:
                _end(ran)
                if feeder is not None:
                    _end(feeder)
            errors.seek(0)
            said = _complaints(errors, malformed)
            if not self.timed_out and (ran.returncode not in (0, 1) or (ran.returncode == 1 and said and not seen)):
                raise AusearchError(said or 'it ended with status %d and said nothing' % ran.returncode)

    def _feed(self):  # type: () -> subprocess.Popen[bytes]
        """The logs, oldest first, on the standard input of an ausearch that cannot read a directory."""
        names = [os.path.join(self._logs.folder, name) for name in sorted(os.listdir(self._logs.folder), key=_natural, reverse=True)]
        return subprocess.Popen(['cat', '--', *names], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)

    def _read(self, ran):  # type: (subprocess.Popen[bytes]) -> t.Iterator[bytes]
        if ran.stdout is None:
            return
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        descriptor = ran.stdout.fileno()
        with contextlib.suppress(OSError):  # A host may limit it; it is for speed only.
            fcntl.fcntl(descriptor, _SET_PIPE_SIZE, _PIPE)
        while True:
            if deadline is not None:
                left = deadline - time.monotonic()
                if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                    self.timed_out = True
                    return
            chunk = os.read(descriptor, _READ)
            if not chunk:
                return
            yield chunk


def _natural(name):  # type: (str) -> int
    number = name.rpartition('.')[2]
    return int(number) if number.isdigit() else 0


def _end(ran):  # type: (subprocess.Popen[bytes]) -> None
    if ran.stdout is not None:
        ran.stdout.close()
    if ran.poll() is None:
        try:
            ran.wait(1)
        except subprocess.TimeoutExpired:
            ran.send_signal(signal.SIGKILL)
            ran.wait()


def _complaints(errors, malformed):  # type: (t.IO[bytes], _stream.Malformed) -> str
    """What ausearch said on stderr that is neither a remark nor about a record it could not read."""
    said = []  # type: t.List[str]
    for line in errors:
        text = line.decode('latin-1').rstrip('\n')
        skipped = _MALFORMED.match(text)
        if skipped:
            malformed.add(text[skipped.end() :])
        elif text and not _NOTE.match(text) and len(said) < 10:
            said.append(text)
    return '; '.join(said)
