# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kill a process by each syscall that sends a signal; print which was killed by which, as JSON."""

import ctypes
import json
import os
import platform
import signal
import struct
import subprocess
import sys
import time

NUMBERS = {
    "x86_64": {"kill": 62, "tkill": 200, "tgkill": 234, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297},
    "i386": {"kill": 37, "tkill": 238, "tgkill": 270, "rt_sigqueueinfo": 178, "rt_tgsigqueueinfo": 335},
    "aarch64": {"kill": 129, "tkill": 130, "tgkill": 131, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240},
}
PIDFD_SEND_SIGNAL, PIDFD_OPEN = 424, 434  # the same everywhere
SI_QUEUE = -1

libc = ctypes.CDLL(None, use_errno=True)


def syscall(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def send(numbers, name, pid, number):
    info = ctypes.create_string_buffer(struct.pack("iii", number, 0, SI_QUEUE), 128)
    if name == "pidfd_send_signal":
        pidfd = libc.syscall(PIDFD_OPEN, pid, 0)
        if pidfd < 0:
            raise OSError(ctypes.get_errno(), "pidfd_open")
        syscall(PIDFD_SEND_SIGNAL, pidfd, number, None, 0)
    elif name == "tgkill":
        syscall(numbers[name], pid, pid, number)
    elif name == "rt_tgsigqueueinfo":
        syscall(numbers[name], pid, pid, number, info)
    elif name == "rt_sigqueueinfo":
        syscall(numbers[name], pid, number, info)
    else:
        syscall(numbers[name], pid, number)


def name_of(pid):
    with open('/proc/' + str(pid) + '/comm') as stream:
        return stream.read().strip()


def start_victim():
    victim = subprocess.Popen(['sleep', '600'])
    # Popen may return before the program is the one that is asked for.
    while name_of(victim.pid) != 'sleep':
        time.sleep(0.01)
    return victim


def main():
    machine = platform.machine()
    numbers = NUMBERS["i386" if machine.startswith("i") and machine.endswith("86") else machine]
    killed = {}
    for name in list(numbers) + ["pidfd_send_signal"]:
        victim = start_victim()
        send(numbers, name, victim.pid, signal.SIGKILL)
        if victim.wait() != -signal.SIGKILL:
            sys.exit(name + " did not kill")
        killed[name] = str(victim.pid)
    print(json.dumps({"sender": str(os.getpid()), "killed": killed}))


if __name__ == "__main__":
    main()
