# socket-labs: every job is a target. `make help` lists them.

LAB  ?=
SET  ?= skeletons
ARGS ?=
SEED ?=
FILE ?=
FILES ?=
ANSWERS ?=
HOST ?=
ROOT ?=

TOOL := target/debug/lab
CARGO ?= cargo

# OpenSSL's headers are for the programs that speak TLS. Without them `make` leaves these programs
# out, and who asks for one of them by name has OpenSSL built from source.
ifneq ($(shell pkg-config --exists openssl 2>/dev/null && echo found)$(OPENSSL_DIR),)
  FEATURES :=
  TLS := --features tls
else
  FEATURES := --features vendored
  TLS := --features vendored
  export OPENSSL_VENDORED := 1
endif

# The web server serves the directory it runs in.
SERVED := $(if $(filter webserver,$(LAB)),www,.)

WITH_TLS := $(basename $(notdir $(shell grep -l native_tls:: src/bin/*.rs)))

# A lab's name in the place of a target would be passed over in silence.
TARGETS := $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))
UNKNOWN := $(filter-out $(TARGETS),$(MAKECMDGOALS))
ifneq ($(UNKNOWN),)
  $(error There is no target $(firstword $(UNKNOWN)). For a program, write LAB=$(firstword $(UNKNOWN)); `make help` lists the targets)
endif
ifdef lab
  $(error Write LAB=$(lab), in capitals)
endif

.DEFAULT_GOAL := build
.PHONY: build check list hint reset diff run rtt mail certificate packets gen verify bless programs test bench clean help \
        net-up net-status net-shell net-run net-check net-capture net-down \
        test-programs test-tool tool needs-rust needs-python needs-lab openssl

build: tool needs-rust ## build the tool, the skeletons and the solutions
	@$(CARGO) build --locked --manifest-path skeletons/Cargo.toml $(if $(OPENSSL_VENDORED),,$(TLS))
	@$(CARGO) build --locked --manifest-path solutions/Cargo.toml $(if $(OPENSSL_VENDORED),,$(TLS))
ifdef OPENSSL_VENDORED
	@echo "Left out, since OpenSSL's headers are missing: $(WITH_TLS). On Debian: sudo apt-get install libssl-dev pkg-config"
endif
	@echo 'All is built. `make check` shows how far you are, `make help` what else there is.'

check: tool ## check your programs [LAB=name] [SET=solutions] [SEED=number]
	@$(TOOL) check $(LAB) --set $(SET) $(if $(SEED),--seed $(SEED))

list: tool ## the board: gaps open, checks passed, what comes next
	@$(TOOL) list

hint: tool needs-lab ## one more hint for the next gap [LAB=name]
	@$(TOOL) hint $(LAB)

run: needs-rust needs-lab ## run a program LAB=name [ARGS="ADDRESS PORT"] [SET=solutions]
	@cd $(SERVED) && $(CARGO) run --locked --quiet --manifest-path $(CURDIR)/$(SET)/Cargo.toml $(if $(filter $(LAB),$(WITH_TLS)),$(TLS)) --bin $(LAB) -- $(ARGS)

rtt: tool ## 3,000 round trips over UDP and TCP, and a picture [ARGS="--rounds 100 --svg FILE"]
	@$(TOOL) rtt $(ARGS)

certificate: tool ## a certificate for the chat server with passwords, in chat/ [ARGS="NAMES"]
	@$(TOOL) certificate $(ARGS)

mail: tool ## a mail server on this host that shows what it is told [ARGS="--strict"]
	@$(TOOL) mail $(ARGS)

packets: tool ## the packet questions FILES="a.pcap b.pcap" [ANSWERS=answers.toml] [ARGS=--ladder]
	@test -n "$(FILES)" || { echo 'Which captures? For example: make packets FILES="chatserver.pcap client1.pcap"'; exit 2; }
	@$(TOOL) packets $(if $(ANSWERS),--answers $(ANSWERS)) $(ARGS) $(FILES)

diff: tool needs-lab ## compare a program with its solution, and so show it LAB=name [FILE=path]
	@$(TOOL) diff $(LAB) $(FILE)

reset: tool needs-lab ## start a program afresh; your file is kept LAB=name
	@$(TOOL) reset $(LAB)

net-up: needs-python ## start the lab network: nine hosts in containers
	@docker/net up

net-status: needs-python ## the hosts of the lab network and their addresses
	@docker/net status

net-shell: needs-python ## a shell on a host HOST=client1 [ROOT=1]
	@docker/net shell '$(HOST)' $(if $(ROOT),--root)

net-run: needs-python needs-lab ## run a program there HOST=webserver LAB=chatserver [ARGS] [SET]
	@docker/net run '$(HOST)' $(LAB) $(SET) '$(ARGS)'

net-check: needs-python ## try the lab network with the solutions and the Python twins
	@docker/net check

net-capture: needs-python ## capture packets of a chat, and of ping, DHCP, ARP and HTTP
	@docker/net capture

net-down: needs-python ## end the lab network, and leave nothing behind
	@docker/net down

gen: tool ## generate skeletons/ and solutions/ from src/bin/ (maintainers)
	@$(TOOL) gen

verify: tool needs-python ## check the checks [LAB=name] [ARGS="--repeat 10 --load"] (maintainers)
	@$(TOOL) verify $(LAB) $(ARGS)

bless: tool needs-python ## record what wrong answers are told now (maintainers)
	@$(TOOL) verify $(LAB) --bless

programs: needs-rust openssl ## build src/bin itself (maintainers)
	@$(CARGO) build --locked $(FEATURES)

test: tool programs needs-python ## all tests of the project (maintainers)
	@$(CARGO) fmt --check -p socket-labs -p lab
	@rustfmt --check --edition 2024 skeletons/*.rs solutions/*.rs
	@$(CARGO) clippy --locked --quiet --workspace --all-targets $(FEATURES) -- -D warnings
	@$(TOOL) gen --check
	@$(CARGO) build --locked --quiet --manifest-path solutions/Cargo.toml $(TLS)
	@$(CARGO) test --locked -p lab --no-run
	@$(MAKE) --no-print-directory -j 2 test-programs test-tool
	@$(TOOL) verify --quick
	@python3 tests/browser.py
	@python3 tests/labnetwork.py
	@echo 'All is well. `make verify` tries the right and wrong answers in tests/ besides; CI does so.'

# Tests that wait for what programs do go beside those that keep the processors busy.
test-programs:
	@$(CARGO) test --locked -p lab --test chat --test chat_auth --test interop --test mail --test packets --test programs --test webserver

test-tool:
	@$(CARGO) test --locked -p lab --lib --test documents --test fences --test packages --test tool

bench: tool needs-python ## how quick checks and servers are, against others (maintainers)
	@python3 benches/verdict.py
	@python3 benches/servers.py
	@python3 benches/chat.py

clean: ## remove everything that was built
	@rm -rf target skeletons/target solutions/target

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

tool: needs-rust
	@test -x $(TOOL) || echo "Building the tool; this is done once and takes about half a minute."
	@$(CARGO) build --locked -p lab $$(test -x $(TOOL) && echo --quiet)

needs-rust:
	@command -v $(CARGO) >/dev/null || { echo "Rust is missing. Install it as https://rustup.rs says."; exit 2; }
	@command -v cc >/dev/null || { echo "A linker is missing. On Debian: sudo apt-get install gcc libc6-dev"; exit 2; }

needs-python:
	@command -v python3 >/dev/null || { echo "python3 is missing. On Debian: sudo apt-get install python3"; exit 2; }

needs-lab:
	@test -n "$(LAB)" || { echo "Which program? For example: make $(MAKECMDGOALS) LAB=tcpserver"; exit 2; }
	@test -f src/bin/$(LAB).rs || { echo "There is no program $(LAB). There are: $(basename $(notdir $(wildcard src/bin/*.rs)))"; exit 2; }

openssl:
ifneq ($(FEATURES),)
	@echo "OpenSSL's headers are missing (libssl-dev, pkg-config): OpenSSL is built from source, which takes a minute or two."
endif
