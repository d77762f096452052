# Each target sets up what it needs (see ./ares) and can be called in a bare checkout.

PYTHON = .venv/bin/python

.PHONY: test test-slow test-train bench command-model clean

test:
	@./ares --setup dev
	@$(PYTHON) tools/stages.py test

test-slow:
	@./ares --setup dev
	@$(PYTHON) tools/stages.py test-slow

test-train:
	@./ares --setup dev train
	@$(PYTHON) tools/stages.py test-train

bench:
	@./ares --setup dev
	@$(PYTHON) tools/stages.py bench

command-model:
	@./ares --setup train
	@$(PYTHON) -m ares.evolve.command_model build --out build/command-model

clean:
	rm -rf .venv build
