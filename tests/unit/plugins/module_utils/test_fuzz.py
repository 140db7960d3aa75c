# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records and events out of anything. A short run here; for longer: FUZZ_SECONDS=600 pytest test_fuzz.py"""

import json
import os
import re
import time

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import (
    _aggregate,
    _arguments,
    _ecs,
    _event,
    _fields,
    _ndjson,
    _record,
    _select,
    _signal,
    _sockaddr,
    _stream,
    _text,
)

hypothesis = pytest.importorskip('hypothesis')
strategies = hypothesis.strategies

SECONDS = int(os.environ.get('FUZZ_SECONDS', '0'))
SETTINGS = {'database': None, 'deadline': None, 'max_examples': 150, 'suppress_health_check': list(hypothesis.HealthCheck)}
DATA = os.path.join(os.path.dirname(__file__), '..', '..', '..', 'data')


def _lines():
    """Real lines to start from."""
    found = []
    for name in ('signals.log', 'signals_raw.log', 'many.log', 'many_raw.log'):
        with open(os.path.join(DATA, name), 'rb') as log:
            found += log.read().split(b'\n')[:-1]
    kinds = {}
    for line in found:
        kinds.setdefault(line.split(b' msg=')[0], []).append(line)
    return [line for lines in kinds.values() for line in lines[:4]]


LINES = _lines()
POISON = [b'\x1d', b'\n', b'"', b"'", b'\xff', b'\x00', b'=', b' ', b"msg='", b'key=', b'{ ', b'(null)', b'a0=', b' auid=', b' comm=']
POISON += [b'\xe2\x80\xae', b'\x1b[31m', b'))', b'9' * 30]


@strategies.composite
def damaged_lines(draw):
    line = draw(strategies.sampled_from(LINES))
    for _cut in range(draw(strategies.integers(0, 4))):
        where = draw(strategies.integers(0, len(line)))
        what = draw(strategies.sampled_from(POISON) | strategies.binary(max_size=6))
        line = line[:where] + what + line[where + draw(strategies.integers(0, 20)) :]
    return line


def everything(events):
    """Every way of looking at events; each must give text that is JSON and UTF-8."""
    decoder = _event.Decoder()
    writer = _ndjson.Writer(decoder)
    aggregator = _aggregate.Aggregator(['process.exe', 'signal.name', 'targets.comm', 'paths.name', 'keys', 'user.auid'])
    tests = [option.test(['1'] if name not in ('types',) else ['SYSCALL'], False) for name, option in _select.OPTIONS.items() if name != 'success']
    for event in events:
        event._decoder = decoder
        whole = event.as_dict(records=True)
        json.dumps(whole, ensure_ascii=False).encode('utf-8')
        assert writer.line(event) == _ndjson.dumps(event.as_dict())
        _ndjson.dumps(_ecs.convert(whole))
        _signal.rows(whole)
        aggregator.add(event)
        event.success()
        _fields.projection(['process.exe', 'targets.uid.id', 'details'])(event)
        for test in tests:
            test(event)
    _ndjson.dumps(aggregator.rows(100))


@hypothesis.settings(**SETTINGS)
@hypothesis.given(strategies.lists(damaged_lines() | strategies.binary(max_size=200), max_size=8))
def any_log(lines):
    chunk = b'\n'.join(lines)
    everything(_stream.unsorted_events([chunk], _event.Decoder(), _stream.Malformed()))
    everything(_stream.sorted_events([chunk[:100], chunk[100:]], _event.Decoder(), _stream.Malformed()))


@hypothesis.settings(**SETTINGS)
@hypothesis.given(strategies.binary())
def any_text(data):
    raw = data.decode('latin-1')
    shown = _text.escape(data)
    assert re.sub(rb'\\x([0-9a-f]{2})', lambda found: bytes([int(found.group(1), 16)]), shown.encode('utf-8')) == data
    _record.fields(raw)
    _record.enriched(raw)
    _sockaddr.decode(data.hex().upper())
    _sockaddr.decode(raw)
    _arguments.decode('openat', 'x86_64', [data.hex()[:16] or '0'] * 4)


def as_the_kernel_writes(data):
    """audit_log_n_untrustedstring, kernel/audit.c."""
    if all(0x21 <= byte <= 0x7E and byte != 0x22 for byte in data):
        return b'"' + data + b'"'
    return data.hex().upper().encode()


@hypothesis.settings(**SETTINGS)
@hypothesis.given(strategies.binary(min_size=1, max_size=15).filter(lambda data: b'\0' not in data))
@hypothesis.example(b'x key=uid=0')
@hypothesis.example(b'\n"\'\x1d\xff\x1b[31m')
@hypothesis.example('\u202ex'.encode())
def any_name(name):
    log = next(line for line in LINES if line.startswith(b'type=SYSCALL') and b'\x1dARCH' in line)
    renamed = re.sub(rb' comm="[^"]*"', lambda _found: b' comm=' + as_the_kernel_writes(name), log)
    (event,) = _stream.unsorted_events([renamed], _event.Decoder(), _stream.Malformed())
    (plain,) = _stream.unsorted_events([log], _event.Decoder(), _stream.Malformed())
    mine, other = event.as_dict(), plain.as_dict()
    assert mine['process'].pop('comm') == _text.escape(name)
    other['process'].pop('comm')
    assert mine == other


@pytest.mark.parametrize('case', [any_log, any_text, any_name])
def test_anything(case):
    end = time.time() + SECONDS / 3
    case()
    while time.time() < end:
        case()
