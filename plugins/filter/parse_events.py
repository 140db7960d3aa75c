# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters from the text of an audit log to events, and from events to who sent which signal to whom."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible.errors import AnsibleFilterError
from ansible.utils.display import Display
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.linux_audit.fleet.plugins.module_utils import _ecs, _event, _signal, _stream

display = Display()


def _plain(value: t.Any) -> t.Any:
    """A copy without the lazy containers in which ansible-core 2.19 hands variables over."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value


def parse_events(text: str, records: bool = False) -> t.Any:
    """Raw lines of a log, or of ``ausearch --raw``, to events of the same shape as the module ausearch returns."""
    if not isinstance(text, str):
        raise AnsibleFilterError(f'Input for linux_audit.fleet.parse_events must be text, not {type(text).__name__}')
    malformed = _stream.Malformed()
    chunk = str(text).encode('utf-8', 'surrogateescape')
    found = _stream.unsorted_events([chunk], _event.Decoder(), malformed)
    events = [event.as_dict(records=records) for event in found]
    if malformed.count:
        display.warning(f'linux_audit.fleet.parse_events: {malformed.count} lines are no audit records, the first one is {malformed.first[0]!r}')
    return wrap_var(events)


def signals(events: Sequence[t.Any], host: str | None = None) -> t.Any:
    """Events to one row per signal and target; events that send no signal are left out."""
    if isinstance(events, str) or not isinstance(events, Sequence):
        raise AnsibleFilterError(f'Input for linux_audit.fleet.signals must be a list of events, not {type(events).__name__}')
    rows: list[dict[str, t.Any]] = []
    for event in events:
        if not isinstance(event, Mapping) or 'id' not in event:
            raise AnsibleFilterError('Input for linux_audit.fleet.signals must be a list of events as linux_audit.fleet.ausearch returns them')
        missing = [name for name in ('signal', 'time', 'node', 'syscall', 'process', 'user', 'targets') if name not in event]
        if missing:
            raise AnsibleFilterError(f'Event {event["id"]} for linux_audit.fleet.signals lacks {", ".join(missing)}: ask for these fields in the search')
        rows += _signal.rows(_plain(event), host)
    return wrap_var(rows)


def ecs(events: Sequence[t.Any], host: str | None = None) -> t.Any:
    """Events to documents of the Elastic Common Schema."""
    if isinstance(events, str) or not isinstance(events, Sequence):
        raise AnsibleFilterError(f'Input for linux_audit.fleet.ecs must be a list of events, not {type(events).__name__}')
    for event in events:
        if not isinstance(event, Mapping) or not set(_event.SECTIONS) <= set(event):
            raise AnsibleFilterError('Input for linux_audit.fleet.ecs must be a list of whole events as linux_audit.fleet.ausearch returns them')
    return wrap_var([_ecs.convert(_plain(event), host) for event in events])


class FilterModule:
    """Filters for events."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {'parse_events': parse_events, 'signals': signals, 'ecs': ecs}
