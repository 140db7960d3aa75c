# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of `make test`. TESTING.md says what each needs and when it skips."""

from __future__ import annotations

import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import typing as t
import zipfile

import nox

ROOT = pathlib.Path(__file__).resolve().parent
VENV = ROOT / ".venv"
HOME = VENV / "home"
COLLECTIONS = VENV / "stage"
STAGE = COLLECTIONS / "ansible_collections/linux_audit/fleet"
INSTALLED_PARTS = ("meta", "playbooks", "plugins", "roles")
GET_PIP_VERSIONS = ("24_2",)
RESULTS = VENV / "results"
# The connection to podman is in none of ansible-core's own collections.
COMMUNITY_PACKAGE = "ansible==12.3.0"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "sanity", "unit", "unit_oldest", "installed", "integration", "faults", "demo"]


@functools.cache
def stage() -> None:
    """Copy the checkout to a path from which Ansible can load it as a collection, and make a home that is ours alone."""
    shutil.rmtree(STAGE, ignore_errors=True)
    git = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT)]
    listed = subprocess.run([*git, "ls-files", "-coz", "--exclude-standard"], check=True, capture_output=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (STAGE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, STAGE / name)
    # ansible-test would ask the checkout's git about the stage, and be told that all of it is ignored.
    subprocess.run(["git", "init", "--quiet", str(STAGE)], check=True)
    cache = HOME / ".ansible/test/cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in GET_PIP_VERSIONS:
        shutil.copy(ROOT / "tests/tools/get_pip.py", cache / f"get_pip_{version}.py")


def prepare(session: nox.Session) -> None:
    """Let the session's commands find the pinned tools first, the staged collection and no settings of the caller's."""
    stage()
    for name in [name for name in os.environ if name.startswith(("ANSIBLE_", "PYTHON"))]:
        session.env[name] = None
    session.env.update(
        {
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "HOME": str(HOME),
            "LC_ALL": "C.UTF-8",
            "MYPY_CACHE_DIR": str(VENV / "cache/mypy"),
            "MYPYPATH": str(COLLECTIONS),
            "PATH": f"{VENV / 'bin'}:{os.environ['PATH']}",
            "VIRTUAL_ENV": str(VENV),
            "RUFF_CACHE_DIR": str(VENV / "cache/ruff"),
            "XDG_CACHE_HOME": str(VENV / "cache"),
        }
    )
    session.chdir(STAGE)


def run(session: nox.Session, program: str, *arguments: str, **options: t.Any) -> None:
    """Run one of .venv's programs."""
    session.run(str(VENV / "bin" / program), *arguments, external=True, **options)


def cannot_run(session: nox.Session, reason: str) -> None:
    """Skip with the reason, or fail with it in CI, where nothing may be skipped."""
    if os.environ.get("CI") == "true":
        session.error(reason)
    session.skip(reason)


def need_kernel(session: nox.Session) -> None:
    if not sys.platform.startswith("linux"):
        cannot_run(session, "needs Linux")
    if os.geteuid() != 0:
        cannot_run(session, "needs root: the tests load rules into this machine's kernel")


def ansible_test(session: nox.Session, command: str, *arguments: str) -> None:
    run(session, "ansible-test", command, "--local", "--python", PYTHON, *arguments, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, types, documentation."""
    prepare(session)
    failed = []
    for command in (
        "ruff check",
        "mypy --package ansible_collections.linux_audit.fleet.plugins",
        "vermin --no-tips --violations --target=3.6- plugins/modules plugins/module_utils",
        "yamllint --strict .",
        "ansible-lint --offline --strict",
        "antsibull-changelog lint",
        "antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=self --skip-rstcheck .",
    ):
        try:
            run(session, *command.split())
        except nox.command.CommandFailed:
            failed.append(command.split()[0])
    if failed:
        session.error(f"{', '.join(failed)} found something")


@nox.session
def sanity(session: nox.Session) -> None:
    """ansible-test's own checks; CI lets none of them be left out for want of a program."""
    if os.environ.get("CI") == "true" and not shutil.which("shellcheck") and os.geteuid() == 0:
        session.run("apt-get", "-qq", "update", external=True)
        session.run("apt-get", "-qq", "install", "--yes", "shellcheck", external=True)
    prepare(session)
    ansible_test(session, "sanity")


@nox.session
def unit(session: nox.Session) -> None:
    """Unit tests under the controller's Python."""
    prepare(session)
    ansible_test(session, "units")


def oldest_python() -> str | None:
    """The path of the oldest Python from 3.6 on, but older than this one, on PATH or below pyenv."""
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv"))
    for minor in range(6, sys.version_info.minor):
        installed = sorted(pyenv.glob(f"versions/3.{minor}.*/bin/python3"))
        found = str(installed[-1]) if installed else shutil.which(f"python3.{minor}")
        if found and subprocess.run([found, "-c", "import ensurepip"], capture_output=True, check=False).returncode == 0:
            return found
    return None


@nox.session
def unit_oldest(session: nox.Session) -> None:
    """Tests of the layer without Ansible, under the oldest Python to be had: hosts may have no newer one than 3.6."""
    python = oldest_python()
    if python is None:
        # In CI too: lint has vermin look for what 3.6 lacks.
        session.skip(f"found no Python from 3.6 to 3.{sys.version_info.minor - 1} with ensurepip")
    prepare(session)
    venv = VENV / "oldest"
    if not (venv / "bin/pytest").exists():
        session.run(python, "-m", "venv", "--clear", str(venv), external=True)
        session.run(str(venv / "bin/pip"), "-q", "install", "-r", "tests/unit/requirements-oldest.txt", external=True)
    python = str(venv / "bin/python")
    session.run(python, "--version", external=True)
    session.run(python, "-m", "compileall", "-q", "plugins/modules", "plugins/module_utils", external=True)
    session.run(
        python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/plugins/module_utils",
        env={"PYTHONPATH": str(COLLECTIONS)}, external=True,
    )  # fmt: skip


@nox.session
def installed(session: nox.Session) -> None:
    """Build and install the collection, keep only what users run, and let Ansible read all of it."""
    prepare(session)
    target = VENV / "installed"
    shutil.rmtree(target, ignore_errors=True)
    session.env["ANSIBLE_COLLECTIONS_PATH"] = str(target)
    run(session, "ansible-galaxy", "collection", "build", "--output-path", str(target))
    (tarball,) = target.glob("*.tar.gz")
    run(session, "ansible-galaxy", "collection", "install", "--offline", "-p", str(target), str(tarball))
    collection = target / "ansible_collections/linux_audit/fleet"
    for part in collection.iterdir():
        if part.name not in (*INSTALLED_PARTS, "MANIFEST.json", "FILES.json"):
            shutil.rmtree(part) if part.is_dir() else part.unlink()
    session.chdir(target)
    run(session, "ansible-doc", "--metadata-dump", "linux_audit.fleet", silent=True)
    for playbook in sorted((collection / "playbooks").glob("*.yml")):
        fqcn = f"linux_audit.fleet.{playbook.stem}"
        run(session, "ansible-playbook", "--syntax-check", "-i", "localhost,", fqcn)


@nox.session
def integration(session: nox.Session) -> None:
    """The integration targets, against this machine's kernel."""
    need_kernel(session)
    prepare(session)
    required = str(os.environ.get("CI") == "true").lower()
    (STAGE / "tests/integration/integration_config.yml").write_text(f"setup_audit_required: {required}\n")
    ansible_test(session, "integration", "--allow-destructive", "--continue-on-error")


def pytest_on_kernel(session: nox.Session, tests: str, env: dict[str, str]) -> None:
    """Run tests in a mount namespace of their own, with which goes all that they mount, whatever happens to them."""
    need_kernel(session)
    prepare(session)
    session.run(
        "unshare", "--mount", "--propagation", "private", sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider",
        tests, *session.posargs, env=env, external=True,
    )  # fmt: skip


@nox.session
def faults(session: nox.Session) -> None:
    """Transactions that are killed, refused or out of disk half-way, on an /etc/audit that is thrown away."""
    pytest_on_kernel(session, "tests/faults", {"PYTHONPATH": str(COLLECTIONS)})


@nox.session
def demo(session: nox.Session) -> None:
    """`make demo` on copies of this machine: as it is when fresh, with audit configured by others, and without root."""
    pytest_on_kernel(session, "tests/demo", {"DEMO_CHECKOUT": str(STAGE)})


def lab_cache() -> pathlib.Path:
    """Where tests/lab keeps images and disks, outside the checkout: they outlive `make clean`."""
    default = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "linux_audit_fleet"
    return pathlib.Path(os.environ.get("LINUX_AUDIT_FLEET_CACHE") or default)


def podman_collection(session: nox.Session) -> pathlib.Path:
    """The path of collections with containers.podman, taken from the community package on PyPI."""
    target = lab_cache() / "collections" / COMMUNITY_PACKAGE
    if not target.exists():
        with tempfile.TemporaryDirectory() as folder:
            run(session, "pip", "download", "--quiet", "--no-deps", "--dest", folder, COMMUNITY_PACKAGE)
            (wheel,) = pathlib.Path(folder).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                names = [name for name in archive.namelist() if name.startswith("ansible_collections/containers/podman/")]
                archive.extractall(target.with_suffix(".unfinished"), names)
        target.with_suffix(".unfinished").rename(target)
    return target


def lab(session: nox.Session) -> None:
    """Prepare a session that uses tests/lab."""
    if os.geteuid() != 0:
        cannot_run(session, "needs root: the lab makes root file systems and runs containers that boot")
    prepare(session)
    RESULTS.mkdir(parents=True, exist_ok=True)
    session.env["LINUX_AUDIT_FLEET_CACHE"] = str(lab_cache())
    printed = session.run(sys.executable, "tests/lab", "environment", external=True, silent=True)
    session.env.update(json.loads(str(printed).splitlines()[-1]))
    session.env.update(
        {
            "ANSIBLE_COLLECTIONS_PATH": f"{COLLECTIONS}:{podman_collection(session)}",
            "LAB_RESULTS": str(RESULTS),
        }
    )


def molecule(session: nox.Session, scenario: str) -> None:
    lab(session)
    for old in RESULTS.glob(f"{scenario}-*.json"):
        old.unlink()
    try:
        run(session, "molecule", "test", "--scenario-name", scenario, *session.posargs)
    finally:
        session.run(sys.executable, "tests/lab", "stop", "--scenario", scenario, external=True)


@nox.session
def containers(session: nox.Session) -> None:
    """Ordinary containers of four suites: the rules are written for boot, the kernel is said to be out of reach, no trace is left."""
    molecule(session, "container")


@nox.session
def kernel(session: nox.Session) -> None:
    """Each suite's audit tools against this machine's kernel, from privileged containers."""
    need_kernel(session)
    molecule(session, "kernel")


@nox.session
def raw(session: nox.Session) -> None:
    """The whole way on a host without Python, from a container that reaches this machine's kernel."""
    need_kernel(session)
    prepare(session)
    session.run(
        sys.executable, "-m", "pytest", "-v", "-rs", "-p", "no:cacheprovider", "tests/raw", *session.posargs,
        env={"PYTHONPATH": str(COLLECTIONS), "LINUX_AUDIT_FLEET_CACHE": str(lab_cache())}, external=True,
    )  # fmt: skip


@nox.session
def vm(session: nox.Session) -> None:
    """Virtual machines: enable, reboot, find an event, tear down, reboot. LAB_MACHINES chooses them."""
    molecule(session, "vm")


@nox.session
def vm_faults(session: nox.Session) -> None:
    """Virtual machines that are locked, audit nothing, are full or lose their power."""
    molecule(session, "vm_faults")


# ansible-core → the Pythons that can control with it (of those that the collection's filters need, 3.11 and newer), the oldest it reaches.
CORES = {
    "2.16": (("3.11", "3.12"), 6),
    "2.17": (("3.11", "3.12"), 7),
    "2.18": (("3.11", "3.13"), 8),
    "2.19": (("3.11", "3.13"), 8),
    "2.20": (("3.12", "3.13"), 9),
    "2.21": (("3.12", "3.13"), 9),
}


def core_venv(session: nox.Session, core: str, python: str) -> pathlib.Path | None:
    """A virtual environment with this ansible-core, None when the Python or the release is not to be had."""
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv"))
    found = sorted(pyenv.glob(f"versions/{python}.*/bin/python3"))
    if not found:
        return None
    venv = VENV / "cores" / f"{core}-{python}"
    if not (venv / "bin/ansible-playbook").exists():
        session.run(str(found[-1]), "-m", "venv", "--clear", str(venv), external=True)
        try:
            session.run(str(venv / "bin/pip"), "-q", "install", f"ansible-core=={core}.*", external=True, silent=True)
        except nox.command.CommandFailed:
            return None
    return venv


@nox.session
def cores(session: nox.Session) -> None:
    """Each ansible-core (or those named) under each Python that it supports, with hosts of each Python that it reaches: enable, investigate, tear down."""
    homes = os.environ.get("PYENV_ROOT", str(pathlib.Path.home() / ".pyenv"))
    lab(session)
    session.env["PYENV_ROOT"] = homes
    tried = 0
    for core in session.posargs or CORES:
        pythons, oldest = CORES[core]
        session.env["LAB_PYTHONS"] = " ".join(f"3.{minor}" for minor in range(oldest, 14))
        for python in pythons:
            venv = core_venv(session, core, python)
            if venv is None:
                session.log(f"ansible-core {core} under Python {python} is not to be had here")
                continue
            tried += 1
            report = VENV / "cores/report"
            shutil.rmtree(report, ignore_errors=True)
            environment = {
                "MOLECULE_SCENARIO_NAME": "cores", "MOLECULE_PROJECT_DIRECTORY": str(STAGE), "LAB_REPORT": str(report),
                "LAB_RESULTS": str(RESULTS), "ANSIBLE_FORKS": "8", "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
            }  # fmt: skip
            try:
                for playbook in ("extensions/molecule/utils/create.yml", "tests/cores/playbook.yml"):
                    session.run(
                        str(venv / "bin/ansible-playbook"), "-i", "extensions/molecule/utils/inventory", playbook, env=environment, external=True
                    )  # fmt: skip
                for result in RESULTS.glob("cores-python_*.json"):
                    result.rename(RESULTS / f"core_{core}_{python}_{result.name}")
            finally:
                session.run(sys.executable, "tests/lab", "stop", "--scenario", "cores", external=True, silent=True)
    if not tried:
        cannot_run(session, "needs a Python of pyenv that is 3.11 or newer")


@nox.session
def mutations(session: nox.Session) -> None:
    """Deliberate faults, each of which a test has to catch; writes their list into TESTING.md."""
    need_kernel(session)
    lab(session)
    try:
        session.run(sys.executable, "tests/mutations/run.py", str(STAGE), str(ROOT / "TESTING.md"), *session.posargs, external=True)
    finally:
        session.run(sys.executable, "tests/lab", "stop", "--scenario", "container", "--scenario", "kernel", external=True)


@nox.session
def support_matrix(session: nox.Session) -> None:
    """Write docs/support-matrix.md from what the sessions before have passed."""
    session.run(sys.executable, "tests/lab/support_matrix.py", str(RESULTS), "docs/support-matrix.md", external=True)
