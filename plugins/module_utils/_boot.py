# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our part of the files from which rules are loaded at boot. This file is private to the collection.

With augenrules that is a file of its own in rules.d, otherwise a marked block in audit.rules.
"""

import hashlib
import os
import re
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _files, _kernel, _loader, _rule

# Behind a vendor's rules, so that ours never take an event away from theirs, and before the 99-finalize.rules that locks.
_FILE = '95-{0}.rules'
_BEGIN = '# BEGIN linux_audit.fleet {0}'
_END = '# END linux_audit.fleet {0}'
_NEVER_TASK_RE = re.compile(r'^(-a +(?:task,never|never,task)(?: .*)?)$', re.M)
_PUT_ASIDE = '# linux_audit.fleet put aside: '
_LOCK_RE = re.compile(r'^-e\s+2\b', re.M)


class BootError(Exception):
    """The boot files can't be written as wished."""


def own_file(name, loader):  # type: (str, _loader.Loader) -> str
    """The file that holds the rules of a name."""
    return os.path.join(_loader.RULES_DIRECTORY, _FILE.format(name)) if loader.kind == 'augenrules' else loader.file


def _text(taken):  # type: (t.Optional[_files.Snapshot]) -> str
    return taken.content.decode('utf-8', 'surrogateescape') if taken else ''


def _block_re(name):  # type: (str) -> t.Pattern[str]
    return re.compile(r'^{0}\n.*?^{1}\n'.format(re.escape(_BEGIN.format(name)), re.escape(_END.format(name))), re.M | re.S)


def without_block(text, name):  # type: (str, str) -> str
    return _block_re(name).sub('', text)


def with_block(text, name, body):  # type: (str, str, str) -> str
    """The rules file with our block in it: before the line that locks the rules, else at the end. A block that is there is replaced in place."""
    block = '{0}\n{1}{2}\n'.format(_BEGIN.format(name), body, _END.format(name))
    if _block_re(name).search(text):
        return _block_re(name).sub(lambda dummy: block, text, count=1)
    if text and not text.endswith('\n'):
        text += '\n'
    lock = _LOCK_RE.search(text)
    at = lock.start() if lock else len(text)
    return text[:at] + block + text[at:]


def has_never_task(text):  # type: (str) -> bool
    return _NEVER_TASK_RE.search(text) is not None


def without_never_task(text):  # type: (str) -> str
    """A rules file in which the rules that switch auditing off for new processes are comments, marked as ours."""
    return _NEVER_TASK_RE.sub(lambda match: _PUT_ASIDE + match.group(1), text)


def with_never_task(text):  # type: (str) -> str
    """The same file with those rules back in their places."""
    return re.sub('^' + re.escape(_PUT_ASIDE), '', text, flags=re.M)


def turn_never_task(taken, remove):  # type: (t.Optional[_files.Snapshot], bool) -> t.Optional[_files.Snapshot]
    """A rules file with the rules that switch auditing off put aside, or put back."""
    if taken is None:
        return None
    text = without_never_task(_text(taken)) if remove else with_never_task(_text(taken))
    return taken._replace(content=text.encode('utf-8', 'surrogateescape'))


def _rule_lines(text):  # type: (str) -> t.List[str]
    return [line for line in text.split('\n') if line.startswith(('-a', '-A', '-w'))]


class BootFiles:
    """What one name has in the boot files of this host."""

    def __init__(self, name, loader, run, disk=_files.LOCAL):  # type: (str, _loader.Loader, _kernel.Run, _files.Disk) -> None
        self.name = name
        self.loader = loader
        self.path = own_file(name, loader)
        self._run = run
        self._disk = disk

    def lines(self):  # type: () -> t.List[str]
        """The rules that stand there for this name."""
        text = _text(self._disk.snapshot(self.path))
        if self.loader.kind != 'augenrules':
            match = _block_re(self.name).search(text)
            text = match.group(0) if match else ''
        return _rule_lines(text)

    def others(self, names):  # type: (_rule.Names) -> t.List[_rule.Rule]
        """Everybody else's rules in the boot files, as far as they can be read."""
        if self.loader.kind == 'augenrules':
            texts = [_text(self._disk.snapshot(path)) for path in self._others_paths()]
        else:
            texts = [without_block(_text(self._disk.snapshot(self.path)), self.name)]
        rules = []
        for text in texts:
            for line in _rule_lines(text):
                try:
                    rules.append(_rule.parse(line, names))
                except _rule.RuleError:
                    continue  # not ours to judge
        return rules

    def _others_paths(self):  # type: () -> t.List[str]
        paths = [os.path.join(_loader.RULES_DIRECTORY, entry) for entry in self._disk.names(_loader.RULES_DIRECTORY) if entry.endswith('.rules')]
        return [path for path in paths if path != self.path]

    def fingerprint(self, own):  # type: (t.Iterable[str]) -> str
        """SHA-256 of the files in rules.d that are no name's of ours; `own` are ours."""
        digest = hashlib.sha256()
        for path in self._others_paths():
            if path not in own:
                taken = self._disk.snapshot(path)
                content = with_never_task(_text(taken)).encode('utf-8', 'surrogateescape')
                digest.update('{0}\0{1}\0'.format(path, len(content) if taken else -1).encode('utf-8', 'surrogateescape'))
                digest.update(content)
        return digest.hexdigest()

    def never_task(self, remove):  # type: (bool) -> t.List[t.Tuple[str, _files.Snapshot]]
        """Files in rules.d with what they are to become, to put aside or to put back the rules that switch auditing off."""
        changed = []
        for path in self._others_paths() if self.loader.kind == 'augenrules' else []:
            taken = self._disk.snapshot(path)
            wanted = turn_never_task(taken, remove)
            if taken is not None and wanted is not None and wanted != taken:
                changed.append((path, wanted))
        return changed

    def wanted(self, header, lines):  # type: (str, t.Sequence[str]) -> t.Optional[_files.Snapshot]
        """The own file as it should be; None when it should not be there."""
        now = self._disk.snapshot(self.path)
        body = ''.join(line + '\n' for line in header.rstrip('\n').split('\n') + list(lines)) if lines else ''
        if self.loader.kind == 'augenrules':
            return _files.Snapshot(body.encode('utf-8', 'surrogateescape'), 0o640, 0, 0) if lines else None
        text = _text(now)
        text = with_block(text, self.name, body) if lines else without_block(text, self.name)
        if now is None and not text:
            return None
        return (now or _files.Snapshot(b'', 0o640, 0, 0))._replace(content=text.encode('utf-8', 'surrogateescape'))

    def stale(self, lines, gone):  # type: (t.Sequence[str], t.Sequence[str]) -> bool
        """Whether audit.rules must be built anew, because it lacks one of our lines or still has one that is gone."""
        if self.loader.kind != 'augenrules':
            return False
        present = set(_rule_lines(_text(self._disk.snapshot(_loader.RULES_FILE))))
        return any(line not in present for line in lines) or any(line in present for line in gone if line not in lines)

    def rebuild(self):  # type: () -> None
        """Let augenrules build audit.rules from rules.d, without loading it: loading would flush the rules of others from the kernel."""
        if self.loader.kind != 'augenrules':
            return
        augenrules = _kernel.binary('augenrules', self._disk)
        if augenrules is None:
            raise BootError('{0} loads rules with augenrules, but augenrules is not installed'.format(self.loader.by))
        code, out, err = self._run([augenrules])
        if code != 0:
            raise BootError('augenrules could not build {0}: {1}'.format(_loader.RULES_FILE, (err or out).strip() or 'exit code {0}'.format(code)))


def without_lines(text, lines):  # type: (bytes, t.Sequence[str]) -> bytes
    """The text of a rules file less these lines."""
    gone = {line.encode('utf-8', 'surrogateescape') for line in lines}
    return b'\n'.join(line for line in text.split(b'\n') if line not in gone)


def digest(path, disk=_files.LOCAL):  # type: (str, _files.Disk) -> t.Optional[str]
    """SHA-256 of a file, None when it is not there."""
    taken = disk.snapshot(path)
    return None if taken is None else hashlib.sha256(taken.content).hexdigest()
