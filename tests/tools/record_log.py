# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record what this machine's kernel says about a workload: ``record_log.py --rule '…' --output FILE -- COMMAND…``.

Starts an auditd of its own (own configuration, own log), loads the rules, runs the command, takes the rules away,
stops auditd and puts the kernel's settings back. Needs root and a kernel without a running auditd.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

SETTINGS = {'enabled': '-e', 'backlog_limit': '-b', 'backlog_wait_time': '--backlog_wait_time'}

CONFIG = """\
local_events = yes
write_logs = yes
log_file = {folder}/audit.log
log_group = root
log_format = {log_format}
flush = NONE
max_log_file = 900
num_logs = 2
max_log_file_action = IGNORE
space_left = 10
space_left_action = IGNORE
admin_space_left = 5
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
name_format = {name_format}
{name}
plugin_dir = {folder}/plugins.d
"""


def status() -> dict[str, int]:
    """What ``auditctl -s`` says, numbers only."""
    text = subprocess.run(['auditctl', '-s'], capture_output=True, text=True, check=True).stdout
    return {name: int(value) for name, value in re.findall(r'^(\w+) (\d+)', text, re.MULTILINE)}


def wait_until_quiet(log: pathlib.Path) -> None:
    """Until nothing has been written for half a second."""
    size = -1
    while size != log.stat().st_size:
        size = log.stat().st_size
        time.sleep(0.5)


def record(options: argparse.Namespace, folder: pathlib.Path) -> int:
    """Run the workload under the rules; returns the command's exit status."""
    (folder / 'plugins.d').mkdir()
    log = folder / 'audit.log'
    (folder / 'auditd.conf').write_text(
        CONFIG.format(
            folder=folder,
            log_format=options.format,
            name_format='USER' if options.node else 'NONE',
            name=f'name = {options.node}' if options.node else '',
        )
    )
    before = status()
    if before['pid']:
        sys.exit('an auditd is running: stop it first')
    auditd = subprocess.Popen(['auditd', '-n', '-s', 'enable', '-c', str(folder)], stdin=subprocess.DEVNULL)
    loaded: list[str] = []
    try:
        while not log.exists() or status()['pid'] != auditd.pid:
            time.sleep(0.05)
        subprocess.run(['auditctl', '-b', '8192'], check=True, stdout=subprocess.DEVNULL)
        for rule in options.rule:
            subprocess.run(['auditctl', *rule.split()], check=True)
            loaded.append(rule)
        code = subprocess.run(options.command, check=False).returncode
        wait_until_quiet(log)
    finally:
        for rule in loaded:
            subprocess.run(['auditctl', *rule.replace('-a', '-d', 1).replace('-w', '-W', 1).split()], check=True)
        for name, option in SETTINGS.items():
            subprocess.run(['auditctl', option, str(before[name])], check=True, stdout=subprocess.DEVNULL)
        auditd.terminate()
        auditd.wait(10)
    shutil.copyfile(log, options.output)
    return code


def main() -> int:
    """Parse the command line and record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--rule', action='append', default=[], help="one rule as auditctl's arguments; repeat")
    parser.add_argument('--output', required=True)
    parser.add_argument('--format', choices=['ENRICHED', 'RAW'], default='ENRICHED')
    parser.add_argument('--node', help='write node=NAME before each record')
    parser.add_argument('command', nargs='+')
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='record_log.') as name:
        return record(options, pathlib.Path(name))


if __name__ == '__main__':
    sys.exit(main())
