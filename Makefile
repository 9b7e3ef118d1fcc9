# The front door of baremetal.virt. `make help` lists what there is; every target sets up what it needs.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV ?= .venv
INVENTORY ?= inventories/lab
SCENARIO ?=
PYTEST_ARGS ?=
WORKERS ?= auto
ANSIBLE_ARGS ?=
BENCH_ARGS ?=
CONTRACT_ARGS ?=
KILL_ARGS ?=
JOBS ?= 2
SUFFIX ?=

LINK := .ansible/collections/ansible_collections/baremetal/virt
LAB := tests/lab/lab
CHECK := $(VENV)/bin/python tests/tools/check.py
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
# Tests read what Ansible's own callback writes; people read what ansible.cfg names.
export ANSIBLE_STDOUT_CALLBACK := ansible.builtin.default
demo site pictures: export ANSIBLE_STDOUT_CALLBACK := baremetal.virt.site

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\nVariables: PYTHON=%s VENV=%s INVENTORY=%s SCENARIO=name PYTEST_ARGS=... ANSIBLE_ARGS=...\n' \
	  '$(PYTHON)' '$(VENV)' '$(INVENTORY)'

# --- set-up ---------------------------------------------------------------------------------------------------------

.PHONY: install
install: $(VENV)/.controller $(LINK) ## Make the virtual environment that runs the playbooks

.PHONY: install-tests
install-tests: $(VENV)/.tests $(LINK)

$(VENV)/.controller: requirements.txt tests/tools/make_venv.sh
	@tests/tools/make_venv.sh '$(PYTHON)' '$(VENV)' requirements.txt
	@touch $@

$(VENV)/.tests: tests/requirements.txt $(VENV)/.controller
	@tests/tools/make_venv.sh '$(PYTHON)' '$(VENV)' tests/requirements.txt
	@touch $@

$(LINK):
	@mkdir -p $(@D)
	@ln -sfn ../../../.. $@

# --- the product ----------------------------------------------------------------------------------------------------

.PHONY: demo
demo: require-root install ## Boot the lab and turn its three bare Debian nodes into a cluster with NFS and Ceph
	@$(LAB) up
	@$(LAB) run -- ansible-playbook -i inventories/lab playbooks/site.yml $(ANSIBLE_ARGS)
	@printf '\nThe lab keeps running. Look around with "%s ssh pve1", end it with "%s down".\n' $(LAB) $(LAB)

.PHONY: site
site: install ## Run site.yml on your own servers: make site INVENTORY=path [ANSIBLE_ARGS="--check --diff"]
	@ansible-playbook -i '$(INVENTORY)' playbooks/site.yml $(ANSIBLE_ARGS)

# --- proofs ---------------------------------------------------------------------------------------------------------

.PHONY: test
test: require-root install-tests ## Everything: lint, test-units, sanity (two versions of ansible-core), molecule; ends with times and counts
	@$(CHECK) --forget
	@verdict=0; \
	$(MAKE) -k -j$(JOBS) -O test-other sanity $(LINTERS) test-units || verdict=1; \
	$(MAKE) molecule || verdict=1; \
	$(CHECK) --summary || verdict=1; \
	exit $$verdict

.PHONY: test-units
test-units: install-tests ## Every unit test of the collection and of the lab's tools, every example of every property
	@$(CHECK) test-units$(SUFFIX) -- pytest -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

.PHONY: test-fast
test-fast: install-tests ## The quick ones of them, with few examples, while you work: make test-fast PYTEST_ARGS="-k cluster"
	@FEW_EXAMPLES=1 $(CHECK) test-fast -- pytest -n $(WORKERS) --dist loadfile -m 'not slow' $(PYTEST_ARGS)

LINTERS := lint-python lint-types lint-ansible lint-changelog lint-docs lint-house

.PHONY: lint $(LINTERS)
lint: install-tests ## Style, types, Ansible's production profile, documentation, house rules
	@$(MAKE) -k -j$(JOBS) -O $(LINTERS)

lint-python: install-tests
	@$(CHECK) lint-python -- tests/house/lint_python.sh

lint-types: install-tests
	@$(CHECK) lint-types -- tests/house/lint_types.sh

lint-ansible: install-tests
	@$(CHECK) lint-ansible -- ansible-lint --nocolor

lint-changelog: install-tests
	@$(CHECK) lint-changelog -- antsibull-changelog lint

lint-docs: install-tests
	@$(CHECK) lint-docs -- antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs self --skip-rstcheck .

lint-house: install-tests
	@$(CHECK) lint-house -- python tests/house/house_rules.py

.PHONY: sanity
sanity: install-tests ## All tests of ansible-test sanity, without exceptions, on what the collection ships
	@$(CHECK) sanity$(SUFFIX) -- python tests/tools/sanity.py

.PHONY: test-other
test-other: ## test-units, with few examples, and sanity with the other ansible-core (2.21 on Python 3.13), if this machine can
	@if other=$$($(PYTHON) tests/tools/interpreters.py 3.13); then \
	  FEW_EXAMPLES=1 $(MAKE) -k PYTHON="$$other" VENV=.venv-3.13 SUFFIX=-3.13 test-units sanity; \
	fi

.PHONY: molecule
molecule: require-root install-tests ## The scenarios in molecule/, on the lab: make molecule [SCENARIO=default]
	@tests/tools/molecule.sh $(SCENARIO)

.PHONY: nfs-vm
nfs-vm: require-root install-tests ## The role nfs_server on the NFS server of a Linux kernel, with clients that write meanwhile
	@tests/tools/molecule.sh nfs_vm

.PHONY: ceph-vm
ceph-vm: require-root install-tests ## OSDs on logical volumes, encrypted, with shared databases, on a node with a kernel of its own
	@tests/tools/molecule.sh ceph_vm

.PHONY: storage-vm
storage-vm: require-root install-tests ## Storages on volume groups, thin pools, an iSCSI target and an SMB share, on nodes with a kernel of their own
	@tests/tools/molecule.sh storage_vm

.PHONY: guest-vm
guest-vm: require-root install-tests ## One machine that really runs, from an image with cloud-init, and logins to it: a quarter of an hour on a busy machine
	@tests/tools/molecule.sh guest_vm

.PHONY: removals
removals: require-root install-tests ## Nodes leave and come back in every way, with Ceph and guests, on a lab of their own: half an hour on a busy machine
	@tests/tools/molecule.sh removals node_removal_device

.PHONY: upgrade
upgrade: require-root install-tests ## A cluster with Ceph and guests is upgraded node by node, on a lab of its own: a quarter of an hour on a busy machine
	@tests/tools/molecule.sh upgrade

.PHONY: sdn
sdn: require-root install-tests ## Software-defined networks on a cluster of two nodes, on a lab of its own: four minutes and more on a busy machine
	@tests/tools/molecule.sh sdn

.PHONY: fleet
fleet: require-root install-tests ## A class of twenty: made, changed, given back, destroyed, on a lab of its own: ten minutes on a busy machine
	@tests/tools/molecule.sh fleet

.PHONY: faults
faults: require-root install-tests ## Faults on demand: each one happens, each one is healed, on a cluster in the lab
	@$(LAB) up
	@ansible-playbook -i inventories/lab playbooks/site.yml
	@$(CHECK) faults -- pytest tests/lab/faults $(PYTEST_ARGS)

.PHONY: losses
losses: require-root install-tests ## What if, held against what then happens, and reports of bad nights, on a lab of three nodes: a quarter of an hour
	@$(LAB) up
	@$(CHECK) losses -- pytest -s tests/losses $(PYTEST_ARGS)

.PHONY: seven
seven: require-root install-tests ## Seven nodes form a cluster, on a lab of their own: a quarter of an hour on a busy machine
	@tests/tools/molecule.sh seven

.PHONY: network
network: require-root install-tests ## From Debian's network to bridges, wrong changes that are taken back, a cluster on it, on a lab of its own: ten minutes
	@tests/tools/molecule.sh network

.PHONY: network-vm
network-vm: require-root install-tests ## Bonds, LACP, VLANs, Open vSwitch and a boot, on nodes with a kernel of their own: twenty minutes on a busy machine
	@tests/tools/molecule.sh network_vm

.PHONY: network-starts
network-starts: require-root install-tests ## From eight starting points of installers and images to vmbr0, and through a boot: twenty minutes on a busy machine
	@tests/tools/molecule.sh network_starts

.PHONY: kill-joins
kill-joins: require-root install-tests ## Cut a join short at every step, in five ways, run again, compare: make kill-joins [KILL_ARGS="--ways lead"]
	@$(CHECK) kill-joins -- python tests/kill/kill_joins.py $(KILL_ARGS)

.PHONY: kill-network
kill-network: export LAB_NETWORK := own
kill-network: export LAB_NODES := 2
kill-network: export LAB_NAME := $(or $(LAB_NAME),guard)
kill-network: require-root install-tests ## Change a node's network wrongly in every way; it comes back by itself: make kill-network [KILL_ARGS="--rounds hang"]
	@$(CHECK) kill-network -- python tests/kill/kill_network.py $(KILL_ARGS)
	@$(LAB) down

.PHONY: kill-removals
kill-removals: require-root install-tests ## Cut a node's removal and return short after every step, in three ways, run again, compare: make kill-removals [KILL_ARGS="--modes retire"]
	@$(CHECK) kill-removals -- python tests/kill/kill_removals.py $(KILL_ARGS)

.PHONY: kill-classes
kill-classes: install-tests ## Kill the making, the release and the end of a class after every change, over HTTPS: make kill-classes [KILL_ARGS="--ways create"]
	@$(CHECK) kill-classes -- env PYTHONPATH=.:.ansible/collections python tests/kill/kill_classes.py $(KILL_ARGS)

.PHONY: kill-osds
kill-osds: require-root install-tests ## Kill the replacement and the removal of an OSD in every step, run again: make kill-osds [KILL_ARGS="--ways remove"]
	@$(CHECK) kill-osds -- python tests/kill/kill_osds.py $(KILL_ARGS)

.PHONY: contract
contract: require-root install-tests ## Run what was recorded on a real cluster on the lab's stand-in, and compare
	@$(CHECK) contract -- python tests/contract/contract.py $(CONTRACT_ARGS)

.PHONY: grammar
grammar: require-root install-tests ## Thousands of made-up files, read by us and by their own programs: make grammar [PYTEST_ARGS="-k ceph"]
	@$(CHECK) grammar$(SUFFIX) -- pytest tests/grammar $(PYTEST_ARGS)

.PHONY: community
community: install-tests ## The inventory plugin of community.proxmox reads what our modules make; fetches that collection with pip
	@python tests/tools/community_collection.py community.proxmox .cache/community
	@$(CHECK) community -- pytest tests/community $(PYTEST_ARGS)

.PHONY: report-browser
report-browser: install-tests ## The pages of a report in a headless Chromium: console, sections, axe, names that are markup
	@$(CHECK) report-browser -- tests/browser/run.sh $(PYTEST_ARGS)

.PHONY: bench
bench: require-root install ## Measure a run that finds nothing to do: counts, and times against a playbook with one ping
	@python tests/bench/bench.py $(BENCH_ARGS)

.PHONY: bench-joins
bench-joins: require-root install ## Form a cluster of three by the role and by hand, in turn: times, ratio, what is sent
	@python tests/bench/joins.py $(BENCH_ARGS)

.PHONY: bench-guests
bench-guests: install-tests ## Twenty clones side by side and one by one, and a run over two hundred guests: ratios. Needs neither root nor a lab
	@PYTHONPATH=.ansible/collections python tests/bench/guests.py $(BENCH_ARGS)

.PHONY: bench-routes
bench-routes: install ## Plan the way of 1,000 Calico nodes to reflectors: seconds, and their ratio to a loop
	@PYTHONPATH=.ansible/collections python tests/bench/routes.py

.PHONY: fabric
fabric: require-root install-tests ## Calico's way to reflectors and back on real BIRDs in namespaces, with packets between all pods: three minutes
	@tests/fabric/programs.sh .cache/fabric
	@$(CHECK) fabric -- pytest -n0 -s tests/fabric $(PYTEST_ARGS)

.PHONY: kube-api
kube-api: install-tests ## Calico's way on a real API server, which is built from Debian's source the first time: a minute, and ten more for that
	@tests/kube/programs.sh .cache/kube
	@$(CHECK) kube-api -- pytest -n0 tests/kube $(PYTEST_ARGS)

.PHONY: cni
cni: require-root install-tests ## Debian's CNI plugins and containerd in namespaces: lists, attachments, kills, conformance: two minutes
	@tests/cni/programs.sh .cache/cni
	@$(CHECK) cni -- tests/cni/run.sh .cache/cni tests/cni $(PYTEST_ARGS)

# --- what others get ---------------------------------------------------------------------------------------------------

.PHONY: archive
archive: install ## Build the archive of the collection from the tree as it is, in .cache/archive
	@python tests/tools/archive.py .cache/archive

.PHONY: release
release: install-tests $(VENV)-release/.importer ## Make a release of the last commit: changelog, archive (twice the same), Galaxy's checks
	@python tests/tools/release.py .cache/release $(VENV)-release

$(VENV)-release/.importer: requirements.txt tests/tools/importer.txt tests/tools/make_venv.sh
	@tests/tools/make_venv.sh '$(PYTHON)' '$(VENV)-release' tests/tools/importer.txt
	@touch $@

# --- housekeeping ---------------------------------------------------------------------------------------------------

.PHONY: docs
docs: install-tests ## Make the site of documentation, guides and reference, in .cache/docs/html; its links are followed
	@$(CHECK) docs -- python tests/tools/docs_site.py .cache/docs

.PHONY: pictures
pictures: require-root install-tests ## Make the pictures of the README anew, from a run on a lab of their own: ten minutes
	@LAB_NAME=pictures PYTHONPATH=.ansible/collections python tests/tools/pictures.py record
	@LAB_NAME=pictures $(LAB) down

.PHONY: redraw
redraw: install-tests ## Draw the pictures of the README anew, in the words of today, from what their last run left
	@PYTHONPATH=.ansible/collections python tests/tools/pictures.py draw

.PHONY: pages
pages: install-tests ## Write anew what tells of the code: documents, variables of roles, options of storages
	@WRITE_GOLDEN=1 pytest tests/unit/model/storage/test_parameters.py tests/unit/test_docs.py

.PHONY: runtime
runtime: install-tests ## Write meta/runtime.yml, Ansible's register of the collection, anew from plugins/modules
	@WRITE_GOLDEN=1 pytest tests/unit/plugins/test_subjects.py

.PHONY: clean
clean: ## Remove what make made here: environments, caches, build results (not the lab: tests/lab/lab down)
	@rm -rf .venv .venv-* .ansible .cache .hypothesis tests/output

.PHONY: require-root
require-root:
	@if [ "$$(id -u)" != 0 ]; then \
	  echo "The lab makes containers, networks and loop devices: run this as root (sudo make $(MAKECMDGOALS))." >&2; exit 1; \
	fi
