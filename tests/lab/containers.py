# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images and containers of podman, in a storage of their own below the cache folder."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
import typing as t

import cache
import programs

SUITES = ("bullseye", "bookworm", "trixie", "sid")
"""Debian's suites with audit 3.0, 3.0.9, 4.0.2 and 4.1 or newer."""

PACKAGES = ("systemd", "systemd-sysv", "dbus", "python3", "auditd", "procps", "iproute2")
# For images from a registry: the first of these package managers that is there installs the same.
INSTALL = (
    "apt-get:apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends systemd systemd-sysv dbus python3 auditd procps",
    "dnf:dnf install -y systemd audit python3 procps-ng hostname",
    "zypper:zypper --non-interactive install systemd audit python3 procps",
)
LIFETIME = 3 * 3600
"""Seconds after which podman ends a container that nobody has removed."""

# The limits are those that a machine without CAP_SYS_RESOURCE may give; crun does not start where cgroup v1 and v2 are mixed.
CONTAINERS_CONF = """[containers]
default_ulimits = ["nofile=1024:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
STORAGE_CONF = """[storage]
driver = "overlay"
graphroot = "{graphroot}"
runroot = "/run/linux_audit_fleet_lab"
"""


def environment() -> dict[str, str]:
    """What makes podman use the lab's settings and storage; Ansible's connection plugin needs it too."""
    folder = cache.folder("podman")
    (folder / "containers.conf").write_text(CONTAINERS_CONF)
    (folder / "storage.conf").write_text(STORAGE_CONF.format(graphroot=folder / "storage"))
    return {"CONTAINERS_CONF": str(folder / "containers.conf"), "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf")}


def podman(*arguments: str, check: bool = True) -> str:
    done = subprocess.run(["podman", *arguments], check=False, text=True, capture_output=True, stdin=subprocess.DEVNULL, env={**os.environ, **environment()})
    if check and done.returncode != 0:
        raise programs.LabError(f"podman {shlex.join(arguments)}: {done.stderr}")
    return done.stdout if done.returncode == 0 else ""


def image(source: str) -> str:
    """The name of the image of a Debian suite, or of one derived from an image in a registry (its name has a slash)."""
    programs.need("containers")
    recipe = cache.key(source, PACKAGES, INSTALL)
    name = f"localhost/linux_audit_fleet:{source.replace('/', '_').replace(':', '_')}-{recipe}"
    with cache.lock("image-" + recipe):
        made = podman("image", "inspect", "--format", "{{.Created.Unix}}", name, check=False).strip()
        if not made or cache.is_old(float(made)):
            print(f"lab: making the image {name}", file=sys.stderr)
            began = time.monotonic()
            if "/" in source:
                _derive(source, name)
            else:
                _bootstrap(source, name)
            print(f"lab: made in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return name


def _bootstrap(suite: str, name: str) -> None:
    with cache.making(cache.folder("images") / suite) as folder:
        tar = folder / "root.tar"
        programs.run([*programs.MMDEBSTRAP, f"--include={','.join(PACKAGES)}", suite, tar])
        podman("import", "--quiet", str(tar), name)
        tar.unlink()


def _derive(source: str, name: str) -> None:
    steps = [line.partition(":") for line in INSTALL]
    script = "".join(f"if command -v {manager} >/dev/null; then {command}; exit; fi; " for manager, dummy, command in steps) + "exit 1"
    container = podman("run", "--detach", "--quiet", source, "sh", "-c", script).strip()
    try:
        if podman("wait", container).strip() != "0":
            raise programs.LabError(f"{source} can't be made an image of the lab:\n{podman('logs', container)}")
        podman("commit", "--quiet", container, name)
    finally:
        podman("rm", "--force", container, check=False)


def start(name: str, source: str, kind: str, volumes: t.Sequence[str] = ()) -> None:
    """Run a container. `ordinary` boots systemd, `plain` has no privilege at all and no service manager, `kernel` reaches the host's audit."""
    options = {
        "ordinary": ["--privileged", "--systemd=always"],
        "plain": [],
        "kernel": ["--privileged", "--pid=host", "--network=host"],
    }[kind]
    hostname = [] if kind == "kernel" else ["--hostname", name.replace("_", "-")]
    mounts = [f"--volume={volume}" for volume in volumes]
    arguments = ["run", "--detach", "--name", name, f"--timeout={LIFETIME}", *hostname, *mounts, *options, image(source)]
    stop(name)
    if kind == "ordinary":
        podman(*arguments, "/lib/systemd/systemd")
        if _systemd_is_up(name):
            return
        # From 258 on systemd does not start where any cgroup hierarchy is of version 1.
        print(f"lab: the systemd of {source} needs a machine with cgroup v2 alone; {name} runs without it", file=sys.stderr)
        stop(name)
    podman(*arguments, "sleep", "infinity")


def _systemd_is_up(name: str) -> bool:
    """Whether systemd came up; False when it ended at once on a machine with cgroup v1."""
    deadline = time.monotonic() + 120
    state = ""
    while time.monotonic() < deadline:
        state = podman("exec", name, "sh", "-c", "systemctl is-system-running; exit 0", check=False).strip()
        if state in ("running", "degraded"):
            return True
        if not os.path.exists("/sys/fs/cgroup/cgroup.controllers") and podman("inspect", "--format={{.State.Status}}", name).strip() == "exited":
            return False
        time.sleep(0.5)
    raise programs.LabError(f"systemd in {name} did not come up: {state!r}")


def stop(name: str) -> None:
    podman("rm", "--force", "--time=0", "--ignore", name, check=False)


def running() -> list[str]:
    return [str(entry["Names"][0]) for entry in json.loads(podman("ps", "--all", "--format=json", check=False) or "[]")]
