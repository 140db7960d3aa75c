# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of results. This file is private to the collection.

It is written beside its destination and takes its place when it is complete, so that nobody reads half of it.
"""

import contextlib
import filecmp
import gzip
import os
import shutil
import subprocess
import tempfile
import typing as t

_BUFFER = 1 << 16


class OutputError(Exception):
    """A file that cannot be written; the text says which and why."""


class _Zstd:
    """Compresses by the zstd command: Python's own module is in 3.14 and later only."""

    def __init__(self, command, raw):  # type: (str, t.IO[bytes]) -> None
        self._ran = subprocess.Popen([command, '-q', '-c'], stdin=subprocess.PIPE, stdout=raw)

    def write(self, data):  # type: (bytes) -> None
        if self._ran.stdin is not None:
            self._ran.stdin.write(data)

    def close(self):  # type: () -> None
        if self._ran.stdin is not None:
            self._ran.stdin.close()
        if self._ran.wait():
            raise OSError(0, 'zstd ended with status %d' % self._ran.returncode)


class Output:
    """Lines into *path*, compressed when it ends in .gz or .zst; readable by its owner only.

    Raises OutputError. After finish() ``changed`` says whether the file is another than before.
    """

    def __init__(self, path):  # type: (str) -> None
        self.changed = False
        self._path = path
        self._lines = []  # type: t.List[str]
        self._size = 0
        zstd = shutil.which('zstd') if path.endswith('.zst') else None
        if path.endswith('.zst') and zstd is None:
            raise OutputError('%s needs the command zstd, which this host lacks: install it, or end the name in .gz' % path)
        try:
            descriptor, self._name = tempfile.mkstemp(prefix='.', dir=os.path.dirname(path) or '.')
        except OSError as error:
            raise OutputError('%s cannot be written: %s' % (path, error.strerror)) from error
        self._raw = os.fdopen(descriptor, 'wb')
        self._file = self._raw  # type: t.Any
        if path.endswith('.gz'):
            self._file = gzip.GzipFile(filename='', mode='wb', compresslevel=6, fileobj=self._raw, mtime=0)
        elif zstd:
            self._file = _Zstd(zstd, self._raw)

    def write(self, line):  # type: (str) -> None
        self._lines.append(line)
        self._size += len(line)
        if self._size >= _BUFFER:
            self._flush()

    def _flush(self):  # type: () -> None
        self._lines.append('')
        try:
            self._file.write('\n'.join(self._lines).encode('ascii'))
        except OSError as error:
            raise OutputError('%s cannot be written: %s' % (self._path, error.strerror)) from error
        self._lines, self._size = [], 0

    def finish(self, keep=True):  # type: (bool) -> None
        """Put the file in its place, unless it is the same as before or *keep* is false."""
        try:
            if self._lines:
                self._flush()
            self._file.close()
            self._raw.close()
            self.changed = not (os.path.isfile(self._path) and filecmp.cmp(self._path, self._name, shallow=False))
            if keep and self.changed:
                os.rename(self._name, self._path)
        except OSError as error:
            raise OutputError('%s cannot be written: %s' % (self._path, error.strerror)) from error
        finally:
            self.discard()

    def discard(self):  # type: () -> None
        with contextlib.suppress(OSError):
            os.unlink(self._name)
