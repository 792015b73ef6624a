"""Whoever reaches the sockets of maps and policy service: it is closed, counted, and harms nobody else."""

import os
import resource
import socket
import threading
import time

from dialogue import SITE
from harness import Listen, eventually
from observe import child_of
from queries import MapClient, PolicyClient, connect, counters, counts, netstring
from smtp_client import code
from test_hostile import rss

RULES = SITE + 'rule "gone" { stage = rcpt  reject = mailbox-unknown  if { recipient = { "gone@pf.test" } } }\n'
NOBODY = "550 5.1.1 <nobody@pf.test>: Recipient address rejected: User unknown in local recipient table"
MAPS, POLICY = 0, 1


def both(t, options=""):
    daemon = t.daemon(RULES, listen=None, also=[Listen("socketmap", "inet", options), Listen("policy", "inet", options)])
    daemon.child = child_of(daemon)
    return daemon


def both_on_unix_sockets(t):
    folder = os.path.dirname(t.socket)
    daemon = t.daemon(RULES, listen=None, also=[Listen(protocol, os.path.join(folder, protocol + ".sock"))
                                                for protocol in ("socketmap", "policy")])
    daemon.child = child_of(daemon)
    return daemon


def alive(daemon):
    """The same process as before answers both protocols."""
    with MapClient(daemon.listens[MAPS].address) as c:
        assert c.ask("footer", NOBODY) and c.ask("footer", "250 2.0.0 Ok") is None
    with PolicyClient(daemon.listens[POLICY].address) as c:
        assert c.ask(recipient="gone@pf.test").startswith("550 ") and c.ask() == "DUNNO"
    assert child_of(daemon) == daemon.child and "ended by" not in daemon.log(), daemon.log()


def closes(daemon, listen, octets, half=False):
    """The daemon ends the connection on which this comes, without a word."""
    with connect(daemon.listens[listen].address) as s:
        try:
            s.sendall(octets)
            if half:
                s.shutdown(socket.SHUT_WR)
            s.settimeout(15)
            return s.recv(1) == b""
        except ConnectionError:
            return True


# --- what is no request --------------------------------------------------------------------------

NO_NETSTRINGS = [b":reply x,", b"x", b"-1:reply,", b"5:reply,", b"7:reply x;", b"7:reply xx,", b"07:reply x,", b"\n", b"\0",
                 b"\x16\x03\x01\x00\xa5", b"GET / HTTP/1.1\r\n\r\n", b"EHLO x\r\n", b"99999:reply ", b"100000:", b"9" * 70000,
                 b"0:,", b"1: ,", b"request=smtpd_access_policy\n\n", b"\xff" * 100]
NO_REQUESTS = [b"\n", b"\0", b"\0\n\n", b"a=b\0\n\n", b"a=b\nrecipient=\0\n\n", b"x" * 70000, b"a=b\n" * 300,
               b"a=" + b"x" * 65536 + b"\n\n", b"\xff\0" * 100]


def test_no_netstrings(t):
    daemon = both(t)
    for octets in NO_NETSTRINGS:
        assert closes(daemon, MAPS, octets), octets[:40]
    counts(daemon, protocol_errors=len(NO_NETSTRINGS))
    with MapClient(daemon.listens[MAPS].address) as c:  # what was a request before is answered
        c.send(c.request("footer", NOBODY) + b"junk")
        assert c.answer() and c.is_closed()
    alive(daemon)


def test_no_policy_requests(t):
    daemon = both(t)
    for octets in NO_REQUESTS:
        assert closes(daemon, POLICY, octets), octets[:40]
    counts(daemon, protocol_errors=len(NO_REQUESTS))
    alive(daemon)


def test_requests_of_nothing(t):
    """What is a request, but not one of ours, gets the answer of nothing."""
    daemon = both(t)
    with PolicyClient(daemon.listens[POLICY].address) as c:
        for octets in (b"x\n\n", b"GET / HTTP/1.1\r\nHost: x\r\n\n", b"=\n\n", b"request=\n\n", b"\xff\xfe=\xfd\n\n",
                       b"request=smtpd_access_policy\n\n", b"request=smtpd_access_policy\nprotocol_state=\xff\n\n"):
            c.send(octets)
            assert c.answer() == "DUNNO", octets
    with MapClient(daemon.listens[MAPS].address) as c:
        for name in ("nosuchmap", "REPLY", "reply\0", "\xff", "x" * 1000, "%s%n", "../reply"):
            assert c.ask(name, NOBODY) is None, name
        for key in (b"", b"\0", b"550 5.1.1 \0", b"\xff" * 1000, b"x" * 65000, b"550 5.1.1 " + b"%s" * 10000):
            c.ask("reply", key)
        assert c.ask("reply", NOBODY)
    assert daemon.log().count("a map that there is not") == 1  # nobody fills the log
    counts(daemon, protocol_errors=7, unsound=0)
    alive(daemon)


def test_the_largest_requests(t):
    daemon = both(t)
    with MapClient(daemon.listens[MAPS].address) as c:
        for length in (1000, 65536 - len("reply ")):
            key = (b"550 5.1.1 <nobody@pf.test>: User unknown " + b"x" * length)[:length]
            value = c.ask("reply", key)
            assert value and len(value) < 2000, value
    with PolicyClient(daemon.listens[POLICY].address) as c:
        assert c.ask(recipient="gone@pf.test", stress="x" * 64000).startswith("550 ")
        assert c.ask(recipient="gone@pf.test", **{"a%d" % i: "x" * 300 for i in range(165)}).startswith("550 ")
    alive(daemon)


def test_hostile_attributes(t):
    daemon = both(t)
    nasty = ["\x01", "%s%n", "$x", "\"", "a b", "x" * 5000, "=", "==x", "action=OK", "\r", "\u202e", "<>", "<<<@@@", "@",
             "\x1b[2J", "[[{recipient}]]"]
    with PolicyClient(daemon.listens[POLICY].address) as c:
        for value in nasty:
            answer = c.ask(recipient="gone@pf.test", helo_name=value, sender=value, client_name=value,
                           client_address=value, client_port=value, size=value, sasl_username=value, queue_id=value)
            assert answer.startswith("550 5.1.1 ") and answer.isprintable() and answer.isascii(), answer
    for line in daemon.log().splitlines():
        assert line.isprintable() and line.startswith("dragomand["), line
    alive(daemon)


# --- time ----------------------------------------------------------------------------------------

def test_half_requests(t):
    """One that stops half-way is closed after ten seconds, and so is one that comes octet by octet."""
    daemon = both(t)
    whole = {MAPS: MapClient.request("footer", NOBODY), POLICY: PolicyClient.request().encode()}
    silent = [connect(daemon.listens[which].address, 20) for which in whole for _ in range(20)]
    for i, s in enumerate(silent):
        s.sendall(whole[i // 20][:30])
    slow = [connect(daemon.listens[which].address, 20) for which in whole]
    started = time.monotonic()
    gone = []
    for n in range(100):
        for which, s in enumerate(slow):
            try:
                s.sendall(whole[which][n:n + 1])
            except OSError:
                gone.append(which)
        if set(gone) == {0, 1}:
            break
        time.sleep(0.2)
    assert set(gone) == {0, 1} and 8 < time.monotonic() - started < 18, time.monotonic() - started
    for s in silent:
        assert s.recv(1) == b""
    counts(daemon, protocol_errors=len(silent) + len(slow))
    alive(daemon)


def test_requests_in_pieces(t):
    daemon = both(t)
    with MapClient(daemon.listens[MAPS].address) as c, PolicyClient(daemon.listens[POLICY].address) as p:
        for client, octets in ((c, c.request("footer", NOBODY)), (p, p.request(recipient="gone@pf.test").encode())):
            client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for i in range(len(octets)):
                client.send(octets[i:i + 1])
            assert client.answer()


def test_the_other_side_hangs_up(t):
    """In the middle of whatever; and one that has no more to say still gets its answers, also those that
    its socket has no room for."""
    daemon = both_on_unix_sockets(t)
    for which, octets in ((MAPS, MapClient.request("footer", NOBODY)), (POLICY, PolicyClient.request().encode())):
        for length in (0, 1, 5, len(octets) - 1, len(octets)):
            with connect(daemon.listens[which].address) as s:
                s.sendall(octets[:length])
    with MapClient(daemon.listens[MAPS].address) as c:
        c.send(c.request("footer", NOBODY) * 2000)
        c.socket.shutdown(socket.SHUT_WR)
        counts(daemon, queries=2000 + 2)
        for i in range(2000):
            assert c.answer(), i
        assert c.is_closed()
    alive(daemon)


# --- amounts -------------------------------------------------------------------------------------

def test_pipelined_requests(t):
    """Answers come in order, and others do not wait until all are there."""
    daemon = both(t)
    with MapClient(daemon.listens[MAPS].address) as c, PolicyClient(daemon.listens[POLICY].address) as p:
        many = [("access", "gone@pf.test"), ("access", "user@pf.test"), ("nosuchmap", "x")] * 1000
        threading.Thread(target=c.send, args=(b"".join(c.request(*pair) for pair in many),), daemon=True).start()
        assert p.ask() == "DUNNO"
        answers = [c.answer() for _ in many]
        assert answers[0].startswith(b"550 ") and answers[1:3] == [b"DUNNO", None]
        assert [a and a[:5] for a in answers] == [a and a[:5] for a in answers[:3]] * 1000
        p.send(p.request(recipient="gone@pf.test") * 300 + p.request())
        assert all(p.answer().startswith("550 ") for _ in range(300)) and p.answer() == "DUNNO"
    alive(daemon)


def test_who_never_reads(t):
    """What nobody reads is not kept for ever; on unix sockets, for which the kernel keeps less."""
    daemon = both_on_unix_sockets(t)
    before = rss(daemon.child)
    asks = {MAPS: MapClient.request("footer", NOBODY), POLICY: PolicyClient.request(recipient="gone@pf.test").encode()}
    greedy = []
    for which, octets in asks.items():
        for _ in range(3):
            s = connect(daemon.listens[which].address, 20)
            s.setblocking(False)
            greedy.append((s, octets * 100))
    closed, end = set(), time.monotonic() + 40
    while len(closed) < len(greedy) and time.monotonic() < end:
        for i, (s, octets) in enumerate(greedy):
            try:
                s.send(octets)
            except BlockingIOError:
                pass
            except OSError:
                closed.add(i)
        time.sleep(0.001)
        assert rss(daemon.child) - before < 40 * 1024, rss(daemon.child)
    assert len(closed) == len(greedy), closed
    assert counters(daemon)["protocol-errors"] == len(greedy)
    alive(daemon)


def idle(daemon, which, count):
    sockets = []
    for _ in range(count):
        sockets.append(connect(daemon.listens[which].address, 20))
    return sockets


def test_ten_thousand_idle_connections(t):
    """The idlest makes room; a real MTA is answered, and memory is bounded."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for options, most in (("connections = 100", 100), ("", 2000)):
        daemon = both(t, options)
        server = t.start_postfix("smtpd_reject_footer_maps = socketmap:%s:footer\nsmtpd_recipient_restrictions = "
                                 "check_policy_service %s\n" % tuple(listen.postfix for listen in daemon.listens))
        with server.client() as c:
            assert b"gone@pf.test does not exist" in c.session(recipients=["gone@pf.test"])
            before = rss(daemon.child)
            crowd = idle(daemon, MAPS, 5000) + idle(daemon, POLICY, 5000)
            for _ in range(3):
                assert b"gone@pf.test does not exist" in c.cmd("RCPT TO:<gone@pf.test>")
                assert code(c.cmd("RCPT TO:<user@pf.test>")) == 250
        grown = rss(daemon.child) - before
        assert grown < 4 * most + 2000, grown  # kB
        evicted = counters(daemon)["evicted"]
        assert evicted >= 10000 - 2 * most, evicted
        for s in crowd:
            s.close()
        alive(daemon)
        server.stop(), daemon.stop()


def test_connections_that_come_and_go(t):
    """Nothing is left of them: neither memory nor descriptors."""
    daemon = both(t)

    def rounds(count):
        for i in range(count):
            with connect(daemon.listens[i % 2].address) as s:
                s.sendall((b"7:reply x,", b"a=b\n\n", b"7:rep", b"x")[i % 4])
        alive(daemon)
        time.sleep(0.2)
        return rss(daemon.child), len(os.listdir("/proc/%d/fd" % daemon.child))

    first = rounds(500)
    last = rounds(5000)
    assert last[0] - first[0] < 1024 and last[1] <= first[1] + 1, (first, last)


def test_a_flood_of_requests_leaves_no_memory(t):
    daemon = both(t)

    def rounds(count):
        with MapClient(daemon.listens[MAPS].address) as c, PolicyClient(daemon.listens[POLICY].address) as p:
            for i in range(count):
                c.ask("reply", NOBODY.replace("nobody", "x" * (i % 100)))
                c.ask("access", "gone@pf.test")
                p.ask(recipient="gone@pf.test", helo_name="h" * (i % 200))
        return rss(daemon.child)

    first = rounds(2000)  # the memory of replies is full by then
    last = rounds(6000)
    assert last - first < 1024, (first, last)
    alive(daemon)
