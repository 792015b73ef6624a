"""dragoman explain --log: the refusals of a mail log, summed up; and one line of a log, explained."""

import collections
import gzip
import json
import os
import pty
import random
import re
import subprocess
import threading
import time

import harness
from raw_milter import reply

TOP = harness.TOP
POSTFIX = "Oct  9 12:00:00 mx postfix/%s[4242]: "
SENDMAIL = "Oct  9 12:00:00 mx sendmail[4242]: 6AM9HsT6003336: "
ENVELOPE = "; from=<a@b.example> to=<user@pf.test> proto=ESMTP helo=<c.test>"
UNKNOWN = "550 5.1.1 <nosuch@pf.test>: Recipient address rejected: User unknown in local recipient table"
REJECT = POSTFIX % "smtpd" + "NOQUEUE: reject: RCPT from unknown[192.0.2.7]: "
DELIVERY = (POSTFIX % "smtp" + "E857BA76B32: to=<ayse@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=0.04, "
            "delays=0.02/0.01/0/0.01, dsn=%s, status=%s (%s)")
STAT = SENDMAIL + ("to=<ayse@example.net>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=60273, "
                   "relay=mx.example.net. [192.0.2.1], dsn=%s, stat=%s")

# line, reason, permanent or transient or neither, recipient, server
REFUSALS = [
    (REJECT + UNKNOWN + ENVELOPE, "mailbox-unknown", "permanent", "user@pf.test", None),
    (REJECT + "450 4.2.0 <a@pf.test>: Recipient address rejected: Greylisted; see below" + ENVELOPE,
     "greylisted", "transient", "user@pf.test", None),
    (POSTFIX % "postscreen" + "NOQUEUE: reject: RCPT from [192.0.2.7]:49152: 550 5.7.1 Service unavailable; client "
     "[192.0.2.7] blocked using zen.spamhaus.org; from=<a@b.example>, to=<u@pf.test>, proto=ESMTP, helo=<c.test>",
     "client-blocklisted", "permanent", "u@pf.test", None),
    (REJECT.replace("reject:", "milter-reject:") + "550-5.7.1 The message is??550-5.7.1 spam,??550 5.7.1 sorry"
     + ENVELOPE, "spam-content", "permanent", "user@pf.test", None),
    (POSTFIX % "cleanup" + "8AE65A76A4A: milter-reject: END-OF-MESSAGE from unknown[IPv6:2001:db8::1]: 5.7.1 Blocked "
     "as spam??550 5.7.1 T\u00fcrk\u00e7e" + ENVELOPE, "spam-content", "permanent", "user@pf.test", None),
    (POSTFIX % "cleanup" + "8AE65A76A4A: reject: header Subject: a; from=<x> to=<y>: 2.0.0 fine from unknown"
     "[192.0.2.7]" + ENVELOPE + ": 5.7.1 Message is spam", "spam-content", "permanent", "user@pf.test", None),
    (DELIVERY % ("5.1.1", "bounced", "host mx.example.net[192.0.2.1] said: 550 5.1.1 no such user here (in reply to "
                 "RCPT TO command)"), "mailbox-unknown", "permanent", "ayse@example.net", "mx.example.net"),
    (DELIVERY.replace("postfix/smtp", "mx-out/lmtp") % ("4.2.2", "deferred", "host mx.example.net[192.0.2.1] said: "
     "452 4.2.2 Mailbox full (in reply to RCPT TO command)"), "mailbox-full", "transient", "ayse@example.net",
     "mx.example.net"),
    (DELIVERY.replace("relay=mx.example.net[192.0.2.1]:25", "relay=local") % ("5.1.1", "bounced", 'unknown user: "x"'),
     "mailbox-unknown", "permanent", "ayse@example.net", None),
    (STAT % ("5.1.1", "User unknown"), "mailbox-unknown", "permanent", "ayse@example.net", "mx.example.net"),
    (STAT.replace("stat=", "reply=550 5.1.1 no such user, stat=") % ("5.1.1", "Service unavailable"), "mailbox-unknown",
     "permanent", "ayse@example.net", "mx.example.net"),
    (SENDMAIL + "ruleset=check_rcpt, arg1=<ayse@example.net>, relay=c.test [192.0.2.7], reject=550 5.7.1 "
     "<ayse@example.net>... Relaying denied", "relay-denied", "permanent", "ayse@example.net", None),
    (SENDMAIL + "Milter: to=<user@sm.test>, reject=550-5.7.1 T\\303\\274rk 100%%\\r\\n550 5.7.1 Blocked as spam",
     "spam-content", "permanent", "user@sm.test", None),
    (SENDMAIL + "<nosuch@sm.test>... User unknown", "mailbox-unknown", None, "nosuch@sm.test", None),
]

# What tells of no refusal, or of one that another line tells of.
OTHERS = [
    POSTFIX % "smtpd" + "8AE65A76A4A: client=unknown[192.0.2.7]",
    DELIVERY % ("2.0.0", "sent", "250 2.0.0 Ok: queued as B8BE7A76AD8"),
    POSTFIX % "smtpd" + "NOQUEUE: reject_warning: RCPT from unknown[192.0.2.7]: " + UNKNOWN + ENVELOPE,
    POSTFIX % "cleanup" + "8AE65A7: warning: header Subject: reject: RCPT from x[192.0.2.7]: 550 5.1.1 no" + ENVELOPE,
    POSTFIX % "cleanup" + "8AE65A7: milter-discard: RCPT from x[192.0.2.7]: milter triggers DISCARD action" + ENVELOPE,
    POSTFIX % "smtp" + "8AE65A7: host mx.example.net[192.0.2.1] said: 450 4.2.0 Greylisted (in reply to RCPT TO "
    "command)",
    STAT % ("2.0.0", "Sent (250 2.0.0 Ok)"),
    SENDMAIL + "milter=dragoman, action=rcpt, reject=550 5.7.1 no",
    SENDMAIL + "to=<user@sm.test>, delay=00:00:00, pri=30015, stat=Command rejected",
    SENDMAIL + "6AM9Hsnd003378: DSN: User unknown",
    "", "\x00", "to=", "to=<", "reject: ", "Milter: ", "<22>", "postfix", "postfix: to=<a", "Oct  9 12:00:00 ",
]


def explain_log(t, log, *arguments, status=0):
    data = log if isinstance(log, bytes) else log.encode()
    done = t.dragoman("explain", "--log", "--json", *arguments, input=data)
    assert done.returncode == status and not done.stderr, (done.returncode, done.stderr)
    return json.loads(done.stdout)


def explain_line(t, line):
    return json.loads(t.dragoman("explain", "--json", "--lang", "en", line).stdout)


def counts(summary):
    return {r["reason"]: r["count"] for r in summary["reasons"]}


def test_each_kind_of_line(t):
    for line, reason, status_class, _, _ in REFUSALS:
        summary = explain_log(t, line + "\n")
        assert counts(summary) == {reason: 1}, (line, summary)
        assert summary["refusals"] == summary["lines"] == 1 and summary["unexplained"] == 0
        entry = summary["reasons"][0]
        assert entry["first"] == entry["last"] == "Oct  9 12:00:00"
        for name in ("permanent", "transient"):
            assert entry[name] == (status_class == name), (line, entry)


def test_a_line_as_an_argument(t):
    for line, reason, _, recipient, server in REFUSALS:
        told = explain_line(t, line)
        assert (told["input"], told["reason"], told["recipient"], told["remote_mta"]) == (
            "reply", reason, recipient, server), (line, told)
        assert "from=<" not in told["diagnostic"], told
    told = explain_line(t, REFUSALS[0][0])
    assert told["basic"] == "550" and told["enhanced"] == "5.1.1" and "nosuch@pf.test" in told["texts"]["en"]
    assert explain_line(t, UNKNOWN)["reason"] == "mailbox-unknown"


def test_what_stands_before_the_message(t):
    message = REFUSALS[0][0].split("]: ", 1)[1]
    times = {
        "2026-10-09T12:00:00.123456+02:00": "2026-10-09T12:00:00.123456+02:00 mx postfix/smtpd[1]: ",
        "2026-10-09 12:00:00,5": "2026-10-09 12:00:00,5 mx mx-in/smtpd[1]: ",
        "Oct 19 12:00:00": "Oct 19 12:00:00 postfix/smtpd[1]: ",
        "Oct 19 12:00:01": "<22>Oct 19 12:00:01 mx postfix/smtpd[1]: ",
        "2026-10-09T12:00:01Z": "<22>1 2026-10-09T12:00:01Z mx postfix/smtpd 1 - - ",
        "Oct 19 12:00:02": "Oct 19 12:00:02 mx postfix/smtpd[1]: [ID 197553 mail.info] ",
    }
    for time, start in times.items():
        entry = explain_log(t, start + message)["reasons"][0]
        assert (entry["reason"], entry["first"]) == ("mailbox-unknown", time), (start, entry)
    for start in ("", "postfix/smtpd[1]: ", "mail_1  | Oct  9 12:00:00 mx postfix/smtpd[1]: "):
        entry = explain_log(t, start + message)["reasons"][0]
        assert (entry["reason"], entry["first"]) == ("mailbox-unknown", None), (start, entry)


def test_lines_of_no_interest(t):
    summary = explain_log(t, "\n".join(OTHERS) + "\n", status=1)
    assert summary["refusals"] == 0 and summary["lines"] == len(OTHERS) and summary["reasons"] == [], summary
    assert explain_log(t, "", status=1)["lines"] == 0
    assert explain_log(t, UNKNOWN, status=1)["lines"] == 1  # a reply, but no line of a log


def test_summary(t):
    log = [REFUSALS[0][0].replace("nosuch", "nosuch%d" % i).replace("12:00:00", "12:00:%02d" % i) for i in range(30)]
    log += [REFUSALS[1][0]] * 3 + OTHERS[:4] + [REJECT + "599 xyzzy" + ENVELOPE]
    summary = explain_log(t, "\r\n".join(log), "--lang", "tr,en")
    assert summary["lines"] == 38 and summary["refusals"] == 34, summary
    first, second = summary["reasons"][:2]
    assert (first["reason"], first["count"], first["first"], first["last"]) == (
        "mailbox-unknown", 30, "Oct  9 12:00:00", "Oct  9 12:00:29"), first
    assert first["who"] == "sender" and first["hard"] and list(first["texts"]) == ["tr", "en"], first
    assert first["example"] == UNKNOWN.replace("nosuch", "nosuch0"), first
    assert "nosuch" not in first["texts"]["en"], "a text for all of them names nobody"
    assert (second["reason"], second["count"], second["transient"]) == ("greylisted", 3, 3), second
    assert summary["unexplained"] + sum(counts(summary).values()) == 34


def test_for_people(t):
    log = REFUSALS[0][0] + "\n" + REFUSALS[1][0]
    done = t.dragoman("explain", "--log", "-", "--lang", "en,tr", input=log.encode())
    text = done.stdout.decode()
    assert done.returncode == 0 and not done.stderr
    assert text.startswith("2 log lines, 2 refusals and failed deliveries\n"), text
    assert text.count("Who has to act:") == 2 and text.count("Kimin işlem yapması gerekir:") == 2, text
    assert re.search(r"(?m)^1  mailbox-unknown$", text) and "Oct 9 12:00:00" in text, text
    assert max(map(len, text.splitlines())) <= 80, text


def test_files_and_usage(t):
    log = os.path.join(t.dir, "mail.log")
    with open(log, "w", encoding="utf-8") as f:
        f.write(REFUSALS[0][0] + "\n")
    assert t.dragoman("explain", "--log", log).returncode == 0
    assert json.loads(t.dragoman("explain", "-j", "--log", log).stdout)["refusals"] == 1
    missing = t.dragoman("explain", "--log", log + "\x1b[2J")
    assert missing.returncode == 1 and b"No such file" in missing.stderr and b"\x1b" not in missing.stderr, missing
    assert b"Is a directory" in t.dragoman("explain", "--log", t.dir).stderr
    assert t.dragoman("explain", "--log", log, log).returncode == 2


def test_rotated_logs_are_compressed(t):
    text = "".join(line + "\n" for line, *_ in REFUSALS).encode()
    packed = gzip.compress(text)
    assert explain_log(t, packed) == explain_log(t, text)
    log = os.path.join(t.dir, "mail.log.2.gz")
    for octets in (packed, packed + packed):
        with open(log, "wb") as f:
            f.write(octets)
        summary = json.loads(t.dragoman("explain", "-j", "--log", log).stdout)
        assert summary["lines"] == len(REFUSALS) * len(octets) // len(packed), summary["lines"]
    lines = [REJECT + "550 5.1.1 no such user %d" % random.Random(i).getrandbits(64) + ENVELOPE for i in range(20000)]
    with open(log, "wb") as f:
        f.write(gzip.compress("\n".join(lines).encode())[:-5000])
    cut = t.dragoman("explain", "-j", "--log", log)
    assert cut.returncode == 1 and b"mail.log.2.gz: what is compressed in it is damaged" in cut.stderr, cut.stderr
    assert 10000 < json.loads(cut.stdout)["refusals"] < 20000, cut.stdout[:100]


def shipped_tests():
    """The replies for which the shipped rules say what is expected."""
    row = re.compile(r'^\s*reply\s*=\s*"([^"\\]+)"\s*\n\s*expect\s*=\s*"?([\w-]+)"?\s*$', re.MULTILINE)
    for name in sorted(os.listdir(os.path.join(TOP, "etc", "restate"))):
        with open(os.path.join(TOP, "etc", "restate", name), encoding="utf-8") as f:
            yield from row.findall(f.read())


def with_other_addresses(said, number):
    said = re.sub(r"\b192\.0\.2\.\d+\b", "198.51.100.%d" % number, said)
    return re.sub(r"\b(ayse|bob|info)@", r"\g<1>%d@" % number, said)


def test_replies_of_one_shape_mean_the_same(t):
    """What the shape of a reply forgets makes no difference: each shipped test, with other addresses."""
    replies = list(shipped_tests())
    assert len(replies) > 400, "the rules have tests"
    lines = [REJECT + with_other_addresses(said, i) + ENVELOPE for said, _ in replies for i in range(3)]
    summary = explain_log(t, "\n".join(lines))
    found = collections.Counter(counts(summary))
    assert summary["refusals"] == len(lines), summary["refusals"]

    def differences(expectations):
        wanted = collections.Counter(expectations)
        return {r: (3 * wanted[r], found[r]) for r in wanted | found if 3 * wanted[r] != found[r]}

    # Where the rules and their tests disagree, what counts is what is said of the reply alone.
    doubtful = differences(expect for _, expect in replies)
    wrong = doubtful and differences(
        explain_line(t, said)["reason"] if expect in doubtful else expect for said, expect in replies)
    assert not wrong, "reason: (expected, found) %r" % wrong


def is_harmless(text):
    return not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_hostile_lines(t):
    evil = "\x1b]0;pwned\x07\x1b[31m\x00 \u009b31m \u202e no such user".encode() + b"\xff\xfe\xc3("
    lines = [(DELIVERY % ("5.1.1", "bounced", "550 5.1.1 EVIL")).encode().replace(b"EVIL", evil),
             (STAT % ("5.1.1", "EVIL \\033[31m\\000\\377\\")).encode().replace(b"EVIL", evil),
             b"2026-10-09T12:00:00\x1b[31m mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[1]: 550 5.1.1 no such user",
             os.urandom(100000), b"\n" * 10]
    log = b"\n".join(lines)
    summary = explain_log(t, log)
    assert counts(summary) == {"mailbox-unknown": 3}, summary
    assert is_harmless(json.dumps(summary["reasons"], ensure_ascii=False)), summary
    shown = t.dragoman("explain", "--log", input=log).stdout.decode()
    assert is_harmless(shown), shown
    for line in lines[:2]:
        alone = t.dragoman("explain", line.replace(b"\x00", b"")).stdout.decode()
        assert is_harmless(alone), alone


def test_cut_and_damaged_lines(t):
    """Every line, cut anywhere, is no trouble."""
    log = b"".join(line.encode()[:n] + b"\n" for line, *_ in REFUSALS for n in range(0, len(line), 3))
    assert explain_log(t, log)["lines"] == log.count(b"\n")


def resident_peak(pid):
    """The most memory that a process has had so far, in kB; 0 once it has ended."""
    with open("/proc/%d/status" % pid, encoding="ascii", errors="replace") as f:
        found = re.search(r"^VmHWM:\s+(\d+)", f.read(), re.M)
    return int(found.group(1)) if found else 0


def peak_memory(arguments, stdin):
    """Run the tool; its exit status, its output and the most memory it had, in kB: what wait4() calls so is never less
    than what we ourselves had when it was started."""
    most = 0
    with subprocess.Popen([harness.DRAGOMAN, *arguments], stdin=stdin, stdout=subprocess.PIPE) as process:
        while process.poll() is None:
            most = max(most, resident_peak(process.pid))
            time.sleep(0.002)
        return process.returncode, process.stdout.read(), most


def test_lines_and_logs_without_end(t):
    log = os.path.join(t.dir, "mail.log")
    refusal = REFUSALS[0][0].encode()
    with open(log, "wb") as f:
        f.write(refusal + b"\n" + refusal + b" ")
        for _ in range(100):  # 100 MB without a line end
            f.write(b"status=bounced " * 70000)
        f.write(b"\n" + refusal + b"\n")
        for i in range(21000):  # no two alike
            word = "".join(chr(97 + i // 26 ** k % 26) for k in range(5))
            f.write((REJECT + "550 5.1.1 no such user " + word + ENVELOPE + "\n").encode())
    with open(log, "rb") as f:
        status, output, kilobytes = peak_memory(["explain", "--log", "-j"], f)
    summary = json.loads(output)
    assert status == 0 and summary["lines"] == summary["refusals"] == 21003, summary
    with open(harness.DRAGOMAN, "rb") as f:
        sanitised = b"__asan_init" in f.read()  # which needs memory of its own
    assert 1000 < kilobytes < 60000 or sanitised, kilobytes


def test_edges_of_the_buffer(t):
    """Lines of every length around the limit and the buffer are read whole, and counted once."""
    refusal = REFUSALS[0][0].encode() + b"\n"
    for size in (65535, 65536, 65537, 65538, 1048575, 1048576, 1048577):
        log = b"x" * size + b"\n" + refusal + b"y" * (size - len(refusal)) + b"\n" + refusal[:-1]
        summary = explain_log(t, log)
        assert (summary["lines"], summary["refusals"]) == (4, 2), (size, summary["lines"])
        assert summary["reasons"][0]["example"] == UNKNOWN


def on_terminal(path):
    """What the tool writes to standard error when that is a terminal."""
    ours, theirs = pty.openpty()
    written = []

    def read():
        try:
            while chunk := os.read(ours, 65536):
                written.append(chunk)
        except OSError:  # the other end is closed
            pass

    reader = threading.Thread(target=read)
    reader.start()
    subprocess.run([harness.DRAGOMAN, "explain", "--log", path], stdout=subprocess.DEVNULL, stderr=theirs, check=False)
    os.close(theirs)
    reader.join()
    os.close(ours)
    return b"".join(written).decode()


def test_progress(t):
    log = os.path.join(t.dir, "mail.log")
    for size, shown in ((1000, False), (20000000, True)):
        with open(log, "w", encoding="utf-8") as f:
            f.write((OTHERS[0] + "\n") * (size // len(OTHERS[0])))
        written = on_terminal(log)
        assert bool(re.search(r"\r\[#+ *\] +\d+ %  \d+ MB/s", written)) == shown, written
        assert not shown or written.endswith(" \r"), "the bar is wiped out"
    assert not t.dragoman("explain", "--log", log).stderr, "no bar where there is no terminal"


def test_lines_of_a_real_postfix(t):
    t.milter({"rcpt": reply("550-5.7.1 The message is spam.", "550 5.7.1 İleti istenmeyen posta.")})
    with t.postfix.client() as c:
        c.cmd("EHLO c.test")
        c.cmd("MAIL FROM:<a@b.example>")
        for recipient in (t.postfix.address("nosuch"), "x@elsewhere.example", t.postfix.address()):
            c.cmd("RCPT TO:<%s>" % recipient)
    log = t.postfix.log(until="milter-reject: RCPT")
    found = counts(explain_log(t, log))
    assert found == {"mailbox-unknown": 1, "relay-denied": 1, "spam-content": 1}, (found, log)


def test_end_of_message_of_a_real_postfix(t):
    t.milter({"eom": reply("550-5.7.1 The message is spam.", "550 5.7.1 İleti istenmeyen posta.")})
    with t.postfix.client() as c:
        c.session(recipients=[t.postfix.address()])
    summary = explain_log(t, t.postfix.log(until="milter-reject: END-OF-MESSAGE"))
    assert counts(summary) == {"spam-content": 1}, summary
    assert summary["reasons"][0]["example"].startswith("550-5.7.1 The message is spam. 550 5.7.1 "), summary


def test_lines_of_a_real_bounce(t):
    t.milter({"rcpt": reply("550-5.1.1 There is no mailbox of that name.", "550 5.1.1 No such mailbox")})
    t.bounce_for(t.postfix, t.postfix.address())
    _, origin = t._world.origin(t.postfix)
    log = [line for line in origin.log(until="status=bounced").splitlines() if "status=bounced" in line][-1]
    assert counts(explain_log(t, log)) == {"mailbox-unknown": 1}, log
    assert explain_line(t, log)["recipient"] == t.postfix.address()


def test_lines_of_a_real_sendmail(t):
    t.milter({"eom": reply("550-5.7.1 The message is spam.", "550 5.7.1 Ileti istenmeyen posta.")})
    with t.sendmail.client() as c:
        c.cmd("EHLO c.test")
        c.cmd("MAIL FROM:<a@b.example>")
        c.cmd("RCPT TO:<%s>" % t.sendmail.address("nosuch"))
        c.cmd("RCPT TO:<%s>" % t.sendmail.address())
        c.cmd("DATA")
        c.cmd("Subject: hello\r\n\r\nhello\r\n.")
    log = t.sendmail.log(until="stat=")
    found = counts(explain_log(t, log))
    assert found == {"mailbox-unknown": 1, "spam-content": 1}, (found, log)
