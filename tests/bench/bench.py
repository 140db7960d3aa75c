# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the module ausearch against plain ausearch and python3-audit: ``bench.py [--events 600000] [--rounds 3] [--python PYTHON]``.

Needs ansible-core in the Python that runs this, the collection below …/ansible_collections/linux_audit/fleet on PYTHONPATH, ausearch, and
/usr/bin/python3 with python3-audit. All ways are measured in turn, several rounds, and their medians are compared: what else the
machine does hits all of them. Ends with status 1 when a goal is missed.
"""

import argparse
import collections
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import make_log

HERE = pathlib.Path(__file__).parent
MEMORY_GOAL = 64 * 1024  # KiB
RUN_MODULE = 'import runpy; runpy.run_module("ansible_collections.linux_audit.fleet.plugins.modules.ausearch", run_name="__main__")'


def peak_memory(pid: int) -> int:
    """VmHWM of a living process in KiB."""
    try:
        status = pathlib.Path(f'/proc/{pid}/status').read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith('VmHWM')), 0)


def run(command: list[str], given: str | None = None, output: pathlib.Path | None = None) -> tuple[float, int]:
    """Seconds, and the peak memory of the process itself without its children."""
    with open(output or '/dev/null', 'wb') as out:
        began = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.PIPE if given else subprocess.DEVNULL, stdout=out)
        if given and process.stdin:
            process.stdin.write(given.encode())
            process.stdin.close()
        memory = 0
        while process.poll() is None:
            memory = max(memory, peak_memory(process.pid))
            time.sleep(0.01)
    if process.returncode:
        sys.exit(f'{command[0]} ended with status {process.returncode}')
    return time.monotonic() - began, memory


def module(python: str, result: pathlib.Path, **arguments: object) -> tuple[float, int]:
    given = json.dumps({'ANSIBLE_MODULE_ARGS': arguments})
    return run([python, '-c', RUN_MODULE], given, result)


def measure(log: pathlib.Path, folder: pathlib.Path, python: str, rounds: int) -> tuple[dict[str, float], dict[str, int]]:
    """Median seconds and greatest memory of each way."""
    result, lines = folder / 'result.json', str(folder / 'events.ndjson')
    ways = {
        'ausearch, 1 %': lambda: run(['ausearch', '--raw', '-k', 'few', '-if', str(log)]),
        'module, 1 %': lambda: module(python, result, keys=['few'], input_file=[str(log)]),
        'ausearch, 70 %': lambda: run(['ausearch', '--raw', '-k', 'most', '-if', str(log)]),
        'module, 70 % counted': lambda: module(
            python, result, keys=['most'], input_file=[str(log)], aggregate_by=['process.exe', 'signal.name', 'targets.comm']
        ),
        'module, 70 % to NDJSON': lambda: module(python, result, keys=['most'], input_file=[str(log)], dest=lines),
        'python3-audit, 70 % to JSON': lambda: run(['/usr/bin/python3', str(HERE / 'to_json_by_auparse.py'), str(log), 'most', lines]),
    }
    seconds = collections.defaultdict(list)
    memory: dict[str, int] = collections.defaultdict(int)
    for _round in range(rounds):
        for name, way in ways.items():
            took, peak = way()
            seconds[name].append(took)
            memory[name] = max(memory[name], peak)
            if name.startswith('module') and json.loads(result.read_text()).get('failed'):
                sys.exit(f'{name}: {result.read_text()}')
    return {name: statistics.median(took) for name, took in seconds.items()}, memory


def report(seconds: dict[str, float], memory: dict[str, int]) -> bool:
    """Print what was measured; whether all goals were reached."""
    for name, took in seconds.items():
        print(f'{name:30} {took:7.2f} s {memory[name] / 1024:8.1f} MiB')
    ratios = [
        ('1 % matching: module / ausearch', seconds['module, 1 %'] / seconds['ausearch, 1 %'], 1.5),
        ('70 % counted: module / ausearch', seconds['module, 70 % counted'] / seconds['ausearch, 70 %'], 3.5),
        ('70 % to NDJSON: module / python3-audit', seconds['module, 70 % to NDJSON'] / seconds['python3-audit, 70 % to JSON'], 0.5),
    ]
    good = True
    for name, ratio, goal in ratios:
        good = good and ratio <= goal
        print(f'{name:40} {ratio:5.2f}  goal {goal:4.2f}  {"reached" if ratio <= goal else "MISSED"}')
    peak = max(used for name, used in memory.items() if name.startswith('module'))
    print(f'{"peak memory of the module":40} {peak / 1024:5.1f} MiB  goal {MEMORY_GOAL / 1024:.0f}  {"reached" if peak <= MEMORY_GOAL else "MISSED"}')
    return good and peak <= MEMORY_GOAL


def main() -> int:
    """Make the log, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--events', type=int, default=600000)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--python', default=sys.executable, help='the Python that runs the module')
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='ausearch_bench.') as name:
        folder = pathlib.Path(name)
        log = folder / 'audit.log'
        make_log.write(str(log), options.events)
        print(f'{options.events} events, {log.stat().st_size / 1e6:.0f} MB, {options.rounds} rounds')
        return 0 if report(*measure(log, folder, options.python, options.rounds)) else 1


if __name__ == '__main__':
    sys.exit(main())
