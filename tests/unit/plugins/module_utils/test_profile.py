# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _profile

KILL = {'key': 'x', 'syscalls': ['kill', 'tgkill']}


def check(**options):
    return _profile.check(dict({'key': 'x', 'syscalls': ['kill']}, **options), 'syscall_audit_rules[3]')


def test_a_rule_gets_all_its_options():
    assert check(signals=['KILL', 9], fields='auid>=1000') == {
        'key': 'x',
        'syscalls': ['kill'],
        'signals': [9],
        'fields': ['auid>=1000'],
        'abis': [],
        'path': None,
        'dir': None,
        'perm': None,
        'optional': False,
    }


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'syscalls': ['kil']}, "syscall_audit_rules[3].syscalls: no architecture has a syscall named 'kil'. Did you mean kill?"),
        ({'syscalls': ['2032']}, 'syscall_audit_rules[3].syscalls: 2032 is too high; the numbers go to 2031'),
        ({'syscalls': {'kill': 1}}, 'syscall_audit_rules[3].syscalls: must be a list'),
        ({'signals': ['KIL']}, 'syscall_audit_rules[3].signals:'),
        ({'signals': ['65']}, 'syscall_audit_rules[3].signals:'),
        ({'syscalls': ['execve'], 'signals': ['KILL']}, 'syscall_audit_rules[3].signals: execve carries no signal'),
        ({'fields': ['foo=1']}, 'syscall_audit_rules[3].fields: foo=1: unknown field foo.'),
        ({'fields': ['auidd>=1000']}, 'Did you mean auid?'),
        ({'fields': ['auid']}, 'syscall_audit_rules[3].fields:'),
        ({'fields': ['a1=nine']}, 'syscall_audit_rules[3].fields: a1=nine: auditctl reads no such value of a1'),
        ({'fields': ['uid!=unset']}, 'syscall_audit_rules[3].fields: uid!=unset: only auid and sessionid can be unset'),
        ({'fields': ['exit=-EFOO']}, 'syscall_audit_rules[3].fields: exit=-EFOO'),
        ({'fields': ['arch=b64']}, 'abis is an option of its own'),
        ({'fields': ['path=/etc']}, 'path is an option of its own'),
        ({'fields': ['uid=0 -k other']}, 'must not have spaces'),
        ({'fields': ['exe=bash']}, 'syscall_audit_rules[3]: exe=bash: must be an absolute path'),
        ({'key': 'a b'}, 'syscall_audit_rules[3].key:'),
        ({'key': 'a\nb'}, 'syscall_audit_rules[3].key:'),
        ({'key': ''}, 'syscall_audit_rules[3].key:'),
        ({'key': None}, 'syscall_audit_rules[3].key:'),
        ({'key': 'x' * 257}, 'syscall_audit_rules[3].key: has 257 bytes; the kernel takes 256'),
        ({'key': '\u00e4' * 129}, 'syscall_audit_rules[3].key: has 258 bytes'),
        ({'fields': ['a1!={0}'.format(number) for number in range(62)]}, 'syscall_audit_rules[3]: the rule has 64 fields; 63 are possible'),
        ({'syscalls': [], 'path': '/' + 'x' * 6144}, 'syscall_audit_rules[3]: the rule has more than 6144 bytes'),
        ({'path': 'etc/passwd'}, "syscall_audit_rules[3].path: 'etc/passwd' must be an absolute path"),
        ({'dir': 'etc'}, "syscall_audit_rules[3].dir: 'etc' must be an absolute path"),
        ({'path': '<cgroup2>'}, 'syscall_audit_rules[3].path:'),
        ({'path': '/a', 'dir': '/b'}, 'path and dir exclude each other'),
        ({'perm': 'wa'}, 'syscall_audit_rules[3].perm: needs path or dir'),
        ({'path': '/a', 'perm': 'wz'}, 'syscall_audit_rules[3].perm:'),
        ({'abis': ['b16']}, "syscall_audit_rules[3].abis: 'b16' must be b64 or b32"),
        ({'syscalls': []}, 'syscall_audit_rules[3]: needs syscalls, path or dir'),
        ({'syscal': ['kill']}, "syscall_audit_rules[3]: unknown option 'syscal'. Did you mean syscalls?"),
        ({'optional': 'maybe'}, "syscall_audit_rules[3].optional: 'maybe' must be true or false"),
    ],
)
def test_what_can_not_become_a_rule_is_refused_by_the_name_of_its_option(options, message):
    with pytest.raises(_profile.SpecError) as refused:
        check(**options)
    assert message in str(refused.value)


@pytest.mark.parametrize('spec', ['kill', None, ['kill']])
def test_a_rule_must_be_a_dictionary(spec):
    with pytest.raises(_profile.SpecError, match=r'syscall_audit_rules\[0\]: must be a dictionary'):
        _profile.specifications([], [spec], [])


@pytest.mark.parametrize(
    'field',
    'auid!=unset sessionid=unset exit=-EACCES exit!=EPERM a0&=0x10 filetype=dir uid=www-data uid!=euid exe=/bin/sh success=0 subj_type=init_t'.split(),
)
def test_what_auditctl_reads_is_taken(field):
    assert check(fields=[field])['fields'] == [field]


@pytest.mark.parametrize(
    ('field', 'needed'),
    [
        ('auid=chrony', ('users', 'chrony')),
        ('obj_uid!=www-data', ('users', 'www-data')),
        ('egid=adm', ('groups', 'adm')),
        ('exe=/usr/bin/sudo', ('paths', '/usr/bin/sudo')),
        ('auid>=1000', None),
        ('auid!=unset', None),
        ('auid!=-1', None),
        ('uid!=euid', None),
        ('a1=9', None),
    ],
)
def test_what_a_host_must_have_for_a_field(field, needed):
    assert _profile.need(field) == needed


def test_needs_are_collected():
    specs = _profile.specifications(
        [{'name': 'p', 'rules': [KILL, {'key': 'y', 'dir': _profile.CGROUP2, 'perm': 'w'}]}],
        [{'key': 'z', 'path': '/etc/shadow', 'perm': 'wa', 'fields': ['auid!=chrony', 'gid=adm', 'exe=/bin/sh']}, {'key': 'n', 'syscalls': ['all', '62']}],
        [],
    )
    assert _profile.needs(specs) == {'syscalls': ['kill', 'tgkill'], 'paths': ['/bin/sh', '/etc/shadow'], 'users': ['chrony'], 'groups': ['adm']}


def test_signals_narrow_the_profiles_that_send_any_and_no_own_rule():
    profiles = [{'name': 'p', 'rules': [KILL, {'key': 'y', 'syscalls': ['reboot']}, dict(KILL, signals=['TERM'])]}]
    specs = _profile.specifications(profiles, [KILL], ['KILL', 'HUP'])
    assert [spec['signals'] for spec in specs] == [[9, 1], [], [15], []]


def test_signals_without_a_rule_that_sends_any_are_refused():
    with pytest.raises(_profile.SpecError, match='syscall_audit_signals: no chosen profile'):
        _profile.specifications([{'name': 'p', 'rules': [{'key': 'y', 'syscalls': ['reboot']}]}], [], ['KILL'])


def test_a_wrong_signal_is_refused_by_the_name_of_the_variable():
    with pytest.raises(_profile.SpecError, match='^syscall_audit_signals: '):
        _profile.specifications([{'name': 'p', 'rules': [KILL]}], [], ['KIL'])


@pytest.mark.parametrize(
    ('profile', 'message'),
    [
        ({'name': 'p'}, 'a profile must be a dictionary with name and rules'),
        ('signal_send', 'a profile must be a dictionary with name and rules'),
        ({'name': 'p', 'rules': [], 'descripton': ''}, "unknown option 'descripton'"),
        ({'name': 'p', 'rules': [{'key': 'x', 'syscalls': ['kil']}]}, r'profile p.rules\[0\].syscalls: no architecture'),
    ],
)
def test_a_wrong_profile_is_refused(profile, message):
    with pytest.raises(_profile.SpecError, match=message):
        _profile.specifications([profile], [], [])


@pytest.mark.parametrize(
    ('rules', 'canary'),
    [
        ([{'key': 'x', 'syscalls': ['kill']}], {'key': 'x', 'signal': 0}),
        ([{'key': 'x', 'syscalls': ['tkill', 'kill'], 'signals': ['TERM']}], {'key': 'x', 'signal': 15}),
        ([{'key': 'x', 'syscalls': ['kill'], 'fields': ['auid>=1000']}], None),
        ([{'key': 'x', 'syscalls': ['kill'], 'abis': ['b32']}], None),
        ([{'key': 'x', 'syscalls': ['reboot']}], None),
        ([{'key': 'x', 'path': '/etc/passwd'}], None),
    ],
)
def test_the_simplest_rule_is_the_canary(rules, canary):
    assert _profile.canary(_profile.specifications([], rules, [])) == canary
