# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a log into events. This file is private to the collection.

Pure: no Ansible, no I/O beyond iterating. Text is raw (see _text), lines end with a newline and with nothing else.
"""

import collections
import itertools
import operator
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _event, _record, _text

MALFORMED_KEPT = 10
"""How many damaged lines are kept for a report."""
MALFORMED_LENGTH = 256

EOE_TIMEOUT = 2
"""Seconds after which an event gets no more records (auditd.conf: end_of_event_timeout)."""
OPEN_EVENTS = 4096
"""How many unfinished events are held at most while reading an unsorted log."""

_NODE = operator.itemgetter(0)
_STAMP = operator.itemgetter(2)
_DIVIDER = '----'


class Malformed:
    """Lines that are no records: their number and the first few."""

    def __init__(self):  # type: () -> None
        self.count = 0
        self.first = []  # type: t.List[str]

    def add(self, line):  # type: (str) -> None
        self.count += 1
        if len(self.first) < MALFORMED_KEPT:
            self.first.append(_text.text(line[:MALFORMED_LENGTH]))

    def merge(self, count, first):  # type: (int, t.List[str]) -> None
        """Add what another process has met with."""
        self.count += count
        self.first = (self.first + first)[:MALFORMED_KEPT]

    def as_dict(self):  # type: () -> t.Dict[str, t.Any]
        return {'count': self.count, 'first': self.first}


def _texts(chunks):  # type: (t.Iterable[bytes]) -> t.Iterator[str]
    """Raw text of whole lines out of pieces of any size."""
    rest = b''
    for chunk in chunks:
        end = chunk.rfind(b'\n') + 1
        if end:
            yield (rest + chunk[:end]).decode('latin-1')
            rest = chunk[end:]
        else:
            rest += chunk
    if rest:
        yield rest.decode('latin-1') + '\n'


def _records(text, malformed):  # type: (str, Malformed) -> t.List[_record.Parts]
    """The records of a text of whole lines. Empty lines and ausearch's dividers are left out."""
    found = _record.parse_lines(text)
    if len(found) == text.count('\n'):
        return found
    found = []
    for line in text[:-1].split('\n'):
        record = _record.parse(line)
        if record is not None:
            found.append(record)
        elif line and line != _DIVIDER:
            malformed.add(line)
    return found


def _all_records(chunks, malformed):  # type: (t.Iterable[bytes], Malformed) -> t.Iterator[_record.Parts]
    return itertools.chain.from_iterable(_records(text, malformed) for text in _texts(chunks))


def sorted_events(chunks, decoder, malformed):  # type: (t.Iterable[bytes], _event.Decoder, Malformed) -> t.Iterator[_event.Event]
    """The events of what ausearch prints: the records of an event stand together."""
    for _stamp, grouped in itertools.groupby(_all_records(chunks, malformed), _STAMP):
        records = list(grouped)
        if records[0][0]:  # Only where nodes are named can two of them have the same stamp.
            for _node, of_node in itertools.groupby(records, _NODE):
                yield _event.Event(decoder, list(of_node))
        else:
            yield _event.Event(decoder, records)


def unsorted_events(chunks, decoder, malformed, timeout=EOE_TIMEOUT):
    # type: (t.Iterable[bytes], _event.Decoder, Malformed, int) -> t.Iterator[_event.Event]
    """The events of what auditd writes: the records of several events can alternate, the last one is not marked.

    An event is finished by its EOE record, by one more than *timeout* seconds later, or when very many others have begun. A record
    that comes after that makes an event of its own with the same id.
    """
    waiting = collections.OrderedDict()  # type: t.OrderedDict[t.Tuple[str, str], t.List[_record.Parts]]
    for record in _all_records(chunks, malformed):
        node, kind, stamp, _body = record
        records = waiting.get((node, stamp))
        if records is None:
            limit = int(stamp.partition('.')[0]) - timeout
            while waiting and (len(waiting) >= OPEN_EVENTS or _began(waiting) < limit):
                yield _event.Event(decoder, waiting.popitem(last=False)[1])
            records = waiting[node, stamp] = []
        records.append(record)
        if kind == 'EOE':
            del waiting[node, stamp]
            yield _event.Event(decoder, records)
    for records in waiting.values():
        yield _event.Event(decoder, records)


def _began(waiting):  # type: (t.OrderedDict[t.Tuple[str, str], t.Any]) -> int
    """When the event that has waited longest began, in seconds."""
    return int(next(iter(waiting))[1].partition('.')[0])
