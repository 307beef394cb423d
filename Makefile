# Everything is done by tools/, in Python's standard library; this file gives the names.
PYTHON ?= python3
.DEFAULT_GOAL := help
.PHONY: help demo test lint check bench mutate reset

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: ## set up and serve on http://127.0.0.1:8000 (PORT=8001 changes it); Ctrl-C stops it
	@$(PYTHON) -m tools.demo

test: ## the whole suite in its own database; ARGS="-k booking" for a part
	@$(PYTHON) -m tools.test $(ARGS)

lint: ## ruff, mypy, migrations and Django's checks
	@$(PYTHON) -m tools.lint

check: lint test ## what CI runs

bench: ## benchmarks on a durable database of their own; ARGS= chooses
	@$(PYTHON) -m tools.bench $(ARGS)

mutate: ## take every guard of a copied database away: does something notice each?
	@$(PYTHON) -m tools.mutate

reset: ## forget the demo database
	@$(PYTHON) -m tools.reset
