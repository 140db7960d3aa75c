# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of an incident on the controller: what each host answered, and files made of it.

This file is private to the collection: it can change without notice.

``hosts/NAME.ndjson`` holds the answer of one host: its first line says how the search went, the
others are the host's events. Nothing here keeps events in memory, as there may be millions.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
import typing as t
import urllib.parse
from pathlib import Path

from . import _health, _text

Event = dict[str, t.Any]

_HOSTS = "hosts"
_PROGRESS = ".progress"


class Search(t.NamedTuple):
    """What a host was searched for, as the user wrote it; None and empty are no condition."""

    keys: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    process: str = ""
    signals: tuple[str, ...] = ()
    sender: str = ""


class Answer(t.NamedTuple):
    """How the search of one host went.

    ``search`` is None when the host was not even asked. ``status`` is searched, failed or unreachable; ``reason`` says why it is not searched.
    ``truncated`` tells that the host has more events than it was asked for; ``concerns`` say
    why the host's log may not hold everything.
    """

    host: str
    status: str
    reason: str | None = None
    truncated: bool = False
    concerns: tuple[_health.Concern, ...] = ()
    search: Search | None = None

    def as_dict(self) -> dict[str, t.Any]:
        """Return the answer as JSON knows it."""
        return {**self._asdict(), "search": self.search and self.search._asdict()}


def _answer(data: dict[str, t.Any]) -> Answer:
    search = data["search"]
    if search is not None:
        search = Search(**{**search, "keys": tuple(search["keys"]), "signals": tuple(search["signals"])})
    return Answer(**{**data, "concerns": tuple((code, detail) for code, detail in data["concerns"]), "search": search})


@contextlib.contextmanager
def new_file(path: Path) -> t.Iterator[t.TextIO]:
    """Write a file that only its owner may read and that is there whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def create(path: Path, source: Path | None = None) -> None:
    """Make the folder of a new incident, readable by its owner only.

    It begins with the answers of ``source``, the folder of an earlier incident. Raises
    FileNotFoundError when that has none, and FileExistsError when there is something in ``path``
    already: evidence is not overwritten.
    """
    answers = sorted((source / _HOSTS).glob("*.ndjson")) if source else []
    if source and not answers:
        raise FileNotFoundError(f"{source} holds no answers of hosts")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(path.iterdir()):
        raise FileExistsError(f"{path} is not empty")
    path.chmod(0o700)
    (path / _HOSTS).mkdir(mode=0o700)
    for answer in answers:
        copy = path / _HOSTS / answer.name
        shutil.copyfile(answer, copy)
        copy.chmod(0o600)


def _answer_path(folder: Path, host: str) -> Path:
    return folder / _HOSTS / (urllib.parse.quote(host, safe="") + ".ndjson")


def store(folder: Path, answer: Answer, events: t.Iterable[Event]) -> None:
    """Write what one host answered, in place of what it answered before."""
    with new_file(_answer_path(folder, answer.host)) as file:
        file.write(_text.json_line(answer.as_dict()))
        for event in events:
            file.write(_text.json_line({"host": answer.host, **event}))


def note_progress(folder: Path, signals: int) -> tuple[int, int]:
    """Add a host with so many ``signals``, return how many hosts and signals there are by now."""
    with (folder / _PROGRESS).open("a+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(f"{signals}\n")
        file.seek(0)
        counts = [int(line) for line in file]
    return len(counts), sum(counts)


def end_progress(folder: Path) -> None:
    """Forget the progress."""
    (folder / _PROGRESS).unlink(missing_ok=True)


class Collected:
    """Everything that the hosts of an incident answered, events in the order of their time."""

    def __init__(self, folder: Path) -> None:
        self.answers: list[Answer] = []
        self._paths: list[Path] = []
        self._index: list[tuple[str, int, int]] = []
        for path in sorted((folder / _HOSTS).glob("*.ndjson")):
            self._read(path)
        self._index.sort()

    def _read(self, path: Path) -> None:
        number = len(self._paths)
        self._paths.append(path)
        with path.open("rb") as file:
            self.answers.append(_answer(json.loads(file.readline())))
            offset = file.tell()
            for line in file:
                self._index.append((json.loads(line)["time"], number, offset))
                offset += len(line)

    def __len__(self) -> int:
        return len(self._index)

    def events(self) -> t.Iterator[Event]:
        """Yield the events of all hosts, each with its ``host``."""
        with contextlib.ExitStack() as stack:
            current, file = -1, None
            for _time, number, offset in self._index:
                if number != current or file is None:
                    stack.close()
                    current, file = number, stack.enter_context(self._paths[number].open("rb"))
                file.seek(offset)
                yield json.loads(file.readline())
