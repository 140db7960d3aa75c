# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Architectures, ABIs and the kernel's numbers for names. This file is private to the collection.

Pure: no Ansible, no I/O. An *architecture* is named as audit-userspace names it (x86_64, i386, aarch64, ...);
an *ABI* is what auditctl calls b64 or b32, which is an architecture only together with the host's machine.
"""

import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _tables

MAX_SYSCALL = 2031
"""The highest number a rule can name. The mask goes to 2047, but the kernel takes its last 16 bits for classes of syscalls
(AUDIT_BITMASK_SIZE * 32 - AUDIT_SYSCALL_CLASSES - 1, include/uapi/linux/audit.h): 2047 would be all that write to directories."""

# AUDIT_ARCH_* of include/uapi/linux/audit.h: ELF machine, 0x80000000 for 64 bits, 0x40000000 for little endian.
ARCH_BY_ELF = {
    0xC000003E: 'x86_64',
    0x40000003: 'i386',
    0xC00000B7: 'aarch64',
    0x40000028: 'arm',
    0x00000028: 'arm',
    0x80000015: 'ppc64',
    0xC0000015: 'ppc64le',
    0x00000014: 'ppc',
    0x80000016: 's390x',
    0x00000016: 's390',
    0xC00000F3: 'riscv64',
    0x400000F3: 'riscv32',
}  # type: t.Dict[int, str]

# What b64 and b32 mean on a machine (uname -m): audit_determine_machine(), lib/libaudit.c of audit 4.2.1.
_MACHINES = {
    'x86_64': {'b64': 'x86_64', 'b32': 'i386'},
    'i386': {'b32': 'i386'},
    'aarch64': {'b64': 'aarch64', 'b32': 'arm'},
    'arm': {'b32': 'arm'},
    'ppc64': {'b64': 'ppc64', 'b32': 'ppc'},
    'ppc64le': {'b64': 'ppc64le'},
    'ppc': {'b32': 'ppc'},
    's390x': {'b64': 's390x', 'b32': 's390'},
    's390': {'b32': 's390'},
    'riscv64': {'b64': 'riscv64', 'b32': 'riscv32'},
    'riscv32': {'b32': 'riscv32'},
}  # type: t.Dict[str, t.Dict[str, str]]

MACHINES = tuple(sorted(_MACHINES))

# ppc64 and ppc64le use the numbers of ppc (audit_syscall_to_name, lib/libaudit.c).
_TABLE_OF = {'ppc64': 'ppc', 'ppc64le': 'ppc'}

# What the kernel and the manual pages call a syscall that audit's tables call otherwise.
_ALIASES = {
    'pread64': 'pread',
    'pwrite64': 'pwrite',
    'kexec_load': 'sys_kexec_load',
}  # type: t.Dict[str, str]

_numbers = {}  # type: t.Dict[str, t.Dict[str, int]]
_names = {}  # type: t.Dict[str, t.List[str]]


def normal_machine(machine):  # type: (str) -> str
    """The machine as the tables name it: ``i686`` → ``i386``, ``armv7l`` → ``arm``. An unknown one comes back as it is."""
    if machine in ('i486', 'i586', 'i686'):
        return 'i386'
    if machine == 'armv8l' or (machine.startswith('arm') and machine != 'arm64'):
        return 'arm'
    return 'aarch64' if machine == 'arm64' else machine


def architectures(machine):  # type: (str) -> t.Dict[str, str]
    """The ABIs that a machine of this kind can have, 64-bit first: ``{"b64": "x86_64", "b32": "i386"}``; empty when it is unknown."""
    return dict(_MACHINES.get(normal_machine(machine), {}))


def bits(arch):  # type: (str) -> str
    """``b64`` or ``b32`` for an architecture's name."""
    return 'b64' if 'b64' in _MACHINES[arch] else 'b32'


def _table(arch):  # type: (str) -> t.List[str]
    arch = _TABLE_OF.get(arch, arch)
    if arch not in _names:
        _names[arch] = _tables.SYSCALLS.get(arch, '').split()
    return _names[arch]


def syscall_name(arch, number):  # type: (str, int) -> t.Optional[str]
    """The syscall's name, or None when the tables have none for this number."""
    table = _table(arch)
    if 0 <= number < len(table) and table[number] != '-':
        return table[number]
    return None


def syscall_number(arch, name):  # type: (str, str) -> t.Optional[int]
    """The syscall's number, or None when this architecture has no such syscall in the tables."""
    if arch not in _numbers:
        _numbers[arch] = {known: number for number, known in enumerate(_table(arch)) if known != '-'}
    numbers = _numbers[arch]
    return numbers.get(name, numbers.get(_ALIASES.get(name, name)))


def known_syscall(name):  # type: (str) -> bool
    """Whether any architecture has a syscall of this name."""
    return any(syscall_number(arch, name) is not None for arch in _tables.SYSCALLS)


class Names:
    """A two-way table made from ``NAME=NUMBER`` words; of several names for one number the first is the one shown."""

    def __init__(self, words):  # type: (str) -> None
        self._words = words
        self._by_name = {}  # type: t.Dict[str, int]
        self._by_number = {}  # type: t.Dict[int, str]

    def _load(self):  # type: () -> None
        for word in self._words.split():
            name, number = word.split('=')
            self._by_name[name] = int(number)
            self._by_number.setdefault(int(number), name)

    def number(self, name):  # type: (str) -> t.Optional[int]
        if not self._by_name:
            self._load()
        return self._by_name.get(name)

    def name(self, number):  # type: (int) -> t.Optional[str]
        if not self._by_name:
            self._load()
        return self._by_number.get(number)


ERRNO = Names(_tables.ERRNOS)
"""Error numbers, positive: ``EACCES`` ↔ 13."""

MESSAGE_TYPE = Names(_tables.MESSAGE_TYPES)
"""Record types: ``SYSCALL`` ↔ 1300."""

FILESYSTEM = Names(_tables.FILESYSTEMS)
"""Magic numbers of the file systems that the filesystem list takes: ``tracefs`` ↔ 0x74726163."""
