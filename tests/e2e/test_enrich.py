"""Bounces with an explanation in front: those of a real Postfix, and those that arrive from elsewhere."""

import email
import email.policy
import glob
import os
import re
import subprocess

import enriched
from harness import TOP, eventually
from milter_client import MilterClient, Reply
from smtp_client import Client

BOUNCES = os.path.join(TOP, "tests", "data", "bounces")
ENRICH = 'languages = { "en", "tr" }\nbounces {\n    enrich = yes\n%s}\n'
UNKNOWN = b"550-5.1.1 <nobody@far.test>: no such user\r\n550 5.1.1 see http://far.test/help\r\n"
LATER = b"450 4.2.0 <slow@far.test>: greylisted, please try again later\r\n"


class Office:
    """A Postfix whose own bounces pass the milter; it delivers to a far server, and bounces to a box."""

    def __init__(self, t, replies=None, extra="", capabilities=("PIPELINING", "8BITMIME", "DSN"), release="3.7", milter=None):
        self.box, self.far = t.sink(), t.sink(replies, capabilities=list(capabilities))
        self.server = t.start_postfix(
            "mydestination =\nmyhostname = office.test\nmyorigin = office.test\n"
            "relayhost = [127.0.0.1]:%d\n"
            "transport_maps = inline:{ { office.test = smtp:[127.0.0.1]:%d } }\n"
            "internal_mail_filter_classes = bounce\n"
            "non_smtpd_milters = { %s, default_action=accept, connect_timeout=2s }\n"
            "minimal_backoff_time = 1s\nmaximal_backoff_time = 1s\nqueue_run_delay = 1s\n"
            "smtp_destination_concurrency_failed_cohort_limit = 0\n%s"
            % (self.far.port, self.box.port, milter or "unix:" + t.socket, extra), release=release)

    def send(self, recipient, sender="ayse@office.test", text=b"Subject: minutes\n\nHere they are.\n", options=()):
        subprocess.run(["/usr/sbin/sendmail", "-C", os.path.join(self.server.dir, "etc"), "-f", sender,
                        "-oi", *options, "--", recipient], input=text, check=True)

    def bounce(self, recipient, seconds=30, **options):
        self.send(recipient, **options)
        return self.box.wait(seconds)


def first_text(octets):
    return enriched.text_of(enriched.split(octets).parts[0])


def plain(octets):
    """Without what is another time another."""
    return re.sub(rb"[0-9A-F]{8,}|\d+", b"N", re.sub(rb"; \w{3}, .*|\w{3}, [ \d]\d .*", b"DATE", octets))


# --- Postfix's own ----------------------------------------------------------------------------------

def check_failed(t, release):
    daemon = t.daemon(ENRICH % "", "inet")
    office = Office(t, {"RCPT": UNKNOWN}, release=release, milter=daemon.milter)
    got = office.bounce("nobody@far.test")
    assert got.sender.upper().startswith(b"MAIL FROM:<>") and b"ayse@office.test" in got.recipients[0]
    letter = first_text(got.data).split(enriched.RULE)[0]
    lines = letter.split("\n")
    assert lines[0] == "Türkçe açıklama aşağıdadır." and lines[2] == "Your message was not delivered."
    assert "\nRecipient: nobody@far.test\n" in letter and "\nAlıcı: nobody@far.test\n" in letter
    assert "This explanation was added automatically by office.test.\n" in letter
    assert "İletiniz teslim edilemedi.\n" in letter and "office.test tarafından" in letter
    assert "550-5.1.1 <nobody@far.test>: no such user" in letter
    assert 'bounce=enriched reason=mailbox-unknown queue-id=' in daemon.log(until="bounce=enriched")
    daemon.stop()  # what the same Postfix says when nobody enriches
    before = office.bounce("nobody@far.test").data
    assert enriched.MARK not in before
    old, new = enriched.split(before), enriched.split(got.data)
    assert [plain(p) for p in old.parts[1:]] == [plain(p) for p in new.parts[1:]]
    assert plain(enriched.text_of(old.parts[0]).encode()) in plain(enriched.text_of(new.parts[0]).encode())
    names = [[f.split(b":")[0] for f in enriched.unmarked(s.header)[0]] for s in (old, new)]
    assert names[0] == names[1] and len(enriched.unmarked(new.header)[1]) == 1


def check_delayed(t, release):
    daemon = t.daemon(ENRICH % '    languages = { "tr", "en" }\n', "inet")
    office = Office(t, {"RCPT": LATER}, "delay_warning_time = 1s\n", release=release, milter=daemon.milter)
    got = office.bounce("slow@far.test", seconds=60)
    letter = first_text(got.data).split(enriched.RULE)[0]
    assert letter.startswith("English text below.\n\nİletinizin teslimi gecikiyor. Yeniden göndermeniz gerekmez.\n")
    assert "\nYour message is delayed. You do not need to send it again.\n" in letter
    words = " ".join(letter.split())
    assert re.search(r" office\.test sunucusu \d+ \S+ 20\d\d tarihine kadar yeniden deneyecek\. Ne ", words), letter
    assert re.search(r" The server office\.test keeps trying until \d+ \S+ 20\d\d\. What ", words), letter


def check_relayed(t, release):
    daemon = t.daemon(ENRICH % "", "inet")
    office = Office(t, capabilities=("PIPELINING", "8BITMIME"), release=release, milter=daemon.milter)
    got = office.bounce("friend@far.test", options=("-N", "success"))
    assert b"Action: relayed" in got.data and enriched.MARK not in got.data
    assert "because=nothing-failed" in daemon.log(until="bounce=unchanged")


def check_stopped(t, release):
    office = Office(t, {"RCPT": UNKNOWN}, release=release)
    got = office.bounce("nobody@far.test")
    assert b"Status: 5.1.1" in got.data and enriched.MARK not in got.data
    assert "milter" in office.server.log()


def test_a_failed_message_comes_back_with_both_languages(t):
    check_failed(t, "3.7")


def test_a_failed_message_comes_back_with_both_languages_3_11(t):
    check_failed(t, "3.11")


def test_a_delayed_message_says_that_nobody_needs_to_send_again(t):
    check_delayed(t, "3.7")


def test_a_delayed_message_says_that_nobody_needs_to_send_again_3_11(t):
    check_delayed(t, "3.11")


def test_a_relayed_message_is_no_failure(t):
    check_relayed(t, "3.7")


def test_a_relayed_message_is_no_failure_3_11(t):
    check_relayed(t, "3.11")


def test_a_bounce_passes_where_no_dragomand_listens(t):
    check_stopped(t, "3.7")


def test_a_bounce_passes_where_no_dragomand_listens_3_11(t):
    check_stopped(t, "3.11")


def test_a_bounce_of_the_mta_itself_is_never_refused(t):
    for stage in ("connect", "helo", "mail", "rcpt", "header", "eoh", "body", "eom"):
        for verb in ("reject = site-policy", "defer = site-policy", "discard = yes", "hold = site-policy"):
            if verb.startswith("discard") and stage in ("connect", "helo"):
                continue
            daemon = t.daemon('rule "r" { stage = %s  %s }\n%s' % (stage, verb, ENRICH % ""))
            bounce = own_bounce("dsn-postfix.eml")
            with MilterClient(t.socket) as m:
                said = [m.connect("localhost", "127.0.0.1", 0), m.helo("localhost"), m.mail(""),
                        m.rcpt("s@orig.test"), m.data(), *tell(m, bounce), m.eom()]
                assert not any(isinstance(s, Reply) or s in ("reject", "tempfail", "discard") for s in said), \
                    (stage, verb, said)
                assert any(letter == b"b" for letter, _ in m.changes), (stage, verb, said, m.changes)
                assert not any(letter == b"q" for letter, _ in m.changes)
            daemon.stop()


def tell(m, octets):
    """Header and body of a message, as an MTA tells them."""
    header, body = re.split(rb"\r?\n\r?\n", octets, maxsplit=1)
    for field in re.split(rb"\r?\n(?![ \t])", header):
        name, value = field.split(b":", 1)
        yield m.header(name, re.sub(rb"\r\n", b"\n", value[1:] if value[:1] == b" " else value))
    yield m.eoh()
    yield m.body(re.sub(rb"\r?\n", b"\r\n", body))


# --- those of others, on arrival --------------------------------------------------------------------

def local_delivery(box):
    """Mail for the server's own users goes to a box, by a mailer that is none for other servers."""
    return ("master: final unix - - n - - smtp\nlocal_transport = final:[127.0.0.1]:%d\n" % box.port)


def deliver(port, octets, recipient, sender=""):
    with Client(port) as client:
        reply = client.session(sender, [recipient], message=octets)
        assert reply.startswith(b"250"), reply


def content(path):
    with open(path, "rb") as f:
        return f.read()


def own_bounce(name):
    return re.sub(rb"\r?\n", b"\r\n", content(os.path.join(BOUNCES, name)))


def own_bounces():
    for path in sorted(glob.glob(os.path.join(BOUNCES, "dsn-*.eml"))):
        yield os.path.basename(path), own_bounce(path)


def test_what_arrives_is_what_the_filter_makes(t):
    daemon = t.daemon(ENRICH % '    host = "mx.office.test"\n')
    box = t.sink()
    server = t.start_postfix(local_delivery(box), "unix:" + t.socket)
    counts = {True: 0, False: 0}
    for name, bounce in own_bounces():
        bounce = re.sub(rb"^Return-Path:.*\r\n", b"", bounce, count=1, flags=re.M)
        deliver(server.port, bounce, "user@pf.test")
        got = box.wait().data
        filtered = t.dragoman("enrich", "-c", daemon.config, input=bounce).stdout
        arrived = re.sub(rb"\A(Received: (.|\r\n[ \t])*\r\n|Return-Path:.*\r\n|Delivered-To:.*\r\n)*", b"", got)
        changed = filtered != bounce
        counts[changed] += 1
        a, b = enriched.header_of(arrived).split(b"\r\n"), enriched.header_of(filtered).split(b"\r\n")
        assert [line for line in b if line not in a] == [], (name, a, b)
        assert arrived[len(enriched.header_of(arrived)):].rstrip() == \
            filtered[len(enriched.header_of(filtered)):].rstrip(), name
        if changed:
            enriched.check(bounce, filtered, host="mx.office.test")
    assert counts[True] >= 8 and counts[False] >= 1, counts


def test_sendmail_passes_it_on_as_well(t):
    t.daemon(ENRICH % "")
    bounce = own_bounce("dsn-postfix.eml")
    deliver(t.sendmail.port, bounce, "user@sm.test")
    path = os.path.join(t.sendmail.dir, "mail", "mail")
    assert eventually(lambda: os.path.exists(path) and enriched.MARK in content(path), seconds=15), t.sendmail.log()
    letter = first_text(content(path).split(b"\nFrom ")[-1].split(b"\n", 1)[1])
    assert "\nYour message was not delivered.\n" in letter and "sm.test" in letter


def test_a_bounce_for_another_server_passes_as_it_is(t):
    for option, changed in (("", False), ("    recipients = all\n", True)):
        daemon = t.daemon(ENRICH % option)
        box = t.sink()
        server = t.start_postfix("relay_domains = away.test\n"
                                 "transport_maps = inline:{ { away.test = relay:[127.0.0.1]:%d } }\n" % box.port,
                                 "unix:" + t.socket)
        deliver(server.port, own_bounce("dsn-postfix.eml"), "user@away.test")
        assert (enriched.MARK in box.wait().data) == changed
        assert changed or "because=not-for-us" in daemon.log(until="bounce=")
        daemon.stop()


def test_ordinary_mail_is_not_copied_or_changed(t):
    t.daemon(ENRICH % "")
    bounce = own_bounce("dsn-postfix.eml")
    for sender in ("<a@b.example>", "<>"):
        text = b"From: a@b.example\r\nSubject: x\r\n\r\n" + b"y" * 100000 + b"\r\n" if sender == "<>" else bounce
        with MilterClient(t.socket) as m:
            m.connect(), m.helo(), m.mail(sender), m.rcpt("<user@pf.test>"), m.data()
            said = [*tell(m, text), m.eom()]
            assert m.changes == [] and said[-1] == "continue", (sender, said)
            if sender != "<>":
                assert said[-2] == "skip", said


def test_a_rule_that_accepts_does_not_end_enrichment(t):
    bounce = own_bounce("dsn-postfix.eml")
    for stage in ("connect", "helo", "mail", "rcpt", "eom"):
        daemon = t.daemon('rule "ours" { stage = %s  if { client-ip = "192.0.2.1" }  accept = yes }\nrule "no" { stage = eom  if { helo = "*.example" }  reject = site-policy }\n%s'
                          % (stage, ENRICH % ""))
        with MilterClient(t.socket) as m:
            said = [m.connect(), m.helo(), m.mail("<>"), m.rcpt("<user@pf.test>"), m.data(), *tell(m, bounce), m.eom()]
            assert not any(isinstance(s, Reply) for s in said), (stage, said)
            assert any(letter == b"b" for letter, _ in m.changes), (stage, said)
        daemon.stop()


def test_without_the_option_nothing_more_is_asked_of_the_mta(t):
    daemon = t.daemon('rule "r" { stage = rcpt  if { recipient = "x@y.example" }  reject = mailbox-unknown }\n')
    with MilterClient(t.socket) as m:
        assert not m.heard("header") and not m.heard("body") and m.actions & 0x1 == 0 and m.actions & 0x2 == 0
    daemon.stop()


def test_a_message_beyond_the_limit_is_let_go(t):
    t.daemon(ENRICH % '    message-octets = "64 kB"\n')
    bounce = own_bounce("dsn-postfix.eml").replace(b"Here they are.", b"x" * 60 + (b"\r\n" + b"y" * 70) * 2000)
    with MilterClient(t.socket) as m:
        m.connect(), m.helo(), m.mail("<>"), m.rcpt("<user@pf.test>"), m.data()
        said = [*tell(m, bounce), m.eom()]
        assert m.changes == [] and "skip" in said[-3:], said[-3:]


# --- the words of the mail servers themselves -------------------------------------------------------

EXAMPLES = os.path.join(TOP, "etc", "examples", "bounces")


def text_part(octets):
    message = email.message_from_bytes(octets, policy=email.policy.default)
    part = next(message.iter_parts())
    return message, part, part.get_content().replace("\r", "")


def test_the_shipped_templates_of_postfix(t):
    template = os.path.join(t.dir, "postfix-bounce.cf")
    with open(template, "wb") as f:
        f.write(content(os.path.join(EXAMPLES, "postfix-bounce.cf")))
    words = {"failed": ("Undelivered Mail Returned to Sender / İletiniz teslim edilemedi",
                        "İletiniz alıcılardan birine ya da birkaçına teslim edilemedi."),
             "delayed": ("Delayed Mail (still being retried) / İletiniz gecikiyor",
                         "Bu yalnızca bir uyarıdır. İletinizi yeniden göndermeniz gerekmez."),
             "relayed": ("Successful Mail Delivery Report / İletiniz teslim edildi",
                         "Posta kutularına teslim\nedildiyse başka bildirim almazsınız.")}
    for enriching in (False, True):
        daemon = t.daemon(ENRICH % "") if enriching else None
        for kind, (subject, sentence) in words.items():
            office = Office(t, {"failed": {"RCPT": UNKNOWN}, "delayed": {"RCPT": LATER}}.get(kind),
                            "bounce_template_file = %s\ndelay_warning_time = 1s\n" % template,
                            capabilities=("PIPELINING", "8BITMIME"))
            got = office.bounce("x@far.test", seconds=60, options=("-N", "success,failure,delay"))
            message, part, text = text_part(got.data)
            assert message["Subject"] == subject and enriched.header_of(got.data).isascii(), message["Subject"]
            assert part.get_content_charset() == "utf-8" and sentence in text, text
            assert (enriched.MARK in got.data) == (enriching and kind != "relayed")
            assert b"Action: " + kind.encode() in got.data
        if daemon:
            daemon.stop()


def test_the_shipped_error_header_of_sendmail(t):
    header = os.path.join(t.dir, "error-header")
    with open(header, "wb") as f:
        f.write(content(os.path.join(TOP, "etc", "sendmail", "error-header")))
    far = t.sink({"RCPT": UNKNOWN})
    server = t.start_sendmail("define(`confERROR_MESSAGE', `%s')dnl\ndefine(`SMART_HOST', `relay:[127.0.0.1]')dnl\n"
                              "define(`RELAY_MAILER_ARGS', `TCP $h %d')dnl\n" % (header, far.port))
    deliver(server.port, b"Subject: hello\r\n\r\nhello\r\n", "nobody@far.test", "user@sm.test")
    path = os.path.join(server.dir, "mail", "mail")
    assert eventually(lambda: os.path.exists(path) and b"Status: 5.1.1" in content(path), seconds=20), server.log()
    _, part, text = text_part(content(path).split(b"\n", 1)[1])
    assert part.get_content_type() == "text/plain" and text.isascii()
    assert "The mail server sm.test writes this" in text and "bir ileti icin sm.test\n" in text
    assert text.index("Ne yapabilirsiniz:") < text.index("The following addresses had permanent fatal errors")
