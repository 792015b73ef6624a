"""dragoman enrich: whatever goes in comes out; and each kind of bounce in many variants, as filter and milter."""

import base64
import importlib.machinery
import importlib.util
import os
import re
import resource
import subprocess

import enriched
from harness import DRAGOMAN, TOP, Skip
from milter_client import MilterClient
from test_enrich import ENRICH, LATER, UNKNOWN, Office, content, own_bounce, tell

SAMPLE = os.path.join(TOP, "etc", "examples", "bounces", "undelivered.eml")


def enrich(t, octets, *options, **more):
    done = t.dragoman("enrich", "--host", "mail.example.org", *options, input=octets, **more)
    return done.returncode, done.stdout, done.stderr.decode()


# --- the filter -------------------------------------------------------------------------------------

def test_whatever_is_wrong_the_message_comes_out(t):
    bounce = content(SAMPLE)
    broken = os.path.join(t.dir, "broken.conf")
    with open(broken, "w", encoding="utf-8") as f:
        f.write('bounces { enrich = perhaps  languages = { "xx" } }\nrule "r" {')
    for options, complaint in ((("-c", broken), "error"), (("-c", "/nowhere.conf"), "error"),
                               (("-l", "xx"), "no letters")):
        for message in (bounce, b"", b"x", b"\0" * 5000, b"Subject: \xff\n\n" + b"y" * 3000000):
            status, out, said = enrich(t, message, *options)
            assert (status, out) == (0, message) and complaint in said, (options, status, said)


def test_only_the_options_that_there_are(t):
    for options in (["--colour"], ["--lang"], ["file.eml"]):
        done = t.dragoman("enrich", *options, input=b"x")
        assert done.returncode == 2 and b"dragoman help enrich" in done.stderr, done


def test_a_wrong_option_costs_no_message(t):
    for options in (["--colour"], ["--lang"], ["file.eml"]):
        for message in (content(SAMPLE), b"Subject: x\n\n" + b"y" * 3000000):
            done = t.dragoman("enrich", *options, input=message)
            assert (done.returncode, done.stdout) == (2, message), (options, done.returncode, len(done.stdout))


def test_a_message_that_cannot_be_written_is_not_lost_in_silence(t):
    for message in (content(SAMPLE), b"Subject: x\n\n" + b"y" * 100000):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([DRAGOMAN, "enrich"], input=message, stdout=full, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 75 and b"could not be passed on" in done.stderr, done


def test_a_large_message_takes_no_memory(t):
    def little():
        resource.setrlimit(resource.RLIMIT_AS, (96 << 20, 96 << 20))
    if b"__asan_init" in content(DRAGOMAN):
        raise Skip("a build with sanitizers needs memory of its own")
    message = content(SAMPLE).replace(b"Here they are.", b"Here they are.\n" + b"0123456789abcde\n" * (4 << 20))
    done = subprocess.run([DRAGOMAN, "enrich", "--trace"], input=message, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          preexec_fn=little, check=False)
    assert done.returncode == 0 and done.stdout == message and b"(too-large)" in done.stderr, done.stderr


def test_the_sender_decides(t):
    bounce = content(SAMPLE)
    without = bounce.replace(b"Return-Path: <>\n", b"")
    other = bounce.replace(b"Return-Path: <>", b"Return-Path: <list-bounces@example.org>")
    for message, options, changed in ((bounce, (), True), (without, (), True), (other, (), False),
                                      (other, ("--sender", ""), True), (other, ("--sender", "<>"), True),
                                      (bounce, ("--sender", "a@b.example"), False),
                                      (b"From x Sun Nov 22 14:30:00 2026\n" + bounce, (), True)):
        status, out, _ = enrich(t, message, *options)
        assert status == 0 and (out != message) == changed, (message[:60], options)
        if changed and not message.startswith(b"From "):
            enriched.check(message, out, host="mail.example.org")


def test_languages_and_their_evidence(t):
    bounce = content(SAMPLE)
    for languages in (("tr", "en"), ("en", "tr"), ("tr",), ("en",)):
        _, out, _ = enrich(t, bounce, "-l", ",".join(languages))
        letter = enriched.check(bounce, out, languages)
        assert all((enriched.FAILED[tag] in letter) == (tag in languages) for tag in ("en", "tr"))
        assert letter.startswith({"tr": "English text below.\n", "en": "Türkçe açıklama aşağıdadır.\n"}[languages[0]]
                                 if len(languages) > 1 else enriched.FAILED[languages[0]])
    config = os.path.join(t.dir, "evidence.conf")
    with open(config, "w", encoding="utf-8") as f:
        f.write("bounces { order = evidence }\n")
    turkish = bounce.replace(b"From: Murat <", b"Accept-Language: tr-TR, en\nContent-Type: text/plain; charset=iso-8859-9\n"
                                               b"From: Murat <")
    for message, order, said in ((bounce, ("en", "tr"), "sender's domain: example.org: no language of the letters"),
                                 (turkish, ("tr", "en"), "Accept-Language: tr-TR, en: tr"),
                                 (turkish, ("tr", "en"), "charset: iso-8859-9: tr")):
        _, out, trace = enrich(t, message, "-c", config, "--trace")
        enriched.check(message, out, order)
        lines = trace.splitlines()
        assert lines[:2] == ["enriched", "recipient=ayse@example.net reason=mailbox-unknown certain=yes"], lines
        assert "evidence: " + said in lines and lines[-1] == "languages: " + ", ".join(order), lines


def test_the_letter_alone(t):
    status, out, _ = enrich(t, content(SAMPLE), "--letter", "-l", "tr")
    assert status == 0 and out.decode().startswith("İletiniz teslim edilemedi.\n\nAlıcı: ayse@example.net\n")
    assert enrich(t, b"Subject: x\n\nx\n", "--letter")[:2] == (0, b"")


# --- variants of each kind --------------------------------------------------------------------------

def edit_part(octets, number, change):
    """With another part of that number; `change` gets it with the line end behind its delimiter."""
    s = enriched.split(octets)
    parts = [change(p) if i == number else p for i, p in enumerate(s.parts)]
    end = b"\r\n" if b"\r\n" in octets else b"\n"
    delimiter = end + b"--" + s.boundary
    return s.header + s.preamble + b"".join(delimiter + p for p in parts) + delimiter + b"--" + s.epilogue


def text_as(fields, body):
    return lambda part: b"\n" + fields + b"\n\n" + body


def second_recipient(status):
    return status + (b"\n\nFinal-Recipient: rfc822; murat@second.test\nOriginal-Recipient: rfc822;murat@second.test\n"
                     b"Action: failed\nStatus: 5.2.2\nRemote-MTA: dns; mx.second.test\n"
                     b"Diagnostic-Code: smtp; 552 5.2.2 mailbox full")


def with_field(field):
    return lambda o: o.replace(b"\nSubject:", b"\n" + field + b"\nSubject:", 1)


def nested(octets):
    return (b"From: a@b.example\nSubject: Fwd\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=outer\n\n"
            b"--outer\n\nsee below\n--outer\nContent-Type: message/rfc822\n\n" + octets + b"\n--outer--\n")


def signed(octets):
    return (b"From: MAILER-DAEMON@b.example\nMIME-Version: 1.0\nContent-Type: multipart/signed; boundary=outer; "
            b"protocol=\"application/pkcs7-signature\"; micalg=sha-256\n\n--outer\n" + octets +
            b"\n--outer\nContent-Type: application/pkcs7-signature\n\nMIIx\n--outer--\n")


KEPT, CHANGED = False, True
VARIANTS = {  # what is done to a bounce with LF, and whether it may be changed then
    "as it is": (lambda o: o, CHANGED),
    "CRLF": (lambda o: o.replace(b"\n", b"\r\n"), CHANGED),
    "global": (lambda o: o.replace(b"message/delivery-status", b"message/global-delivery-status"), CHANGED),
    "two recipients": (lambda o: edit_part(o, 1, second_recipient), CHANGED),
    "no header of the first part": (lambda o: edit_part(o, 0, lambda p: b"\n\nno header here\n"), CHANGED),
    "utf-7": (lambda o: edit_part(o, 0, text_as(b"Content-Type: text/plain; charset=unicode-1-1-utf-7",
                                                b"Z+APw-rich\n")), CHANGED),
    "iso-2022-jp": (lambda o: edit_part(o, 0, text_as(b"Content-Type: text/plain; charset=iso-2022-jp",
                                                      "配信できません\n".encode("iso-2022-jp"))), CHANGED),
    "base64": (lambda o: edit_part(o, 0, text_as(b"Content-Transfer-Encoding: base64", base64.encodebytes(
        b"a text\n--" + enriched.split(o).boundary + b"--\nand its delimiter\n"))), CHANGED),
    "html": (lambda o: edit_part(o, 0, text_as(b"Content-Type: text/html", b"<p>no</p>")), CHANGED),
    "unknown charset": (lambda o: edit_part(o, 0, text_as(b"Content-Type: text/plain; charset=x-klingon",
                                                          b"\xa1\xa2")), CHANGED),
    "8 MB": (lambda o: o + b"an epilogue\n" * 700000, KEPT),
    "NUL": (lambda o: o.replace(b"MIME", b"MI\0ME", 1), KEPT),
    "cut off": (lambda o: o[:len(o) * 3 // 4], KEPT),
    "no part headers at all": (lambda o: edit_part(o, 1, lambda p: p.split(b"\n\n", 1)[1]), KEPT),
    "DKIM": (with_field(b"DKIM-Signature: v=1; a=rsa-sha256; d=b.example; s=x; h=from; bh=x; b=x"), KEPT),
    "ARC": (with_field(b"ARC-Seal: i=1; a=rsa-sha256; cv=none; d=b.example; s=x; b=x"), KEPT),
    "S/MIME signature": (signed, KEPT),
    "signed first part": (lambda o: edit_part(o, 0, text_as(b"Content-Type: multipart/signed; boundary=i",
                                                            b"--i\n\nx\n--i--\n")), KEPT),
    "encrypted": (lambda o: edit_part(o, 0, text_as(b"Content-Type: application/pkcs7-mime", b"MIIx")), KEPT),
    "PGP": (lambda o: edit_part(o, 0, text_as(b"Content-Type: text/plain", b"-----BEGIN PGP MESSAGE-----\n")), KEPT),
    "nested": (nested, KEPT),
    "expanded": (lambda o: re.sub(rb"Action: \w+", b"Action: expanded", o), KEPT),
    "delivered": (lambda o: re.sub(rb"Action: \w+", b"Action: delivered", o), KEPT),
    "read receipt": (lambda o: o.replace(b"report-type=delivery-status", b"report-type=disposition-notification"), KEPT),
    "two status parts": (lambda o: edit_part(o, 1, lambda p: p + b"\n--" + enriched.split(o).boundary + p), KEPT),
    "enriched elsewhere": (with_field(b"X-Dragoman-Enriched: 1; host=mx.example"), KEPT),
}


def through_milter(t, octets):
    """What the MTA would have: the message with the changes that the milter asks for."""
    with MilterClient(t.socket) as m:
        m.connect("localhost", "127.0.0.1", 0), m.helo("localhost"), m.mail(""), m.rcpt("s@orig.test"), m.data()
        for said in (*tell(m, octets), m.eom()):
            assert said in ("continue", "skip", "unanswered", "unheard"), said
        header, body = re.split(rb"\r?\n\r?\n", octets, maxsplit=1)
        added = [data for letter, data in m.changes if letter == b"h"]
        chunks = [data for letter, data in m.changes if letter == b"b"]
        assert [letter for letter, _ in m.changes] == [b"h"] * len(added) + [b"b"] * len(chunks)
        return added, b"".join(chunks) if added else None


def plain_body(octets):
    """The line ends, and with them the name of an inner boundary, are those of the way it came."""
    return re.sub(rb"[0-9a-f]=_dragoman_[0-9a-f]+", b"BOUNDARY", octets.replace(b"\r\n", b"\n"))


def check_variant(t, name, bounce, is_report):
    change, may = VARIANTS[name]
    octets = change(bounce)
    status, out, trace = enrich(t, octets, "--trace")
    assert status == 0
    changed = may and (is_report or name == "two recipients")
    assert (out != octets) == changed, (name, trace)
    added, body = through_milter(t, octets) if b"\0" not in octets else ([], None)
    assert bool(added) == changed, (name, added)
    if not changed:
        return None
    enriched.check(octets, out)
    assert enrich(t, out)[1] == out
    assert plain_body(body) == plain_body(out[len(enriched.header_of(out)):].lstrip(b"\r\n")), name
    return octets, out


def kinds_of(t):
    """The bounces of a real Postfix, while no milter listens: failed, delayed, relayed."""
    for kind, replies in (("failed", {"RCPT": UNKNOWN}), ("delayed", {"RCPT": LATER}), ("relayed", None)):
        office = Office(t, replies, "delay_warning_time = 1s\n", capabilities=("PIPELINING", "8BITMIME"))
        octets = office.bounce("x@far.test", seconds=60, options=("-N", "success,failure,delay")).data
        assert b"Action: " + kind.encode() in octets
        office.server.stop()
        yield kind, re.sub(rb"\AReceived: (.|\n[ \t])*\n", b"", octets.replace(b"\r\n", b"\n"))


def measure():
    path = os.path.join(TOP, "tests", "bounces", "enrich")
    loader = importlib.machinery.SourceFileLoader("measure_enrich", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("measure_enrich", loader))
    loader.exec_module(module)
    return module


def test_variants_of_what_postfix_sends(t):
    kinds = list(kinds_of(t))
    t.daemon(ENRICH % '    host = "mail.example.org"\n')
    pairs = []
    for kind, bounce in kinds:
        for name in VARIANTS:
            pairs.append(check_variant(t, name, bounce, kind != "relayed"))
    pairs = [pair for pair in pairs if pair]
    assert len(pairs) >= 2 * 10, len(pairs)
    others = measure()
    for before, after in pairs:
        assert others.shape(before) == others.shape(after)
    read = others.sisimai([message for pair in pairs for message in pair])
    assert read is not None and any(read), "the package libsisimai-perl is needed"
    assert read[::2] == read[1::2], [pair for pair in zip(read[::2], read[1::2]) if pair[0] != pair[1]]


def test_every_action_of_a_mixed_report(t):
    bounce = own_bounce("dsn-postfix.eml").replace(b"\r\n", b"\n")
    mixed = bounce.replace(b"Action: failed\nStatus: 4.2.2", b"Action: delivered\nStatus: 2.0.0")
    _, out, trace = enrich(t, mixed, "--trace")
    letter = enriched.check(mixed, out)
    assert "bora@example.net" in letter and "ceren@" not in letter, trace
