# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _signal


@pytest.mark.parametrize(
    ('wanted', 'number'),
    [(9, 9), ('9', 9), ('KILL', 9), ('SIGKILL', 9), ('sigterm', 15), ('pwr', 30), (0, 0), ('34', 34), (64, 64), ('IOT', 6)],
)
def test_signals_have_numbers(wanted, number):
    assert _signal.number(wanted) == number


@pytest.mark.parametrize('wanted', ['RTMIN+1', 'SIGRTMIN', 'FOO', '', -1, 65, True, 'SIG'])
def test_what_is_no_signal_is_refused_with_what_is_right(wanted):
    with pytest.raises(ValueError, match=r'is not a signal: give a name such as KILL or SIGTERM, or a number from 0 to 64'):
        _signal.number(wanted)


def test_signals_have_names():
    assert [_signal.name(number) for number in (9, 30, 31, 34, 0)] == ['SIGKILL', 'SIGPWR', 'SIGSYS', '34', '0']


def test_arguments_are_32_bits_of_a_register():
    assert [_signal.integer(text) for text in ('9', 'fffff38e', 'ffffffffffffe79f', 'ffffffff')] == [9, -3186, -6241, -1]


@pytest.mark.parametrize(
    ('syscall', 'args', 'pid'),
    [
        ('kill', ['0x1846', '0x9'], 0x1846),
        ('kill', ['0xffffffffffffe79f', '0xf'], None),
        ('kill', ['0x0', '0xf'], None),
        ('tgkill', ['0x5', '0x6', '0x9'], 5),
        ('pidfd_send_signal', ['0x3', '0x9'], None),
        ('ptrace', ['0x10', '0x5'], None),
        ('kill', [], None),
    ],
)
def test_whom_a_call_named(syscall, args, pid):
    assert _signal.aimed_at(syscall, args) == pid


def test_an_event_without_signal_has_no_rows():
    assert _signal.rows({'signal': None}) == []
