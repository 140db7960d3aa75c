#!/bin/sh
# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# state.sh FILE: write down everything that enabling may change on a host and teardown has to take back.
set -u
LC_ALL=C
export LC_ALL
umask 077
{
    for path in /etc /var/lib/linux_audit_fleet /run/linux_audit_fleet.lock /usr/share/audit /tmp/linux_audit*; do
        [ -e "$path" ] || continue
        # What systemd and its like write of their own accord is no trace of ours.
        find "$path" \( -name machine-id -o -name adjtime -o -name resolv.conf -o -name .pwd.lock -o -name ld.so.cache -o -name .updated \) -prune \
            -o -printf '%p %y %m %u %g %l\n' | sort
        find "$path" -type f ! -name machine-id ! -name adjtime ! -name resolv.conf ! -name ld.so.cache ! -name .updated -exec sha256sum {} + | sort -k 2
    done
    [ -d /var/log/audit ] && echo '/var/log/audit is there'
    auditctl -l
    auditctl -s | grep -Ev '^(pid|lost|backlog|backlog_wait_time_actual) '
    auditctl -s | grep -q '^pid 0$' && echo 'no auditd'
    command -v dpkg-query >/dev/null && dpkg-query --show
    command -v rpm >/dev/null && rpm --query --all | sort
} >"$1" 2>&1
exit 0
