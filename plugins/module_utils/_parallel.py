# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second core. This file is private to the collection.

A log is cut between events, and every other piece goes to a process forked for it. ausearch needs less than one core, and what takes
long is to make sense of what it prints.
"""

import itertools
import marshal
import os
import typing as t

_SIZE = 1 << 19
_LONGEST_EVENT = 1 << 16
_LENGTH = 8

Work = t.Callable[[bytes], t.Any]
"""What is done with a piece of the log; gives something that marshal can carry."""


class HelperError(Exception):
    """The second process ended before its time."""


def pieces(chunks):  # type: (t.Iterable[bytes]) -> t.Iterator[bytes]
    """Whole events of what ausearch prints, about as much at a time as a process can chew in some milliseconds."""
    rest = []  # type: t.List[bytes]
    size = 0
    for chunk in chunks:
        rest.append(chunk)
        size += len(chunk)
        if size < _SIZE:
            continue
        text = b''.join(rest)
        end = _between_events(text)
        if end:
            yield text[:end]
        rest = [text[end:]]
        size = len(rest[0])
    if size:
        yield b''.join(rest)


def _between_events(text):  # type: (bytes) -> int
    """Where the last event begins, which may not be complete."""
    last_line = text.rfind(b'\n', 0, text.rfind(b'\n')) + 1
    stamp = text.find(b' msg=audit(', last_line)
    stamp_end = text.find(b')', stamp)
    if stamp < 0 or stamp_end < 0:
        return last_line
    first = text.find(text[stamp : stamp_end + 1], max(0, last_line - _LONGEST_EVENT))
    return text.rfind(b'\n', 0, first) + 1


def _receive(descriptor):  # type: (int) -> t.Optional[bytes]
    """A message; None when there will be no more."""
    head = _read(descriptor, _LENGTH)
    return _read(descriptor, int.from_bytes(head, 'big')) if head else None


def _read(descriptor, size):  # type: (int, int) -> bytes
    found = []
    while size:
        part = os.read(descriptor, size)
        if not part:
            return b''
        found.append(part)
        size -= len(part)
    return b''.join(found)


def _send(descriptor, message):  # type: (int, bytes) -> None
    left = memoryview(len(message).to_bytes(_LENGTH, 'big') + message)
    while left:
        left = left[os.write(descriptor, left) :]


class Helper:
    """A forked process that does *work* on pieces, and at the end gives *summary*. A context manager."""

    def __init__(self, work, summary):  # type: (Work, t.Callable[[], t.Any]) -> None
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            status = 1
            try:
                os.close(self._to)
                os.close(self._from)
                _serve(to_read, to_write, work, summary)
                status = 0
            finally:
                os._exit(status)
        os.close(to_read)
        os.close(to_write)

    def __enter__(self):  # type: () -> 'Helper'
        return self

    def __exit__(self, *_exc):  # type: (t.Any) -> None
        for descriptor in (self._to, self._from):
            if descriptor >= 0:
                os.close(descriptor)
        os.waitpid(self._pid, 0)

    def begin(self, piece):  # type: (bytes) -> None
        try:
            _send(self._to, piece)
        except BrokenPipeError as error:
            raise HelperError from error

    def result(self):  # type: () -> t.Any
        """Of the piece that was begun. Each must be asked for before the next piece is."""
        message = _receive(self._from)
        if message is None:
            raise HelperError
        return marshal.loads(message)

    def summary(self):  # type: () -> t.Any
        os.close(self._to)
        self._to = -1
        return self.result()


def _serve(source, sink, work, summary):  # type: (int, int, Work, t.Callable[[], t.Any]) -> None
    while True:
        piece = _receive(source)
        if piece is None:
            _send(sink, marshal.dumps(summary()))
            return
        _send(sink, marshal.dumps(work(piece)))


def run(chunks, work, summary):  # type: (t.Iterable[bytes], Work, t.Callable[[], t.Any]) -> t.Iterator[t.Any]
    """What *work* makes of each piece, in order, and at last the *summary* of each process."""
    found = pieces(chunks)
    head = list(itertools.islice(found, 2))
    if len(head) < 2:
        for piece in head:
            yield work(piece)
        yield summary()
        return
    with Helper(work, summary) as helper:
        found = itertools.chain(head, found)
        for piece in found:
            other = next(found, None)
            if other is not None:
                helper.begin(other)
            yield work(piece)
            if other is not None:
                yield helper.result()
        yield summary()
        yield helper.summary()
