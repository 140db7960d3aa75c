# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events as lines of JSON, quickly. This file is private to the collection.

Pure: no Ansible, no I/O. The text is what ``json.dumps`` makes of Event.as_dict(), letter for letter (a test says so); it is put
together from parts that repeat from event to event and are kept.
"""

import json
import json.encoder
import re
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _arguments, _event, _interpret, _record, _signal, _text

_SEPARATORS = (',', ':')
_string = json.encoder.encode_basestring_ascii
_Texts = t.Dict[t.Any, str]

# The types whose records need no section besides those of the system call.
_PLAIN = frozenset(('SYSCALL', 'OBJ_PID', 'PROCTITLE', 'EXECVE', 'PATH', 'CWD', 'EOE'))

# A file whose name needs no decoding, and no escaping in JSON either.
_SIMPLE_PATH = re.compile(r'item=(0|[1-9][0-9]*) name=("[^"\\\x7f-\xff]*") inode=(0|[1-9][0-9]*)').fullmatch

# A SYSCALL record as all kernels since 2.6.30 write it: call, arguments, process ids, ids, program and keys, auditd's names of the ids.
_SYSCALL = re.compile(
    r'(arch=[0-9a-f]+ syscall=[0-9]+ success=[a-z]+ exit=-?[0-9]+) a0=([0-9a-f]+) a1=([0-9a-f]+) a2=([0-9a-f]+) a3=([0-9a-f]+) items=[0-9]+ '
    r'ppid=(0|[1-9][0-9]*) pid=(0|[1-9][0-9]*)( auid=[0-9]+ uid=[0-9]+ gid=[0-9]+ euid=[0-9]+ suid=[0-9]+ fsuid=[0-9]+ egid=[0-9]+ sgid=[0-9]+ '
    r'fsgid=[0-9]+ tty=[^ \x1d]+ ses=[0-9]+)( comm=[^\x1d]*)(?:\x1d(?:ARCH=[^ ]+ SYSCALL=[^ ]+ )?(AUID=.*))?',
    re.DOTALL,
).fullmatch

# Arguments joined by NUL that need no escaping.
_PLAIN_WORDS = re.compile(r'[ !#-\[\]-~\0]+').fullmatch
_TITLE = 'proctitle='

_EVENT = (
    '{"id":"%s","serial":%s,"time":"%s","node":%s,"keys":%s,"types":%s,"syscall":{%s,"args":["0x%s"],"arguments":{%s}},'
    '"process":{"pid":%s,"ppid":%s,%s,%s,%s,"cwd":%s},"user":%s,"signal":%s,"targets":[%s],"paths":[%s],"address":null,"details":{}}'
)


def dumps(value):  # type: (t.Any) -> str
    """Compact JSON in ASCII."""
    return json.dumps(value, separators=_SEPARATORS)


def _or_null(value):  # type: (t.Any) -> str
    return 'null' if value is None else str(value)


def _inner(value):  # type: (t.Dict[str, t.Any]) -> str
    """A dictionary without its braces."""
    return dumps(value)[1:-1]


def _flat(value):  # type: (t.Dict[str, t.Any]) -> str
    """A dictionary of numbers and strings without its braces: json.dumps takes as long to get going as this takes in all."""
    return ','.join(['"%s":%s' % (name, _string(item) if isinstance(item, str) else item) for name, item in value.items()])


class Writer:
    """Turns whole events into lines."""

    def __init__(self, decoder):  # type: (_event.Decoder) -> None
        cache = _event.Cache
        self._decoder = decoder
        self._nodes = cache(lambda raw: dumps(_text.text(raw) or None))  # type: _Texts
        self._strings = cache(dumps)  # type: _Texts
        self._keys = cache(lambda text: dumps(decoder.programs[text].keys))  # type: _Texts
        self._programs = cache(self._program)  # type: _Texts
        self._sessions = cache(lambda text: '"tty":%s,"session":%s' % (dumps(decoder.whos[text].tty), dumps(decoder.whos[text].session)))  # type: _Texts
        self._users = cache(lambda text: dumps(decoder.whos[text].user))  # type: _Texts
        self._calls = cache(lambda text: _inner(decoder.calls[text]._asdict()))  # type: _Texts
        self._owners = cache(lambda text: _inner(decoder.owners[text]))  # type: _Texts
        self._inodes = cache(lambda text: _inner(decoder.inodes[text]))  # type: _Texts
        self._signals = cache(lambda register: dumps(_signal.describe(_signal.integer(register))))  # type: _Texts
        self._types = cache(lambda types: dumps(list(dict.fromkeys(types))))  # type: _Texts

    def line(self, event):  # type: (_event.Event) -> str
        """The event as one line, without a newline."""
        types = tuple([record[1] for record in event.records])
        found = _SYSCALL(event.caller)
        if found is None or types[0] != 'SYSCALL' or not _PLAIN.issuperset(types):
            return dumps(event.as_dict())
        call, a0, a1, a2, a3, ppid, pid, ids, program, names = found.groups()
        name = self._decoder.calls[call].name
        if name is None:
            return dumps(event.as_dict())
        who = ids + _record.ENRICHED + (names or '')
        registers = (a0, a1, a2, a3)
        index = _signal.SIGNAL_ARGUMENT.get(name)
        return _EVENT % (
            event.stamp,
            event.stamp.partition(':')[2].lstrip('0') or '0',
            event.time(),
            self._nodes[event.records[0][0]],
            self._keys[program],
            self._types[types],
            self._calls[call],
            '","0x'.join(registers),
            _flat(_arguments.decode(name, self._decoder.calls[call].arch, registers)),
            pid,
            ppid,
            self._programs[program],
            self._sessions[who],
            self._command_line(event, types),
            self._strings[event.folder()] if 'CWD' in types else 'null',
            self._users[who],
            'null' if index is None else self._signals[registers[index]],
            self._targets(event) if 'OBJ_PID' in types else '',
            self._paths(event) if 'PATH' in types else '',
        )

    def _program(self, text):  # type: (str) -> str
        program = self._decoder.programs[text]
        return '"comm":%s,"exe":%s' % (dumps(program.comm), dumps(program.exe))

    def _command_line(self, event, types):  # type: (_event.Event, t.Tuple[str, ...]) -> str
        if 'EXECVE' not in types and 'PROCTITLE' in types:
            body = event.body('PROCTITLE') or ''
            data = _text.unhex(body[len(_TITLE) :]) if body.startswith(_TITLE) else None
            words = None if data is None else data.rstrip(b'\0').decode('latin-1')
            if data is not None and words is not None and _PLAIN_WORDS(words):
                cut = 'true' if len(data) >= _event.TITLE_LIMIT else 'false'
                return '"cmdline":["%s"],"cmdline_from":"proctitle","cmdline_cut":%s' % (words.replace('\0', '","'), cut)
        cmdline, source, shortened = event.command_line()
        return '"cmdline":%s,"cmdline_from":%s,"cmdline_cut":%s' % (
            'null' if cmdline is None else '[%s]' % ','.join([_string(word) for word in cmdline]),
            self._strings[source],
            'true' if shortened else 'false',
        )

    def _targets(self, event):  # type: (_event.Event) -> str
        return ','.join(
            ['{"pid":%s,"comm":%s,%s}' % (_or_null(pid), self._strings[comm], self._owners[owner]) for pid, comm, owner in event.target_parts()]
        )

    def _paths(self, event):  # type: (_event.Event) -> str
        return ','.join([self._path(head, rest) for head, rest in event.path_parts()])

    def _path(self, head, rest):  # type: (str, str) -> str
        simple = _SIMPLE_PATH(head)
        named = '"item":%s,"name":%s,"inode":%s' % simple.groups() if simple else _inner(_interpret.describe(head, self._decoder.resolve))
        return '{%s,%s}' % (named, self._inodes[rest]) if rest else '{%s}' % named
