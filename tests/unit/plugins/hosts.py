# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of hosts that are not there: what audit_facts would say of a machine, a kernel and an audit userspace."""

import os

from ansible_collections.linux_audit.fleet.plugins.module_utils import _abi, _presence

DATA = os.path.join(os.path.dirname(__file__), '../../data')

MACHINES = ('x86_64', 'i686', 'aarch64', 'armv7l', 'ppc64le', 'ppc64', 's390x', 'riscv64')

KERNELS = {
    '2.6.18': '1.8',
    '2.6.32': '2.3.7',
    '3.10.0': '2.8.5',
    '4.18.0': '3.0.7',
    '5.10.0': '3.0',
    '6.1.0': '3.0.9',
    '6.12.0': '4.0.2',
}
"""The audit userspace that came with a kernel: RHEL 5, 6, 7 and 8, Debian 11, 12 and 13."""

# The kernel up to which a userspace knows names, roughly: the newest one when it was released.
_KNOWN_UP_TO = {'1.8': (2, 6, 32), '2.3.7': (3, 15), '2.8.5': (4, 20), '3.0.7': (5, 16), '3.0': (5, 10), '3.0.9': (6, 1), '4.0.2': (6, 10)}

# First kernels on a machine, below which there is nothing to compile for.
_PORTED = {'aarch64': (3, 7), 'ppc64le': (3, 13), 'riscv64': (4, 15)}

PATHS = {
    '/sbin/shutdown': '/usr/bin/systemctl',
    '/sbin/reboot': '/usr/bin/systemctl',
    '/sbin/halt': '/usr/bin/systemctl',
    '/sbin/poweroff': '/usr/bin/systemctl',
    '/sbin/telinit': '/usr/bin/systemctl',
    '/bin/systemctl': '/usr/bin/systemctl',
    '/sbin/init': '/usr/lib/systemd/systemd',
    '/etc/localtime': '/usr/share/zoneinfo/Etc/UTC',
    '/etc/security/opasswd': None,
}
"""Links as Debian 12 has them, and a file that many hosts lack; all other paths exist."""


def exists(machine, kernel):
    """Whether Linux ran on such a machine then."""
    return _presence.version(kernel) >= _PORTED.get(machine, ())


def facts(machine, kernel, needs, audit=None, symbols=None, **changes):
    """Facts with all that `needs` (from _profile.needs) asks for. What no argument says is as on an ordinary host."""
    audit = audit or KERNELS[kernel]
    abis = _abi.architectures(machine)
    return dict(
        {
            'kernel': {'release': kernel, 'version': list(_presence.version(kernel)), 'machine': machine, 'audit_parameter': None},
            'abis': abis,
            'missing_abis': {},
            'syscalls': {
                abi: {name: _syscall(arch, abi, abis, name, kernel, audit, symbols) for name in needs['syscalls']} for abi, arch in abis.items()
            },
            'paths': {path: PATHS.get(path, path) for path in needs['paths']},
            'users': {name: 900 + index for index, name in enumerate(needs['users'])},
            'groups': {name: 900 + index for index, name in enumerate(needs['groups'])},
            'cgroup2': _cgroup2(_presence.version(kernel)),
            'userspace': {'version': audit, 'paths': {}},
        },
        **changes
    )


def _syscall(arch, abi, abis, name, kernel, audit, symbols):
    presence = _presence.presence(arch, name, _presence.version(kernel), symbols, abi == 'b32' and 'b64' in abis)
    first = _presence.introduced(arch, name)
    return dict(presence._asdict(), named=first is None or first <= _KNOWN_UP_TO.get(audit, (99,)))


def _cgroup2(kernel):
    if kernel < (4, 5):
        return {'directory': None, 'reason': 'no cgroup2 is mounted'}
    if kernel < (5, 14):
        return {'directory': None, 'reason': 'this kernel has no cgroup.kill (Linux 5.14 and newer have)'}
    return {'directory': '/sys/fs/cgroup', 'reason': None}


def symbols(name):
    """The excerpt of /proc/kallsyms of this name."""
    with open(os.path.join(DATA, 'kallsyms', name + '.txt')) as stream:
        return _presence.Symbols(stream)


def lines(name):
    """The lines of a file below tests/data."""
    with open(os.path.join(DATA, name)) as stream:
        return stream.read().splitlines()
