# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write an ENRICHED audit log of any size: ``make_log.py FILE [EVENTS]``.

70 % of the events carry the key ``most``, 1 % the key ``few``, the rest the key ``other``. 80 % are signals (1 in 50 to
three targets), 12 % are commands that were started (SYSCALL, EXECVE, CWD, two PATHs, PROCTITLE), 8 % are files that were
opened (SYSCALL, CWD, PATH, PROCTITLE). 400 login sessions, 60 programs and ever-changing process ids and addresses.
"""

import random
import sys

USERS = [(0, 'root'), (33, 'www-data'), (110, 'postgres'), *((1000 + n, f'user{n}') for n in range(37))]
PROGRAMS = ['bash', 'systemd', 'kill', 'pkill', 'timeout', 'supervisord', 'java', 'python3.11', 'nginx', 'postgres']
PROGRAMS += [f'service-worker-{n}' for n in range(50)]
VICTIMS = ['sleep', 'java', 'nginx', 'postgres', 'python3', *(f'worker-{n}' for n in range(40))]
IDS = 'auid={auid} uid={uid} gid={uid} euid={uid} suid={uid} fsuid={uid} egid={uid} sgid={uid} fsgid={uid} tty={tty} ses={ses}'
NAMES = (
    '\x1dARCH=x86_64 SYSCALL={call} AUID="{aname}" UID="{name}" GID="{name}" EUID="{name}" SUID="{name}" FSUID="{name}" EGID="{name}" '
    'SGID="{name}" FSGID="{name}"'
)
CALLS = {'kill': 62, 'tgkill': 234, 'rt_sigqueueinfo': 129, 'execve': 59, 'openat': 257}


def hexadecimal(*words: str) -> str:
    return '\0'.join(words).encode().hex().upper()


class Writer:
    """Makes up events, the same ones for the same seed."""

    def __init__(self, events: int) -> None:
        self.random = random.Random(20261123)
        self.clock = 1795430000000 * 1.0
        self.step = 86400000 / events
        self.serial = 1000
        pick = self.random.choice
        self.sessions = []
        for session in range(400):
            (auid, aname), (uid, name) = pick(USERS[3:]), pick(USERS)
            self.sessions.append({'auid': auid, 'aname': aname, 'uid': uid, 'name': name, 'ses': session + 1, 'tty': pick(['(none)', f'pts{session % 9}'])})

    def begin(self, call: str, args: str, items: int) -> None:
        self.clock += self.random.expovariate(1) * self.step
        self.serial += 1
        chance = self.random.random()
        key = 'most' if chance < 0.7 else 'few' if chance < 0.71 else 'other'
        self.stamp = f'msg=audit({int(self.clock // 1000)}.{int(self.clock % 1000):03d}:{self.serial}): '
        self.session = self.random.choice(self.sessions)
        self.program = self.random.choice(PROGRAMS)
        self.pid = self.random.randint(300, 4194303)
        failed = self.random.random() < 0.1
        result = 'success=no exit=-1' if failed else 'success=yes exit=0' if items == 0 else f'success=yes exit={self.random.randint(3, 9)}'
        self.lines = [
            f'type=SYSCALL {self.stamp}arch=c000003e syscall={CALLS[call]} {result} {args} items={items} ppid={self.random.randint(1, 99999)} '
            f'pid={self.pid} {IDS.format(**self.session)} comm="{self.program[:15]}" exe="/usr/bin/{self.program}" subj=unconfined key="{key}"'
            + NAMES.format(call=call, **self.session)
        ]

    def add(self, kind: str, body: str) -> None:
        self.lines.append(f'type={kind} {self.stamp}{body}')

    def register(self) -> str:
        return f'{self.random.randint(0x7F0000000000, 0x7FFFFFFFFFFF):x}'

    def send(self) -> None:
        number, target = self.random.choice([9, 15, 15, 1, 10]), self.random.randint(300, 4194303)
        call = self.random.choice(['kill', 'kill', 'kill', 'tgkill', 'rt_sigqueueinfo'])
        args = f'a0={target:x} a1={target:x} a2={number:x}' if call == 'tgkill' else f'a0={target:x} a1={number:x} a2=0'
        self.begin(call, f'{args} a3={self.register()}', 0)
        for _target in range(3 if self.random.random() < 0.02 else 1):
            victim = self.random.choice(self.sessions)
            self.add(
                'OBJ_PID',
                f'opid={target} oauid={victim["auid"]} ouid={victim["uid"]} oses={victim["ses"]} obj=unconfined ocomm="{self.random.choice(VICTIMS)}"'
                f'\x1dOAUID="{victim["aname"]}" OUID="{victim["name"]}"',
            )
        self.add('PROCTITLE', 'proctitle=' + hexadecimal(self.program, '-c', f'kill -{number} {target}'))

    def path(self, item: int, name: str, kind: str = 'NORMAL') -> None:
        self.add(
            'PATH',
            f'item={item} name="{name}" inode={self.random.randint(2, 9999999)} dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype={kind} '
            'cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0\x1dOUID="root" OGID="root"',
        )

    def execute(self) -> None:
        self.begin('execve', f'a0={self.register()} a1={self.register()} a2={self.register()} a3=8', 2)
        words = [self.program, '--config', f'/etc/{self.program}/config-{self.random.randint(1, 500)}.yml', 'with blanks inside']
        self.add('EXECVE', f'argc=4 a0="{words[0]}" a1="{words[1]}" a2="{words[2]}" a3={hexadecimal(words[3])}')
        self.add('CWD', 'cwd="/srv/app"')
        self.path(0, f'/usr/bin/{self.program}')
        self.path(1, '/lib64/ld-linux-x86-64.so.2')
        self.add('PROCTITLE', 'proctitle=' + hexadecimal(*words))

    def open(self) -> None:
        self.begin('openat', f'a0=ffffff9c a1={self.register()} a2=241 a3=1b6', 1)
        self.add('CWD', 'cwd="/srv/app"')
        self.path(0, f'/var/lib/app/data-{self.random.randint(1, 5000)}.db', 'CREATE')
        self.add('PROCTITLE', 'proctitle=' + hexadecimal(self.program, '--serve'))

    def event(self) -> str:
        self.random.choices([self.send, self.execute, self.open], [80, 12, 8])[0]()
        return '\n'.join(self.lines) + '\n'


def write(path: str, events: int) -> None:
    writer = Writer(events)
    with open(path, 'w', encoding='ascii') as log:
        for _event in range(events):
            log.write(writer.event())


if __name__ == '__main__':
    write(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 600000)
