# SPDX-License-Identifier: Apache-2.0
# What people type. Everything is done by a script in tools/ that says at its head what it does.

export PORT HEALTH_PORT ADMIN_PORT ORIGIN_PORT

.PHONY: build run test bench fuzz clean help
build:
	@tools/install build
	@tools/build release

run:
	@tools/run

test:
	@tools/test $(SUITES)

bench:
	@tools/install bench
	@tools/build release sallyport relay
	@bench/run
	@bench/change

fuzz:
	@tools/install test
	@tools/fuzz $(or $(FUZZ_SECONDS),10)

clean:
	@rm -rf '$(CURDIR)/build'

help:
	@echo 'make        builds build/release/sallyport, installing what is missing'
	@echo 'make run    serves a copy of examples/shop on 127.0.0.1:8080 (PORT=8081 for another port)'
	@echo 'make test   builds and runs every test; SUITES="house unit" runs only these (tools/test --list)'
	@echo 'make bench  measures beside a bare relay, HAProxy and nginx'
	@echo 'make fuzz   fuzzes each target for 10 seconds (FUZZ_SECONDS=600 for longer)'
	@echo 'make clean  removes build/, where everything is that these make'
