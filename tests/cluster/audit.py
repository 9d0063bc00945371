# SPDX-License-Identifier: Apache-2.0
"""What gateways asked of a cluster's API server, from its audit log: a line of JSON for each stage of each request."""
import dataclasses
import datetime
import json


@dataclasses.dataclass(frozen=True)
class Asked:
    """`received` and `at`, when this stage was, are seconds since 1970. Only stage ResponseComplete has an end; a watch's comes late."""
    user: str
    verb: str
    resource: str  # "ingresses/status"
    name: str
    uri: str
    stage: str
    received: float
    at: float
    status: int
    written: dict  # the object that was answered; of leases only

    @property
    def is_list(self):
        """Whether it asks for all objects of a kind: a list's first page, or a watch that begins with all of them."""
        return self.verb == "list" and "continue=" not in self.uri or "sendInitialEvents=true" in self.uri


def seconds(stamp):
    return datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def parsed(line):
    event = json.loads(line)
    of = event.get("objectRef", {})
    resource = "/".join(filter(None, (of.get("resource"), of.get("subresource"))))
    return Asked(event["user"]["username"], event["verb"], resource, of.get("name", ""), event["requestURI"], event["stage"],
                 seconds(event["requestReceivedTimestamp"]), seconds(event["stageTimestamp"]),
                 event.get("responseStatus", {}).get("code", 0), event.get("responseObject", {}))


class Audit:
    """Of a cluster that has the log; gives what is new since the last time. A line is whole when it is there."""

    def __init__(self, cluster):
        self.log = cluster.audit_log()
        self.read = self.log.stat().st_size

    def new(self):
        with open(self.log, "rb") as file:
            file.seek(self.read)
            text = file.read()
        whole = text[:text.rfind(b"\n") + 1]
        self.read += len(whole)
        return [parsed(line) for line in whole.splitlines()]

    def requests(self, user=None):
        """Each new request once, when it came."""
        return [one for one in self.new() if one.stage == "RequestReceived" and user in (None, one.user)]
