# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import csv
import io
import json
import unicodedata

import pytest

from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _text

HOSTILE = [
    "\x1b[2J\x1b]0;owned\x07",
    "a\nb\r\nc\td",
    "\u202eexe.txt",
    "back\\slash \\x1b",
    "\x9b31m",
    "zero\u200bwidth\ufeff",
    "e\u0301",
    "blank\u3164",
    "tag\U000e0041",
    "line\u2028sep",
    "nbsp\xa0",
    "lone\udc80",
    "\x00",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_visible_hides_nothing(text):
    shown = _text.visible(text)
    assert all(
        char == " " or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs", "Mn", "Me")
        for char in shown
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_visible_can_be_undone(text):
    shown = _text.visible(text)
    assert shown.isascii()
    assert shown.encode("ascii").decode("unicode_escape") == text


@pytest.mark.parametrize("text", ["bash", "my process {x}", "größe", "日本", "Привет", "it's \"quoted\""])
def test_visible_leaves_plain_text(text):
    assert _text.visible(text) == text


@pytest.mark.parametrize(
    "text, limit, expected",
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("", 3, ""),
    ],
)
def test_cut(text, limit, expected):
    assert _text.cut(text, limit) == expected
    assert _text.width(expected) <= limit


def test_table_aligns_and_escapes():
    lines = _text.table(
        ["PID", "COMM", "LAST"],
        [["1", "日本", "x"], ["22222", "evil\n\x1b[m", "a very long end"]],
        [10, 12, 8],
    )
    assert _text.table(["EXE"], [["/usr/local/bin/日本"], ["/bin/sh"]], [-10])[1:] == ["…/bin/日本", "/bin/sh"]
    assert lines == [
        "PID    COMM          LAST",
        "1      日本          x",
        "22222  evil\\n\\x1b[m  a very …",
    ]


def test_table_without_rows_is_its_header():
    assert _text.table(["A", "B"], [], [3, 3]) == ["A  B"]


@pytest.mark.parametrize("start", list("=+-@") + ["\uff1d", " =", "  @"])
def test_csv_cell_is_no_formula(start):
    cell = _text.csv_cell(start + "cmd|' /C calc'!A0")
    assert cell == "'" + start + "cmd|' /C calc'!A0"


@pytest.mark.parametrize("start", ["\t", "\r", "\n", "\x00", "\t="])
def test_csv_cell_starts_with_no_control(start):
    assert _text.csv_cell(start + "1")[0] == "\\"


@pytest.mark.parametrize(
    "value, expected",
    [(None, ""), (-1, "-1"), (0, "0"), (True, "True"), ("", ""), ("bash", "bash"), ("a=b", "a=b"), (" ", " ")],
)
def test_csv_cell_plain(value, expected):
    assert _text.csv_cell(value) == expected


@pytest.mark.parametrize("text", HOSTILE + ['a,"b";=c'])
def test_csv_row_is_one_line(text):
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow([_text.csv_cell(text), "end"])
    assert out.getvalue().count("\n") == 1
    assert next(csv.reader([out.getvalue()])) == [_text.csv_cell(text), "end"]


@pytest.mark.parametrize("text", HOSTILE[:-2] + ["\x00", "日本"])
def test_json_line_gives_the_text_back(text):
    line = _text.json_line({"comm": text})
    assert line.isascii()
    assert line.count("\n") == 1
    assert json.loads(line) == {"comm": text}


def test_json_line_has_no_lone_surrogate():
    line = _text.json_line({"k\udc80": ["\ud800", {"a": "ok \U0001f600"}]})
    back = json.loads(line)
    assert back == {"k\\udc80": ["\\ud800", {"a": "ok \U0001f600"}]}
    json.dumps(back, ensure_ascii=False).encode("utf-8")
