"""The same SMTP session twice: with a real server, and as `dragoman try` foretells it.

    said = play(t.postfix, ["EHLO a.example", "MAIL FROM:<b@a.example>", DATA, "QUIT"])
    agrees(t, daemon, t.postfix, said)      # what try prints for the same client lines is the same

A dialogue is a list of (who, line), who being "C" or "S". A step is a command, or a Message: DATA and, where
the server grants it, the text and the dot.
"""

import difflib
import re

from smtp_client import code

REF = "TRY0-0000"
SITE = '''languages = { "en", "tr" }
help-url  = "https://help.example/{lang}/{reason}?ref={ref}"
contact   = "postmaster@server.example"
'''


class Message(str):
    """A step that sends this message."""


TEXT = Message("From: sender@client.example\r\nSubject: hello\r\n\r\nhello\r\n..\r\n")
NO_QUEUE_ID = "QUEUE-ID"


def play(server, steps, **options):
    """What client and server said, refs and queue ids as they were."""
    with server.client(**options) as c:
        for step in steps:
            if c.closed:
                break
            reply = c.message(step)[0] if isinstance(step, Message) else c.cmd(step)
            last = c.transcript[-1][1]
            if code(last) in (221, 421, 521) or not reply:
                c.silence(0.5)
        return lines_of(c.transcript)


def lines_of(transcript):
    return [(who, line.decode("utf-8", "surrogateescape"))
            for who, octets in transcript if octets
            for line in octets.removesuffix(b"\r\n").split(b"\r\n")]


def ref_of(said):
    """The refs of a dialogue, in order, each once."""
    found = [m for who, line in said if who == "S" for m in re.findall(r"\[ref (\S+)\]$", line)]
    return list(dict.fromkeys(found))


def normal(said):
    """Without what differs from one session to the next: the refs, queue ids and the greeting's date."""
    refs = ref_of(said)
    out = []
    for who, line in said:
        if who == "S":
            for ref in refs:
                line = line.replace(ref, REF)
            line = re.sub(r"^(250 2\.0\.0 Ok: queued as )\w+$", r"\1" + NO_QUEUE_ID, line)
            line = re.sub(r"^(250 2\.0\.0 )\w+( Message accepted for delivery)$", r"\1" + NO_QUEUE_ID + r"\2", line)
            line = re.sub(r"^(220 .* ESMTP Sendmail .*;).*", r"\1 DATE", line)
        else:
            line = re.sub(r"[\x00-\x1f\x7f]", "?", line)  # a terminal is spared them
        out.append((who, line))
    return out


def foretold(t, daemon, server, said, *options):
    """What `dragoman try` prints for the client's lines of this dialogue."""
    script = "".join(line + "\n" for who, line in said if who == "C")
    name = {"postfix": "unknown", "sendmail": "localhost"}[server.kind]
    done = t.dragoman("try", "-c", daemon.config, "--mta", server.kind, "--host", server.host,
                      "--client-ip", "127.0.0.1", "--client-name", name, "--ref", REF, *options,
                      "--script", input=script.encode("utf-8", "surrogateescape"))
    assert done.returncode == 0, done.stderr.decode()
    out = done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")
    return [(line[:1], line[3:]) for line in out.split("\n")]


def show(said):
    return ["%s: %s" % pair for pair in said]


def agrees(t, daemon, server, said, *options, what=""):
    """The server's lines are octet for octet those of `dragoman try`."""
    real, tried = show(normal(said)), show(normal(foretold(t, daemon, server, said, *options)))
    if real != tried:
        raise AssertionError("%s %s:\n%s" % (server.kind, what, "\n".join(
            difflib.unified_diff(tried, real, "dragoman try", "the server", lineterm="", n=3))))


def replies(said):
    """The server's replies as lists of lines, the greeting first."""
    out = []
    for who, line in said:
        if who == "S":
            if not out or out[-1][-1][3:4] != "-":
                out.append([])
            out[-1].append(line)
    return out
