# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audit rules: reading, writing and comparing them. This file is private to the collection.

Pure: no Ansible, no I/O. The kernel identifies a rule by list, action, syscall mask and fields in order. `auditctl -l` prints
the same rule differently from version to version, so that rules are compared in a canonical form: syscalls and values as numbers.
Sources: auditctl.c, auditctl-listing.c and libaudit.c of audit 2.3.7 to 4.2.1, auditctl(8).
"""

import re
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _abi

MAX_FIELDS = 63
"""Fields in one rule (AUDIT_MAX_FIELDS - 1)."""
MAX_KEY_BYTES = 256
"""Bytes of all keys of a rule, joined by 0x01 (AUDIT_MAX_KEY_LEN)."""
MAX_LINE_BYTES = 6144
"""Bytes of one line in a rules file that `auditctl -R` reads."""

LISTS = ('exit', 'task', 'user', 'exclude', 'filesystem', 'io_uring')
ACTIONS = ('always', 'never')

_STRING_FIELDS = frozenset(
    'path dir exe key subj_user subj_role subj_type subj_sen subj_clr obj_user obj_role obj_type obj_lev_low obj_lev_high'.split()
)
_USER_FIELDS = frozenset('uid euid suid fsuid auid obj_uid'.split())
_GROUP_FIELDS = frozenset('gid egid sgid fsgid obj_gid'.split())
_NUMBER_FIELDS = frozenset(
    'pid ppid pers msgtype sessionid devmajor devminor inode exit success filetype fstype a0 a1 a2 a3 saddr_fam'.split()
)
NAMED_FIELDS = _STRING_FIELDS | _USER_FIELDS | _GROUP_FIELDS
"""Fields whose value may be a word of the host's own."""
FIELDS = frozenset(('arch', 'perm', 'loginuid')) | _STRING_FIELDS | _USER_FIELDS | _GROUP_FIELDS | _NUMBER_FIELDS

# The numbers that a version prints as f25 when it has no name for the field (AUDIT_* of include/uapi/linux/audit.h).
_FIELD_BY_NUMBER = {25: 'sessionid', 26: 'fstype', 112: 'exe', 113: 'saddr_fam'}
_FILETYPES = {'socket': 0o140000, 'link': 0o120000, 'file': 0o100000, 'block': 0o060000, 'dir': 0o040000, 'character': 0o020000, 'fifo': 0o010000}

_FIELD_RE = re.compile(r'^(\w+?)(!=|>=|<=|&=|=|>|<|&)(.*)$', re.S)
_UNNAMED_FIELD_RE = re.compile(r'^f(\d+)(!=|>=|<=|&=|=|>|<|&)(-?\d+)$')
_GLUED_WATCH_RE = re.compile(r'( -p [rwxa]+)-w /')  # auditctl -l prints perm before path like this: " -p wa-w /etc/passwd"
_WORD_RE = re.compile(r'(?:\\ |[^ ])+')

Value = t.Union[int, str]
Field = t.NamedTuple('Field', [('name', str), ('op', str), ('value', Value)])
Rule = t.NamedTuple(
    'Rule',
    [
        ('list', str),
        ('action', str),
        ('arch', t.Optional[str]),
        ('syscalls', t.Optional[t.FrozenSet[Value]]),
        ('fields', t.Tuple[Field, ...]),
    ],
)
"""The canonical form. `arch` is an architecture (x86_64), with a leading ! where the rule says arch!=; `syscalls` is None for all;
`fields` has the keys too, but not arch, whose place the listing does not show. Two rules are the same rule when these are equal."""


class RuleError(ValueError):
    """A rule that auditctl would refuse, with the reason and what would be right."""


class Names:
    """Numbers for the names in a rule, as far as they can be known without the host. The host's own are in _kernel."""

    def __init__(self, machine, users=None, groups=None):
        # type: (str, t.Optional[t.Mapping[str, int]], t.Optional[t.Mapping[str, int]]) -> None
        self.machine = machine
        self._users = users or {}
        self._groups = groups or {}

    def arch(self, name):  # type: (str) -> str
        """The architecture that `b64`, `b32`, a name or an ELF number stands for."""
        known = _abi.architectures(self.machine)
        if name in known:
            return known[name]
        if name in ('b64', 'b32'):
            raise RuleError('arch={0} does not exist on {1}; it has {2}'.format(name, self.machine, ' and '.join(known) or 'no ABI known here'))
        try:
            return _abi.ARCH_BY_ELF[int(name, 0)]
        except (ValueError, KeyError):
            return _abi.normal_machine(name)

    def native(self):  # type: () -> t.Optional[str]
        """The architecture whose table auditctl uses for a rule without arch."""
        return next(iter(_abi.architectures(self.machine).values()), None)

    def syscall(self, arch, name):  # type: (t.Optional[str], str) -> Value
        number = _abi.syscall_number(arch, name) if arch else None
        return name if number is None else number

    def user(self, name):  # type: (str) -> t.Optional[int]
        """The uid of a user's name, None when it is not known here."""
        return self._users.get(name)

    def group(self, name):  # type: (str) -> t.Optional[int]
        """The gid of a group's name, None when it is not known here."""
        return self._groups.get(name)


def words(text):  # type: (str) -> t.List[str]
    r"""The words of a line in a rules file: only spaces separate, ``\ `` is a space in a word."""
    return [word.replace('\\ ', ' ') for word in _WORD_RE.findall(text)]


def line(argv):  # type: (t.Sequence[str]) -> str
    """The line for a rules file that gives these words."""
    return ' '.join(word.replace(' ', '\\ ') for word in argv)


def _c_number(text):  # type: (str) -> t.Optional[int]
    """A number as strtol(…, 0) reads it."""
    match = re.match(r'^(-?)(0[xX][0-9a-fA-F]+|\d+)$', text)
    if not match:
        return None
    digits = match.group(2)
    try:
        value = int(digits, 16 if digits[:2] in ('0x', '0X') else 8 if digits.startswith('0') else 10)
    except ValueError:  # 09 is no octal number
        return None
    return -value if match.group(1) else value


def _unsigned(number):  # type: (int) -> int
    return number & 0xFFFFFFFF


def _signed(number):  # type: (int) -> int
    number &= 0xFFFFFFFF
    return number - 0x100000000 if number & 0x80000000 else number


def _named_value(name, text, names):  # type: (str, str, Names) -> t.Optional[int]
    if name in _USER_FIELDS or name == 'sessionid':
        if text == 'unset':
            return -1
        return names.user(text) if name in _USER_FIELDS else None
    if name in _GROUP_FIELDS:
        return names.group(text)
    if name == 'exit':
        errno = _abi.ERRNO.number(text.lstrip('-'))
        return -errno if errno is not None and text.startswith('-') else errno
    if name == 'msgtype':
        return _abi.MESSAGE_TYPE.number(text)
    if name == 'filetype':
        return _FILETYPES.get(text)
    if name == 'fstype':
        return _abi.FILESYSTEM.number(text)
    return None


def _value(name, text, names):  # type: (str, str, Names) -> Value
    """The canonical value; a name that can't be resolved here stays a string."""
    if name == 'perm':
        return ''.join(letter for letter in 'rwxa' if letter in text.lower())
    if name in ('path', 'dir', 'watch'):
        return text.rstrip('/') or '/'
    if name in _STRING_FIELDS:
        return text
    number = _c_number(text)
    if number is None:
        number = _named_value(name, text, names)
    if number is None:
        return text
    return _signed(number) if name == 'exit' else _unsigned(number)


def split_field(text, option='-F'):  # type: (str, str) -> t.Tuple[str, str, str]
    """``auid>=1000`` → ``("auid", ">=", "1000")``."""
    match = _FIELD_RE.match(text)
    if not match or not match.group(3):
        raise RuleError('{0} {1}: must be a field, an operator (= != > >= < <= & &=) and a value, like auid>=1000'.format(option, text))
    name, op, value = match.groups()
    return ('auid' if name == 'loginuid' else name), op, value


def kind_of_name(name):  # type: (str) -> t.Optional[str]
    """``users`` or ``groups`` for a field whose value is the name of one."""
    return 'users' if name in _USER_FIELDS else 'groups' if name in _GROUP_FIELDS else None


def is_comparison(text):  # type: (str) -> bool
    """Whether it compares two fields of one call, like ``uid!=euid``, which takes -C instead of -F."""
    name, dummy, value = split_field(text)
    return any(name in kind and value in kind for kind in (_USER_FIELDS, _GROUP_FIELDS))


def condition(text, names):  # type: (str, Names) -> Field
    """A field's canonical form. Raises RuleError."""
    if is_comparison(text):
        return _compare(text)
    name, op, value = split_field(text)
    return Field(name, op, _value(name, value, names))


def _compare(text):  # type: (str) -> Field
    left, op, right = split_field(text, '-C')
    return Field('compare', op, ':'.join(sorted((left, right))))


class _Parser:
    """Reads the options of one rule."""

    def __init__(self, names, listed):  # type: (Names, bool) -> None
        self.names = names
        self.listed = listed
        self.list = None  # type: t.Optional[str]
        self.action = None  # type: t.Optional[str]
        self.arch = None  # type: t.Optional[str]
        self.syscalls = []  # type: t.List[str]
        self.fields = []  # type: t.List[Field]
        self.keys = []  # type: t.List[str]
        self.watch = None  # type: t.Optional[str]
        self.perm = 'rwxa'
        self.perm_first = False

    def option(self, name, value):  # type: (str, str) -> None
        if name in ('-a', '-A'):
            self._list_and_action(value)
        elif name == '-S':
            self.syscalls.extend(value.split(','))
        elif name == '-F':
            self._field(value)
        elif name == '-C':
            self.fields.append(_compare(value))
        elif name == '-k':
            self.keys.append(value)
        elif name == '-w':
            self.watch = value
        elif name == '-p':
            self.perm = value
            self.perm_first = self.listed and self.watch is None
        else:
            raise RuleError('{0}: not an option of a rule; these are: -a -A -S -F -C -k -w -p'.format(name))

    def unnamed(self, match):  # type: (t.Match[str]) -> None
        number, op, value = match.groups()
        name = _FIELD_BY_NUMBER.get(int(number), 'f' + number)
        if name in _STRING_FIELDS:
            name = 'f' + number
        self.fields.append(Field(name, op, _unsigned(int(value))))

    def _list_and_action(self, value):  # type: (str) -> None
        parts = value.split(',')
        if len(parts) == 2 and parts[0] in LISTS + ('(null)',):
            parts.reverse()
        if len(parts) != 2 or parts[0] not in ACTIONS + ('possible',) or parts[1] not in LISTS + ('(null)', 'entry'):
            raise RuleError('-a {0}: must be an action ({1}) and a list ({2}), like always,exit'.format(value, ', '.join(ACTIONS), ', '.join(LISTS)))
        self.action, self.list = parts

    def _field(self, text):  # type: (str) -> None
        name, op, value = split_field(text)
        if name == 'key':
            self.keys.append(value)
            return
        if name == 'arch':
            self.arch = ('!' if op == '!=' else '') + self.names.arch(value)
            return
        if name not in FIELDS and not self.listed:
            raise RuleError('-F {0}: unknown field {1}; known are: {2}'.format(text, name, ' '.join(sorted(FIELDS))))
        self.fields.append(Field(name, op, _value(name, value, self.names)))

    def rule(self, listed_arch):  # type: (t.Optional[str]) -> Rule
        if self.watch is not None:
            watch = (Field('watch', '=', _value('watch', self.watch, self.names)), Field('perm', '=', _value('perm', self.perm, self.names)))
            return Rule('exit', 'always', None, None, (watch[::-1] if self.perm_first else watch) + self._key_fields())
        if self.list is None or self.action is None:
            raise RuleError('a rule starts with -a LIST,ACTION or -w PATH')
        if self.list == '(null)':
            self.list = 'filesystem'
        arch = (self.arch or listed_arch or self.names.native() or '').lstrip('!')
        fields = tuple(self.fields) + self._key_fields()
        if (not self.arch and not self.syscalls) or self.syscalls == ['all']:
            fields = self._as_watch(fields)
        return Rule(self.list, self.action, self.arch, self._mask(arch), fields)

    def _key_fields(self):  # type: () -> t.Tuple[Field, ...]
        return (Field('key', '=', '\x01'.join(self.keys)),) if self.keys else ()

    def _as_watch(self, fields):  # type: (t.Tuple[Field, ...]) -> t.Tuple[Field, ...]
        """auditctl -l prints as -w what has only these fields, and then does not tell path from dir."""
        present = {field.name for field in fields}
        if self.arch or self.list != 'exit' or 'perm' not in present or not present <= {'path', 'dir', 'perm', 'key'}:
            return fields
        return tuple(field._replace(name='watch') if field.name in ('path', 'dir') else field for field in fields)

    def _mask(self, arch):  # type: (str) -> t.Optional[t.FrozenSet[Value]]
        if not self.syscalls or 'all' in self.syscalls or self.list not in ('exit', 'io_uring', 'entry'):
            return None
        mask = set()  # type: t.Set[Value]
        for word in self.syscalls:
            number = _c_number(word)
            if number is None:
                mask.add(word if self.list == 'io_uring' else self.names.syscall(arch, word))
            elif 0 <= number <= _abi.MAX_SYSCALL:
                mask.add(number)
            else:
                raise RuleError('-S {0}: a syscall number must be 0 to {1}'.format(word, _abi.MAX_SYSCALL))
        return frozenset(mask)


def _parse(argv, names, listed, listed_arch=None):  # type: (t.Sequence[str], Names, bool, t.Optional[str]) -> Rule
    parser = _Parser(names, listed)
    index = 0
    while index < len(argv):
        word = argv[index]
        unnamed = _UNNAMED_FIELD_RE.match(word) if listed else None
        if unnamed:
            parser.unnamed(unnamed)
            index += 1
            continue
        if index + 1 >= len(argv):
            raise RuleError('{0}: {1}'.format(word, 'needs a value' if word.startswith('-') else 'not an option of a rule'))
        end = index + 2
        while listed and end < len(argv) and not argv[end].startswith('-') and not _UNNAMED_FIELD_RE.match(argv[end]):
            end += 1  # the listing prints a path with spaces as it is
        parser.option(word, ' '.join(argv[index + 1 : end]))
        index = end
    return parser.rule(listed_arch)


def parse(text, names):  # type: (str, Names) -> Rule
    """The canonical form of a rule as one writes it in a rules file or on auditctl's command line. Raises RuleError."""
    argv = words(text)
    rule = _parse(argv, names, False)
    _check(rule, text)
    return rule


def _check(rule, text):  # type: (Rule, str) -> None
    keys = ''.join(str(field.value) for field in rule.fields if field.name == 'key')
    count = len(rule.fields) + (1 if rule.arch else 0)
    if len(keys.encode('utf-8', 'surrogateescape')) > MAX_KEY_BYTES:
        raise RuleError('the keys have more than {0} bytes together: {1}'.format(MAX_KEY_BYTES, text))
    if count > MAX_FIELDS:
        raise RuleError('the rule has {0} fields; {1} are possible: {2}'.format(count, MAX_FIELDS, text))
    if len(text.encode('utf-8', 'surrogateescape')) > MAX_LINE_BYTES:
        raise RuleError('the rule has more than {0} bytes: {1}...'.format(MAX_LINE_BYTES, text[:200]))
    for field in rule.fields:
        if field.name in ('path', 'dir', 'watch', 'exe') and not str(field.value).startswith('/'):
            raise RuleError('{0}={1}: must be an absolute path'.format(field.name, field.value))


def parse_listing(lines, names):  # type: (t.Iterable[str], Names) -> t.List[Rule]
    """The canonical forms of what `auditctl -l` printed, in its order; lines that are no rules are passed over.

    A rule without arch is named by auditctl with the table of the architecture printed last before it.
    """
    rules = []
    listed_arch = None  # type: t.Optional[str]
    for text in lines:
        if not text.startswith(('-a ', '-w ', ' -p ')):
            continue
        rule = _parse(_GLUED_WATCH_RE.sub(r'\1 -w /', text).lstrip(' ').split(' '), names, True, listed_arch)
        if rule.arch:
            listed_arch = rule.arch.lstrip('!')
        rules.append(rule)
    return rules


def _unnamed_strings(rule):  # type: (Rule) -> Rule
    """The rule as audit before 2.5 lists it when it has exe=: `f112=LENGTH`, and later strings read from the wrong place."""
    strings = ''.join(str(field.value) for field in rule.fields if field.name in _STRING_FIELDS or field.name == 'watch')
    offset = 0
    fields = []
    for field in rule.fields:
        if field.name == 'exe':
            field = Field('f112', field.op, len(str(field.value)))
        elif field.name in _STRING_FIELDS:
            length = len(str(field.value))
            field = field._replace(value=strings[offset : offset + length])
            offset += length
        fields.append(field)
    return rule._replace(fields=tuple(fields))


# Of the syscalls that perm= stands for, one that every architecture has.
_PERM_SIGNS = {'x': 'execve', 'r': 'readlinkat', 'w': 'unlinkat', 'a': 'fchmodat'}


def _perm_expanded(wanted, listed):  # type: (Rule, Rule) -> bool
    """audit 4 adds the syscalls that perm= stands for to those of a rule that has arch."""
    letters = ''.join(str(field.value) for field in wanted.fields if field.name == 'perm')
    if not wanted.arch or not letters or listed.syscalls is None or listed._replace(syscalls=wanted.syscalls) != wanted:
        return False
    signs = {_abi.syscall_number(wanted.arch.lstrip('!'), _PERM_SIGNS[letter]) for letter in letters}
    return listed.syscalls >= (wanted.syscalls or frozenset()) | signs


def _operators_lost(rule):  # type: (Rule) -> Rule
    """The rule as audit 3 and older list it: exe=, path= and dir= whatever the operator."""
    return rule._replace(fields=tuple(field._replace(op='=') if field.name in ('exe', 'path', 'dir') else field for field in rule.fields))


def find(wanted, listed):  # type: (Rule, t.Sequence[Rule]) -> t.Optional[int]
    """The index of the listed rule that is the wanted one, None when there is none.

    Where the listing leaves out what tells two rules apart, such as exe!= from exe=, one is taken for the other.
    """
    if wanted in listed:
        return list(listed).index(wanted)
    lossy = [_operators_lost(wanted)]
    if any(field.name == 'exe' for field in wanted.fields):
        lossy.append(_unnamed_strings(wanted))
    for index, rule in enumerate(listed):
        if rule in lossy or _perm_expanded(wanted, rule):
            return index
    return None


def keys(rule):  # type: (Rule) -> t.List[str]
    """The rule's keys."""
    return [key for field in rule.fields if field.name == 'key' for key in str(field.value).split('\x01')]
