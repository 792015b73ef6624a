"""dragoman doctor: which hooks of a real Postfix and Sendmail are connected, and the lines it prescribes."""

import os
import re
import shutil

import harness

MILTER = "{ inet:127.0.0.1:8893, connect_timeout=5s, command_timeout=5s, content_timeout=30s, default_action=accept }"
DRAGOMAN = ('listen "milter" { socket = "inet:8893@127.0.0.1" }\n'
            'listen "socketmap" { socket = "inet:8894@127.0.0.1" }\n'
            'listen "policy" { socket = "inet:8895@127.0.0.1" }\n')
BELOW = ('listen "milter" { socket = "unix:/var/spool/postfix/dragoman/milter.sock" }\n'
         'listen "socketmap" { socket = "unix:/var/spool/postfix/dragoman/map.sock" }\n')
GOOD = ("smtpd_milters = %s\nnon_smtpd_milters = $smtpd_milters\ninternal_mail_filter_classes = bounce\n"
        "smtpd_reject_footer_maps = socketmap:inet:127.0.0.1:8894:footer\n"
        "smtp_delivery_status_filter = socketmap:inet:localhost:8894:delivery\n" % MILTER)
OVERRIDE = GOOD + "submission/inet/smtpd_milters = \n"
HEALTHY = (GOOD, OVERRIDE)


def doctor(t, *arguments, config=DRAGOMAN, text=None):
    """Exit status, {hook: state}, and all that was said."""
    path = os.path.join(t.dir, "dragoman.conf")
    with open(path, "w", encoding="utf-8") as f:
        f.write(config)
    more = ("-",) if text is not None else ()
    done = t.dragoman("doctor", "-c", path, *arguments, *more, input=(text or "").encode())
    said = done.stdout.decode() + done.stderr.decode()
    states = {name: state for state, name in
              re.findall(r"^(connected|unsafe|missing|not needed|too new) +(\S+)", said, re.M)}
    return done.returncode, states, said


# what stands in main.cf, the version, the hook, its state, words of the finding or None
POSTFIX = [
    (GOOD, "3.7", "smtpd_milters", "connected", None),
    (GOOD, "3.7", "smtpd_reject_filter_maps", "too new", None),
    (GOOD, "3.7", "rbl_reply_maps", "not needed", None),
    (GOOD, "3.7", "default_delivery_status_filter", "not needed", None),
    (GOOD, "3.11", "smtpd_reject_filter_maps", "missing", None),
    (GOOD, "3.3", "smtpd_reject_footer_maps", "too new", None),
    ("smtpd_milters = inet:localhost:8893\n", "3.7", "smtpd_milters", "unsafe", "Postfix takes tempfail"),
    ("smtpd_milters = inet:localhost:8893\n", "3.11", "smtpd_milters", "unsafe", "Postfix takes shutdown"),
    ("smtpd_milters = %s\n" % MILTER.replace("accept", "reject"), "3.7", "smtpd_milters", "unsafe",
     "Postfix takes reject"),
    ("smtpd_milters = %s\n" % MILTER.replace("accept", "tempfail"), "3.7", "smtpd_milters", "connected", None),
    ("non_smtpd_milters = %s\ninternal_mail_filter_classes = bounce\n" % MILTER.replace("accept", "tempfail"), "3.7",
     "non_smtpd_milters", "unsafe", "write default_action=accept"),
    ("non_smtpd_milters = %s\ninternal_mail_filter_classes = notify\n" % MILTER, "3.7", "non_smtpd_milters", "unsafe",
     "internal_mail_filter_classes = notify, bounce"),
    ("smtpd_milters = %s\n" % MILTER.replace("command_timeout=5s", "command_timeout=2m"), "3.7", "smtpd_milters",
     "unsafe", "for 120 s; write command_timeout=5s"),
    ("smtpd_milters = %s\n" % MILTER.replace("content_timeout=30s, ", ""), "3.7", "smtpd_milters", "unsafe",
     "for 300 s; write content_timeout=30s"),
    ("milters = inet:127.0.0.1:11332, %s\nsmtpd_milters = ${milters}\n" % MILTER, "3.7", "smtpd_milters", "connected",
     None),
    ("smtpd_milters = inet:127.0.0.1:1234\n", "3.7", "smtpd_milters", "missing", "smtpd_milters = inet:127.0.0.1:1234, {"),
    ("smtpd_milters = unix:/run/dragoman/old.sock\n", "3.7", "smtpd_milters", "missing",
     "<file>:1: warning: smtpd_milters names dragoman, but"),
    ("smtpd_reject_footer_maps = regexp:/etc/footer,\n    socketmap:inet:127.0.0.1:8894:footer\n", "3.7",
     "smtpd_reject_footer_maps", "connected", None),
    ("a = b\n\n# c\nsmtpd_reject_footer_maps = socketmap:inet:127.0.0.1:8894:reply\n", "3.7",
     "smtpd_reject_footer_maps", "unsafe", '<file>:4: warning: smtpd_reject_footer_maps asks for the map "reply"; '
     'dragoman calls it "footer"'),
    ("smtp/inet/command = postscreen\n", "3.7", "postscreen_reject_footer_maps", "missing", None),
    ("default_delivery_status_filter = socketmap:inet:127.0.0.1:8894:delivery\n", "3.7",
     "smtp_delivery_status_filter", "connected", None),
    ("rbl_reply_maps = proxy:socketmap:inet:127.0.0.1:8894:rbl\n", "3.7", "rbl_reply_maps", "connected",
     "451 4.3.5 in place of 554"),
    ("smtpd_sender_restrictions = check_sender_access socketmap:inet:127.0.0.1:8894:sender-access\n", "3.7",
     "check_sender_access", "unsafe", "answers 451 4.3.5 to everybody"),
    ("smtpd_recipient_restrictions = check_policy_service { inet:127.0.0.1:8895, timeout=5s, default_action=DUNNO }\n",
     "3.7", "check_policy_service", "connected", None),
    ("mine = check_policy_service inet:127.0.0.1:8895\n", "3.7", "check_policy_service", "unsafe",
     'every client gets "451 4.3.5 Server configuration problem"'),
    ("mine = check_policy_service inet:127.0.0.1:8895\n", "3.7", "check_policy_service", "unsafe", "for 100 s"),
    ("mine = check_policy_service inet:127.0.0.1:8895\nsmtpd_policy_service_default_action = dunno\n"
     "smtpd_policy_service_timeout = 5s\n", "3.7", "check_policy_service", "connected", None),
    (OVERRIDE, "3.7", "smtpd_milters", "connected",
     "note: submission/inet of master.cf does not ask dragoman"),
    (GOOD + "what is this\n", "3.7", "smtpd_milters", "connected", "<file>:6: error: this is no line of a main.cf"),
    ("a = $b\nb = $a\nsmtpd_milters = $a\n", "3.7", "smtpd_milters", "missing", None),
]

# a socket below the queue directory
CHROOT = [
    ("unix:dragoman/map.sock", "y", "connected", None),
    ("unix:dragoman/map.sock", "n", "connected", None),
    ("unix:/dragoman/map.sock", "y", "connected", None),
    ("unix:/dragoman/map.sock", "n", "unsafe", "in no chroot"),
    ("unix:/dragoman/map.sock", None, "connected", "note: smtpd_reject_footer_maps: where master.cf"),
    ("unix:/var/spool/postfix/dragoman/map.sock", "y", "unsafe", "in a chroot"),
    ("unix:/var/spool/postfix/dragoman/map.sock", "n", "connected", None),
]


def test_it_tells_what_is_connected_and_safe(t):
    for text, version, hook, state, words in POSTFIX:
        status, states, said = doctor(t, "--mta-version", version, text=text)
        assert states[hook] == state, (text, said)
        assert words is None or words.replace("<file>", "stdin") in said, (words, said)
        assert status == (0 if text in HEALTHY and version == "3.7" else 1), said


def test_it_knows_what_a_chroot_sees(t):
    for address, chroot, state, words in CHROOT:
        text = "smtpd_reject_footer_maps = socketmap:%s:footer\n" % address
        text += "smtp/inet/chroot = %s\n" % chroot if chroot else ""
        _, states, said = doctor(t, "--mta-version", "3.7", config=BELOW, text=text)
        assert states["smtpd_reject_footer_maps"] == state, (address, chroot, said)
        assert words is None or words in said, said
    assert "smtp_delivery_status_filter = socketmap:unix:dragoman/map.sock:delivery\n" in said


def prescribed(said, where):
    """The lines that it prints for this file."""
    part = said.split("for %s:\n\n" % where)
    return part[1].split("\nThe lines that")[0].replace("\n    ", " ") if len(part) > 1 else ""


def test_what_it_prescribes_heals_a_real_postfix(t):
    folder = os.path.join(t.postfix.dir, "etc")
    only_milter = 'listen "milter" { socket = "inet:8893@127.0.0.1" }\n'
    status, states, said = doctor(t, folder, config=only_milter)
    assert status == 1 and states["smtpd_milters"] == "missing", said
    assert re.match(r"Postfix 3\.\d+\.\d+, " + re.escape(folder), said), said
    config = only_milter + prescribed(said, os.path.join(t.dir, "dragoman.conf"))
    lines = re.sub(r"= \$milter, |= unix:\S+, ", "= ", prescribed(said, os.path.join(folder, "main.cf")))
    healed = t.start_postfix(lines)
    status, states, said = doctor(t, os.path.join(healed.dir, "etc"), config=config)
    assert status == 0 and states["smtpd_milters"] == states["smtpd_reject_footer_maps"] == "connected", said
    with healed.client() as c:  # and without dragomand, mail is taken and refused as before
        assert c.session(recipients=[healed.address()]).startswith(b"250")
    assert not re.search("fatal|unused parameter", healed.log()), healed.log()


def test_what_it_prescribes_heals_a_newer_postfix(t):
    """postconf of the tool's own world knows nothing of 3.11: it reads the file."""
    def main_cf(server):
        return os.path.join(server.dir, "etc", "main.cf")
    sick = t.start_postfix(release="3.11")
    status, states, said = doctor(t, "--mta-version", "3.11", main_cf(sick))
    assert status == 1 and states["smtpd_reject_filter_maps"] == "missing", said
    lines = re.sub(r"= \$milter, |= unix:\S+, ", "= ", prescribed(said, main_cf(sick)))
    healed = t.start_postfix(lines, release="3.11")
    status, states, said = doctor(t, "--mta-version", "3.11", main_cf(healed))
    assert status == 0 and states["smtpd_reject_filter_maps"] == "connected", said
    assert states["smtpd_reject_footer_maps"] == "not needed", said
    with healed.client() as c:
        assert c.session(recipients=[healed.address()]).startswith(b"250")
    assert not re.search("fatal|unused parameter", healed.log()), healed.log()


SENDMAIL = [
    ("INPUT_MAIL_FILTER(`dragoman', `S=inet:8893@127.0.0.1, T=C:5s;S:5s;R:5s;E:30s')dnl\n", "INPUT_MAIL_FILTER",
     "connected", "a unix socket is faster"),
    ("INPUT_MAIL_FILTER(`x', `S=inet:8893@127.0.0.1, F=R, T=C:5s;R:5s;E:30s')dnl\n", "INPUT_MAIL_FILTER", "unsafe",
     "<file>:1: warning: without dragomand F=R refuses mail"),
    ("INPUT_MAIL_FILTER(`x', `S=inet:8893@127.0.0.1, F=T')dnl\n", "INPUT_MAIL_FILTER", "unsafe", "for 300 s"),
    ("MAIL_FILTER(`x', `S=inet:8893@127.0.0.1, T=C:5s;E:30s')dnl\n", "INPUT_MAIL_FILTER", "unsafe", "not asked"),
    ("MAIL_FILTER(`x', `S=inet:8893@127.0.0.1, T=C:5s;E:30s')dnl\ndefine(`confINPUT_MAIL_FILTERS', `x')dnl\n",
     "INPUT_MAIL_FILTER", "connected", None),
    ("dnl INPUT_MAIL_FILTER(`x', `S=inet:8893@127.0.0.1, T=C:5s;E:30s')dnl\ndivert(0)dnl\n", "INPUT_MAIL_FILTER",
     "missing", None),
    ("INPUT_MAIL_FILTER(`dragoman', `S=unix:/x.sock')dnl\n", "INPUT_MAIL_FILTER", "missing", "asks at unix:/x.sock"),
    ("include(`/etc/dragoman/sendmail/checks.m4')dnl\ndivert(0)\n", "sendmail/checks.m4", "connected", None),
    ("define(`DRAGOMAN_SOCKETMAP', `unix:/x')dnl\ninclude(`/etc/dragoman/sendmail/checks.m4')dnl\n",
     "sendmail/checks.m4", "unsafe", "asks at unix:/x, where"),
    ("define(`DRAGOMAN_SOCKETMAP', `inet:8894@localhost')dnl\ninclude(`/etc/dragoman/sendmail/checks.m4')dnl\n",
     "sendmail/checks.m4", "connected", None),
]


def test_it_reads_sendmail_mc(t):
    for text, hook, state, words in SENDMAIL:
        status, states, said = doctor(t, text=text)
        assert states[hook] == state and status == 1, (text, said)
        assert words is None or words.replace("<file>", "stdin") in said, (words, said)


def test_what_it_prescribes_heals_a_real_sendmail(t):
    compiled = os.path.join(t.sendmail.dir, "sendmail.cf")
    status, states, said = doctor(t, compiled)
    assert status == 1 and set(states.values()) == {"missing"}, said
    files = shutil.copytree(os.path.join(harness.TOP, "etc", "sendmail"), os.path.join(t.dir, "files"))
    with open(os.path.join(files, "refusals.m4"), "wb") as f:
        f.write(t.dragoman("sendmail").stdout)
    lines = re.sub(r"`/\S*/sendmail/", "`%s/" % files, prescribed(said, compiled))
    healed = t.start_sendmail(lines)
    for name in ("sendmail.mc", "sendmail.cf"):
        status, states, said = doctor(t, os.path.join(healed.dir, name))
        assert status == 0 and set(states.values()) == {"connected"}, said
    with healed.client() as c:
        assert c.session(recipients=[healed.address()]).startswith(b"250")


def test_mistakes_are_told(t):
    for arguments, text, wanted, words in [
            (("--mta-version", "new"), "", 2, '"new" is no version; write it like 3.7'),
            ((), "smtpd_milters = inet:localhost:1\n", 2, "add --mta-version 3.7"),
            (("/nowhere/main.cf",), None, 1, "/nowhere/main.cf"),
            (("/tmp",), None, 1, "/tmp/main.cf"),
            (("a", "b"), None, 2, "one file or folder is enough")]:
        status, _, said = doctor(t, *arguments, text=text)
        assert status == wanted and words in said, (arguments, said)
    status, _, said = doctor(t, "--mta-version", "3.7", config='listen "milk" { socket = "x" }\n', text=GOOD)
    assert status == 1 and "dragoman.conf:1: error: " in said, said


def test_without_an_argument_it_is_the_postfix_of_this_machine(t):
    if not os.path.exists("/etc/postfix/main.cf"):
        raise harness.Skip("no Postfix is installed")
    assert "/etc/postfix/main.cf\n" in doctor(t)[2].splitlines(keepends=True)[0]
