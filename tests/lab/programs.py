# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that the lab runs: found, installed where apt-get can, else named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import typing as t

PROGRAMS = {
    "containers": {
        "mmdebstrap": "mmdebstrap",
        "arch-test": "arch-test",
        "podman": "podman",
        "runc": "runc",
        "netavark": "netavark aardvark-dns",
        "catatonit": "catatonit",
        "iptables": "iptables",
    },
    "amd64": {
        "mmdebstrap": "mmdebstrap",
        "arch-test": "arch-test",
        "qemu-system-x86_64": "qemu-system-x86",
        "qemu-img": "qemu-utils",
        "mkfs.ext4": "e2fsprogs",
        "ssh": "openssh-client",
    },
}
PROGRAMS["i386"] = {**PROGRAMS["amd64"], "qemu-system-i386": "qemu-system-x86"}
PROGRAMS["arm64"] = {
    **PROGRAMS["amd64"],
    "qemu-system-aarch64": "qemu-system-arm",
    "qemu-aarch64-static": "qemu-user-static binfmt-support",
}
"""What is needed → program → the Debian packages that have it."""

_EMULATED = {"arm64": "qemu-aarch64"}
_HIDDEN = ("/usr/lib/podman", "/usr/libexec/podman", "/usr/local/sbin", "/usr/sbin", "/sbin")


# Signatures are checked; a mirror that lags behind, as sid's often does, is good enough for tests.
MMDEBSTRAP = ("nice", "mmdebstrap", "--quiet", "--variant=minbase", '--aptopt=Acquire::Check-Valid-Until "false"')


class LabError(Exception):
    """The lab can't do it here; the message says what is missing."""


def run(argv: t.Sequence[str | os.PathLike[str]], **options: t.Any) -> subprocess.CompletedProcess[str]:
    """Run a program; its output is shown only when it fails."""
    done = subprocess.run(
        [str(word) for word in argv], check=False, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options
    )
    if done.returncode != 0:
        raise LabError(f"{' '.join(map(str, argv))} exited with {done.returncode}:\n{done.stdout}")
    return done


def find(program: str) -> str | None:
    return shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", ""), *_HIDDEN]))


def need(purpose: str) -> None:
    """Have all programs for a purpose, which is `containers` or an architecture."""
    missing = {program: packages for program, packages in PROGRAMS[purpose].items() if not find(program)}
    if missing:
        _install(missing)
    if purpose in _EMULATED and subprocess.run(["arch-test", purpose], check=False, capture_output=True).returncode != 0:
        _emulate(_EMULATED[purpose])


def _emulate(interpreter: str) -> None:
    """Let the kernel run another architecture's programs by QEMU, while their root file system is made."""
    binfmt = "/proc/sys/fs/binfmt_misc"
    if not os.path.exists(f"{binfmt}/register"):
        run(["mount", "-t", "binfmt_misc", "binfmt_misc", binfmt])
    run(["update-binfmts", "--enable", interpreter])


def _install(missing: t.Mapping[str, str]) -> None:
    packages = sorted({package for names in missing.values() for package in names.split()})
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise LabError(f"{', '.join(missing)} missing: install what Debian calls {' '.join(packages)}")
    print(f"lab: installing {' '.join(packages)}", file=sys.stderr)
    run(["apt-get", "-qq", "update"])
    run(
        ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", "install", "--yes", "--no-install-recommends", *packages],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )
