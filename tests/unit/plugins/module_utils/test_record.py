# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _record


def test_a_line_has_its_parts():
    record = _record.parse('node=web01 type=OBJ_PID msg=audit(1795437179.414:6): opid=6204 oauid=-1 ocomm="sleep"\x1dOAUID="unset" OUID="root"')
    assert (record.type, record.node, record.stamp, record.sec, record.ms, record.serial) == ('OBJ_PID', 'web01', '1795437179.414:6', 1795437179, 414, 6)
    assert record.fields == {'opid': '6204', 'oauid': '-1', 'ocomm': '"sleep"'}
    assert record.enriched == {'OAUID': '"unset"', 'OUID': '"root"'}


@pytest.mark.parametrize('line', ['type=EOE msg=audit(1364481363.243:24287): ', 'type=EOE msg=audit(1364481363.243:24287):'])
def test_a_record_can_be_empty(line):
    assert _record.parse(line).fields == {}


@pytest.mark.parametrize(
    'line',
    [
        '',
        'x',
        'type=SYSCALL msg=audit(16523210---): arch=c000003e',
        'type=UNKNOWN[1329] msg=g',
        'type=SYSCALL msg=audit(1364481363.243:24287',
        'type=SYSCALL msg=audit(1364481363.24:24287): x',
        'type=sys call msg=audit(1364481363.243:24287): x',
        ' type=SYSCALL msg=audit(1364481363.243:24287): x',
        'type=SYSCALL msg=audit(13644813634444444444444444444444444444.243:24287): x',
    ],
)
def test_damaged_lines_are_no_records(line):
    assert _record.parse(line) is None


def test_unknown_types_are_records():
    assert _record.parse('type=UNKNOWN[1420] msg=audit(1.000:2): a=b').type == 'UNKNOWN[1420]'


@pytest.mark.parametrize(
    ('body', 'fields'),
    [
        ('a=1 b="x y" c=', {'a': '1', 'b': '"x y"', 'c': ''}),
        ('login pid=1 uid=0 old auid=700 new auid=701', {'pid': '1', 'uid': '0', 'old auid': '700', 'new auid': '701'}),
        (
            'avc:  denied  { signal sigkill } for  pid=7 comm="x" scontext=a:b:c:s0-s0:c0.c1023',
            {'seresult': 'denied', 'seperms': 'signal,sigkill', 'pid': '7', 'comm': '"x"', 'scontext': 'a:b:c:s0-s0:c0.c1023'},
        ),
        ('subj==unconfined obj==/usr/sbin/cupsd (enforce) key="k"', {'subj': '=unconfined', 'obj': '=/usr/sbin/cupsd (enforce)', 'key': '"k"'}),
        ('argc=2 a0=top a2_len=9 a2[0]="x"', {'argc': '2', 'a0': 'top', 'a2_len': '9', 'a2[0]': '"x"'}),
        ("pid=1 uid=0 msg='op=login acct=\"root\" uid=5 res=success'\x1dUID=\"root\"", {'pid': '1', 'uid': '0'}),
        ('x=1 x=2', {'x': '1'}),
        ('saddr=10\x1dSADDR={ saddr_fam=netlink nlnk-fam=16 }', {'saddr': '10'}),
    ],
)
def test_fields(body, fields):
    assert _record.fields(body) == fields


def test_enriched_values_can_hold_blanks():
    assert _record.enriched('saddr=10\x1dSADDR={ saddr_fam=netlink nlnk-fam=16 } UID="root"') == {
        'SADDR': '{ saddr_fam=netlink nlnk-fam=16 }',
        'UID': '"root"',
    }


def test_the_inside_of_a_message_is_a_name_space_of_its_own():
    outer, inner = _record.split_message('pid=1 uid=0 msg=\'changing system time exe="/usr/sbin/ntpd" hostname=? uid=9 res=success\' x=1')
    assert outer == 'pid=1 uid=0 x=1'
    assert _record.message_fields(inner) == {'exe': '"/usr/sbin/ntpd"', 'hostname': '?', 'uid': '9', 'res': 'success'}


def test_old_programs_put_their_fields_in_parentheses():
    assert _record.message_fields('PAM: authentication acct="root" : exe="/bin/login" (hostname=?, addr=?, terminal=tty1 res=success)') == {
        'acct': '"root"',
        'exe': '"/bin/login"',
        'hostname': '?',
        'addr': '?',
        'terminal': 'tty1',
        'res': 'success',
    }
