# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Misspelt variables, which Ansible itself passes over in silence.

This file is private to the collection: it can change without notice.
"""

from __future__ import annotations

import difflib
import typing as t


def misspelt(names: t.Iterable[str], known: t.Collection[str]) -> list[str]:
    """Return a sentence for each of ``names`` that is not ``known``, with the known name it is nearest to."""
    sentences = []
    for name in sorted(set(names) - set(known)):
        nearest = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)
        sentences.append(f"{name} is no variable of this role" + (f"; did you mean {nearest[0]}?" if nearest else "."))
    return sentences
