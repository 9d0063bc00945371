# SPDX-License-Identifier: Apache-2.0
"""Who may answer when: what each (host, target) led to after each edit, and whether answers fit that.

Three things are asked of an answer, none of them a matter of speed. A version answers only after it was written. Once the gateway
said that every worker serves from an edit (a fence), no request that begins later is answered by an older one. And a connection,
which is of one worker, never goes back to an older version.
"""
import bisect


class Version:
    def __init__(self, edit, written, allowed):
        self.edit, self.written, self.allowed = edit, written, frozenset(allowed)

    def __repr__(self):
        return f"edit {self.edit} at {self.written:.3f}: {' or '.join(sorted(self.allowed))}"


class Timeline:
    def __init__(self):
        self.versions = {}  # (host, target): versions, oldest first
        self.fences = [(0.0, 0)]  # (since when, the edit that every worker has)

    def add(self, ask, edit, written, *allowed):
        """`written`: a time before the edit could be seen."""
        self.versions.setdefault(ask, []).append(Version(edit, written, allowed))

    def fence(self, since, edit):
        self.fences.append((since, edit))

    def now_allowed(self, ask):
        return self.versions[ask][-1].allowed

    def adopted_at(self, when):
        return self.fences[bisect.bisect_right(self.fences, (when, float("inf"))) - 1][1]

    def faults(self, asks, seen):
        """A sentence for each answer that no version explains."""
        reached = {}  # (connection, ask): the version that its last answer was of, at least
        faults = []
        for connection, number, begun, ended, got in seen:
            ask = asks[number]
            versions = self.versions[ask]
            adopted = self.adopted_at(begun)
            least = max((at for at, version in enumerate(versions) if version.edit <= adopted), default=0)
            first = max(least, reached.get((connection, number), 0))
            fitting = [at for at in range(first, len(versions)) if got in versions[at].allowed and versions[at].written <= ended]
            if fitting:
                reached[connection, number] = fitting[0]
            else:
                faults.append(f"{ask[0]}{ask[1]} was asked on connection {connection} from {begun:.3f} to {ended:.3f}; {got} answered; "
                              f"every worker had edit {adopted}; allowed from there: {versions[first:first + 5]}")
        return faults
