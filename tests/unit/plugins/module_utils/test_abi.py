# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _abi


@pytest.mark.parametrize(
    ('machine', 'abis'),
    [
        ('x86_64', {'b64': 'x86_64', 'b32': 'i386'}),
        ('i686', {'b32': 'i386'}),
        ('aarch64', {'b64': 'aarch64', 'b32': 'arm'}),
        ('arm64', {'b64': 'aarch64', 'b32': 'arm'}),
        ('armv7l', {'b32': 'arm'}),
        ('armv8l', {'b32': 'arm'}),
        ('ppc64le', {'b64': 'ppc64le'}),
        ('ppc64', {'b64': 'ppc64', 'b32': 'ppc'}),
        ('s390x', {'b64': 's390x', 'b32': 's390'}),
        ('riscv64', {'b64': 'riscv64', 'b32': 'riscv32'}),
        ('sparc64', {}),
    ],
)
def test_what_b64_and_b32_mean_depends_on_the_machine(machine, abis):
    assert _abi.architectures(machine) == abis


# Kernel's and manual's numbers of the syscalls that send signals, in the order of RECORDS: audit's own tables say the same.
@pytest.mark.parametrize(
    ('arch', 'numbers'),
    [
        ('x86_64', [62, 200, 234, 129, 297, 424]),
        ('i386', [37, 238, 270, 178, 335, 424]),
        ('aarch64', [129, 130, 131, 138, 240, 424]),
        ('arm', [37, 238, 268, 178, 363, 424]),
        ('ppc64le', [37, 208, 250, 177, 322, 424]),
        ('ppc', [37, 208, 250, 177, 322, 424]),
        ('s390x', [37, 237, 241, 178, 330, 424]),
        ('s390', [37, 237, 241, 178, 330, 424]),
        ('riscv64', [129, 130, 131, 138, 240, 424]),
    ],
)
def test_numbers_of_syscalls_depend_on_the_architecture(arch, numbers):
    names = ['kill', 'tkill', 'tgkill', 'rt_sigqueueinfo', 'rt_tgsigqueueinfo', 'pidfd_send_signal']
    assert [_abi.syscall_number(arch, name) for name in names] == numbers
    assert [_abi.syscall_name(arch, number) for number in numbers] == names


@pytest.mark.parametrize('arch', ['aarch64', 'riscv64'])
@pytest.mark.parametrize('name', ['open', 'unlink', 'rename', 'rmdir', 'chmod', 'chown'])
def test_newer_architectures_lack_old_syscalls(arch, name):
    assert _abi.syscall_number(arch, name) is None


@pytest.mark.parametrize(('arch', 'number'), [('x86_64', 5000), ('x86_64', -1), ('x86_64', 387), ('unheard_of', 1)])
def test_a_number_without_a_syscall_has_no_name(arch, number):
    assert _abi.syscall_name(arch, number) is None


def test_names_of_the_kernel_are_known_beside_those_of_audit():
    assert _abi.syscall_number('i386', 'kexec_load') == _abi.syscall_number('i386', 'sys_kexec_load') == 283
    assert _abi.syscall_number('x86_64', 'pread64') == 17
    assert _abi.known_syscall('kexec_load')
    assert not _abi.known_syscall('kil')


def test_architectures_are_told_by_the_numbers_in_records():
    assert [_abi.ARCH_BY_ELF[number] for number in (0xC000003E, 0x40000003, 0xC00000B7, 0xC0000015, 0x80000016)] == [
        'x86_64',
        'i386',
        'aarch64',
        'ppc64le',
        's390x',
    ]
    assert {arch: _abi.bits(arch) for arch in ('x86_64', 'i386', 'ppc64le', 's390')} == {'x86_64': 'b64', 'i386': 'b32', 'ppc64le': 'b64', 's390': 'b32'}


def test_tables_are_read_both_ways():
    assert (_abi.ERRNO.number('EACCES'), _abi.ERRNO.name(13)) == (13, 'EACCES')
    assert (_abi.MESSAGE_TYPE.number('SYSCALL'), _abi.MESSAGE_TYPE.name(1300)) == (1300, 'SYSCALL')
    assert (_abi.FILESYSTEM.number('tracefs'), _abi.FILESYSTEM.name(0x74726163)) == (0x74726163, 'tracefs')
    assert (_abi.ERRNO.number('EFOO'), _abi.ERRNO.name(4711)) == (None, None)
