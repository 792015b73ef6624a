"""miltertest (OpenDKIM's client of the milter protocol, which nobody here wrote) against dragomand.

Each script in miltertest/ says in its first lines the policy that it needs.
"""

import glob
import os
import re
import shutil
import subprocess

from dialogue import SITE
from harness import TESTS
from milter_client import MilterClient

SCRIPTS = os.path.join(TESTS, "miltertest")


def run(t, script, *options):
    """Runs a script with its policy; the codes of its refusals are those it names."""
    if shutil.which("miltertest") is None:
        raise AssertionError("the program miltertest is missing: install the package miltertest")
    with open(os.path.join(SCRIPTS, script), encoding="utf-8") as f:
        text = f.read()
    with open(os.path.join(SCRIPTS, "lib.lua"), encoding="utf-8") as f:
        whole = f.read() + text
    codes = re.search(r"^-- codes: (.*)$", text, re.M)
    policy = "".join(line + "\n" for line in re.findall(r"^-- policy: (.*)$", text, re.M))
    assert policy, script
    daemon = t.daemon(SITE + policy)
    done = subprocess.run(["miltertest", "-D", "socket=unix:" + t.socket, *options], input=whole, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30, check=False)
    assert done.returncode == 0 and "error" not in done.stdout.lower(), "%s:\n%s" % (script, done.stdout)
    spoken = re.findall(r"\]: ref=.* code=\"([^\"]+)\"", daemon.log())
    assert spoken == (codes.group(1).split(", ") if codes else []), (script, daemon.log())
    return daemon


def test_scripts(t):
    scripts = sorted(os.path.basename(p) for p in glob.glob(os.path.join(SCRIPTS, "*.lua")))
    assert len(scripts) >= 6, scripts
    for script in scripts:
        if script != "lib.lua":
            run(t, script).stop()


def test_the_internal_form_is_for_authenticated_senders(t):
    daemon = run(t, "internal.lua")
    stranger, user = [line for line in daemon.log().splitlines() if "]: ref=" in line]
    assert "user=" not in stranger and "user=ayse" in user, daemon.log()
    # the words, in both languages: those of `dragoman try`
    for macros, options in (({}, []), ({"auth_authen": "ayse"}, ["--auth-user", "ayse"])):
        with MilterClient(t.socket) as m:
            m.connect(), m.helo(), m.mail(macros=macros), m.rcpt(), m.data()
            reply = m.eom()
        done = t.dragoman("try", "-c", daemon.config, *options, "--ref", reply.lines[-1][-10:-1])
        tried = [line[3:] for line in done.stdout.decode().splitlines() if line.startswith("S: 550")]
        assert reply.lines == tried, (reply.lines, tried)
        assert ("A policy of this server does not allow this: test mail." in " ".join(reply.lines)) == bool(macros)
        assert ("Bu sunucunun bir ilkesi buna izin vermiyor: test mail." in " ".join(reply.lines)) == bool(macros)


def test_a_failing_script_is_noticed(t):
    daemon = t.daemon(SITE)
    done = subprocess.run(["miltertest", "-D", "socket=unix:" + t.socket], text=True, check=False, timeout=30,
                          input='dofile("%s/lib.lua") conn = open() expect(conn, "x", SMFIR_REJECT)' % SCRIPTS,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode != 0, done
    assert daemon.process.poll() is None
