# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Strings from audit logs made safe for a terminal, a spreadsheet and a JSON line.

This file is private to the collection: it can change without notice.

Whoever can start a process chooses its name and its arguments, so every string of a log
is hostile until it went through one of these functions.
"""

from __future__ import annotations

import json
import re
import typing as t
import unicodedata

_SHORT_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}

# Controls, format characters (bidi marks among them), surrogates, private and unassigned
# code points, separators, and marks that pile up on the character before them.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs", "Mn", "Me"})

# Letters and symbols by category, but blank on every screen.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")

_FORMULA_STARTS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

ELLIPSIS = "…"


def _escape(char: str) -> str:
    if char in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[char]
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _is_hidden(char: str) -> bool:
    return char != " " and (unicodedata.category(char) in _HIDDEN_CATEGORIES or char in _BLANK)


def visible(text: str) -> str:
    """Return ``text`` with every character that is not plainly seen written as an escape.

    The escapes are those of Python's string literals (``\\n``, ``\\x1b``, ``\\u202e``,
    ``\\U000e0001``); a backslash is doubled, so the original can always be had back.
    """
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return "".join(
        _escape(char) if char == "\\" or _is_hidden(char) else char for char in text
    )


def _char_width(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def width(text: str) -> int:
    """Return how many terminal cells ``text``, an output of :func:`visible`, takes."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


def cut(text: str, limit: int) -> str:
    """Return ``text`` in at most ``limit`` cells, ending in an ellipsis when it was longer."""
    if width(text) <= limit:
        return text
    kept: list[str] = []
    used = 1
    for char in text:
        used += _char_width(char)
        if used > limit:
            break
        kept.append(char)
    return "".join(kept) + ELLIPSIS


def cut_start(text: str, limit: int) -> str:
    """Return ``text`` in at most ``limit`` cells, its end kept and an ellipsis before it when it was longer."""
    return cut(text[::-1], limit)[::-1]


def table(header: t.Sequence[str], rows: t.Iterable[t.Sequence[str]], limits: t.Sequence[int]) -> list[str]:
    """Return the lines of a table of aligned columns, the header first.

    ``limits`` holds the most cells each column may take, negative where the end of a longer text
    is to be kept instead of its start. Cells are escaped with :func:`visible`; lines have no
    blanks at their end.
    """
    cells = [list(header)]
    cells += [
        [cut(visible(cell), limit) if limit > 0 else cut_start(visible(cell), -limit) for cell, limit in zip(row, limits)]
        for row in rows
    ]
    widths = [max(map(width, column)) for column in zip(*cells)]
    return [
        "  ".join(cell + " " * (size - width(cell)) for cell, size in zip(row, widths)).rstrip()
        for row in cells
    ]


def csv_cell(value: object) -> str:
    """Return ``value`` as the text of a CSV cell that no spreadsheet takes for a formula.

    Text is escaped with :func:`visible`, so that a row is one line; an apostrophe goes before
    what would start a formula. None becomes an empty cell, numbers stay as they are.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = visible(value)
    return "'" + text if text.lstrip()[:1] in _FORMULA_STARTS and text.strip() else text


def _without_lone_surrogates(value: t.Any) -> t.Any:
    if isinstance(value, str):
        return _LONE_SURROGATE.sub(lambda match: _escape(match.group()), value)
    if isinstance(value, dict):
        return {_without_lone_surrogates(key): _without_lone_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_lone_surrogates(item) for item in value]
    return value


def json_line(value: object) -> str:
    """Return ``value`` as one line of JSON in ASCII, with a newline at its end.

    ASCII keeps C1 controls and bidi marks away from the terminal of whoever reads the file
    with a pager; every JSON reader gives the characters back. A lone surrogate, which is not
    valid UTF-8, is written as the text of its escape.
    """
    text = json.dumps(value, separators=(",", ":"))
    if "\\ud" in text:
        text = json.dumps(_without_lone_surrogates(value), separators=(",", ":"))
    return text + "\n"
