# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _rule
from ansible_collections.linux_audit.fleet.tests.unit.plugins import hosts

NAMES = _rule.Names('x86_64', {'root': 0, 'chrony': 994}, {'adm': 4})
VERSIONS = ('2.3.7', '2.8.5', '3.0.9', '3.1.5', '4.0.5', '4.2.1')
WRITTEN = [_rule.parse(line, NAMES) for line in hosts.lines('listings/rules.txt')]


def listing(version):
    return _rule.parse_listing(hosts.lines('listings/v{0}.txt'.format(version)), NAMES)


def parse(text):
    return _rule.parse(text, NAMES)


@pytest.mark.parametrize('version', VERSIONS)
def test_each_version_lists_all_rules_that_were_loaded_and_no_other(version):
    listed = listing(version)
    places = [_rule.find(rule, listed) for rule in WRITTEN]
    assert None not in places
    assert sorted(places) == list(range(len(listed)))


@pytest.mark.parametrize('version', [version for version in VERSIONS if version != '2.3.7'])
def test_versions_list_the_same_rules_alike(version):
    assert listing(version) == listing('3.0.9')


def test_the_oldest_version_lists_all_but_exe_alike():
    # It knows no exe and reads the strings behind it from the wrong place: "f112=13 -F key=/us".
    differing = [
        (old.fields, new.fields) for old, new in zip(listing('2.3.7'), listing('3.0.9')) if old != new
    ]
    assert [[field.name for field in old] for old, dummy in differing] == [['f112', 'key']]


@pytest.mark.parametrize(
    'one, other',
    [
        ('-a exit,always -F arch=b64 -S kill -S tkill -k x', '-a always,exit -F arch=x86_64 -S tkill,kill -F key=x'),
        ('-a always,exit -F arch=b64 -S 62 -k x', '-a always,exit -F arch=b64 -S kill -k x'),
        ('-a always,exit -F arch=b64 -S kill -F a1=9 -k x', '-a always,exit -F arch=b64 -S kill -F a1=0x9 -k x'),
        ('-a always,exit -F arch=b64 -S kill -F auid!=unset -k x', '-a always,exit -F arch=b64 -S kill -F auid!=-1 -k x'),
        ('-a always,exit -F arch=b64 -S kill -F auid!=unset -k x', '-a always,exit -F arch=b64 -S kill -F loginuid!=4294967295 -k x'),
        ('-a always,exit -F arch=b64 -S kill -F uid=chrony -k x', '-a always,exit -F arch=b64 -S kill -F uid=994 -k x'),
        ('-a always,exit -F arch=b64 -S kill -F gid=adm -k x', '-a always,exit -F arch=b64 -S kill -F gid=4 -k x'),
        ('-a always,exit -F arch=b64 -S openat -F exit=-EACCES -k x', '-a always,exit -F arch=b64 -S openat -F exit=-13 -k x'),
        ('-w /etc/shadow -p aw -k x', '-w /etc/shadow -p wa -k x'),
        ('-w /etc/sudoers.d/ -p wa -k x', '-w /etc/sudoers.d -p wa -k x'),
        ('-w /etc/shadow -p wa -k x', '-a always,exit -F path=/etc/shadow -F perm=wa -F key=x'),
        ('-w /etc/shadow -p wa -k x', '-a always,exit -S all -F path=/etc/shadow -F perm=wa -F key=x'),
        ('-w /etc/shadow', '-w /etc/shadow -p rwxa'),
        ('-a always,exit -F arch=b64 -S execve -C uid!=euid -k x', '-a always,exit -F arch=b64 -S execve -C euid!=uid -k x'),
        ('-a always,exclude -F msgtype=CWD', '-a exclude,always -F msgtype=1307'),
        ('-a never,filesystem -F fstype=tracefs', '-a never,filesystem -F fstype=0x74726163'),
        ('-a always,exit -F arch=b64 -F path=/a -F perm=x -k x', '-a always,exit -F arch=b64 -S all -F path=/a -F perm=x -k x'),
        ('-a always,exit -F arch=b64 -S kill -k x -k y', '-a always,exit -F arch=b64 -S kill -F key=x -F key=y'),
        ('-a always,exit -F arch=b64 -S kill -F filetype=dir -k x', '-a always,exit -F arch=b64 -S kill -F filetype=16384 -k x'),
    ],
)
def test_what_the_kernel_takes_for_one_rule_is_equal(one, other):
    assert parse(one) == parse(other)


@pytest.mark.parametrize(
    'one, other',
    [
        ('-a always,exit -F arch=b64 -S kill -k x', '-a always,exit -F arch=b32 -S kill -k x'),
        ('-a always,exit -F arch=b64 -S kill -k x', '-a always,exit -F arch=b64 -S kill -k x2'),
        ('-a always,exit -F arch=b64 -S kill -k x', '-a always,exit -F arch=b64 -S kill,tkill -k x'),
        ('-a always,exit -F arch=b64 -S kill -k x', '-a never,exit -F arch=b64 -S kill -k x'),
        ('-a always,exit -F arch=b64 -S kill -F a1=9 -k x', '-a always,exit -F arch=b64 -S kill -F a2=9 -k x'),
        ('-a always,exit -F arch=b64 -S kill -F a1=9 -k x', '-a always,exit -F arch=b64 -S kill -F a1!=9 -k x'),
        ('-a always,exit -F arch=b64 -S kill -F uid=0 -F a1=9 -k x', '-a always,exit -F arch=b64 -S kill -F a1=9 -F uid=0 -k x'),
        ('-a always,exit -F arch=b64 -S kill -k x -k y', '-a always,exit -F arch=b64 -S kill -k y -k x'),
        ('-w /etc/shadow -p wa -k x', '-w /etc/shadow -p w -k x'),
        ('-w /etc/shadow -p wa -k x', '-a always,exit -F arch=b64 -F path=/etc/shadow -F perm=wa -k x'),
        ('-a always,exit -F arch=b64 -S execve -C uid!=euid -k x', '-a always,exit -F arch=b64 -S execve -C uid=euid -k x'),
    ],
)
def test_what_the_kernel_takes_for_two_rules_differs(one, other):
    assert parse(one) != parse(other)


def test_audit_4_adds_the_syscalls_of_perm():
    # The names are those of lib/permtab.h, audit 4.
    expanded = (
        '-a always,exit -F arch=b64 -S open,truncate,ftruncate,rename,mkdir,rmdir,creat,link,unlink,symlink,mknod,acct,swapon,quotactl,openat,mkdirat,'
        'mknodat,unlinkat,renameat,linkat,symlinkat,fallocate,renameat2,openat2,bind{0} -F path=/etc/passwd -F perm=w -F key=x'
    )
    for own, listed in (('', ''), (' -S kill', ',kill')):
        wanted = parse('-a always,exit -F arch=b64{0} -F path=/etc/passwd -F perm=w -k x'.format(own))
        assert _rule.find(wanted, _rule.parse_listing([expanded.format(listed)], NAMES)) == 0
    # Another rule that merely has more syscalls is another rule.
    wanted = parse('-a always,exit -F arch=b64 -S open -F path=/etc/passwd -F perm=w -k x')
    other = '-a always,exit -F arch=b64 -S open,openat -F path=/etc/passwd -F perm=w -F key=x'
    assert _rule.find(wanted, _rule.parse_listing([other], NAMES)) is None


@pytest.mark.parametrize('condition', ['exe!=/bin/sh', 'dir!=/etc', 'path!=/etc/passwd'])
def test_operators_before_paths_are_not_listed_before_audit_4(condition):
    wanted = parse('-a always,exit -F arch=b64 -S kill -F {0} -k x'.format(condition))
    line = '-a always,exit -F arch=b64 -S kill -F {0} -F key=x'
    for listed in (condition, condition.replace('!=', '=')):
        assert _rule.find(wanted, _rule.parse_listing([line.format(listed)], NAMES)) == 0
    wanted = parse(line.format(condition.replace('!=', '=')))
    assert _rule.find(wanted, _rule.parse_listing([line.format(condition)], NAMES)) is None


def test_listed_peculiarities_are_read():
    lines = [
        'No rules',
        '-a always,exit -F arch=b64 -S kill,424 -F a1=0x9 -F key=x',
        ' -p wa-w /etc/passwd -k x',
        '-w /with a space/file -p x -k x',
        '-a never,(null) -S all f26=1953653091',
        '-a always,exit -F arch=b64 -S kill f25!=-1 -F key=x',
    ]
    assert _rule.parse_listing(lines, NAMES)[:3] == [
        parse('-a always,exit -F arch=b64 -S kill,pidfd_send_signal -F a1=9 -k x'),
        parse('-w /etc/passwd -p wa -k x')._replace(
            fields=(_rule.Field('perm', '=', 'wa'), _rule.Field('watch', '=', '/etc/passwd'), _rule.Field('key', '=', 'x'))
        ),
        parse('-w /with\\ a\\ space/file -p x -k x'),
    ]
    assert _rule.parse_listing(lines, NAMES)[3:] == [
        parse('-a never,filesystem -F fstype=tracefs'),
        parse('-a always,exit -F arch=b64 -S kill -F sessionid!=unset -k x'),
    ]


def test_a_rule_without_arch_is_listed_with_the_table_of_the_one_before():
    lines = ['-a always,exit -F arch=b32 -S kill -F key=x', '-a always,exit -S kill -F key=y']
    assert _rule.parse_listing(lines, NAMES)[1].syscalls == {37}


@pytest.mark.parametrize(
    'text, words',
    [
        ('-a  always,exit -k x', ['-a', 'always,exit', '-k', 'x']),
        ('-w /a\\ b -k x', ['-w', '/a b', '-k', 'x']),
        ('-k "quoted"', ['-k', '"quoted"']),
        ('-k x\ty', ['-k', 'x\ty']),
    ],
)
def test_only_spaces_separate_words(text, words):
    assert _rule.words(text) == words
    assert _rule.words(_rule.line(words)) == words


@pytest.mark.parametrize(
    'text, message',
    [
        ('-a always,exit -F arch=b64 -S kill -F foo=1 -k x', 'unknown field foo'),
        ('-a always,exit -F arch=b64 -S kill -F a1 -k x', 'must be a field, an operator'),
        ('-a always,exit -F arch=b64 -S kill -F a1= -k x', 'must be a field, an operator'),
        ('-a sometimes,exit -S kill', 'must be an action'),
        ('-a always,exits -S kill', 'and a list'),
        ('-F arch=b64 -S kill -k x', 'a rule starts with'),
        ('-a always,exit -X kill', '-X: not an option'),
        ('-a always,exit -F arch=b64 -S kill extra', 'extra: not an option'),
        ('-a always,exit -F arch=b64 -S kill -k', '-k: needs a value'),
        ('-a always,exit -F arch=b64 -S 2032 -k x', 'must be 0 to 2031'),
        ('-w etc/passwd -p wa', 'must be an absolute path'),
        ('-a always,exit -F arch=b64 -S kill -F exe=bash -k x', 'must be an absolute path'),
        ('-a always,exit -F arch=b64 -S kill -k ' + 'x' * 257, 'more than 256 bytes'),
        ('-a always,exit -F arch=b64 -S kill -k ' + 'x' * 128 + ' -k ' + 'y' * 128, 'more than 256 bytes'),
        ('-a always,exit -F arch=b64 -S kill' + ' -F a1!=1' * 62 + ' -k x', '64 fields; 63 are possible'),
        ('-a always,exit -F arch=b64' + ' -S kill' * 800 + ' -k x', 'more than 6144 bytes'),
    ],
)
def test_what_auditctl_would_refuse_is_refused_with_the_reason(text, message):
    with pytest.raises(_rule.RuleError) as refused:
        parse(text)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    'text',
    [
        '-a always,exit -F arch=b64 -S kill -k ' + 'x' * 256,
        '-a always,exit -F arch=b64 -S kill' + ' -F a1!=1' * 61 + ' -k x',
        '-a always,exit -F arch=b64 -S 2031 -k x',
    ],
)
def test_the_limits_themselves_are_allowed(text):
    parse(text)


@pytest.mark.parametrize(('machine', 'arch'), [('i686', 'b64'), ('ppc64le', 'b32')])
def test_an_abi_that_a_machine_lacks_is_refused_by_name(machine, arch):
    with pytest.raises(_rule.RuleError, match='arch={0} does not exist on {1}'.format(arch, machine)):
        _rule.parse('-a always,exit -F arch={0} -S kill -k x'.format(arch), _rule.Names(machine))


@pytest.mark.parametrize(
    ('text', 'comparison'),
    [('uid!=euid', True), ('auid=obj_uid', True), ('gid!=egid', True), ('uid=0', False), ('uid!=gid', False), ('a1=9', False), ('auid!=unset', False)],
)
def test_comparisons_of_two_fields_are_told_from_values(text, comparison):
    assert _rule.is_comparison(text) is comparison


def test_all_keys_of_a_rule_are_told():
    assert _rule.keys(parse('-a always,exit -F arch=b64 -S kill -k x -k y')) == ['x', 'y']
    assert _rule.keys(parse('-a never,exit -F arch=b64 -S kill')) == []
