"""What a test sees of a running dragomand: its processes, its log lines, an answer."""

import re

from harness import eventually
from milter_client import session


def child_of(daemon):
    """The process that serves the milter socket (which is open a little earlier)."""
    def only():
        with open("/proc/%d/task/%d/children" % (daemon.process.pid, daemon.process.pid), encoding="ascii") as f:
            children = [int(pid) for pid in f.read().split()]
        return children[0] if len(children) == 1 else None
    return eventually(only)


def status_of(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f)


def outcome(address, **parts):
    return session(address, **parts)[-1]


def address_of(daemon):
    """For MilterClient."""
    return daemon._address if isinstance(daemon._address, str) else ("127.0.0.1", daemon._address)


def fields(line):
    """key=value pairs of a log line, quotes taken off."""
    return {k: re.sub(r"\\(.)", r"\1", q) if q or not v else v
            for k, q, v in re.findall(r'([a-z-]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))', line)}


def refusals(daemon, count=1):
    """The fields of its lines on decisions."""
    def lines():
        found = [fields(x) for x in daemon.log().splitlines() if "]: ref=" in x or "]: verb=" in x]
        return found if len(found) >= count else None
    found = eventually(lines, 5)
    assert found, daemon.log()
    return found
