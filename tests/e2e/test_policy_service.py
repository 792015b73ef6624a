"""The policy service, as a real Postfix asks it; and the one that asks another service first."""

import os
import re
import signal
import threading
import time

from dialogue import SITE
from harness import Listen, eventually
from observe import child_of, fields
from queries import CLOSE, RCPT, PolicyClient, PolicyPeer, counters, counts
from smtp_client import code
from test_hostile import well

GONE = 'rule "gone" { stage = rcpt  reject = mailbox-unknown  if { recipient = { "gone@pf.test" } } }\n'
NEVER = 'rule "never" { stage = rcpt  reject = mailbox-unknown  if { recipient = { "x@y.example" } } }\n'


def policy(t, rules, options="", **more):
    """A daemon of a policy service and of the maps beside it."""
    return t.daemon(SITE + rules, listen=None, also=[Listen("policy", "inet", options), Listen("socketmap")], **more)


def ask(daemon, **attributes):
    with PolicyClient(daemon.listens[0].address) as c:
        return c.ask(**attributes)


# --- Postfix -------------------------------------------------------------------------------------

# restriction list of Postfix, protocol state, rule; and the command that is refused with delay_reject = no and = yes
STATES = [
    ("client", "CONNECT", 'stage = connect  if { client-ip = { "127.0.0.1" } }', "", "RCPT"),
    ("helo", "EHLO", 'stage = helo  if { helo = { "client.example" } }', "EHLO", "RCPT"),
    ("sender", "MAIL", 'stage = mail  if { sender = { "a@client.example" } }', "MAIL", "RCPT"),
    ("recipient", "RCPT", 'stage = rcpt  if { recipient = { "user@pf.test" } }', "RCPT", "RCPT"),
    ("data", "DATA", 'stage = data  if { sender = { "a@client.example" } }', "DATA", "DATA"),
    ("end_of_data", "END-OF-MESSAGE", 'stage = eom  if { size = { ">20" } }', ".", "."),
    ("recipient", "VRFY", 'stage = rcpt  if { recipient = { "user@pf.test" } }', "VRFY", "VRFY"),
    ("etrn", "ETRN", 'stage = helo  if { helo = { "client.example" } }', "ETRN", "ETRN"),
]


def refused_at(server, only=None):
    """The first command of a session that is refused, and the reply; "" is the greeting."""
    with server.client() as c:
        if code(c.greeting) >= 400:
            return "", c.greeting
        for command in ("EHLO client.example", "VRFY user@pf.test", "ETRN pf.test", "MAIL FROM:<a@client.example>",
                        "RCPT TO:<user@pf.test>", "DATA"):
            verb = command[:4].strip()
            if verb in ("VRFY", "ETRN") and verb != only:
                continue
            reply = c.cmd(command)
            if code(reply) >= 400:
                return verb, reply
        return ".", c.text("Subject: x\r\n\r\nhello\r\n")


def test_every_protocol_state(t):
    """One line goes to Postfix, all of them to the client: the footer map knows the line."""
    daemon = policy(t, NEVER)
    maps = "smtpd_reject_footer_maps = socketmap:%s:footer\n" % daemon.listens[1].postfix
    for delay in ("no", "yes"):
        for where, state, rule, at_once, delayed in STATES:
            daemon.reload(SITE + 'rule "r" { %s\n reject = site-policy }\n' % rule, until="is in order and taken over")
            server = t.start_postfix(
                maps + "smtpd_delay_reject = %s\nfast_flush_domains = pf.test\nsmtpd_%s_restrictions = "
                "check_policy_service { %s, timeout=5s, default_action=DUNNO }\n"
                % (delay, where, daemon.listens[0].postfix))
            verb, reply = refused_at(server, state)
            expected = at_once if delay == "no" else delayed
            assert verb == expected and code(reply) in (550, 554), (state, delay, verb, reply)
            lines = well(reply).decode().split("\r\n")[:-1]
            assert len(lines) >= 4 and reply.count(b"[ref ") == 1, (state, delay, reply)
            ref = re.search(r"\[ref (\S{9})\]", lines[0]).group(1)
            logged = [fields(line) for line in daemon.log(until="map=footer ref=" + ref).splitlines()]
            assert [line.get("stage", line.get("map")) for line in logged if line.get("ref") == ref] \
                == [{"": "connect", "EHLO": "helo", "MAIL": "mail", "RCPT": "rcpt", "DATA": "data", ".": "eom",
                     "VRFY": "rcpt", "ETRN": "mail"}[verb], "footer"], (state, delay, logged)
            server.stop()
    assert counters(daemon)["unsound"] == 0


def test_what_is_let_pass(t):
    """DUNNO is all that a message hears that the policy has nothing against."""
    daemon = policy(t, GONE)
    service = "check_policy_service %s" % daemon.listens[0].postfix
    server = t.start_postfix("".join("smtpd_%s_restrictions = %s\n" % (where, service) for where in
                                     ("client", "helo", "sender", "recipient", "data", "end_of_data")))
    with server.client() as c:
        assert code(c.session(recipients=["user@pf.test", "ayse@pf.test"])) == 250
        assert code(c.session(recipients=["gone@pf.test"])) == 550
    with server.client() as c:  # what Postfix itself refuses stays refused
        assert code(c.session(recipients=["a@elsewhere.example"])) == 554
    now = counters(daemon)
    assert now["queries"] >= 14 and now["answers"] == 1 and now["protocol-errors"] == 0, now


def test_other_verbs(t):
    daemon = policy(t, '''
rule "hold" { stage = rcpt  hold = yes  if { recipient = { "hold@pf.test" } } }
rule "discard" { stage = rcpt  discard = yes  if { recipient = { "discard@pf.test" } } }
rule "defer" { stage = rcpt  defer = mailbox-full  if { recipient = { "defer@pf.test" } } }
rule "good" { stage = rcpt  accept = yes  if { sender = { "good@client.example" } } }
rule "shadow" { stage = rcpt  reject = site-policy  shadow = yes  if { recipient = { "shadow@pf.test" } } }
rule "rest" { stage = rcpt  reject = site-policy  if { recipient = { "rest@pf.test" } } }
''')
    for name, expected in (("hold", "HOLD"), ("discard", "DISCARD"), ("defer", "452 4.2.2 .*"), ("shadow", "DUNNO"),
                           ("rest", r"550 5\.7\.1 .*")):
        action = ask(daemon, recipient=name + "@pf.test")
        assert re.fullmatch(expected, action), (name, action)
    assert ask(daemon, recipient="rest@pf.test", sender="good@client.example") == "DUNNO"
    assert ask(daemon, request="something_else") == ask(daemon, protocol_state="NOOP") == "DUNNO"
    assert "shadow=yes" in daemon.log()
    now = counters(daemon)
    assert [now[name] for name in ("rejected", "deferred", "discarded", "held", "shadowed", "protocol-errors")] \
        == [1, 1, 1, 1, 1, 0], now


# --- what is not there ---------------------------------------------------------------------------

def test_a_daemon_that_is_not_there(t):
    """With the setting that the manual shows, Postfix goes on without us."""
    daemon = policy(t, GONE)
    server = t.start_postfix("smtpd_recipient_restrictions = check_policy_service "
                             "{ %s, timeout=3s, default_action=DUNNO }\n" % daemon.listens[0].postfix)

    def answers(recipient):
        with server.client(timeout=60) as c:
            return code(c.session(recipients=[recipient]))

    assert answers("gone@pf.test") == 550 and answers("user@pf.test") == 250
    os.kill(child_of(daemon), signal.SIGKILL)  # the next one takes over within a second
    assert answers("user@pf.test") == 250
    assert eventually(lambda: ask(daemon, recipient="gone@pf.test").startswith("550 "))
    daemon.stop()
    assert answers("user@pf.test") == 250 and answers("nobody@pf.test") == 550
    daemon.start()
    child = child_of(daemon)
    os.kill(child, signal.SIGSTOP)
    assert answers("user@pf.test") == 250 and answers("nobody@pf.test") == 550
    assert eventually(lambda: child_of(daemon) not in (child, None), 20)
    assert eventually(lambda: answers("gone@pf.test") == 550)


def test_reload_under_load(t):
    daemon = policy(t, GONE)
    last, failures, stop = [None], [], threading.Event()

    def asks():
        try:
            with PolicyClient(daemon.listens[0].address) as c:
                while not stop.is_set():
                    last[0] = c.ask(recipient="gone@pf.test")[:9]
                    time.sleep(0.001)  # a reload has the lowest priority
        except Exception as e:  # noqa: BLE001
            failures.append(e)

    threads = [threading.Thread(target=asks) for _ in range(4)]
    for thread in threads:
        thread.start()
    for i in range(6):
        daemon.reload(SITE + (NEVER if i % 2 == 0 else GONE), until="is in order and taken over", seconds=20)
        expected = "DUNNO" if i % 2 == 0 else "550 5.1.1"
        assert eventually(lambda: last[0] == expected or failures, 20), last
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures, failures


# --- asking another service first ----------------------------------------------------------------

def chained(t, script, rules=GONE, options=""):
    peer = PolicyPeer(script)
    t.cleanup(peer.stop)
    return peer, policy(t, rules, peer.ask + " " + options)


def says(action):
    return lambda _: "action=%s\n\n" % action


def test_a_service_that_lets_pass(t):
    """It is asked with every attribute, on one connection; our own policy judges what it lets pass."""
    peer, daemon = chained(t, says("DUNNO"))
    with PolicyClient(daemon.listens[0].address) as c:
        assert c.ask(new_attribute="x") == "DUNNO"
        assert c.ask(recipient="gone@pf.test").startswith("550 5.1.1 ")
        assert c.ask() == "DUNNO"
    assert peer.requests[0] == {**RCPT, "new_attribute": "x"} and len(peer.requests) == 3 and peer.connections == 1
    assert ask(daemon, request="something_else") == "DUNNO"


def test_other_action_words_are_left_as_they_are(t):
    actions = ["PREPEND X-Greylist: delayed  by \"x\" $y %s", "OK", "ok", "WARN 550 5.1.1 x", "HOLD because", "200 ok",
               "FILTER smtp:[127.0.0.1]:10025", "REDIRECT a@b.example", "BCC a@b.example", "INFO x", "permit_mynetworks",
               "DISCARD \xfc"]
    answers = iter(actions)
    _, daemon = chained(t, lambda _: ("action=%s\n\n" % next(answers)).encode("latin-1"))
    with PolicyClient(daemon.listens[0].address) as c:
        for action in actions:
            c.send(c.request())
            assert c._need(lambda got: got.find(b"\n\n") + 2 if b"\n\n" in got else 0) \
                == ("action=%s\n\n" % action).encode("latin-1")
    now = counters(daemon)
    assert now["answers"] == 0 and now["not-found"] == len(actions), now


def test_refusals_are_restated_with_their_own_word(t):
    for action, expected in (
            ("450 4.2.0 Greylisted, see http://postgrey.schweikert.ch/help/pf.test.html", r"45\d 4\.\d+\.\d+ "),
            ("DEFER_IF_PERMIT 4.2.0 Greylisted, see http://x.example/", r"DEFER_IF_PERMIT 4\.\d+\.\d+ "),
            ("DEFER_IF_REJECT Service temporarily unavailable", r"DEFER_IF_REJECT 4\.\d+\.\d+ "),
            ("REJECT 5.7.23 SPF validation failed", r"REJECT 5\.7\.23 "),
            ("550 5.7.23 Message rejected due to: SPF fail - not authorized.", r"550 5\.7\.23 "),
            ("550 5.1.1 User unknown", r"550 5\.1\.1 "), ("421 4.7.0 Try again later", r"421 4\.\d+\.\d+ ")):
        peer, daemon = chained(t, says(action))
        answer = ask(daemon)
        assert re.match(expected + r".* / .*\[ref \S{9}\]$", answer), (action, answer)
        counts(daemon, answers=1, not_found=0)
        line = [fields(x) for x in daemon.log().splitlines() if "said=" in x][0]
        assert line["verb"] == "restate" and line["code"][0] == line["was"][0], line
        peer.stop(), daemon.stop()


def test_a_refusal_that_nobody_knows_stays(t):
    for action in ("550 5.9.9 qwertz", "REJECT", "DEFER", "550 5.1.1 User unknown [ref 7F3K-2QXD]", "450"):
        _, daemon = chained(t, says(action), rules=GONE)
        answer = ask(daemon)
        assert answer == action or action in ("REJECT", "DEFER") and answer.startswith(action), (action, answer)
        daemon.stop()


def test_a_refusal_reaches_the_client_in_full(t):
    """Postfix puts the recipient in front of the one line; the footer map tells the others."""
    peer, daemon = chained(t, says("DEFER_IF_PERMIT 4.2.0 Greylisted, see http://x.example/y.html"))
    server = t.start_postfix("smtpd_reject_footer_maps = socketmap:%s:footer\nsmtpd_recipient_restrictions = "
                             "check_policy_service %s\n" % (daemon.listens[1].postfix, daemon.listens[0].postfix))
    with server.client() as c:
        answer = c.session()
    assert code(answer) == 450 and answer.count(b"[ref ") == 1 and answer.count(b"\r\n") >= 4, answer
    assert b"<user@pf.test>: Recipient address rejected: " in well(answer), answer
    assert b"http://x.example/y.html" in answer, answer  # what it named is not lost
    with server.client() as c:  # DEFER_IF_PERMIT: what is refused anyway is refused for good
        assert code(c.session(recipients=["a@elsewhere.example"])) == 554
    assert peer.requests[0]["recipient"] == "user@pf.test"


BROKEN = {
    "nothing": lambda _: None,
    "the end": lambda _: CLOSE,
    "the middle": lambda _: ("action=REJ", None),
    "one line": lambda _: ("action=REJECT no\n", None),
    "no action": lambda _: "result=REJECT no\n\n",
    "an empty line": lambda _: "\n",
    "binary": lambda _: b"\x00\x01\xff\x16\x03\x01\n\n",
    "a NUL": lambda _: b"action=REJECT \0\n\n",
    "a flood": lambda _: b"action=REJECT " + b"x" * 200000,
    "lines": lambda _: b"x=y\n" * 500,
}


def test_a_service_that_does_not_answer_is_passed_over(t):
    """Whatever it does, our own policy answers, and within the deadline."""
    for name, script in BROKEN.items():
        _, daemon = chained(t, script, options='\n    deadline = "400 ms"')
        started = time.monotonic()
        with PolicyClient(daemon.listens[0].address) as c:
            assert c.ask() == "DUNNO", name
            assert c.ask(recipient="gone@pf.test").startswith("550 5.1.1 "), name
        assert time.monotonic() - started < 4, name
        now = counters(daemon)
        assert now["ask-failures"] == (0 if name == "no action" else 2), (name, now)
        assert now["restarts"] == now["protocol-errors"] == 0, (name, now)
        daemon.stop()


def test_a_service_that_is_not_there_is_passed_over(t):
    port = t.port()
    for where in ("inet:%d@127.0.0.1" % port, "unix:/nowhere/policy", "inet:1@no-such-host.invalid"):
        daemon = policy(t, GONE, 'ask = "%s"' % where)
        started = time.monotonic()
        assert ask(daemon) == "DUNNO" and ask(daemon, recipient="gone@pf.test").startswith("550 ")
        assert time.monotonic() - started < 2, where  # it is known at once
        counts(daemon, ask_failures=2)
        daemon.stop()


def test_a_service_that_comes_back(t):
    """A connection that it has closed meanwhile is opened again, and no request is lost."""
    peer, daemon = chained(t, says("DUNNO"))
    with PolicyClient(daemon.listens[0].address) as c:
        for _ in range(5):
            assert c.ask() == "DUNNO"
            peer.hang_up()
        assert c.ask() == "DUNNO"
    assert len(peer.requests) >= 6
    counts(daemon, ask_failures=0, not_found=6)
    peer.stop()
    assert ask(daemon, recipient="gone@pf.test").startswith("550 ")
    counts(daemon, ask_failures=1)
    again = PolicyPeer(says("REJECT 5.7.1 no"), peer.port)
    t.cleanup(again.stop)
    assert ask(daemon).startswith("REJECT 5.7.1 ")


def test_the_first_of_two_answers_counts(t):
    """It decides, as it would without us; the connection is out of step and is not used again."""
    peer, daemon = chained(t, says("REJECT 5.9.9 qwertz\n\naction=DUNNO"))
    with PolicyClient(daemon.listens[0].address) as c:
        for _ in range(3):
            assert c.ask() == "REJECT 5.9.9 qwertz"
    assert peer.connections == 3
    counts(daemon, ask_failures=0)


def test_an_answer_in_pieces(t):
    def slowly(_):
        time.sleep(0.05)
        return "action=DUN"

    peer, daemon = chained(t, slowly)
    with PolicyClient(daemon.listens[0].address) as c:
        c.send(c.request())
        assert eventually(lambda: peer.requests)
        time.sleep(0.2)
        peer._peers[-1].sendall(b"NO\n")
        time.sleep(0.1)
        peer._peers[-1].sendall(b"\n")
        assert c.answer() == "DUNNO"


def test_requests_wait_for_their_service_alone(t):
    """While one waits, others are answered; each has a connection of its own."""
    release = threading.Event()

    def script(attributes):
        if attributes["recipient"] == "slow@pf.test":
            release.wait(20)
        return "action=DUNNO\n\n"

    peer, daemon = chained(t, script, options='\n    deadline = "20 s"')
    with PolicyClient(daemon.listens[0].address) as slow, PolicyClient(daemon.listens[0].address) as other:
        slow.send(slow.request(recipient="slow@pf.test") + slow.request(recipient="gone@pf.test"))
        for _ in range(50):
            assert other.ask() == "DUNNO"
        release.set()
        assert slow.answer() == "DUNNO" and slow.answer().startswith("550 ")
    assert peer.connections == 2


def test_a_client_that_leaves_while_its_service_thinks(t):
    release = threading.Event()
    peer, daemon = chained(t, lambda _: (release.wait(20), "action=DUNNO\n\n")[1], options='\n    deadline = "20 s"')
    child = child_of(daemon)
    clients = [PolicyClient(daemon.listens[0].address) for _ in range(20)]
    for c in clients:
        c.send(c.request())
    assert eventually(lambda: len(peer.requests) == 20)
    for c in clients:
        c.close()
    release.set()
    assert ask(daemon) == "DUNNO" and child_of(daemon) == child
    counts(daemon, restarts=0)
