#!/bin/sh
# Run the demo playbook against this machine, from this checkout alone.
set -eu
cd "$(dirname "$0")/.."
scripts/venv.sh requirements-demo.txt

# Neither another copy of the collection on this machine nor anybody's ansible.cfg has a say.
collections=$PWD/.venv/collections
config=$PWD/.venv/ansible.cfg
printf '[defaults]\nlocalhost_warning = false\ndisplay_skipped_hosts = false\n\n[inventory]\ninventory_unparsed_warning = false\n' >"$config"
rm -rf "$collections"
ANSIBLE_COLLECTIONS_PATH=$collections ANSIBLE_CONFIG=$config \
    .venv/bin/ansible-galaxy collection install --offline --force -p "$collections" . >/dev/null

set -- env "ANSIBLE_COLLECTIONS_PATH=$collections" "ANSIBLE_CONFIG=$config" LC_ALL=C.UTF-8 \
    "$PWD/.venv/bin/ansible-playbook" linux_audit.fleet.demo "$@"
if [ "$(id -u)" -ne 0 ] && sudo -n true 2>/dev/null; then
    set -- sudo -n "$@"
fi
exec "$@"
