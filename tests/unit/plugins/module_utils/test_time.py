# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import calendar
import os
import time

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _time

NOW = calendar.timegm((2026, 11, 23, 12, 30, 15))  # A Monday.


@pytest.fixture(autouse=True)
def zone(request, monkeypatch):
    monkeypatch.setenv('TZ', getattr(request, 'param', 'UTC'))
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def utc(milliseconds):
    seconds, rest = divmod(milliseconds, 1000)
    return time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(seconds)) + '.%03d' % rest


@pytest.mark.parametrize(
    ('wanted', 'start'),
    [
        ('now', '2026-11-23 12:30:15.000'),
        ('recent', '2026-11-23 12:20:15.000'),
        ('boot', '2026-11-20 08:00:00.000'),
        ('today', '2026-11-23 00:00:00.000'),
        ('yesterday', '2026-11-22 00:00:00.000'),
        ('this-week', '2026-11-22 00:00:00.000'),
        ('week-ago', '2026-11-16 00:00:00.000'),
        ('this-month', '2026-11-01 00:00:00.000'),
        ('this-year', '2026-01-01 00:00:00.000'),
        ('30s', '2026-11-23 12:29:45.000'),
        ('10m', '2026-11-23 12:20:15.000'),
        ('2h', '2026-11-23 10:30:15.000'),
        ('3d ago', '2026-11-20 12:30:15.000'),
        ('1w', '2026-11-16 12:30:15.000'),
        ('1795430472', '2026-11-23 10:41:12.000'),
        ('1795430472.8345', '2026-11-23 10:41:12.834'),
        ('2026-11-23', '2026-11-23 00:00:00.000'),
        ('2026-11-23T10:41', '2026-11-23 10:41:00.000'),
        ('2026-11-23 10:41:12', '2026-11-23 10:41:12.000'),
        ('2026-11-23T10:41:12.5Z', '2026-11-23 10:41:12.500'),
        ('2026-11-23T10:41:12+01:00', '2026-11-23 09:41:12.000'),
        ('2026-11-23T10:41:12-0530', '2026-11-23 16:11:12.000'),
    ],
)
def test_starts(wanted, start):
    assert utc(_time.parse(wanted, NOW, calendar.timegm((2026, 11, 20, 8, 0, 0)))) == start


@pytest.mark.parametrize(
    ('wanted', 'end'),
    [
        ('2026-11-23', '2026-11-23 23:59:59.999'),
        ('2026-11-23T10:41:12', '2026-11-23 10:41:12.999'),
        ('2026-11-23T10:41:12.500', '2026-11-23 10:41:12.500'),
        ('1795430472', '2026-11-23 10:41:12.999'),
        ('today', '2026-11-23 00:00:00.000'),
    ],
)
def test_ends(wanted, end):
    assert utc(_time.parse(wanted, NOW, end=True)) == end


@pytest.mark.parametrize('wanted', ['', 'tomorrow', '11/23/26', '2026-02-30', '2026-11-23T25:00', '12', '2h30m', '-2h', '2026-11-23T10:41:12+1'])
def test_what_is_no_time_is_refused_with_what_is_right(wanted):
    with pytest.raises(ValueError, match=r'is no time.*: give ISO 8601 .* or one of now, recent'):
        _time.parse(wanted, NOW)


@pytest.mark.parametrize(
    ('zone', 'wanted', 'start', 'end'),
    [
        ('Asia/Tokyo', '2026-11-23', '2026-11-22 15:00:00.000', '2026-11-23 14:59:59.999'),
        # The hour that there is twice.
        ('America/New_York', '2026-11-01T01:30:00', '2026-11-01 05:30:00.000', '2026-11-01 06:30:00.999'),
        ('America/New_York', '2026-11-01', '2026-11-01 04:00:00.000', '2026-11-02 04:59:59.999'),
        # The hour that was left out.
        ('America/New_York', '2026-03-08T02:30:00', '2026-03-08 07:00:00.000', '2026-03-08 07:00:00.999'),
        ('America/New_York', '2026-03-08', '2026-03-08 05:00:00.000', '2026-03-09 03:59:59.999'),
        ('America/New_York', '2026-03-08T03:00:00', '2026-03-08 07:00:00.000', '2026-03-08 07:00:00.999'),
    ],
    indirect=['zone'],
)
def test_local_times(zone, wanted, start, end):
    assert utc(_time.parse(wanted, NOW)) == start
    assert utc(_time.parse(wanted, NOW, end=True)) == end


@pytest.mark.parametrize('zone', ['America/New_York'], indirect=True)
def test_days_are_days_of_the_calendar(zone):
    monday_after_the_change = calendar.timegm((2026, 11, 2, 17, 0, 0))
    assert utc(_time.parse('yesterday', monday_after_the_change)) == '2026-11-01 04:00:00.000'
    assert utc(_time.parse('1d', monday_after_the_change)) == '2026-11-01 17:00:00.000'


def test_boot_can_be_unknown():
    with pytest.raises(ValueError, match='last boot is not known'):
        _time.parse('boot', NOW)


def test_ausearch_gets_utc():
    os.environ['TZ'] = 'Asia/Tokyo'
    time.tzset()
    assert _time.for_ausearch(1795430472834) == ('11/23/26', '10:41:12')
