# SPDX-License-Identifier: Apache-2.0
"""What a gateway costs that has nothing to do, beside many objects that are not its own; and how much memory many of its own take."""
import collections
import time

from bars import verdict
from certificates import Authority, encoded
from cluster_stand import NAMESPACE, USER, Others
from folder import described, endpoint_slice, ingress, path, rule, service
from processes import Process

MIB = 1024 * 1024
SETTLE = 5  # seconds after it is ready
# Of foreign objects, with which their number is multiplied.
FOREIGN = {"Ingress": 4, "Service": 2, "EndpointSlice": 2, "Secret": 1, "ConfigMap": 1}
FOREIGN_EACH = 1_000
ROUTES, SERVICES, CERTIFICATES = 10_000, 2_000, 500
PATHS = 5  # of an Ingress
IDLE_SECONDS = 60


def foreign(kind, number):
    """An object that no gateway of ours has anything to do with."""
    name = f"foreign-{number:05}"
    if kind == "Ingress":
        return ingress(name, rule(f"{name}.example.com", path("/", name)), of_class="of-somebody-else")
    if kind == "Service":
        return service(name)
    if kind == "EndpointSlice":
        return endpoint_slice(name, 8080, (f"10.250.{number // 250}.{number % 250 + 1}",))
    if kind == "Secret":
        return described("v1", "Secret", name) | {"type": "Opaque", "data": {"value": encoded(name * 50)}}
    return described("v1", "ConfigMap", name) | {"data": {"value": name * 50}}


def measure_idle(stand, small):
    """{"share": of a CPU, "requests": by what was asked, "mib": RSS}"""
    each, seconds = (10, 5) if small else (FOREIGN_EACH, IDLE_SECONDS)
    counts = {kind: each * times for kind, times in FOREIGN.items()}
    stand.fill(foreign(kind, number) for kind, count in counts.items() for number in range(count))
    print(f"\nidle: {sum(counts.values())} foreign objects ({', '.join(f'{count} {kind}' for kind, count in counts.items())}), {seconds} s\n")
    process = Process(stand.gateway("--publish-address", "192.0.2.7", "--lease", f"{NAMESPACE}/gateway").pid)
    time.sleep(SETTLE)
    others, audit, used, begun = Others(), stand.audit(), process.cpu_ns(), time.monotonic()
    time.sleep(seconds)
    share = (process.cpu_ns() - used) / 1e9 / (time.monotonic() - begun)
    asked = collections.Counter(f"{one.verb} {one.resource or one.uri}{' anew' if one.is_list else ''}" for one in audit.requests(USER))
    mib = process.shared_memory()[0] / MIB
    print(f"{100 * share:.2f} % of a CPU, {mib:.0f} MiB; requests: {', '.join(f'{count} {what}' for what, count in sorted(asked.items()))}")
    print(others.note())
    return {"share": share, "requests": asked, "mib": mib}


def is_expected(what):
    """A watch that goes on where it was, and what keeps the Lease."""
    verb, resource, *anew = what.split()
    return (verb == "watch" and not anew) or (resource == "leases" and verb in ("get", "patch"))


def idle_rows(found):
    share = 100 * found["share"]
    yield "idle beside foreign objects, CPU", f"{share:.2f} %", "1 %", "", verdict(share, 1, None)
    more = sum(count for what, count in found["requests"].items() if not is_expected(what))
    yield "requests but for watches and the Lease", str(more), "0", "", verdict(more, 0, None)


def own_objects(routes, services, certificates, authority):
    """Ingresses of PATHS paths; as many of them as there are certificates have one each."""
    for number in range(certificates):
        yield authority.pair(f"host-{number:05}.example.com").secret(f"pair-{number:05}")
    for number in range(services):
        name = f"service-{number:05}"
        yield service(name)
        addresses = [f"10.{251 + at}.{number // 250}.{number % 250 + 1}" for at in range(3)]
        yield endpoint_slice(name, 8080, addresses)
    for number in range(routes // PATHS):
        host = f"host-{number:05}.example.com"
        paths = [path(f"/part-{at}/items", f"service-{(number * PATHS + at) % services:05}") for at in range(PATHS)]
        tls = [{"hosts": [host], "secretName": f"pair-{number:05}"}] if number < certificates else None
        yield ingress(f"web-{number:05}", rule(host, *paths), tls=tls)


def measure_memory(stand, small):
    """{"mib": RSS, "peak": of it in MiB, "started": seconds until ready}"""
    sizes = (100, 20, 5) if small else (ROUTES, SERVICES, CERTIFICATES)
    stand.fill(own_objects(*sizes, Authority(stand.folder / "authority")))
    print("\nmemory: {} routes, {} Services of three endpoints, {} Secrets of TLS\n".format(*sizes))
    others, begun = Others(), time.monotonic()
    gateway = stand.gateway()
    started, process = time.monotonic() - begun, Process(gateway.pid)
    time.sleep(1)
    found = {"mib": process.shared_memory()[0] / MIB, "peak": process.peak() / MIB, "started": started}
    print(f"{found['mib']:.0f} MiB a second after it was ready, at most {found['peak']:.0f} MiB before; ready after {started:.2f} s, {process.cpu_ns() / 1e9:.2f} s of CPU")
    print(others.note())
    return found


def memory_rows(found):
    yield "memory with 10,000 routes", f"{found['mib']:.0f} MiB", "150 MiB", "", verdict(found["mib"], 150, None)
    yield "until ready with them", f"{found['started']:.2f} s", "3 s", "", verdict(found["started"], 3, None)
