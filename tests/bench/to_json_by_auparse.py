# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one would write with python3-audit: ``to_json_by_auparse.py LOG KEY OUTPUT``, every event with the key as a line of JSON."""

import json
import sys

import auparse

log, key, output = sys.argv[1:]
parser = auparse.AuParser(auparse.AUSOURCE_FILE, log)
with open(output, 'w', encoding='utf-8') as lines:
    while parser.parse_next_event():
        records = []
        parser.first_record()
        while True:
            record = {'type': parser.get_type_name()}
            parser.first_field()
            while True:
                record[parser.get_field_name()] = parser.interpret_field()
                if not parser.next_field():
                    break
            records.append(record)
            if not parser.next_record():
                break
        if records[0].get('key') == key:
            stamp = parser.get_timestamp()
            lines.write(json.dumps({'time': stamp.sec + stamp.milli / 1000, 'serial': stamp.serial, 'records': records}) + '\n')
