# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.linux_audit.fleet.plugins.filter import parse_events

LOG = (pathlib.Path(__file__).parents[3] / 'data' / 'signals.log').read_bytes().decode('utf-8', 'surrogateescape')


def test_text_becomes_rows():
    rows = parse_events.signals(parse_events.parse_events(LOG), host='web01')
    assert len(rows) == 23
    assert {row['host'] for row in rows} == {'web01'}
    assert {row['signal']['name'] for row in rows} == {'SIGTERM', 'SIGKILL', 'SIGPWR', '0', '34'}


def test_records_on_request():
    (event,) = parse_events.parse_events('type=LOGIN msg=audit(1795437179.414:6): pid=1 uid=0\n', records=True)
    assert event['records'] == [{'type': 'LOGIN', 'fields': {'pid': 1, 'uid': {'id': 0, 'name': None}}, 'raw': 'pid=1 uid=0'}]


def test_bytes_that_are_no_text_come_back_escaped():
    (event,) = parse_events.parse_events('type=USER msg=audit(1795437179.414:6): x=\udcff\n')
    assert event['details'] == {'USER': [{'x': '\\xff'}]}


def test_damaged_lines_are_told(monkeypatch):
    told = []
    monkeypatch.setattr(parse_events.display, 'warning', told.append)
    assert parse_events.parse_events('garbage\n') == []
    assert told == ["linux_audit.fleet.parse_events: 1 lines are no audit records, the first one is 'garbage'"]


@pytest.mark.parametrize('text', [None, 1, [], b'x'])
def test_parse_events_takes_text(text):
    with pytest.raises(AnsibleFilterError, match=r'Input for linux_audit.fleet.parse_events must be text'):
        parse_events.parse_events(text)


@pytest.mark.parametrize('events', [None, 'x', {}, [1], [{}]])
def test_signals_takes_events(events):
    with pytest.raises(AnsibleFilterError, match=r'Input for linux_audit.fleet.signals must be'):
        parse_events.signals(events)


def test_signals_says_which_fields_it_needs():
    with pytest.raises(AnsibleFilterError, match=r'Event 1.000:2 for linux_audit.fleet.signals lacks time, node, syscall, process, user, targets'):
        parse_events.signals([{'id': '1.000:2', 'signal': None}])


def test_documents_for_a_siem():
    events = parse_events.parse_events(LOG)
    documents = parse_events.ecs(events, host='web01')
    (document,) = [document for document in documents if document['auditd'].get('signal', {}).get('name') == 'SIGPWR']
    assert document['event']['action'] == 'sent-signal'
    assert document['event']['outcome'] == 'success'
    assert document['process']['name'] == 'send64'
    assert document['process']['args'][1:2] == ['kill']
    assert document['user']['id'] == '0'
    assert document['host'] == {'name': 'web01'}
    assert document['tags'] == ['signal_send']
    assert document['auditd']['targets'][0]['comm'] == 'sleep'


def test_documents_about_files_and_addresses():
    log = (pathlib.Path(__file__).parents[3] / 'data' / 'many.log').read_bytes().decode('utf-8', 'surrogateescape')
    documents = parse_events.ecs(parse_events.parse_events(log))
    assert {'ip': '127.0.0.53', 'port': 1} in [document.get('destination') for document in documents]
    assert 'quote"' in [document['file']['path'] for document in documents if 'file' in document]
    assert {'start', 'deletion', 'creation'} <= {kind for document in documents for kind in document['event'].get('type', [])}


@pytest.mark.parametrize('events', [None, 'x', {}, [1], [{'id': 1}]])
def test_ecs_takes_whole_events(events):
    with pytest.raises(AnsibleFilterError, match=r'Input for linux_audit.fleet.ecs must be a list'):
        parse_events.ecs(events)
