# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One audit event out of its records. This file is private to the collection.

Pure: no Ansible, no I/O. An Event decodes nothing until it is asked, and only what it is asked for. What repeats from event
to event (who the sender is, the names that auditd added, a command line) is decoded once and kept by its text in the Decoder.
What is given out may be shared between events: it is to be read, never changed.
"""

import re
import time
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _abi, _interpret, _record, _signal, _sockaddr, _text

SECTIONS = (
    'id',
    'serial',
    'time',
    'node',
    'keys',
    'types',
    'syscall',
    'process',
    'user',
    'signal',
    'targets',
    'paths',
    'address',
    'details',
)
"""The top-level names of an event; ``records`` comes on request only."""

IDENTITIES = ('auid', 'uid', 'gid', 'euid', 'suid', 'fsuid', 'egid', 'sgid', 'fsgid')

# Records that have a section of their own; every other one goes to ``details``.
_SECTIONED = frozenset(('SYSCALL', 'OBJ_PID', 'PROCTITLE', 'EXECVE', 'PATH', 'CWD', 'SOCKADDR', 'EOE'))

# What of a program's own message tells about its process.
_PROGRAM = frozenset(('comm', 'exe', 'terminal'))

_X32 = 0x40000000
_TITLE_LIMIT = 128
_REGISTERS = re.compile(r' a0=([0-9a-f]+) a1=([0-9a-f]+) a2=([0-9a-f]+) a3=([0-9a-f]+)').match
_PROCESS_IDS = re.compile(r'(?: ppid=([0-9]+))? pid=([0-9]+)').match
_PIECE = re.compile(r'a([0-9]+)(?:\[([0-9]+)\])?').fullmatch

Body = t.Tuple[str, str]  # A record's type and its undecoded body.


class Cache(t.Dict[str, t.Any]):
    """Remembers what *make* made of a text, for a bounded number of texts."""

    LIMIT = 2048

    def __init__(self, make):  # type: (t.Callable[[str], t.Any]) -> None
        super().__init__()
        self._make = make

    def __missing__(self, key):  # type: (str) -> t.Any
        if len(self) >= self.LIMIT:
            self.clear()
        value = self[key] = self._make(key)
        return value


class Call(t.NamedTuple):
    """What a SYSCALL record says before its arguments."""

    name: t.Optional[str]
    number: t.Optional[int]
    arch: t.Optional[str]
    abi: t.Optional[str]
    success: t.Optional[bool]
    exit: t.Optional[int]
    errno: t.Optional[str]


class Who(t.NamedTuple):
    """The part of a SYSCALL record that says for whom the process ran."""

    user: t.Dict[str, t.Dict[str, t.Any]]
    tty: t.Optional[str]
    session: t.Optional[int]


class Program(t.NamedTuple):
    """The part of a SYSCALL record that says what ran, and which rules matched."""

    comm: t.Optional[str]
    exe: t.Optional[str]
    keys: t.List[str]


class Title(t.NamedTuple):
    """A command line as a PROCTITLE record has it."""

    cmdline: t.Optional[t.List[str]]
    cut: bool


_NO_USER = {name: {'id': None, 'name': None} for name in IDENTITIES}


def _call(prefix):  # type: (str) -> Call
    """Of ``arch=c000003e syscall=62 success=yes exit=0``."""
    fields = _record.fields(prefix)
    number = _interpret.number(fields.get('syscall'))
    try:
        arch = _abi.ARCH_BY_ELF.get(int(fields.get('arch', ''), 16))
    except ValueError:
        arch = None
    name = abi = None
    if arch is not None and number is not None:
        x32 = arch == 'x86_64' and number & _X32
        abi = 'x32' if x32 else _abi.bits(arch)
        name = _abi.syscall_name(arch, number & ~_X32 if x32 else number)
    success = {'yes': True, 'no': False}.get(fields.get('success', ''))
    code = _interpret.number(fields.get('exit'))
    errno = _abi.ERRNO.name(-code) if success is False and code is not None and code < 0 else None
    return Call(name, number, arch, abi, success, code, errno)


def _title(body):  # type: (str) -> Title
    raw = body.partition(_record.ENRICHED)[0].partition('proctitle=')[2]
    data = _text.unhex(raw)
    if data is None:
        plain = _text.untrusted(raw)
        return Title(None if plain is None else [plain], False)
    return Title([_text.escape(word) for word in data.rstrip(b'\0').split(b'\0')], len(data) >= _TITLE_LIMIT)


def _program(text):  # type: (str) -> Program
    """Of `` comm="kill" exe="/usr/bin/kill" subj=unconfined key="k"``."""
    fields = _record.fields(text)
    return Program(_text.untrusted(fields.get('comm', '?')), _text.untrusted(fields.get('exe', '?')), _interpret.keys(fields.get('key')))


class Decoder:
    """Makes sense of records; *resolve* names ids where the log itself does not."""

    def __init__(self, resolve=_interpret.unresolved):  # type: (_interpret.Resolver) -> None
        self.resolve = resolve
        self.calls = Cache(_call)
        self.titles = Cache(_title)
        self.whos = Cache(self._who)
        self.programs = Cache(_program)
        self.targets = Cache(self._target)

    def users(self, fields, names):  # type: (t.Dict[str, str], t.Dict[str, str]) -> t.Dict[str, t.Dict[str, t.Any]]
        return {name: _interpret.identity(name[-3:], fields.get(name), names.get(name.upper()), self.resolve) for name in IDENTITIES}

    def _who(self, text):  # type: (str) -> Who
        """Of `` auid=… tty=… ses=…`` and auditd's names behind it."""
        fields = _record.fields(text)
        return Who(self.users(fields, _record.enriched(text)), _text.untrusted(fields.get('tty', '?')), _interpret.session(fields.get('ses')))

    def _target(self, rest):  # type: (str) -> t.Dict[str, t.Any]
        fields, names = _record.fields(rest), _record.enriched(rest)
        return {
            'comm': _text.untrusted(fields.get('ocomm', '?')),
            'uid': _interpret.identity('uid', fields.get('ouid'), names.get('OUID'), self.resolve),
            'auid': _interpret.identity('uid', fields.get('oauid'), names.get('OAUID'), self.resolve),
            'session': _interpret.session(fields.get('oses')),
        }

    def event(self, node, stamp, records):  # type: (t.Optional[str], str, t.List[Body]) -> 'Event'
        return Event(self, node, stamp, records)


class Event:
    """The records of one (node, time, serial). Each method decodes the section of its name, of the shape that DESIGN calls the schema.

    *node* is raw text, *stamp* ``SEC.MMM:SERIAL``, *records* pairs of a type and an undecoded body in the order of the log.
    """

    __slots__ = ('_call', '_decoder', '_program', '_start', 'caller', 'raw_node', 'records', 'stamp')

    def __init__(self, decoder, node, stamp, records):  # type: (Decoder, t.Optional[str], str, t.List[Body]) -> None
        self._decoder = decoder
        self.raw_node = node
        self.stamp = stamp
        self.records = records
        self._call = None  # type: t.Optional[Call]
        self._program = None  # type: t.Optional[Program]
        self.caller = ''  # The SYSCALL record's body; empty when there is none.
        for kind, body in records:
            if kind == 'SYSCALL':
                self.caller = body
                break
        self._start = self.caller.find(' a0=')

    def bodies(self, kind):  # type: (str) -> t.List[str]
        return [body for found, body in self.records if found == kind]

    def body(self, kind):  # type: (str) -> t.Optional[str]
        for found, body in self.records:
            if found == kind:
                return body
        return None

    def call(self):  # type: () -> Call
        """What the SYSCALL record says before its arguments; nothing but None when there is no such record."""
        if self._call is None:
            self._call = self._decoder.calls[self.caller[: self._start] if self._start >= 0 else self.caller.partition(' ppid=')[0]]
        return self._call

    def registers(self):  # type: () -> t.Sequence[str]
        """The four arguments in hexadecimal digits, or none."""
        found = _REGISTERS(self.caller, self._start) if self._start >= 0 else None
        return found.groups() if found else ()

    def who(self):  # type: () -> Who
        """For whom the SYSCALL record's process ran."""
        kernel, _separator, names = self.caller.partition(_record.ENRICHED)
        start, end = kernel.find(' auid='), kernel.find(' comm=')
        ids = kernel[start : end if end >= 0 else None] if start >= 0 else ''
        return self._decoder.whos[ids + _record.ENRICHED + names[max(names.find('AUID='), 0) :]]

    def program(self):  # type: () -> Program
        """What the SYSCALL record's process ran, and the record's keys."""
        if self._program is None:
            start, end = self.caller.find(' comm='), self.caller.find(_record.ENRICHED)
            self._program = self._decoder.programs[self.caller[start : end if end >= 0 else None] if start >= 0 else '']
        return self._program

    def milliseconds(self):  # type: () -> int
        """Since the epoch."""
        seconds = self.stamp.partition(':')[0]
        return int(seconds[:-4] + seconds[-3:])

    def id(self):  # type: () -> str
        return self.stamp

    def serial(self):  # type: () -> int
        return int(self.stamp.partition(':')[2])

    def time(self):  # type: () -> str
        """ISO 8601 in UTC with milliseconds."""
        seconds = self.stamp.partition(':')[0]
        return iso_seconds(int(seconds[:-4])) + seconds[-4:] + 'Z'

    def node(self):  # type: () -> t.Optional[str]
        return None if self.raw_node is None else _text.text(self.raw_node)

    def types(self):  # type: () -> t.List[str]
        """Each type once, in the order of the log."""
        return list(dict.fromkeys([kind for kind, _body in self.records]))

    def keys(self):  # type: () -> t.List[str]
        """The keys of all rules that matched, and of the rule that a CONFIG_CHANGE is about."""
        result = self.program().keys if self.caller else []
        for kind, body in self.records:
            if kind != 'SYSCALL' and ' key=' in body:
                result = result + [key for key in _interpret.keys(_record.fields(body).get('key')) if key not in result]
        return result

    def syscall_name(self):  # type: () -> t.Optional[str]
        """By the number; where that is unknown here, the name that auditd added."""
        name = self.call().name
        if name is None and self.caller:
            known = _text.unquote(_record.enriched(self.caller).get('SYSCALL', 'unknown'))
            name = None if known.startswith('unknown') else _text.text(known)
        return name

    def syscall(self):  # type: () -> t.Optional[t.Dict[str, t.Any]]
        if not self.caller:
            return None
        call = self.call()
        return {
            'name': self.syscall_name(),
            'number': call.number,
            'arch': call.arch,
            'abi': call.abi,
            'success': call.success,
            'exit': call.exit,
            'errno': call.errno,
            'args': ['0x' + register for register in self.registers()],
        }

    def process(self):  # type: () -> t.Dict[str, t.Any]
        """Who did it. ``cmdline`` is EXECVE's where the event has one, else the process title, which a process can rewrite."""
        result = self._process_of_call() or self._process_of_message()
        result['cmdline'], result['cmdline_from'], result['cmdline_cut'] = self._cmdline()
        cwd = self.body('CWD')
        result['cwd'] = None if cwd is None else _text.untrusted(_record.fields(cwd).get('cwd', '?'))
        return result

    def _process_of_call(self):  # type: () -> t.Optional[t.Dict[str, t.Any]]
        if not self.caller:
            return None
        pid, ppid = self.process_ids()
        program, who = self.program(), self.who()
        return {'pid': pid, 'ppid': ppid, 'comm': program.comm, 'exe': program.exe, 'tty': who.tty, 'session': who.session}

    def process_ids(self):  # type: () -> t.Tuple[t.Optional[int], t.Optional[int]]
        """The SYSCALL record's process and its parent."""
        start = self.caller.find(' ppid=')
        found = _PROCESS_IDS(self.caller, start if start >= 0 else max(self.caller.find(' pid='), 0))
        return (int(found.group(2)), _interpret.number(found.group(1))) if found else (None, None)

    def _process_of_message(self):  # type: () -> t.Dict[str, t.Any]
        """Out of the first record that names a process: what a program reported by way of the kernel, or the kernel without a syscall."""
        fields = self._speaker()[0]
        return {
            'pid': _interpret.number(fields.get('pid')),
            'ppid': _interpret.number(fields.get('ppid')),
            'comm': _text.untrusted(fields.get('comm', '?')),
            'exe': _text.untrusted(fields.get('exe', '?')),
            'tty': _text.untrusted(fields.get('tty', fields.get('terminal', '?'))),
            'session': _interpret.session(fields.get('ses')),
        }

    def _speaker(self):  # type: () -> t.Tuple[t.Dict[str, str], t.Dict[str, str]]
        """Fields (the kernel's before the program's own) and auditd's names of the first record that has a pid."""
        for _kind, body in self.records:
            fields = _record.fields(body)
            if 'pid' in fields:
                message = _record.split_message(body.partition(_record.ENRICHED)[0])[1]
                inner = _record.message_fields(message) if message else {}
                program = {name: raw for name, raw in inner.items() if name in _PROGRAM}
                return dict(program, **fields), _record.enriched(body)
        return {}, {}

    def _cmdline(self):  # type: () -> t.Tuple[t.Optional[t.List[str]], t.Optional[str], bool]
        pieces = self.bodies('EXECVE')
        if pieces:
            cmdline, cut = arguments(pieces)
            return cmdline, 'execve', cut
        body = self.body('PROCTITLE')
        if body is None:
            return None, None, False
        title = self._decoder.titles[body]
        return title.cmdline, 'proctitle', title.cut

    def user(self):  # type: () -> t.Dict[str, t.Dict[str, t.Any]]
        if self.caller:
            return self.who().user
        fields, names = self._speaker()
        return self._decoder.users(fields, names) if fields else _NO_USER

    def identities(self, kind, names):  # type: (str, t.Iterable[str]) -> t.Iterator[t.Dict[str, t.Any]]
        """The users ('uid') or groups ('gid') of the fields so called, in the kernel's part of any record."""
        for _type, body in self.records:
            fields = _record.fields(body)
            for name in names:
                if name in fields:
                    yield _interpret.identity(kind, fields[name], _record.enriched(body).get(name.upper()), self._decoder.resolve)

    def success(self):  # type: () -> t.Optional[bool]
        """Of the system call, else what a program reported as res= (1, success) or result=."""
        if self.caller:
            return self.call().success
        for _type, body in self.records:
            for fields in (_record.fields(body), _record.message_fields(_record.split_message(body)[1] or '')):
                word = _text.unquote(fields.get('res', fields.get('result', ''))).lower()
                if word:
                    return word in ('1', 'success', 'yes')
        return None

    def signal_number(self):  # type: () -> t.Optional[int]
        """The number of the signal that this event sends, 0 for a probe; None when its syscall sends none."""
        index = _signal.SIGNAL_ARGUMENT.get(self.call().name or '')
        registers = self.registers() if index is not None else ()
        return _signal.integer(registers[index]) if index is not None and registers else None

    def signal(self):  # type: () -> t.Optional[t.Dict[str, t.Any]]
        number = self.signal_number()
        return None if number is None else _signal.describe(number)

    def targets(self):  # type: () -> t.List[t.Dict[str, t.Any]]
        """The processes that the kernel said were meant: by a signal, or by ptrace."""
        result = []
        for body in self.bodies('OBJ_PID'):
            head, _separator, rest = body.partition(' ')
            result.append({'pid': _interpret.number(head[5:]), **self._decoder.targets[rest]})
        return result

    def target_pids(self):  # type: () -> t.List[t.Optional[int]]
        """Who was meant; where the kernel did not say (the call failed), the process that a signal's call named."""
        told = [_interpret.number(body.partition(' ')[0][5:]) for body in self.bodies('OBJ_PID')]
        if told:
            return told
        return [_signal.aimed_at(self.call().name, self.registers())]

    def paths(self):  # type: () -> t.List[t.Dict[str, t.Any]]
        return [_interpret.describe(body, self._decoder.resolve) for body in self.bodies('PATH')]

    def address(self):  # type: () -> t.Optional[t.Dict[str, t.Any]]
        """The first socket address of the event."""
        body = self.body('SOCKADDR')
        return None if body is None else _sockaddr.decode(_record.fields(body).get('saddr', ''))

    def details(self):  # type: () -> t.Dict[str, t.List[t.Dict[str, t.Any]]]
        """The fields of every record that no other section is made of, by type; a type can come several times."""
        result = {}  # type: t.Dict[str, t.List[t.Dict[str, t.Any]]]
        for kind, body in self.records:
            if kind not in _SECTIONED:
                result.setdefault(kind, []).append(_interpret.describe(body, self._decoder.resolve))
        return result

    def described_records(self):  # type: () -> t.List[t.Dict[str, t.Any]]
        """Every record: its type, its fields as typed values, and its body as it stands in the log."""
        return [
            {'type': kind, 'fields': _interpret.describe(body, self._decoder.resolve), 'raw': _text.text(body)} for kind, body in self.records
        ]

    def as_dict(self, sections=SECTIONS, records=False):  # type: (t.Iterable[str], bool) -> t.Dict[str, t.Any]
        """The sections asked for, as data that JSON can carry."""
        result = {name: getattr(self, name)() for name in sections}
        if records:
            result['records'] = self.described_records()
        return result


_days = Cache(lambda day: time.strftime('%Y-%m-%dT', time.gmtime(int(day) * 86400)))


def iso_seconds(seconds):  # type: (int) -> str
    """``2026-11-23T10:41:12`` in UTC."""
    day, rest = divmod(seconds, 86400)
    return '%s%02d:%02d:%02d' % (_days[str(day)], rest // 3600, rest // 60 % 60, rest % 60)


def arguments(bodies):  # type: (t.Iterable[str]) -> t.Tuple[t.List[str], bool]
    """The command line out of an event's EXECVE records, and whether a part of it is missing.

    A long argument comes as ``a2_len=… a2[0]=… a2[1]=…``, over several records (audit_log_execve_info, kernel/auditsc.c). Each piece
    is quoted or hexadecimal for itself; some programs' bare words are taken as they are.
    """
    pieces = {}  # type: t.Dict[int, t.Dict[int, bytes]]
    expected = 0
    for body in bodies:
        for name, raw in _record.fields(body).items():
            if name == 'argc':
                expected = _interpret.number(raw) or 0
            found = _PIECE(name)
            if found:
                data = None if raw[:1] == '"' else _text.unhex(raw)
                piece = _text.unquote(raw).encode('latin-1') if data is None else data
                pieces.setdefault(int(found.group(1)), {})[int(found.group(2) or 0)] = piece
    words = [b''.join(parts[index] for index in sorted(parts)) for _number, parts in sorted(pieces.items())]
    return [_text.escape(word) for word in words], len(words) < expected
