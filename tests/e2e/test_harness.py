"""The harness itself: both servers show what a milter says, and nothing else is needed for it."""

from raw_milter import reply
from smtp_client import code, lines

THREE = ("550-5.1.1 There is no mailbox of that name here.",
         "550-5.1.1 Bu adda bir posta kutusu burada yok.",
         "550 5.1.1 No such mailbox / Posta kutusu yok")


def refused_recipient(server):
    with server.client() as c:
        assert code(c.greeting) == 220, c.greeting
        assert code(c.cmd("EHLO client.example")) == 250
        assert code(c.cmd("MAIL FROM:<sender@client.example>")) == 250
        answer = c.cmd("RCPT TO:<%s>" % server.address())
        assert code(c.cmd("QUIT")) == 221
        return answer


def test_postfix_shows_three_lines(t):
    m = t.milter({"rcpt": reply(*THREE)})
    assert refused_recipient(t.postfix) == ("\r\n".join(THREE) + "\r\n").encode()
    assert m.stages()[:4] == ["connect", "helo", "mail", "rcpt"], m.stages()
    assert "milter-reject: RCPT" in t.postfix.log(until="milter-reject: RCPT")


def test_sendmail_shows_three_lines(t):
    t.milter({"rcpt": reply(*THREE)})
    first, *others = lines(refused_recipient(t.sendmail))
    assert first == b"550-5.1.1 <user@sm.test>... There is no mailbox of that name here.", first
    assert others == [line.encode() for line in THREE[1:]], others
    assert "reject=550-5.1.1" in t.sendmail.log(until="reject=550-5.1.1")


def test_accepted_mail_passes_both(t):
    t.milter()
    for server in (t.postfix, t.sendmail):
        with server.client() as c:
            answer = c.session(recipients=[server.address()])
            assert answer.startswith(b"250 2.0.0 "), answer


def test_own_servers_with_more_configuration(t):
    postfix = t.start_postfix("smtpd_helo_required = yes\n")
    with postfix.client() as c:
        assert c.cmd("MAIL FROM:<a@b.example>") == b"503 5.5.1 Error: send HELO/EHLO first\r\n"
    sendmail = t.start_sendmail("define(`confPRIVACY_FLAGS', `needmailhelo')dnl\n")
    with sendmail.client() as c:
        assert c.cmd("MAIL FROM:<a@b.example>") == b"503 5.0.0 Polite people say HELO first\r\n"


def test_bounce_of_a_real_sender(t):
    t.milter({"rcpt": reply(*THREE)})
    for server in (t.postfix, t.sendmail):
        bounce = t.bounce_for(server, server.address())
        assert b"Subject: Undelivered Mail Returned to Sender" in bounce
        assert b"Bu adda bir posta kutusu" in b" ".join(bounce.split()), bounce
