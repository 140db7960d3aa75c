# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run one transaction of a set of rules, and die by SIGKILL at its Nth change of the host.

run_until.py '{"state": "present", "step": 3, "name": "x", "rules": [...], ...}'   step 0 runs to the end
Exits 0 when it came to the end, 1 with the reason on stdout when the transaction failed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _files, _kernel, _ledger, _ruleset

READ_ONLY = ("-s", "-l", "-v", "--dump", "show")
"""Words by which a command of audit's tools changes nothing."""


class Countdown:
    """Kills this process just before its Nth change."""

    def __init__(self, step: int) -> None:
        self.step = step
        self.count = 0

    def tick(self) -> None:
        self.count += 1
        if self.count == self.step:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        def counted(*arguments: t.Any, **options: t.Any) -> t.Any:
            self.tick()
            return function(*arguments, **options)

        return counted


def runner(countdown: Countdown) -> _kernel.Run:
    def run(argv: t.Sequence[str]) -> tuple[int, str, str]:
        if not any(word in READ_ONLY for word in argv):
            countdown.tick()
        done = subprocess.run(list(argv), stdin=subprocess.DEVNULL, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}, check=False)
        return done.returncode, done.stdout, done.stderr

    return run


def main() -> int:
    asked = json.loads(sys.argv[1])
    countdown = Countdown(asked["step"])
    for name in ("rename", "unlink", "rmdir", "makedirs", "fsync"):
        setattr(os, name, countdown.around(getattr(os, name)))
    run = runner(countdown)
    options = _ruleset.Options(
        name=asked["name"],
        rules=tuple(asked.get("rules", ())),
        header="# A set of rules under test.",
        scope=asked.get("scope", "both"),
        loader=asked.get("loader", "auto"),
        kernel="auto",
        immutable="fail",
        never_task=asked.get("never_task", "keep"),
        settings=asked.get("settings", {}),
    )
    try:
        with _files.Lock(_ruleset.LOCK, _ruleset.LOCK_SECONDS):
            ruleset = _ruleset.Ruleset(run, _kernel.HostNames(_kernel.machine(), run), _ledger.Ledger(), options)
            result = ruleset.present(False) if asked["state"] == "present" else ruleset.absent(False)
    except _ruleset.Errors as error:
        print(error)
        return 1
    print(json.dumps({"changed": result.changed, "changes": countdown.count}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
