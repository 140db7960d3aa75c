# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _event, _stream

A = 'type=SYSCALL msg=audit(1795437179.414:6): arch=c000003e'
B = 'type=SYSCALL msg=audit(1795437179.415:7): arch=c000003e'
A2 = 'type=PROCTITLE msg=audit(1795437179.414:6): proctitle="a"'
B2 = 'type=PROCTITLE msg=audit(1795437179.415:7): proctitle="b"'
LATER = 'type=LOGIN msg=audit(1795437182.000:9): pid=1'


def events(lines, reader=_stream.unsorted_events):
    malformed = _stream.Malformed()
    chunk = '\n'.join(lines).encode('latin-1')
    found = list(reader([chunk[:50], chunk[50:]], _event.Decoder(), malformed))
    return [(event.serial(), event.types()) for event in found], malformed.as_dict()


BOTH = [(6, ['SYSCALL', 'PROCTITLE']), (7, ['SYSCALL', 'PROCTITLE'])]


def test_records_can_alternate():
    assert events([A, B, A2, B2])[0] == BOTH


@pytest.mark.parametrize('reader', [_stream.unsorted_events, _stream.sorted_events])
def test_what_stands_together_is_one_event(reader):
    assert events([A, A2, B, B2], reader)[0] == BOTH
    assert events(['----', A, A2, '', '----', B, B2], reader)[0] == BOTH


@pytest.mark.parametrize('reader', [_stream.unsorted_events, _stream.sorted_events])
def test_a_record_that_is_there_twice_counts_once(reader):
    (found,) = reader([(A + '\n').encode() * 2, A2.encode()], _event.Decoder(), _stream.Malformed())
    assert len(found.described_records()) == 2
    assert found.types() == ['SYSCALL', 'PROCTITLE']


@pytest.mark.parametrize('reader', [_stream.unsorted_events, _stream.sorted_events])
def test_damaged_lines_are_kept_aside(reader):
    found, malformed = events([A, 'type=SYSCALL msg=audit(16523210---): x', A2, '\x1d\xff', B, B2, 'type=SYSC'], reader)
    assert found == BOTH
    assert malformed == {'count': 3, 'first': ['type=SYSCALL msg=audit(16523210---): x', '\x1d\\xff', 'type=SYSC']}


@pytest.mark.parametrize('reader', [_stream.unsorted_events, _stream.sorted_events])
def test_nodes_are_apart(reader):
    assert events(['node=a ' + A, 'node=b ' + A], reader)[0] == [(6, ['SYSCALL']), (6, ['SYSCALL'])]


def test_an_event_ends_two_seconds_later():
    assert events([A, LATER, A2])[0] == [(6, ['SYSCALL']), (9, ['LOGIN']), (6, ['PROCTITLE'])]


def test_an_event_ends_with_its_last_record():
    assert events([A, 'type=EOE msg=audit(1795437179.414:6): ', B])[0] == [(6, ['SYSCALL', 'EOE']), (7, ['SYSCALL'])]


def test_only_newlines_end_lines():
    (found,) = _stream.sorted_events([b'type=USER msg=audit(1795437179.414:6): x=a\x1cb\x85c\rd\x0be\n'], _event.Decoder(), _stream.Malformed())
    assert found.records[0][3] == 'x=a\x1cb\x85c\rd\x0be'


def test_unfinished_events_are_bounded(monkeypatch):
    monkeypatch.setattr(_stream, 'OPEN_EVENTS', 2)
    many = [A.replace(':6)', ':%d)' % serial) for serial in range(5)]
    stream = _stream.unsorted_events(['\n'.join(many).encode()], _event.Decoder(), _stream.Malformed())
    assert [event.serial() for event in stream] == [0, 1, 2, 3, 4]
