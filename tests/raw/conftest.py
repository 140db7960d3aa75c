# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host without Python: a container with sh, auditd and an SSH server, that reaches this machine's kernel."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import typing as t

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lab"))

import cache
import containers
import programs

SUITE = "bookworm"
PACKAGES = ("auditd", "openssh-server")
NAME = "linux_audit_fleet_raw"
PROGRAMS = pathlib.Path(sys.executable).parent


def cannot_run(reason: str) -> t.NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _image() -> str:
    name = f"localhost/linux_audit_fleet:{SUITE}-{cache.key('raw', SUITE, PACKAGES)}"
    made = containers.podman("image", "inspect", "--format", "{{.Created.Unix}}", name, check=False).strip()
    if not made or cache.is_old(float(made)):
        with cache.making(cache.folder("images") / "raw") as folder:
            programs.run([*programs.MMDEBSTRAP, f"--include={','.join(PACKAGES)}", SUITE, folder / "root.tar"])
            containers.podman("import", "--quiet", str(folder / "root.tar"), name)
            (folder / "root.tar").unlink()
    return name


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Host:
    """The container, and Ansible on this machine that works on it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.key = folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key)], check=True)

    def start(self) -> None:
        containers.stop(NAME)
        containers.podman("run", "--detach", "--name", NAME, "--timeout=1800", "--privileged", "--pid=host", "--network=host", _image(), "sleep", "infinity")
        self.sh("mkdir -p /run/sshd; mkdir -m 0700 -p /root/.ssh")
        containers.podman("cp", str(self.key) + ".pub", f"{NAME}:/root/.ssh/authorized_keys")
        self.sh("chown root:root /root/.ssh/authorized_keys; chmod 600 /root/.ssh/authorized_keys")
        self.sh(f"/usr/sbin/sshd -p {self.port} -o ListenAddress=127.0.0.1 -o UsePAM=no")
        options = "-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o LogLevel=ERROR"
        variables = {
            "ansible_host": "127.0.0.1",
            "ansible_port": self.port,
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(self.key),
            "ansible_ssh_common_args": options,
            "syscall_audit_transport": "raw",
            "incident_transport": "raw",
        }
        (self.folder / "inventory.json").write_text(json.dumps({"all": {"hosts": {"bare": variables}}}))

    def sh(self, script: str) -> str:
        """Run a script in the container, not through Ansible."""
        return containers.podman("exec", NAME, "sh", "-c", script)

    def auditd(self) -> int:
        """Start auditd, return its PID once it is connected to the kernel."""
        self.sh("mkdir -p /var/log/audit; auditd </dev/null >/dev/null 2>&1")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            pid = int(self.settings()["pid"])
            if pid:
                return pid
            time.sleep(0.2)
        raise AssertionError("auditd did not connect to the kernel")

    def settings(self) -> dict[str, str]:
        return dict(line.split(maxsplit=1) for line in self.sh("auditctl -s").splitlines())

    def state(self) -> dict[str, str]:
        """What must be as before: rules, settings, files with mode and content, records, leftovers."""
        now = self.settings()
        return {
            "rules": self.sh("auditctl -l"),
            "settings": str([now[name] for name in ("enabled", "failure", "rate_limit", "backlog_limit", "backlog_wait_time")]),
            "files": self.sh("cd /etc/audit; find . -exec ls -ldn {} + | awk '{print $1, $3, $4, $NF}'; find . -type f -exec cksum {} + | sort"),
            "traces": self.sh("ls -d /var/lib/linux_audit_fleet* /run/linux_audit_fleet* /tmp/.ansible* /root/.ansible* 2>/dev/null; true"),
        }

    def play(self, playbook: str, *arguments: str, fails: bool = False, **variables: t.Any) -> subprocess.CompletedProcess[str]:
        """Run a playbook of the collection."""
        command = [str(PROGRAMS / "ansible-playbook"), "-i", str(self.folder / "inventory.json"), f"linux_audit.fleet.{playbook}"]
        done = subprocess.run(
            [*command, "-e", json.dumps(variables), *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd=self.folder, env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
        )  # fmt: skip
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Host]:
    """The host, running auditd."""
    if os.geteuid() != 0:
        cannot_run("needs root")
    if not shutil.which("ssh"):
        cannot_run("needs ssh")
    host = Host(tmp_path_factory.mktemp("raw"))
    try:
        programs.need("containers")
        host.start()
    except (programs.LabError, OSError) as error:
        cannot_run(f"there is no container: {error}")
    before = host.settings()
    if before.get("enabled") not in ("0", "1") or before["pid"] != "0":
        containers.stop(NAME)
        cannot_run(f"this kernel's audit is in use or locked: {before}")
    pid = host.auditd()
    try:
        yield host
    finally:
        host.play("teardown", syscall_audit_name="all")
        os.kill(pid, 15)
        time.sleep(1)
        host.sh("".join(f"auditctl {option} {before[name]};" for name, option in (("backlog_limit", "-b"), ("failure", "-f"), ("enabled", "-e"))))
        containers.stop(NAME)
