"""The life of dragomand: start, reload, crash, stop; its sockets, its log; and what it asks of the MTA."""

import grp
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

from dialogue import SITE, TEXT
from harness import DRAGOMAND, LIB, eventually, free_port, listens
from milter_client import (ALL_STEPS, COMMANDS, QUARANTINE, RCPT_REJ, SETSYMLIST, SKIP, UNANSWERED,
                           MilterClient, Reply, message, session)
from observe import address_of, child_of, outcome, refusals, status_of
from smtp_client import code

REJECT_ALL = 'rule "all" { stage = rcpt  reject = mailbox-unknown }\n'
ACCEPT_ALL = 'rule "none" { stage = rcpt  reject = mailbox-unknown  if { sender = { "nobody@nowhere.example" } } }\n'
BROKEN = '''rule "one" { stage = rcpt  reject = mailbox-unknwon }
rule "two" { stage = mail  reject = site-policy
    if { recipient = { "a@b.example" } }
}
languges = { "en" }
'''


def run(*arguments, **options):
    return subprocess.run([DRAGOMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=20, check=False, **options)


def write(t, text, name="dragoman.conf"):
    path = os.path.join(t.dir, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


# --- the command line -----------------------------------------------------------------------------

def test_version_help_usage(t):
    done = run("--version")
    assert done.returncode == 0 and re.fullmatch(r"dragomand \d+\.\d+\S*\n", done.stdout), done
    for option in ("--help", "-h"):
        done = run(option)
        assert done.returncode == 0 and done.stdout.startswith("Usage: dragomand") and not done.stderr, done
        for word in ("--check", "--config", "--background", "--version", "SIGHUP"):
            assert word in done.stdout, done.stdout
    for wrong in (["--nonsense"], ["-c"], ["extra"]):
        done = run(*wrong)
        assert done.returncode == 2 and "--help" in done.stderr and not done.stdout, done


def test_check(t):
    good = write(t, REJECT_ALL, "good.conf")
    done = run("--check", "-c", good)
    assert done.returncode == 0 and done.stdout == good + ": in order\n" and not done.stderr, done
    bad = write(t, BROKEN, "bad.conf")
    done = run("--check", "-c", bad)
    assert done.returncode == 1, done
    for place, words in (("1", "mailbox-unknown"), ("3", "stage"), ("5", "languages")):
        assert re.search(r"%s:%s: error: .*%s" % (re.escape(bad), place, words), done.stderr), done.stderr
    assert "3 errors" in done.stderr, done.stderr
    done = run("--check", "-c", os.path.join(t.dir, "missing.conf"))
    assert done.returncode == 1 and "missing.conf" in done.stderr, done


def test_does_not_start_on_errors(t):
    done = run("-c", write(t, 'listen "milter" { socket = "unix:%s" }\n' % t.socket + BROKEN))
    assert done.returncode == 1 and not os.path.exists(t.socket), done
    assert done.stderr.count(": error: ") == 3, done.stderr
    for text in ('log { target = stderr }\n', 'listen "milter" { socket = "inet:99999@127.0.0.1" }\n',
                 'log { target = stderr }\nlisten "milter" { socket = "unix:/nowhere/at/all" }\n',
                 'log { target = stderr }\nuser = "no-such-user"\nlisten "milter" { socket = "unix:%s" }\n' % t.socket,
                 'log { target = stderr }\nuser = "root"\nlisten "milter" { socket = "unix:%s" }\n' % t.socket,
                 'log { target = stderr }\ngroup = "no-such-group"\nlisten "milter" { socket = "unix:%s" }\n' % t.socket,
                 'log { target = stderr }\nlisten "milter" { socket = "unix:%s" group = "no-such-group" }\n' % t.socket):
        done = run("-c", write(t, text))
        assert done.returncode == 1 and done.stderr, (text, done)
        assert not os.path.exists(t.socket), text


def test_starts_on_the_embedded_default(t):
    """Without a configuration file: the shipped one is built in; it names the port that a site would use."""
    done = run("--check")
    assert done.returncode == 0 and "dragoman.conf: in order" in done.stdout, done


# --- reload --------------------------------------------------------------------------------------

def test_reload_keeps_open_sessions_and_their_policy(t):
    daemon = t.daemon(ACCEPT_ALL)
    with MilterClient(t.socket) as early, MilterClient(t.socket) as busy:
        early.connect()
        busy.connect(), busy.helo(), busy.mail()
        daemon.reload(REJECT_ALL, until="is in order and taken over")
        assert eventually(lambda: isinstance(outcome(t.socket), Reply)), daemon.log()
        assert busy.rcpt() == "continue"
        assert [busy.data(), busy.header("Subject", "x"), busy.eoh(), busy.eom()][-1] == "continue"
        assert message(busy)[-1] == "continue"
        early.helo()
        assert message(early)[-1] == "continue"
    daemon.reload(ACCEPT_ALL, until="is in order and taken over")
    assert eventually(lambda: outcome(t.socket) == "continue"), daemon.log()


def test_reload_drops_no_smtp_session(t):
    daemon = t.daemon(SITE + ACCEPT_ALL)
    for server in (t.postfix, t.sendmail):
        with server.client() as c:
            c.cmd("EHLO client.example"), c.cmd("MAIL FROM:<a@client.example>")
            daemon.reload(SITE + REJECT_ALL, until="is in order and taken over")
            eventually(lambda: isinstance(outcome(t.socket), Reply))
            assert code(c.cmd("RCPT TO:<%s>" % server.address())) == 250
            assert code(c.message(TEXT)[1]) == 250
            with server.client() as other:
                assert other.session(recipients=[server.address()]).startswith(b"550-5.1.1 ")
            assert code(c.cmd("MAIL FROM:<a@client.example>")) == 250
            assert code(c.cmd("RCPT TO:<%s>" % server.address())) == 250
        daemon.reload(SITE + ACCEPT_ALL, until="is in order and taken over")
        eventually(lambda: outcome(t.socket) == "continue")


def test_reload_under_load(t):
    """Sessions come all the time while the policy changes ten times: each is answered, by the one or the other."""
    daemon = t.daemon(ACCEPT_ALL)
    seen, failures, stop = set(), [], threading.Event()

    def sessions():
        while not stop.is_set():
            try:
                answer = outcome(t.socket)
                seen.add("refused" if isinstance(answer, Reply) else answer)
            except Exception as e:  # noqa: BLE001
                failures.append(e)
                return

    threads = [threading.Thread(target=sessions) for _ in range(4)]
    for thread in threads:
        thread.start()
    for i in range(10):
        daemon.reload(REJECT_ALL if i % 2 == 0 else ACCEPT_ALL, until="is in order and taken over")
        time.sleep(0.05)
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures and seen == {"refused", "continue"}, (failures, seen)
    daemon.signal(signal.SIGUSR1)
    assert "reloads=10 failed-reloads=0 restarts=0" in daemon.log(until="counters:")


def test_a_bad_configuration_leaves_the_old_one_in_force(t):
    daemon = t.daemon(REJECT_ALL)
    before = child_of(daemon)
    daemon.reload(BROKEN, until="the one before stays in force")
    with open(daemon.config, encoding="utf-8") as f:
        first = f.read().split("\n").index(BROKEN.split("\n", 1)[0]) + 1
    log = daemon.log()
    for offset, words in ((0, "mailbox-unknown"), (2, "stage"), (4, "languages")):
        assert re.search(r"%s:%d: error: .*%s" % (re.escape(daemon.config), first + offset, words), log), log
    assert isinstance(outcome(t.socket), Reply) and child_of(daemon) == before
    os.unlink(daemon.config)
    daemon.signal(signal.SIGHUP)
    assert eventually(lambda: daemon.log().count("the one before stays in force") == 2), daemon.log()
    assert isinstance(outcome(t.socket), Reply)
    daemon.configure(ACCEPT_ALL)
    daemon.reload(until="is in order and taken over")
    assert eventually(lambda: outcome(t.socket) == "continue")
    daemon.signal(signal.SIGUSR1)
    assert "reloads=1 failed-reloads=2" in daemon.log(until="failed-reloads=2")


def test_a_child_that_starts_later_has_the_newest_policy(t):
    daemon = t.daemon(ACCEPT_ALL)
    daemon.reload(REJECT_ALL, until="is in order and taken over")
    os.kill(child_of(daemon), signal.SIGKILL)
    assert isinstance(outcome(t.socket), Reply)


# --- processes -----------------------------------------------------------------------------------

def test_runs_as_nobody_special(t):
    daemon = t.daemon(REJECT_ALL)
    for pid in (daemon.process.pid, child_of(daemon)):
        status = status_of(pid)
        for line in ("Uid", "Gid"):
            assert "0" not in status[line].split(), status
        assert "0" not in status["Groups"].split(), status
        assert int(status["CapEff"], 16) == 0, status
    daemon.stop()
    process, _ = start_with(t, 'listen "milter" { socket = "unix:%s" mode = "0666" }\n' % t.socket,
                            extra_groups=[0, 4])
    assert eventually(lambda: "0" not in status_of(process.pid)["Uid"].split())
    assert not {"0", "4"} & set(status_of(process.pid)["Groups"].split()), status_of(process.pid)
    process.terminate()
    process.wait()
    daemon = t.daemon('user = "mail"\ngroup = "daemon"\n' + REJECT_ALL)
    for pid in (daemon.process.pid, child_of(daemon)):
        assert status_of(pid)["Uid"].split() == ["8"] * 4 and status_of(pid)["Gid"].split() == ["1"] * 4


def test_a_crashed_child_is_started_again(t):
    daemon = t.daemon(SITE + REJECT_ALL)
    for number, restarts in ((signal.SIGSEGV, 1), (signal.SIGKILL, 2)):
        child = child_of(daemon)
        with MilterClient(t.socket) as m:
            m.connect(), m.helo()
            os.kill(child, number)
            assert m.is_closed()
        # an MTA that comes now is not turned away, it waits for the next process
        started = time.monotonic()
        with t.postfix.client() as c:
            assert c.session(recipients=[t.postfix.address()]).startswith(b"550-5.1.1 ")
        assert time.monotonic() - started < 5
        assert child_of(daemon) not in (child, None)
        assert "ended by signal %d; it starts again in %d s" % (number, restarts) in daemon.log()
    daemon.signal(signal.SIGUSR1)
    assert "restarts=2" in daemon.log(until="counters:")


def test_the_child_ends_with_its_supervisor(t):
    daemon = t.daemon(REJECT_ALL)
    child = child_of(daemon)
    daemon.process.kill()
    daemon.process.wait()
    assert eventually(lambda: not os.path.exists("/proc/%d" % child) or status_of(child)["State"].startswith("Z"))


def test_stop_is_quick_and_clean(t):
    for number in (signal.SIGTERM, signal.SIGINT):
        daemon = t.daemon(REJECT_ALL)
        with MilterClient(t.socket) as m:
            m.connect(), m.helo()
            started = time.monotonic()
            daemon.signal(number)
            assert daemon.process.wait(10) == 0
            assert time.monotonic() - started < 3
            assert m.is_closed()
        log = daemon.log()
        assert "counters: " in log and log.rstrip().endswith("stopped"), log
        assert not os.path.exists(t.socket)


def test_signals_of_a_terminal_reach_the_child_through_the_supervisor_only(t):
    """Ctrl-C goes to the whole process group: sessions must not be cut by libmilter's own handling."""
    daemon = t.daemon(REJECT_ALL)
    child = child_of(daemon)
    assert eventually(lambda: os.getpgid(child) != os.getpgid(daemon.process.pid))


def test_background_and_pid_file(t):
    pid_file = os.path.join(t.dir, "pid")
    config = write(t, 'log { target = stderr }\npid-file = "%s"\n'
                   'listen "milter" { socket = "unix:%s" mode = "0666" }\n' % (pid_file, t.socket) + REJECT_ALL)
    done = run("--background", "-c", config, cwd=t.dir)
    assert done.returncode == 0, done
    with open(pid_file, encoding="ascii") as f:
        text = f.read()
    assert re.fullmatch(r"\d+\n", text), text
    pid = int(text)
    t.cleanup(lambda: os.path.exists("/proc/%d/exe" % pid) and os.kill(pid, signal.SIGKILL))
    assert os.path.basename(os.readlink("/proc/%d/exe" % pid)) == os.path.basename(DRAGOMAND)
    assert isinstance(outcome(t.socket), Reply)
    assert os.getsid(pid) == pid
    for standard in (0, 1, 2):
        assert os.readlink("/proc/%d/fd/%d" % (pid, standard)) == "/dev/null"
    os.kill(pid, signal.SIGTERM)
    assert eventually(lambda: not listens(t.socket) if os.path.exists(t.socket) else True)
    # what is wrong is said before the terminal is left, and in the exit status
    bad = write(t, BROKEN, "bad.conf")
    done = run("-b", "-c", bad)
    assert done.returncode == 1 and done.stderr.count(": error: ") == 3, done
    taken = write(t, 'log { target = stderr }\nlisten "milter" { socket = "unix:/nowhere/x" }\n', "taken.conf")
    done = run("-b", "-c", taken)
    assert done.returncode == 1 and "/nowhere/x" in done.stderr, done


def test_a_relative_configuration_file_is_found_again(t):
    path = write(t, 'log { target = stderr }\nlisten "milter" { socket = "unix:%s" mode = "0666" }\n'
                 % t.socket + ACCEPT_ALL)
    os.chmod(t.dir, 0o755)
    with open(os.path.join(t.dir, "log"), "wb") as log:
        process = subprocess.Popen([DRAGOMAND, "-c", "dragoman.conf"], cwd=t.dir, stderr=log, start_new_session=True)
    t.cleanup(lambda: (process.terminate(), process.wait()))
    assert eventually(lambda: os.path.exists(t.socket) and listens(t.socket))
    assert outcome(t.socket) == "continue"
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace(ACCEPT_ALL, REJECT_ALL))
    process.send_signal(signal.SIGHUP)
    assert eventually(lambda: isinstance(outcome(t.socket), Reply))


# --- sockets -------------------------------------------------------------------------------------

def start_with(t, listen, policy=REJECT_ALL, **options):
    """A dragomand with this `listen` section; its log file."""
    path = os.path.join(t.dir, "log")
    config = write(t, 'log { target = stderr }\n' + listen + policy)
    with open(path, "wb") as log:
        process = subprocess.Popen([DRAGOMAND, "-c", config], stdout=log, stderr=log, start_new_session=True, **options)
    t.cleanup(lambda: (process.terminate(), process.wait()))
    return process, path


def test_mode_and_group_of_a_unix_socket(t):
    for mode, group in (("0660", "mail"), ("0600", None), ("0666", "daemon"), (None, "mail"), ("0660", None)):
        process, _ = start_with(t, 'listen "milter" { socket = "unix:%s"%s%s }\n' % (
            t.socket, ' mode = "%s"' % mode if mode else "", ' group = "%s"' % group if group else ""))
        assert eventually(lambda: os.path.exists(t.socket) and stat.S_IMODE(os.stat(t.socket).st_mode) ==
                          int(mode or "0660", 8))
        # by default it belongs to the daemon, which is no longer root
        status = os.stat(t.socket)
        assert status.st_gid == grp.getgrnam(group or "nogroup").gr_gid
        assert eventually(lambda: status.st_uid == int(status_of(process.pid)["Uid"].split()[1])) and status.st_uid
        process.terminate()
        process.wait()


def test_inet6(t):
    with socket.socket(socket.AF_INET6) as s:
        s.bind(("::1", 0))
        port = s.getsockname()[1]
    start_with(t, 'listen "milter" { socket = "inet6:%d@::1" }\n' % port)

    def answers():
        try:
            return isinstance(session(("::1", port))[-1], Reply)
        except OSError:
            return False
    assert eventually(answers)


def test_inet(t):
    daemon = t.daemon(REJECT_ALL, listen="inet")
    assert isinstance(outcome(address_of(daemon)), Reply)
    # the port is free again at once
    daemon.stop()
    daemon.start()
    assert isinstance(outcome(address_of(daemon)), Reply)


def test_both_servers_over_tcp(t):
    daemon = t.daemon(SITE + REJECT_ALL, listen="inet")
    port = address_of(daemon)[1]
    for server in (t.start_postfix("", "inet:127.0.0.1:%d" % port), t.start_sendmail("", "inet:%d@127.0.0.1" % port)):
        with server.client() as c:
            assert c.session(recipients=[server.address()]).startswith(b"550-5.1.1 "), server.kind


def test_several_listeners(t):
    other, port = t.socket + ".2", free_port()
    t.cleanup(lambda: os.path.exists(other) and os.unlink(other))
    t.daemon(REJECT_ALL + 'listen "milter" { socket = "inet:%d@127.0.0.1" }\n' % port)
    assert isinstance(outcome(t.socket), Reply) and isinstance(outcome(("127.0.0.1", port)), Reply)


def test_a_stale_socket_is_replaced_and_a_live_one_respected(t):
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(t.socket)
        s.listen()
    daemon = t.daemon(REJECT_ALL)
    assert isinstance(outcome(t.socket), Reply)
    done = run("-c", daemon.config)
    assert done.returncode == 1 and "Address already in use" in done.stderr, done
    assert isinstance(outcome(t.socket), Reply), "the first one must keep its socket"
    daemon.process.kill()
    daemon.process.wait()
    eventually(lambda: not listens(t.socket))
    assert os.path.exists(t.socket)
    daemon.start()
    assert isinstance(outcome(t.socket), Reply)


def test_a_file_that_is_no_socket_is_left_alone(t):
    with open(t.socket, "w", encoding="utf-8") as f:
        f.write("precious")
    done = run("-c", write(t, 'log { target = stderr }\nlisten "milter" { socket = "unix:%s" }\n' % t.socket))
    with open(t.socket, encoding="utf-8") as f:
        assert done.returncode == 1 and f.read() == "precious", done


# --- the log -------------------------------------------------------------------------------------

def test_log_line_of_a_refusal(t):
    daemon = t.daemon('rule "nobody \\"quoted\\" here" { stage = rcpt  reject = mailbox-unknown }\n')
    with MilterClient(t.socket) as m:
        m.connect("mx.client.example", "192.0.2.9"), m.helo("helo.example")
        m.mail("<sender@client.example>", macros={"auth_authen": "ayse"})
        reply = m.rcpt("<r@server.example>", macros={"i": "4F0000A17E"})
    line = refusals(daemon)[0]
    with open(daemon.config, encoding="utf-8") as f:
        number = f.read().split("\n").index('rule "nobody \\"quoted\\" here" { stage = rcpt  reject = mailbox-unknown }')
    assert line == {
        "ref": re.search(r"\[ref (\S+)\]", reply.decode()).group(1), "verb": "reject",
        "rule": 'nobody "quoted" here', "at": "%s:%d" % (daemon.config, number + 1), "reason": "mailbox-unknown",
        "decided": "rcpt", "stage": "rcpt", "code": "550 5.1.1", "shadow": "no",
        "client": "mx.client.example[192.0.2.9]", "helo": "helo.example", "from": "sender@client.example",
        "to": "r@server.example", "user": "ayse", "queue-id": "4F0000A17E"}, line


def test_log_lines_of_the_other_verbs(t):
    for verb, expected in (
            ("defer = site-policy", {"verb": "defer", "code": "451 4.7.1", "reason": "site-policy", "ref": "*"}),
            ("discard = site-policy", {"verb": "discard", "reason": "site-policy"}),
            ("hold = yes", {"verb": "hold"}),
            ("reject = site-policy  shadow = yes", {"verb": "reject", "reason": "site-policy", "shadow": "yes"})):
        daemon = t.daemon('rule "r" { stage = eom  %s }\n' % verb)
        session(t.socket, rcpts=("<a@s.example>", "<b@s.example>"), sender="<>")
        line = refusals(daemon)[0]
        expected = {"shadow": "no", "stage": "eom", "rule": "r", "at": line["at"], "decided": "eom",
                    "client": "client.example[192.0.2.1]", "helo": "client.example", "from": "", "to": "a@s.example",
                    "recipients": "2", **expected}
        if expected["shadow"] == "yes":
            del expected["decided"]
        if "ref" in expected:
            expected["ref"] = line["ref"]
        assert line == expected, (line, expected)
        daemon.stop()


def test_what_is_decided_early_is_logged_once_where_it_is_said(t):
    daemon = t.daemon('rule "r" { stage = connect  reject = site-policy }\n')
    with MilterClient(t.socket) as m:
        assert m.connect() == UNANSWERED
        assert isinstance(m.helo(), Reply)
    lines = refusals(daemon)
    assert [(x["decided"], x["stage"]) for x in lines] == [("connect", "helo")], lines


def test_counters(t):
    daemon = t.daemon('rule "a" { reject = site-policy  if { sender = { "a@x.example" } } }\n'
                      'rule "b" { defer = site-policy  if { sender = { "b@x.example" } } }\n'
                      'rule "c" { accept = yes  if { sender = { "c@x.example" } } }\n'
                      'rule "d" { discard = yes  if { sender = { "d@x.example" } } }\n'
                      'rule "e" { hold = yes  if { sender = { "e@x.example" } } }\n'
                      'rule "f" { stage = mail  reject = site-policy  shadow = yes  if { sender = { "f@x.example" } } }\n')
    for name, times in (("a", 3), ("b", 2), ("c", 1), ("d", 4), ("e", 2), ("f", 5), ("g", 1)):
        for _ in range(times):
            session(t.socket, sender="<%s@x.example>" % name)
    daemon.signal(signal.SIGUSR1)
    assert ("counters: connections=18 rejected=3 deferred=2 accepted=1 discarded=4 held=2 shadowed=5 fallbacks=0 "
            "enriched=0 failed-replies=0 reloads=0 failed-reloads=0 restarts=0") in daemon.log(until="counters:"), daemon.log()
    # they outlive a crash of the process that counts
    os.kill(child_of(daemon), signal.SIGKILL)
    session(t.socket)
    daemon.signal(signal.SIGUSR1)
    assert "connections=19 rejected=3" in daemon.log(until="connections=19")


def test_syslog(t):
    """To the log socket of the system, which is another one for this process alone."""
    private, out = os.path.join(t.dir, "log.sock"), os.path.join(t.dir, "syslog")
    listener = subprocess.Popen([sys.executable, os.path.join(LIB, "devlog.py"), private, out],
                                stdout=subprocess.DEVNULL)
    t.cleanup(lambda: (listener.kill(), listener.wait()))
    assert eventually(lambda: os.path.exists(private))
    os.chmod(private, 0o666)
    config = write(t, 'log { target = syslog facility = local3 ident = "interpreter" }\n'
                   'listen "milter" { socket = "unix:%s" mode = "0666" }\n' % t.socket + REJECT_ALL)
    dev = os.path.join(t.dir, "dev")
    os.mkdir(dev)
    script = ('set -e; mount -t tmpfs -o mode=755 dev "$1"; for n in null urandom; do : > "$1/$n"; '
              'mount --bind "/dev/$n" "$1/$n"; done; : > "$1/log"; mount --bind "$2" "$1/log"; '
              'mount --rbind "$1" /dev; exec "$3" -c "$4"')
    process = subprocess.Popen(["unshare", "--mount", "sh", "-c", script, "sh", dev, private, DRAGOMAND, config],
                               stderr=subprocess.PIPE, start_new_session=True)
    t.cleanup(lambda: (process.terminate(), process.wait()))
    assert eventually(lambda: os.path.exists(t.socket) and listens(t.socket)), process.poll()
    reply = outcome(t.socket)

    def logged():
        with open(out, encoding="utf-8") as f:
            return reply.lines[-1].split("[ref ")[1][:9] in (text := f.read()) and text
    text = eventually(logged)
    assert text and re.search(r"interpreter\[\d+\]: ref=", text), text
    assert "claimed not to reply" not in text, "we answered where the MTA does not wait for it; libmilter says so"


# --- what it asks of the MTA ---------------------------------------------------------------------

def negotiated(t, policy):
    """Stages heard and answered, and the client with what was negotiated."""
    daemon = t.daemon(policy)
    with MilterClient(t.socket) as m:
        heard = {stage for stage in COMMANDS if m.heard(stage)}
        answered = {stage for stage in heard if m.answered(stage)}
    daemon.stop()
    for stage, names in m.macros.items():
        assert 0 < len(names) <= 50, (stage, names)
        assert len(set(names)) == len(names), (stage, names)
    return m, heard, answered


ALWAYS = {"connect", "helo", "mail", "rcpt", "eom"}  # who it was belongs into every log line


def test_only_the_stages_that_a_policy_needs(t):
    for policy, more_heard, answered in (
            ("", set(), {"eom"}),
            ('rule "r" { stage = connect  reject = site-policy }\n', set(), {"helo", "mail", "eom"}),
            ('rule "r" { stage = helo  reject = site-policy }\n', set(), {"helo", "mail", "eom"}),
            ('rule "r" { stage = mail  reject = site-policy }\n', set(), {"mail", "eom"}),
            ('rule "r" { stage = rcpt  reject = site-policy }\n', set(), {"rcpt", "eom"}),
            ('rule "r" { stage = data  reject = site-policy }\n', {"data"}, {"data", "eom"}),
            ('rule "r" { reject = site-policy  if { header:Subject = { "x" } } }\n', {"header", "eoh"}, {"eom"}),
            ('rule "r" { stage = eom  reject = site-policy  if { header:Subject = { "x" } } }\n', {"header"}, {"eom"}),
            ('rule "r" { stage = eom  reject = site-policy  if { sender = { "x@y.example" } } }\n', set(), {"eom"}),
            # the real size is all of the message, without a word from us until its end
            ('rule "r" { stage = eom  reject = message-too-big  if { size = { ">1 MB" } } }\n',
             {"header", "body"}, {"eom"}),
            ('rule "r" { stage = mail  reject = message-too-big  if { size = { ">1 MB" } } }\n', set(), {"mail", "eom"}),
            # libmilter lets no header follow an unknown command, but DATA
            ('rule "r" { reject = site-policy  if { command = { "FOO" } } }\n', {"unknown", "data"}, {"unknown", "eom"}),
            # of the body the beginning is enough: we answer, in order to say so
            ('rule "r" { reject = site-policy  if { body = { "~x" } } }\n', {"body"}, {"body", "eom"}),
    ):
        m, heard, says = negotiated(t, policy)
        assert heard == ALWAYS | more_heard, (policy, heard)
        assert says == answered, (policy, says)
        assert not m.steps & RCPT_REJ, policy
        assert m.actions == SETSYMLIST, (policy, hex(m.actions))


def test_quarantine_is_asked_for_where_a_rule_holds(t):
    m, _, _ = negotiated(t, 'rule "r" { stage = mail  hold = yes }\n')
    assert m.actions == SETSYMLIST | QUARANTINE


def test_recipients_that_the_mta_refused_only_where_a_rule_counts_them(t):
    m, _, _ = negotiated(t, 'rule "r" { defer = site-policy  if { refused-recipients = { ">2" } } }\n')
    assert m.steps & RCPT_REJ and "{rcpt_mailer}" in m.macros["rcpt"], m.macros


def test_only_the_macros_that_a_policy_needs(t):
    base = {"connect": {"j"}, "mail": {"i", "{auth_authen}"}, "rcpt": {"i"}, "eom": {"i"}}
    for condition, stage, names in (
            ("client-ip = { \"192.0.2.1\" }", None, set()),
            ("client-ptr = { \"x.example\" }", "connect", {"{client_ptr}"}),
            ("daemon-name = { \"MTA\" }", "connect", {"{daemon_name}"}),
            ("auth-type = { \"PLAIN\" }", "mail", {"{auth_type}"}),
            ("macro:auth_ssf = { \"0\" }", "mail", {"{auth_ssf}"}),
            ("macro:r = { \"SMTP\" }", "mail", {"r"}),
            ("macro:dsn_notify = { \"x\" }", "rcpt", {"{dsn_notify}"}),
            ("macro:msg_size = { \"5\" }", "eom", {"{msg_size}"})):
        m, _, _ = negotiated(t, 'rule "r" { reject = site-policy  if { %s } }\n' % condition)
        expected = {k: set(v) for k, v in base.items()}
        if stage:
            expected[stage] = expected.get(stage, set()) | names
        got = {k: set(v) for k, v in m.macros.items()}
        assert got == expected, (condition, got)
    # TLS may begin after HELO, so MAIL tells it again
    m, _, _ = negotiated(t, 'rule "r" { reject = site-policy  if { tls-version = { "" } } }\n')
    assert "{tls_version}" in m.macros["helo"] and "{tls_version}" in m.macros["mail"], m.macros


def test_at_most_fifty_macros_a_stage(t):
    """Sendmail's sessions break with more; a policy that wants more is refused, or they are left out."""
    rules = "".join('rule "r%d" { reject = site-policy  if { macro:site_%d = { "x" } } }\n' % (i, i) for i in range(60))
    done = run("--check", "-c", write(t, rules))
    if done.returncode == 0:
        m, _, _ = negotiated(t, SITE + rules)
        assert all(len(names) <= 50 for names in m.macros.values())
    else:
        assert "50" in done.stderr, done.stderr


def test_an_mta_that_offers_little(t):
    """An old one: no NR, no SKIP, no macro lists; then everything is answered. (No offer at all is one of
    version 1, for libmilter.)"""
    daemon = t.daemon(SITE + 'rule "r" { reject = site-policy  if { header:Subject = { "bad" } } }\n')
    for version, steps, actions in ((2, 0x7F, 0x1F), (4, 0x3FF, 0x3F), (6, 1, 1), (6, ALL_STEPS & ~SKIP, 1)):
        with MilterClient(t.socket, version, actions, steps) as m:
            assert m.version <= version and m.steps & ~steps == 0 and m.actions & ~actions == 0
            answers = [m.connect(), m.helo()] + message(m, headers=(("Subject", "bad"),))
            assert answers[-1].startswith(b"550-5.7.1 "), answers
            if steps == 1:
                assert all(a == "continue" for a in answers[:-1]), answers
            assert message(m)[-1] == "continue"
    assert daemon.process.poll() is None


def test_a_body_that_is_long_enough_is_not_read_to_its_end(t):
    t.daemon('limits { body = "10 kB" }\nrule "r" { reject = content-rejected  if { body = { "~needle" } } }\n')
    with MilterClient(t.socket) as m:
        m.connect(), m.helo(), m.mail(), m.rcpt(), m.data(), m.header("Subject", "x"), m.eoh()
        assert m.tell("body", b"x" * 5000) == "continue"
        assert m.tell("body", b"x" * 6000) == "skip"
        assert m.eom() == "continue"
    assert isinstance(session(t.socket, body="x" * 9000 + "needle")[-1], Reply)
    assert session(t.socket, body="x" * 10000 + "needle")[-1] == "continue"


def test_refused_recipients_are_counted_and_never_answered(t):
    t.daemon('rule "r" { stage = rcpt  reject = site-policy'
             '  if { refused-recipients = { ">1" } } }\n'
             'rule "a" { stage = rcpt  accept = yes  if { recipient = { "accept@x.example" } } }\n'
             'rule "d" { stage = rcpt  discard = yes  if { recipient = { "discard@x.example" } } }\n')
    error = {"rcpt_mailer": "error", "rcpt_host": "5.1.1", "rcpt_addr": "User unknown"}
    with MilterClient(t.socket) as m:
        m.connect(), m.helo(), m.mail()
        assert m.rcpt("<good@x.example>", macros={"rcpt_mailer": "local"}) == "continue"
        assert m.rcpt("<accept@x.example>", macros=error) == "continue"
        assert m.rcpt("<good@x.example>", macros={"rcpt_mailer": "local"}) == "continue"
        assert m.rcpt("<discard@x.example>", macros=error) == "continue"
        assert m.rcpt("<more@x.example>", macros=error) == "continue"
        assert isinstance(m.rcpt("<good@x.example>", macros={"rcpt_mailer": "local"}), Reply)


def test_no_answer_where_none_is_wanted(t):
    """What is sent without being asked for would be taken for the answer to something else."""
    t.daemon(SITE + 'rule "r" { stage = eom  reject = site-policy }\n')
    with MilterClient(t.socket) as m:
        m.connect(), m.helo(), m.mail(), m.rcpt(), m.data(), m.header("a", "b"), m.eoh(), m.body("x")
        m.socket.settimeout(0.3)
        try:
            assert False, m.read()
        except socket.timeout:
            pass
        m.socket.settimeout(10)
        assert isinstance(m.eom(), Reply)
