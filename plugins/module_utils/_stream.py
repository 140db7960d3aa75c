# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of a log into events. This file is private to the collection.

Pure: no Ansible, no I/O beyond iterating. Text is raw (see _text), lines end with a newline and with nothing else.
"""

import collections
import re
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _event, _record, _text

MALFORMED_KEPT = 10
"""How many damaged lines are kept for a report."""
MALFORMED_LENGTH = 256

EOE_TIMEOUT = 2
"""Seconds after which an event gets no more records (auditd.conf: end_of_event_timeout)."""
OPEN_EVENTS = 4096
"""How many unfinished events are held at most while reading an unsorted log."""

_HEAD = re.compile(r'(?:node=([^ ]+) )?type=([A-Z][A-Z0-9_]*|UNKNOWN\[[0-9]+\])').fullmatch
_STAMP = re.compile(r'[0-9]{5,18}\.[0-9]{3}:[0-9]{1,19}').fullmatch

Identity = t.Tuple[t.Optional[str], str]  # Node and stamp.


class Malformed:
    """Lines that are no records: their number and the first few."""

    def __init__(self):  # type: () -> None
        self.count = 0
        self.first = []  # type: t.List[str]

    def add(self, line):  # type: (str) -> None
        self.count += 1
        if len(self.first) < MALFORMED_KEPT:
            self.first.append(_text.text(line[:MALFORMED_LENGTH]))

    def as_dict(self):  # type: () -> t.Dict[str, t.Any]
        return {'count': self.count, 'first': self.first}


def lines(chunks):  # type: (t.Iterable[bytes]) -> t.Iterator[str]
    """Raw lines, without their newlines, out of pieces of any size. Empty lines and ausearch's dividers are left out."""
    rest = ''
    for chunk in chunks:
        found = (rest + chunk.decode('latin-1')).split('\n')
        rest = found.pop()
        for line in found:
            if line and line != '----':
                yield line
    if rest:
        yield rest


class Heads(_event.Cache):
    """``[node=N ]type=T`` → (node, type), or None when it is damaged: there are few of them, so each is looked at once."""

    def __init__(self):  # type: () -> None
        super().__init__(self._parse)

    @staticmethod
    def _parse(head):  # type: (str) -> t.Optional[t.Tuple[t.Optional[str], str]]
        found = _HEAD(head)
        return None if found is None else (found.group(1), found.group(2))


def sorted_events(found, decoder, malformed):  # type: (t.Iterable[str], _event.Decoder, Malformed) -> t.Iterator[_event.Event]
    """The events of lines as ausearch prints them: the records of an event stand together."""
    heads = Heads()
    stamp = ''
    node = None  # type: t.Optional[str]
    records = []  # type: t.List[_event.Body]
    for line in found:
        head, _separator, rest = line.partition(' msg=audit(')
        known = heads[head]
        now, _separator, body = rest.partition('): ')
        if known is None or (now != stamp and not _STAMP(now)):
            now, body, known = _repair(line)
            if known is None:
                malformed.add(line)
                continue
        if now != stamp or known[0] != node:
            if records:
                yield _event.Event(decoder, node, stamp, records)
            node, stamp, records = known[0], now, []
        record = (known[1], body)
        if record not in records:
            records.append(record)
    if records:
        yield _event.Event(decoder, node, stamp, records)


def _repair(line):  # type: (str) -> t.Tuple[str, str, t.Optional[t.Tuple[t.Optional[str], str]]]
    """What the fast way did not understand, the exact way: a record without a body, or none at all."""
    record = _record.parse(line)
    if record is None:
        return '', '', None
    return record.stamp, record.body, (record.node, record.type)


def unsorted_events(found, decoder, malformed, timeout=EOE_TIMEOUT):
    # type: (t.Iterable[str], _event.Decoder, Malformed, int) -> t.Iterator[_event.Event]
    """The events of lines as auditd writes them: the records of several events can alternate, the last one is not marked.

    An event is finished by its EOE record, by one more than *timeout* seconds later, or when very many others have begun. A record
    that comes after that makes an event of its own with the same id. A record that is there twice counts once.
    """
    waiting = collections.OrderedDict()  # type: t.OrderedDict[Identity, t.List[_event.Body]]
    for line in found:
        record = _record.parse(line)
        if record is None:
            malformed.add(line)
            continue
        identity = (record.node, record.stamp)
        records = waiting.get(identity)
        if records is None:
            while waiting and (len(waiting) >= OPEN_EVENTS or _overdue(waiting, record.sec - timeout)):
                (node, stamp), complete = waiting.popitem(last=False)
                yield _event.Event(decoder, node, stamp, complete)
            records = waiting[identity] = []
        if (record.type, record.body) not in records:
            records.append((record.type, record.body))
        if record.type == 'EOE':
            del waiting[identity]
            yield _event.Event(decoder, record.node, record.stamp, records)
    for (node, stamp), records in waiting.items():
        yield _event.Event(decoder, node, stamp, records)


def _overdue(waiting, limit):  # type: (t.OrderedDict[Identity, t.Any], int) -> bool
    """Whether the event that has waited longest began before *limit*."""
    return int(next(iter(waiting))[1].partition('.')[0]) < limit
