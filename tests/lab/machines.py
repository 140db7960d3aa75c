# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks and virtual machines of QEMU, under software emulation: real kernels, real boots, no harm to this machine."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import typing as t

import cache
import programs

PACKAGES = (
    "systemd", "systemd-sysv", "dbus", "udev", "kmod", "initramfs-tools", "openssh-server",
    "python3", "auditd", "procps", "iproute2", "util-linux",
)  # fmt: skip
SIZE = "2G"
LIFETIME = 3 * 3600
"""Seconds after which a machine that nobody has stopped is ended."""
BOOT_SECONDS = 300.0


class Architecture(t.NamedTuple):
    """What QEMU needs to know for one of Debian's architectures."""

    kernel: str
    qemu: tuple[str, ...]
    console: str


ARCHITECTURES = {
    "amd64": Architecture("linux-image-cloud-amd64", ("qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max"), "ttyS0"),
    "i386": Architecture("linux-image-686", ("qemu-system-i386", "-accel", "tcg,thread=multi", "-cpu", "max"), "ttyS0"),
    "arm64": Architecture("linux-image-cloud-arm64", ("qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a57"), "ttyAMA0"),
}

# The security archive has dropped what bullseye's i386 index still names.
MIRRORS = {("bullseye", "i386"): ("http://deb.debian.org/debian",)}

SETUP = r"""
set -eu
root=$1
echo lab >"$root/etc/hostname"
printf '127.0.0.1 localhost lab\n' >"$root/etc/hosts"
echo '/dev/vda / ext4 defaults 0 1' >"$root/etc/fstab"
printf '[Match]\nName=e*\n[Network]\nDHCP=yes\n' >"$root/etc/systemd/network/80-lab.network"
install -d -m 700 "$root/root/.ssh"
install -m 600 "$LAB_PUBLIC_KEY" "$root/root/.ssh/authorized_keys"
chroot "$root" passwd --delete root
chroot "$root" systemctl enable systemd-networkd ssh
chroot "$root" systemctl mask systemd-networkd-wait-online.service apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer dpkg-db-backup.timer logrotate.timer man-db.timer
"""


def private_key() -> pathlib.Path:
    """The key that opens every machine of this cache."""
    path = cache.folder("ssh") / "id_ed25519"
    with cache.lock("ssh"):
        if not path.exists():
            programs.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "linux_audit.fleet lab", "-f", path])
    return path


def disk(suite: str, arch: str) -> pathlib.Path:
    """The folder with disk.img, vmlinuz and initrd of a suite and architecture."""
    programs.need(arch)
    public_key = private_key().with_suffix(".pub")
    path = cache.folder("disks") / f"{suite}-{arch}-{cache.key(suite, arch, PACKAGES, ARCHITECTURES[arch].kernel, SIZE, SETUP, public_key.read_text())}"
    with cache.lock(path.name):
        if path.exists() and not cache.is_old(path.stat().st_mtime):
            return path
        print(f"lab: making the disk of {suite} on {arch}; slow for another architecture than this machine's", file=sys.stderr)
        began = time.monotonic()
        with cache.making(path) as folder:
            _make(suite, arch, folder, public_key)
        print(f"lab: made in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return path


def _make(suite: str, arch: str, folder: pathlib.Path, public_key: pathlib.Path) -> None:
    root, script = folder / "root", folder / "setup"
    script.write_text(SETUP)
    programs.run(
        [
            *programs.MMDEBSTRAP, f"--architectures={arch}",
            f"--include={','.join((*PACKAGES, ARCHITECTURES[arch].kernel))}", f"--customize-hook=sh {script} \"$1\"", suite, root,
            *MIRRORS.get((suite, arch), ()),
        ],
        env={**os.environ, "LAB_PUBLIC_KEY": str(public_key)},
    )  # fmt: skip
    for kind, name in (("vmlinuz-*", "vmlinuz"), ("initrd.img-*", "initrd")):
        (found,) = (root / "boot").glob(kind)
        shutil.copy(found, folder / name)
    programs.run(["truncate", f"--size={SIZE}", folder / "disk.img"])
    programs.run(["nice", programs.find("mkfs.ext4") or "mkfs.ext4", "-q", "-d", root, folder / "disk.img"])
    shutil.rmtree(root)
    script.unlink()


class Machine:
    """One machine by name: its state lies in a folder below `run` until it is stopped."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = cache.root() / "run" / name

    def state(self) -> dict[str, t.Any]:
        try:
            return t.cast("dict[str, t.Any]", json.loads((self.folder / "state.json").read_text()))
        except FileNotFoundError:
            raise programs.LabError(f"no machine {self.name} is running") from None

    def start(self, suite: str, arch: str, parameters: str = "") -> dict[str, t.Any]:
        """Boot with a fresh disk, and wait for ssh. Returns its state: port and private_key for ssh, kernel parameters, suite, arch."""
        self.stop()
        base = disk(suite, arch)
        self.folder.mkdir(parents=True)
        programs.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", base / "disk.img", self.folder / "disk.qcow2"])
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        state = {"suite": suite, "arch": arch, "base": str(base), "port": port, "private_key": str(private_key())}
        return self._boot(state, parameters)

    def boot(self, parameters: str = "") -> dict[str, t.Any]:
        """Boot once more with the disk as it is: after a power cut, or with other kernel parameters."""
        state = self.state()
        self.cut()
        return self._boot(state, parameters)

    def _boot(self, state: dict[str, t.Any], parameters: str) -> dict[str, t.Any]:
        architecture = ARCHITECTURES[state["arch"]]
        base = pathlib.Path(state["base"])
        state["parameters"] = parameters
        (self.folder / "state.json").write_text(json.dumps(state))
        command = [
            "nice", "timeout", str(LIFETIME), *architecture.qemu, "-smp", "2", "-m", "1024", "-display", "none", "-monitor", "none",
            "-serial", f"file:{self.folder / 'console.log'}", "-pidfile", str(self.folder / "pid"),
            "-kernel", str(base / "vmlinuz"), "-initrd", str(base / "initrd"),
            "-append", f"root=/dev/vda rw console={architecture.console} {parameters}".strip(),
            "-drive", f"file={self.folder / 'disk.qcow2'},if=virtio,format=qcow2",
            "-object", "rng-random,id=rng,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng",
            "-nic", f"user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:{state['port']}-:22",
        ]  # fmt: skip
        with (self.folder / "qemu.log").open("w") as log:
            qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        while self._pid() is None:
            if qemu.poll() is not None:
                raise programs.LabError(f"{command[3]} ended:\n{(self.folder / 'qemu.log').read_text()}")
            time.sleep(0.1)
        self.wait()
        return state

    def wait(self) -> None:
        """Wait until a command can be run by ssh."""
        deadline = time.monotonic() + BOOT_SECONDS
        while self.ssh("true", capture=True).returncode != 0:
            if time.monotonic() > deadline or not self.running():
                console = (self.folder / "console.log").read_text(errors="replace")[-3000:]
                raise programs.LabError(f"{self.name} did not come up in {BOOT_SECONDS:.0f} s; the end of its console:\n{console}")
            time.sleep(1)

    def ssh(self, *command: str, capture: bool = False) -> subprocess.CompletedProcess[str]:
        state = self.state()
        options = [
            "-i", state["private_key"], "-p", str(state["port"]), "-o", "BatchMode=yes", "-o", "ConnectTimeout=5",
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
        ]  # fmt: skip
        return subprocess.run(["ssh", *options, "root@127.0.0.1", *command], check=False, capture_output=capture, text=True, stdin=subprocess.DEVNULL)

    def _pid(self) -> int | None:
        """QEMU's process, None when it has ended or the number has gone to another one."""
        try:
            pid = int((self.folder / "pid").read_text())
            own = str(self.folder).encode() in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ValueError):
            return None
        return pid if own else None

    def running(self) -> bool:
        return self._pid() is not None

    def cut(self) -> None:
        """Cut the power: what the machine has not yet written to its disk is lost."""
        pid = self._pid()
        while pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)
            pid = self._pid()

    def stop(self) -> None:
        """End the machine and forget its disk."""
        self.cut()
        shutil.rmtree(self.folder, ignore_errors=True)


def running() -> list[str]:
    return sorted(path.name for path in cache.folder("run").iterdir())
