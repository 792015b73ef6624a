"""What Sendmail refuses by itself, provoked where that can be done, and what dragoman makes of it."""

import collections
import concurrent.futures
import json
import os
import re

import harness
from smtp_client import code
from test_sendmail import STRANGER, access_table

TABLE = os.path.join(harness.TOP, "tests", "data", "sendmail-refusals.tsv")
UNNAMED = "127.0.0.8"
Row = collections.namedtuple("Row", "provocation reply reason named")

STRICT = r"""
define(`confMAX_MESSAGE_SIZE', `2000')dnl
define(`confMAX_RCPTS_PER_MESSAGE', `1')dnl
define(`confPRIVACY_FLAGS', `needmailhelo,noverb,novrfy,noexpn')dnl
undefine(`_ACCEPT_UNQUALIFIED_SENDERS_')dnl
"""
MESSAGES = {"<big>": "Subject: x\r\n\r\n" + "x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * 60}


def rows():
    with open(TABLE, encoding="utf-8") as f:
        return [Row(*line.rstrip("\n").split("\t")) for line in f if not line.startswith("#")]


def servers(t):
    """@NAME of a provocation -> a function that starts that server, and where the client comes from."""
    return {
        "": (lambda: t.sendmail, "127.0.0.1"),
        "stranger": (lambda: t.sendmail, STRANGER),
        "unnamed": (lambda: t.sendmail, UNNAMED),
        "strict": (lambda: t.start_sendmail(STRICT), "127.0.0.1"),
        "polite": (lambda: t.start_sendmail(
            "define(`confPRIVACY_FLAGS', `needvrfyhelo,needexpnhelo')dnl\n"), "127.0.0.1"),
        "access": (lambda: t.start_sendmail(access_table(t, None, [
            ("To:disabled@sm.test", "REJECT", None), ("From:refused@b.example", "REJECT", None),
            ("Connect:127.0.0.8", "REJECT", None)]) + "\nFEATURE(`blocklist_recipients')dnl\n"), "127.0.0.1"),
        "access~": (None, UNNAMED),
    }


def provoke(server, source, provocation):
    """The last reply."""
    with server.client(source=source) as c:
        for step in provocation.split("; "):
            if re.fullmatch(r"[\d.]+", step):
                continue
            reply = c.cmd(step) if step not in MESSAGES else None
            if reply is None:
                c.send(MESSAGES[step] + ".\r\n")
                reply = c.reply()
        return reply.decode("ascii", "replace").removesuffix("\r\n")


def test_a_real_sendmail_says_what_the_table_says(t):
    t.milter()
    started, wrong, count = {}, [], 0
    known = servers(t)
    for row in rows():
        if row.provocation == "-":
            continue
        name, steps = re.fullmatch(r"(?:@(\S+) )?(.*)", row.provocation).groups(default="")
        kind = name.rstrip("~")
        if kind not in started:
            started[kind] = known[kind][0]()
        said = provoke(started[kind], known[name][1], steps)
        count += 1
        if not re.fullmatch(re.escape(row.reply).replace(r"\*", ".*"), said):
            wrong.append("%s\n    %s\n    and not %s" % (row.provocation, said, row.reply))
    assert not wrong, "\n".join(wrong)
    assert count > 60, count


def explained(t, row):
    done = t.dragoman("explain", "-j", "--lang", "en", row.reply)
    said = json.loads(done.stdout) if done.stdout else {}
    named = row.named == "-" or row.named in said.get("texts", {}).get("en", "")
    return None if said.get("reason") == row.reason and named else "%s\n    %s %s, and not %s %s" % (
        row.reply, said.get("reason"), said.get("texts"), row.reason, row.named)


def test_every_refusal_has_its_reason_and_names_what_it_is_about(t):
    refusals = [row for row in rows() if code(row.reply.encode()) >= 400]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        wrong = [said for said in pool.map(lambda row: explained(t, row), refusals) if said]
    assert not wrong, "\n".join(["%d of %d are wrong" % (len(wrong), len(refusals))] + wrong)
