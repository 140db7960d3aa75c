# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make images and machines, start and stop them:  python3 tests/lab --help"""

from __future__ import annotations

import argparse
import json
import os
import sys

import cache
import containers
import inventory
import machines
import programs


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="tests/lab", description="Images, containers and virtual machines for the tests. Needs root.")
    commands = top.add_subparsers(dest="command", required=True)

    def add(name: str, text: str, *positional: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        for argument in positional:
            command.add_argument(argument)
        return command

    add("need", "install the programs for a purpose, or name them").add_argument("purpose", choices=sorted(programs.PROGRAMS))
    add("image", "make the container image of a suite, or from an image of a registry", "source")
    add("disk", "make the disk of a suite", "suite", "arch")
    add("environment", "print what podman and Ansible's connection to it need in their environment, as JSON")
    run = add("run", "start a container", "name", "source")
    run.add_argument("--kind", choices=["ordinary", "plain", "kernel"], default="ordinary")
    run.add_argument("--volume", action="append", default=[], help="a folder to mount, as podman takes it")
    add("start", "boot a machine with a fresh disk and print how to reach it, as JSON", "name", "suite", "arch").add_argument("--parameters", default="")
    add("boot", "boot a machine once more with the disk that it has", "name").add_argument("--parameters", default="")
    add("cut", "cut a machine's power", "name")
    add("ssh", "run a command on a machine", "name").add_argument("words", nargs=argparse.REMAINDER)
    stopping = add("stop", "end containers and machines, all of the lab's when none is named")
    stopping.add_argument("names", nargs="*")
    stopping.add_argument("--scenario", action="append", default=[], choices=sorted(inventory.SCENARIOS), help="those of a scenario of molecule")
    add("inventory", "print the hosts of a scenario of molecule", "scenario").add_argument("--list", action="store_true")
    add("list", "list what is running")
    return top


def main() -> int:
    arguments = parser().parse_args()
    match arguments.command:
        case "need":
            programs.need(arguments.purpose)
        case "image":
            print(containers.image(arguments.source))
        case "disk":
            print(machines.disk(arguments.suite, arguments.arch))
        case "environment":
            print(json.dumps(containers.environment()))
        case "run":
            containers.start(arguments.name, arguments.source, arguments.kind, arguments.volume)
        case "start":
            print(json.dumps(machines.Machine(arguments.name).start(arguments.suite, arguments.arch, arguments.parameters)))
        case "boot":
            print(json.dumps(machines.Machine(arguments.name).boot(arguments.parameters)))
        case "cut":
            machines.Machine(arguments.name).cut()
        case "ssh":
            return machines.Machine(arguments.name).ssh(*arguments.words).returncode
        case "stop":
            names = [*arguments.names, *(name for scenario in arguments.scenario for name in inventory.SCENARIOS[scenario]())]
            for name in names or running():
                stop(name)
        case "inventory":
            print(json.dumps(inventory.inventory(arguments.scenario)))
        case "list":
            print("\n".join(running()))
    return 0


def running() -> list[str]:
    return [*(containers.running() if programs.find("podman") else []), *machines.running()]


def stop(name: str) -> None:
    machines.Machine(name).stop()
    if programs.find("podman"):
        containers.stop(name)


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("The lab needs root: to make root file systems, to run containers that boot, to reach the kernel's audit.")
    try:
        cache.root().mkdir(parents=True, exist_ok=True)
        sys.exit(main())
    except programs.LabError as error:
        sys.exit(f"lab: {error}")
