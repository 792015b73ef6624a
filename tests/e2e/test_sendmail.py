"""What etc/sendmail makes a real Sendmail say by itself, and ask dragomand in its rulesets."""

import email
import glob
import os
import re
import shutil
import signal
import subprocess

import harness
from dialogue import SITE
from raw_socketmap import CLOSE, HANG, Raw, RawSocketmap

FILES = os.path.join(harness.TOP, "etc", "sendmail")
UNKNOWN = b"550 5.1.1 <nosuch@sm.test>... User unknown\r\n"
ASK = "include(`%s')dnl\n" % os.path.join(FILES, "checks.m4")


def start(t, *lines):
    return t.start_sendmail("".join(line + "\n" for line in lines))


def checks(address):
    return "define(`DRAGOMAN_SOCKETMAP', `%s')dnl\n%s" % (address, ASK.rstrip("\n"))


STRANGER = "127.0.0.7"  # from 127.0.0.1 Sendmail relays all mail


def session(server, *recipients, sender="a@b.example", helo="client.example", **options):
    """The replies to MAIL and to each RCPT."""
    with server.client(**options) as c:
        c.cmd("EHLO " + helo)
        return [c.cmd("MAIL FROM:<%s>" % sender)] + [c.cmd("RCPT TO:<%s>" % r) for r in recipients]


def codes(replies):
    return [reply[:3].decode() for reply in replies]


# --- what it says by itself -------------------------------------------------------------------------

def refusals(t, site=SITE):
    """refusals.m4 as this site would make it."""
    config = os.path.join(t.dir, "site.conf")
    with open(config, "w", encoding="utf-8") as f:
        f.write(site)
    done = t.dragoman("sendmail", "-c", config)
    assert done.returncode == 0 and not done.stderr, done.stderr
    path = os.path.join(t.dir, "refusals.m4")
    with open(path, "wb") as f:
        f.write(done.stdout)
    return config, "include(`%s')dnl" % path


def access_table(t, config, entries):
    """The lines that make Sendmail look into this table."""
    root = os.path.join(os.environ.get("DRAGOMAN_TEST_CACHE", "/var/cache/dragoman-test"), "sendmail")
    text = "".join("%s\t%s\n" % (key, value or t.dragoman(
        "sendmail", "-c", config, "--access", reason, *more).stdout.decode().strip())
        for key, value, reason, *more in entries)
    path = os.path.join(t.dir, "access")
    libraries = ":".join(glob.glob(os.path.join(root, "**", "*-linux-gnu"), recursive=True))
    makemap = shutil.copy(os.path.join(root, "usr", "libexec", "sendmail", "makemap"), t.dir)
    os.chmod(makemap, 0o755)
    done = subprocess.run([makemap, "-C", os.devnull, "hash", path], input=text.encode(), check=False, capture_output=True,
                          env={"LD_LIBRARY_PATH": libraries})
    if done.returncode != 0:
        raise harness.Skip("makemap: " + done.stderr.decode())
    return "FEATURE(`access_db', `hash -T<TMPF> %s')dnl" % path


def test_its_own_refusals_are_said_in_both_languages(t):
    config, include = refusals(t)
    table = access_table(t, config, [("From:rejected@b.example", "REJECT", None),
                                     ("From:blocked@b.example", None, "sender-blocked"),
                                     ("From:later@b.example", None, "greylisted", "--temporary")])
    server = start(t, include, "DRAGOMAN_UNKNOWN_USER", table)
    said = session(server, "nosuch@sm.test", "user@elsewhere.example", "user@sm.test", source=STRANGER)
    contact = b" - postmaster@server.example\r\n"  # the page of SITE wants a ref
    assert said[1] == (b"550 5.1.1 <nosuch@sm.test>... No such mailbox - Boyle bir posta kutusu yok" + contact), said
    assert said[2] == (b"550 5.7.1 <user@elsewhere.example>... This server does not relay this mail - "
                       b"Posta aktarma yetkisi yok" + contact), said
    assert codes(said) == ["250", "550", "550", "250"], said
    said = session(server, sender="rejected@b.example")
    assert re.match(rb"550 5\.7\.1 <rejected@b\.example>\.\.\. .* - Bu sunucunun ilkeleri", said[0]), said
    said = session(server, sender="blocked@b.example")
    assert re.match(rb"550 5\.7\.1 <blocked@b\.example>\.\.\. .* / Bu gonderen burada", said[0]), said
    said = session(server, sender="later@b.example")
    assert re.match(rb"450 4\.7\.1 <later@b\.example>\.\.\. .* / ", said[0]), said


def test_the_texts_of_every_shipped_language_pass_m4_and_sendmail(t):
    for languages in ('"de", "en", "tr"', '"tr"'):
        _, include = refusals(t, 'languages = { %s }\n' % languages)
        server = start(t, include, "DRAGOMAN_UNKNOWN_USER", "DRAGOMAN_DNSBL(`list.test')")
        with open(os.path.join(server.dir, "sendmail.cf"), encoding="utf-8") as f:
            compiled = f.read()
        assert "*** ERROR" not in compiled and "DRAGOMAN_" not in compiled
        assert re.search(r'\$#error \$@ 5\.7\.1 \$: "550 5\.7\.1 [^"]+ \[" \$&\{client_addr\} " list\.test\]"',
                         compiled), "the blocklist has its text"
        said = session(server, "nosuch@sm.test", "user@elsewhere.example", "user@sm.test", source=STRANGER)
        assert codes(said) == ["250", "550", "550", "250"], said
        for reply in said[1:3]:
            assert reply.isascii() and b"\x1f" not in reply and len(reply) < 300, reply
        assert b"Boyle bir posta kutusu yok" in said[1], said


def test_a_blocklist_is_named_in_both_languages(t):
    lists = RawSocketmap(lambda name, key: "OK 127.0.0.2" if key == "7.0.0.127.list.test." else "NOTFOUND ")
    t.cleanup(lists.stop)  # it plays the name server
    _, include = refusals(t)
    server = start(t, include, "define(`DNSBL_MAP', `socket')dnl",
                   "define(`DNSBL_MAP_OPT', `%s')dnl" % lists.address, "DRAGOMAN_DNSBL(`list.test')")
    said = session(server, "user@sm.test", source=STRANGER)
    assert said[0] == (b"550 5.7.1 Sending server is on a blocklist - Gonderen sunucu engelleme listesinde - "
                       b"postmaster@server.example [127.0.0.7 list.test]\r\n"), (said, lists.keys)
    assert codes(session(server, "user@sm.test")) == ["250", "250"]


def test_the_head_of_its_bounces_has_both_languages(t):
    header = os.path.join(t.dir, "error-header")
    shutil.copy(os.path.join(FILES, "error-header"), header)
    box = t.sink({"RCPT": b"550 5.1.1 no such user\r\n"})
    server = start(t, "define(`confERROR_MESSAGE', `%s')dnl" % header,
                   "define(`SMART_HOST', `smtp:[127.0.0.1]')dnl",
                   "define(`SMTP_MAILER_ARGS', `TCP $h %d')dnl" % box.port,
                   "FEATURE(`promiscuous_relay')dnl")
    with server.client() as c:
        assert c.session(sender="user@sm.test", recipients=["gone@far.example"]).startswith(b"250")
    path = os.path.join(server.dir, "mail", "mail")
    assert harness.eventually(lambda: "fatal errors" in harness.tail(path), 20)
    with open(path, "rb") as f:
        bounce = email.message_from_bytes(f.read())
    text = bounce.get_payload()[0].get_payload()
    assert "The mail server sm.test writes this about a message" in text, text
    assert "Bu bildirimi, sizin adresinizden" in text and text.isascii()
    assert text.index("Ne yapabilirsiniz") < text.index("The following addresses had permanent fatal errors")


# --- what it asks -----------------------------------------------------------------------------------

POLICY = """
rule "client"    { if { client-ip = "127.0.0.1"  helo = "refused.example" }  reject = helo-refused }
rule "sender"    { if { sender = "refused@b.example" }  reject = sender-blocked }
rule "recipient" { if { recipient = "user@sm.test" }  reject = mailbox-disabled }
"""


def with_dragomand(t, policy):
    port = t.port()
    daemon = t.daemon(SITE + policy + 'listen "socketmap" { socket = "inet:%d@127.0.0.1" }\n' % port)
    assert harness.eventually(lambda: harness.listens(port))
    return daemon, start(t, checks("inet:%d@127.0.0.1" % port))


def test_rulesets_ask_the_policy_of_dragomand(t):
    _, server = with_dragomand(t, POLICY)
    said = session(server, "ayse@sm.test", "user@sm.test", "nosuch@sm.test")
    assert codes(said) == ["250", "250", "550", "550"], said
    assert re.match(rb"550 5\.2\.1 <user@sm\.test>\.\.\. Mailbox is disabled / .* - https://help\.example/en/"
                    rb"mailbox-disabled\?ref=\S+ \[ref \S+\]\r\n$", said[2]), said
    assert said[3] == UNKNOWN, said
    said = session(server, sender="refused@b.example")
    assert re.match(rb"550 5\.7\.1 <refused@b\.example>\.\.\. Sender is not accepted here / ", said[0]), said


def test_without_dragomand_rulesets_refuse_nothing(t):
    daemon, server = with_dragomand(t, POLICY)
    daemon.stop()
    assert codes(session(server, "user@sm.test", "nosuch@sm.test")) == ["250", "250", "550"]


def stop(pid):
    os.kill(pid, signal.SIGSTOP)


def test_a_dragomand_that_hangs_costs_a_new_session_one_wait(t):
    daemon, server = with_dragomand(t, POLICY)
    with server.client() as c:
        c.cmd("EHLO c.example")
        c.cmd("MAIL FROM:<a@b.example>")
        asked = c.cmd("RCPT TO:<user@sm.test>")
        assert asked.startswith(b"550 5.2.1 "), asked
    children = [pid for pid in harness.children(daemon.process.pid) if not stop(pid)]
    assert len(children) == 2, "one for each kind of `listen`"
    try:
        assert codes(session(server, "user@sm.test", "nosuch@sm.test")) == ["250", "250", "550"]
        assert server.log(until="read timeout").count("read timeout") == 1
    finally:
        for pid in children:
            os.kill(pid, signal.SIGCONT)


# the answer, and what the client is told at RCPT for user@sm.test
REFUSAL = 'OK "550 5.7.9 Words, with (all) of its; punctuation - https://help.example/?a=b&c [ref AB12-CD34]"'
ANSWERS = [
    (REFUSAL, b"550 5.7.9 <user@sm.test>... Words, with (all) of its; punctuation - "
              b"https://help.example/?a=b&c [ref AB12-CD34]\r\n"),
    ('OK "450 4.7.9 later"', b"450 4.7.9 <user@sm.test>... later\r\n"),
    ('OK "554 5.7.9 %s"' % ("x" * 230), b"554 5.7.9 " + b"x" * 230 + b"\r\n"),
]
NO_REFUSALS = ["NOTFOUND ", "OK ", "OK NONE", 'OK "250 2.0.0 yes"', 'OK "554 no enhanced code"',
               "OK 550 5.7.9 without quotes", 'OK "550 5.7.9 two" tokens', "OK $#error $: 550", "PERM x",
               "TEMP x", "TIMEOUT x", "WHAT", Raw(b"8:NOTFOUND,"), CLOSE]


def test_only_a_whole_refusal_refuses(t):
    said = {}
    # not at the first question of a session: there a failure costs nothing, and no more is asked
    peer = RawSocketmap(lambda name, key: said["answer"] if key == "rcpt:<user@sm.test>" else "NOTFOUND ")
    t.cleanup(peer.stop)
    server = start(t, checks(peer.address))
    for said["answer"], wanted in ANSWERS:
        assert session(server, "user@sm.test")[1] == wanted, (said, wanted)
    assert [key for key in peer.keys if "rcpt" not in key][:3] == [
        "sendmail client:127.0.0.1", "sendmail helo:client.example", "sendmail mail:<a@b.example>"], peer.keys
    assert codes(session(server, "user@sm.test", sender="")) == ["250", "450" if "450" in said["answer"] else "554"]
    assert "sendmail mail:<>" in peer.keys, peer.keys
    for said["answer"] in NO_REFUSALS:
        replies = session(server, "user@sm.test", "nosuch@sm.test")
        assert codes(replies) == ["250", "250", "550"], (said, replies)


def test_a_map_that_is_broken_from_the_start_is_asked_no_more(t):
    said = {}
    peer = RawSocketmap(lambda name, key: said["answer"])
    t.cleanup(peer.stop)
    server = start(t, checks(peer.address))
    for said["answer"] in (Raw(b"garbage"), Raw(b"99999999:OK x,"), CLOSE, "TEMP x", HANG):
        peer.keys.clear()
        replies = session(server, "user@sm.test", "nosuch@sm.test")
        assert codes(replies) == ["250", "250", "550"], (said, replies)
        assert peer.keys == ["sendmail client:127.0.0.1"], (said, peer.keys)


def test_the_first_question_comes_first_with_delayed_checks_too(t):
    peer = RawSocketmap(lambda name, key: REFUSAL if key.startswith("client:") else "NOTFOUND ")
    t.cleanup(peer.stop)
    server = start(t, "FEATURE(`delay_checks')dnl", checks(peer.address))
    with server.client() as c:
        c.cmd("EHLO c.example")
        assert peer.keys == ["sendmail client:127.0.0.1"], peer.keys
        assert c.cmd("MAIL FROM:<a@b.example>").startswith(b"250")
        assert c.cmd("RCPT TO:<user@sm.test>").startswith(b"550 5.7.9 <user@sm.test>... Words"), peer.keys
