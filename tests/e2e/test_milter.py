"""dragomand between a client and a real Postfix and Sendmail: what the client reads is what `dragoman try` says."""

import os
import re

from dialogue import SITE, TEXT, Message, agrees, play, ref_of, replies, show
from harness import eventually
from smtp_client import code

STAGES = ("connect", "helo", "mail", "rcpt", "data", "header", "eoh", "body", "eom", "unknown")
VERBS = {"reject": "site-policy", "defer": "site-policy", "accept": "yes", "discard": "yes", "hold": "yes"}


def rule(stage, verb, reason=None, more="", name="the rule"):
    return 'rule "%s" { stage = %s  %s = %s  %s }\n' % (name, stage, verb, reason or VERBS[verb], more)


def servers(t):
    return t.postfix, t.sendmail


# --- every stage, every verb --------------------------------------------------------------------

def whole_session(server):
    """Two messages with two recipients each, and what else a client may say."""
    return [
        "NOOP", "EHLO client.example", "FOO bar",
        "MAIL FROM:<sender@client.example>", "RCPT TO:<%s>" % server.address(),
        "RCPT TO:<%s>" % server.address("ayse"), TEXT, "RSET",
        "MAIL FROM:<second@client.example>", "RCPT TO:<%s>" % server.address(), TEXT,
        "VRFY user" if server.kind == "postfix" else "NOOP", "QUIT"]


# The code pair of site-policy, by stage and verb; what is decided at connect is said at HELO.
PAIRS = {
    "reject": {"connect": "550 5.7.1", "data": "554 5.7.1", "unknown": "502 5.7.1", None: "550 5.7.1"},
    "defer": {"connect": "421 4.7.1", "helo": "421 4.7.1", "rcpt": "450 4.7.1", "unknown": "421 4.7.1",
              None: "451 4.7.1"},
}


def refuses_everywhere(t, verb):
    for stage in STAGES:
        daemon = t.daemon(SITE + rule(stage, verb))
        pair = PAIRS[verb].get(stage, PAIRS[verb][None])
        for server in servers(t):
            said = play(server, whole_session(server))
            agrees(t, daemon, server, said, what="%s at %s" % (verb, stage))
            refused = [r for r in replies(said) if r[-1].endswith("]")]
            assert refused, show(said)
            for reply in refused:
                assert len(reply) >= 5, reply
                basic, enhanced = pair.split()
                assert all(line.startswith("%s-%s " % (basic, enhanced)) for line in reply[:-1]), reply
                assert reply[-1].startswith(pair + " "), reply
                assert all(len(line) <= 510 and line.isascii() for line in reply), reply
            assert not any("queued as" in line or "accepted for delivery" in line for _, line in said) or \
                stage == "unknown", show(said)
            for ref in ref_of(said):
                line = next(x for x in daemon.log(until=ref).splitlines() if ref in x)
                assert "reason=site-policy" in line and 'code="%s"' % pair in line, line
        daemon.stop()


def test_reject_at_every_stage(t):
    refuses_everywhere(t, "reject")


def test_defer_at_every_stage(t):
    refuses_everywhere(t, "defer")


# --- accept, discard and hold: what becomes of the message ----------------------------------------

def queue_id(reply):
    """Of the reply to the final dot."""
    found = re.match(r"250 2\.0\.0 (?:Ok: queued as (\w+)|(\w+) Message accepted for delivery)$", reply[-1])
    assert found, reply
    return found.group(1) or found.group(2)


def fate(server, said):
    """What became of the last message: "delivered", "discarded" or "held"."""
    return (fate_at_postfix if server.kind == "postfix" else fate_at_sendmail)(
        server, queue_id([r for r in replies(said) if code(r[-1].encode()) == 250 and " 2.0.0 " in r[-1]
                          and ("queued as" in r[-1] or "accepted for" in r[-1])][-1]))


def fate_at_postfix(server, number):
    def known():
        log = server.log()
        if re.search(r"\b(NOQUEUE|%s): milter-discard:" % number, log):
            assert "disconnect from" in server.log(until="disconnect from")
            assert "%s: to=" % number not in server.log()
            return "discarded"
        if os.path.exists(os.path.join(server.dir, "queue", "hold", number)):
            assert "%s: milter-hold:" % number in server.log(until="%s: milter-hold:" % number)
            return "held"
        if re.search(r"\b%s: to=.*status=sent" % number, log):
            return "delivered"
        return None
    return eventually(known)


def fate_at_sendmail(server, number):
    def known():
        log = server.log()
        if re.search(r"\b%s: (Milter: .*discard|.*\bdiscarded\b)" % number, log):
            return "discarded"
        if os.path.exists(os.path.join(server.dir, "queue", "hf" + number)):
            assert "quarantine=dragoman: " in server.log(until="quarantine=dragoman: ")
            return "held"
        # behind a held message of the same session Sendmail only queues
        if re.search(r"\b%s: to=.*stat=Sent" % number, log) or \
                os.path.exists(os.path.join(server.dir, "queue", "qf" + number)):
            return "delivered"
        return None
    return eventually(known)


def one_message(server, helo="client.example", sender="sender@client.example"):
    return ["EHLO " + helo, "MAIL FROM:<%s>" % sender, "RCPT TO:<%s>" % server.address(), TEXT, "QUIT"]


def lets_pass_everywhere(t, verb, expected, logged):
    for stage in STAGES[:-1]:
        # the same rule that refuses everywhere else must not be asked: accept ends the policy
        last = rule("eom", "reject", name="the last") if verb == "accept" else ""
        fact = "client-ip" if stage == "connect" else "helo"
        matches = 'if { %s = { "%s" } }' % (fact, "127.0.0.1" if stage == "connect" else "client.example")
        daemon = t.daemon(SITE + rule(stage, verb, more=matches) + last)
        for server in servers(t):
            where = "%s at %s on %s" % (verb, stage, server.kind)
            server.forget()
            said = play(server, one_message(server))
            agrees(t, daemon, server, said, what=where)
            assert fate(server, said) == expected, (where, fate(server, said), show(said))
            if stage != "connect":
                server.forget()
                said = play(server, one_message(server, helo="other.example"))
                agrees(t, daemon, server, said, what=where + ", not matched")
                if last:
                    assert replies(said)[-2][-1].startswith("550 5.7.1 "), (where, show(said))
                else:
                    assert fate(server, said) == "delivered", (where, show(said))
        text = daemon.log()
        assert text.count("verb=" + verb) == (len(servers(t)) if logged else 0), text
        daemon.stop()


def test_accept_at_every_stage(t):
    lets_pass_everywhere(t, "accept", "delivered", logged=False)


def test_discard_at_every_stage(t):
    lets_pass_everywhere(t, "discard", "discarded", logged=True)


def test_hold_at_every_stage(t):
    lets_pass_everywhere(t, "hold", "held", logged=True)


def test_an_unknown_command_can_only_be_refused(t):
    for verb in ("accept", "discard", "hold"):
        policy = os.path.join(t.dir, "policy.conf")
        with open(policy, "w", encoding="utf-8") as f:
            f.write("\n\n" + rule("unknown", verb, name="no"))
        done = t.dragoman("check", policy)
        complaint = '%s:3: error: rule "no" cannot %s an unknown command; write reject or defer' % (policy, verb)
        assert done.returncode == 1 and complaint in (done.stdout + done.stderr).decode(), done


# --- courses of a session -----------------------------------------------------------------------------

def both(t, policy, steps, *options, only=("postfix", "sendmail")):
    """Plays the steps (a function of the server) with both; agrees with try; the replies by kind of server."""
    daemon = t.daemon(SITE + policy)
    out = {}
    for server in servers(t):
        if server.kind in only:
            said = play(server, steps(server))
            agrees(t, daemon, server, said, *options)
            out[server.kind] = replies(said)
    out["log"] = daemon.log()
    daemon.stop()
    return out


def codes(all_replies):
    return [int(r[-1][:3]) for r in all_replies]


def mail(sender="sender@client.example"):
    return "MAIL FROM:<%s>" % sender


def rcpt(server, local="user"):
    return "RCPT TO:<%s>" % server.address(local)


EHLO = "EHLO client.example"


def test_decided_at_connect_without_a_helo(t):
    for verb in ("reject", "defer"):
        out = both(t, rule("connect", verb), lambda s: [mail(), rcpt(s), "DATA", "RSET", mail(), EHLO, mail(), "QUIT"])
        for kind in ("postfix", "sendmail"):
            expected = "550-5.7.1" if verb == "reject" else "451-4.7.1"
            assert out[kind][1][0].startswith(expected), out[kind]
            # a refusal at MAIL leaves the session as it was: the second MAIL is asked again
            assert out[kind][5][0].startswith(expected), out[kind]


def test_decided_at_connect_and_several_ehlo(t):
    out = both(t, rule("connect", "reject"),
               lambda s: [EHLO, "EHLO other.example", "NOOP", mail(), "HELO third.example", "RSET", mail(), rcpt(s),
                          "DATA", "FOO", "QUIT"])
    assert out["log"].count("ref=") == 2, out["log"]  # said once to each MTA, which repeat it


def test_a_later_ehlo_is_refused(t):
    matches = 'if { helo = { "bad.example" } }'
    steps = lambda s: [EHLO, mail(), rcpt(s), TEXT, "EHLO bad.example", "NOOP", mail(), rcpt(s),  # noqa: E731
                       EHLO, mail(), "QUIT"]
    out = both(t, rule("helo", "reject", more=matches), steps)
    for kind in ("postfix", "sendmail"):
        assert codes(out[kind])[:7] == [220, 250, 250, 250, 354, 250, 250], out[kind]
        assert out[kind][8][0].startswith("550-5.7.1"), out[kind]
        assert out[kind][11][0].startswith("550-5.7.1"), out[kind]
    both(t, rule("helo", "defer", more=matches), steps)


def test_helo_refused_with_a_code_that_does_not_close(t):
    for code_pair, verb in (("550 5.7.1", "reject"), ("504 5.5.4", "reject")):
        both(t, rule("helo", verb, more='code = "%s"' % code_pair),
             lambda s: ["HELO client.example", mail(), rcpt(s), "DATA", "VRFY user", "FOO bar", EHLO, mail(), "NOOP",
                        "RSET", "QUIT"])


def test_421_closes_at_every_stage(t):
    for stage in STAGES:
        out = both(t, rule(stage, "defer", "server-maintenance"), whole_session)
        for kind in ("postfix", "sendmail"):
            assert codes(out[kind])[-1] == 421, (stage, out[kind])


def test_one_recipient_of_several_is_refused(t):
    out = both(t, rule("rcpt", "reject", "mailbox-unknown", 'if { recipient = { "~^ayse@" } }'), lambda s: [
        EHLO, mail(), rcpt(s), rcpt(s, "ayse"), rcpt(s, "postmaster"), TEXT,
        mail("again@client.example"), rcpt(s, "ayse"), "DATA", rcpt(s, "ayse"), rcpt(s), TEXT, "QUIT"])
    for kind in ("postfix", "sendmail"):
        assert codes(out[kind]) == [220, 250, 250, 250, 550, 250, 354, 250,
                                    250, 550, 554 if kind == "postfix" else 503, 550, 250, 354, 250, 221], out[kind]
    for line in (x for x in out["log"].splitlines() if "ref=" in x):
        assert " to=ayse@" in line and " recipients=" not in line, line


def test_refused_recipients_are_not_among_the_recipients_later(t):
    out = both(t, rule("rcpt", "reject", "mailbox-unknown", 'if { recipient = { "~^ayse@" } }', "one") +
               rule("eom", "reject", more='if { recipient = { "~^ayse@" } }', name="two") +
               rule("eom", "reject", more='if { recipient-count = { ">1" } }', name="three"),
               lambda s: [EHLO, mail(), rcpt(s, "ayse"), rcpt(s), rcpt(s, "ayse"), TEXT, "QUIT"])
    for kind in ("postfix", "sendmail"):
        assert codes(out[kind])[-2] == 250, out[kind]


def test_refused_at_data_then_rset_and_another_message(t):
    """Without RSET it is the same message still, for both MTAs; but libmilter answers nothing but an abort then, so
    that a client which goes on with RCPT or DATA waits for the MTA's milter timeout. No real one does."""
    out = both(t, rule("data", "reject", more='if { sender = { "bad@client.example" } }'), lambda s: [
        EHLO, mail("bad@client.example"), rcpt(s), TEXT, mail(), "NOOP", "RSET",
        mail(), rcpt(s), TEXT, mail("bad@client.example"), rcpt(s), TEXT, "RSET", mail(), rcpt(s), TEXT, "QUIT"])
    for kind in ("postfix", "sendmail"):
        assert codes(out[kind]) == [220, 250, 250, 250, 554, 503, 250, 250, 250, 250, 354, 250,
                                    250, 250, 554, 250, 250, 250, 354, 250, 221], out[kind]


def test_a_refusal_does_not_leak_into_the_next_message(t):
    for stage in STAGES[2:-1]:
        for verb in ("reject", "defer"):
            out = both(t, rule(stage, verb, more='if { sender = { "bad@client.example" } }'), lambda s: [
                EHLO, mail("bad@client.example"), rcpt(s), TEXT, "RSET", mail(), rcpt(s), TEXT,
                mail("bad@client.example"), rcpt(s), TEXT, "RSET", mail(), rcpt(s), TEXT, "QUIT"])
            for kind in ("postfix", "sendmail"):
                assert codes(out[kind]).count(354) == (2 if stage in ("mail", "rcpt", "data") else 4), out[kind]
                assert sum("queued as" in r[-1] or "accepted for" in r[-1] for r in out[kind]) == 2, (stage, out[kind])


def test_neither_do_accept_discard_and_hold(t):
    for stage in STAGES[2:-1]:
        for verb, expected in (("accept", "delivered"), ("discard", "discarded"), ("hold", "held")):
            last = rule("eom", "reject", name="the last") if verb == "accept" else ""
            daemon = t.daemon(SITE + rule(stage, verb, more='if { sender = { "special@client.example" } }') + last)
            for server in servers(t):
                server.forget()
                said = play(server, [EHLO, mail("special@client.example"), rcpt(server), TEXT, mail(), rcpt(server),
                                     TEXT, "QUIT"])
                agrees(t, daemon, server, said, what="%s at %s" % (verb, stage))
                ends = replies(said)[5], replies(said)[9]
                if last:
                    assert ends[1][0].startswith("550-5.7.1"), (stage, show(said))
                elif verb == "hold" or server.kind == "sendmail":
                    find = fate_at_postfix if server.kind == "postfix" else fate_at_sendmail
                    assert find(server, queue_id(ends[0])) == expected, (verb, stage, server.kind)
                    assert find(server, queue_id(ends[1])) == "delivered", (verb, stage, server.kind)
                else:
                    assert "%s: to=" % queue_id(ends[1]) in server.log(until="%s: to=" % queue_id(ends[1]))
                    assert "%s: to=" % queue_id(ends[0]) not in server.log()
            daemon.stop()


def test_what_was_decided_at_connect_or_helo_holds_for_every_message(t):
    for stage in ("connect", "helo"):
        daemon = t.daemon(SITE + rule(stage, "hold"))
        for server in servers(t):
            said = play(server, [EHLO, mail(), rcpt(server), TEXT, mail(), rcpt(server), TEXT, "QUIT"])
            find = fate_at_postfix if server.kind == "postfix" else fate_at_sendmail
            for end in (replies(said)[5], replies(said)[9]):
                assert find(server, queue_id(end)) == "held", (stage, server.kind)
        daemon.stop()


# --- what stands in the reply --------------------------------------------------------------------------

def test_sendmail_names_the_address_as_the_client_wrote_it(t):
    long_one = "<%s@client.example>" % ("x" * 220)
    senders = ["<>", " <a@client.example>", "<a@client.example> SIZE=5 BODY=8BITMIME", "a@client.example",
               '<"refuse me"@client.example>', "< a@client.example >", long_one]
    recipients = ["<User@SM.test>", " <user@sm.test>", "user@sm.test", "<@h.test,@i.test:user@sm.test>",
                  '<"user"@sm.test>', "< user@sm.test >", "<user>", "<postmaster>", "<user@[127.0.0.1]>",
                  "<user@sm.test.>", "<user@sm.test> NOTIFY=NEVER", "<user@sm.test>NOTIFY=NEVER"]
    for code_pair, verb in (("550 5.7.1", "reject"), ("450 4.7.1", "defer"), ("553 5.7.1", "reject"),
                            ("554 5.7.1", "reject"), ("451 4.7.1", "defer")):
        prefixed = code_pair[:3] in ("450", "550", "553")
        out = both(t, rule("mail", verb, more='code = "%s"' % code_pair),
                   lambda s: [EHLO] + ["MAIL FROM:" + x for x in senders] + ["QUIT"], only=("sendmail",))
        for sender, reply in zip(senders, out["sendmail"][2:]):
            assert reply[0].startswith(code_pair.replace(" ", "-")) and ("... " in reply[0]) == prefixed, reply
        out = both(t, rule("rcpt", verb, more='code = "%s"' % code_pair),
                   lambda s: [EHLO, mail()] + ["RCPT TO:" + x for x in recipients] + ["QUIT"], only=("sendmail",))
        for recipient, reply in zip(recipients, out["sendmail"][3:]):
            assert reply[0].startswith(code_pair.replace(" ", "-")) and ("... " in reply[0]) == prefixed, reply


def test_the_long_address_is_cut_in_the_middle(t):
    for length in (184, 185, 186, 187, 230):  # with brackets and domain 17 more: 202 octets are shown whole
        both(t, rule("mail", "reject"),
             lambda s: [EHLO, "MAIL FROM:<%s@client.example>" % ("x" * length), "QUIT"])


def test_postfix_adds_no_address(t):
    for address in ("<>", "<a@client.example> SIZE=5", "< a@client.example >", '<"refuse me"@client.example>'):
        both(t, rule("mail", "reject"), lambda s: [EHLO, "MAIL FROM:" + address, "QUIT"], only=("postfix",))


def test_utf8_replies_where_mail_carried_smtputf8(t):
    policy = "utf8-replies = yes\n" + rule("rcpt", "reject", "mailbox-unknown") + rule("unknown", "reject", name="b")
    out = both(t, policy, lambda s: [
        EHLO, mail() + " SMTPUTF8", rcpt(s), "RSET", mail(), rcpt(s), "RSET",
        "MAIL FROM:<g\u00f6nderen@client.example> SMTPUTF8", rcpt(s), "QUIT"],
        only=("postfix",))
    utf8, plain = out["postfix"][3], out["postfix"][6]
    assert any(not line.isascii() for line in utf8) and all(line.isascii() for line in plain), (utf8, plain)
    # without the switch everything is ASCII, and on Sendmail nothing else can be
    out = both(t, rule("rcpt", "reject", "mailbox-unknown"), lambda s: [EHLO, mail() + " SMTPUTF8", rcpt(s), "QUIT"],
               only=("postfix",))
    assert all(line.isascii() for line in out["postfix"][3]), out
    out = both(t, policy, lambda s: [EHLO, mail(), rcpt(s), "QUIT"], only=("sendmail",))
    assert all(line.isascii() for line in out["sendmail"][3]), out


def test_utf8_at_the_end_of_the_message(t):
    out = both(t, "utf8-replies = yes\n" + rule("eom", "reject", "message-too-big", 'with = { "limit=\u00dc-1" }'),
               lambda s: [EHLO, mail() + " SMTPUTF8", rcpt(s), TEXT, "QUIT"], only=("postfix",))
    assert "\u00dc-1" in "\n".join(out["postfix"][5]), out


def test_parameters_of_the_rule_and_of_the_pattern(t):
    rules = (rule("mail", "reject", "message-too-big", 'if { sender = { "big@client.example" } }'
                  ' with = { "limit=25 MB" }', "one") +
             rule("eom", "reject", "attachment-refused", 'if { header:Subject = { "~buy (?<file_name>.*)$" } }', "two") +
             rule("eom", "reject", "attachment-refused", 'if { body = { "~EICAR" } }'
                  ' with = { "file-name=100% $x {y} %s" }', "three"))
    out = both(t, rules, lambda s: [
        EHLO, mail("big@client.example"), mail(), rcpt(s), Message("Subject: please buy it 50% off %s\r\n\r\nx\r\n"),
        mail(), rcpt(s), Message("Subject: x\r\n\r\nEICAR\r\n"), "QUIT"])
    for kind in ("postfix", "sendmail"):
        text = "\n".join(line for reply in out[kind] for line in reply)
        assert "25 MB" in text and "it 50% off %s" in text and "100% $x {y} %s" in text, text


def test_several_reasons_and_facts(t):
    """The facts that MTAs tell are those that `try` is told."""
    rules = (rule("rcpt", "reject", "sender-blocked", 'if { sender-domain = { "*.blocked.example" } }', "a") +
             rule("rcpt", "defer", "policy-deferral", 'if { sender = { "<>" } }', "b") +
             rule("rcpt", "reject", "message-too-big", 'if { declared-size = { ">1 MB" } }', "c") +
             rule("rcpt", "reject", more='if { mail-parameter:BODY = { "8BITMIME" } }', name="d") +
             rule("rcpt", "reject", more='if { rcpt-parameter:NOTIFY = { "NEVER" } }', name="e") +
             rule("eom", "reject", "content-rejected", 'if { size = { ">2 kB" } }', "f") +
             rule("eom", "reject", "header-malformed", 'if { header:X-Count = { "~^a\\s+b$" } }', "g") +
             rule("unknown", "reject", more='if { command = { "~^FOO" } }', name="h"))
    out = both(t, rules, lambda s: [
        EHLO, mail("x@a.blocked.example"), rcpt(s), "RSET", mail(""), rcpt(s), "RSET",
        mail() + " SIZE=2000000", rcpt(s), "RSET", mail() + " BODY=8BITMIME", rcpt(s), "RSET",
        mail() + " BODY=7BIT", rcpt(s) + " NOTIFY=NEVER", "FOO", "BAR", "RSET",
        mail(), rcpt(s), Message("Subject: x\r\n\r\n" + "0123456789\r\n" * 300), mail(), rcpt(s),
        Message("X-Count: a\r\n\tb\r\n\r\nx\r\n"), mail(), rcpt(s), TEXT, "QUIT"])
    for kind in ("postfix", "sendmail"):
        first = [r[0][:9] for r in out[kind] if r[-1].endswith("]")]
        assert first == ["550-5.7.1", "450-4.7.1", "552-5.3.4", "550-5.7.1", "550-5.7.1", "502-5.7.1",
                         "554-5.6.0", "550-5.6.0"], (kind, first)


def test_shadow_rules_only_log(t):
    for stage in STAGES:
        daemon = t.daemon(SITE + rule(stage, "reject", more="shadow = yes"))
        for server in servers(t):
            said = play(server, ["FOO bar"] + one_message(server))
            agrees(t, daemon, server, said, what="shadow at " + stage)
            assert queue_id(replies(said)[-2]), show(said)
        lines = [x for x in daemon.log().splitlines() if "shadow=yes" in x]
        # Postfix tells a milter three header fields more than the client has written
        assert len(lines) == 2 or stage == "header" and len(lines) > 2, lines
        assert all('rule="the rule"' in x and "verb=reject" in x and "stage=" + stage in x and
                   "reason=site-policy" in x and "client=" in x for x in lines), lines
        daemon.stop()


def test_a_shadow_does_not_end_the_policy(t):
    out = both(t, rule("rcpt", "accept", more="shadow = yes", name="a") + rule("rcpt", "reject", name="b"),
               lambda s: [EHLO, mail(), rcpt(s), "QUIT"])
    assert codes(out["postfix"]) == codes(out["sendmail"]) == [220, 250, 250, 550, 221]
    assert out["log"].count("shadow=yes") == 2 and out["log"].count("shadow=no") == 2


def test_three_languages_and_only_one(t):
    for languages in ('"de", "tr"', '"tr"', '"en", "tr", "de"'):
        daemon = t.daemon(SITE.replace('"en", "tr"', languages) + rule("rcpt", "reject", "mailbox-unknown"))
        for server in servers(t):
            said = play(server, [EHLO, mail(), rcpt(server), "QUIT"])
            agrees(t, daemon, server, said, what=languages)
            text = " ".join(replies(said)[3])
            for tag, words in (("en", "does not exist"), ("tr", "posta kutusu"), ("de", "Postfach")):
                assert (words in text) == ('"%s"' % tag in languages), (languages, tag, text)
        daemon.stop()


def test_a_recipient_that_the_mta_has_refused_is_left_alone(t):
    """Also where the policy wants to know of them: nothing is said of it, and it is counted."""
    policy = SITE + rule("rcpt", "discard", more='if { recipient = { "~^nosuch@" } }', name="a") + \
        rule("rcpt", "reject", more='if { refused-recipients = { ">1" } }', name="b")
    daemon = t.daemon(policy)
    for server in servers(t):
        with server.client() as c:
            c.cmd(EHLO), c.cmd(mail())
            assert code(c.cmd(rcpt(server))) == 250
            assert b"nknown" in c.cmd(rcpt(server, "nosuch"))
            assert code(c.cmd(rcpt(server, "ayse"))) == 250
            assert b"nknown" in c.cmd(rcpt(server, "nosuch"))
            refused = c.cmd(rcpt(server, "ayse"))
            assert refused.startswith(b"550-5.7.1 "), refused
            assert code(c.message()[1]) == 250
    assert "rule=a" not in daemon.log() and daemon.log().count("rule=b") == 2


def test_an_unknown_command_within_a_message(t):
    """It is refused, and the message goes on (libmilter is particular about what may follow)."""
    for more in ("", rule("eom", "reject", more='if { header:Subject = { "hello" } }', name="b")):
        out = both(t, rule("unknown", "reject", name="a") + more, lambda s: [
            EHLO, "FOO", mail(), "FOO", rcpt(s), "FOO bar", "BAR", rcpt(s, "ayse"), "FOO", TEXT, "FOO", mail(), rcpt(s),
            "FOO", TEXT, "QUIT"])
        for kind in ("postfix", "sendmail"):
            assert codes(out[kind]) == [220, 250, 502, 250, 502, 250, 502, 502, 250, 502, 354, 550 if more else 250,
                                        # Sendmail does not ask between a message and the next
                                        502 if kind == "postfix" else 500,
                                        250, 250, 502, 354, 550 if more else 250, 221], out[kind]
