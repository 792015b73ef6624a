"""`dragoman try --via HOOK`: what it prints is what reaches the client of a real Postfix."""

from dialogue import REF, SITE, TEXT, Message, foretold, normal, play, show
from harness import Listen

RULES = SITE + """
rule "gone"   { stage = rcpt  reject = mailbox-unknown  if { recipient = { "gone@pf.test" } } }
rule "sender" { stage = mail  reject = sender-domain-unknown  if { sender = { "*@nowhere.example", "a@nowhere.example" } } }
rule "data"   { stage = data  defer = server-busy  if { sender = { "data@client.example" } } }
rule "eom"    { stage = eom   reject = message-too-big  with = { "limit=2 kB" }
                if { sender = { "eom@client.example" }  size = { ">10" } } }
"""
POLICY = """
smtpd_recipient_restrictions = check_policy_service { %(policy)s, default_action=DUNNO }, reject_unauth_destination
smtpd_data_restrictions = check_policy_service { %(policy)s, default_action=DUNNO }
smtpd_end_of_data_restrictions = check_policy_service { %(policy)s, default_action=DUNNO }
"""
MAPS = {"policy": "", "footer": "smtpd_reject_footer_maps = socketmap:%(maps)s:footer\n",
        "reply": "smtpd_reject_filter_maps = socketmap:%(maps)s:reply\n"}
SESSIONS = [
    ["EHLO c.example", "MAIL FROM:<b@client.example>", "RCPT TO:<gone@pf.test>", "RCPT TO:<user@pf.test>", TEXT, "QUIT"],
    ["EHLO c.example", "MAIL FROM:<a@nowhere.example>", "RCPT TO:<user@pf.test>", "NOOP", "QUIT"],
    ["EHLO c.example", "MAIL FROM:<data@client.example>", "RCPT TO:<user@pf.test>", "DATA", "QUIT"],
    ["EHLO c.example", "MAIL FROM:<eom@client.example>", "RCPT TO:<user@pf.test>",
     Message("Subject: hello\r\n\r\nlonger than ten\r\n"), "QUIT"],
    ["EHLO c.example", "RCPT TO:<user@pf.test>", "DATA", "MAIL FROM:<b@client.example>", "MAIL FROM:<b@client.example>",
     "DATA", "NONSENSE", "QUIT"],
]


def daemon_of(t):
    return t.daemon(RULES, listen=None, also=[Listen("policy"), Listen("socketmap")])


def refusals_agree(t, daemon, server, said, *options):
    """Both refuse with the same lines; what a release greets and offers with is its own."""
    real, tried = ([line for line in show(normal(lines)) if line.startswith(("C:", "S: 4", "S: 5"))]
                   for lines in (said, foretold(t, daemon, server, said, *options)))
    assert real == tried, "%s\n\nreal:\n%s\n\ntry:\n%s" % (options, "\n".join(real), "\n".join(tried))
    return real


def compare(t, hook, release="3.7"):
    daemon = daemon_of(t)
    addresses = {"policy": daemon.listens[0].postfix, "maps": daemon.listens[1].postfix}
    server = t.start_postfix((POLICY + MAPS[hook]) % addresses, release=release)
    for steps in SESSIONS:
        real = refusals_agree(t, daemon, server, play(server, steps), "--via", hook)
        assert sum(line.startswith(("S: 4", "S: 5")) for line in real) > 0, real


def test_policy(t):
    compare(t, "policy")


def test_footer(t):
    compare(t, "footer")


def test_reply(t):
    compare(t, "reply", "3.11")


def test_what_postfix_itself_refuses(t):
    """With --refusal the server's own words go through the map."""
    daemon = daemon_of(t)
    server = t.start_postfix(MAPS["footer"] % {"maps": daemon.listens[1].postfix})
    own = "550 5.1.1 <nobody@pf.test>: Recipient address rejected: User unknown in local recipient table"
    said = play(server, ["EHLO c.example", "MAIL FROM:<b@client.example>", "RCPT TO:<nobody@pf.test>", "QUIT"])
    real = refusals_agree(t, daemon, server, said, "--via", "footer", "--refusal", own)
    assert real[-2].endswith("[ref %s]" % REF) and len(real) > 5, real
