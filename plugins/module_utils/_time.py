# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points in time as people write them. This file is private to the collection.

Pure but for the process's time zone: what has no zone is the local time of the host. All results are milliseconds since the epoch.
ausearch itself is only ever given UTC, so neither the locale nor a change to or from summer time can shift a search.
"""

import calendar
import datetime
import re
import time
import typing as t

WORDS = ('now', 'recent', 'boot', 'today', 'yesterday', 'this-week', 'week-ago', 'this-month', 'this-year')
"""ausearch's words; all but the first three mean midnight at the beginning of that day."""

_EPOCH = re.compile(r'([0-9]{9,11})(?:\.([0-9]{1,9}))?').fullmatch
_AGO = re.compile(r'([0-9]{1,9}) ?([smhdw])(?: ago)?').fullmatch
_ISO = re.compile(
    r'([0-9]{4})-([0-9]{2})-([0-9]{2})'
    r'(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?'
    r' ?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?'
).fullmatch
_UNITS = {'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 604800}

HELP = (
    'ISO 8601 (2026-11-23, 2026-11-23T10:41:12, 2026-11-23T10:41:12+01:00; without a zone it is the local time of the host), '
    'seconds since the epoch, a time ago (30s, 10m, 2h, 3d, 1w), or one of ' + ', '.join(WORDS)
)

Clock = t.Tuple[int, int, int, int, int, int]


def _milliseconds(fraction, end):  # type: (t.Optional[str], bool) -> int
    """Of ``834`` in ``12.834``; an end without a fraction covers its whole second, as in ausearch."""
    if fraction is None:
        return 999 if end else 0
    return int(fraction.ljust(3, '0')[:3])


def _offset(moment):  # type: (int) -> int
    return calendar.timegm(time.localtime(moment)) - moment


def _local(clock, end):  # type: (Clock, bool) -> int
    """Seconds since the epoch for the host's wall clock.

    An hour that there is twice (summer time ends) begins with the first and ends with the second; one that was left out is the
    moment at which the clock jumped.
    """
    candidates = set()
    for summer in (-1, 0, 1):
        try:
            candidates.add(int(time.mktime((*clock, 0, 0, summer))))
        except (OverflowError, ValueError):
            continue
    exact = sorted(moment for moment in candidates if time.localtime(moment)[:6] == clock)
    if exact:
        return exact[-1] if end else exact[0]
    before, after = min(candidates), max(candidates)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(middle) == _offset(after):
            after = middle
        else:
            before = middle
    return after


def _midnight(moment, days_back=0):  # type: (float, int) -> int
    day = datetime.date(*time.localtime(moment)[:3]) - datetime.timedelta(days=days_back)
    return _local((day.year, day.month, day.day, 0, 0, 0), False)


def _word(word, now, boot):  # type: (str, float, t.Optional[float]) -> int
    if word == 'now':
        return int(now * 1000)
    if word == 'recent':
        return int(now * 1000) - 600000
    if word == 'boot':
        if boot is None:
            raise ValueError('the time of the last boot is not known here')
        return int(boot * 1000)
    today = time.localtime(now)
    days_back = {
        'today': 0,
        'yesterday': 1,
        'this-week': (today.tm_wday + 1) % 7,  # ausearch's weeks begin on Sunday.
        'week-ago': 7,
        'this-month': today.tm_mday - 1,
        'this-year': today.tm_yday - 1,
    }[word]
    return _midnight(now, days_back) * 1000


def _iso(found, end):  # type: (t.Match[str], bool) -> int
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    clock = (int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
    if hour is None and end:
        clock = (*clock[:3], 23, 59, 59)
    datetime.datetime(*clock)  # Raises ValueError for the 30th of February.
    if zone is None:
        return _local(clock, end) * 1000 + _milliseconds(fraction, end)
    moment = calendar.timegm((*clock, 0, 0, 0))
    if zone not in 'Zz':
        sign = -1 if zone[0] == '-' else 1
        moment -= sign * (int(zone[1:3]) * 3600 + int(zone[-2:] if len(zone) > 3 else 0) * 60)
    return moment * 1000 + _milliseconds(fraction, end)


def parse(wanted, now, boot=None, end=False):  # type: (str, float, t.Optional[float], bool) -> int
    """Milliseconds since the epoch of *wanted*; *now* and *boot* are seconds since the epoch.

    As the *end* of a window a second covers all of itself, and a date alone all of its day. Raises ValueError that says what is right.
    """
    text = wanted.strip()
    if text in WORDS:
        return _word(text, now, boot)
    found = _EPOCH(text)
    if found:
        return int(found.group(1)) * 1000 + _milliseconds(found.group(2), end)
    found = _AGO(text)
    if found:
        return int(now * 1000) - int(found.group(1)) * _UNITS[found.group(2)] * 1000
    found = _ISO(text)
    try:
        if found:
            return _iso(found, end)
    except ValueError as error:
        raise ValueError('%s is no time (%s): give %s' % (wanted, error, HELP)) from error
    raise ValueError('%s is no time: give %s' % (wanted, HELP))


def for_ausearch(moment):  # type: (int) -> t.Tuple[str, str]
    """Date and time as ausearch takes them in the C locale with TZ=UTC; the fraction of the second is left out."""
    broken = time.gmtime(moment // 1000)
    return time.strftime('%m/%d/%y', broken), time.strftime('%H:%M:%S', broken)
