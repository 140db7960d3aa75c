# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's kernel, audit userspace and boot can do. This file is private to the collection."""

import glob
import os
import re
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _abi, _boot, _kernel, _loader, _presence

Facts = t.Dict[str, t.Any]

_NAMES = {'type': 'list', 'elements': 'str', 'default': []}  # type: t.Dict[str, t.Any]
ARGUMENT_SPEC = {
    'syscalls': _NAMES,
    'paths': _NAMES,
    'users': _NAMES,
    'groups': _NAMES,
    'transport': {'type': 'str', 'choices': ['python', 'raw'], 'default': 'python'},
}  # type: t.Dict[str, t.Any]
"""The options of the module audit_facts."""

OLDEST = 5
"""How many of the processes that are not audited are named."""

# The first namespaces have fixed inode numbers (include/linux/proc_ns.h).
FIRST_NAMESPACES = {'pid': 'pid:[4026531836]', 'user': 'user:[4026531837]'}
CONTAINER_MARKS = (('/run/.containerenv', 'podman'), ('/.dockerenv', 'docker'))
_CONTAINER_RE = re.compile(r'(?:^|\0)container=([\w-]+)')


def problem(params):  # type: (t.Mapping[str, t.Any]) -> t.Optional[str]
    """What is wrong with the options of audit_facts beyond their types."""
    unknown = [name for name in params['syscalls'] if not _abi.known_syscall(name)]
    if unknown:
        return 'syscalls: no architecture has a syscall named {0}; the names are those of syscalls(2)'.format(', '.join(unknown))
    relative = [path for path in params['paths'] if not path.startswith('/')]
    return 'paths: {0} must be absolute'.format(', '.join(relative)) if relative else None


def command_line(text):  # type: (str) -> t.Dict[str, str]
    """The kernel's command line as a table; a word without a value has an empty one, the last one counts."""
    return {word.partition('=')[0]: word.partition('=')[2] for word in text.split()}


def container():  # type: () -> t.Optional[str]
    """What kind of container this host is (podman, docker, lxc, ...), `namespace` when only its namespaces show it, else None."""
    match = _CONTAINER_RE.search(_loader.read('/proc/1/environ'))
    if match:
        return match.group(1)
    if all(first_namespace(kind) for kind in FIRST_NAMESPACES):
        return None  # a machine made from a container's image has its marks too
    for path, kind in CONTAINER_MARKS:
        if os.path.exists(path):
            return kind
    return 'namespace'


def first_namespace(kind):  # type: (str) -> bool
    """Whether this process is in the first namespace of this kind; True where the kernel does not tell."""
    try:
        return os.readlink('/proc/self/ns/' + kind) == FIRST_NAMESPACES[kind]
    except OSError:
        return True


def symbols():  # type: () -> t.Optional[_presence.Symbols]
    """The kernel's syscall entry points, None when /proc/kallsyms can't be read or hides the names."""
    try:
        with open('/proc/kallsyms') as stream:
            found = _presence.Symbols(stream)
    except (OSError, UnicodeDecodeError):
        return None
    return found if found.usable() else None


def missing_abi(abi, arch, names, found, options):
    # type: (str, str, _kernel.HostNames, t.Optional[_presence.Symbols], t.Mapping[str, str]) -> t.Optional[str]
    """Why rules for this ABI would be refused or never match, None when they work."""
    if not names.knows(arch):
        return 'the installed audit userspace does not know {0}'.format(arch)
    if abi == 'b64' or len(_abi.architectures(names.machine)) == 1:
        return None
    if options.get('ia32_emulation', '').lower() in ('0', 'n', 'off', 'false'):
        return 'the kernel was booted with ia32_emulation=0: it runs no 32-bit programs'
    if found and not found.runs_32_bit(names.machine):
        return 'the kernel was built without support for 32-bit programs'
    return None


def syscall_facts(wanted, abis, names, found, kernel):
    # type: (t.Sequence[str], t.Mapping[str, str], _kernel.HostNames, t.Optional[_presence.Symbols], _presence.Version) -> Facts
    """Per ABI and syscall: its number, whether this kernel has it and how that is known, whether this userspace knows its name."""
    facts = {}  # type: Facts
    for abi, arch in abis.items():
        compat = abi == 'b32' and 'b64' in _abi.architectures(names.machine)
        facts[abi] = {}
        for name in wanted:
            presence = _presence.presence(arch, name, kernel, found, compat)
            named = name in names.table(arch) if names.table(arch) else presence.number is not None
            facts[abi][name] = dict(presence._asdict(), named=named)
    return facts


def _kernel_facts(options):  # type: (t.Mapping[str, str]) -> Facts
    release = os.uname().release
    return {
        'release': release,
        'version': list(_presence.version(release)),
        'machine': os.uname().machine,
        'audit_parameter': options.get('audit'),
    }


def _audit_state(run, names):  # type: (_kernel.Run, _kernel.HostNames) -> Facts
    """The userspace's version, the kernel's status and whether it can be reached."""
    facts = {'version': None, 'status': {}, 'reachable': False, 'unreachable_reason': None, 'never_task': None}  # type: Facts
    try:
        kernel = _kernel.Kernel(run, names)
        facts['version'] = kernel.version()
        facts['status'] = kernel.status()
        found = kernel.list()
        facts['never_task'] = next((line for line, rule in zip(found.lines, found.rules) if (rule.list, rule.action) == ('task', 'never')), None)
        facts['reachable'] = True
    except _kernel.KernelError as error:
        facts['unreachable_reason'] = str(error)
    return facts


def never_task_files(loader):  # type: (_loader.Loader) -> t.List[str]
    """The files by which auditing will be switched off for new processes at the next boot."""
    paths = sorted(glob.glob(os.path.join(_loader.RULES_DIRECTORY, '*.rules'))) if loader.kind == 'augenrules' else [loader.file]
    return [path for path in paths if _boot.has_never_task(_loader.read(path))]


class Process(t.NamedTuple('Process', [('pid', int), ('comm', str), ('flags', int), ('started', int)])):
    """A line of /proc/PID/stat: `started` in clock ticks since boot (proc(5))."""

    @property
    def of_the_kernel(self):  # type: () -> bool
        return bool(self.flags & 0x00200000)  # PF_KTHREAD, include/linux/sched.h


def process(text):  # type: (str) -> t.Optional[Process]
    """From the text of /proc/PID/stat; a process's name may have blanks and parentheses in it."""
    match = re.match(r'^(\d+) \((.*)\) (.*)$', text.strip(), re.S)
    fields = match.group(3).split() if match else []
    if match is None or len(fields) < 20:
        return None
    return Process(int(match.group(1)), match.group(2), int(fields[6]), int(fields[19]))


def unaudited(processes, auditd):  # type: (t.Iterable[Process], t.Optional[Process]) -> Facts
    """The processes that were started before auditd, or that run now where auditd does not: the kernel does not audit them until they are
    started anew (audit_alloc, kernel/auditsc.c), unless auditing was switched on before."""
    early = [found for found in processes if not found.of_the_kernel and (auditd is None or found.started < auditd.started)]
    early.sort(key=lambda found: (found.started, found.pid))
    return {'count': len(early), 'oldest': [{'pid': found.pid, 'comm': found.comm} for found in early[:OLDEST]]}


def _processes():  # type: () -> t.List[Process]
    found = [process(_loader.read(path)) for path in glob.glob('/proc/[0-9]*/stat')]
    return [one for one in found if one is not None and one.pid != os.getpid()]


def real_paths(paths):  # type: (t.Iterable[str]) -> t.Dict[str, t.Optional[str]]
    """Where each path leads to through symbolic links, None where there is nothing."""
    return {path: os.path.realpath(path) if os.path.lexists(path) else None for path in paths}


def mount_of(kind, mounts):  # type: (str, str) -> t.Optional[str]
    """The first directory where a file system of this kind is mounted, from the text of /proc/self/mounts."""
    for line in mounts.splitlines():
        words = line.split(' ')
        if len(words) > 2 and words[2] == kind:
            return re.sub(r'\\([0-7]{3})', lambda match: chr(int(match.group(1), 8)), words[1])
    return None


def cgroup2(mounts):  # type: (str) -> Facts
    """The directory below which processes are killed by writing to cgroup.kill, or the reason why there is none."""
    directory = mount_of('cgroup2', mounts)
    if directory is None:
        return cgroup2_fact(None, False, False)
    try:
        groups = [entry.path for entry in os.scandir(directory) if entry.is_dir()]
    except OSError as error:
        return {'directory': None, 'reason': '{0} can not be read: {1}'.format(directory, error.strerror)}
    return cgroup2_fact(directory, bool(groups), any(os.path.exists(os.path.join(group, 'cgroup.kill')) for group in groups))


def cgroup2_fact(directory, groups, kill):  # type: (t.Optional[str], bool, bool) -> Facts
    """What is said of a cgroup2 mounted there that has groups, of which one has a cgroup.kill."""
    if directory is None:
        return {'directory': None, 'reason': 'no cgroup2 is mounted'}
    # The first group, which is all that a machine without a service manager may have, lacks cgroup.kill by design.
    if groups and not kill:
        return {'directory': None, 'reason': 'this kernel has no cgroup.kill (Linux 5.14 and newer have)'}
    return {'directory': directory, 'reason': None}


def _unaudited(options, status):  # type: (t.Mapping[str, str], t.Mapping[str, t.Any]) -> Facts
    if options.get('audit', '0') not in ('0', 'off') or not status:
        return {'count': 0, 'oldest': []}
    processes = _processes()
    return unaudited(processes, next((found for found in processes if found.pid == status.get('pid')), None))


def gather(run, names, wanted):  # type: (_kernel.Run, _kernel.HostNames, t.Mapping[str, t.Sequence[str]]) -> Facts
    """All facts; `wanted` are the syscalls, paths, users and groups to look for. Nothing on the host is changed."""
    options = command_line(_loader.read('/proc/cmdline'))
    found = symbols()
    kernel = _kernel_facts(options)
    known = _abi.architectures(names.machine)
    missing = {abi: missing_abi(abi, arch, names, found, options) for abi, arch in known.items()}
    abis = {abi: arch for abi, arch in known.items() if not missing[abi]}
    loader = _loader.detect(run)
    audit = _audit_state(run, names)
    return {
        'kernel': kernel,
        'abis': abis,
        'missing_abis': {abi: reason for abi, reason in missing.items() if reason},
        'x32': options.get('syscall.x32', '').lower() in ('y', '1', 'on', 'true'),
        'syscalls': syscall_facts(wanted['syscalls'], abis, names, found, tuple(kernel['version'])),
        'paths': real_paths(wanted['paths']),
        'users': {name: names.user(name) for name in wanted['users']},
        'groups': {name: names.group(name) for name in wanted['groups']},
        'cgroup2': cgroup2(_loader.read('/proc/self/mounts')),
        'userspace': {
            'version': audit['version'],
            'paths': {tool: _kernel.binary(tool) for tool in ('auditctl', 'auditd', 'augenrules', 'ausearch', 'ausyscall')},
        },
        'status': audit['status'],
        'auditd_running': bool(audit['status'].get('pid')),
        'reachable': audit['reachable'],
        'unreachable_reason': audit['unreachable_reason'],
        'never_task': audit['never_task'],
        'never_task_files': never_task_files(loader),
        'unaudited': _unaudited(options, audit['status']),
        'container': container(),
        'loader': dict(loader._asdict(), directory=_loader.RULES_DIRECTORY),
    }
