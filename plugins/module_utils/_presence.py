# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which syscalls a kernel has on which ABI. This file is private to the collection.

Pure: no Ansible, no I/O. /proc/kallsyms tells what a kernel was built with, vendors' backports included; where it can't be read,
the version decides. Sources: kernel/sys_ni.c, include/linux/syscalls.h, arch/*/include/asm/syscall_wrapper.h, syscalls(2).
"""

import re
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _abi

Version = t.Tuple[int, ...]
Presence = t.NamedTuple('Presence', [('number', t.Optional[int]), ('exists', bool), ('how', str), ('reason', t.Optional[str])])
"""`how` is table (the architecture has no number for it), kallsyms or version; `reason` says why it does not exist."""

# First kernels with a syscall, for all architectures where _FIRST_ON does not say otherwise. What is older than 2.6.13 is not listed.
_FIRST = '''
2.6.13 inotify_init inotify_add_watch inotify_rm_watch ioprio_set ioprio_get kexec_load
2.6.16 faccessat fchmodat fchownat fstatat64 newfstatat futimesat linkat mkdirat mknodat openat pselect6 ppoll readlinkat renameat symlinkat
2.6.16 unlinkat unshare migrate_pages
2.6.17 get_robust_list set_robust_list splice tee vmsplice sync_file_range
2.6.18 move_pages
2.6.19 epoll_pwait getcpu
2.6.22 utimensat eventfd signalfd
2.6.23 fallocate
2.6.25 timerfd_create timerfd_settime timerfd_gettime
2.6.27 dup3 epoll_create1 eventfd2 inotify_init1 pipe2 signalfd4
2.6.28 accept4
2.6.30 preadv pwritev
2.6.31 perf_event_open rt_tgsigqueueinfo
2.6.33 recvmmsg
2.6.36 fanotify_init fanotify_mark prlimit64
2.6.39 clock_adjtime name_to_handle_at open_by_handle_at syncfs
3.0 sendmmsg setns
3.2 process_vm_readv process_vm_writev
3.5 kcmp
3.8 finit_module
3.14 sched_getattr sched_setattr
3.15 renameat2
3.17 getrandom memfd_create seccomp kexec_file_load
3.18 bpf
3.19 execveat
4.3 membarrier userfaultfd
4.4 mlock2
4.5 copy_file_range
4.6 preadv2 pwritev2
4.9 pkey_mprotect pkey_alloc pkey_free
4.11 statx
4.18 io_pgetevents rseq
5.1 io_uring_setup io_uring_enter io_uring_register pidfd_send_signal clock_gettime64 clock_settime64 clock_adjtime64 utimensat_time64
5.1 futex_time64 mq_timedsend_time64 mq_timedreceive_time64 recvmmsg_time64 semtimedop_time64 timer_settime64 timerfd_settime64
5.2 fsconfig fsmount fsopen fspick move_mount open_tree
5.3 clone3 pidfd_open
5.6 openat2 pidfd_getfd
5.8 faccessat2
5.9 close_range
5.10 process_madvise
5.11 epoll_pwait2
5.12 mount_setattr
5.13 landlock_create_ruleset landlock_add_rule landlock_restrict_self
5.14 memfd_secret quotactl_fd
5.15 process_mrelease
5.16 futex_waitv
5.17 set_mempolicy_home_node
6.5 cachestat
6.6 fchmodat2 map_shadow_stack
6.7 futex_wake futex_wait futex_requeue
6.8 statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules
6.10 mseal
6.13 setxattrat getxattrat listxattrat removexattrat
6.15 open_tree_attr
6.17 file_getattr file_setattr
'''

_SOCKETS = 'socket socketpair bind connect listen getsockopt setsockopt getsockname getpeername sendto sendmsg recvfrom recvmsg shutdown accept4'
_FIRST_ON = {
    # i386 and s390 had socketcall only, until 4.3.
    'i386': '4.3 ' + _SOCKETS,
    's390': '4.3 ' + _SOCKETS + '\n4.17 kexec_file_load',
    's390x': '4.3 ' + _SOCKETS + '\n4.17 kexec_file_load',
    'aarch64': '4.8 kexec_load\n5.0 kexec_file_load',
    'arm': '2.6.21 kexec_load',
    'ppc': '2.6.37 ' + _SOCKETS + '\n4.10 kexec_file_load',
    'ppc64': '2.6.37 ' + _SOCKETS + '\n4.10 kexec_file_load',
    'ppc64le': '4.10 kexec_file_load',
    'riscv64': '5.13 kexec_load\n5.19 kexec_file_load',
}  # type: t.Dict[str, str]

# The first kernel that runs on an architecture at all.
_PORTED = {'aarch64': (3, 7), 'ppc64le': (3, 13), 'riscv64': (4, 15), 'riscv32': (4, 15)}  # type: t.Dict[str, Version]

# Entry points that are not called after their syscall.
_ENTRY = {
    'stat': ('newstat', 'stat64'),
    'fstat': ('newfstat', 'fstat64'),
    'lstat': ('newlstat', 'lstat64'),
    'uname': ('newuname',),
    'umount2': ('umount',),
    'umount': ('oldumount',),
    'sendfile': ('sendfile64', 'sendfile'),
    'pread': ('pread64',),
    'pwrite': ('pwrite64',),
    'mmap': ('mmap', 'old_mmap', 'mmap_pgoff', 'ksys_mmap_pgoff'),
    'mmap2': ('mmap_pgoff', 'mmap2'),
    'chown': ('chown', 'chown16'),
    'lchown': ('lchown', 'lchown16'),
    'fchown': ('fchown', 'fchown16'),
    'setuid': ('setuid', 'setuid16'),
    'setgid': ('setgid', 'setgid16'),
    'chown32': ('chown',),
    'lchown32': ('lchown',),
    'fchown32': ('fchown',),
    'fstatat64': ('fstatat64', 'ia32_fstatat64', 's390_fstatat64'),
}  # type: t.Dict[str, t.Tuple[str, ...]]

# clock_gettime64 and futex_time64 enter where clock_gettime and futex of 64-bit kernels do; stime and futimesat of 32-bit ABIs
# enter at stime32 and futimesat_time32.
_TIME64_RE = re.compile(r'_time64$|(?<=time)64$')
# What stands before sys_ in the names of entry points, since 4.17 (x86, arm64), 5.1 (s390) and 6.6 (riscv). powerpc has nothing there.
_NATIVE = {'x86_64': 'x64', 'i386': 'ia32', 'aarch64': 'arm64', 's390x': 's390x', 'riscv64': 'riscv'}
_COMPAT = {
    'i386': ('ia32_compat', 'ia32'),
    'arm': ('arm64_compat', 'arm64'),
    's390': ('s390_compat', 's390'),
    'riscv32': ('riscv_compat', 'riscv'),
}  # type: t.Dict[str, t.Tuple[str, ...]]
_PREFIXES = frozenset(('', 'compat')) | frozenset(_NATIVE.values()) | frozenset(prefix for prefixes in _COMPAT.values() for prefix in prefixes)


class Symbols:
    """The syscall entry points of a kernel, from the lines of its /proc/kallsyms.

    A weak symbol is the place holder of a syscall that was compiled out (kernel/sys_ni.c).
    """

    def __init__(self, lines):  # type: (t.Iterable[str]) -> None
        self._real = {}  # type: t.Dict[str, t.Set[str]]
        self._weak = {}  # type: t.Dict[str, t.Set[str]]
        self.ia32_entry = False
        for line in lines:
            if '_sys_' in line or ' sys_' in line or 'sys32_' in line or '.sys_' in line:
                self._entry(line.rstrip('\n'))
            elif 'entry_INT80' in line or ' ia32_syscall' in line or 'ia32_sys_call_table' in line:
                self.ia32_entry = True

    def _entry(self, line):  # type: (str) -> None
        # Only the parts that name a syscall: "ffffffff81373450 T __x64_sys_kill", optionally followed by a module's name.
        parts = line.split(' ')
        if len(parts) != 3 or parts[1] not in 'tTwW':
            return
        prefix, found, name = parts[2].lstrip('.').partition('sys_' if 'sys_' in parts[2] else 'sys32_')
        if not found or not name:
            return
        prefix = prefix.strip('_')
        if prefix not in _PREFIXES:
            return
        if found == 'sys32_':
            prefix = 'compat'
        kind = self._weak if parts[1] in 'wW' else self._real
        kind.setdefault(prefix, set()).add(name)

    def usable(self):  # type: () -> bool
        """Whether the list can be believed: it names a syscall that every kernel has."""
        return any('kill' in names for names in self._real.values())

    def runs_32_bit(self, machine):  # type: (str) -> bool
        """Whether a 64-bit kernel was built to run 32-bit programs (CONFIG_IA32_EMULATION, CONFIG_COMPAT)."""
        if self._wrapped():
            first_of = {'x86_64': 'ia32', 'aarch64': 'arm64_compat', 's390x': 's390', 'riscv64': 'riscv_compat'}
            return bool(self._real.get(first_of.get(machine, 'compat')))
        # Of x86_64 the x32 ABI has such entry points too.
        return self.ia32_entry if machine == 'x86_64' else bool(self._real.get('compat'))

    def _wrapped(self):  # type: () -> bool
        return any(self._real.get(prefix) for prefix in _NATIVE.values())

    def has(self, arch, compat, name):  # type: (str, bool, str) -> t.Optional[bool]
        """True: there; False: compiled out; None: no entry point of this name."""
        prefixes = self._prefixes(arch, compat)
        entries = _ENTRY.get(name) or (name, _TIME64_RE.sub('', name), name + '32', name + '_time32')
        if any(entry in self._real.get(prefix, ()) for prefix in prefixes for entry in entries):
            return True
        if any(entry in self._weak.get(prefix, ()) for prefix in prefixes for entry in entries):
            return False
        return None

    def _prefixes(self, arch, compat):  # type: (str, bool) -> t.Tuple[str, ...]
        if not self._wrapped():
            return ('compat', '') if compat else ('',)
        # An ABI of 32 bits takes the native entry point where the arguments look alike.
        return _COMPAT[arch] if compat else (_NATIVE.get(arch, ''), '')


def version(release):  # type: (str) -> Version
    """``5.10.0-28-amd64`` → ``(5, 10, 0)``."""
    match = re.match(r'^(\d+(?:\.\d+)*)', release)
    return tuple(int(part) for part in match.group(1).split('.')) if match else ()


def _read(table):  # type: (str) -> t.Dict[str, Version]
    first = {}
    for line in table.strip().split('\n'):
        number, names = line.split(' ', 1)
        for name in names.split():
            first[name] = version(number)
    return first


_first = _read(_FIRST)
_first_on = {arch: _read(table) for arch, table in _FIRST_ON.items()}


def introduced(arch, name):  # type: (str, str) -> t.Optional[Version]
    """The first kernel that has the syscall on this architecture; None where it is as old as the port itself."""
    first = _first_on.get(arch, {}).get(name, _first.get(name))
    return None if first is None else max(first, _PORTED.get(arch, ()))


def presence(arch, name, kernel, symbols=None, compat=False):
    # type: (str, str, Version, t.Optional[Symbols], bool) -> Presence
    """Whether a kernel has the syscall on an architecture. `compat` is for the 32-bit ABI of a 64-bit kernel."""
    number = _abi.syscall_number(arch, name)
    if number is None:
        return Presence(None, False, 'table', '{0} has no syscall {1}'.format(arch, name))
    found = symbols.has(arch, compat, name) if symbols else None
    if found is not None:
        return Presence(number, found, 'kallsyms', None if found else 'this kernel was built without {0}'.format(name))
    first = introduced(arch, name)
    if first is None:
        return Presence(number, True, 'version', None)
    since = '.'.join(str(part) for part in first)
    if symbols:
        return Presence(number, False, 'kallsyms', 'this kernel has no {0} (Linux {1} and newer have)'.format(name, since))
    exists = kernel >= first
    return Presence(number, exists, 'version', None if exists else '{0} came with Linux {1}'.format(name, since))
