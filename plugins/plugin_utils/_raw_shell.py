# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shell scripts for hosts without Python: how they get there, and how their answers are told apart.

This file is private to the collection: it can change without notice.

A script is POSIX sh. What it prints is divided into sections by lines with a word that is new for
every script, so that nothing on the host can be mistaken for such a line.
"""

from __future__ import annotations

import re
import secrets
import typing as t

LIMIT = 50000
"""Characters of one command: Linux takes 131,072 bytes as one argument, and privilege escalation quotes it again."""

_PRELUDE = r"""LC_ALL=C LANGUAGE=C; export LC_ALL LANGUAGE
PATH=/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/sbin:/usr/local/bin:$PATH; export PATH
umask 077
exec 3>&1
mark() { printf '\n--%s %s\n' WORD "$1"; }
"""
_SAFE = frozenset(" !#$%&()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz{|}~")


class RawError(Exception):
    """The host did not answer as a POSIX shell should; the text is what it said instead."""


class Script(t.NamedTuple):
    """A script, and the word by which its answer is divided."""

    text: str
    word: str

    @classmethod
    def of(cls, body: str) -> Script:
        """Make a script of ``body``, which calls ``mark NAME`` before each section."""
        word = secrets.token_hex(12)
        return cls(_PRELUDE.replace("WORD", word) + body + "\nmark end\n", word)

    def commands(self) -> list[str]:
        """Return the commands that run the script, one after the other.

        Quotes are what every shell on the way multiplies: there are only four in a command, whatever is in the script.
        """
        pieces = _pieces(self.text)
        if len(pieces) == 1:
            return [f"eval \"$(printf %b '{pieces[0]}')\""]
        folder = f"/var/run/linux_audit_fleet.{self.word}"
        first = f"umask 077; mkdir {folder} && printf %b '{pieces[0]}' >{folder}/script"
        others = [f"printf %b '{piece}' >>{folder}/script || {{ rm -rf {folder}; exit 1; }}" for piece in pieces[1:]]
        return [first, *others, f"sh {folder}/script; r=$?; rm -rf {folder}; exit $r"]

    def sections(self, said: str) -> dict[str, str]:
        """Divide what the script printed. Raises RawError when it did not come to its end."""
        # A terminal, which ssh gives to raw, ends each line with a carriage return.
        if re.search(rf"\n--{self.word} [^\r\n]*\r\n", said):
            said = said.replace("\r\n", "\n")
        found = re.split(rf"\n--{self.word} (.*)\n", said)
        sections = dict(zip(found[1::2], found[2::2]))
        if "end" not in sections:
            complaint = sections.get("failed") or said
            raise RawError(complaint.strip()[-2000:] or "the host said nothing")
        return sections


def _encode(character: str) -> str:
    if character in _SAFE:
        return character
    return "\\\\" if character == "\\" else "\\n" if character == "\n" else "".join(f"\\0{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))


def _pieces(text: str) -> list[str]:
    """The text as printf's %b takes it, in pieces no longer than LIMIT."""
    pieces = [""]
    parts: list[str] = []
    length = 0
    for character in text:
        encoded = _encode(character)
        if length + len(encoded) > LIMIT:
            pieces[-1] = "".join(parts)
            pieces.append("")
            parts, length = [], 0
        parts.append(encoded)
        length += len(encoded)
    pieces[-1] = "".join(parts)
    return pieces
