#!/usr/bin/python

# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: incident_open
short_description: Make the folder of a new incident on the controller
version_added: 0.1.0
author:
  - linux_audit.fleet contributors (@linux-audit)
description:
  - Makes the folder that M(linux_audit.fleet.incident_collect) fills and M(linux_audit.fleet.incident_report) reads. Only the user who
    runs Ansible can read it.
  - A part of the role P(linux_audit.fleet.incident#role), which is the way to use it.
extends_documentation_fragment:
  - linux_audit.fleet.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - Every incident has a folder of its own.
options:
  folder:
    description:
      - The folder to make. It must not exist, or be empty.
      - Without it the folder is C(incident-) and the time in UTC, in the current directory.
    type: path
  source:
    description:
      - The folder of an earlier incident whose answers are copied into the new one.
    type: path
seealso:
  - module: linux_audit.fleet.incident_collect
  - module: linux_audit.fleet.incident_report
"""

EXAMPLES = r"""
- name: Make the folder of an incident
  linux_audit.fleet.incident_open:
  register: incident
  run_once: true
"""

RETURN = r"""
folder:
  description: The absolute path of the folder.
  returned: success
  type: str
  sample: /home/ops/incident-20261123T104112Z
"""
