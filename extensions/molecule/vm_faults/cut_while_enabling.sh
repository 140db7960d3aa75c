#!/bin/sh
# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cut_while_enabling.sh MACHINE: enable, and cut the machine's power as soon as it says that it is in the middle of it.
set -u
cd "$MOLECULE_PROJECT_DIRECTORY" || exit
timeout 300 ansible-playbook -i extensions/molecule/utils/inventory --limit "$1" linux_audit.fleet.enable </dev/null >"$MOLECULE_EPHEMERAL_DIRECTORY/cut.log" 2>&1 &
enable=$!
for _ in $(seq 200); do
    if python3 tests/lab ssh "$1" test -e /run/lab_cutting; then
        python3 tests/lab cut "$1"
        wait "$enable" && exit 1 # it must not have succeeded
        exit 0
    fi
    kill -0 "$enable" 2>/dev/null || break
    sleep 1
done
cat "$MOLECULE_EPHEMERAL_DIRECTORY/cut.log"
exit 1
