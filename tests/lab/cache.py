# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lab keeps what it made, keyed by what made it."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import time
import typing as t

MAX_AGE_DAYS = 30
"""Suites get updates: what is older is made anew."""


def root() -> pathlib.Path:
    """The cache folder; nothing but time is lost when it is removed."""
    configured = os.environ.get("LINUX_AUDIT_FLEET_CACHE")
    if configured:
        return pathlib.Path(configured)
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "linux_audit_fleet"


def folder(name: str) -> pathlib.Path:
    path = root() / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def key(*recipe: t.Any) -> str:
    """A short name for what a recipe makes: the same recipe, the same name."""
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:12]


def is_old(made: float) -> bool:
    return time.time() - made > MAX_AGE_DAYS * 86400


@contextlib.contextmanager
def lock(name: str) -> t.Iterator[None]:
    """Let one process make a thing while others wait for it."""
    with (folder("locks") / name).open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def making(path: pathlib.Path) -> t.Iterator[pathlib.Path]:
    """A folder that gets its name only when it is complete."""
    unfinished = path.with_name(path.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        yield unfinished
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    shutil.rmtree(path, ignore_errors=True)
    unfinished.rename(path)
