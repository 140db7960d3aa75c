# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line of an audit log. This file is private to the collection.

Pure: no Ansible, no I/O. ``[node=NAME ]type=TYPE msg=audit(SEC.MMM:SERIAL): BODY[0x1d ENRICHED]``, see auditd's
format_raw() and the kernel's audit_log_start(). Nothing here raises because of what a line holds.
"""

import re
import typing as t

ENRICHED = '\x1d'
"""What separates the kernel's part of a record from the names that auditd added (AUDIT_INTERP_SEPARATOR)."""

_LINE = re.compile(r'^(?:node=([^ \n]+) )?type=([A-Z][A-Z0-9_]*|UNKNOWN\[[0-9]+\]) msg=audit\(([0-9]{1,18}\.[0-9]{3}:[0-9]{1,19})\):(?: (.*))?$', re.MULTILINE)

_MESSAGE = re.compile(r"(?:^| )msg='(.*)'", re.DOTALL)
_LABEL_MODE = r'(?: \((?:enforce|complain|kill|unconfined|mixed|prompt|user)\))?'
_FIELD = re.compile(
    r'(?:(old|new) (?=auid=))?'  # 'old auid=700 new auid=700', kernels before 2.6.30
    r'([A-Za-z_][A-Za-z0-9_\[\].-]*)='
    r'("[^"]*"|\'[^\']*\'|\{ [^}]*\}|=?[^ ]*' + _LABEL_MODE + r')'
)
_AVC = re.compile(r'avc: +(\w+) +(?:\{ ([^}]*) \} for )?')


class Record(t.NamedTuple):
    """A line's parts, undecoded. ``node`` is empty when the line names none; ``stamp`` is ``SEC.MMM:SERIAL``, the event's identity within a node."""

    node: str
    type: str
    stamp: str
    body: str

    @property
    def sec(self):  # type: () -> int
        return int(self.stamp.partition('.')[0])

    @property
    def ms(self):  # type: () -> int
        return int(self.stamp.partition('.')[2][:3])

    @property
    def serial(self):  # type: () -> int
        return int(self.stamp.partition(':')[2])

    @property
    def fields(self):  # type: () -> t.Dict[str, str]
        return fields(self.body)

    @property
    def enriched(self):  # type: () -> t.Dict[str, str]
        return enriched(self.body)


Parts = t.Tuple[str, str, str, str]
"""A Record, or its bare tuple where there are very many of them: node, type, stamp, body."""


def parse(line):  # type: (str) -> t.Optional[Record]
    """The parts of one line without its newline, as raw text (see _text); None when it is no record."""
    found = _LINE.fullmatch(line)
    return None if found is None else Record(*(part or '' for part in found.groups()))


def parse_lines(text):  # type: (str) -> t.List[Parts]
    """All records of a text of whole lines, in one sweep; lines that are no records are passed over."""
    return _LINE.findall(text)


def split_message(body):  # type: (str) -> t.Tuple[str, t.Optional[str]]
    """The body without its ``msg='…'`` and what stood inside: a name space of its own, written by a program."""
    found = _MESSAGE.search(body)
    if found is None:
        return body, None
    return body[: found.start()] + body[found.end() :], found.group(1)


def _pairs(body):  # type: (str) -> t.Iterator[t.Tuple[str, str]]
    access = _AVC.search(body)
    if access is not None:
        yield 'seresult', access.group(1)
        if access.group(2) is not None:
            yield 'seperms', access.group(2).strip(' ').replace(' ', ',')
        body = body[access.end() :]
    for age, name, value in _FIELD.findall(body):
        yield (age + ' ' + name if age else name), value


def fields(body):  # type: (str) -> t.Dict[str, str]
    """The kernel's part of a body as ``name: undecoded value``, without what is inside ``msg='…'``; of equal names the first.

    An access vector (``avc:  denied  { signal sigkill } for  pid=1``) gives ``seresult`` and ``seperms``, as in auparse.
    """
    result = {}  # type: t.Dict[str, str]
    for name, value in _pairs(split_message(body.partition(ENRICHED)[0])[0]):
        result.setdefault(name, value)
    return result


def message_fields(message):  # type: (str) -> t.Dict[str, str]
    """The fields inside ``msg='…'``; parentheses and commas around old programs' fields are no part of them."""
    result = {}  # type: t.Dict[str, str]
    for name, value in _pairs(message.replace(' (', ' ')):
        result.setdefault(name, value if value[:1] in '"\'' else value.rstrip('),'))
    return result


def enriched(body):  # type: (str) -> t.Dict[str, str]
    """The names that auditd added when it wrote the record: ``{"UID": '"root"', "SADDR": "{ saddr_fam=local … }"}``."""
    return {name: value for _age, name, value in _FIELD.findall(body.partition(ENRICHED)[2]) if name.upper() == name}
