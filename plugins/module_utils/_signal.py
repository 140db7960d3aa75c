# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals: names and numbers, which syscalls send them, rows of who sent what to whom. This file is private to the collection.

Pure: no Ansible, no I/O.
"""

import re
import typing as t

# include/uapi/asm-generic/signal.h; the same numbers on every architecture that _abi knows.
_NAMES = (
    'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ '
    'VTALRM PROF WINCH IO PWR SYS'
).split()
_BY_NUMBER = {number: 'SIG' + name for number, name in enumerate(_NAMES, 1)}
_BY_NAME = {name: number for number, name in _BY_NUMBER.items()}
_BY_NAME.update({'SIGIOT': 6, 'SIGCLD': 17, 'SIGPOLL': 29, 'SIGUNUSED': 31})

MAXIMUM = 64
"""The highest signal number (_NSIG)."""

SIGNAL_ARGUMENT = {
    'kill': 1,
    'tkill': 1,
    'rt_sigqueueinfo': 1,
    'pidfd_send_signal': 1,
    'tgkill': 2,
    'rt_tgsigqueueinfo': 2,
}
"""The syscalls that send a signal and the index of the argument that holds its number."""

_NUMERIC = re.compile('[0-9]+').fullmatch


def number(wanted):  # type: (t.Union[int, str]) -> int
    """The number of a signal given as ``9``, ``"9"``, ``"KILL"`` or ``"SIGKILL"`` in any case; 0 is the probe that sends nothing.

    Raises ValueError for anything else, real-time names too: what RTMIN+1 is, each libc decides for itself.
    """
    word = str(wanted).strip().upper()
    if _NUMERIC(word) and not isinstance(wanted, bool) and int(word) <= MAXIMUM:
        return int(word)
    found = _BY_NAME.get(word if word.startswith('SIG') else 'SIG' + word)
    if found is None:
        raise ValueError(
            '%s is not a signal: give a name such as KILL or SIGTERM, or a number from 0 to %d (real-time signals by number, 32 to %d)'
            % (wanted, MAXIMUM, MAXIMUM)
        )
    return found


def name(signal):  # type: (int) -> str
    """``SIGKILL`` for 9; a number without a name, real-time signals and the probe 0, as its decimal string."""
    return _BY_NUMBER.get(signal) or str(signal)


def describe(signal):  # type: (int) -> t.Dict[str, t.Any]
    """``{"number": 9, "name": "SIGKILL"}``."""
    return {'number': signal, 'name': name(signal)}


_NOBODY = {'pid': None, 'comm': None, 'uid': None, 'auid': None, 'session': None}  # type: t.Dict[str, t.Any]


def integer(register):  # type: (str) -> int
    """A 32-bit signed argument (pid_t, int) out of a register's hexadecimal digits (``fffff38e`` is -3186)."""
    value = int(register, 16) & 0xFFFFFFFF
    return value - (1 << 32) if value & 0x80000000 else value


def aimed_at(syscall, args):  # type: (t.Optional[str], t.Sequence[str]) -> t.Optional[int]
    """The pid that a signal's call named; None where its argument is no single process.

    kill's 0 and negative numbers are groups, pidfd_send_signal's argument is a file descriptor.
    """
    if syscall not in SIGNAL_ARGUMENT or syscall == 'pidfd_send_signal' or not args:
        return None
    pid = integer(args[0])
    return pid if pid > 0 else None


def _result(syscall):  # type: (t.Dict[str, t.Any]) -> str
    return 'ok' if syscall['success'] else syscall['errno'] or 'failed'


def rows(event, host=None):  # type: (t.Dict[str, t.Any], t.Optional[str]) -> t.List[t.Dict[str, t.Any]]
    """One row per signal and target: who sent what to whom, with what result. Empty when the event is no signal.

    *event* is what _event.Event.as_dict() gives. A call without a target record (it failed with ESRCH, say) gives one row
    whose target is what the call's argument named.
    """
    if event.get('signal') is None:
        return []
    process, user, syscall = event['process'], event['user'], event['syscall']
    base = {
        'time': event['time'],
        'host': host,
        'node': event['node'],
        'id': event['id'],
        'syscall': syscall['name'],
        'abi': syscall['abi'],
        'signal': event['signal'],
        'sender': {
            'pid': process['pid'],
            'ppid': process['ppid'],
            'comm': process['comm'],
            'exe': process['exe'],
            'cmdline': process['cmdline'],
            'uid': user['uid'],
            'auid': user['auid'],
            'tty': process['tty'],
            'session': process['session'],
        },
        'success': bool(syscall['success']),
        'result': _result(syscall),
    }  # type: t.Dict[str, t.Any]
    targets = event['targets'] or [dict(_NOBODY, pid=aimed_at(syscall['name'], syscall['args']))]
    return [dict(base, target=target) for target in targets]
