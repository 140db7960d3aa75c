# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import os

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _aggregate, _event, _fields, _ndjson, _parallel, _stream

DATA = os.path.join(os.path.dirname(__file__), '..', '..', '..', 'data')
LOGS = ['signals.log', 'signals_raw.log', 'signal_send.log', 'many.log', 'many_raw.log']


def read(name):
    with open(os.path.join(DATA, name), 'rb') as log:
        return log.read()


def events(text, decoder=None):
    return list(_stream.unsorted_events([text], decoder or _event.Decoder(), _stream.Malformed()))


@pytest.mark.parametrize('name', LOGS)
def test_quick_lines_are_the_same_as_slow_ones(name):
    decoder = _event.Decoder()
    writer = _ndjson.Writer(decoder)
    for event in events(read(name), decoder):
        assert writer.line(event) == _ndjson.dumps(event.as_dict())


@pytest.mark.parametrize('size', [1, 100, 5000])
def test_pieces_are_cut_between_events(monkeypatch, size):
    monkeypatch.setattr(_parallel, '_SIZE', size)
    text = read('signals.log')
    chunks = [text[start : start + 333] for start in range(0, len(text), 333)]
    pieces = list(_parallel.pieces(chunks))
    assert b''.join(pieces) == text
    assert sum(len(events(piece)) for piece in pieces) == len(events(text))
    assert size == 5000 or len(pieces) > 5


def test_two_processes_give_what_one_gives(monkeypatch):
    monkeypatch.setattr(_parallel, '_SIZE', 1000)
    text = read('signals.log')
    found = list(_parallel.run([text[:7000], text[7000:]], lambda piece: [event.stamp for event in events(piece)], lambda: 'end'))
    assert found[-2:] == ['end', 'end']
    assert [stamp for stamps in found[:-2] for stamp in stamps] == [event.stamp for event in events(text)]


def test_a_helper_that_dies_is_told(monkeypatch):
    monkeypatch.setattr(_parallel, '_SIZE', 1000)
    parent = os.getpid()

    def work(_piece):
        if os.getpid() != parent:
            os._exit(3)

    text = read('signals.log')
    with pytest.raises(_parallel.HelperError):
        list(_parallel.run([text[:7000], text[7000:]], work, lambda: None))


def test_counts_can_be_merged():
    whole, first, second = (_aggregate.Aggregator(['process.comm', 'signal.name', 'targets.comm', 'targets.uid.id', 'keys']) for _number in range(3))
    found = events(read('signals.log'))
    for number, event in enumerate(found):
        whole.add(event)
        (first if number % 2 else second).add(event)
    first.merge(second.groups(), second.other)
    assert first.rows(100) == whole.rows(100)
    assert sum(row['count'] for row in whole.rows(100)) == len(found) + 2


def test_groups_are_bounded(monkeypatch):
    monkeypatch.setattr(_aggregate, 'MAX_GROUPS', 3)
    aggregator = _aggregate.Aggregator(['id'])
    for event in events(read('signals.log')):
        aggregator.add(event)
    assert (len(aggregator.rows(100)), aggregator.other) == (3, 27)


def test_fields_can_be_chosen():
    (event,) = [event for event in events(read('signals.log')) if len(event.targets()) == 3]
    shown = _fields.projection(['id', 'process.exe', 'targets.uid.name', 'signal', 'signal.name'])(event)
    assert list(shown) == ['id', 'process', 'targets', 'signal']
    assert shown['process'] == {'exe': '/usr/local/libexec/audit/send64'}
    assert shown['targets'] == [{'uid': {'name': 'root'}}] * 3
    assert shown['signal'] == {'number': 15, 'name': 'SIGTERM'}


@pytest.mark.parametrize('path', ['x', 'process.x', 'id.x', 'user.auid.x', ''])
def test_fields_that_no_event_has_are_refused(path):
    with pytest.raises(ValueError, match='is no field of an event'):
        _fields.check(path)
