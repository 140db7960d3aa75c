# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One named set of rules on a host: kernel, boot files and record in one transaction. This file is private to the collection."""

import time
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _boot, _files, _kernel, _ledger, _loader, _rule, _shadow

LOCK = '/run/linux_audit_fleet.lock'
LOCK_SECONDS = 60.0
STOP_SECONDS = 20.0

DIRECTORIES = ('/etc/audit', '/var/log/audit')
"""What a package of audit makes and does not always take away again."""

Options = t.NamedTuple(
    'Options',
    [
        ('name', str),
        ('rules', t.Tuple[str, ...]),
        ('header', str),
        ('scope', str),  # both, runtime, persistent
        ('loader', str),  # auto, augenrules, audit_rules
        ('kernel', str),  # auto, required, skip
        ('immutable', str),  # fail, stage
        ('never_task', str),  # keep, remove
        ('settings', t.Mapping[str, int]),
    ],
)

Plan = t.NamedTuple(
    'Plan',
    [
        ('load', t.List[str]),
        ('unload', t.List[str]),
        ('settings', t.Dict[str, int]),
        ('files', t.List[t.Tuple[str, t.Optional[_files.Snapshot]]]),
        ('rebuild', bool),
    ],
)

Errors = (_kernel.KernelError, _boot.BootError, _ledger.LedgerError, _files.LockError, _rule.RuleError, OSError)
"""What a transaction may raise; the host is then as it was before."""


def boot_id(disk):  # type: (_files.Disk) -> str
    """Changes with every boot (proc_sys_kernel(5))."""
    taken = disk.snapshot('/proc/sys/kernel/random/boot_id')
    return taken.content.decode('ascii').strip() if taken else ''


class Result:
    """What was, or in check mode would be, done."""

    def __init__(self):  # type: () -> None
        self.changed = False
        self.added = []  # type: t.List[str]
        self.deleted = []  # type: t.List[str]
        self.files = []  # type: t.List[str]
        self.in_kernel = False
        self.at_boot = False
        self.shadows = []  # type: t.List[str]
        self.warnings = []  # type: t.List[str]
        self.diff = []  # type: t.List[t.Dict[str, str]]


class _Undo:
    """What takes back the steps done so far, the last one first."""

    def __init__(self):  # type: () -> None
        self._steps = []  # type: t.List[t.Tuple[t.Callable[..., t.Any], t.Tuple[t.Any, ...]]]

    def add(self, step, *arguments):  # type: (t.Callable[..., t.Any], t.Any) -> None
        self._steps.append((step, arguments))

    def __enter__(self):  # type: () -> _Undo
        return self

    def __exit__(self, kind, error, dummy):  # type: (t.Any, t.Any, t.Any) -> None
        failed = []
        for step, arguments in reversed(self._steps if kind else []):
            try:
                step(*arguments)
            except Errors as again:
                failed.append(str(again))
        if failed and isinstance(error, Errors):
            raise _kernel.KernelError('{0}. Taking back what had been done failed too: {1}'.format(error, '; '.join(failed)))


class Ruleset:
    """`loader` is what loads rules at boot, found out when it is None."""

    def __init__(self, run, names, ledger, options, disk=_files.LOCAL, loader=None):
        # type: (_kernel.Run, _kernel.HostNames, _ledger.Ledger, Options, _files.Disk, t.Optional[_loader.Loader]) -> None
        self._run = run
        self._disk = disk
        self._names = names
        self._ledger = ledger
        self._options = options
        self._loader = self._choose_loader(loader)
        self._kernel = None  # type: t.Optional[_kernel.Kernel]
        self._status = {}  # type: t.Dict[str, t.Union[int, str]]
        self._listing = _kernel.Listing('', names)
        self._unreachable = None  # type: t.Optional[str]
        self._reach()
        self._recovered = False
        self.record = self._read_record()
        self.host = ledger.host()

    def _choose_loader(self, found):  # type: (t.Optional[_loader.Loader]) -> _loader.Loader
        found = found or _loader.detect(self._run)
        if self._options.loader in ('auto', found.kind):
            return found
        return _loader.Loader(self._options.loader, 'the option loader', self._options.loader, _loader.RULES_FILE)

    def _reach(self):  # type: () -> None
        try:
            kernel = _kernel.Kernel(self._run, self._names, self._disk)
            self._status = kernel.status()
            self._listing = kernel.list()
            self._kernel = kernel
        except _kernel.KernelError as error:
            self._unreachable = str(error)

    def _read_record(self):  # type: () -> t.Optional[_ledger.Record]
        """The record; one that is damaged or missing is made anew from the boot files and the kernel."""
        try:
            record = self._ledger.read(self._options.name)
        except _ledger.LedgerError:
            record = None
        return record or self._recover()

    def _recover(self):  # type: () -> t.Optional[_ledger.Record]
        for kind in ('augenrules', 'audit_rules'):
            boot = self._files_of(kind)
            lines = boot.lines()
            if lines:
                self._recovered = True
                loaded = [line for line in lines if self._listing.find(_rule.parse(line, self._names)) is not None]
                return dict(
                    _ledger.empty(self._options.name),
                    phase='applied',
                    scope='both' if loaded else 'persistent',
                    rules=lines,
                    kernel=loaded,
                    boot_id=boot_id(self._disk),
                    loader=kind,
                    file=boot.path,
                    header=self._options.header,
                )
        return None

    def _files_of(self, kind=None, name=None):  # type: (t.Optional[str], t.Optional[str]) -> _boot.BootFiles
        loader = self._loader if kind in (None, self._loader.kind) else self._loader._replace(kind=kind, file=_loader.RULES_FILE)
        return _boot.BootFiles(name or self._options.name, loader, self._run, self._disk)

    # What there is

    def locked(self):  # type: () -> bool
        return self._status.get('enabled') == 2

    def _usable(self):  # type: () -> bool
        """Whether rules can be loaded and deleted now."""
        return self._kernel is not None and not self.locked() and self._options.kernel != 'skip'

    def _owned(self):  # type: () -> t.List[str]
        """The rules in the kernel that are there because of this name: loaded by us, or at boot from our file."""
        if not self.record:
            return []
        if self.record['boot_id'] == boot_id(self._disk):
            return list(self.record['kernel'])
        return list(self.record['rules']) if self.record['file'] else []

    def _loaded(self, text):  # type: (str) -> bool
        return self._listing.find(_rule.parse(text, self._names)) is not None

    # Present

    def note(self, packages, start, service_enabled):  # type: (t.Optional[t.Sequence[str]], bool, t.Optional[bool]) -> None
        """Record how the host is, before packages are installed or auditd is started."""
        if self.record is None:
            self.record = _ledger.empty(self._options.name)
            self._ledger.write(self.record)
        self._note_host(packages, start, service_enabled)

    def _note_host(self, packages=None, start=False, service_enabled=None):
        # type: (t.Optional[t.Sequence[str]], bool, t.Optional[bool]) -> None
        host = dict(self.host)
        host['directories'] = host['directories'] or {path: self._disk.is_directory(path) for path in DIRECTORIES}
        if host['service_enabled'] is None:
            host['service_enabled'] = service_enabled
        if packages is not None and host['packages'] is None and _kernel.binary('auditctl', self._disk) is None:
            host['packages'] = sorted(packages)
        if host['status'] is None and self._status:
            host['status'] = dict(self._status)
        if not host['files'] and _kernel.binary('auditctl', self._disk) is not None:
            paths = (_loader.RULES_FILE, _loader.RULES_FILE + '.prev')
            host['files'] = {path: _files.to_json(self._disk.snapshot(path)) for path in paths}
            host['others'] = self._fingerprint()
        host['start'] = host['start'] or (start and not self._status.get('pid'))
        if host != self.host:
            self.host = host
            self._ledger.write_host(host)

    def _fingerprint(self):  # type: () -> str
        names = set(self._ledger.names()) | {self._options.name}
        return self._files_of('augenrules').fingerprint([self._files_of('augenrules', name).path for name in names])

    def present(self, check, refuse_shadows=False):  # type: (bool, bool) -> Result
        """Make kernel and boot files have exactly the rules of this name."""
        self._refuse_impossible()
        rules = self._distinct(self._options.rules)
        plan = self._plan(rules)
        result = self._result(plan)
        result.shadows = self._shadows(rules) if self._usable() and self._options.scope != 'persistent' else []
        if result.shadows and refuse_shadows:
            raise _kernel.KernelError(' '.join(result.shadows))
        # Locked rules can't be changed, but those that were loaded at boot are there.
        result.in_kernel = self._options.scope != 'persistent' and (self._usable() or (self.locked() and all(map(self._loaded, rules))))
        result.at_boot = self._options.scope != 'runtime'
        result.changed = bool(result.changed or self.record is None or self.record['phase'] == 'noted')
        if result.changed and self.locked() and self._options.immutable == 'fail':
            raise _kernel.KernelError(
                _kernel.IMMUTABLE + '. syscall_audit_immutable=stage writes the rules for the next boot, reboot reboots as well'
            )
        if not check:
            self._sweep()
            if result.changed or not self._settled(rules):
                self._apply(rules, plan)
        return result

    def _shadows(self, rules):  # type: (t.Sequence[str]) -> t.List[str]
        """What rules of others that stand before ours do to our events, a sentence for each."""
        sentences = []
        for text in rules:
            rule = _rule.parse(text, self._names)
            index = self._listing.find(rule)
            for line, earlier in list(zip(self._listing.lines, self._listing.rules))[:index]:
                syscalls = _shadow.taken(earlier, rule)
                if syscalls is not None:
                    sentences.append(_shadow.sentence(earlier, line, rule, syscalls))
        return sentences

    def _refuse_impossible(self):  # type: () -> None
        if self._kernel is None and (self._options.kernel == 'required' or self._options.scope == 'runtime'):
            raise _kernel.KernelError(self._unreachable or 'the kernel can not be reached')
        if self._options.scope == 'runtime' and self._options.kernel == 'skip':
            raise _kernel.KernelError('scope=runtime with kernel=skip leaves nothing to do: choose another scope, or kernel=auto')

    def _distinct(self, texts):  # type: (t.Iterable[str]) -> t.List[str]
        seen = []  # type: t.List[_rule.Rule]
        distinct = []
        for text in texts:
            rule = _rule.parse(text, self._names)
            if rule not in seen:
                seen.append(rule)
                distinct.append(text)
        return distinct

    def _plan(self, rules):  # type: (t.Sequence[str]) -> Plan
        owned = self._owned()
        wanted = [_rule.parse(text, self._names) for text in rules]
        gone = [text for text in owned if self._options.scope == 'persistent' or _rule.parse(text, self._names) not in wanted]
        load, unload = [], []  # type: t.Tuple[t.List[str], t.List[str]]
        if self._usable():
            load = [text for text in rules if not self._loaded(text)] if self._options.scope != 'persistent' else []
            unload = [text for text in self._not_needed_by_others(gone) if self._loaded(text)] + self._never_task()
        settings = {name: value for name, value in self._options.settings.items() if self._status.get(name) != value} if self._usable() else {}
        files, rebuild = self._plan_files(rules if self._options.scope != 'runtime' else [])
        return Plan(load, unload, settings, files, rebuild)

    def _never_task(self):  # type: () -> t.List[str]
        """The loaded rules that switch auditing off for new processes, if they are to go."""
        if self._options.never_task != 'remove':
            return []
        found = zip(self._listing.lines, self._listing.rules)
        return [line for line, rule in found if (rule.list, rule.action) == ('task', 'never')]

    def _not_needed_by_others(self, texts):  # type: (t.Iterable[str]) -> t.List[str]
        needed = [_rule.parse(text, self._names) for record in self._ledger.others(self._options.name) for text in record['rules']]
        return [text for text in texts if _rule.parse(text, self._names) not in needed]

    def _plan_files(self, rules):  # type: (t.Sequence[str]) -> t.Tuple[t.List[t.Tuple[str, t.Optional[_files.Snapshot]]], bool]
        boot = self._files_of()
        lines = self._boot_lines(boot, rules)
        files = []  # type: t.List[t.Tuple[str, t.Optional[_files.Snapshot]]]
        other_kind = 'audit_rules' if self._loader.kind == 'augenrules' else 'augenrules'
        if self.record and self.record['loader'] == other_kind and self._files_of(other_kind).lines():
            old = self._files_of(other_kind)
            files.append((old.path, old.wanted('', [])))
        wanted = boot.wanted(self._options.header, lines)
        if self._options.never_task == 'remove' and self._options.scope != 'runtime':
            files.extend(boot.never_task(True))
            wanted = _boot.turn_never_task(wanted, True)
        if self._disk.snapshot(boot.path) != wanted:
            files.append((boot.path, wanted))
        gone = self.record['rules'] if self.record else []
        return files, bool(self._loader.kind == 'augenrules' and (files or boot.stale(lines, gone)))

    def _boot_lines(self, boot, rules):  # type: (_boot.BootFiles, t.Sequence[str]) -> t.List[str]
        """The rules to write: those that nobody else's file loads, because a second one would end the loading at boot (Rule exists)."""
        others = boot.others(self._names)
        return [text for text in rules if _rule.parse(text, self._names) not in others]

    def _settled(self, rules):  # type: (t.Sequence[str]) -> bool
        record = self.record
        if not record or self._recovered:
            return False
        return bool(record['phase'] == 'applied' and record['rules'] == list(rules) and record['boot_id'] == boot_id(self._disk))

    def _result(self, plan):  # type: (Plan) -> Result
        result = Result()
        result.added, result.deleted = list(plan.load), list(plan.unload)
        result.files = [path for path, dummy in plan.files]
        result.changed = bool(plan.load or plan.unload or plan.settings or plan.files or plan.rebuild)
        if plan.load or plan.unload or plan.settings:
            result.diff.append(self._kernel_diff(plan))
        for path, wanted in plan.files:
            before = self._disk.snapshot(path)
            texts = [taken.content.decode('utf-8', 'replace') if taken else '' for taken in (before, wanted)]
            result.diff.append({'before_header': path, 'after_header': path, 'before': texts[0], 'after': texts[1]})
        if self._unreachable and self._options.kernel != 'skip':
            result.warnings.append('The kernel was left as it is: ' + self._unreachable)
        elif self.locked() and result.changed:
            result.warnings.append('{0}. What is written now takes effect with the next boot.'.format(_kernel.IMMUTABLE))
        return result

    def _kernel_diff(self, plan):  # type: (Plan) -> t.Dict[str, str]
        gone = {self._listing.find(_rule.parse(text, self._names)) for text in plan.unload}
        after = [line for index, line in enumerate(self._listing.lines) if index not in gone] + plan.load
        before_settings = ['{0} {1}'.format(name, self._status.get(name)) for name in sorted(plan.settings)]
        after_settings = ['{0} {1}'.format(name, plan.settings[name]) for name in sorted(plan.settings)]
        return {
            'before_header': 'kernel (auditctl -l)',
            'after_header': 'kernel (auditctl -l)',
            'before': ''.join(line + '\n' for line in self._listing.lines + before_settings),
            'after': ''.join(line + '\n' for line in after + after_settings),
        }

    def _apply(self, rules, plan):  # type: (t.Sequence[str], Plan) -> None
        with _Undo() as undo:
            self._keep_records(undo)
            self._note_host()
            record = dict(self.record or _ledger.empty(self._options.name))
            # Until all is done, what might have been loaded counts as ours, so that nothing is left behind by a run that was killed.
            record.update(phase='applying', kernel=self._distinct(list(self._owned()) + plan.load), boot_id=boot_id(self._disk))
            record.update(rules=self._distinct(list(record['rules']) + list(rules)), file=self._files_of().path, loader=self._loader.kind)
            record['header'] = self._options.header
            self._ledger.write(record)
            if self._never_task():
                self.host = dict(self.host, never_task=self._never_task())
                self._ledger.write_host(self.host)
            self._prove(rules, plan)
            self._change_kernel(plan, undo)
            self._change_files(plan, undo)
            owned = [text for text in self._owned() + plan.load if self._options.scope != 'persistent']
            wanted = [_rule.parse(text, self._names) for text in rules]
            self._hand_over([text for text in self._owned() if text not in owned or _rule.parse(text, self._names) not in wanted], undo)
            record.update(
                phase='applied',
                scope=self._options.scope,
                rules=list(rules),
                kernel=[text for text in self._distinct(owned) if _rule.parse(text, self._names) in wanted],
                file=self._files_of().path if self._files_of().lines() else None,
                settings=dict(self._options.settings),
            )
            self._note_after()
            self._ledger.write(record)
            self.record = record

    def _sweep(self):  # type: () -> None
        """Remove what a run that was killed while it wrote a file has left beside it."""
        for path in (self._files_of('augenrules').path, _loader.RULES_FILE, _loader.RULES_FILE + '.prev'):
            self._disk.discard(path + _files.SUFFIX)
        self._ledger.sweep()

    def _keep_records(self, undo):  # type: (_Undo) -> None
        if self.record is None or self._recovered:
            undo.add(self._ledger.remove, self._options.name)
        else:
            undo.add(self._ledger.write, dict(self.record))
            undo.add(self._ledger.write_host, dict(self.host))

    def _prove(self, rules, plan):  # type: (t.Sequence[str], Plan) -> None
        """Before a rule is written for boot it must have been taken by this kernel, or at least been read by this auditctl."""
        if self._options.scope == 'runtime':
            return
        on_disk = self._files_of().lines()
        unproven = [text for text in rules if text not in plan.load and text not in on_disk and not self._loaded(text)]
        if self._kernel is not None and self._usable():
            for text in self._kernel.load(unproven):
                self._kernel.delete(text)
        else:
            for text in unproven:
                _kernel.check_unloaded(self._run, text, self._disk)

    def _change_kernel(self, plan, undo):  # type: (Plan, _Undo) -> None
        kernel = self._kernel
        if kernel is None or not self._usable():
            return
        for text in kernel.load(plan.load):
            undo.add(kernel.delete, text)
        undo.add(kernel.load, kernel.unload(plan.unload, self._listing))
        before = {name: int(self._status[name]) for name in plan.settings if name in self._status}
        undo.add(kernel.set, before)
        kernel.set(plan.settings)

    def _change_files(self, plan, undo):  # type: (Plan, _Undo) -> None
        if plan.rebuild:
            for path in (_loader.RULES_FILE, _loader.RULES_FILE + '.prev'):
                undo.add(self._disk.put, path, self._disk.snapshot(path))
        for path, wanted in plan.files:
            undo.add(self._disk.put, path, self._disk.snapshot(path))
            self._disk.put(path, wanted)
        if plan.rebuild:
            boot = self._files_of()
            boot.rebuild()
            if boot.stale(boot.lines(), []) and not self.locked():
                raise _boot.BootError('augenrules reported success, but {0} lacks the rules of {1}'.format(_loader.RULES_FILE, boot.path))

    def _note_after(self):  # type: () -> None
        self.host = dict(self.host)
        if self._kernel is not None:
            self.host['status_after'] = dict(self._kernel.status())
        self.host['audit_rules_after'] = _boot.digest(_loader.RULES_FILE, self._disk)
        self._ledger.write_host(self.host)

    # Absent

    def absent(self, check):  # type: (bool) -> Result
        """Undo what the record says; the host's settings, audit.rules and daemon too when no other name is left."""
        if not check:
            self._sweep()
        if self.record is None:
            return Result()
        plan = self._plan_absent()
        result = self._result(plan)
        stop = self.last() and self.host['start'] and bool(self._status.get('pid'))
        result.changed = True
        if self.locked() and plan.unload and self._options.immutable == 'fail':
            raise _kernel.KernelError(_kernel.IMMUTABLE + '. syscall_audit_immutable=stage takes the rules away from the next boot on')
        if not check:
            self._revert(plan, stop, result)
        return result

    def last(self):  # type: () -> bool
        return not self._ledger.others(self._options.name)

    def _plan_absent(self):  # type: () -> Plan
        record = t.cast(_ledger.Record, self.record)
        unload = [text for text in self._not_needed_by_others(self._owned()) if self._loaded(text)] if self._kernel and not self.locked() else []
        load = [text for text in self.host['never_task'] if not self._loaded(text)] if self.last() and self._usable() else []
        if not record['loader']:
            return Plan(load, unload, {}, [], False)
        boot = self._files_of(record['loader'])
        wanted = boot.wanted('', [])
        files = []  # type: t.List[t.Tuple[str, t.Optional[_files.Snapshot]]]
        if self.last():
            files.extend(boot.never_task(False))
            wanted = _boot.turn_never_task(wanted, False)
        wanted = self._as_before(boot, wanted)
        if self._disk.snapshot(boot.path) != wanted:
            files.append((boot.path, wanted))
        return Plan(load, unload, {}, files, boot.loader.kind == 'augenrules' and (bool(files) or boot.stale([], record['rules'])))

    def _as_before(self, boot, wanted):  # type: (_boot.BootFiles, t.Optional[_files.Snapshot]) -> t.Optional[_files.Snapshot]
        """An audit.rules that has nothing of ours left is put back exactly, missing newline at its end and absence included."""
        if boot.path not in self.host['files'] or wanted is None or not self.last():
            return wanted
        before = _files.from_json(self.host['files'][boot.path])
        text = before.content if before else b''
        return before if wanted.content in (text, text + b'\n') else wanted

    def _revert(self, plan, stop, result):  # type: (Plan, bool, Result) -> None
        record = dict(t.cast(_ledger.Record, self.record))
        last = self.last()
        with _Undo() as undo:
            self._keep_records(undo)
            record.update(phase='removing', kernel=self._owned(), boot_id=boot_id(self._disk))
            self._ledger.write(record)
            kernel = self._kernel
            if kernel is not None and not self.locked():
                undo.add(kernel.load, kernel.unload(plan.unload, self._listing))
                for text in kernel.load(plan.load):
                    undo.add(kernel.delete, text)
            self._revert_files(plan, last, undo)
            self._hand_over(record['kernel'], undo)
            if last and stop:
                self._stop_auditd()
            result.warnings.extend(self._restore_settings(record, last))
        if last and self.host['packages'] is not None:
            self._ledger.write(dict(_ledger.empty(self._options.name), phase='noted'))
        else:
            self._ledger.remove(self._options.name)
        if not last:
            self._note_after()

    def _revert_files(self, plan, last, undo):  # type: (Plan, bool, _Undo) -> None
        # The .prev first: once audit.rules is as before, a run that was killed would find nothing left to do.
        generated = (_loader.RULES_FILE + '.prev', _loader.RULES_FILE)
        untouched = last and self._untouched()
        if plan.rebuild:
            for path in generated:
                undo.add(self._disk.put, path, self._disk.snapshot(path))
        for path, wanted in plan.files:
            undo.add(self._disk.put, path, self._disk.snapshot(path))
            self._disk.put(path, wanted)
        if not plan.rebuild:
            return
        if untouched:
            for path in generated:
                self._disk.put(path, _files.from_json(self.host['files'].get(path)))
        else:
            self._files_of('augenrules').rebuild()

    def _untouched(self):  # type: () -> bool
        """Whether nobody else changed rules.d or audit.rules since. Only then may the files from before come back; else audit.rules is built anew."""
        if not self.host['files'] or self.host['others'] != self._fingerprint():
            return False
        now, before = self._disk.snapshot(_loader.RULES_FILE), _files.from_json(self.host['files'][_loader.RULES_FILE])
        if self.host['audit_rules_after'] == _boot.digest(_loader.RULES_FILE, self._disk):
            return True
        ours = t.cast(_ledger.Record, self.record)['rules']
        return now is not None and before is not None and _boot.without_lines(now.content, ours) == before.content

    def _hand_over(self, texts, undo):  # type: (t.Sequence[str], _Undo) -> None
        """What other names need of rules that were ours becomes theirs: in the kernel, and in their files where ours had it for them."""
        ours = [_rule.parse(text, self._names) for text in texts]
        rebuild = None  # type: t.Optional[_boot.BootFiles]
        for other in self._ledger.others(self._options.name):
            inherited = [text for text in other['rules'] if _rule.parse(text, self._names) in ours and text not in other['kernel']]
            if inherited:
                undo.add(self._ledger.write, other)
                self._ledger.write(dict(other, kernel=other['kernel'] + inherited))
            if other['scope'] not in ('both', 'persistent') or not other['loader']:
                continue
            boot = self._files_of(other['loader'], other['name'])
            wanted = boot.wanted(other['header'], self._boot_lines(boot, other['rules']))
            undo.add(self._disk.put, boot.path, self._disk.snapshot(boot.path))
            if self._disk.put(boot.path, wanted):
                rebuild = boot
        if rebuild is not None:
            rebuild.rebuild()

    def _stop_auditd(self):  # type: () -> None
        """End the daemon that we started. auditd.service refuses a manual stop; SIGTERM is what auditd(8) documents."""
        kernel = t.cast(_kernel.Kernel, self._kernel)
        pid = int(kernel.status().get('pid') or 0)
        if pid <= 0:
            return
        self._disk.terminate(pid)
        deadline = time.time() + STOP_SECONDS
        while kernel.status().get('pid') and self._disk.is_directory('/proc/{0}'.format(pid)):
            if time.time() >= deadline:
                raise _kernel.KernelError('auditd (pid {0}) did not end within {1:.0f} s of SIGTERM'.format(pid, STOP_SECONDS))
            time.sleep(0.1)

    def _restore_settings(self, record, last):  # type: (_ledger.Record, bool) -> t.List[str]
        """Settings back to what they were, but not those that somebody else has changed since; these are returned as warnings."""
        if self._kernel is None or self.locked() or not self.host['status']:
            return []
        before, after, now = self.host['status'], self.host['status_after'], self._kernel.status()
        needed = {name for other in self._ledger.others(self._options.name) for name in other['settings']}
        names = [name for name in _kernel.SETTINGS if name in now and name in before] if last else list(record['settings'])
        back, kept = {}, []
        for name in names:
            # A lock was that boot's; put back, it would keep everybody out until the next one.
            if name in needed or now[name] == before[name] or (name == 'enabled' and before[name] == 2):
                continue
            if now[name] != after.get(name, now[name]):
                kept.append('{0} stays {1}: somebody else has changed it since (it was {2} before).'.format(name, now[name], before[name]))
            else:
                back[name] = int(before[name])
        self._kernel.set(back)
        return kept

    def forget(self):  # type: () -> bool
        """Drop a record that only waited for packages to be removed, and what they left behind. Returns whether there was one."""
        if self.record is None or self.record['phase'] != 'noted':
            return False
        self._ledger.remove(self._options.name)
        return True
