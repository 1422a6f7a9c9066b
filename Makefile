# socket-labs: every job is a target. `make help` lists them, the students' last.

LABS ?=
SUBMISSIONS ?=
OUT ?=
TOOL ?=

help::
	@echo "make TARGET, to change the labs:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# The students' targets stand in a file of their own: it is the whole Makefile of what they are given.
include lab/kit/Makefile

# OpenSSL is built from source where its headers are missing.
FEATURES := $(if $(OPENSSL_VENDORED),--features vendored)

.PHONY: net-check net-capture handout grade gen verify bless programs test bench bench-first bench-grade test-programs test-tool openssl

build::
	@$(CARGO) build --locked --manifest-path solutions/Cargo.toml $(if $(OPENSSL_VENDORED),,$(TLS))
ifdef OPENSSL_VENDORED
	@echo "Left out, since OpenSSL's headers are missing: $(WITH_TLS). On Debian: sudo apt-get install libssl-dev pkg-config"
endif
	@echo 'All is built. `make check` shows how far you are, `make help` what else there is.'

net-check: needs-python ## try the lab network with the solutions and the Python twins
	@$(NETWORK) check

net-capture: needs-python ## capture packets of a chat, and of ping, DHCP, ARP and HTTP
	@$(NETWORK) capture

handout: tool needs-python ## what students are given, as archives [LABS="01 02"] [TOOL=static] [ARGS=--withhold-answers]
	@rm -rf target/handout
ifeq ($(TOOL),static)
	@$(CARGO) build --locked --release --package lab --target-dir target/handout-tool
	@strip target/handout-tool/release/lab
	@echo "The tool needs the C library of the machine it is built on, or a newer one: $$(ldd --version | head -n 1)"
endif
	@$(LAB_TOOL) handout $(LABS) --into target/handout/socket-labs-students $(ARGS) $(if $(filter static,$(TOOL)),--tool target/handout-tool/release/lab)
	@python3 lab/kit/pack.py target/handout/socket-labs-students
	@mv target/handout/socket-labs-students.tar.gz target/handout/socket-labs-students.zip .

# One submission per process, under an engine: docs/graders.md.
grade: tool ## grade a class SUBMISSIONS=export.zip OUT=grades [ARGS="--fill worksheet.csv"]
	@test -n "$(SUBMISSIONS)" -a -n "$(OUT)" || { echo 'Which submissions, and where to? For example: make grade SUBMISSIONS=export.zip OUT=grades'; exit 2; }
	@$(LAB_TOOL) grade $(SUBMISSIONS) --out $(OUT) $(ARGS)

gen: tool ## generate skeletons/ and solutions/ from src/bin/
	@$(LAB_TOOL) gen

verify: tool needs-python ## check the checks [LAB=name] [ARGS="--repeat 10 --load"]
	@$(LAB_TOOL) verify $(LAB) $(ARGS)

bless: tool needs-python ## record what wrong answers are told now
	@$(LAB_TOOL) verify $(LAB) --bless

programs: needs-rust openssl ## build src/bin itself
	@$(CARGO) build --locked $(FEATURES)

test: tool programs needs-python ## all tests of the project
	@$(CARGO) fmt --check -p socket-labs -p lab
	@rustfmt --check --edition 2024 skeletons/*.rs solutions/*.rs
	@$(CARGO) clippy --locked --quiet --workspace --all-targets $(FEATURES) -- -D warnings
	@$(LAB_TOOL) gen --check
	@$(CARGO) build --locked --quiet --manifest-path solutions/Cargo.toml $(TLS)
	@$(CARGO) test --locked -p lab --no-run
	@$(MAKE) --no-print-directory -j 2 test-programs test-tool
	@python3 tests/browser.py
	@python3 tests/labnetwork.py
	@echo 'All is well. `make verify` tries the right and wrong answers in tests/ besides; CI does so.'

# Tests that wait for what programs do go beside those that keep the processors busy.
test-programs:
	@$(CARGO) test --locked -p lab --test chat --test chat_auth --test exchange --test interop --test library --test mail --test packets --test programs --test webserver

test-tool:
	@$(CARGO) test --locked -p lab --lib --test documents --test ends --test escapes --test fences --test grade --test packages --test properties --test tool

bench: tool needs-python ## how quick checks and servers are, against others
	@python3 benches/verdict.py
	@python3 benches/servers.py
	@python3 benches/chat.py

bench-first: tool needs-python ## how long it takes from a kit to the first program that passes
	@python3 benches/first_green.py

bench-grade: tool needs-python ## what grading a class costs [ARGS="--students 300 --labs 1 3"]
	@python3 benches/grade.py $(ARGS)

openssl:
ifneq ($(FEATURES),)
	@echo "OpenSSL's headers are missing (libssl-dev, pkg-config): OpenSSL is built from source, which takes a minute or two."
endif
