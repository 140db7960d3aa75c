# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.linux_audit.fleet.plugins.filter import _incident_problems

problems = _incident_problems.FilterModule().filters()["_incident_problems"]


def test_nothing_wrong():
    assert problems(["incident_keys"], ["incident_keys"], ["KILL", 9, "15", "sigterm"], {"incident_since": "1d ago", "incident_until": ""}) == []


def test_everything_wrong():
    found = problems(["incident_keyz"], ["incident_keys"], ["KILLL"], {"incident_since": "soon"})
    assert len(found) == 3
    assert "incident_keyz" in found[0]
    assert "did you mean incident_keys?" in found[0]
    assert found[1].startswith("incident_signals: KILLL is not a signal")
    assert found[2].startswith("incident_since: ")
    assert "soon" in found[2]


def test_wrong_input():
    with pytest.raises(AnsibleFilterError, match=r"Input for linux_audit\.fleet\._incident_problems must be"):
        problems("incident_keys", [], [], {})
