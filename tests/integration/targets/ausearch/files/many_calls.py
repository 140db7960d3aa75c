# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes system calls of very many kinds and lets the kernel report on user space, so that many types of records are written.

``python3 many_calls.py``, x86_64, as root, under rules for the calls of ``many_calls.py --calls``. What fails may fail: that is logged too.
"""

import contextlib
import ctypes
import mmap
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

CALLS = (
    'open openat creat access faccessat chmod fchmod fchmodat chown fchown lchown fchownat mkdir mkdirat rmdir unlink '
    'unlinkat rename renameat renameat2 link linkat symlink symlinkat readlink mknod mknodat truncate ftruncate utimensat setxattr getxattr '
    'socket connect bind listen accept accept4 sendto sendmsg socketpair setsockopt pipe pipe2 dup2 mprotect '
    'kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal pidfd_open ptrace execve execveat clone fork vfork unshare setns '
    'setuid setgid setreuid setregid setresuid setresgid setfsuid setgroups capset prctl seccomp bpf io_uring_setup fanotify_init fanotify_mark openat2 '
    'mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr msgget msgctl semget semctl shmget shmctl '
    'mount umount2 chroot sethostname setrlimit sched_setscheduler personality adjtimex clock_settime init_module delete_module'
).split()

libc = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments):
    """A system call by its x86_64 number."""
    return libc.syscall(ctypes.c_long(number), *[ctypes.c_char_p(word) if isinstance(word, bytes) else ctypes.c_long(word) for word in arguments])


@contextlib.contextmanager
def anything():
    """Whatever fails here was worth a try."""
    with contextlib.suppress(OSError, AttributeError, ValueError):
        yield


def apart(function):
    """In a process of its own, because it spoils it."""
    child = os.fork()
    if child == 0:
        with anything():
            function()
        os._exit(0)
    os.waitpid(child, 0)


def files(folder):
    os.chdir(folder)
    names = ['plain', 'with blank', 'quote"', 'newline\n', 'Zoë', b'\xff\xfe', 'key=value uid=0', 'x' * 200]
    for name in names:
        os.close(os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o640))
        os.chmod(name, 0o4755)
        os.truncate(name, 3)
        os.chown(name, 0, 65534)
        os.lchown(name, 1, 1)
        os.utime(name)
        os.rename(name, 'moved')
        os.unlink('moved')
    for number, arguments in (
        (2, (b'opened', 0o1102, 0o600)),
        (85, (b'created', 0o644)),
        (21, (b'created', 4)),
        (269, (-100, b'created', 2)),
        (90, (b'created', 0o600)),
        (268, (-100, b'created', 0o640)),
        (83, (b'dir', 0o755)),
        (258, (-100, b'dir2', 0o700)),
        (84, (b'dir',)),
        (86, (b'created', b'linked')),
        (265, (-100, b'created', -100, b'linked2', 0)),
        (88, (b'created', b'soft')),
        (266, (b'created', -100, b'soft2')),
        (133, (b'node', 0o10600, 0)),
        (259, (-100, b'node2', 0o10600, 0)),
        (264, (-100, b'created', -100, b'renamed')),
        (316, (-100, b'renamed', -100, b'created', 0)),
        (87, (b'linked',)),
        (263, (-100, b'linked2', 0)),
        (188, (b'created', b'user.x', b'1', 1, 0)),
        (2, (b'/nonexistent', 0, 0)),
        (437, (-100, b'created', struct.pack('QQQ', os.O_RDONLY, 0, 0), 24)),
        (161, (b'/nonexistent',)),
        (165, (b'none', b'/nonexistent', b'tmpfs', 0, 0)),
        (166, (b'/nonexistent', 2)),
    ):
        call(number, *arguments)


def network(folder):
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
        listener.bind(folder + '/socket with blank')
        listener.listen()
        client.connect(folder + '/socket with blank')
        listener.accept()[0].close()
    with socket.socket(socket.AF_UNIX) as client, anything():
        client.connect('\0abstract\0name')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b'x', ('127.0.0.1', 9))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with socket.socket(socket.AF_INET) as client, anything():
        client.connect(('127.0.0.53', 1))
    with socket.socket(socket.AF_INET6) as client, anything():
        client.connect(('::1', 1))
    for family, kind, address in (
        (socket.AF_NETLINK, socket.SOCK_RAW, (0, 0)),
        (socket.AF_PACKET, socket.SOCK_RAW, ('lo', 3)),
        (getattr(socket, 'AF_VSOCK', 40), socket.SOCK_STREAM, (1, 99)),
    ):
        with anything(), socket.socket(family, kind) as client:
            client.bind(address)
            client.connect(address)
    for end in socket.socketpair():
        end.close()
    for end in os.pipe():
        os.close(end)


def ipc():
    queue = b'many_calls'
    descriptor = call(240, queue, os.O_RDWR | os.O_CREAT, 0o600, 0)
    call(242, descriptor, b'hello', 5, 1, 0)
    call(243, descriptor, b'x' * 8192, 8192, 0, 0)
    call(244, descriptor, 0)
    call(245, descriptor, struct.pack('q' * 8, os.O_NONBLOCK, 0, 0, 0, 0, 0, 0, 0), 0)
    call(241, queue)
    for get, control in ((68, 71), (29, 31)):
        identifier = call(get, 0, 0o1600) if get == 68 else call(get, 0, 4096, 0o1600)
        call(control, identifier, 2, b'\0' * 256)
        call(control, identifier, 1, b'\1' * 256)
        call(control, identifier, 0, 0)
    identifier = call(64, 0, 1, 0o1600)
    call(66, identifier, 0, 0, 0)


def signals():
    victim = subprocess.Popen(['sleep', '60'])
    number = int(signal.SIGCONT)
    call(62, victim.pid, number)
    call(200, victim.pid, number)
    call(234, victim.pid, victim.pid, number)
    call(424, call(434, victim.pid, 0), number, 0, 0)
    call(129, victim.pid, number, struct.pack('iiiiii', number, 0, -1, 0, os.getpid(), 0) + b'\0' * 104)
    call(297, victim.pid, victim.pid, number, struct.pack('iiiiii', number, 0, -1, 0, os.getpid(), 0) + b'\0' * 104)
    call(101, 16, victim.pid, 0, 0)
    call(101, 17, victim.pid, 0, 0)
    victim.kill()
    victim.wait()


def identities():
    for function in (
        lambda: os.setuid(33),
        lambda: os.setgid(33),
        lambda: os.setreuid(33, 33),
        lambda: os.setregid(33, 33),
        lambda: os.setresuid(33, 33, 33),
        lambda: os.setresgid(33, 33, 33),
        lambda: call(122, 33),
        lambda: os.setgroups([33]),
        lambda: call(126, struct.pack('II', 0x20080522, 0), struct.pack('IIIIII', 0x21, 0x21, 0, 0, 0, 0)),
        lambda: call(157, 24, 21, 0, 0, 0),
        lambda: call(272, 0x10000000),
        lambda: call(308, 99, 0x40000000),
        lambda: call(170, b'', -1),
        lambda: call(160, 7, 0),
        lambda: call(144, 0, 3, 0),
        lambda: call(135, 0xFFFFFFFF),
        lambda: os.kill(os.getpid(), signal.SIGSEGV),
    ):
        apart(function)


def kernel():
    with mmap.mmap(-1, 4096):
        pass
    with tempfile.TemporaryFile() as backing:
        backing.write(b'x' * 4096)
        backing.flush()
        with mmap.mmap(backing.fileno(), 4096):
            pass
    call(321, 5, struct.pack('IIQQ', 1, 2, 0, 0) + b'\0' * 104, 120)
    program = ctypes.create_string_buffer(b'\xb7\0\0\0\0\0\0\0\x95\0\0\0\0\0\0\0')
    licence = ctypes.create_string_buffer(b'GPL')
    attributes = ctypes.create_string_buffer(struct.pack('IIQQ', 1, 2, ctypes.addressof(program), ctypes.addressof(licence)) + b'\0' * 104)
    call(321, 5, ctypes.addressof(attributes), 120)
    call(425, 4, b'\0' * 120)
    call(300, 0, 0)
    call(159, struct.pack('I', 0x8000) + b'\0' * 204)
    call(175, b'x', 1, b'')
    call(176, b'nonexistent_module', 0o4000)
    apart(lambda: call(317, 1, 0, struct.pack('HxxxxxxQ', 1, ctypes.addressof(ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0x7FFC0000))))))


def programs(folder):
    long = 'long ' * 3000
    for arguments in (['true', 'a b', 'quote"', '', '\xff', 'key=value', 'ä\n'], ['true', *map(str, range(300))], ['true', long, 'end']):
        subprocess.run(arguments, check=False)
    copy = folder + '/with capabilities'
    with open('/bin/true', 'rb') as source, open(copy, 'wb') as target:
        target.write(source.read())
    os.chmod(copy, 0o755)
    with anything():
        os.setxattr(copy, 'security.capability', struct.pack('IIIII', 0x02000001, 0x400, 0, 0, 0))
    apart(lambda: (os.setuid(33), os.execv(copy, [copy])))
    with anything(), open('/proc/self/loginuid', 'w') as loginuid:
        loginuid.write('1000')


def user_space():
    """What programs report by way of the kernel."""
    import audit  # python3-audit is for the system's Python only

    descriptor = audit.audit_open()
    for kind in (*range(1100, 1111), 1112, 1113, 1114, 1116, 1118, 1121, 1123, 1127, 1129, 1130, 1131, 1137, 1138, 2500):
        audit.audit_log_user_message(descriptor, kind, 'op=many_calls acct="root"', 'host.example.com', '192.0.2.1', 'pts/0', kind % 2)
    audit.audit_log_acct_message(descriptor, 1112, sys.argv[0], 'login', 'name with blank', 0xFFFFFFFF, 'h', '192.0.2.1', 'ssh', 0)
    audit.audit_log_user_command(descriptor, 1123, 'rm -rf "/tmp/x y"', 'pts/0', 1)
    audit.audit_log_user_avc_message(descriptor, 1107, 'avc:  denied  { send_msg } for  scontext=a:b:c:s0 tcontext=d:e:f:s0 tclass=dbus', '', '', '', 0)
    os.close(descriptor)


def main():
    with tempfile.TemporaryDirectory(prefix='many_calls.') as folder:
        for part in (lambda: files(folder), lambda: network(folder), ipc, signals, identities, kernel, lambda: programs(folder), user_space):
            with anything():
                part()
        os.chdir('/')
    time.sleep(0.1)


if __name__ == '__main__':
    if sys.argv[1:] == ['--calls']:
        print(' '.join('-S ' + name for name in CALLS))
    else:
        main()
