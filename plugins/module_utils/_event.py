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

from ansible_collections.linux_audit.fleet.plugins.module_utils import _abi, _arguments, _interpret, _record, _signal, _sockaddr, _text

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
TITLE_LIMIT = 128
"""How many bytes of a command line a PROCTITLE record holds (MAX_PROCTITLE_AUDIT_LEN, kernel/audit.h)."""

_REGISTERS = re.compile(r' a0=([0-9a-f]+) a1=([0-9a-f]+) a2=([0-9a-f]+) a3=([0-9a-f]+)').match
_PROCESS_IDS = re.compile(r'(?: ppid=([0-9]+))? pid=([0-9]+)').match
_PIECES = re.compile(r'(?:^| )a([0-9]{1,7})(?:\[([0-9]{1,7})\])?=("[^"]*"|[^ ]*)').findall
_COUNT = re.compile(r'argc=([0-9]{1,7})').match


class Cache(t.Dict[t.Any, t.Any]):
    """Remembers what *make* made of a text (or of another key), for a bounded number of them."""

    LIMIT = 2048

    def __init__(self, make):  # type: (t.Callable[[t.Any], t.Any]) -> None
        super().__init__()
        self._make = make

    def __missing__(self, key):  # type: (t.Any) -> t.Any
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
    raw = body[10:] if body.startswith('proctitle=') else ''
    if _record.ENRICHED in raw:
        raw = raw.partition(_record.ENRICHED)[0]
    data = _text.unhex(raw)
    if data is None:
        plain = _text.untrusted(raw)
        return Title(None if plain is None else [plain], False)
    return Title(_text.escape(data.rstrip(b'\0')).split('\0'), len(data) >= TITLE_LIMIT)


def _program(text):  # type: (str) -> Program
    """Of `` comm="kill" exe="/usr/bin/kill" subj=unconfined key="k"``."""
    fields = _record.fields(text)
    return Program(_text.untrusted(fields.get('comm', '?')), _text.untrusted(fields.get('exe', '?')), _interpret.keys(fields.get('key')))


def _target(body):  # type: (str) -> t.Tuple[t.Optional[int], t.Optional[str], str]
    """Of ``opid=2862 oauid=-1 ouid=0 oses=-1 ocomm="sleep"`` and auditd's names behind it."""
    kernel, separator, names = body.partition(_record.ENRICHED)
    after_pid, comm = kernel.find(' '), kernel.find(' ocomm=')
    if after_pid < 0 or comm < 0:
        fields = _record.fields(body)
        return _interpret.number(fields.get('opid')), _text.untrusted(fields.get('ocomm', '?')), body
    return _interpret.number(kernel[5:after_pid]), _text.untrusted(kernel[comm + 7 :]), kernel[after_pid:comm] + separator + names


class Decoder:
    """Makes sense of records; *resolve* names ids where the log itself does not."""

    def __init__(self, resolve=_interpret.unresolved):  # type: (_interpret.Resolver) -> None
        self.resolve = resolve
        self.calls = Cache(_call)
        self.whos = Cache(self._who)
        self.programs = Cache(_program)
        self.folders = Cache(lambda body: _text.untrusted(_record.fields(body).get('cwd', '?')))
        self.inodes = Cache(lambda text: _interpret.describe(text, resolve))
        self.integers = Cache(_signal.integer)
        self.strings = Cache(_text.untrusted)
        self.owners = Cache(self._owner)

    def users(self, fields, names):  # type: (t.Dict[str, str], t.Dict[str, str]) -> t.Dict[str, t.Dict[str, t.Any]]
        return {name: _interpret.identity(name[-3:], fields.get(name), names.get(name.upper()), self.resolve) for name in IDENTITIES}

    def _who(self, text):  # type: (str) -> Who
        """Of `` auid=… tty=… ses=…`` and auditd's names behind it."""
        fields = _record.fields(text)
        return Who(self.users(fields, _record.enriched(text)), _text.untrusted(fields.get('tty', '?')), _interpret.session(fields.get('ses')))

    def _owner(self, text):  # type: (str) -> t.Dict[str, t.Any]
        """Of `` oauid=… ouid=… oses=…`` and auditd's names behind it: whose process a target is."""
        fields, names = _record.fields(text), _record.enriched(text)
        return {
            'uid': _interpret.identity('uid', fields.get('ouid'), names.get('OUID'), self.resolve),
            'auid': _interpret.identity('uid', fields.get('oauid'), names.get('OAUID'), self.resolve),
            'session': _interpret.session(fields.get('oses')),
        }


class Event:
    """The records of one (node, time, serial). Each method decodes the section of its name, of the shape that DESIGN calls the schema.

    *records* are in the order of the log, at least one, all of one node and stamp. A record that is there twice counts once.
    """

    __slots__ = ('_call', '_decoder', '_program', '_start', 'caller', 'records', 'stamp')

    def __init__(self, decoder, records):  # type: (Decoder, t.List[_record.Parts]) -> None
        self._decoder = decoder
        self.records = records
        self._call = None  # type: t.Optional[Call]
        self._program = None  # type: t.Optional[Program]
        first = records[0]
        # The SYSCALL record's body, mostly the first one's; empty when there is none.
        self.caller = first[3] if first[1] == 'SYSCALL' else self.body('SYSCALL') or ''
        self.stamp = first[2]
        self._start = self.caller.find(' a0=')

    def bodies(self, kind):  # type: (str) -> t.List[str]
        """The bodies of all records of a type, each once."""
        found = [record[3] for record in self.records if record[1] == kind]
        return list(dict.fromkeys(found)) if len(found) > 1 else found

    def body(self, kind):  # type: (str) -> t.Optional[str]
        for record in self.records:
            if record[1] == kind:
                return record[3]
        return None

    def call_text(self):  # type: () -> str
        return self.caller[: self._start] if self._start >= 0 else self.caller.partition(' ppid=')[0]

    def call(self):  # type: () -> Call
        """What the SYSCALL record says before its arguments; nothing but None when there is no such record."""
        if self._call is None:
            self._call = self._decoder.calls[self.call_text()]
        return self._call

    def registers(self):  # type: () -> t.Sequence[str]
        """The four arguments in hexadecimal digits, or none."""
        found = _REGISTERS(self.caller, self._start) if self._start >= 0 else None
        return found.groups() if found else ()

    def who_text(self):  # type: () -> str
        kernel, _separator, names = self.caller.partition(_record.ENRICHED)
        start, end = kernel.find(' auid='), kernel.find(' comm=')
        ids = kernel[start : end if end >= 0 else None] if start >= 0 else ''
        return ids + _record.ENRICHED + names[max(names.find('AUID='), 0) :]

    def who(self):  # type: () -> Who
        """For whom the SYSCALL record's process ran."""
        return t.cast(Who, self._decoder.whos[self.who_text()])

    def program_text(self):  # type: () -> str
        start, end = self.caller.find(' comm='), self.caller.find(_record.ENRICHED)
        return self.caller[start : end if end >= 0 else None] if start >= 0 else ''

    def program(self):  # type: () -> Program
        """What the SYSCALL record's process ran, and the record's keys."""
        if self._program is None:
            self._program = self._decoder.programs[self.program_text()]
        return self._program

    def milliseconds(self):  # type: () -> int
        """Since the epoch."""
        stamp = self.stamp
        point = 10 if stamp[10:11] == '.' else stamp.index('.')
        return int(stamp[:point] + stamp[point + 1 : point + 4])

    def id(self):  # type: () -> str
        return self.stamp

    def serial(self):  # type: () -> int
        return int(self.stamp.partition(':')[2])

    def time(self):  # type: () -> str
        """ISO 8601 in UTC with milliseconds."""
        seconds, _point, rest = self.stamp.partition('.')
        return '%s.%sZ' % (_seconds[seconds], rest[:3])

    def node(self):  # type: () -> t.Optional[str]
        return _text.text(self.records[0][0]) or None

    def types(self):  # type: () -> t.List[str]
        """Each type once, in the order of the log."""
        return list(dict.fromkeys([record[1] for record in self.records]))

    def keys(self):  # type: () -> t.List[str]
        """The keys of all rules that matched, and of the rule that a CONFIG_CHANGE is about."""
        result = self.program().keys if self.caller else []
        for _node, kind, _stamp, body in dict.fromkeys(self.records):
            if kind != 'SYSCALL' and ' key=' in body:
                result = result + [key for key in _interpret.keys(_record.fields(body).get('key')) if key not in result]
        return result

    def has_key(self, wanted):  # type: (t.FrozenSet[str]) -> bool
        """Whether one of its keys is among these."""
        return not wanted.isdisjoint(self.program().keys) or not wanted.isdisjoint(self.keys())

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
        call, name, registers = self.call(), self.syscall_name(), self.registers()
        return {
            'name': name,
            'number': call.number,
            'arch': call.arch,
            'abi': call.abi,
            'success': call.success,
            'exit': call.exit,
            'errno': call.errno,
            'args': ['0x' + register for register in registers],
            'arguments': _arguments.decode(name, call.arch, registers),
        }

    def process(self):  # type: () -> t.Dict[str, t.Any]
        """Who did it. ``cmdline`` is EXECVE's where the event has one, else the process title, which a process can rewrite."""
        result = self._process_of_call() or self._process_of_message()
        result['cmdline'], result['cmdline_from'], result['cmdline_cut'] = self.command_line()
        result['cwd'] = self.folder()
        return result

    def folder(self):  # type: () -> t.Optional[str]
        """The working directory."""
        body = self.body('CWD')
        return None if body is None else t.cast('t.Optional[str]', self._decoder.folders[body])

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
        for _node, _kind, _stamp, body in self.records:
            fields = _record.fields(body)
            if 'pid' in fields:
                message = _record.split_message(body.partition(_record.ENRICHED)[0])[1]
                inner = _record.message_fields(message) if message else {}
                program = {name: raw for name, raw in inner.items() if name in _PROGRAM}
                return dict(program, **fields), _record.enriched(body)
        return {}, {}

    def command_line(self):  # type: () -> t.Tuple[t.Optional[t.List[str]], t.Optional[str], bool]
        pieces = self.bodies('EXECVE')
        if pieces:
            cmdline, cut = arguments(pieces)
            return cmdline, 'execve', cut
        body = self.body('PROCTITLE')
        if body is None:
            return None, None, False
        title = _title(body)
        return title.cmdline, 'proctitle', title.cut

    def user(self):  # type: () -> t.Dict[str, t.Dict[str, t.Any]]
        if self.caller:
            return self.who().user
        fields, names = self._speaker()
        return self._decoder.users(fields, names) if fields else _NO_USER

    def identities(self, kind, names):  # type: (str, t.Iterable[str]) -> t.Iterator[t.Dict[str, t.Any]]
        """The users ('uid') or groups ('gid') of the fields so called, in the kernel's part of any record."""
        for _node, _kind, _stamp, body in self.records:
            fields = _record.fields(body)
            for name in names:
                if name in fields:
                    yield _interpret.identity(kind, fields[name], _record.enriched(body).get(name.upper()), self._decoder.resolve)

    def success(self):  # type: () -> t.Optional[bool]
        """Of the system call, else what a program reported as res= (1, success) or result=."""
        if self.caller:
            return self.call().success
        for _node, _kind, _stamp, body in self.records:
            for fields in (_record.fields(body), _record.message_fields(_record.split_message(body)[1] or '')):
                word = _text.unquote(fields.get('res', fields.get('result', ''))).lower()
                if word:
                    return word in ('1', 'success', 'yes')
        return None

    def signal_number(self):  # type: () -> t.Optional[int]
        """The number of the signal that this event sends, 0 for a probe; None when its syscall sends none."""
        name = (self._call or self.call()).name
        index = _signal.SIGNAL_ARGUMENT.get(name) if name else None
        if index is None:
            return None
        found = _REGISTERS(self.caller, self._start) if self._start >= 0 else None
        return self._decoder.integers[found.group(index + 1)] if found else None

    def signal(self):  # type: () -> t.Optional[t.Dict[str, t.Any]]
        number = self.signal_number()
        return None if number is None else _signal.describe(number)

    def targets(self):  # type: () -> t.List[t.Dict[str, t.Any]]
        """The processes that the kernel said were meant: by a signal, or by ptrace."""
        return [{'pid': pid, 'comm': comm, **self._decoder.owners[owner]} for pid, comm, owner in self.target_parts()]

    def target_parts(self):  # type: () -> t.List[t.Tuple[t.Optional[int], t.Optional[str], str]]
        """Of each OBJ_PID record: process id, name, and the text about its owner."""
        return [_target(body) for body in self.bodies('OBJ_PID')]

    def target_comms(self):  # type: () -> t.List[t.Optional[str]]
        """The names of the targets; nothing else of them is decoded."""
        strings = self._decoder.strings
        result = []
        for body in self.bodies('OBJ_PID'):
            start, end = body.find(' ocomm='), body.find(_record.ENRICHED)
            result.append(strings[body[start + 7 : end if end >= 0 else None]] if start >= 0 else None)
        return result

    def target_pids(self):  # type: () -> t.List[t.Optional[int]]
        """Who was meant; where the kernel did not say (the call failed), the process that a signal's call named."""
        told = [pid for pid, _comm, _owner in self.target_parts()]
        if told:
            return told
        return [_signal.aimed_at(self.call().name, self.registers())]

    def paths(self):  # type: () -> t.List[t.Dict[str, t.Any]]
        return [dict(_interpret.describe(head, self._decoder.resolve), **self._decoder.inodes[rest]) for head, rest in self.path_parts()]

    def path_parts(self):  # type: () -> t.List[t.Tuple[str, str]]
        """Of each PATH record the text that names the file, and the text about its inode, which many files share."""
        parts = []
        for body in self.bodies('PATH'):
            middle = body.find(' dev=')
            parts.append((body[:middle], body[middle:]) if middle >= 0 else (body, ''))
        return parts

    def address(self):  # type: () -> t.Optional[t.Dict[str, t.Any]]
        """The first socket address of the event."""
        body = self.body('SOCKADDR')
        return None if body is None else _sockaddr.decode(_record.fields(body).get('saddr', ''))

    def details(self):  # type: () -> t.Dict[str, t.List[t.Dict[str, t.Any]]]
        """The fields of every record that no other section is made of, by type; a type can come several times."""
        result = {}  # type: t.Dict[str, t.List[t.Dict[str, t.Any]]]
        for _node, kind, _stamp, body in dict.fromkeys(self.records):
            if kind not in _SECTIONED:
                result.setdefault(kind, []).append(_interpret.describe(body, self._decoder.resolve))
        return result

    def described_records(self):  # type: () -> t.List[t.Dict[str, t.Any]]
        """Every record: its type, its fields as typed values, and its body as it stands in the log."""
        return [
            {'type': kind, 'fields': _interpret.describe(body, self._decoder.resolve), 'raw': _text.text(body)}
            for _node, kind, _stamp, body in dict.fromkeys(self.records)
        ]

    def as_dict(self, sections=SECTIONS, records=False):  # type: (t.Iterable[str], bool) -> t.Dict[str, t.Any]
        """The sections asked for, as data that JSON can carry."""
        result = {name: getattr(self, name)() for name in sections}
        if records:
            result['records'] = self.described_records()
        return result


_seconds = Cache(lambda text: time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(int(text))))  # type: t.Dict[str, str]


def iso(milliseconds):  # type: (int) -> str
    """ISO 8601 in UTC: ``2026-11-23T10:41:12.834Z``."""
    seconds, rest = divmod(milliseconds, 1000)
    return '%s.%03dZ' % (_seconds[str(seconds)], rest)


def arguments(bodies):  # type: (t.Iterable[str]) -> t.Tuple[t.List[str], bool]
    """The command line out of an event's EXECVE records, and whether a part of it is missing.

    A long argument comes as ``a2_len=… a2[0]=… a2[1]=…``, over several records (audit_log_execve_info, kernel/auditsc.c). Each piece
    is quoted or hexadecimal for itself; some programs' bare words are taken as they are.
    """
    pieces = {}  # type: t.Dict[int, t.Dict[int, str]]
    expected = 0
    for body in bodies:
        kernel = body.partition(_record.ENRICHED)[0]
        count = _COUNT(kernel)
        expected = int(count.group(1)) if count else expected
        for number, index, raw in _PIECES(kernel):
            pieces.setdefault(int(number), {})[int(index or 0)] = raw
    words = [_word(parts) for _number, parts in sorted(pieces.items())]
    return words, len(words) < expected


def _word(parts):  # type: (t.Dict[int, str]) -> str
    first = parts.get(0, '')
    if len(parts) == 1 and first[:1] == '"':
        return _text.text(_text.unquote(first))
    return _text.escape(b''.join(_bytes(raw) for _index, raw in sorted(parts.items())))


def _bytes(raw):  # type: (str) -> bytes
    data = None if raw[:1] == '"' else _text.unhex(raw)
    return _text.unquote(raw).encode('latin-1') if data is None else data
