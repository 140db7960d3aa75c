# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fresh machines for the demo: this one's root file system below a layer that is thrown away, on this one's kernel."""

from __future__ import annotations

import os
import pathlib
import shutil
import signal
import stat
import subprocess
import time
import typing as t

import pytest

PLAIN_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
SETTINGS = ("backlog_limit", "failure", "rate_limit", "enabled")


class File(t.NamedTuple):
    mode: str
    owner: tuple[int, int]
    content: bytes | None


class Snapshot(t.NamedTuple):
    """What the demo has to leave byte for byte as it was."""

    rules: list[str]
    settings: dict[str, str]
    files: dict[str, File] | None


class Machine:
    """Runs commands in a changed root. Must live in a mount namespace of its own."""

    def __init__(self, base: pathlib.Path) -> None:
        self.root, layer = base / "root", base / "layer"
        self.root.mkdir()
        layer.mkdir()
        self.mounts = [layer, self.root]
        mount("-t", "tmpfs", "layer", layer)
        for name in ("upper", "work"):
            (layer / name).mkdir()
        mount("-t", "overlay", "-o", f"lowerdir=/,upperdir={layer}/upper,workdir={layer}/work", "overlay", self.root)
        for name in ("proc", "dev", "sys"):
            mount("--rbind", f"/{name}", self.root / name)
        for name, mode in (("run", "0755"), ("tmp", "1777"), ("root", "0700")):
            mount("-t", "tmpfs", "-o", f"mode={mode}", name, self.root / name)
        # /etc/resolv.conf often points below /run.
        resolv = pathlib.Path("/etc/resolv.conf").resolve()
        if resolv.is_relative_to("/run") and resolv.is_file():
            copy = self.root / resolv.relative_to("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(resolv, copy)

    def close(self) -> None:
        for mounted in reversed(self.mounts):
            subprocess.run(["umount", "--recursive", "--lazy", mounted], check=True)

    def run(self, *command: str, user: str = "root", container: bool = False, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command without stdin, with the environment of a fresh login, and return its output.

        In a container it runs as in an ordinary one in this respect: outside the first PID namespace, which the kernel's audit refuses.
        """
        home = "/root" if user == "root" else f"/home/{user}"
        passed = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "http", "no_"))}
        namespace = ["unshare", "--pid", "--fork", f"--mount-proc={self.root}/proc"] if container else []
        done = subprocess.run(
            [*namespace, "chroot", f"--userspec={user}", self.root, *command],
            env={**passed, "PATH": PLAIN_PATH, "HOME": home, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, f"{command} exited {done.returncode}:\n{done.stdout}"
        return done

    def has(self, package: str) -> bool:
        asked = self.run("dpkg-query", "--show", "--showformat=${Status}", package, check=False)
        return asked.returncode == 0 and "not-installed" not in asked.stdout

    def remove(self, *packages: str) -> None:
        present = [package for package in packages if self.has(package)]
        if present:
            self.run("apt-get", "purge", "--yes", *present)

    def install(self, *packages: str) -> None:
        """Install packages, without starting their services."""
        self.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)
        self.run("apt-get", "-qq", "update")
        self.run("apt-get", "-qq", "install", "--yes", "--no-install-recommends", *packages)
        (self.root / "usr/sbin/policy-rc.d").unlink()

    def venv_package(self) -> str:
        """Debian's package without which its Python makes no virtual environments."""
        return self.run("python3", "-c", 'import sys; print("python%d.%d-venv" % sys.version_info[:2], end="")').stdout

    def write(self, path: str, content: str, mode: int = 0o640) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        file.chmod(mode)

    def checkout(self, user: str = "root") -> str:
        """Put a copy of the checkout where a user would have it, and return its path in the machine."""
        path = "/root/fleet" if user == "root" else f"/home/{user}/fleet"
        here = self.root / path[1:]
        shutil.copytree(os.environ["DEMO_CHECKOUT"], here, symlinks=True, ignore=shutil.ignore_patterns(".git", "output"))
        if user != "root":
            self.run("chown", "--recursive", f"{user}:", f"/home/{user}")
        return path

    def tree(self, path: str) -> dict[str, File] | None:
        """Every file at and below a path, or None where there is no such path."""
        top = self.root / path
        if not top.exists():
            return None
        found = {}
        for file in [top, *sorted(top.rglob("*"))]:
            status = file.lstat()
            content = file.read_bytes() if stat.S_ISREG(status.st_mode) else None
            found[str(file.relative_to(top))] = File(stat.filemode(status.st_mode), (status.st_uid, status.st_gid), content)
        return found


class Kernel:
    """The audit of the kernel that all machines share, asked through a machine that is there for nothing else."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        if not machine.has("auditd"):
            machine.install("auditd")

    def auditctl(self, *arguments: str) -> str:
        return self.machine.run("auditctl", *arguments).stdout

    def status(self) -> dict[str, str]:
        return dict(line.split(maxsplit=1) for line in self.auditctl("-s").splitlines())

    def rules(self) -> list[str]:
        return [line for line in self.auditctl("-l").splitlines() if line.startswith("-")]

    def settings(self) -> dict[str, str]:
        now = self.status()
        return {name: now[name] for name in SETTINGS}

    def restore(self, before: Snapshot) -> None:
        """Take away what a failed test left."""
        for rule in self.rules():
            if rule not in before.rules:
                delete = rule.replace("-a ", "-d ", 1).replace("-w ", "-W ", 1)
                self.auditctl(*delete.split())
        pid = int(self.status()["pid"])
        if pid:
            os.kill(pid, signal.SIGTERM)
            self.wait_for_auditd(running=False)
        for name, option in zip(SETTINGS, ("-b", "-f", "-r", "-e"), strict=True):
            self.auditctl(option, before.settings[name])

    def wait_for_auditd(self, *, running: bool) -> None:
        deadline = time.monotonic() + 10
        while (self.status()["pid"] != "0") != running:
            assert time.monotonic() < deadline, f"auditd is {'not ' if running else ''}running after 10 s"
            time.sleep(0.1)


def mount(*arguments: str | pathlib.Path) -> None:
    subprocess.run(["mount", *arguments], check=True)


def cannot_run(reason: str) -> t.NoReturn:
    """Skip with the reason, or fail with it in CI, where nothing may be skipped."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def machine(tmp_path: pathlib.Path) -> t.Iterator[Machine]:
    """A machine as this one is, to be changed at will."""
    if not shutil.which("apt-get"):
        cannot_run("makes its machines with apt-get")
    yield from lend(tmp_path)


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Machine]:
    yield from lend(tmp_path_factory.mktemp("tools"))


@pytest.fixture
def kernel(tools: Machine) -> t.Iterator[Kernel]:
    """The kernel's audit, free for the test and put back afterwards."""
    kernel = Kernel(tools)
    status = kernel.status()
    if status.get("enabled") not in ("0", "1"):
        cannot_run(f"this kernel's audit can't be used: {status}")
    if status["pid"] != "0":
        cannot_run(f"process {status['pid']} is this machine's auditd, and a kernel talks to one only")
    before = Snapshot(kernel.rules(), kernel.settings(), None)
    yield kernel
    kernel.restore(before)


def lend(base: pathlib.Path) -> t.Iterator[Machine]:
    machine = Machine(base)
    yield machine
    machine.close()
