"""What comes from the network is not kind: nothing crashes, leaks, hangs or gets a line into a reply."""

import os
import re
import signal
import socket
import struct
import time

from dialogue import SITE
from harness import eventually
from milter_client import (GOES_ON, Closed, MilterClient, Reply, message, session, strings)
from observe import child_of, refusals, status_of
from smtp_client import Timeout, code

MEGABYTE = 1024  # kB in /proc
RSS_MAX = 60 * MEGABYTE

# Every fact that a client can fill stands in the reply of one of these, and is looked at by a rule.
NOSY = SITE + '''
rule "mail" { stage = mail  reject = helo-refused  if { helo = { "~evil" } } }
rule "rcpt" { stage = rcpt  reject = mailbox-unknown  if { recipient = { "~refuse" } } }
rule "subject" { stage = eom  reject = attachment-refused
    if { header:Subject = { "~^evil(?<file_name>.*)" } } }
rule "body" { stage = eom  reject = attachment-refused
    if { body = { "~evil(?<file_name>.*)" } } }
rule "command" { stage = unknown  reject = site-policy  if { command = { "~." } } }
rule "look" { stage = eom  hold = yes  shadow = yes  if { header:X = { "~x" }  body = { "~y" }  size = { ">0" } } }
'''


def nosy(t):
    return t.daemon(NOSY)


def rss(pid):
    return int(status_of(pid)["VmRSS"].split()[0])


def well(reply):
    """A reply that is one, whatever was put into it: lines in order, one code pair, printable ASCII."""
    reply = bytes(reply)
    assert reply.endswith(b"\r\n") and reply.count(b"\r") == reply.count(b"\n") == reply.count(b"\r\n"), reply
    lines = reply[:-2].split(b"\r\n")
    pair = re.match(rb"([45]\d\d)[- ]([45]\.\d{1,3}\.\d{1,3}) ", lines[0])
    assert pair, reply
    for i, line in enumerate(lines):
        assert line.startswith(pair.group(1) + (b" " if i + 1 == len(lines) else b"-") + pair.group(2) + b" "), reply
        assert len(line) <= 510 and re.fullmatch(rb"[\x20-\x7e]*", line), reply
    assert len(lines) <= 32, reply
    return reply


def alive(daemon, child):
    """The same process as before serves, and it is not larger than it may be."""
    assert child_of(daemon) == child, daemon.log()
    assert session(daemon._address)[-1] in GOES_ON
    assert rss(child) < RSS_MAX, rss(child)
    assert "ended by" not in daemon.log()


# --- octets --------------------------------------------------------------------------------------

NASTY = [
    b"\x00", b"\x01\x02\x7f", b"a\x00b", b"\r\n250 2.0.0 Ok", b"\n354 Go", b"\r", b"%", b"%s%n%d%99999999s", b"100%%",
    b"\x1b[2J\x1b]0;title\x07", b"\xff\xfe\xfd", b"\xc3", b"\xed\xa0\x80", "\u202egnp.exe".encode(),
    "\u0130\u0131\u015f\u011f".encode(), b"$helo_name $${x?y}", b"{recipient}", b"[[ {helo} ]]", b"x" * 3000,
    b"\\", b'"', b"'; drop", b"<>", b"<" * 500, b"@" * 500, b" " * 100, b"\t\x0b\x0c",
]


def test_nothing_gets_into_a_reply(t):
    daemon = nosy(t)
    child = child_of(daemon)
    for nasty in NASTY:
        # a NUL ends a string of the milter protocol: what follows is another one
        with MilterClient(t.socket) as m:
            m.connect(name=b"evil" + nasty.replace(b"\0", b""))  # with one it is no such packet
            m.helo(b"evil" + nasty)
            assert b"evil" in well(m.mail(b"<a" + nasty + b"@evil.example>")), nasty
        with MilterClient(t.socket) as m:
            m.connect(), m.helo(), m.mail(b"<a" + nasty + b"@client.example>", b"SIZE=" + nasty, nasty)
            well(m.rcpt(b"<refuse" + nasty + b"@server.example>", b"NOTIFY=" + nasty))
            assert m.rcpt(b"<" + nasty + b"@server.example>") in GOES_ON
            m.data(), m.header(b"Subject", b"evil" + nasty), m.header(b"X" + nasty, nasty), m.eoh()
            m.body(nasty)
            well(m.eom())
        with MilterClient(t.socket) as m:
            m.connect(), m.helo()
            assert message(m, body=b"evil" + nasty + b"\r\n")
            well(m.unknown(b"FOO" + nasty))
    assert all(re.fullmatch(r"[^\x00-\x08\x0b-\x1f\x7f]*", line) for line in daemon.log().split("\n"))
    # one line for each refusal: no client writes into the log
    for line in daemon.log().splitlines():
        assert re.match(r"dragomand\[\d+\]: ", line), line
    alive(daemon, child)


def test_it_is_logged_without_harm(t):
    daemon = t.daemon('rule "r" { stage = rcpt  reject = mailbox-unknown }\n')
    session(t.socket, helo=b'h" code="250 2.0.0\x1b[2J', sender=b'<a b\r\nref=FAKE verb=accept@x>',
            rcpts=[b'<"x y"=\xff\\@x>'])
    line = refusals(daemon)[0]
    assert len(daemon.log().splitlines()) == 3, daemon.log()
    assert line["verb"] == "reject" and line["code"] == "550 5.1.1" and line["ref"] != "FAKE", line
    assert line["helo"] == 'h" code="250 2.0.0?[2J' and "\r" not in daemon.log(), line


def test_octets_through_real_servers(t):
    daemon = nosy(t)
    child = child_of(daemon)
    for server in (t.postfix, t.sendmail):
        for nasty in NASTY:
            if b"\n" in nasty or b"\r" in nasty:
                continue
            with server.client() as c:
                if code(c.cmd(b"EHLO evil" + nasty)) == 250:  # Sendmail refuses most of them by itself
                    answer = c.cmd(b"MAIL FROM:<a@client.example>")
                    assert code(answer) == 550, (server.kind, nasty, answer)
                    assert b"(evil" in well(re.sub(rb"<a@client.example>\.\.\. ", b"", answer)), answer
            with server.client() as c:
                c.cmd(b"EHLO client.example")
                for command in (b"MAIL FROM:<a" + nasty + b"@client.example>", b"MAIL FROM:<a@client.example>",
                                b"RCPT TO:<refuse" + nasty + b"@" + server.host.encode() + b">",
                                b"RCPT TO:<user@" + server.host.encode() + b">", nasty or b"X"):
                    if c.closed:
                        break
                    c.cmd(command)
                if not c.closed and code(c.cmd("DATA")) == 354:
                    answer = c.text(b"Subject: evil" + nasty + b"\r\nX: x" + nasty + b"\r\n\r\n" + nasty + b"y\r\n")
                    assert code(answer) in (250, 451, 550, 552, 554), (server.kind, nasty, answer)
    alive(daemon, child)


# --- amounts -------------------------------------------------------------------------------------

def limited(fallback, policy=""):
    return SITE + 'fallback = %s\nlimits { headers = "100" header-octets = "20000" recipients = "50" }\n' % fallback + \
        policy + 'rule "last" { stage = eom  reject = site-policy  if { header:Subject = { "bad" } } }\n'


def test_thousands_of_headers(t):
    """A limit reached: the message passes unjudged, or is deferred, as the site wants it."""
    many = [("X-%d" % i, "value") for i in range(5000)] + [("Subject", "bad")]
    for fallback in ("accept", "defer"):
        daemon = t.daemon(limited(fallback))
        child = child_of(daemon)
        answer = session(t.socket, headers=many)[-1]
        line = refusals(daemon)[0]
        assert line["fallback-because"] == "headers" and line["stage"] == "eom", line
        if fallback == "accept":
            assert answer == "accept" and line["verb"] == "accept", (answer, line)
        else:
            assert well(answer).startswith(b"451-4.3.0 ") and line["verb"] == "defer", (answer, line)
            assert line["code"] == "451 4.3.0" and line["reason"] == "internal-error" and line["ref"], line
        # the next message is judged again
        with MilterClient(t.socket) as m:
            m.connect(), m.helo()
            message(m, headers=many)
            if fallback == "defer":
                assert well(message(m, headers=[("Subject", "bad")])[-1]).startswith(b"550-5.7.1 ")
        daemon.signal(signal.SIGUSR1)
        assert "fallbacks=2" in daemon.log(until="counters:"), daemon.log()
        alive(daemon, child)
        daemon.stop()


def test_a_fallback_never_accepts_an_unknown_command(t):
    """Postfix 3.7 ends its smtpd where a milter does."""
    t.daemon('limits { recipients = "2" }\nrule "r" { stage = unknown  reject = site-policy  if { command = { "X" } } }\n')
    with MilterClient(t.socket) as m:
        m.connect(), m.helo(), m.mail()
        for _ in range(3):
            assert m.rcpt() in GOES_ON
        assert m.unknown("X") == "continue"
        m.data()
        assert m.eom() == "accept"


def test_thousands_of_headers_through_real_servers(t):
    text = "".join("X-%d: value\r\n" % i for i in range(3000)) + "\r\nhello\r\n"
    for fallback, expected in (("accept", 250), ("defer", 451)):
        daemon = t.daemon(limited(fallback))
        for server in (t.postfix, t.sendmail):
            with server.client() as c:
                c.cmd("EHLO client.example"), c.cmd("MAIL FROM:<a@client.example>")
                c.cmd("RCPT TO:<%s>" % server.address())
                answer = c.message(text)[1]
                # Sendmail has a limit of its own: 32768 octets of headers
                assert code(answer) == expected or b"ddress" not in answer and code(answer) == 552, answer
        assert "fallback-because=headers" in daemon.log()
        daemon.stop()


def test_header_lines_of_100_kilobytes(t):
    daemon = nosy(t)
    child = child_of(daemon)
    for octet in (b"x", b"\xff", b"%", b" ", b"\n\t"):  # 64 kB is what libmilter takes of one
        answers = session(t.socket, headers=[(b"Subject", (b"evil" + octet * 60000)[:60000])])
        well(answers[-1])
        session(t.socket, headers=[((octet.strip() * 60000 or b"n")[:60000], b"x")])
    for server in (t.postfix, t.sendmail):
        with server.client() as c:
            c.cmd("EHLO client.example"), c.cmd("MAIL FROM:<a@client.example>")
            c.cmd("RCPT TO:<%s>" % server.address())
            answer = c.message("X: x\r\nSubject: evil" + " long" * 20000 + "\r\n\r\ny\r\n")[1]
            assert code(answer) in (250, 550, 552), answer
            if code(answer) == 550:
                well(answer)
    alive(daemon, child)


def test_ten_thousand_recipients(t):
    daemon = t.daemon(SITE + 'fallback = defer\n'
                      'rule "r" { stage = rcpt  reject = mailbox-unknown  if { recipient = { "~refuse" } } }\n'
                      'rule "late" { stage = eom  reject = site-policy  if { recipient = { "r7@server.example" } } }\n')
    child = child_of(daemon)
    started = time.monotonic()
    with MilterClient(t.socket) as m:
        m.connect(), m.helo(), m.mail()
        answers = [m.rcpt("<r%d@server.example>" % i) for i in range(10000)]
        assert all(a == "continue" for a in answers[:5000]), "the limit is 5000"
        deferred = [a for a in answers if isinstance(a, Reply)]
        assert len(deferred) >= 4990 and all(well(a).startswith(b"451-4.3.0 ") for a in deferred[:3])
        m.data()
        assert well(m.eom()).startswith(b"451-4.3.0 ")
        # refused recipients are not kept, so there is no limit to them
        m.mail()
        assert all(isinstance(m.rcpt("<refuse%d@server.example>" % i), Reply) for i in range(6000))
        assert m.rcpt("<r7@server.example>") == "continue"
        m.data()
        assert well(m.eom()).startswith(b"550-5.7.1 ")
    assert time.monotonic() - started < 30
    assert "fallback-because=recipients" in daemon.log()
    alive(daemon, child)


def test_memory_does_not_grow_with_sessions(t):
    daemon = nosy(t)
    child = child_of(daemon)
    many = [("X-%d" % i, "v" * 100) for i in range(900)]
    for _ in range(5):
        session(t.socket, headers=many, body=b"x" * 200000)
    before = rss(child)
    for _ in range(60):
        session(t.socket, headers=many, body=b"x" * 200000)
    assert rss(child) < before + 4 * MEGABYTE, (before, rss(child))
    # within one session neither
    with MilterClient(t.socket) as m:
        m.connect()
        for i in range(3000):
            m.helo("h%d." % i + "x" * 1000)
            if i % 3 == 0:
                m.unknown("FOO" + "x" * 1000)
            m.mail("<%s@x.example>" % ("x" * 1000), "SIZE=1", "BODY=8BITMIME")
            m.abort()
    assert rss(child) < before + 8 * MEGABYTE, (before, rss(child))
    alive(daemon, child)


def test_a_large_body(t):
    daemon = t.daemon('rule "r" { stage = eom  reject = message-too-big  if { size = { ">19 MB" } } }\n'
                      'rule "b" { stage = eom  reject = content-rejected  if { body = { "~needle" } } }\n')
    child = child_of(daemon)
    assert well(session(t.socket, body=b"x" * 20000000)[-1]).startswith(b"552-5.3.4 ")
    assert session(t.socket, body=b"x" * 18000000)[-1] in GOES_ON
    alive(daemon, child)


def test_many_open_sessions(t):
    daemon = nosy(t)
    child = child_of(daemon)
    clients = [MilterClient(t.socket) for _ in range(200)]
    for m in clients:
        m.connect(), m.helo("evil")
    for m in clients:
        well(m.mail())
    assert rss(child) < RSS_MAX
    for m in clients:
        m.socket.close()
    alive(daemon, child)


# --- addresses and clients -------------------------------------------------------------------------

def facts_of(t, daemon, **parts):
    """What the log says of a session that is refused."""
    before = len([1 for line in daemon.log().splitlines() if "]: ref=" in line])
    session(t.socket, **parts)
    return refusals(daemon, before + 1)[-1]


def test_addresses(t):
    daemon = t.daemon('rule "r" { stage = rcpt  reject = site-policy }\n')
    for written, known in (
            ("<>", ""), ("", ""), ("<a@B.Example>", "a@B.Example"), ("a@b.example", "a@b.example"),
            ('<"a b"@c.example>', '"a b"@c.example'), ('<"a@b"@c.example>', '"a@b"@c.example'),
            ("<@r.example,@s.example:a@b.example>", "a@b.example"), ("<a@[192.0.2.1]>", "a@[192.0.2.1]"),
            ("<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]"), ("<postmaster>", "postmaster"),
            ("<a!b%c@d.example>", "a!b%c@d.example"), ("<<a@b>>", None), ("<a@b", None), ("@", None), (">", None),
            ("<@:>", None), ('<"', None), ('<"\\', None), ("<@a,@b", None)):
        line = facts_of(t, daemon, sender=written, rcpts=[written])
        if known is not None:
            assert line["from"] == known and line["to"] == known, (written, line)


def test_rules_see_through_source_routes_and_quotes(t):
    t.daemon('rule "r" { stage = rcpt  reject = site-policy  if { recipient = { "ayse@server.example" } } }\n'
             'rule "n" { stage = mail  reject = site-policy  if { sender = { "<>" } } }\n'
             'rule "d" { stage = mail  reject = site-policy  if { sender-domain = { "*.bad.example" } } }\n')
    for path in ("<ayse@server.example>", "<ayse@SERVER.example>", "<@x.example:ayse@server.example>",
                 "ayse@server.example"):
        assert isinstance(session(t.socket, rcpts=[path])[-1], Reply), path
    for path in ("<>", "", "<@x.bad.example:y@z.bad.example>", "<x@Y.BAD.example>"):
        assert isinstance(session(t.socket, sender=path)[-1], Reply), path
    for path in ("<x@bad.example>", "<x.bad.example@y.example>", "<@x.bad.example:y@z.example>"):
        assert session(t.socket, sender=path)[-1] in GOES_ON, path


def test_clients_of_every_family(t):
    daemon = t.daemon('rule "r" { stage = rcpt  reject = site-policy  if { client-ip = { "2001:db8::/32", "none", '
                      '"192.0.2.0/24" } } }\n')
    for connect, client in (
            ({"ip": "2001:db8::25", "family": b"6"}, "client.example[2001:db8::25]"),
            ({"ip": "IPv6:2001:db8::25", "family": b"6"}, None),
            ({"ip": "::ffff:192.0.2.9", "family": b"6"}, "client.example"),
            ({"ip": None}, "client.example[none]"),
            ({"ip": "/run/mail.sock", "family": b"L", "port": 0}, "client.example[none]"),
            ({"name": "[192.0.2.9]", "ip": "192.0.2.9"}, "unknown[192.0.2.9]"),
            ({"name": "", "ip": "192.0.2.9"}, "unknown[192.0.2.9]"),
            ({"name": "x" * 5000, "ip": "192.0.2.9"}, None)):
        line = facts_of(t, daemon, connect=connect)
        assert client is None or line["client"].startswith(client), (connect, line)
    # an address that is none: libmilter refuses the packet, or the client has no address
    for ip in ("999.1.1.1", "", "\xff", "1.2.3"):
        with MilterClient(t.socket) as m:
            try:
                m.send(b"C", strings("x.example") + b"4" + struct.pack(">H", 1) + strings(ip))
                m.helo()
                message(m)
            except (Closed, OSError):
                pass
    alive_after = session(t.socket, connect={"ip": "198.51.100.1"})
    assert alive_after[-1] in GOES_ON


def test_no_helo(t):
    daemon = t.daemon('rule "r" { stage = rcpt  reject = mailbox-unknown  if { helo = { "~." } } }\n'
                      'rule "s" { stage = rcpt  reject = site-policy  unless { helo = { "~." } } }\n')
    assert session(t.socket, helo=None)[-1].startswith(b"550-5.7.1 ")
    assert session(t.socket)[-1].startswith(b"550-5.1.1 ")
    for server in (t.postfix, t.sendmail):
        with server.client() as c:
            c.cmd("MAIL FROM:<>")
            assert re.match(rb"550-5\.7\.1 ", c.cmd("RCPT TO:<%s>" % server.address()))
    assert daemon.process.poll() is None


# --- the protocol --------------------------------------------------------------------------------

def test_commands_out_of_order(t):
    daemon = nosy(t)
    child = child_of(daemon)
    for order in (b"M", b"R", b"T", b"L", b"N", b"B", b"E", b"A", b"U", b"HMRTE", b"CRT", b"CHRM", b"CMMMM", b"CHMTR",
                  b"CHMRE", b"CHMREE", b"CHMRTBNLE", b"CHCHMR", b"CKCHMR", b"KKK", b"AAAA", b"CHMAMARAE", b"DDDD",
                  b"CHMRTLNBEMRTE", b"CHMRUMUTUE", b"OO", b"COO", b"CHMRTLOE"):
        with MilterClient(t.socket) as m:
            m.socket.settimeout(5)
            try:
                for octet in order:
                    command = bytes([octet])
                    m.send(command, {
                        b"C": strings("c.example") + b"4" + struct.pack(">H", 1) + strings("192.0.2.1"),
                        b"H": strings("evil"), b"M": strings("<refuse@x>"), b"R": strings("<refuse@x>"),
                        b"L": strings("Subject", "evil"), b"B": b"evil live", b"U": strings("FOO"),
                        b"D": b"M" + strings("i", "x"), b"O": struct.pack(">III", 6, 0x1FF, 0x1FFFFF)}.get(command, b""))
                m.send(b"Q")
                m.socket.shutdown(socket.SHUT_WR)
                while m.socket.recv(65536):
                    pass
            except OSError:
                pass
    alive(daemon, child)


def test_broken_packets(t):
    daemon = nosy(t)
    child = child_of(daemon)
    packet = struct.pack
    connect = b"C" + strings("c.example") + b"4" + packet(">H", 1) + strings("192.0.2.1")
    good = packet(">I", len(connect)) + connect
    for octets in (
            b"", b"\x00", b"\x00\x00\x00", b"\x00\x00\x00\x00", b"\x00\x00\x00\x05C", b"\xff\xff\xff\xff", b"GET / HTTP/1.0",
            packet(">I", 0x7FFFFFFF) + b"C", packet(">I", 0x00FFFFFF) + b"L" + b"x" * 100000, packet(">I", 1) + b"\x00",
            packet(">I", 1) + b"C", packet(">I", 2) + b"Cx", packet(">I", 6) + b"Cx\0004\0", packet(">I", 4) + b"Cx\0Z",
            packet(">I", 1) + b"H", good + packet(">I", 1) + b"M", good + packet(">I", 2) + b"Mx",
            good + packet(">I", 3) + b"M\0\0", good + packet(">I", 1) + b"L", good + packet(">I", 2) + b"Lx",
            good + packet(">I", 3) + b"Lx\0", good + packet(">I", 1) + b"D", good + packet(">I", 2) + b"DM",
            good + packet(">I", 4) + b"DMi\0", good + packet(">I", 3) + b"DMi", good + packet(">I", 3) + b"D\xffi",
            good + packet(">I", 1) + b"\xff", good + packet(">I", 1) + b"O", good + packet(">I", 5) + b"O\0\0\0\0",
            good * 50, os.urandom(2000), good + os.urandom(2000)):
        for close_at_once in (True, False):
            with MilterClient(t.socket, negotiate=len(octets) % 2 == 0) as m:
                m.socket.settimeout(0.05)
                try:
                    m.socket.sendall(octets)
                    if not close_at_once:
                        m.socket.shutdown(socket.SHUT_WR)
                        while m.socket.recv(65536):
                            pass
                except OSError:
                    pass
    for version in (0, 1, 2, 3, 7, 255, 0xFFFFFFFF):
        with MilterClient(t.socket, negotiate=False) as m:
            m.send(b"O", packet(">III", version, 0xFFFFFFFF, 0xFFFFFFFF))
            try:
                m.read()
            except (Closed, OSError):
                pass
    alive(daemon, child)


def test_the_client_leaves_at_every_point(t):
    daemon = nosy(t)
    child = child_of(daemon)
    steps = [lambda m: m.connect(), lambda m: m.helo(), lambda m: m.mail(), lambda m: m.rcpt(), lambda m: m.data(),
             lambda m: m.header("Subject", "x"), lambda m: m.eoh(), lambda m: m.body("x"), lambda m: m.eom()]
    for stop in range(len(steps) + 1):
        for reset in (False, True):
            with MilterClient(t.socket) as m:
                for step in steps[:stop]:
                    step(m)
                if reset:
                    m.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    alive(daemon, child)


def test_sessions_of_smtp_that_break_off(t):
    daemon = nosy(t)
    child = child_of(daemon)
    for server in (t.postfix, t.sendmail):
        commands = ["EHLO client.example", "MAIL FROM:<a@client.example>", "RCPT TO:<%s>" % server.address(), "DATA"]
        for stop in range(len(commands) + 1):
            with server.client() as c:
                for command in commands[:stop]:
                    c.cmd(command)
                c.send("half a li")
        with server.client() as c:  # everything at once, and on after QUIT
            try:
                c.send("".join(x + "\r\n" for x in commands[:3] + ["NOOP", "RSET"] * 30 + ["QUIT"] * 3 + commands))
                while c.reply(2):
                    pass
            except (Timeout, OSError):
                pass
    alive(daemon, child)


# --- patterns ------------------------------------------------------------------------------------

def test_a_pattern_without_end(t):
    """The match limit: the message passes unjudged, or is deferred, and soon."""
    for fallback in ("accept", "defer"):
        daemon = t.daemon(SITE + 'fallback = %s\n' % fallback +
                          'rule "r" { stage = eom  reject = site-policy  if { header:Subject = { "~^(a+)+$" } } }\n')
        started = time.monotonic()
        answer = session(t.socket, headers=[("Subject", "a" * 5000 + "!")])[-1]
        assert time.monotonic() - started < 5
        line = refusals(daemon)[0]
        assert line["fallback-because"] == "match limit" and line["verb"] == fallback, line
        if fallback == "accept":
            assert answer == "accept", answer
        else:
            assert well(answer).startswith(b"451-4.3.0 "), answer
        assert session(t.socket, headers=[("Subject", "aaaa")])[-1].startswith(b"550-5.7.1 ")
        daemon.signal(signal.SIGUSR1)
        assert "fallbacks=1" in daemon.log(until="counters:")
        assert eventually(lambda: daemon.process.poll() is None)
        daemon.stop()
