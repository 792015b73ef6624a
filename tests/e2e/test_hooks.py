"""The snippets of etc/examples for the hooks of a real Postfix, with dragomand and without."""

import os
import re

import harness
from dialogue import SITE
from nameserver import NameServer

EXAMPLES = os.path.join(harness.TOP, "etc", "examples")
POLICY = """
rule "client"    { if { helo = "refused.example" }       reject = helo-refused }
rule "sender"    { if { sender = "refused@b.example" }   reject = sender-blocked }
rule "recipient" { if { recipient = "user@pf.test" }     reject = mailbox-disabled }
"""
UNKNOWN = b"<nosuch@pf.test>: Recipient address rejected: User unknown in local recipient table\r\n"


def connected(t, name, policy="", extra="", uncomment=False, **options):
    """A dragomand with all listeners, and a Postfix that has this example in its main.cf."""
    maps, service = t.port(), t.port()
    daemon = t.daemon('%s%slisten "socketmap" { socket = "inet:%d@127.0.0.1" }\n'
                      'listen "policy" { socket = "inet:%d@127.0.0.1" }\n' % (SITE, policy, maps, service))
    assert harness.eventually(lambda: harness.listens(maps) and harness.listens(service))
    with open(os.path.join(EXAMPLES, name), encoding="utf-8") as f:
        text = f.read()
    text = re.sub(r"^#(?=smtpd_| )", "", text, flags=re.M) if uncomment else text
    text = re.sub(r"^ [^ ].*\n", "", text, flags=re.M)  # what was prose
    return daemon, t.start_postfix(text.replace("8894", str(maps)).replace("8895", str(service)) + extra, **options)


def recipients(server, *addresses, sender="a@b.example", helo="client.example"):
    with server.client() as c:
        c.cmd("EHLO " + helo)
        c.cmd("MAIL FROM:<%s>" % sender)
        return [c.cmd("RCPT TO:<%s>" % address) for address in addresses]


def test_footer(t):
    daemon, server = connected(t, "postfix-footer.cf")
    good, bad = recipients(server, "user@pf.test", "nosuch@pf.test")
    assert good.startswith(b"250 "), good
    lines = bad.split(b"\r\n")
    assert lines[0] == b"550-5.1.1 " + UNKNOWN[:-2] and len(lines) >= 6, bad
    assert all(line.startswith((b"550-5.1.1 ", b"550 5.1.1 ")) for line in lines[:-1]), bad
    assert b"does not exist on this server." in bad and b"Bu sunucuda boyle bir posta kutusu" in bad
    assert re.search(rb"https://help\.example/en/mailbox-unknown\?ref=(\S+) \[ref \1\]\r\n$", bad), bad
    daemon.stop()
    assert recipients(server, "user@pf.test", "nosuch@pf.test") == [good, b"550 5.1.1 " + UNKNOWN]


def test_reply(t):
    daemon, server = connected(t, "postfix-reply.cf", release="3.11")
    good, bad = recipients(server, "user@pf.test", "nosuch@pf.test")
    assert good.startswith(b"250 "), good
    lines = bad.split(b"\r\n")
    assert all(line.startswith((b"550-5.1.1 ", b"550 5.1.1 ")) for line in lines[:-1]) and len(lines) >= 6, bad
    assert lines[0].startswith(b"550-5.1.1 The mailbox nosuch@pf.test does not exist on this server."), bad
    assert b"Bu sunucuda boyle bir posta kutusu" in bad and b"User unknown" not in bad, bad
    daemon.stop()
    assert recipients(server, "user@pf.test", "nosuch@pf.test") == [good, b"550 5.1.1 " + UNKNOWN]


def test_rbl(t):
    names = NameServer(["1.0.0.127.list.test A 127.0.0.2"])
    t.cleanup(names.stop)
    daemon, server = connected(t, "postfix-rbl.cf", resolver=names.address,
                               extra="smtpd_recipient_restrictions = reject_rbl_client list.test\n")
    said, = recipients(server, "user@pf.test")
    assert re.match(rb"55[04] 5\.7\.1 .*blocklist.* / Gonderen sunucu engelleme listesinde", said), said
    assert b"list.test" in said and said.count(b"\r\n") == 1, said
    daemon.stop()  # what the example says
    assert recipients(server, "user@pf.test")[0].startswith(b"451 4.3.5 ")


def test_policy(t):
    daemon, server = connected(t, "postfix-policy.cf", POLICY)
    bad, good = recipients(server, "user@pf.test", "ayse@pf.test")
    assert re.match(rb"550 5\.1\.1 <user@pf\.test>: Recipient address rejected: |"
                    rb"550 5\.2\.1 <user@pf\.test>: Recipient address rejected: ", bad), bad
    assert b"Mailbox is disabled / Posta kutusu devre disi" in bad and bad.count(b"\r\n") == 1, bad
    assert good.startswith(b"250 "), good
    assert b"Sender is not accepted here / " in recipients(server, "ayse@pf.test", sender="refused@b.example")[0]
    assert b"HELO" in recipients(server, "ayse@pf.test", helo="refused.example")[0]
    daemon.stop()
    bad, unknown = recipients(server, "user@pf.test", "nosuch@pf.test")
    assert bad.startswith(b"250 ") and unknown == b"550 5.1.1 " + UNKNOWN, (bad, unknown)


def test_delivery(t):
    box = t.sink({"RCPT": b"550 5.1.1 we know nobody of that name\r\n"})
    daemon, server = connected(t, "postfix-delivery.cf",
                               extra="relayhost = [127.0.0.1]:%d\nrelay_domains = far.example\n" % box.port)

    def bounced(name):
        with server.client() as c:
            assert c.session(recipients=["%s@far.example" % name]).startswith(b"250")
        log = server.log(until="to=<%s@far.example>" % name)
        return re.search(r"to=<%s@far\.example>.* (dsn=\S+, status=.*)" % name, log)[1]
    said = bounced("first")
    assert said.startswith("dsn=5.1.1, status=bounced ("), said
    assert "does not exist" in said and "posta kutusu" in said and "we know nobody of that name" in said, said
    daemon.stop()
    said = bounced("second")
    assert re.match(r"dsn=5\.1\.1, status=bounced \(host 127\.0\.0\.1\[127\.0\.0\.1\] said: 550 5\.1\.1 we know", said), said


def test_access(t):
    daemon, server = connected(t, "postfix-access.cf", POLICY, uncomment=True)
    bad, good = recipients(server, "user@pf.test", "ayse@pf.test")
    assert b"Mailbox is disabled / Posta kutusu devre disi" in bad and good.startswith(b"250 "), (bad, good)
    assert b"Sender is not accepted here / " in recipients(server, "ayse@pf.test", sender="refused@b.example")[0]
    assert b"HELO" in recipients(server, "ayse@pf.test", helo="refused.example")[0]
    daemon.stop()  # what the example warns of
    assert recipients(server, "ayse@pf.test")[0].startswith(b"451 4.3.5 ")
