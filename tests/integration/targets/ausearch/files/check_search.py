# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Searches with the real ausearch on real files: each function below is one case; ``check_search.py ANSIBLE_COLLECTIONS_ROOT [CASE…]``."""

import contextlib
import gzip
import json
import os
import pathlib
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, sys.argv[1])

from ansible_collections.linux_audit.fleet.plugins.module_utils import _ausearch, _cursor, _logs, _search, _select

AUSEARCH = shutil.which('ausearch') or '/sbin/ausearch'
NOW = int(time.time())


def line(serial, moment=None, key='k', kind='USER_CMD', comm='bash', node=''):
    """A SYSCALL or program's record; a second of its own for each serial unless told."""
    moment = NOW - 100000 + serial if moment is None else moment
    prefix = f'node={node} ' if node else ''
    head = f'{prefix}type={kind} msg=audit({moment:.3f}:{serial}): '
    if kind == 'SYSCALL':
        return head + (
            f'arch=c000003e syscall=62 success=yes exit=0 a0=7b a1=9 a2=0 a3=0 items=0 ppid=1 pid={serial} auid=1000 uid=0 gid=0 euid=0 suid=0 '
            f'fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=4 comm="{comm}" exe="/usr/bin/{comm}" key="{key}"\n'
        )
    return head + f"pid={serial} uid=0 auid=1000 ses=4 msg='op=x exe=\"/usr/bin/sudo\" hostname=? addr=? terminal=pts0 res=success'\n"


def lines(first, last, **more):
    return ''.join(line(serial, **more) for serial in range(first, last + 1))


def params(**given):
    """The module's defaults and what is given."""
    result = {name: [] for name in _select.OPTIONS}
    result.update(start=None, end=None, word=False, eoe_timeout=None, input_file=[], cursor=None, limit=1000000, order='oldest', aggregate_by=[])
    result.update(fields=['serial'], records=False, schema='audit', dest=None, timeout=None)
    result.update(given)
    return result


def search(tool=None, **given):
    run = _search.Run(params(**given), tool or _ausearch.Tool(AUSEARCH))
    result = run.run()
    result['warnings'] = run.warnings
    return result


def serials(result):
    return [event['serial'] for event in result['events']]


def fails(error, text, **given):
    try:
        search(**given)
    except error as raised:
        if text not in str(raised):
            raise
    else:
        raise AssertionError(f'no error: {given}')


@contextlib.contextmanager
def configured(log):
    """As if auditd.conf named this log."""
    before = _logs.configured_log
    _logs.configured_log = lambda: str(log)
    try:
        yield
    finally:
        _logs.configured_log = before


def case_directory_of_rotated_logs(folder):
    (folder / 'audit.log.10').write_text(lines(1, 10))
    (folder / 'audit.log.2').write_text(lines(11, 20))
    (folder / 'audit.log').write_text(lines(21, 30))
    assert serials(search(input_file=[str(folder)])) == list(range(1, 31))
    several = [str(folder / 'audit.log'), str(folder / 'audit.log.10')]
    assert serials(search(input_file=several)) == [*range(1, 11), *range(21, 31)]
    with configured(folder / 'audit.log'):
        assert serials(search()) == list(range(1, 31))


def case_event_over_two_files(folder):
    (folder / 'audit.log.1').write_text(lines(1, 2) + line(3, NOW - 50, kind='SYSCALL'))
    (folder / 'audit.log').write_text('type=PROCTITLE msg=audit(%.3f:3): proctitle="x"\n' % (NOW - 50) + line(4, NOW))
    (event,) = [event for event in search(input_file=[str(folder)], fields=['serial', 'types'])['events'] if event['serial'] == 3]
    assert event['types'] == ['SYSCALL', 'PROCTITLE']


def case_rotation_during_a_search(folder):
    log = folder / 'audit.log'
    (folder / 'audit.log.2').write_text(lines(1, 20000))
    (folder / 'audit.log.1').write_text(lines(20001, 40000))
    log.write_text(lines(40001, 60000))
    chunks = _ausearch.Search.chunks

    def rotating(self, malformed):
        for number, chunk in enumerate(chunks(self, malformed)):
            if number == 1:
                os.unlink(str(log) + '.2')
                os.rename(str(log) + '.1', str(log) + '.2')
                os.rename(str(log), str(log) + '.1')
                log.write_text(lines(60001, 60010))
            yield chunk

    _ausearch.Search.chunks = rotating
    try:
        with configured(log):
            assert serials(search()) == list(range(1, 60001))
    finally:
        _ausearch.Search.chunks = chunks
    with configured(log):
        assert serials(search()) == list(range(20001, 60011))


def case_no_logs_at_all(folder):
    with configured(folder / 'nowhere' / 'audit.log'):
        fails(_logs.LogError, 'There is no audit log: ')
    with configured(folder / 'audit.log'):
        fails(_logs.LogError, f'There is no audit log: {folder}/audit.log does not exist')
    fails(_logs.LogError, 'holds no audit.log', input_file=[str(folder)])
    fails(_logs.LogError, 'No such file or directory', input_file=[str(folder / 'x.log')])
    fails(_logs.LogError, 'is no regular file', input_file=['/dev/null'])
    (folder / 'x.gz').write_bytes(gzip.compress(b'x'))
    fails(_logs.LogError, 'is compressed', input_file=[str(folder / 'x.gz')])
    (folder / 'empty.log').write_text('')
    assert search(input_file=[str(folder / 'empty.log')])['count'] == 0


def case_unreadable_log(folder):
    log = folder / 'audit.log'
    log.write_text(lines(1, 2))
    log.chmod(0)
    folder.chmod(0o755)
    child = os.fork()
    if child == 0:
        os.setgid(65534)
        os.setuid(65534)
        try:
            fails(_logs.LogError, f'{log} cannot be read: Permission denied', input_file=[str(log)])
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0


def case_auditd_stopped(folder):
    (folder / 'audit.log').write_text(lines(1, 2))
    before = _search._local.auditd_runs
    _search._local.auditd_runs = lambda: False
    try:
        with configured(folder / 'audit.log'):
            result = search()
    finally:
        _search._local.auditd_runs = before
    assert serials(result) == [1, 2]
    assert result['warnings'] == ['auditd does not run here: what has happened since it stopped is not in its log']


def case_order_and_limit(folder):
    log = folder / 'audit.log'
    log.write_text(lines(1, 50) + lines(61, 70) + lines(51, 60))
    newest = search(input_file=[str(log)], order='newest', limit=3)
    assert (serials(newest), newest['count'], newest['truncated']) == ([70, 69, 68], 70, True)
    oldest = search(input_file=[str(log)], limit=65)
    assert (serials(oldest), oldest['count'], oldest['truncated']) == (list(range(1, 66)), 70, True)
    assert search(input_file=[str(log)], limit=0)['count'] == 70


def case_windows_have_milliseconds(folder):
    log = folder / 'audit.log'
    log.write_text(''.join(line(number, NOW - 1000 + number / 10) for number in range(1, 40)))
    result = search(input_file=[str(log)], start='%.3f' % (NOW - 999.5), end='%.3f' % (NOW - 998.7))
    assert serials(result) == list(range(5, 14))
    result = search(input_file=[str(log)], start=str(NOW - 999), end=str(NOW - 999))
    assert serials(result) == list(range(10, 20))


def case_keys_are_whole(folder):
    log = folder / 'audit.log'
    several = line(4, kind='SYSCALL', key='@').replace('"@"', (b'other\x01signal_send').hex().upper())
    log.write_text(
        line(1, kind='SYSCALL', key='signal_send') + line(2, kind='SYSCALL', key='signal_send2') + line(3, kind='SYSCALL', key='signal_sen') + several
    )
    assert serials(search(input_file=[str(log)], keys=['signal_send'])) == [1, 4]
    assert serials(search(input_file=[str(log)], keys=['signal_send', 'signal_sen'])) == [1, 3, 4]
    assert serials(search(input_file=[str(log)], keys=['signal_send'], comms=['as'])) == [1, 4]
    assert serials(search(input_file=[str(log)], keys=['-k'])) == []


def _options():
    yield 'event_ids', ['2'], [2]
    yield 'arches', ['b64'], [1, 2, 5]
    yield 'arches', ['x86_64'], [1, 2]
    yield 'arches', ['i386'], []
    yield 'comms', ['kil'], [2]
    yield 'exes', ['/usr/bin/kill'], [2]
    yield 'exits', ['0'], [1, 2]
    yield 'exits', ['EPERM'], []
    yield 'files', ['/etc/pass'], [2]
    yield 'gids', ['0'], [1, 2]
    yield 'egids', ['0'], [1, 2]
    yield 'all_gids', ['0'], [1, 2]
    yield 'hosts', ['10.0.0.1'], [3]
    yield 'pids', ['2'], [2]
    yield 'ppids', ['1'], [1, 2]
    yield 'sessions', ['4'], [1, 2, 3]
    yield 'terminals', ['pts0'], [1, 2, 3]
    yield 'types', ['USER_CMD'], [3]
    yield 'types', ['USER_CMD', 'PATH'], [2, 3]
    yield 'uids', ['0'], [1, 2, 3]
    yield 'euids', ['0'], [1, 2]
    yield 'auids', ['1000'], [1, 2, 3]
    yield 'auids', ['unset'], [4]
    yield 'all_uids', ['1000'], [1, 2, 3]
    yield 'uuids', ['6aa7'], [4]
    yield 'vm_names', ['guest'], [4]
    yield 'subjects', ['sshd_t'], [5]
    yield 'objects', ['etc_t'], [5]
    yield 'contexts', ['etc_t'], [5]
    yield 'success', ['no'], [5]
    yield 'syscalls', ['kill'], [1, 2]
    yield 'signals', ['9'], [1, 2]
    yield 'target_pids', ['123'], [1, 2]
    yield 'target_comms', ['sleep'], [2]


def _mixed_log(folder):
    log = folder / 'audit.log'
    stamp = 'msg=audit(%.3f:%%d): ' % (NOW - 50)
    path = 'type=PATH ' + stamp % 2 + 'item=0 name="/etc/passwd" inode=1 dev=08:01 mode=0100644 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL\n'
    target = 'type=OBJ_PID ' + stamp % 2 + 'opid=123 oauid=-1 ouid=0 oses=-1 ocomm="sleep"\n'
    log.write_text(
        line(1, NOW - 50, kind='SYSCALL')
        + line(2, NOW - 50, kind='SYSCALL', comm='kill', key='x')
        + target
        + path
        + line(3, NOW - 50).replace('hostname=? addr=?', 'hostname=10.0.0.1 addr=10.0.0.1')
        + 'type=VIRT_CONTROL '
        + stamp % 4
        + 'pid=9 uid=107 auid=4294967295 ses=4294967295 msg=\'virt=kvm op=start vm="guest1" uuid=6aa7-1 vm-pid=7 exe="/usr/sbin/libvirtd" hostname=? addr=? '
        "terminal=? res=success'\n"
        + 'type=AVC '
        + stamp % 5
        + 'avc:  denied  { read } for  pid=77 comm="sshd" name="shadow" dev="dm-0" ino=3 scontext=system_u:system_r:sshd_t:s0 '
        'tcontext=system_u:object_r:etc_t:s0 tclass=file permissive=0\n'
        + line(5, NOW - 50, kind='SYSCALL', comm='sshd', key='y')
        .replace('success=yes exit=0', 'success=no exit=-13')
        .replace('syscall=62', 'syscall=2')
        .replace('pid=5', 'pid=77')
        .replace('arch=c000003e', 'arch=c00000b7')
        .replace('ppid=1 ', 'ppid=3 ')
        .replace('auid=1000 uid=0 gid=0 euid=0', 'auid=5 uid=6 gid=7 euid=8')
        .replace('egid=0', 'egid=9')
        .replace('tty=pts0 ses=4', 'tty=pts1 ses=9')
    )
    return log


def case_every_option_by_ausearch_and_by_us(folder):
    log = _mixed_log(folder)
    tool = _ausearch.Tool(AUSEARCH)
    for name, values, found in _options():
        by_ausearch = search(tool, input_file=[str(log)], **{name: values})
        assert serials(by_ausearch) == found, (name, values, serials(by_ausearch))
        run = _search.Run(params(input_file=[str(log)], **{name: values}), tool)
        run._plan = _select.plan({name: values}, False, ())
        run._tests = run._plan.tests
        assert serials(run.run()) == found, (name, values, 'tested here')


def case_values_are_checked(folder):
    (folder / 'audit.log').write_text(lines(1, 1))
    for name, value, text in (
        ('types', 'FOO', 'types: FOO is no record type'),
        ('signals', 'RTMIN', 'signals: RTMIN is not a signal'),
        ('syscalls', 'kil', 'syscalls: kil is no system call'),
        ('pids', '-1', 'pids: -1 is no number'),
        ('arches', 'vax', 'arches: vax is no architecture'),
        ('exits', 'EFOO', 'exits: EFOO is no exit code'),
        ('uids', 'a b', 'uids: a b is no user or group'),
        ('aggregate_by', 'process.name', 'aggregate_by: process.name is no field'),
        ('fields', 'proces', 'fields: proces is no field'),
    ):
        fails(_search.OptionError, text, input_file=[str(folder)], **{name: [value]})
    fails(_search.OptionError, 'limit: -1 is too small', limit=-1)
    fails(_search.OptionError, 'start: soon is no time', start='soon')


NOT_IN_2_3_7 = ('--input-logs', '--format', '--debug', '--eoe-timeout', '--session', '--arch', '-w', '--word', '-uu', '-vm')


def _old_ausearch(folder, version='2.3.7', refuse=NOT_IN_2_3_7):
    """A real ausearch with the options and the version of an old one: it refuses what that did not know."""
    old = folder / 'ausearch'
    cases = '|'.join(refuse)
    old.write_text(
        '#!/bin/bash\n'
        'for word; do case "$word" in {refused}) echo "$word is an unsupported option" >&2; exit 1;; esac; done\n'
        'if [ "$1" = --version ]; then echo "ausearch version {version}"; exit; fi\n'
        'if [ "$1" = --help ]; then {real} --help | grep -Ev -e "{hidden}"; exit; fi\n'
        'while [ $# -gt 0 ]; do [ "$1" != -if ] || [ ! -d "$2" ] || {{ echo "no directories" >&2; exit 1; }}; args+=("$1"); shift; done\n'
        'exec {real} "${{args[@]}}"\n'.format(refused=cases, version=version, real=AUSEARCH, hidden='({})([[:space:],]|$)'.format(cases))
    )
    old.chmod(0o755)
    return _ausearch.Tool(str(old))


def case_old_versions(folder):
    tool = _old_ausearch(folder)
    assert '--session' not in tool.options
    assert tool.version == (2, 3)
    (folder / 'log').mkdir()
    _mixed_log(folder / 'log')
    for name, values, found in _options():
        result = search(tool, input_file=[str(folder / 'log')], **{name: values})
        assert serials(result) == found, (name, values, serials(result))
    assert search(tool, input_file=[str(folder / 'log')], sessions=['4'])['tested'] == ['sessions']
    (folder / 'log' / 'audit.log.1').write_text(lines(100, 120, moment=NOW - 70))
    assert len(serials(search(tool, input_file=[str(folder / 'log')]))) == 26


def case_malformed_lines(folder):
    log = folder / 'audit.log'
    log.write_bytes(
        lines(1, 3).encode()
        + b'type=SYSCALL msg=audit(16523210---): arch=c000003e\n\x00\xff garbage\ntype=SYSCALL msg=audit(%d.000:9): arch=c000003e sysc\n' % (NOW - 5)
        + lines(4, 5).encode()
        + line(6).encode()[:60]
    )
    result = search(input_file=[str(log)])
    assert set(range(1, 6)) <= set(serials(result)), result


def case_dest(folder):
    log = folder / 'audit.log'
    log.write_text(''.join(line(serial, kind='SYSCALL') for serial in range(100000)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, read in (
        ('e.ndjson', lambda path: path.read_bytes()),
        ('e.ndjson.gz', lambda path: gzip.decompress(path.read_bytes())),
        ('e.ndjson.zst', lambda path: subprocess.run(['zstd', '-dcq', str(path)], stdout=subprocess.PIPE, check=True).stdout),
    ):
        if name.endswith('.zst') and not shutil.which('zstd'):
            fails(_search._output.OutputError, 'needs the command zstd', input_file=[str(log)], dest=str(folder / name))
            continue
        run = _search.Run(params(input_file=[str(log)], dest=str(folder / name), fields=[]), _ausearch.Tool(AUSEARCH))
        result = run.run()
        assert (result['count'], result['events'], run.changed) == (100000, [], True)
        text = read(folder / name)
        assert text.count(b'\n') == 100000
        assert json.loads(text[: text.index(b'\n')])['serial'] == 0
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
        again = _search.Run(params(input_file=[str(log)], dest=str(folder / name), fields=[]), _ausearch.Tool(AUSEARCH))
        again.run()
        assert again.changed is False
        del text
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400000
    fails(_search._output.OutputError, 'cannot be written', input_file=[str(log)], dest=str(folder / 'no' / 'x'))


def case_timeout(folder):
    slow = folder / 'ausearch'
    slow.write_text(
        f'#!/bin/sh\ncase "$1" in --version|--help) exec {AUSEARCH} "$1";; esac\n{AUSEARCH} "$@"\nexec sleep 60\n'
    )
    slow.chmod(0o755)
    (folder / 'audit.log').write_text(lines(1, 5))
    began = time.time()
    result = search(_ausearch.Tool(str(slow)), input_file=[str(folder)], timeout=2)
    assert time.time() - began < 10
    assert result['timed_out'] is True
    assert result['count'] >= 4


def case_aggregates(folder):
    log = _mixed_log(folder)
    result = search(input_file=[str(log)], aggregate_by=['process.comm', 'targets.comm', 'user.auid.id'], syscalls=['kill'])
    assert {(row['group']['process.comm'], row['group']['targets.comm'], row['group']['user.auid.id'], row['count']) for row in result['aggregates']} == {
        ('bash', None, 1000, 1),
        ('kill', 'sleep', 1000, 1),
    }


def _cursor_run(folder, **more):
    return search(input_file=[str(folder / 'log')], cursor=str(folder / 'cursor'), **more)


def case_cursor(folder):
    (folder / 'log').mkdir()
    log = folder / 'log' / 'audit.log'
    log.write_text(lines(1, 10))
    assert serials(_cursor_run(folder)) == list(range(1, 11))
    assert serials(_cursor_run(folder)) == []
    with log.open('a') as more:
        more.write(line(11, time.time() - 20) + line(12, time.time() - 10))
    assert serials(_cursor_run(folder)) == [11, 12], 'late, but within the overlap'
    os.rename(log, str(log) + '.1')
    log.write_text(line(13, time.time() - 3.5))
    time.sleep(1)
    assert serials(_cursor_run(folder)) == [13], 'after a rotation'
    with log.open('a') as more:
        more.write(line(14, time.time()))
    assert serials(_cursor_run(folder)) == [], 'its event may not be complete yet'
    time.sleep(4.5)
    assert serials(_cursor_run(folder)) == [14]
    assert serials(_cursor_run(folder)) == []


def case_cursor_with_a_limit_loses_nothing(folder):
    (folder / 'log').mkdir()
    (folder / 'log' / 'audit.log').write_text(''.join(line(serial, NOW - 1000 + serial // 7) for serial in range(100)))
    seen = []
    for _run in range(11):
        seen += serials(_cursor_run(folder, limit=10))
    assert seen == list(range(100))


def case_cursor_damaged(folder):
    (folder / 'log').mkdir()
    (folder / 'log' / 'audit.log').write_text(lines(1, 10))
    _cursor_run(folder)
    (folder / 'cursor').write_text('{')
    result = _cursor_run(folder)
    assert (serials(result), result['warnings']) == ([], []), 'its copy helps'
    (folder / 'cursor').write_bytes(b'\xff')
    (folder / 'cursor.bak').write_text('')
    result = _cursor_run(folder)
    assert serials(result) == list(range(1, 11))
    assert 'is damaged' in result['warnings'][0]


def case_cursor_whose_log_is_gone(folder):
    (folder / 'log').mkdir()
    log = folder / 'log' / 'audit.log'
    log.write_text(lines(1, 10))
    _cursor_run(folder)
    time.sleep(1)
    log.write_text(line(50, time.time()))
    time.sleep(4)
    result = _cursor_run(folder)
    assert serials(result) == [50]
    assert 'what was between is gone' in result['warnings'][0]


def case_cursor_when_the_clock_was_set_back(folder):
    (folder / 'log').mkdir()
    log = folder / 'log' / 'audit.log'
    log.write_text(lines(1, 10))
    _cursor_run(folder)
    offset = _cursor._offset
    _cursor._offset = lambda: offset() - 3600000
    try:
        with log.open('a') as more:
            more.write(line(11, NOW - 3000) + line(12, NOW - 2000))
        assert serials(_cursor_run(folder)) == [11, 12]
        assert serials(_cursor_run(folder)) == []
    finally:
        _cursor._offset = offset


def case_cursor_that_cannot_be_kept(folder):
    (folder / 'audit.log').write_text(lines(1, 2))
    fails(_cursor.CursorError, 'cannot be written', input_file=[str(folder)], cursor=str(folder / 'no' / 'cursor'))


def main():
    wanted = sys.argv[2:]
    cases = [(name, function) for name, function in globals().items() if name.startswith('case_') and (not wanted or name in wanted)]
    for name, case in cases:
        with tempfile.TemporaryDirectory(prefix='check_search.') as folder:
            case(pathlib.Path(folder))
        print('ok', name, flush=True)
    print(len(cases), 'cases passed')


if __name__ == '__main__':
    main()
