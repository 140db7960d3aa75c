# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _facts


def test_paths_are_followed_and_missing_ones_told(tmp_path):
    (tmp_path / 'program').touch()
    (tmp_path / 'link').symlink_to('program')
    (tmp_path / 'dangling').symlink_to('nothing')
    paths = [str(tmp_path / name) for name in ('program', 'link', 'dangling', 'none')]
    program = str((tmp_path / 'program').resolve())
    assert _facts.real_paths(paths) == dict(zip(paths, [program, program, str(tmp_path.resolve() / 'nothing'), None]))


@pytest.mark.parametrize(
    ('mounts', 'directory'),
    [
        ('sysfs /sys sysfs rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n', '/sys/fs/cgroup'),
        ('cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n', '/sys/fs/cgroup/unified'),
        ('none /mnt/a\\040b cgroup2 rw 0 0\n', '/mnt/a b'),
        ('cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n', None),
        ('', None),
        ('garbage\n', None),
    ],
)
def test_a_mount_is_found_by_its_kind(mounts, directory):
    assert _facts.mount_of('cgroup2', mounts) == directory


@pytest.mark.parametrize(
    ('groups', 'killers', 'reason'),
    [
        (['system.slice', 'init.scope'], ['system.slice'], None),
        ([], [], None),
        (['system.slice'], [], 'this kernel has no cgroup.kill (Linux 5.14 and newer have)'),
    ],
)
def test_cgroup_kill_is_looked_for_below_the_mount(tmp_path, groups, killers, reason):
    for group in groups:
        (tmp_path / group).mkdir()
    for group in killers:
        (tmp_path / group / 'cgroup.kill').touch()
    found = _facts.cgroup2('cgroup2 {0} cgroup2 rw 0 0\n'.format(tmp_path))
    assert found == {'directory': None if reason else str(tmp_path), 'reason': reason}


def test_without_cgroup2_the_reason_is_told():
    assert _facts.cgroup2('') == {'directory': None, 'reason': 'no cgroup2 is mounted'}
    assert _facts.cgroup2('cgroup2 /nowhere cgroup2 rw 0 0\n')['reason'] == '/nowhere can not be read: No such file or directory'
