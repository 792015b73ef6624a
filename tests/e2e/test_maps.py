"""The maps, as a real Postfix and postmap(1) ask them; and what Postfix does when they do not answer."""

import os
import re
import signal
import subprocess
import threading
import time

from dialogue import SITE
from harness import Listen, eventually
from observe import child_of, fields
from queries import MapClient, counters, counts
from smtp_client import code
from test_hostile import well

NOBODY = "550 5.1.1 <nobody@pf.test>: Recipient address rejected: User unknown in local recipient table"
RULES = '''
rule "client" { stage = connect  reject = site-policy  if { client-ip = { "192.0.2.0/24" } } }
rule "named" { stage = connect  reject = site-policy  if { client-name = { "bad.example" } } }
rule "helo" { stage = helo  reject = helo-refused  if { helo = { "bad.example" } } }
rule "sender" { stage = mail  reject = site-policy  if { sender = { "bad@client.example" } } }
rule "recipient" { stage = rcpt  reject = mailbox-unknown  if { recipient = { "gone@pf.test" } } }
'''


def maps(t, policy="", options="", where="inet"):
    """A daemon of maps alone."""
    return t.daemon(SITE + policy, listen=None, also=[Listen("socketmap", where, options)])


def table(daemon, name, listen=0):
    return "socketmap:%s:%s" % (daemon.listens[listen].postfix, name)


def footed(reply):
    """Postfix's own words first, then ours in two languages; once, and well formed."""
    lines = well(reply).decode().split("\r\n")[:-1]
    assert len(lines) >= 4 and sum("[ref " in line for line in lines) == 1, reply
    return lines


# --- footer --------------------------------------------------------------------------------------

def test_a_footer_at_every_stage(t):
    daemon = maps(t)
    server = t.start_postfix('''smtpd_reject_footer_maps = %s
message_size_limit = 2000
smtpd_helo_required = yes
smtpd_helo_restrictions = check_helo_access inline:{ { bad.example = REJECT } }
smtpd_sender_restrictions = check_sender_access inline:{ { bad@client.example = REJECT } }
smtpd_data_restrictions = check_sender_access inline:{ { data@client.example = REJECT } }
smtpd_end_of_data_restrictions = check_sender_access inline:{ { end@client.example = REJECT } }
header_checks = inline:{ { bad = x } }
''' % table(daemon, "footer"))

    def at_rcpt(helo="client.example", sender="a@client.example", recipient="user@pf.test"):
        with server.client() as c:
            c.cmd("EHLO " + helo)
            c.cmd("MAIL FROM:<%s>" % sender)
            return c.cmd("RCPT TO:<%s>" % recipient)

    assert "<bad.example>: Helo command rejected" in footed(at_rcpt(helo="bad.example"))[0]
    assert "<bad@client.example>: Sender address rejected" in footed(at_rcpt(sender="bad@client.example"))[0]
    assert "Relay access denied" in footed(at_rcpt(recipient="a@elsewhere.example"))[0]
    lines = footed(at_rcpt(recipient="nobody@pf.test"))
    assert lines[0] == "550-" + NOBODY[4:] and "nobody@pf.test" in lines[1] and "(nobody@pf.test) yok" in lines[3], lines
    with server.client() as c:
        footed(c.cmd("FOO"))
        footed(c.cmd("MAIL FROM:<a@client.example>"))  # without HELO
        c.cmd("EHLO client.example")
        footed(c.cmd("RCPT TO:<user@pf.test>"))
        footed(c.cmd("VRFY nobody@pf.test"))
        assert code(c.cmd("MAIL FROM:<a@client.example>")) == 250
        footed(c.cmd("DATA"))
        c.cmd("RSET")
        footed(c.cmd("MAIL FROM:<a@client.example> SIZE=100000"))
    with server.client() as c:
        assert code(c.cmd("EHLO a.example")) == code(c.cmd("MAIL FROM:<data@client.example>")) == 250
        assert code(c.cmd("RCPT TO:<user@pf.test>")) == 250
        assert "Sender address rejected" in footed(c.cmd("DATA"))[0]
    with server.client() as c:
        assert "Sender address rejected" in footed(c.session(sender="end@client.example"))[0]
        assert b"354 " in c.transcript[-3][1], c.transcript
    with server.client() as c:
        footed(c.session(message="Subject: x\r\n\r\n" + "x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * 40))
    assert counters(daemon)["unsound"] == 0


def test_a_footer_in_the_greeting(t):
    daemon = maps(t)
    server = t.start_postfix("smtpd_reject_footer_maps = %s\nsmtpd_delay_reject = no\n"
                             "smtpd_client_restrictions = reject\n" % table(daemon, "footer"))
    with server.client() as c:
        assert "Client host rejected" in footed(c.greeting)[0]


def test_no_second_footer(t):
    """A reply of our own milter, in several lines, is whole."""
    daemon = t.daemon(SITE + 'rule "r" { stage = rcpt  reject = mailbox-unknown  if { recipient = { "user@pf.test" } } }\n'
                      'rule "s" { stage = eom  reject = site-policy  if { header:Subject = { "bad" } } }\n',
                      also=[Listen("socketmap")])
    bare = t.start_postfix("", daemon.milter)
    server = t.start_postfix("smtpd_reject_footer_maps = %s\n" % table(daemon, "footer", 1), daemon.milter)
    for options in ({}, {"recipients": ["ayse@pf.test"], "message": "Subject: bad\r\n\r\nx\r\n"}):
        answers = []
        for each in (bare, server):
            with each.client() as c:
                answers.append(re.sub(rb"(ref[= ])\S{9}", rb"\1REF", c.session(**options)))
        assert answers[0] == answers[1] and len(well(answers[0]).split(b"\r\n")) > 4, answers
    assert counters(daemon)["not-found"] == 2


# --- access --------------------------------------------------------------------------------------

def test_access_maps(t):
    daemon = maps(t, RULES)
    server = t.start_postfix('''smtpd_reject_footer_maps = %s
smtpd_client_restrictions = check_client_access %s, check_client_access %s
smtpd_helo_restrictions = check_helo_access %s
smtpd_sender_restrictions = check_sender_access %s
smtpd_recipient_restrictions = check_recipient_access %s
''' % tuple(table(daemon, name) for name in ("footer", "client-access", "access", "helo-access", "sender-access",
                                             "recipient-access")))
    for options, words in (({"helo": "bad.example"}, b"<bad.example>: Helo command rejected: "),
                           ({"sender": "bad@client.example"}, b"<bad@client.example>: Sender address rejected: "),
                           ({"recipients": ["gone@pf.test"]}, b"<gone@pf.test>: Recipient address rejected: ")):
        with server.client() as c:
            answer = c.session(**options)
            assert words in footed(answer)[0].encode() and code(answer) == 550, answer
            ref = re.search(r"\[ref (\S{9})\]", answer.decode()).group(1)
            log = [fields(line) for line in daemon.log(until="map=footer ref=" + ref).splitlines()]
            assert [line["map"] for line in log if line.get("ref") == ref][-1] == "footer", log
    for helo in ("mx.bad.example", "client.example", "[127.0.0.1]"):  # Postfix would ask for bad.example too
        with server.client() as c:
            assert code(c.session(helo=helo)) == 250
    daemon.reload(SITE + 'rule "me" { stage = connect  reject = site-policy  if { client-ip = { "127.0.0.1" } } }\n',
                  until="is in order and taken over")
    assert eventually(lambda: ask(daemon, "access", "127.0.0.1").startswith(b"554 5.7.1 "))
    with server.client() as c:
        answer = c.session()
        assert "Client host rejected: " in footed(answer)[0] and code(answer) == 554, answer


def ask(daemon, name, key):
    with MapClient(daemon.listens[0].address) as c:
        return c.ask(name, key)


# --- delivery ------------------------------------------------------------------------------------

def test_delivery(t):
    """What a remote server has refused, in our log and in our bounce; its own words stay in Diagnostic-Code."""
    daemon = maps(t)
    sink = t.sink({"RCPT": b"550-5.1.1 <gone@far.test>: Recipient address rejected:\r\n550 5.1.1 User unknown\r\n"})
    box = t.sink()
    server = t.start_postfix("myhostname = origin.test\nmyorigin = origin.test\nmydestination =\n"
                             "transport_maps = inline:{ { far.test = smtp:[127.0.0.1]:%d }"
                             " { origin.test = smtp:[127.0.0.1]:%d } }\n"
                             "smtp_delivery_status_filter = %s\n" % (sink.port, box.port, table(daemon, "delivery")))
    subprocess.run(["/usr/sbin/sendmail", "-C", os.path.join(server.dir, "etc"), "-f", "a@origin.test", "-oi", "--",
                    "gone@far.test"], input=b"Subject: x\n\nx\n", check=True, timeout=20)
    bounce = box.wait().data.decode()
    joined = re.sub(r"\s+", " ", bounce)
    for words in ("No such mailbox / Boyle bir posta kutusu yok", "gone@far.test", "User unknown"):
        assert words in joined, bounce
    assert re.search(r"Status: 5\.1\.1\r\n", bounce), bounce
    diagnostic = re.search(r"Diagnostic-Code: smtp; (.*?)\r\n\S?", bounce.replace("\r\n    ", " "), re.S)
    assert diagnostic and diagnostic.group(1).startswith("550-5.1.1 <gone@far.test>"), bounce
    log = server.log(until="status=bounced")
    assert re.search(r"dsn=5\.1\.1, status=bounced \(No such mailbox / .*said: 550-5\.1\.1 <gone@far\.test>", log), log
    line = [fields(x) for x in daemon.log().splitlines() if "map=delivery" in x][0]
    assert line["reason"] == "mailbox-unknown" and line["was"] == line["code"] == "550 5.1.1", line


# --- postmap -------------------------------------------------------------------------------------

ASKED = [  # map, key, what the value is
    ("reply", NOBODY, r"550-5\.1\.1 .*\r\n550 5\.1\.1 .* \[ref \S{9}\]"),
    ("reply", "250 2.1.5 Ok", None),
    ("reply", "550 5.9.9 nobody knows that", None),
    ("footer", NOBODY, r".*nobody@pf\.test.*\\n.* \[ref \S{9}\]"),
    ("footer", "250 2.1.5 Ok", None),
    ("rbl", "zen.spamhaus.org", r"\$rbl_code Service unavailable; \$rbl_class \[\$rbl_what\] blocked using "
                                r"\$rbl_domain\$\{rbl_reason\?; \$rbl_reason\} - .* / .*"),
    ("rbl", "no list", None),
    ("delivery", "5.1.1 host mx.far.test[192.0.2.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command)",
     r"5\.1\.1 No such mailbox / .*said: 550 5\.1\.1 User unknown.*"),
    ("delivery", "2.0.0 250 2.0.0 Ok", None),
    ("access", "192.0.2.7", r"554 5\.7\.1 .* / .* \[ref \S{9}\]"),
    ("access", "gone@pf.test", r"550 5\.1\.1 .* \[ref \S{9}\]"),
    ("access", "user@pf.test", "DUNNO"),
    ("access", "pf.test", None),
    ("client-access", "192.0.2.7", r"554 5\.7\.1 .*"),
    ("client-access", "bad.example", r"554 5\.7\.1 .*"),
    ("client-access", "unknown", None),
    ("helo-access", "bad.example", r"550 5\.\d\.\d .*"),
    ("sender-access", "bad@client.example", r"550 5\.\d\.\d .*"),
    ("recipient-access", "gone@pf.test", r"550 5\.1\.1 .*"),
    ("sendmail", "rcpt:<gone@pf.test>", r'"550 5\.1\.1 [^"]*"'),
    ("sendmail", "rcpt:<user@pf.test>", None),
    ("nosuchmap", "x", None),
]


def test_postmap(t):
    path = os.path.join(os.path.dirname(t.socket), "maps.sock")
    daemon = t.daemon(SITE + RULES, listen=None, also=[Listen("socketmap"), Listen("socketmap", path)])
    config = os.path.join(t.postfix.dir, "etc")
    for listen in range(2):
        for name, key, pattern in ASKED:
            done = subprocess.run(["/usr/sbin/postmap", "-c", config, "-q", key, table(daemon, name, listen)],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=20)
            value = done.stdout.decode()
            assert not done.stderr and done.returncode == (1 if pattern is None else 0), (name, key, done)
            assert re.fullmatch(pattern or "", value.removesuffix("\n"), re.S), (name, key, value)
    assert counters(daemon)["unsound"] == 0 and "there is not: map=nosuchmap" in daemon.log()


# --- what is not there ---------------------------------------------------------------------------

def guarded(t, daemon):
    """A Postfix that asks for a footer, and whose own refusals and acceptances are known."""
    return t.start_postfix("smtpd_reject_footer_maps = %s\n" % table(daemon, "footer"))


def serves(server, footer):
    """It accepts what it accepts, and refuses what it refuses."""
    with server.client(timeout=60) as c:
        answer = c.session(recipients=["nobody@pf.test"])
        assert code(answer) == 550 and answer.startswith(b"550-" + NOBODY[4:].encode() if footer
                                                         else NOBODY.encode() + b"\r\n"), answer
        assert code(c.cmd("RSET")) == 250
        assert code(c.session()) == 250


def test_stopped(t):
    daemon = maps(t)
    server = guarded(t, daemon)
    serves(server, True)
    daemon.stop()
    serves(server, False)
    daemon.start()
    serves(server, True)


def test_killed(t):
    """The socket stays open: whoever asks meanwhile gets the answer of the next process."""
    daemon = maps(t)
    server = guarded(t, daemon)
    serves(server, True)
    os.kill(child_of(daemon), signal.SIGKILL)
    serves(server, True)
    os.kill(child_of(daemon), signal.SIGSEGV)
    serves(server, True)
    counts(daemon, restarts=2)


def test_hung(t):
    """A process that hangs is ended after ten seconds, and the next one answers."""
    daemon = maps(t)
    server = guarded(t, daemon)
    serves(server, True)
    child = child_of(daemon)
    os.kill(child, signal.SIGSTOP)
    started = time.monotonic()
    serves(server, True)
    taken = time.monotonic() - started
    assert 3 < taken < 20, taken
    assert "hangs and is ended" in daemon.log() and child_of(daemon) not in (child, None)
    counts(daemon, restarts=1)


def test_not_hung(t):
    """Nor is one that has nothing to do, or one that is busy."""
    daemon = maps(t)
    child = child_of(daemon)
    end = time.monotonic() + 14
    with MapClient(daemon.listens[0].address) as c:
        while time.monotonic() < end:
            if end - time.monotonic() < 4:
                c.ask("footer", NOBODY)
            else:
                time.sleep(0.5)
    assert child_of(daemon) == child


def test_reload_under_load(t):
    one = 'rule "r" { stage = rcpt  reject = mailbox-unknown  if { recipient = { "a@pf.test" } } }\n'
    other = 'rule "r" { stage = rcpt  reject = mailbox-full  if { recipient = { "a@pf.test" } } }\n'
    daemon = maps(t, one)
    last, failures, stop = [None], [], threading.Event()

    def asks():
        try:
            with MapClient(daemon.listens[0].address) as c:
                while not stop.is_set():
                    last[0] = c.ask("access", "a@pf.test")[:9]
                    assert c.ask("footer", NOBODY)
                    time.sleep(0.001)  # a reload has the lowest priority
        except Exception as e:  # noqa: BLE001
            failures.append(e)

    threads = [threading.Thread(target=asks) for _ in range(4)]
    for thread in threads:
        thread.start()
    for i in range(6):
        daemon.reload(SITE + (other if i % 2 == 0 else one), until="is in order and taken over", seconds=20)
        expected = b"552 5.2.2" if i % 2 == 0 else b"550 5.1.1"
        assert eventually(lambda: last[0] == expected or failures, 20), last
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures, failures
    now = counters(daemon)
    assert now["reloads"] == 6 and now["restarts"] == now["protocol-errors"] == 0, now


def test_errors_at_sighup(t):
    daemon = maps(t, RULES)
    server = guarded(t, daemon)
    child = child_of(daemon)
    daemon.reload(SITE + 'rule "r" { reject = nosuch }\n', until="the one before stays in force")
    assert ask(daemon, "access", "gone@pf.test").startswith(b"550 5.1.1 ") and child_of(daemon) == child
    serves(server, True)


def test_a_slow_rule_is_given_up(t):
    """What would take longer than the deadline is not found, and the other connections do not wait."""
    hard = "".join('rule "%d" { stage = helo  reject = helo-refused  if { helo = { "~a+a+[bc]{1,%d}" } } }\n' % (i, i)
                   for i in range(1, 2000))
    daemon = maps(t, hard, 'deadline = "20 ms"')
    started = time.monotonic()
    assert ask(daemon, "helo-access", "a" * 250) == b"DUNNO"
    assert time.monotonic() - started < 2
    assert counters(daemon)["deadlines"] == 1
