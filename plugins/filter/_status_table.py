# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of the playbook status. This file is private to the collection: it can change without notice."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _text

HEADER = ('HOST', 'STATUS', 'KERNEL', 'AT BOOT', 'LOST', 'PROOF', 'REASON')
LIMITS = (40, 12, 20, 12, 10, 10, 100)


def _kernel(row: Mapping[str, t.Any]) -> str:
    wanted, missing, extra = row['wanted'], row['missing'], row['extra']
    if not row['in_kernel']:
        return '-'
    return f'{wanted - missing} of {wanted}' + (f', {extra} too many' if extra else '')


def _cells(host: str, row: Mapping[str, t.Any] | None) -> list[str]:
    if row is None:
        return [host, 'unreachable', '-', '-', '-', '-', '']
    if row['reason']:
        return [host, 'failed', '-', '-', '-', '-', str(row['reason'])]
    return [
        host,
        'differs' if row['changed'] else 'as wished',
        _kernel(row),
        'differs' if row['files'] else 'as wished',
        '-' if row['lost'] is None else str(row['lost']),
        'event seen' if row['proven'] else '-',
        '',
    ]


def status_table(hosts: Sequence[str], rows: Iterable[Mapping[str, t.Any]]) -> list[str]:
    """A line per host: whether it is as enable would make it. A host without a row was unreachable."""
    by_host = {row['host']: row for row in rows}
    return _text.table(HEADER, [_cells(host, by_host.get(host)) for host in hosts], LIMITS)


class FilterModule:
    """The filter of the playbook status."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {'_status_table': status_table}
