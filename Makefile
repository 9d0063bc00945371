# SPDX-License-Identifier: Apache-2.0
# What people type. Everything is done by a script in tools/ that says at its head what it does.

.PHONY: build run test bench fuzz help
build:
	@tools/install build
	@tools/build release

run:
	@PORT='$(PORT)' HEALTH_PORT='$(HEALTH_PORT)' ORIGIN_PORT='$(ORIGIN_PORT)' tools/run

test:
	@tools/test

bench:
	@tools/install bench
	@tools/build release
	@bench/run

fuzz:
	@tools/install test
	@tools/fuzz $(or $(SECONDS),60)

help:
	@echo 'make        builds build/release/sallyport, installing what is missing'
	@echo 'make run    serves a copy of examples/shop on 127.0.0.1:8080 (PORT=8081 for another port)'
	@echo 'make test   builds and runs every test'
	@echo 'make bench  measures beside a bare relay, HAProxy and nginx'
	@echo 'make fuzz   fuzzes each target for a minute (SECONDS=600 for longer)'
