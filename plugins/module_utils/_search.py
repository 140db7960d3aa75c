# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A search from its options to its result. This file is private to the collection."""

import time
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import (
    _aggregate,
    _ausearch,
    _collect,
    _cursor,
    _ecs,
    _event,
    _fields,
    _local,
    _logs,
    _ndjson,
    _output,
    _parallel,
    _select,
    _stream,
    _time,
)

Params = t.Dict[str, t.Any]
_Show = t.Callable[[_event.Event], t.Dict[str, t.Any]]


class OptionError(Exception):
    """An option whose value cannot be; the text begins with the option's name."""


def _point_in_time(params, name):  # type: (Params, str) -> t.Optional[int]
    if params[name] is None:
        return None
    try:
        return _time.parse(params[name], time.time(), _local.boot_time(), end=name == 'end')
    except ValueError as error:
        raise OptionError('%s: %s' % (name, error)) from error


def _checked_fields(params, name):  # type: (Params, str) -> t.List[str]
    try:
        return [_fields.check(path) for path in params[name]]
    except ValueError as error:
        raise OptionError('%s: %s' % (name, error)) from error


def _check(params):  # type: (Params) -> None
    for name, least in (('limit', 0), ('timeout', 1), ('eoe_timeout', 1)):
        if params[name] is not None and params[name] < least:
            raise OptionError('%s: %d is too small: give %d or more' % (name, params[name], least))
    if params['cursor'] and params['order'] == 'newest':
        raise OptionError('order: newest cannot be had with cursor, which gives the oldest events first so that none is lost: give oldest')
    if params['schema'] == 'ecs' and (params['fields'] or params['records']):
        raise OptionError('schema: ecs is a whole document: leave out fields and records')


def _shower(params):  # type: (Params) -> _Show
    """How an event is shown."""
    if params['schema'] == 'ecs':
        return lambda event: _ecs.convert(event.as_dict())
    fields = _checked_fields(params, 'fields')
    if fields:
        project = _fields.projection(fields)
        if not params['records']:
            return project
        return lambda event: dict(project(event), records=event.described_records())
    return lambda event: event.as_dict(records=params['records'])


def _lines(params, decoder, show):  # type: (Params, _event.Decoder, _Show) -> t.Callable[[_event.Event], str]
    """How an event becomes a line of JSON: quickly where it is whole."""
    if params['schema'] == 'ecs' or params['fields'] or params['records']:
        return lambda event: _ndjson.dumps(show(event))
    return _ndjson.Writer(decoder).line


def _iso(moment):  # type: (t.Optional[int]) -> t.Optional[str]
    return None if moment is None else _event.iso(moment)


class Run:
    """One search. ``warnings`` and ``changed`` are there after run()."""

    def __init__(self, params, tool, check_mode=False):  # type: (Params, _ausearch.Tool, bool) -> None
        _check(params)
        self.warnings = []  # type: t.List[str]
        self.changed = False
        self._params = params
        self._tool = tool
        self._check_mode = check_mode
        self._decoder = _event.Decoder() if params['input_file'] else _event.Decoder(_local.name_of)
        self._show = _shower(params)
        self._paths = _checked_fields(params, 'aggregate_by')
        self._malformed = _stream.Malformed()
        self._start, self._end = _point_in_time(params, 'start'), _point_in_time(params, 'end')
        wanted = {name: params[name] for name in _select.OPTIONS if params[name]}
        try:
            self._plan = _select.plan(wanted, params['word'], tool.options)
        except ValueError as error:
            raise OptionError(str(error)) from error
        self._cursor = _cursor.Cursor(params['cursor']) if params['cursor'] else None
        window = _select.window(self._start, self._end)
        self._tests = self._plan.tests + ([window] if window else []) + ([self._cursor.is_new] if self._cursor else [])

    def run(self):  # type: () -> t.Dict[str, t.Any]
        """The module's result. Raises LogError, AusearchError, OutputError and CursorError."""
        params = self._params
        arguments = list(self._plan.arguments)
        if params['eoe_timeout'] and '--eoe-timeout' in self._tool.options:
            arguments += ['--eoe-timeout', str(params['eoe_timeout'])]
        with _logs.open_given(params['input_file']) if params['input_file'] else _logs.open_configured() as logs:
            self._look_around(logs)
            search = _ausearch.Search(self._tool, logs, arguments, self._from(), self._end, params['timeout'])
            result = self._sort_out(search)
            result['timed_out'] = search.timed_out
            result['log_begins'] = _iso(logs.begins())
        result['start'] = _iso(self._start)
        if self._cursor and not self._check_mode:
            self._cursor.save(not result['truncated'] and not search.timed_out)
        result['malformed'] = self._malformed.as_dict()
        result['tested'] = self._plan.tested
        return result

    def _from(self):  # type: () -> t.Optional[int]
        since = self._cursor.start() if self._cursor else None
        return self._start if since is None else since if self._start is None else max(since, self._start)

    def _look_around(self, logs):  # type: (_logs.Logs) -> None
        """Warn of what makes an answer less than complete."""
        if not self._params['input_file'] and not _local.auditd_runs():
            self.warnings.append('auditd does not run here: what has happened since it stopped is not in its log')
        if self._cursor and self._cursor.damaged:
            self.warnings.append('cursor: %s is damaged, and so is its copy: the search begins anew and can repeat events' % self._params['cursor'])
        begins = logs.begins()
        if self._cursor and self._cursor.until is not None and begins is not None and begins > self._cursor.until:
            self.warnings.append(
                'cursor: the log begins at %s, after the last search, which was up to %s: what was between is gone'
                % (_event.iso(begins), _event.iso(self._cursor.until))
            )

    def _filtered(self, chunks, malformed):  # type: (t.Iterable[bytes], _stream.Malformed) -> t.Iterator[_event.Event]
        found = _stream.sorted_events(chunks, self._decoder, malformed)
        tests = self._tests
        return (event for event in found if all(test(event) for test in tests)) if tests else found

    def _shared(self, search, output):  # type: (_ausearch.Search, t.Optional[_output.Output]) -> t.Tuple[int, t.Optional[_aggregate.Aggregator]]
        """Write and count with two processes; the number of events, and what was counted."""
        line = _lines(self._params, self._decoder, self._show) if output else None
        aggregator = _aggregate.Aggregator(self._paths) if self._paths else None
        malformed = _stream.Malformed()

        def work(piece):  # type: (bytes) -> t.Tuple[int, t.List[str]]
            count, written = 0, []
            for event in self._filtered([piece], malformed):
                count += 1
                if line:
                    written.append(line(event))
                if aggregator:
                    aggregator.add(event)
            return count, ['\n'.join(written)] if written else []

        def summary():  # type: () -> t.Tuple[t.List[t.Any], int, int, t.List[str]]
            groups, other = (aggregator.groups(), aggregator.other) if aggregator else ([], 0)
            return groups, other, malformed.count, malformed.first

        total = 0
        summaries = []
        for result in _parallel.run(search.chunks(self._malformed), work, summary):
            if len(result) == 4:
                summaries.append(result)
                continue
            total += result[0]
            for text in result[1]:
                if output:
                    output.write(text)
        for number, (groups, other, count, first) in enumerate(summaries):
            self._malformed.merge(count, first)
            if aggregator and number:
                aggregator.merge(groups, other)
        return total, aggregator

    def _events(self, search):  # type: (_ausearch.Search) -> t.Iterator[_event.Event]
        return self._filtered(search.chunks(self._malformed), self._malformed)

    def _sort_out(self, search):  # type: (_ausearch.Search) -> t.Dict[str, t.Any]
        """Write, count or keep the events, as asked for."""
        params = self._params
        if params['dest']:
            return self._write(search)
        if self._paths:
            return self._counted(*self._each(search, None))
        collector = _collect.Collector(params['limit'], params['order'] == 'newest')
        for event in self._events(search):
            collector.add(event)
        kept = collector.events()
        self._give(kept)
        return {'events': [self._show(event) for event in kept], 'count': collector.count, 'truncated': collector.truncated, 'aggregates': []}

    def _give(self, events):  # type: (t.Iterable[_event.Event]) -> None
        if self._cursor:
            for event in events:
                self._cursor.give(event)

    def _each(self, search, output):  # type: (_ausearch.Search, t.Optional[_output.Output]) -> t.Tuple[int, t.Optional[_aggregate.Aggregator]]
        """Write and count all events. A cursor has to see each of them, in one process; without one there are two."""
        if not self._cursor:
            return self._shared(search, output)
        line = _lines(self._params, self._decoder, self._show)
        aggregator = _aggregate.Aggregator(self._paths) if self._paths else None
        count = 0
        for event in self._events(search):
            count += 1
            self._cursor.give(event)
            if output:
                output.write(line(event))
            if aggregator:
                aggregator.add(event)
        return count, aggregator

    def _write(self, search):  # type: (_ausearch.Search) -> t.Dict[str, t.Any]
        """All events to the file; and counted, when that is asked for too."""
        output = _output.Output(self._params['dest'])
        try:
            result = self._counted(*self._each(search, output))
            output.finish(keep=not self._check_mode)
        finally:
            output.discard()
        self.changed = output.changed
        return dict(result, dest=self._params['dest'])

    def _counted(self, count, aggregator):  # type: (int, t.Optional[_aggregate.Aggregator]) -> t.Dict[str, t.Any]
        if aggregator and aggregator.other:
            self.warnings.append(
                'aggregate_by: more than %d groups: %d more events (or their targets) are in none of them; ask for fewer fields'
                % (_aggregate.MAX_GROUPS, aggregator.other)
            )
        rows = aggregator.rows(self._params['limit']) if aggregator else []
        return {'events': [], 'count': count, 'truncated': False, 'aggregates': rows}
