# SPDX-License-Identifier: Apache-2.0
# What people type. Everything is done by a script in tools/ that says at its head what it does.

export PORT TLS_PORT HEALTH_PORT ADMIN_PORT ORIGIN_PORT API_PORT

.PHONY: build run test bench profile fuzz soak image cluster clean help
build:
	@tools/install build
	@tools/build release

run:
	@tools/run

test:
	@tools/test $(SUITES)

bench:
	@tools/install bench
	@bench/run
	@bench/change
	@bench/protocols
	@tools/install cluster
	@bench/cluster

profile:
	@tools/install test
	@tools/install bench
	@tools/profile

fuzz:
	@tools/install test
	@tools/fuzz $(or $(FUZZ_SECONDS),10)

soak:
	@tools/install test
	@tools/build release
	@tools/soak $(SOAKS)

image:
	@tools/install image
	@tools/build release
	@tools/image

cluster:
	@tools/install cluster
	@tools/build release
	@tools/cluster start

clean:
	@rm -rf '$(CURDIR)/build'

help:
	@echo 'make        builds build/release/sallyport, installing what is missing'
	@echo 'make run    serves a copy of examples/shop on 127.0.0.1:8080 (PORT=8081 for another port)'
	@echo 'make test   builds and runs every test; SUITES="house unit" runs only these (tools/test --list)'
	@echo 'make bench  measures beside a bare relay, HAProxy, nginx, nghttpx and h2o, and with a cluster'
	@echo 'make profile  measures anew what the release is optimised for (cmake/release.profdata)'
	@echo 'make fuzz   fuzzes each target for 10 seconds (FUZZ_SECONDS=600 for longer)'
	@echo 'make soak   the long runs, for hours; SOAKS="slow" SOAK_SECONDS=20 runs one of them, shorter (tools/soak --list)'
	@echo 'make image  build/sallyport-VERSION-ARCHITECTURE.oci.tar, an OCI image; skopeo pushes it'
	@echo 'make cluster  a Kubernetes cluster on this machine, without containers, and left running (docs/cluster.md)'
	@echo 'make clean  removes build/; what make cluster needs stays in ~/.cache/sallyport, and in the caches of Go'
