# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an event has to be like to be wanted. This file is private to the collection.

Pure: no Ansible, no I/O. Most of what can be asked for ausearch can answer, and answers faster; what it cannot (several values,
exact keys, targets, an option that this version lacks) is tested here, with the same meaning.
"""

import re
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _abi, _event, _interpret, _record, _signal, _text

Test = t.Callable[[_event.Event], bool]
Values = t.List[str]


class Option(t.NamedTuple):
    """An option of the module: ausearch's names for it, the test that means the same, how a value is checked.

    *check* gives the value as ausearch takes it, and raises ValueError saying what is right; *precise* says that ausearch's own
    answer is exact, so that the test need not be made again.
    """

    flags: t.Tuple[str, ...]
    test: t.Callable[[Values, bool], Test]
    check: t.Callable[[str], str]
    precise: bool


_NUMBER = re.compile('-?[0-9]{1,10}').fullmatch
_NAME = re.compile('[A-Za-z_][A-Za-z0-9_.@-]*[$]?').fullmatch
_UNSET = ('unset', '-1', '4294967295')


def _any_text(value):  # type: (str) -> str
    if not value or '\0' in value:
        raise ValueError('%r is no text to search for: give at least one character, and no NUL' % value)
    return value


def _decimal(value):  # type: (str) -> str
    if not value.isdigit() or not _NUMBER(value):
        raise ValueError('%s is no number: give digits only' % value)
    return value


def _identity(value):  # type: (str) -> str
    """An id, a name, or ``unset``."""
    if value in _UNSET:
        return '-1'
    if not value.isdigit() and not _NAME(value):
        raise ValueError('%s is no user or group: give a number, a name, or unset' % value)
    return value


def _session(value):  # type: (str) -> str
    return '-1' if value in _UNSET else _decimal(value)


def _exit(value):  # type: (str) -> str
    if not _NUMBER(value) and _abi.ERRNO.number(value.lstrip('-')) is None:
        raise ValueError('%s is no exit code: give a number, or the name of an error such as EPERM' % value)
    return value


def _kind(value):  # type: (str) -> str
    if not value.isdigit() and _abi.MESSAGE_TYPE.number(value.upper()) is None:
        raise ValueError('%s is no record type: give a name such as SYSCALL or USER_LOGIN, or a number' % value)
    return value.upper()


def _arch(value):  # type: (str) -> str
    if value not in ('b64', 'b32') and value not in _abi.ARCH_BY_ELF.values():
        raise ValueError('%s is no architecture: give b64, b32 or one of %s' % (value, ', '.join(sorted(set(_abi.ARCH_BY_ELF.values())))))
    return value


def _syscall(value):  # type: (str) -> str
    if not value.isdigit() and not _abi.known_syscall(value):
        raise ValueError('%s is no system call of any architecture: give a name such as kill, or a number' % value)
    return value


def _success(value):  # type: (str) -> str
    if value not in ('yes', 'no'):
        raise ValueError('%s is not a result: give yes or no' % value)
    return value


def _signal_value(value):  # type: (str) -> str
    return str(_signal.number(value))


def raw_values(event, names):  # type: (_event.Event, t.Container[str]) -> t.Iterator[t.Tuple[str, str]]
    """(name, undecoded value) of the fields so called in any record, also inside ``msg='…'``."""
    for _node, _type, _stamp, body in event.records:
        message = _record.split_message(body.partition(_record.ENRICHED)[0])[1]
        for name, raw in _record.fields(body).items():
            if name in names:
                yield name, raw
        if message:
            for name, raw in _record.message_fields(message).items():
                if name in names:
                    yield name, raw


def _text_test(*names):  # type: (str) -> t.Callable[[Values, bool], Test]
    """Whether one of the values is in one of these fields, or with *word* is all of it."""

    def make(values, word):  # type: (Values, bool) -> Test
        def test(event):  # type: (_event.Event) -> bool
            for _field, raw in raw_values(event, names):
                text = _text.untrusted(raw)
                if text is not None and (text in values if word else any(value in text for value in values)):
                    return True
            return False

        return test

    return make


def _number_test(*names):  # type: (str) -> t.Callable[[Values, bool], Test]
    def make(values, _word):  # type: (Values, bool) -> Test
        wanted = {int(value) for value in values}
        return lambda event: any(_interpret.number(raw) in wanted for _field, raw in raw_values(event, names))

    return make


def _session_test(values, _word):  # type: (Values, bool) -> Test
    wanted = {None if value == '-1' else int(value) for value in values}
    return lambda event: any(_interpret.session(raw) in wanted for _field, raw in raw_values(event, ('ses',)))


def _identity_test(kind, *names):  # type: (str, *str) -> t.Callable[[Values, bool], Test]
    def make(values, _word):  # type: (Values, bool) -> Test
        def test(event):  # type: (_event.Event) -> bool
            for identity in event.identities(kind, names):
                if str(-1 if identity['id'] is None else identity['id']) in values or identity['name'] in values:
                    return True
            return False

        return test

    return make


def _event_id_test(values, _word):  # type: (Values, bool) -> Test
    wanted = {int(value) for value in values}
    return lambda event: event.serial() in wanted


def _type_test(values, _word):  # type: (Values, bool) -> Test
    wanted = set()
    for value in values:
        name = _abi.MESSAGE_TYPE.name(int(value)) if value.isdigit() else value
        wanted |= {name or 'UNKNOWN[%s]' % value, 'UNKNOWN[%s]' % _abi.MESSAGE_TYPE.number(value)}
    return lambda event: any(record[1] in wanted for record in event.records)


def _node_test(values, _word):  # type: (Values, bool) -> Test
    return lambda event: event.node() in values


def _key_test(values, _word):  # type: (Values, bool) -> Test
    """Always all of the key: a search for ``signal_send`` must not find ``signal_send2``."""
    wanted = frozenset(values)
    return lambda event: event.has_key(wanted)


def _arch_test(values, _word):  # type: (Values, bool) -> Test
    return lambda event: event.call().arch in values or event.call().abi in values


def _syscall_test(values, _word):  # type: (Values, bool) -> Test
    return lambda event: event.syscall_name() in values or str(event.call().number) in values


def _exit_test(values, _word):  # type: (Values, bool) -> Test
    wanted = {int(value) if _NUMBER(value) else -(_abi.ERRNO.number(value.lstrip('-')) or 0) for value in values}
    return lambda event: event.call().exit in wanted


def _success_test(values, _word):  # type: (Values, bool) -> Test
    wanted = {value == 'yes' for value in values}
    return lambda event: event.success() in wanted


def _signal_test(values, _word):  # type: (Values, bool) -> Test
    wanted = {int(value) for value in values}
    return lambda event: event.signal_number() in wanted


def _target_pid_test(values, _word):  # type: (Values, bool) -> Test
    wanted = {int(value) for value in values}

    def test(event):  # type: (_event.Event) -> bool
        return any(pid in wanted for pid in event.target_pids())

    return test


def _target_comm_test(values, word):  # type: (Values, bool) -> Test
    def test(event):  # type: (_event.Event) -> bool
        names = [comm or '' for comm in event.target_comms()]
        return any(name in values if word else any(value in name for value in values) for name in names)

    return test


_FILES = ('name', 'cwd', 'path', 'dir', 'file')
_HOSTS = ('hostname', 'addr')

OPTIONS = {
    'event_ids': Option(('-a', '--event'), _event_id_test, _decimal, True),
    'arches': Option(('--arch',), _arch_test, _arch, True),
    'comms': Option(('-c', '--comm'), _text_test('comm'), _any_text, True),
    'exes': Option(('-x', '--executable'), _text_test('exe'), _any_text, True),
    'exits': Option(('-e', '--exit'), _exit_test, _exit, True),
    'files': Option(('-f', '--file'), _text_test(*_FILES), _any_text, True),
    'gids': Option(('-gi', '--gid'), _identity_test('gid', 'gid'), _identity, True),
    'egids': Option(('-ge', '--gid-effective'), _identity_test('gid', 'egid'), _identity, True),
    'all_gids': Option(('-ga', '--gid-all'), _identity_test('gid', 'gid', 'egid'), _identity, True),
    'hosts': Option(('-hn', '--host'), _text_test(*_HOSTS), _any_text, True),
    'keys': Option(('-k', '--key'), _key_test, _any_text, False),
    'nodes': Option(('-n', '--node'), _node_test, _any_text, True),
    'objects': Option(('-o', '--object'), _text_test('obj', 'tcontext'), _any_text, True),
    'subjects': Option(('-su', '--subject'), _text_test('subj', 'scontext'), _any_text, True),
    'contexts': Option(('-se', '--context'), _text_test('obj', 'tcontext', 'subj', 'scontext'), _any_text, True),
    'pids': Option(('-p', '--pid'), _number_test('pid'), _decimal, True),
    'ppids': Option(('-pp', '--ppid'), _number_test('ppid'), _decimal, True),
    'sessions': Option(('--session',), _session_test, _session, True),
    'success': Option(('-sv', '--success'), _success_test, _success, True),
    'terminals': Option(('-tm', '--terminal'), _text_test('tty', 'terminal'), _any_text, True),
    'types': Option(('-m', '--message'), _type_test, _kind, True),
    'uids': Option(('-ui', '--uid'), _identity_test('uid', 'uid'), _identity, True),
    'euids': Option(('-ue', '--uid-effective'), _identity_test('uid', 'euid'), _identity, True),
    'auids': Option(('-ul', '--loginuid'), _identity_test('uid', 'auid'), _identity, True),
    'all_uids': Option(('-ua', '--uid-all'), _identity_test('uid', 'uid', 'euid', 'auid'), _identity, True),
    'uuids': Option(('-uu', '--uuid'), _text_test('uuid'), _any_text, True),
    'vm_names': Option(('-vm', '--vm-name'), _text_test('vm'), _any_text, True),
    # ausearch knows a system call's number on this host's own architecture only.
    'syscalls': Option((), _syscall_test, _syscall, False),
    'signals': Option((), _signal_test, _signal_value, False),
    'target_pids': Option((), _target_pid_test, _decimal, False),
    'target_comms': Option((), _target_comm_test, _any_text, False),
}  # type: t.Dict[str, Option]
"""What a search can ask for, by the module's names."""

# Whose value is looked for within a field, unless whole words are asked for: the same of ausearch's options for all of them.
_PARTIAL = frozenset('comms exes files hosts objects subjects contexts terminals uuids vm_names'.split())

# What ausearch takes for an architecture of the host that it runs on.
_LOCAL = frozenset(('b64', 'b32'))

# Where a value that begins with a dash is not mistaken for an option.
_DASH_OK = frozenset(('exits', 'sessions', 'auids'))


class Plan(t.NamedTuple):
    """A search divided: arguments for ausearch, tests for what it cannot answer, and the names of the options that are tested here."""

    arguments: t.List[str]
    tests: t.List[Test]
    tested: t.List[str]


def plan(wanted, word, known):  # type: (t.Dict[str, Values], bool, t.Container[str]) -> Plan
    """Divide a search between ausearch and the tests above. *known* is what this version's help names.

    Raises ValueError that begins with the option's name.
    """
    arguments = []  # type: t.List[str]
    tests = []  # type: t.List[Test]
    tested = []  # type: t.List[str]
    word_known = '-w' in known
    if word_known and (word or not _PARTIAL.intersection(wanted)):
        arguments.append('-w')
    for name, values in wanted.items():
        option = OPTIONS[name]
        try:
            values = [option.check(value) for value in values]
        except ValueError as error:
            raise ValueError('%s: %s' % (name, error)) from error
        flag = next((flag for flag in option.flags if flag in known), None)
        several = name in ('types', 'nodes')
        answers = (not word or word_known or name not in _PARTIAL) and not _LOCAL.intersection(values)
        asked = flag is not None and (len(values) == 1 or several) and answers and not _dash(name, values)
        if asked and flag is not None:
            for value in values:
                arguments += [flag, value]
        exact = option.precise or (name == 'keys' and '-w' in arguments)
        if not asked or not exact:
            tests.append(option.test(values, word))
            tested.append(name)
    return Plan(arguments, tests, tested)


def _dash(name, values):  # type: (str, Values) -> bool
    return name not in _DASH_OK and any(value.startswith('-') for value in values)


def window(start, end):  # type: (t.Optional[int], t.Optional[int]) -> t.Optional[Test]
    """The test for a window in milliseconds that ausearch, which knows whole seconds, cannot make; None when it can."""
    if (start is None or start % 1000 == 0) and (end is None or end % 1000 == 999):
        return None
    first = 0 if start is None else start
    last = float('inf') if end is None else end
    return lambda event: first <= event.milliseconds() <= last
