# make test and make demo need only Python 3.11 or newer; what else they use goes into .venv.
.PHONY: help demo test lint sanity unit integration installed faults test-demo test-containers test-kernel test-raw test-vm test-all cores mutations clean

NOX = scripts/venv.sh requirements-dev.txt && .venv/bin/nox

help:
	@echo "make demo         see it work on this machine, which is left as it was"
	@echo "make test         everything below, in this order, with a summary at the end"
	@echo "make lint         style, types, documentation"
	@echo "make sanity       ansible-test sanity"
	@echo "make unit         unit tests, under the controller's Python and the oldest one found"
	@echo "make installed    build, install, and read the collection as users get it"
	@echo "make integration  against this machine's kernel (root)"
	@echo "make faults       runs that die half-way, against this machine's kernel (root)"
	@echo "make test-demo    make demo on fresh machines (root)"
	@echo "make test-containers  in containers of four Debian suites (root)"
	@echo "make test-kernel  their audit tools against this machine's kernel (root)"
	@echo "make test-raw     enable, investigate, teardown on a host without Python (root)"
	@echo "make test-vm      virtual machines of three architectures (root, slow)"
	@echo "make cores        each ansible-core with hosts of each Python, as far as pyenv has them (root)"
	@echo "make mutations    deliberate faults, and the list of what catches them in TESTING.md (root)"
	@echo "make test-all     all of it, and docs/support-matrix.md"
	@echo "make clean        remove .venv and everything made by these"

demo:
	@scripts/demo.sh

test:
	@scripts/venv.sh requirements-dev.txt && .venv/bin/python tests/tools/run_all.py

lint sanity installed integration faults:
	@$(NOX) -s $@

unit:
	@$(NOX) -s unit unit_oldest

test-demo:
	@$(NOX) -s demo

cores mutations:
	@$(NOX) -s $@

test-containers:
	@$(NOX) -s containers

test-kernel:
	@$(NOX) -s kernel

test-raw:
	@$(NOX) -s raw

MACHINES = trixie/amd64 bullseye/i386 bookworm/arm64

test-vm:
	@export LAB_MACHINES="$${LAB_MACHINES:-$(MACHINES)}"; $(NOX) -s vm vm_faults

test-all:
	@export LAB_MACHINES="$${LAB_MACHINES:-$(MACHINES)}"; scripts/venv.sh requirements-dev.txt && .venv/bin/python tests/tools/run_all.py -s \
	    lint sanity unit unit_oldest installed integration faults demo containers kernel raw vm vm_faults cores support_matrix

clean:
	rm -rf .venv .ansible tests/output
