#!/bin/sh
# Make .venv and install the pinned tools into it:  scripts/venv.sh requirements-dev.txt
# PYTHON names the interpreter to use; otherwise the first one of version 3.11 or newer is taken.
set -eu
cd "$(dirname "$0")/.."
requirements=$1

suits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
makes_venvs() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

find_python() {
    for python in ${PYTHON:-python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11}; do
        if suits "$python"; then
            found=${found:-$python}
            if makes_venvs "$python"; then
                found=$python
                return
            fi
        fi
    done
    if [ -z "${found:-}" ]; then
        echo "Python 3.11 or newer is needed on this machine; name one with PYTHON=/path/to/python3." >&2
        exit 1
    fi
}

# Debian and Ubuntu split ensurepip off Python into a package of its own.
install_ensurepip() {
    package=$("$found" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    echo "$found lacks ensurepip: installing $package"
    if ! command -v apt-get >/dev/null ||
        ! { as_root apt-get -qq update && as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get -qq -o Dpkg::Use-Pty=0 install --yes --no-install-recommends "$package"; } </dev/null >&2; then
        echo "Install the package $package (as root), then try again." >&2
        exit 1
    fi
}

if ! suits .venv/bin/python; then
    find_python
    makes_venvs "$found" || install_ensurepip
    "$found" -m venv --clear .venv
fi

stamp=.venv/$requirements.installed
wanted=$(cat requirements-*.txt | cksum)
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    echo "Installing $requirements into .venv"
    .venv/bin/python -m pip --disable-pip-version-check install --quiet -r "$requirements"
    echo "$wanted" >"$stamp"
fi
