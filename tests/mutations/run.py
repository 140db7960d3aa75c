# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put deliberate faults into copies of the collection, and see that the tests catch each:  run.py COLLECTION FILE [NAME...]

COLLECTION lies below ansible_collections/linux_audit/fleet; FILE gets the list of faults between its two markers. With names,
only these faults are tried and the file is left alone. Ends with 1 when a fault was caught by nothing.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import typing as t

BEGIN, END = "<!-- mutations: written by make mutations -->", "<!-- end of mutations -->"
SECONDS = 900


class Mutation(t.NamedTuple):
    """A fault, and the command that has to fail because of it: a scenario of molecule or a test for pytest."""

    name: str
    layer: str
    file: str
    before: str
    after: str
    caught_by: str


UTILS = "plugins/module_utils"
MUTATIONS = (
    Mutation(
        "tgkill's signal sought in argument a1 instead of a2", "_signal, _compile", f"{UTILS}/_signal.py",
        "    'tgkill': 2,\n", "    'tgkill': 1,\n", "molecule kernel",
    ),
    Mutation(
        "`auditctl -D -k KEY` instead of deleting rule by rule", "_kernel", f"{UTILS}/_kernel.py",
        "            elif word == '-w':\n                argv[index] = '-W'\n",
        "            elif word == '-w':\n                argv[index] = '-W'\n"
        "        if '-k' in argv:\n            argv = ['-D', '-k', argv[argv.index('-k') + 1]]\n",
        "molecule kernel",
    ),
    Mutation(
        "`augenrules --load` instead of augenrules alone, at teardown too", "_boot", f"{UTILS}/_boot.py",
        "self._run([augenrules])", "self._run([augenrules, '--load'])", "molecule kernel",
    ),
    Mutation(
        "the boot file readable for everybody", "_boot", f"{UTILS}/_boot.py",
        "'surrogateescape'), 0o640, 0, 0) if lines", "'surrogateescape'), 0o644, 0, 0) if lines", "molecule container",
    ),
    Mutation(
        "drop-ins of a unit added instead of replacing its commands", "_loader", f"{UTILS}/_loader.py",
        "commands + [command.strip()] if command.strip() else []", "commands + [command.strip()] if command.strip() else commands",
        "pytest tests/unit/plugins/module_utils/test_loader.py",
    ),
    Mutation(
        "the record kept after teardown", "_ledger", f"{UTILS}/_ledger.py",
        "        self._disk.discard(self._path(name))\n        self.sweep()\n", "        self.sweep()\n", "molecule container",
    ),
    Mutation(
        "a container taken for a host whose kernel can be reached", "_kernel", f"{UTILS}/_kernel.py",
        "    if 'enabled' not in status:\n", "    if not out and not err:\n", "molecule container",
    ),
    Mutation(
        "values in hexadecimal left as they are", "_text, _event", f"{UTILS}/_text.py",
        "return bytes.fromhex(raw) if not len(raw) & 1 and _HEX(raw) else None", "return None",
        "pytest tests/unit/plugins/module_utils/test_event.py",
    ),
    Mutation(
        "ausearch left to read its standard input instead of the logs", "_ausearch", f"{UTILS}/_ausearch.py",
        "            stdin = subprocess.DEVNULL if feeder is None else feeder.stdout\n",
        "            self.arguments = self.arguments[:-2]\n            stdin = subprocess.Popen(['true'], stdout=subprocess.PIPE).stdout\n",
        "molecule kernel",
    ),
    Mutation(
        "pidfd_send_signal not known to send signals", "_signal, _compile", f"{UTILS}/_signal.py",
        "    'pidfd_send_signal': 1,\n", "", "molecule kernel",
    ),
)  # fmt: skip


def place(collection: pathlib.Path, mutation: Mutation) -> str:
    """The text of the file to change; ends the program when the fault can't be put there."""
    text = (collection / mutation.file).read_text()
    if text.count(mutation.before) != 1:
        sys.exit(f"{mutation.name}: {mutation.file} has no such place any more, or several; mend the mutation")
    return text


def copy(collection: pathlib.Path, folder: pathlib.Path, mutation: Mutation | None) -> pathlib.Path:
    target = folder / "ansible_collections/linux_audit/fleet"
    shutil.copytree(collection, target, ignore=shutil.ignore_patterns(".git", "__pycache__"))
    if mutation:
        (target / mutation.file).write_text(place(collection, mutation).replace(mutation.before, mutation.after))
    return target


def passes(collection: pathlib.Path, folder: pathlib.Path, command: str, log: t.TextIO) -> bool:
    program, dummy, argument = command.partition(" ")
    base = str(folder)
    path = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")
    environment = {**os.environ, "PYTHONPATH": base, "ANSIBLE_COLLECTIONS_PATH": f"{base}:{path}", "LAB_SUITES": "bookworm", "LAB_RESULTS": ""}
    if program == "molecule":
        argv = ["molecule", "test", "--scenario-name", argument]
    else:
        argv = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", argument]
    try:
        done = subprocess.run(argv, cwd=collection, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def run(collection: pathlib.Path, command: str, mutation: Mutation | None) -> bool:
    with tempfile.TemporaryDirectory(prefix="mutation.") as name, open(os.path.join(tempfile.gettempdir(), "mutation.log"), "w") as log:
        folder = pathlib.Path(name)
        return passes(copy(collection, folder, mutation), folder, command, log)


def write_table(path: pathlib.Path, rows: list[str]) -> None:
    text = path.read_text()
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    table = "| fault | layer | caught by |\n|---|---|---|\n" + "".join(rows)
    path.write_text(f"{head}{BEGIN}\n{table}{END}{tail}")


def main(collection: pathlib.Path, target: pathlib.Path, names: list[str]) -> int:
    chosen = [mutation for mutation in MUTATIONS if not names or mutation.name in names]
    for mutation in chosen:
        place(collection, mutation)
    for command in sorted({mutation.caught_by for mutation in chosen}):
        if not run(collection, command, None):
            sys.exit(f"{command} fails without any fault; see {tempfile.gettempdir()}/mutation.log")
    missed, rows = 0, []
    for mutation in chosen:
        caught = not run(collection, mutation.caught_by, mutation)
        missed += not caught
        rows.append(f"| {mutation.name} | {mutation.layer} | {mutation.caught_by} |\n")
        print(f"{'caught' if caught else 'MISSED'}: {mutation.name} ({mutation.caught_by})", flush=True)
    if not names and not missed:
        write_table(target, rows)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]), sys.argv[3:]))
