# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _arguments, _sockaddr


@pytest.mark.parametrize(
    ('raw', 'address'),
    [
        ('020000357F0000350000000000000000', {'family': 'inet', 'address': '127.0.0.53', 'port': 53}),
        ('0A0000160000000000000000000000000000000000000001' + '02000000', {'family': 'inet6', 'address': '::1', 'port': 22, 'scope': 2}),
        ('01002F72756E2F6120622E736F636B00', {'family': 'local', 'path': '/run/a b.sock'}),
        ('0100006162006300', {'family': 'local', 'path': '@ab\x00c'}),
        ('0100', {'family': 'local', 'path': None}),
        ('100000000700000001000000', {'family': 'netlink', 'pid': 7, 'groups': 1}),
        ('11000003010000000100000600112233445500', {'family': 'packet', 'protocol': 3, 'interface': 1, 'address': '00:11:22:33:44:55'}),
        ('2800000063000000010000000000000000', {'family': 'vsock', 'cid': 1, 'port': 99}),
        ('0200', {'family': 'inet', 'raw': '0200'}),
        ('FF00', {'family': '255', 'raw': 'FF00'}),
        ('192.0.2.1', {'family': None, 'raw': '192.0.2.1'}),
        ('', {'family': None, 'raw': ''}),
    ],
)
def test_addresses(raw, address):
    assert _sockaddr.decode(raw) == address


@pytest.mark.parametrize(
    ('syscall', 'arch', 'registers', 'arguments'),
    [
        ('kill', 'x86_64', ['fffff38e', 'f', '0', '0'], {'pid': -3186, 'sig': 'SIGTERM'}),
        ('openat', 'x86_64', ['ffffff9c', '7f', '80241', '1a4'], {'dirfd': 'AT_FDCWD', 'flags': 'O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC', 'mode': '0644'}),
        ('openat', 'aarch64', ['3', '7f', '4000', '1a4'], {'dirfd': 3, 'flags': 'O_RDONLY|O_DIRECTORY'}),
        ('socket', 'x86_64', ['a', '80002', '0', '0'], {'family': 'inet6', 'type': 'SOCK_DGRAM|SOCK_CLOEXEC', 'protocol': 0}),
        ('chmod', 'x86_64', ['7f', '9ed', '0', '0'], {'mode': '04755'}),
        ('mprotect', 'x86_64', ['0', '1', '0', '0'], {'prot': 'PROT_NONE'}),
        ('access', 'x86_64', ['0', '6', '0', '0'], {'mode': 'W_OK|R_OK'}),
        ('clone', 'x86_64', ['1200011', '0', '0', '0'], {'flags': 'CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD'}),
        ('ptrace', 'x86_64', ['10', '5', '0', '0'], {'request': 'PTRACE_ATTACH', 'pid': 5}),
        ('uname', 'x86_64', ['0', '0', '0', '0'], {}),
        ('kill', 'x86_64', [], {}),
        (None, None, ['0', '0', '0', '0'], {}),
    ],
)
def test_arguments(syscall, arch, registers, arguments):
    assert _arguments.decode(syscall, arch, registers) == arguments
