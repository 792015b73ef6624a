"""Every refusal of Postfix itself, provoked on a real one (see refusals.cases): what it says by
itself, and what it says with dragomand behind its maps. doc/postfix-refusals.md tells the same; with
DRAGOMAN_WRITE_DOC=yes it is written anew."""

import os
import re
import time

from harness import TESTS, TOP, Skip, eventually, listens
from refusals import Lab, flat, pair_of, pattern, read_cases, well_formed

CASES, SETTINGS = read_cases(os.path.join(TESTS, "refusals.cases"))
TABLE = os.path.join(TOP, "doc", "postfix-refusals.md")
SITE = 'help-url = "https://postmaster.pf.test/{reason}"\n'
RIGHT_PAIRS = 0.95
seen = {}  # (release, what is asked) -> {name of the case: Shown}


def provoke_all(t, release, key, more="", cases=CASES):
    """Every case that this release has; what goes wrong on the way."""
    lab, wrong = Lab(t, release, cases, SETTINGS, more), []
    started, shown = time.monotonic(), {}
    for case in lab.cases:
        try:
            shown[case.name] = lab.provoke(case)
        except Exception as e:
            wrong.append("%s: %r" % (case.name, e))
            continue
        if not shown[case.name].in_step:
            wrong.append("%s: out of step after %r" % (case.name, shown[case.name].reply))
    print("%d cases in %.0f s" % (len(lab.cases), time.monotonic() - started))
    seen[release, key] = shown
    return lab.cases, shown, wrong


def complain(wrong):
    assert not wrong, "%d cases:\n%s" % (len(wrong), "\n".join(wrong))


def same_words(lines, wanted):
    """The lines as Postfix says them, whatever stands between code and text."""
    return len(lines) == len(wanted) and all(
        pattern(w).match(line[:3] + w[3:4] + line[4:]) for w, line in zip(wanted, lines))


def texts(language):
    """The `short` of each reason in ASCII, as it is shipped."""
    with open(os.path.join(TOP, "etc", "texts", language + ".conf"), encoding="utf-8") as f:
        found = re.findall(r'^text "([^"]+)" \{\n\s+short\s+= "([^"]*)"', f.read(), re.M)
    fold = str.maketrans("çğıİöşüÇĞÖŞÜ", "cgiIosuCGOSU")
    return {name: short.translate(fold) for name, short in found}


ENGLISH, TURKISH = texts("en"), texts("tr")


def faults(case, reply, built_in):
    """What a reader would miss in a reply that was restated, whole or in further lines."""
    text = flat(reply)
    for short in (ENGLISH[case.reason], TURKISH[case.reason]):
        if short not in text:
            yield "does not say %r" % short
    if "https://postmaster.pf.test/%s " % case.reason not in text:
        yield "is not %s" % case.reason
    for word in case.keeps:
        if word in built_in and word not in text:
            yield "has lost %r" % word
    if reply[:1] != built_in[:1]:
        yield "is of another class"


def daemon_with_maps(t):
    port = t.port()
    t.daemon('%slisten "socketmap" {\n    socket = "inet:%d@127.0.0.1"\n    deadline = "5 s"\n}\n' % (SITE, port))
    assert eventually(lambda: listens(port))
    return "socketmap:inet:127.0.0.1:%d:" % port


def test_postfix_3_11_refuses_in_these_words(t):
    cases, shown, wrong = provoke_all(t, "3.11", "alone")
    for case in cases:
        lines = shown[case.name].reply.split("\r\n")[:-1] if case.name in shown else []
        if case.name in shown and not same_words(lines, case.expected("3.11")):
            wrong.append("%s: %r, not %r" % (case.name, lines, case.expected("3.11")))
    complain(wrong)


def test_postfix_3_7_says_more_with_the_footer(t):
    maps = daemon_with_maps(t)
    cases, shown, wrong = provoke_all(t, "3.7", "footer", "smtpd_reject_footer_maps = %sfooter\n" % maps)
    for case in cases:
        if case.name not in shown:
            continue
        reply, wanted = shown[case.name].reply, case.expected("3.7")
        lines = reply.split("\r\n")[:-1]
        if not same_words(lines[:len(wanted)], [w[:3] + "-" + w[4:] for w in wanted]):
            wrong.append("%s: %r, not %r" % (case.name, lines, wanted))
            continue
        refusal = "\r\n".join(line for line in lines if line[0] != "2") + "\r\n"
        wrong += ["%s: %s: %r" % (case.name, fault, reply)
                  for fault in list(faults(case, refusal, wanted[-1]))
                  + ([] if well_formed(refusal) else ["is ill-formed"])]
    complain(wrong)


def test_postfix_3_11_is_restated(t):
    maps = daemon_with_maps(t)
    cases, shown, wrong = provoke_all(
        t, "3.11", "reply", "smtpd_reject_filter_maps = %sreply\npostscreen_reject_footer_maps = %sfooter\n"
        % (maps, maps))
    right, asked = 0, 0
    for case in cases:
        if case.name not in shown:
            continue
        reply, built_in = shown[case.name].reply, "\r\n".join(case.expected("3.11"))
        screened = case.one("service") == "postscreen"  # which asks for the footer alone
        refusal = "".join(line + "\r\n" for line in reply.split("\r\n")[:-1] if line[0] != "2")
        found = list(faults(case, refusal, case.expected("3.11")[-1]))
        if not well_formed(refusal):
            found.append("is ill-formed")
        if not screened:
            asked += 1
            right += pair_of(reply) == case.pair
            if pair_of(reply) != case.restated:
                found.append("has %s, not %s" % (pair_of(reply), case.restated))
            if flat(built_in) == flat(reply):
                found.append("is as it was")
        wrong += ["%s: %s: %r" % (case.name, fault, reply) for fault in found]
    complain(wrong)
    print("%d of %d have the right pair" % (right, asked))
    assert right >= RIGHT_PAIRS * asked, "%d of %d" % (right, asked)


# --- the table in doc/ --------------------------------------------------------------------------

HEAD = """# What Postfix refuses by itself, and what dragoman makes of it

Made by `tests/e2e/test_refusals.py`, which provokes each of these on a real Postfix 3.7 and 3.11
and compares; `tests/e2e/refusals.cases` says how. Written anew with `DRAGOMAN_WRITE_DOC=yes`.

- **Postfix says**: the refusal without dragoman. `3.11:` where that release says it differently.
- **reason**: what it means, as in `dragoman.conf(5)`.
- **3.7 shows**, with `smtpd_reject_footer_maps`: these words, and ours in so many further lines
  with the same pair, for a footer cannot change it.
- **3.11 shows**, with `smtpd_reject_filter_maps`: the pair and the first line of our reply in its
  place. postscreen has no such map: there it is as with 3.7. A pair marked with `*` is right at the
  moment at which Postfix usually says this; it was provoked at another, which no reply tells.
"""


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def code_cell(lines):
    return " ".join("`%s`" % line.replace("|", "\\|") for line in lines)


def further_lines(case):
    shown = seen["3.7", "footer"].get(case.name)
    if shown is None:
        return "–"
    return "%s + %d" % (case.expected("3.7")[-1][:3] + (
        " " + m[1] if (m := re.match(r"\d{3} (\d\.\d+\.\d+)", case.expected("3.7")[-1])) else ""),
        shown.reply.count("\r\n") - len(case.expected("3.7")))


def first_line(case):
    shown = seen["3.11", "reply"].get(case.name)
    if shown is None:
        return "–"
    if case.one("service") == "postscreen":
        return "as 3.7"
    line = shown.reply.split("\r\n")[0]
    pair = pair_of(shown.reply)
    star = "\\*" if case.restated != case.pair else ""
    return "%s%s %s" % (pair, star, cell(line[len(pair) + 1:]))


def table():
    section, out = None, [HEAD]
    for case in CASES:
        if case.section != section:
            section = case.section
            out.append("\n## %s\n\n| case | Postfix says | reason | 3.7 shows | 3.11 shows |\n"
                       "|---|---|---|---|---|\n" % section)
        says = code_cell(case.expected("3.7") if case.runs_on("3.7") else case.expected("3.11"))
        if case.runs_on("3.7") and case.runs_on("3.11") and case.expected("3.7") != case.expected("3.11"):
            says += " 3.11: " + code_cell(case.expected("3.11"))
        out.append("| %s | %s | %s | %s | %s |\n" % (
            cell(case.name), says, case.reason, further_lines(case), first_line(case)))
    return "".join(out)


def test_the_table_in_doc_is_true(_):
    if len(seen) < 3:
        raise Skip("it needs the other three")
    wanted = table()
    if os.environ.get("DRAGOMAN_WRITE_DOC") == "yes":
        with open(TABLE, "w", encoding="utf-8") as f:
            f.write(wanted)
    with open(TABLE, encoding="utf-8") as f:
        written = f.read()
    different = [line for line in wanted.splitlines() if line not in written.splitlines()]
    assert written == wanted, "doc/postfix-refusals.md is not what was seen:\n" + "\n".join(different)
