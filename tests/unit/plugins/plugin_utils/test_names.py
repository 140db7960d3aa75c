# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.linux_audit.fleet.plugins.plugin_utils import _names

KNOWN = ["incident_keys", "incident_signals", "incident_since"]


@pytest.mark.parametrize(
    "wrong, right",
    [("incident_signal", "incident_signals"), ("incident_key", "incident_keys"), ("incident_from_time", "incident_since")],
)
def test_misspelt_names_the_nearest(wrong, right):
    (sentence,) = _names.misspelt(["incident_keys", wrong], KNOWN)
    assert sentence == f"{wrong} is no variable of this role; did you mean {right}?"


def test_known_names_are_fine():
    assert _names.misspelt(KNOWN, KNOWN) == []
