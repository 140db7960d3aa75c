# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import itertools
import random

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _merge, _rule

NAMES = _rule.Names('x86_64')
UNSET = 0xFFFFFFFF


def merge(*wishes):
    return [tuple(rule) for rule in _merge.merge([_merge.Wish(*wish) for wish in wishes], NAMES)]


def test_equal_fields_share_one_rule():
    assert merge(((), 'kill', 'x'), ((), 'tkill', 'x')) == [((), ('kill', 'tkill'), ('x',))]


def test_fields_in_another_order_or_writing_are_equal():
    fields = [('auid>=1000', 'auid!=unset'), ('auid!=-1', 'auid>=0x3e8'), ('loginuid>=1000', 'auid!=4294967295')]
    assert merge(*[(text, 'unlink', key) for text, key in zip(fields, 'xyz')]) == [(fields[0], ('unlink',), ('x', 'y', 'z'))]


def test_syscalls_with_other_keys_get_rules_of_their_own():
    assert merge(((), 'kill', 'x'), ((), 'tkill', 'x'), ((), 'tkill', 'y')) == [((), ('kill',), ('x',)), ((), ('tkill',), ('x', 'y'))]


def test_a_narrower_rule_stands_first_and_has_the_keys_of_the_wider():
    assert merge(((), 'kill', 'all_kills'), (('a1=9',), 'kill', 'sigkill')) == [
        (('a1=9',), ('kill',), ('sigkill', 'all_kills')),
        ((), ('kill',), ('all_kills',)),
    ]


def test_a_narrower_rule_that_says_nothing_new_is_not_needed():
    assert merge(((), 'kill', 'x'), (('a1=9',), 'kill', 'x')) == [((), ('kill',), ('x',))]


def test_what_two_rules_have_in_common_gets_both_keys():
    assert merge((('a1=9',), 'kill', 'sigkill'), (('auid>=1000',), 'kill', 'people')) == [
        (('a1=9', 'auid>=1000'), ('kill',), ('sigkill', 'people')),
        (('a1=9',), ('kill',), ('sigkill',)),
        (('auid>=1000',), ('kill',), ('people',)),
    ]


@pytest.mark.parametrize(
    ('one', 'other'),
    [
        ('a1=9', 'a1=15'),
        ('a1=9', 'a1>=10'),
        ('a1=9', 'a1!=9'),
        ('auid=0', 'auid>=1000'),
        ('a0=4', 'a0&8'),
        ('exe=/bin/sh', 'exe=/bin/bash'),
        ('path=/etc/passwd', 'path=/etc/shadow'),
        ('path=/etc/passwd', 'dir=/etc'),
    ],
)
def test_rules_that_exclude_each_other_have_nothing_in_common(one, other):
    assert merge(((one,), 'kill', 'x'), ((other,), 'kill', 'y')) == [((one,), ('kill',), ('x',)), ((other,), ('kill',), ('y',))]


def test_a_rule_for_all_syscalls_overlaps_with_those_for_one():
    assert merge((('pid=1',), _merge.ALL, 'init'), ((), 'kill', 'x')) == [
        (('pid=1',), ('kill',), ('init', 'x')),
        (('pid=1',), (), ('init',)),
        ((), ('kill',), ('x',)),
    ]
    assert merge(((), _merge.ALL, 'everything'), ((), 'kill', 'x')) == [((), ('kill',), ('x', 'everything')), ((), (), ('everything',))]


WATCH = ('path=/etc/passwd', 'perm=wa')


def test_a_watch_shares_only_the_syscalls_that_perm_stands_for():
    # perm goes there: audit 4 would add its syscalls to this rule.
    assert merge((WATCH, _merge.ALL, 'identity'), ((), 'unlink', 'delete'), ((), 'kill', 'x')) == [
        (('path=/etc/passwd',), ('unlink',), ('identity', 'delete')),
        (WATCH, (), ('identity',)),
        ((), ('unlink',), ('delete',)),
        ((), ('kill',), ('x',)),
    ]


def test_only_the_flags_of_an_open_tell_whether_it_writes():
    assert merge((WATCH, _merge.ALL, 'identity'), (('success=0',), 'openat', 'denied')) == [
        (WATCH + ('success=0',), ('openat',), ('identity', 'denied')),
        (WATCH, (), ('identity',)),
        (('success=0',), ('openat',), ('denied',)),
    ]


def test_the_overlaps_of_three_rules():
    rules = merge((('a1=9',), 'kill', 'x'), (('auid>=1000',), 'kill', 'y'), (('uid=0',), 'kill', 'z'))
    assert [len(rule[0]) for rule in rules] == [3, 2, 2, 2, 1, 1, 1]
    assert rules[0][2] == ('x', 'y', 'z')


def test_rules_that_overlap_in_too_many_ways_are_refused():
    with pytest.raises(_merge.OverlapError, match='overlap in more than 256 ways'):
        merge(*[(('a1!={0}'.format(number),), 'kill', 'k{0}'.format(number)) for number in range(9)])


# A kernel in a nutshell: the first rule that matches a call is the one that logs it.

FIELDS = ('a1=9', 'a1=15', 'a1!=9', 'auid>=1000', 'auid!=unset', 'uid=0', 'path=/a', 'path=/b')
SYSCALLS = ('kill', 'unlink', 'open', _merge.ALL)
CALLS = [
    dict(zip(('syscall', 'a1', 'auid', 'uid', 'path', 'writes'), values))
    for values in itertools.product(('kill', 'unlink', 'open', 'read'), (9, 15, 1), (0, 1000, UNSET), (0, 5), (None, '/a', '/b'), (True, False))
]


def permits(letters, call):
    if call['syscall'] == 'open':
        return ('w' if call['writes'] else 'r') in letters
    return call['syscall'] == 'unlink' and 'w' in letters


def meets(text, call):
    name, operator, value = _rule.split_field(text)
    if name == 'perm':
        return permits(value, call)
    if name == 'path':
        return call['path'] == value
    limit = UNSET if value == 'unset' else int(value)
    return {'=': call[name] == limit, '!=': call[name] != limit, '>=': call[name] >= limit}[operator]


def matches(fields, syscalls, call):
    return (not syscalls or call['syscall'] in syscalls) and all(meets(text, call) for text in fields)


def wish(chance):
    fields = chance.sample(FIELDS, chance.choice((0, 1, 1, 2, 3)))
    if sum(field.startswith('path') for field in fields) > 1:
        fields = fields[:1]
    if any(field.startswith('path') for field in fields) and chance.random() < 0.7:
        fields.append(chance.choice(('perm=wa', 'perm=w', 'perm=r')))
    return _merge.Wish(tuple(fields), chance.choice(SYSCALLS), chance.choice('abcd'))


@pytest.mark.parametrize('seed', range(60))
def test_every_call_is_logged_under_the_keys_of_all_wishes_that_match_it(seed):
    chance = random.Random(seed)
    wishes = [wish(chance) for dummy in range(chance.randint(1, 6))]
    rules = _merge.merge(wishes, NAMES)
    for call in CALLS:
        wanted = {wish.key for wish in wishes if matches(wish.fields, wish.syscall and (wish.syscall,), call)}
        logged = next((set(rule.keys) for rule in rules if matches(rule.fields, rule.syscalls, call)), set())
        assert logged == wanted, (call, wishes, rules)
