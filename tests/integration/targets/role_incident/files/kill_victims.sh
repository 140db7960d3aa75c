#!/bin/sh
# Kills victims with hostile names, each by a process of its own, and prints the killers' PIDs.
# Sender and victim are not related, so that nothing here counts as noise.
set -eu
cd "$1"
for name in plain '{{ lookup("pipe","touch pwned") }}' "$(printf '\033[31mred\nline')" '=1+1'; do
    cp /bin/sleep "./$name"
    "./$name" 300 </dev/null >/dev/null 2>&1 &
    victim=$!
    # The new program has the name only once it runs.
    until [ "$(readlink "/proc/$victim/exe")" = "$PWD/$name" ]; do sleep 0.1; done
    # shellcheck disable=SC2016 # the killer expands it
    ./killer -c 'echo $$; kill -KILL "$1"; :' "$(printf 'evil\033[2J\nname')" "$victim"
    wait "$victim" || true
done
