#!/bin/sh
# Run the demo playbook against this machine, from this checkout alone.
set -eu
cd "$(dirname "$0")/.."
scripts/venv.sh requirements-demo.txt

# A collections path of our own, so that no other copy of the collection on this machine is run instead.
export ANSIBLE_COLLECTIONS_PATH="$PWD/.venv/collections"
export ANSIBLE_CONFIG=/dev/null ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_INVENTORY_UNPARSED_WARNING=false LC_ALL=C.UTF-8
.venv/bin/ansible-galaxy collection install --offline --force --no-deps -p "$ANSIBLE_COLLECTIONS_PATH" . >/dev/null

if [ "$(id -u)" -ne 0 ] && sudo -n true 2>/dev/null; then
    exec sudo -n env "ANSIBLE_COLLECTIONS_PATH=$ANSIBLE_COLLECTIONS_PATH" ANSIBLE_CONFIG=/dev/null \
        ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_INVENTORY_UNPARSED_WARNING=false LC_ALL=C.UTF-8 \
        .venv/bin/ansible-playbook linux_audit.fleet.demo "$@"
fi
exec .venv/bin/ansible-playbook linux_audit.fleet.demo "$@"
