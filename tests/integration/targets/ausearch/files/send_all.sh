#!/bin/sh
# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# send_all.sh SEND64 SEND32: each way of sending a signal once, with programs made from send_signal.c.
# Prints one line per case: CASE SYSCALL SIGNAL SENDER TARGET[,TARGET...] EXIT, for a test to compare events with.
# SEND32 may be "-" where no 32-bit programs can be had.
set -u
send64=$1
send32=$2

# victim: starts a process to be killed; its pid is in $victim
victim() {
    sleep 300 >/dev/null 2>&1 &
    victim=$!
}


send() { # CASE PROGRAM SYSCALL SIGNAL [COMM]
    victim
    sender=$("$2" "$3" "$victim" "$4" ${5:+"$5"})
    echo "$1 $3 $4 $sender $victim $?"
    [ "$4" != 0 ] || kill -9 "$victim"
    wait "$victim" 2>/dev/null
}

for call in kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal; do
    send "b64_$call" "$send64" "$call" 15
    [ "$send32" = - ] || send "b32_$call" "$send32" "$call" 9
done
send probe "$send64" kill 0
send realtime "$send64" kill 34
send power "$send64" kill 30
# The name `x key=no uid=0`, cut by the kernel to 15 bytes; then a newline, a quote, 0x1d, invalid UTF-8 and an escape sequence.
send hostile_words "$send64" kill 15 78206b65793d6e6f207569643d30
send hostile_bytes "$send64" kill 15 0a22271dff1b5b33316de280ae7b7b

victim
kill -9 "$victim"
wait "$victim" 2>/dev/null
sender=$("$send64" kill "$victim" 9)
echo "gone kill 9 $sender $victim $?"

# A process group of three: the leader tells its pid and its children's.
group=$(mktemp)
# shellcheck disable=SC2016 # the inner shell expands them
setsid sh -c 'sleep 300 & a=$!; sleep 300 & b=$!; echo "$$ $a $b" >"$0"; wait' "$group" >/dev/null 2>&1 </dev/null &
leader=$!
while [ ! -s "$group" ]; do sleep 0.05; done
read -r leader first second <"$group"
rm -f "$group"
sender=$("$send64" kill "-$leader" 15)
echo "group kill 15 $sender $leader,$first,$second $?"
