"""What the sender gets in the end: the bounce that a real Postfix makes of our refusals."""

import email
import email.policy
import re

from dialogue import SITE


def refused_by_all(t, policy, *servers_and_recipients):
    daemon = t.daemon(SITE + policy)
    for server in servers_and_recipients:
        bounce = email.message_from_bytes(t.bounce_for(server, server.address()), policy=email.policy.SMTP)
        yield server, daemon, bounce
    daemon.stop()


def parts(bounce):
    """The text for people and the report for programs, each on one line."""
    text, status, *_ = bounce.iter_parts()
    assert text.get_content_type() == "text/plain" and status.get_content_type() == "message/delivery-status"
    report = re.sub(r"\r?\n[ \t]+", " ", status.as_string())
    return " ".join(text.get_content().split()), " ".join(report.split())


SAYS = {
    "rcpt": ('rule "nobody" { stage = rcpt  reject = mailbox-unknown }\n', "550 5.1.1", "5.1.1",
             ("There is no mailbox", "Bu sunucuda")),
    "eom": ('rule "content" { stage = eom  reject = content-rejected }\n', "554 5.6.0", "5.6.0", ("content", "icerig")),
}


def language_lines(t, daemon, server, *options):
    """The lines that dragoman says, from try."""
    done = t.dragoman("try", "-c", daemon.config, "--host", server.host, "--rcpt", server.address(),
                      "--from", "sender@origin.test", "--header", "Subject: hello", *options)
    assert done.returncode == 0, done.stderr
    lines = [line[3:] for line in done.stdout.decode().splitlines() if re.match(r"S: [45]\d\d", line)]
    return lines[:[line.endswith("]") for line in lines].index(True) + 1]


def test_a_bounce_holds_both_languages_the_url_and_the_ref(t):
    for stage, (policy, pair, status, _) in SAYS.items():
        for server, daemon, bounce in refused_by_all(t, policy, t.postfix, t.sendmail):
            text, report = parts(bounce)
            assert bounce["Subject"] == "Undelivered Mail Returned to Sender"
            assert "Status: " + status in report and "Action: failed" in report, report
            ref = re.search(r"\[ref ([0-9A-Z]{4}-[0-9A-Z]{4})\]", text).group(1)
            reason = "mailbox-unknown" if stage == "rcpt" else "content-rejected"
            assert "https://help.example/en/%s?ref=%s [ref %s]" % (reason, ref, ref) in text, text
            assert "ref=" + ref in daemon.log(until=ref), "the ref finds the log line"
            lines = language_lines(t, daemon, server)
            assert len(lines) >= 5, lines
            for line in lines[:-1]:  # every line of ours, in both languages, is in the bounce; the codes too
                words = " ".join(line.split()[1:])
                assert words in text and words in report, (stage, server.kind, words, text)
            assert lines[-1].split(" - ")[0].split(None, 2)[2] in text
            assert pair.replace(" ", "-") in text and pair in text, text
            assert text.isascii() and report.isascii()


def test_what_is_refused_at_data_bounces_the_same(t):
    for server, daemon, bounce in refused_by_all(t, 'rule "r" { stage = data  reject = site-policy }\n',
                                                 t.postfix, t.sendmail):
        text, report = parts(bounce)
        assert "Status: 5.7.1" in report and "(in reply to DATA command)" in text
        assert "The policy of this server does not allow this." in text
        assert "Bu sunucunun ilkeleri buna izin vermiyor." in text
        assert re.search(r"https://help\.example/en/site-policy\?ref=(\S+) \[ref \1\]", text), text
