# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _presence
from ansible_collections.linux_audit.fleet.tests.unit.plugins import hosts

# Excerpt → machine, its ABIs as (arch, compat), whether it runs 32-bit programs.
KERNELS = {
    'x86_64-6.18': ('x86_64', [('x86_64', False), ('i386', True)], True),
    'x86_64-3.10': ('x86_64', [('x86_64', False), ('i386', True)], True),
    'x86_64-2.6.18': ('x86_64', [('x86_64', False), ('i386', True)], True),
    'i386-6.1': ('i386', [('i386', False)], None),
    'aarch64-6.1': ('aarch64', [('aarch64', False), ('arm', True)], True),
    'aarch64-4.14': ('aarch64', [('aarch64', False), ('arm', True)], True),
    'arm-6.1': ('arm', [('arm', False)], None),
    'ppc64le-6.1': ('ppc64le', [('ppc64le', False)], None),
    'ppc64-3.10': ('ppc64', [('ppc64', False), ('ppc', True)], True),
    's390x-6.1': ('s390x', [('s390x', False), ('s390', True)], True),
    's390x-4.12': ('s390x', [('s390x', False), ('s390', True)], True),
    'riscv64-6.6': ('riscv64', [('riscv64', False), ('riscv32', True)], True),
}


def how(name, arch, compat, syscall):
    """exists and how that is known, of a kernel whose version says nothing."""
    found = _presence.presence(arch, syscall, (0,), hosts.symbols(name), compat)
    return found.exists, found.how


@pytest.mark.parametrize('name', sorted(KERNELS))
def test_every_naming_of_entry_points_is_read(name):
    machine, abis, runs_32_bit = KERNELS[name]
    assert hosts.symbols(name).usable()
    if runs_32_bit is not None:
        assert hosts.symbols(name).runs_32_bit(machine) is runs_32_bit
    for arch, compat in abis:
        assert [how(name, arch, compat, syscall) for syscall in ('kill', 'tgkill')] == [(True, 'kallsyms')] * 2, arch
        if name != 'x86_64-2.6.18':
            assert how(name, arch, compat, 'rt_tgsigqueueinfo') == (True, 'kallsyms'), arch


@pytest.mark.parametrize(
    ('name', 'arch', 'compat', 'missing'),
    [
        ('x86_64-2.6.18', 'x86_64', False, 'rt_tgsigqueueinfo'),
        ('x86_64-2.6.18', 'i386', True, 'rt_tgsigqueueinfo'),
        ('x86_64-3.10', 'x86_64', False, 'pidfd_send_signal'),
        ('x86_64-3.10', 'i386', True, 'pidfd_send_signal'),
        ('x86_64-6.18', 'x86_64', False, 'kexec_file_load'),
        ('x86_64-6.18', 'x86_64', False, 'init_module'),
        ('x86_64-6.18', 'i386', True, 'finit_module'),
        ('aarch64-4.14', 'aarch64', False, 'kexec_file_load'),
        ('aarch64-6.1', 'arm', True, 'fchmodat2'),
        ('ppc64le-6.1', 'ppc64le', False, 'kexec_file_load'),
        ('s390x-6.1', 's390x', False, 'kexec_file_load'),
        ('ppc64-3.10', 'ppc64', False, 'kexec_load'),
    ],
)
def test_what_a_kernel_was_built_without_is_told_whatever_its_version(name, arch, compat, missing):
    found = _presence.presence(arch, missing, (99,), hosts.symbols(name), compat)
    assert (found.exists, found.how) == (False, 'kallsyms')
    assert missing in found.reason


@pytest.mark.parametrize(
    ('name', 'arch', 'compat', 'syscall'),
    [
        ('i386-6.1', 'i386', False, 'futimesat'),  # futimesat_time32
        ('i386-6.1', 'i386', False, 'clock_settime64'),  # clock_settime
        ('i386-6.1', 'i386', False, 'umount'),  # oldumount
        ('arm-6.1', 'arm', False, 'chown32'),  # chown
        ('x86_64-6.18', 'i386', True, 'stime'),  # stime32
        ('x86_64-6.18', 'x86_64', False, 'umount2'),  # umount
        ('s390x-6.1', 's390', True, 'fstatat64'),  # compat_sys_s390_fstatat64
        ('s390x-6.1', 's390', True, 'ptrace'),
        ('aarch64-6.1', 'arm', True, 'connect'),
        ('ppc64le-6.1', 'ppc64le', False, 'socketcall'),
    ],
)
def test_entry_points_with_other_names_than_their_syscalls_are_found(name, arch, compat, syscall):
    assert how(name, arch, compat, syscall) == (True, 'kallsyms')


@pytest.mark.parametrize(('arch', 'name'), [('aarch64', 'open'), ('aarch64', 'unlink'), ('riscv64', 'rename'), ('x86_64', 'socketcall')])
def test_a_syscall_without_a_number_does_not_exist_though_its_function_may(arch, name):
    assert _presence.presence(arch, name, (6, 1), hosts.symbols('aarch64-6.1')) == (None, False, 'table', '{0} has no syscall {1}'.format(arch, name))


def test_x86_64_kernels_without_32_bit_programs_are_known():
    lines = [line for line in hosts.lines('kallsyms/x86_64-6.18.txt') if 'ia32' not in line and 'INT80' not in line]
    assert not _presence.Symbols(lines).runs_32_bit('x86_64')
    # CONFIG_X86_X32 alone has compat entry points too.
    lines = [line for line in hosts.lines('kallsyms/x86_64-3.10.txt') if 'ia32' not in line]
    assert not _presence.Symbols(lines).runs_32_bit('x86_64')


def test_aarch64_kernels_without_32_bit_programs_are_known():
    lines = [line for line in hosts.lines('kallsyms/aarch64-6.1.txt') if 'compat' not in line]
    assert not _presence.Symbols(lines).runs_32_bit('aarch64')


@pytest.mark.parametrize('lines', [[], ['0000000000000000 T vfs_open'], ['garbage', '', '0 T __x64_sys_', '0 D sys_kill']])
def test_a_list_without_syscalls_is_not_believed(lines):
    assert not _presence.Symbols(lines).usable()


# Without kallsyms the version decides.
@pytest.mark.parametrize(
    ('arch', 'name', 'first'),
    [
        ('x86_64', 'rt_tgsigqueueinfo', (2, 6, 31)),
        ('x86_64', 'finit_module', (3, 8)),
        ('x86_64', 'renameat2', (3, 15)),
        ('x86_64', 'pidfd_send_signal', (5, 1)),
        ('i386', 'connect', (4, 3)),
        ('s390x', 'connect', (4, 3)),
        ('ppc64', 'connect', (2, 6, 37)),
        ('i386', 'clock_settime64', (5, 1)),
        ('aarch64', 'kexec_file_load', (5, 0)),
        ('aarch64', 'kill', None),
        ('aarch64', 'rt_tgsigqueueinfo', (3, 7)),
        ('ppc64le', 'rt_tgsigqueueinfo', (3, 13)),
        ('riscv64', 'execveat', (4, 15)),
        ('x86_64', 'kill', None),
    ],
)
def test_the_version_decides_where_kallsyms_can_not_be_read(arch, name, first):
    assert _presence.introduced(arch, name) == first
    if first:
        assert _presence.presence(arch, name, first).exists
        before = _presence.presence(arch, name, first[:-1] + (first[-1] - 1,))
        assert (before.exists, before.how) == (False, 'version')
        assert before.reason == '{0} came with Linux {1}'.format(name, '.'.join(str(part) for part in first))


@pytest.mark.parametrize(
    ('release', 'version'),
    [('6.1.0-28-amd64', (6, 1, 0)), ('2.6.18-419.el5', (2, 6, 18)), ('6.18.44-fc-v669', (6, 18, 44)), ('5.14.0-427.el9.x86_64', (5, 14, 0)), ('odd', ())],
)
def test_versions_are_read_from_releases(release, version):
    assert _presence.version(release) == version
