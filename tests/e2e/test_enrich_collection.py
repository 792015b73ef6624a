"""All mails of a collection of real ones through the milter; skipped where there is none.

DRAGOMAN_BOUNCES names its folder (default: ../shared/bounces beside the source tree). tests/bounces/enrich measures
the filter on the same mails.
"""

import os
import re

import enriched
from harness import TOP, Skip
from milter_client import MilterClient
from test_enrich import ENRICH, content, deliver, local_delivery, tell
from test_enrich_filter import plain_body

FOLDER = os.environ.get("DRAGOMAN_BOUNCES", os.path.join(TOP, "..", "shared", "bounces"))


def mails():
    folder = os.path.join(FOLDER, "mails")
    if not os.path.isdir(folder):
        raise Skip("there is no collection of bounces in %s" % FOLDER)
    for name in sorted(os.listdir(folder)):
        if name.endswith(".eml"):
            text = re.sub(rb"\r?\n", b"\r\n", content(os.path.join(folder, name)))
            yield name, re.sub(rb"\AFrom .*\r\n", b"", text)


def filtered(t, octets):
    return t.dragoman("enrich", "--host", "mx.pf.test", "--sender", "<>", input=octets).stdout


def test_the_milter_does_what_the_filter_does(t):
    t.daemon(ENRICH % '    host = "mx.pf.test"\n')
    changed = 0
    for name, octets in mails():
        out = filtered(t, octets)
        if b"\r\n\r\n" not in octets or not re.match(rb"[!-9;-~]+[ \t]*:", octets):
            assert out == octets  # an MTA would make another message of it
            continue
        with MilterClient(t.socket) as m:
            m.connect("mx.far.test", "192.0.2.1"), m.helo("mx.far.test"), m.mail("<>"), m.rcpt("<user@pf.test>"), m.data()
            said = [*tell(m, octets), m.eom()]
            assert said[-1] == "continue", (name, said)
            body = b"".join(data for letter, data in m.changes if letter == b"b")
        assert bool(m.changes) == (out != octets), name
        changed += out != octets
        if out != octets:
            assert plain_body(body) == plain_body(re.split(rb"\r\n\r\n", out, maxsplit=1)[1]), name
    assert changed > 50, changed


def test_a_real_postfix_delivers_them(t):
    """Those that are explained: nothing else of them is another when they arrive."""
    t.daemon(ENRICH % '    host = "mx.pf.test"\n')
    box = t.sink()
    server = t.start_postfix(local_delivery(box) + "smtpd_timeout = 20s\n", "unix:" + t.socket)
    count = 0
    for name, octets in mails():
        longest = max(len(line) for line in octets.split(b"\r\n"))
        if filtered(t, octets) == octets or longest > 990 or re.search(rb"[^\r]\n|\r[^\n]", octets):
            continue
        deliver(server.port, octets, "user@pf.test")
        got = box.wait().data
        before, after = enriched.split(octets), enriched.split(got)
        assert before.parts[1:] == after.parts[1:] and before.preamble == after.preamble, name
        assert before.epilogue.rstrip() == after.epilogue.rstrip(), name
        letter = enriched.text_of(after.parts[0]).split(enriched.RULE)[0]
        for tag in ("en", "tr"):
            assert enriched.FAILED[tag] in letter or enriched.DELAYED[tag] in letter, (name, letter)
        enriched.kept(before.parts[0], after.parts[0])
        assert filtered(t, got) == got, name
        count += 1
    assert count > 50, count
