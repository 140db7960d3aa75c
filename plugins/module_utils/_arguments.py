# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the arguments of a system call mean. This file is private to the collection.

Pure: no Ansible, no I/O. A SYSCALL record has the first four arguments as they lie in registers: numbers and flags can be read there,
what is behind a pointer cannot. Arguments are 32-bit integers unless their kind says otherwise.
"""

import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _signal, _sockaddr


def _table(words):  # type: (str) -> t.List[t.Tuple[int, str]]
    return [(int(value, 0), name) for value, name in (word.split('=') for word in words.split())]


_OPEN = _table(
    '0x40=O_CREAT 0x80=O_EXCL 0x100=O_NOCTTY 0x200=O_TRUNC 0x400=O_APPEND 0x800=O_NONBLOCK 0x1000=O_DSYNC 0x2000=O_ASYNC '
    '0x40000=O_NOATIME 0x80000=O_CLOEXEC 0x100000=__O_SYNC 0x200000=O_PATH 0x400000=__O_TMPFILE'
)
_OPEN_COMMON = _table('0x4000=O_DIRECT 0x8000=O_LARGEFILE 0x10000=O_DIRECTORY 0x20000=O_NOFOLLOW')
# arch/{arm,arm64,powerpc}/include/uapi/asm/fcntl.h
_OPEN_SWAPPED = _table('0x4000=O_DIRECTORY 0x8000=O_NOFOLLOW 0x10000=O_DIRECT 0x20000=O_LARGEFILE')
_SWAPPED = frozenset(('arm', 'aarch64', 'ppc', 'ppc64', 'ppc64le'))
_ACCESS_MODES = ('O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE')
_CREATES = 0x40 | 0x400000
_ACCESS = _table('1=X_OK 2=W_OK 4=R_OK')
_PROTECTION = _table('1=PROT_READ 2=PROT_WRITE 4=PROT_EXEC 8=PROT_SEM')
_MAP = _table(
    '0x1=MAP_SHARED 0x2=MAP_PRIVATE 0x10=MAP_FIXED 0x20=MAP_ANONYMOUS 0x40=MAP_32BIT 0x100=MAP_GROWSDOWN 0x800=MAP_DENYWRITE '
    '0x1000=MAP_EXECUTABLE 0x2000=MAP_LOCKED 0x4000=MAP_NORESERVE 0x8000=MAP_POPULATE 0x10000=MAP_NONBLOCK 0x20000=MAP_STACK '
    '0x40000=MAP_HUGETLB 0x80000=MAP_SYNC 0x100000=MAP_FIXED_NOREPLACE'
)
_CLONE = _table(
    '0x100=CLONE_VM 0x200=CLONE_FS 0x400=CLONE_FILES 0x800=CLONE_SIGHAND 0x1000=CLONE_PIDFD 0x2000=CLONE_PTRACE 0x4000=CLONE_VFORK '
    '0x8000=CLONE_PARENT 0x10000=CLONE_THREAD 0x20000=CLONE_NEWNS 0x40000=CLONE_SYSVSEM 0x80000=CLONE_SETTLS '
    '0x100000=CLONE_PARENT_SETTID 0x200000=CLONE_CHILD_CLEARTID 0x400000=CLONE_DETACHED 0x800000=CLONE_UNTRACED '
    '0x1000000=CLONE_CHILD_SETTID 0x2000000=CLONE_NEWCGROUP 0x4000000=CLONE_NEWUTS 0x8000000=CLONE_NEWIPC 0x10000000=CLONE_NEWUSER '
    '0x20000000=CLONE_NEWPID 0x40000000=CLONE_NEWNET 0x80000000=CLONE_IO'
)
_SOCKET_TYPES = {1: 'SOCK_STREAM', 2: 'SOCK_DGRAM', 3: 'SOCK_RAW', 4: 'SOCK_RDM', 5: 'SOCK_SEQPACKET', 6: 'SOCK_DCCP', 10: 'SOCK_PACKET'}
_SOCKET_FLAGS = _table('0x800=SOCK_NONBLOCK 0x80000=SOCK_CLOEXEC')
_PTRACE = {
    number: 'PTRACE_' + name
    for number, name in [
        *enumerate('TRACEME PEEKTEXT PEEKDATA PEEKUSER POKETEXT POKEDATA POKEUSER CONT KILL SINGLESTEP'.split()),
        *enumerate('GETREGS SETREGS GETFPREGS SETFPREGS ATTACH DETACH GETFPXREGS SETFPXREGS'.split(), 12),
        (24, 'SYSCALL'),
        *enumerate('SETOPTIONS GETEVENTMSG GETSIGINFO SETSIGINFO GETREGSET SETREGSET SEIZE INTERRUPT LISTEN PEEKSIGINFO'.split(), 0x4200),
    ]
}


def _flags(table, value):  # type: (t.Iterable[t.Tuple[int, str]], int) -> t.List[str]
    """The names of the bits that are set, and the rest as a number."""
    names = []
    for bit, name in table:
        if value & bit:
            names.append(name)
            value &= ~bit
    return names + ['0x%x' % value] if value else names


def _joined(names):  # type: (t.List[str]) -> str
    return '|'.join(names) or '0'


def _open_flags(value, arch):  # type: (int, t.Optional[str]) -> str
    table = _OPEN + (_OPEN_SWAPPED if arch in _SWAPPED else _OPEN_COMMON)
    return _joined([_ACCESS_MODES[value & 3], *_flags(sorted(table), value & ~3)])


def _socket_type(value, _arch):  # type: (int, t.Optional[str]) -> str
    return _joined([_SOCKET_TYPES.get(value & 0xF, str(value & 0xF)), *_flags(_SOCKET_FLAGS, value & ~0xF)])


_KINDS = {
    'int': lambda value, _arch: _signed(value),
    'dirfd': lambda value, _arch: 'AT_FDCWD' if _signed(value) == -100 else _signed(value),
    'signal': lambda value, _arch: _signal.name(_signed(value)),
    'open': _open_flags,
    'mode': lambda value, _arch: '0%o' % (value & 0xFFFF),
    'access': lambda value, _arch: _joined(_flags(_ACCESS, value)) if value else 'F_OK',
    'protection': lambda value, _arch: _joined(_flags(_PROTECTION, value)) if value else 'PROT_NONE',
    'map': lambda value, _arch: _joined(_flags(_MAP, value)),
    'clone': lambda value, _arch: _joined(_flags(_CLONE, value & ~0xFF) + ([_signal.name(value & 0xFF)] if value & 0xFF else [])),
    'family': lambda value, _arch: _sockaddr.family(_signed(value)),
    'socket_type': _socket_type,
    'ptrace': lambda value, _arch: _PTRACE.get(value, value),
}  # type: t.Dict[str, t.Callable[[int, t.Optional[str]], t.Any]]

_SIGNATURES = {
    'kill': 'pid:int sig:signal',
    'tkill': 'tid:int sig:signal',
    'tgkill': 'tgid:int tid:int sig:signal',
    'rt_sigqueueinfo': 'tgid:int sig:signal',
    'rt_tgsigqueueinfo': 'tgid:int tid:int sig:signal',
    'pidfd_send_signal': 'pidfd:int sig:signal',
    'open': '- flags:open mode:mode',
    'openat': 'dirfd:dirfd - flags:open mode:mode',
    'creat': '- mode:mode',
    'mkdir': '- mode:mode',
    'mkdirat': 'dirfd:dirfd - mode:mode',
    'mknod': '- mode:mode',
    'mknodat': 'dirfd:dirfd - mode:mode',
    'chmod': '- mode:mode',
    'fchmod': 'fd:int mode:mode',
    'fchmodat': 'dirfd:dirfd - mode:mode',
    'access': '- mode:access',
    'faccessat': 'dirfd:dirfd - mode:access',
    'chown': '- owner:int group:int',
    'lchown': '- owner:int group:int',
    'fchown': 'fd:int owner:int group:int',
    'fchownat': 'dirfd:dirfd - owner:int group:int',
    'unlinkat': 'dirfd:dirfd',
    'renameat': 'olddirfd:dirfd - newdirfd:dirfd',
    'renameat2': 'olddirfd:dirfd - newdirfd:dirfd',
    'linkat': 'olddirfd:dirfd - newdirfd:dirfd',
    'symlinkat': '- newdirfd:dirfd',
    'mmap': '- - prot:protection flags:map',
    'mprotect': '- - prot:protection',
    'clone': 'flags:clone',
    'unshare': 'flags:clone',
    'setns': 'fd:int flags:clone',
    'ptrace': 'request:ptrace pid:int',
    'setuid': 'uid:int',
    'setgid': 'gid:int',
    'setreuid': 'ruid:int euid:int',
    'setregid': 'rgid:int egid:int',
    'setresuid': 'ruid:int euid:int suid:int',
    'setresgid': 'rgid:int egid:int sgid:int',
    'socket': 'family:family type:socket_type protocol:int',
    'socketpair': 'family:family type:socket_type protocol:int',
    'connect': 'fd:int',
    'bind': 'fd:int',
    'listen': 'fd:int backlog:int',
    'accept': 'fd:int',
    'accept4': 'fd:int',
    'sendto': 'fd:int',
    'close': 'fd:int',
}


def _parse(signature):  # type: (str) -> t.List[t.Tuple[int, str, str]]
    """Position, name and kind of each argument that has one."""
    words = [word.partition(':') for word in signature.split()]
    return [(position, name, kind) for position, (name, _colon, kind) in enumerate(words) if kind]


_parsed = {syscall: _parse(signature) for syscall, signature in _SIGNATURES.items()}


def _signed(value):  # type: (int) -> int
    """pid_t, uid_t's -1 and int are 32 bits of a register."""
    return value - (1 << 32) if value & 0x80000000 else value


def decode(syscall, arch, registers):  # type: (t.Optional[str], t.Optional[str], t.Sequence[str]) -> t.Dict[str, t.Any]
    """The arguments by name, of the system calls that are known here: ``{"pid": 2862, "sig": "SIGKILL"}``; pointers are left out.

    The mode of an open that creates nothing is left out too: it is whatever was in the register.
    """
    result = {}  # type: t.Dict[str, t.Any]
    if not registers:
        return result
    flags = None
    for position, name, kind in _parsed.get(syscall or '', ()):
        value = int(registers[position], 16) & 0xFFFFFFFF
        if kind == 'open':
            flags = value
        if kind == 'mode' and flags is not None and not flags & _CREATES:
            continue
        result[name] = _KINDS[kind](value, arch)
    return result
