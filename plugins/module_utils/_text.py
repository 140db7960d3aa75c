# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text of audit records: what is encoded how. This file is private to the collection.

Pure: no Ansible, no I/O. Records are handled as ``str`` decoded from bytes as Latin-1 (*raw* below): one character per byte,
nothing can fail, and the bytes are there again when a value is wanted.

A value that is given out is valid UTF-8. A byte that is not part of valid UTF-8 becomes ``\\xNN`` (lower-case hexadecimal);
a backslash of the data stays one, save before ``x`` and two such digits, where it becomes ``\\x5c``. So replacing each
``\\xNN`` by its byte gives back exactly what was there.
"""

import re
import typing as t

_SPECIAL = re.compile(r'[\x80-\xff]|\\x[0-9a-f]{2}').search
_LITERAL = re.compile(rb'\\(?=x[0-9a-f]{2})')
_HEX = re.compile('[0-9A-F]+').fullmatch

NOTHING = frozenset(('(null)', '(none)', '?'))
"""What stands for an absent value."""


def escape(data):  # type: (bytes) -> str
    """Bytes as text that JSON can carry, reversibly (see above)."""
    if b'\\' in data:
        data = _LITERAL.sub(rb'\\x5c', data)
    return data.decode('utf-8', 'backslashreplace')


def text(raw):  # type: (str) -> str
    """A raw piece of a record as text that JSON can carry."""
    return escape(raw.encode('latin-1')) if _SPECIAL(raw) else raw


def unquote(raw):  # type: (str) -> str
    """Without the double or single quotes around it."""
    return raw[1:-1] if len(raw) > 1 and raw[0] == raw[-1] and raw[0] in '"\'' else raw


def unhex(raw):  # type: (str) -> t.Optional[bytes]
    """The bytes that the kernel wrote in hexadecimal (audit_log_n_hex: upper case); None when this is not such a value."""
    return bytes.fromhex(raw) if not len(raw) & 1 and _HEX(raw) else None


def untrusted(raw):  # type: (str) -> t.Optional[str]
    """A string that the kernel encodes when it has to: ``"sleep"``, ``736C 65…`` or nothing.

    Sources: audit_log_untrustedstring, kernel/audit.c; audit_value_needs_encoding, lib/audit_logging.c.
    """
    if raw[:1] == '"':
        return text(unquote(raw))
    if raw in NOTHING:
        return None
    data = unhex(raw)
    return text(raw) if data is None else escape(data)
