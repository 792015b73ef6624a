"""Every refusal of Postfix itself, provoked on a real one; see refusals.cases."""

import os

from harness import TESTS
from refusals import Lab, pattern, read_cases

CASES, SETTINGS = read_cases(os.path.join(TESTS, "refusals.cases"))


def built_in(t, release):
    lab = Lab(t, release, CASES, SETTINGS)
    wrong = []
    for case in lab.cases:
        try:
            shown = lab.provoke(case)
        except Exception as e:
            wrong.append("%s:\n    %r" % (case.name, e))
            continue
        lines = shown.reply.split("\r\n")[:-1]
        wanted = case.expected(release)
        if len(lines) != len(wanted) or not all(pattern(w).match(g) for w, g in zip(wanted, lines)):
            wrong.append("%s:\n    wanted %s\n    got    %s" % (case.name, wanted, lines))
        elif not shown.in_step:
            wrong.append("%s:\n    out of step after %s" % (case.name, lines))
    print("%d cases, %d wrong" % (len(lab.cases), len(wrong)))
    assert not wrong, "\n" + "\n".join(wrong)


def test_postfix_3_7_refuses_in_these_words(t):
    built_in(t, "3.7")


def test_postfix_3_11_refuses_in_these_words(t):
    built_in(t, "3.11")
