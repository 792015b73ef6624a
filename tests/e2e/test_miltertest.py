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

SCRIPTS = os.path.join(TESTS, "miltertest")


def run(t, script, *options):
    """Runs a script with its policy; what it printed, and the daemon."""
    if shutil.which("miltertest") is None:
        raise AssertionError("the program miltertest is missing: install the package miltertest")
    with open(os.path.join(SCRIPTS, script), encoding="utf-8") as f:
        text = f.read()
    with open(os.path.join(SCRIPTS, "lib.lua"), encoding="utf-8") as f:
        whole = f.read() + text
    policy = "".join(line + "\n" for line in re.findall(r"^-- policy: (.*)$", text, re.M))
    assert policy, script
    daemon = t.daemon(SITE + policy)
    done = subprocess.run(["miltertest", "-D", "socket=unix:" + t.socket, *options], input=whole, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30, check=False)
    assert done.returncode == 0 and "error" not in done.stdout.lower(), "%s:\n%s" % (script, done.stdout)
    return done.stdout, daemon


def test_scripts(t):
    scripts = sorted(os.path.basename(p) for p in glob.glob(os.path.join(SCRIPTS, "*.lua")))
    assert len(scripts) >= 6, scripts
    for script in scripts:
        if script != "lib.lua":
            _, daemon = run(t, script)
            daemon.stop()


def test_the_internal_form_is_for_authenticated_senders(t):
    _, daemon = run(t, "internal.lua")
    stranger, user = [line for line in daemon.log().splitlines() if "]: ref=" in line]
    assert "user=" not in stranger and "user=ayse" in user, daemon.log()


def test_a_failing_script_is_noticed(t):
    daemon = t.daemon(SITE)
    done = subprocess.run(["miltertest", "-D", "socket=unix:" + t.socket], text=True, check=False, timeout=30,
                          input='dofile("%s/lib.lua") conn = open() expect(conn, "x", SMFIR_REJECT)' % SCRIPTS,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode != 0, done
    assert daemon.process.poll() is None
