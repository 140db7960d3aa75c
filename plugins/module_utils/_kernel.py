# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's audit state, asked and changed through auditctl. This file is private to the collection.

All that is peculiar about auditctl's answers is handled here: exit codes that mean nothing, texts, versions (auditctl 1.7 to 4.2).
"""

import grp
import os
import pwd
import re
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _abi, _files, _rule

Run = t.Callable[[t.Sequence[str]], t.Tuple[int, str, str]]
"""Runs a command given as words, returns (exit code, stdout, stderr)."""

SETTINGS = {
    'enabled': '-e',
    'failure': '-f',
    'rate_limit': '-r',
    'backlog_limit': '-b',
    'backlog_wait_time': '--backlog_wait_time',
}
"""What `auditctl -s` shows and an option sets."""

DIRECTORIES = ('/usr/sbin', '/sbin', '/usr/bin', '/bin', '/usr/local/sbin')
"""Where distributions keep auditctl, augenrules, ausearch, ausyscall and auditd."""

_STATUS_RE = re.compile(r'(\w+)[ =](.*?)(?=$|\s\w+=)', re.M)
_VERSION_RE = re.compile(r'auditctl version (\S+)')
_DUMP_RE = re.compile(r'^(\d+)\s+(\S+)', re.M)

PREPEND_DELETES = ('4.0.4', '4.0.5', '4.1.0')
"""Versions of auditctl in which -A deletes a rule instead of putting it first."""

IMMUTABLE = 'audit is locked (enabled 2): rules and settings change only after a reboot'


class KernelError(Exception):
    """The kernel or auditctl refused; the message says what to do."""


def binary(name, disk=_files.LOCAL):  # type: (str, _files.Disk) -> t.Optional[str]
    """The path of one of audit's tools, None when it is not installed."""
    for directory in DIRECTORIES:
        path = os.path.join(directory, name)
        if disk.is_program(path):
            return path
    return None


def read_syscalls(out):  # type: (str) -> t.Dict[str, int]
    """What `ausyscall ARCH --dump` printed."""
    return {name: int(number) for number, name in _DUMP_RE.findall(out)}


class HostNames(_rule.Names):
    """Names as this host resolves them: its users and groups, and the syscalls that its ausyscall knows."""

    def __init__(self, machine, run):  # type: (str, Run) -> None
        super().__init__(machine)
        self._run = run
        self._tables = {}  # type: t.Dict[str, t.Dict[str, int]]

    def table(self, arch):  # type: (str) -> t.Dict[str, int]
        """The syscalls that this host's audit userspace knows by name; empty when it does not know the architecture."""
        if arch not in self._tables:
            self._tables[arch] = self._dump(arch)
        return self._tables[arch]

    def knows(self, arch):  # type: (str) -> bool
        """Whether this host's audit userspace can make rules for an architecture; where it can't be asked it is believed to."""
        return bool(self.table(arch)) or binary('ausyscall') is None

    def _dump(self, arch):  # type: (str) -> t.Dict[str, int]
        ausyscall = binary('ausyscall')
        if not ausyscall:
            return {}
        code, out, dummy = self._run([ausyscall, arch, '--dump'])
        return read_syscalls(out) if code == 0 else {}

    def syscall(self, arch, name):  # type: (t.Optional[str], str) -> _rule.Value
        known = super().syscall(arch, name)
        if isinstance(known, int) or not arch:
            return known
        return self.table(arch).get(name, name)

    def user(self, name):  # type: (str) -> t.Optional[int]
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            return None

    def group(self, name):  # type: (str) -> t.Optional[int]
        try:
            return grp.getgrnam(name).gr_gid
        except KeyError:
            return None


class Listing:
    """What `auditctl -l` printed: `lines` as they are and `rules` in canonical form, index by index."""

    def __init__(self, text, names):  # type: (str, _rule.Names) -> None
        self.lines = [line for line in text.split('\n') if line.startswith(('-a ', '-w ', ' -p '))]
        self.rules = _rule.parse_listing(self.lines, names)

    def find(self, rule):  # type: (_rule.Rule) -> t.Optional[int]
        return _rule.find(rule, self.rules)


def explain(code, err, root):  # type: (int, str, bool) -> str
    """Why auditctl, run by root or not, could not reach the kernel's audit, and what to do about it."""
    if code == 4 or 'must be root' in err:
        if root:
            return 'root lacks CAP_AUDIT_CONTROL: this host is a container without privileges; audit rules belong on its host'
        return 'auditctl needs root with CAP_AUDIT_CONTROL: run the play with become: true'
    # auditctl 4.2 says no more than that there was an error.
    if 'Operation not permitted' in err or err.strip() == 'There was an error while processing parameters':
        return 'the kernel refuses (Operation not permitted): this host is a container in a PID namespace of its own; audit rules belong on its host'
    if 'audit support not in kernel' in err or 'Cannot open netlink' in err or 'Protocol not supported' in err:
        return 'no audit socket: the kernel has no CONFIG_AUDIT, or a container runtime blocks it (seccomp, user namespace)'
    if 'Connection refused' in err or not err.strip():
        return 'the kernel does not answer: this host is a container in a user namespace, or was booted with audit=0'
    return err.strip()


def read_version(out):  # type: (str) -> t.Optional[str]
    """The version that `auditctl -v` printed, None when it did not say."""
    match = _VERSION_RE.search(out)
    return match.group(1) if match else None


def read_status(code, out, err, root):  # type: (int, str, str, bool) -> t.Dict[str, t.Union[int, str]]
    """What `auditctl -s` printed, numbers as int. Raises KernelError when the kernel's audit can't be reached.

    The exit code is no witness: in a user namespace it is 0 with nothing printed (audit up to 3.1.1).
    """
    status = {}  # type: t.Dict[str, t.Union[int, str]]
    for name, value in _STATUS_RE.findall(out.replace('AUDIT_STATUS: ', '')):
        status['failure' if name == 'flag' else name] = int(value) if re.match(r'^-?\d+$', value) else value.strip()
    if 'enabled' not in status:
        raise KernelError(explain(code, err, root))
    return status


class Kernel:
    """The kernel's rules and settings through one auditctl."""

    def __init__(self, run, names, disk=_files.LOCAL):  # type: (Run, HostNames, _files.Disk) -> None
        path = binary('auditctl', disk)
        if path is None:
            raise KernelError(
                'auditctl is not installed; install the package audit (RHEL, Fedora, SUSE) or auditd (Debian, Ubuntu), '
                'or set syscall_audit_install=true'
            )
        self._run = run
        self._auditctl = path
        self.names = names

    def version(self):  # type: () -> t.Optional[str]
        """The version of audit's userspace, None when auditctl does not say."""
        return read_version(self._run([self._auditctl, '-v'])[1])

    def status(self):  # type: () -> t.Dict[str, t.Union[int, str]]
        """`auditctl -s`, numbers as int. Raises KernelError when the kernel's audit can't be reached."""
        code, out, err = self._run([self._auditctl, '-s'])
        return read_status(code, out, err, os.geteuid() == 0)

    def list(self):  # type: () -> Listing
        """The loaded rules."""
        code, out, err = self._run([self._auditctl, '-l'])
        if code != 0:
            raise KernelError('auditctl -l: ' + explain(code, err, os.geteuid() == 0))
        return Listing(out, self.names)

    def add(self, text):  # type: (str) -> bool
        """Load one rule; False when the kernel has it already."""
        argv = _rule.words(text)
        if argv[:1] == ['-A'] and self.version() in PREPEND_DELETES:
            raise KernelError('{0}: auditctl {1} takes -A for a deletion; write -a, which appends the rule'.format(text, self.version()))
        return self._change(argv, text, 'Rule exists')

    def delete(self, text):  # type: (str) -> bool
        """Take one rule away; False when the kernel does not have it."""
        argv = _rule.words(text)
        for index, word in enumerate(argv):
            if word in ('-a', '-A'):
                argv[index] = '-d'
            elif word == '-w':
                argv[index] = '-W'
        return self._change(argv, text, 'No such file or directory')

    def _change(self, argv, text, already):  # type: (t.Sequence[str], str, str) -> bool
        code, out, err = self._run([self._auditctl] + list(argv))
        message = (err + out).strip()
        if already in message:
            return False
        if code != 0 or re.search(r'^(Error|Unknown|Syscall name unknown)', message, re.M):
            raise KernelError('{0}: {1}'.format(text, ' / '.join(message.split('\n')) or 'auditctl exited with {0}'.format(code)))
        return True

    def load(self, texts):  # type: (t.Iterable[str]) -> t.List[str]
        """Load rules, all or none: returns those that were missing. Raises KernelError with the kernel as it was."""
        added = []  # type: t.List[str]
        try:
            for text in texts:
                if self.add(text):
                    added.append(text)
        except KernelError:
            for text in reversed(added):
                self.delete(text)
            raise
        return added

    def unload(self, texts, listing):  # type: (t.Iterable[str], Listing) -> t.List[str]
        """Take rules away, all or none: returns those that were there. Raises KernelError with the kernel as it was."""
        deleted = []  # type: t.List[str]
        try:
            for text in texts:
                index = listing.find(_rule.parse(text, self.names))
                if index is None:
                    continue
                if not self.delete(text) and not self.delete(listing.lines[index]):
                    raise KernelError('{0}: auditctl -l shows it, but the kernel finds no such rule to delete'.format(text))
                deleted.append(text)
        except KernelError:
            for text in deleted:
                self.add(text)
            raise
        return deleted

    def set(self, settings):  # type: (t.Mapping[str, int]) -> None
        """Set what `auditctl -s` shows; the names are the keys of SETTINGS."""
        for name in sorted(settings, key=lambda setting: setting == 'enabled'):
            code, dummy, err = self._run([self._auditctl, SETTINGS[name], str(settings[name])])
            if code != 0:
                raise KernelError('{0}={1}: {2}'.format(name, settings[name], err.strip() or 'auditctl exited with {0}'.format(code)))


UNREACHED = (
    'Connection refused|Operation not permitted|immutable mode|audit support not in kernel|Cannot open netlink|must be root|Protocol not supported'
    '|not supported by (the )?kernel|^There was an error|unshare|^The audit system is disabled'
)
"""What auditctl says when only the kernel can't be reached, the rule itself having been read without a complaint. `grep -E` reads it too."""

_UNREACHED_RE = re.compile(UNREACHED)


def check_unloaded(run, text, disk=_files.LOCAL):  # type: (Run, str, _files.Disk) -> None
    """Let this host's auditctl read a rule where the kernel can't be asked. Raises KernelError when it refuses the rule.

    auditctl has no dry run; in a user namespace of its own it reads the rule and then reaches no kernel.
    """
    auditctl, unshare = binary('auditctl', disk), binary('unshare', disk)
    if auditctl is None:
        return
    prefix = [unshare, '-U', '-r'] if unshare else []
    dummy, out, err = run(prefix + [auditctl] + _rule.words(text))
    refuse_unread(text, err + out)


def refuse_unread(text, said):  # type: (str, str) -> None
    """Raise KernelError when auditctl, where it reached no kernel, said anything against the rule itself."""
    complaints = [line for line in said.split('\n') if line.strip() and not _UNREACHED_RE.search(line)]
    if complaints:
        raise KernelError('{0}: {1}'.format(text, ' / '.join(complaints)))


def require_unlocked(status):  # type: (t.Mapping[str, t.Union[int, str]]) -> None
    """Raise KernelError when the rules are immutable; auditctl itself exits 0 then, up to 3.1.1."""
    if status['enabled'] == 2:
        raise KernelError(IMMUTABLE)


def machine():  # type: () -> str
    """The kernel's architecture as audit names it."""
    return _abi.normal_machine(os.uname().machine)
