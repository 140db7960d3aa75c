# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import re

import pytest

from ansible_collections.linux_audit.fleet.plugins.module_utils import _text


def unescape(text):
    """The way back that _text documents."""
    return re.sub(rb'\\x([0-9a-f]{2})', lambda found: bytes([int(found.group(1), 16)]), text.encode('utf-8'))


@pytest.mark.parametrize(
    ('data', 'shown'),
    [
        (b'sleep', 'sleep'),
        (b'a\\b', 'a\\b'),
        (b'dev-disk\\x2dby', 'dev-disk\\x5cx2dby'),
        (b'\xff\\xff', '\\xff\\x5cxff'),
        (b'\\\xff', '\\\\xff'),
        ('Zoë \u202e'.encode(), 'Zoë \u202e'),
        (b'\xed\xa0\x80', '\\xed\\xa0\\x80'),
        (b'\x00\n\x1d\x1b[31m', '\x00\n\x1d\x1b[31m'),
    ],
)
def test_bytes_come_back(data, shown):
    assert _text.escape(data) == shown
    assert unescape(shown) == data
    assert _text.text(data.decode('latin-1')) == shown


@pytest.mark.parametrize(
    ('raw', 'value'),
    [
        ('"sleep"', 'sleep'),
        ('736C656570', 'sleep'),
        ('736c656570', '736c656570'),
        ('736C65657', '736C65657'),
        ('root', 'root'),
        ('(null)', None),
        ('(none)', None),
        ('?', None),
        ('""', ''),
        ('', ''),
    ],
)
def test_untrusted_strings(raw, value):
    assert _text.untrusted(raw) == value
