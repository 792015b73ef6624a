"""dragoman explain: codes, replies and bounces, as a person and as a program reads them."""

import json
import os
import random
import re
import subprocess

from harness import DRAGOMAN, TOP

HERE = os.path.dirname(os.path.abspath(__file__))
BOUNCES = os.path.join(os.path.dirname(HERE), "data", "bounces")


def explain(t, *arguments, status=0, data=b""):
    run = t.dragoman("explain", *arguments, input=data)
    assert run.returncode == status, (arguments, run.returncode, run.stdout, run.stderr)
    return run.stdout.decode()


def explain_json(t, *arguments, **more):
    return json.loads(explain(t, "--json", *arguments, **more))


def test_every_code_has_its_own_text_in_all_languages(t):
    codes = explain_json(t, "--all", "--lang", "en,tr,de")["codes"]
    assert len(codes) == 79 + 95, len(codes)
    for language in ("en", "tr", "de"):
        means = [code["texts"][language]["means"] for code in codes]
        assert all(means) and len(set(means)) == len(means), language
        for field in ("title", "remedy"):
            assert all(code["texts"][language][field] for code in codes), (language, field)
    for code in codes:
        fields = {language: [field for field in text if text[field]] for language, text in code["texts"].items()}
        assert fields["de"] == fields["tr"] == fields["en"], (code["code"], fields)


def test_the_words_around_an_explanation_are_there_in_all_languages(t):
    labels = {}
    for language in ("en", "tr", "de"):
        with open(os.path.join(TOP, "etc", "codes", f"labels.{language}.conf"), encoding="utf-8") as f:
            labels[language] = dict(re.findall(r'(?m)^label "(.+?)" +\{ means = "(.+)" \}$', f.read()))
    assert len(labels["en"]) > 40 and set(labels["de"]) == set(labels["tr"]) == set(labels["en"])


def test_german_is_one_of_the_languages(t):
    text = explain(t, "--lang", "de", "571")
    assert text.startswith("571  Zustellung abgelehnt\n") and "Kein Server sollte diesen Code senden." in text, text
    text = explain(t, "--lang", "de", "550 5.1.1 <bora@example.net>: User unknown")
    assert "Wer handeln muss: der Absender" in text and "dass es das Postfach nicht gibt." in text, text
    text = explain(t, "--lang", "de", os.path.join(BOUNCES, "dsn-postfix.eml"))
    assert "Stand: nicht zugestellt" in text and "Grund: mailbox-full" in text, text
    assert max(map(len, text.splitlines())) <= 80, text


def test_a_pair_is_explained_part_by_part(t):
    basic, enhanced = explain_json(t, "550 5.1.1")["codes"]
    assert basic["code"] == "550" and "RCPT" in basic["legal_at"], basic
    assert "5.1.1" in basic["goes_with"] and basic["sendable"] is True
    assert enhanced["code"] == "5.1.1" and "550" in enhanced["goes_with"], enhanced


def test_codes_in_every_form(t):
    for text, code in (("550", "550"), ("5.1.1", "5.1.1"), ("X.2.2", "X.2.2"), ("432", "432"),
                       ("550-5.1.1", "550"), ("101", "101"), ("571", "571")):
        assert explain_json(t, text)["codes"][0]["code"] == code, text


def test_a_code_that_no_server_sends_says_so(t):
    code = explain_json(t, "571")["codes"][0]
    assert code["sendable"] is False and code["send_instead"] == "550 5.7.1", code
    assert "No server should send it" in explain(t, "571")


def test_an_unknown_code_is_explained_as_far_as_its_digits_go(t):
    code = explain_json(t, "559")["codes"][0]
    assert code["known"] is False, code
    text = explain(t, "--lang", "en", "559")
    assert "No document that we know" in text and "permanent" in text, text
    assert "cannot be a reply code" in explain(t, "--lang", "en", "999")


def test_replies_of_a_command(t):
    codes = [reply["code"] for reply in explain_json(t, "--command", "rcpt")["replies"]]
    assert {250, 450, 550, 556} <= set(codes), codes
    explain(t, "--command", "NONSENSE", status=1)


def test_a_reply_has_reason_actor_and_texts(t):
    reply = explain_json(t, "550 5.1.1 <ayse@example.net>: Recipient address rejected: "
                            "User unknown in local recipient table")
    assert reply["reason"] == "mailbox-unknown" and reply["who"] == "sender", reply
    assert reply["hard"] is True and reply["certain"] is True and reply["class"] == "permanent"
    assert "ayse@example.net" in reply["texts"]["tr"], reply["texts"]


def test_a_reply_of_several_lines(t):
    reply = explain_json(t, "452-4.2.2 The mailbox of ayse@example.net\r\n452 4.2.2 is full")
    assert (reply["basic"], reply["enhanced"]) == ("452", "4.2.2"), reply
    assert reply["reason"] == "mailbox-full" and reply["class"] == "transient", reply


def test_capture_groups_become_parameters_with_hyphens(t):
    reply = explain_json(t, "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using "
                            "zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.7")
    assert reply["reason"] == "client-blocklisted", reply
    assert "192.0.2.7" in reply["texts"]["en"] and "zen.spamhaus.org" in reply["texts"]["en"]


def test_a_real_bounce_of_postfix(t):
    t.daemon('rule "nobody" { if { recipient = { "*" } } reject = mailbox-unknown }')
    bounce = t.bounce_for(t.postfix, t.postfix.address("ayse"))
    report = explain_json(t, "-", data=bounce)
    assert report["input"] == "bounce" and report["type"] == "dsn", report
    (recipient,) = report["recipients"]
    assert recipient["recipient"] == t.postfix.address("ayse"), recipient
    assert recipient["action"] == "failed" and recipient["class"] == "permanent"
    assert (recipient["basic"], recipient["enhanced"]) == ("550", "5.1.1"), recipient
    assert recipient["reason"] == "mailbox-unknown" and recipient["hard"] is True
    assert set(recipient["texts"]) == {"en", "tr"}, recipient


def wrapped(outer, *parts):
    lines = "".join("--outer\n%s\n" % part for part in parts)
    return ("From: MAILER-DAEMON@example.net\nSubject: Undelivered Mail\nMIME-Version: 1.0\n"
            "Content-Type: %s\n\n%s--outer--\n" % (outer, lines)).encode()


REPORT = ("Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nx\n"
          "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; example.net\n\n"
          "Final-Recipient: rfc822; a@example.org\nAction: failed\nStatus: 5.1.1\n\n--b--")


def test_signed_and_encrypted_mail_needs_no_cryptography(t):
    signature = "Content-Type: application/%s-signature\n\nabc"
    signed = 'multipart/signed; boundary=outer; micalg=sha-256; protocol="application/%s-signature"'
    for kind in ("pgp", "pkcs7"):
        report = explain_json(t, "-", data=wrapped(signed % kind, REPORT, signature % kind))
        assert [one["recipient"] for one in report["recipients"]] == ["a@example.org"], report
    encrypted = wrapped('multipart/encrypted; boundary=outer; protocol="application/pgp-encrypted"',
                        "Content-Type: application/pgp-encrypted\n\nVersion: 1",
                        "Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\nabc")
    wrapper = wrapped("application/pkcs7-mime; smime-type=signed-data", "TUlJ")
    for mail in (encrypted, wrapper):
        assert explain_json(t, "-", data=mail, status=1)["type"] == "not-a-bounce", mail


def test_version_names_the_libraries_that_are_inside(t):
    lines = t.dragoman("--version").stdout.decode().splitlines()
    shared = subprocess.run(["ldd", DRAGOMAN], capture_output=True, check=True, timeout=30).stdout.decode()
    assert re.fullmatch(r"dragoman \d+\.\d+\S*", lines[0]), lines
    if "libgmime" in shared:
        assert len(lines) == 1, lines
    else:
        assert re.fullmatch(r"with GMime [\d.]+, GLib [\d.]+, PCRE2 [\d.]+ inside", lines[1]), lines
        for library in ("libglib", "libgio", "libgpgme", "libpcre2"):
            assert library not in shared, shared


def test_a_message_behind_blank_lines_is_a_message(t):
    mail = (b"Return-Path: <>\nReceived: by mail.example.net\n with SMTP\n"
            b"From: MAILER-DAEMON@example.net\nTo: b@example.org\nSubject: failure notice\n\n"
            b"<a@example.net>:\n550 5.1.1 nobody\n")
    for blank in (b"\n", b"   \n", b"\r\n \t \r\n", b"\n\nFrom MAILER-DAEMON Tue Mar  3 10:00:00 2026\n"):
        report = explain_json(t, "-", data=blank + mail)
        assert report["input"] == "bounce", (blank, report)
        assert [one["recipient"] for one in report["recipients"]] == ["a@example.net"], report
    for reply in (b"\n550 5.1.1 nobody\n", b"\nError: 550 5.1.1 nobody\n", b" \n\n550-5.1.1 a\n550 5.1.1 b\n"):
        report = explain_json(t, "-", data=reply)
        assert report["input"] == "reply" and report["enhanced"] == "5.1.1", (reply, report)


def test_a_bounce_that_names_nobody_says_so(t):
    mail = (b"Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nTo: b@example.org\n"
            b"Subject: Returned mail\n\nMessage not delivered to the following:\n\n  bora    no such user\n")
    report = explain_json(t, "-", data=mail, status=1)
    assert report["type"] == "bounce" and report["recipients"] == [], report
    assert "does not tell for which address" in explain(t, "--lang", "en", "-", data=mail, status=1)


def test_what_is_no_bounce_is_not_explained(t):
    mail = b"From: a@example.net\nTo: b@example.org\nSubject: lunch\n\nAt noon?\n"
    report = explain_json(t, "-", data=mail, status=1)
    assert report["type"] == "not-a-bounce" and report["recipients"] == [], report


def test_a_folder_gives_one_object_for_each_message(t):
    out = explain(t, "--json", BOUNCES)
    reports = [json.loads(line) for line in out.splitlines()]
    mails = [name for name in os.listdir(BOUNCES) if name.endswith(".eml")]
    assert len([r for r in reports if r.get("file", "").endswith(".eml")]) == len(mails), len(reports)


def test_what_cannot_be_read_is_named_with_the_reason(t):
    folder = os.path.join(t.dir, "Maildir\x1b[2J")
    os.mkdir(folder)
    missing = t.dragoman("explain", BOUNCES, os.path.join(folder, "gone"))
    assert missing.returncode == 0 and b"gone: No such file" in missing.stderr, missing
    os.chmod(folder, 0)
    try:
        closed = subprocess.run(["setpriv", "--bounding-set=-dac_override,-dac_read_search", DRAGOMAN, "explain", folder],
                                capture_output=True, check=False, timeout=30)
    finally:
        os.chmod(folder, 0o700)
    assert closed.returncode == 1 and b"Permission denied" in closed.stderr, closed
    assert b"\x1b" not in missing.stderr + closed.stderr, (missing, closed)


def test_nothing_of_a_message_reaches_the_terminal_raw(t):
    mail = (b"From: MAILER-DAEMON@example.net\nSubject: Undelivered Mail\n"
            b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
            b"--b\n\nx\n--b\nContent-Type: message/delivery-status\n\n"
            b"Reporting-MTA: dns; example.net\n\nFinal-Recipient: rfc822; a\x1b[31m@example.org\n"
            b"Action: failed\nStatus: 5.1.1\n"
            b"Diagnostic-Code: smtp; 550 5.1.1 \x1b]0;evil\x07 no \xc2\x9b31m such user\n\n--b--\n")
    run = t.dragoman("explain", "-", input=mail)
    assert b"\x1b" not in run.stdout and b"\x07" not in run.stdout, run.stdout
    assert b"\xc2\x9b" not in run.stdout, run.stdout


def test_usage(t):
    explain(t, status=2)
    explain(t, "--nonsense", status=2)
    explain(t, "--lang", "xx", "550", status=1)
    refused = t.dragoman("explain", "--lang", "xx", "550").stderr.decode()
    assert refused.count("no code book") == 1 and "de, en, tr" in refused, refused


def damaged(mail, seed):
    """The mail cut, with bits flipped, with other line ends, and on one line."""
    chance = random.Random(seed)
    yield mail[:chance.randrange(len(mail))]
    flipped = bytearray(mail)
    for _ in range(20):
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    yield bytes(flipped)
    unix = mail.replace(b"\r\n", b"\n")
    yield unix.replace(b"\n", b"\r\n")
    yield unix.replace(b"\n", b"\r")
    yield unix.replace(b"\n", b" ")
    yield unix.replace(b"e", b"\0")


def test_damaged_messages_are_survived(t):
    folder = os.path.join(t.dir, "damaged")
    os.mkdir(folder)
    count = 0
    for seed, name in enumerate(sorted(os.listdir(BOUNCES))):
        if not name.endswith(".eml"):
            continue
        with open(os.path.join(BOUNCES, name), "rb") as file:
            mail = file.read()
        for variant in damaged(mail, seed):
            count += 1
            with open(os.path.join(folder, "%04d" % count), "wb") as file:
                file.write(variant)
    run = t.dragoman("explain", "--json", folder)
    assert run.returncode == 0, run
    assert len([json.loads(line) for line in run.stdout.splitlines()]) == count


def test_huge_and_nested_messages_are_bounded(t):
    with open(os.path.join(BOUNCES, "dsn-postfix.eml"), "rb") as file:
        mail = file.read()
    huge = os.path.join(t.dir, "huge.eml")
    with open(huge, "wb") as file:
        file.write(mail)
        for _ in range(650):
            file.write((b"y" * 76 + b"\n") * 1000)
    assert explain_json(t, huge)["recipients"]
    bomb = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i)
                    for i in range(20000))
    run = t.dragoman("explain", "--json", "-", input=b"From: a@example.net\n" + bomb)
    assert run.returncode in (0, 1), run
    many = b"\n".join(b"Final-Recipient: rfc822; u%d@example.org\nAction: failed\nStatus: 5.1.1\n"
                      % i for i in range(100000))
    report = explain_json(t, "-", data=b"From: MAILER-DAEMON@example.net\nMIME-Version: 1.0\n"
                          b"Content-Type: multipart/report; report-type=delivery-status; "
                          b"boundary=b\n\n--b\n\nx\n--b\nContent-Type: message/delivery-status\n\n"
                          b"Reporting-MTA: dns; example.net\n\n" + many + b"\n--b--\n")
    assert 0 < len(report["recipients"]) <= 1000, len(report["recipients"])
