# make test and make demo need only Python 3.11 or newer; what else they use goes into .venv.
.PHONY: help demo test lint sanity unit integration installed faults test-demo clean

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

clean:
	rm -rf .venv .ansible tests/output
