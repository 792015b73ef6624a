"""dragomand built with sanitizers: many sessions at once under TSan, the main cases under ASan and UBSan.

DRAGOMAN_TSAN_BUILD and DRAGOMAN_ASAN_BUILD name the folders of such builds (configure --enable-sanitizers=thread and
--enable-sanitizers=address,undefined); without them the tests are skipped.
"""

import os
import signal
import threading

import test_enrich
import test_hostile
import test_hostile_queries
import test_maps
import test_milter
import test_policy_service
from dialogue import SITE
from harness import LIB, Skip, eventually
from milter_client import GOES_ON, MilterClient, Reply, message, session

SESSIONS, THREADS = 200, 8
COMPLAINTS = ("ThreadSanitizer", "AddressSanitizer", "LeakSanitizer", "runtime error")

POLICY = SITE + """table "many" { type = regex  values = { "^a(?<file_name>.*)z$", "needle" } }
rule "shadow" { stage = rcpt  reject = site-policy  shadow = yes  if { recipient = { "~^r" } } }
rule "r" { stage = rcpt  reject = mailbox-unknown  if { recipient = { "~refuse" } } }
rule "h" { stage = eom  reject = attachment-refused  if { header:Subject = { "@many" } } }
rule "b" { stage = eom  defer = content-rejected  if { body = { "@many" } } }
rule "s" { stage = eom  hold = yes  if { size = { ">1 kB" } } }
"""


def build(t, variable):
    folder = os.environ.get(variable)
    if not folder:
        raise Skip("%s names no folder of a build with sanitizers" % variable)
    t.program = os.path.join(folder, "src", "dragomand")
    assert os.access(t.program, os.X_OK), t.program + " is missing"


def assert_clean(daemon):
    log = daemon.log()
    assert not any(word in log for word in COMPLAINTS), log[-20000:]
    assert "ended by" not in log, log[-4000:]


def play_one(address, number):
    """A session of two messages; what it meets depends on its number."""
    kind = number % 5
    with MilterClient(address) as m:
        m.connect("client%d.example" % number, "192.0.2.%d" % (number % 250)), m.helo("client%d.example" % number)
        first = message(m, rcpts=["<r%d@server.example>" % i for i in range(5)] + ["<refuse@server.example>"],
                        headers=[("Subject", "a%dz" % number if kind == 1 else "hello"), ("X", "y" * 100)],
                        body="needle" if kind == 2 else "hay " * (1000 if kind == 3 else 10))
        refused = [a for a in first if isinstance(a, Reply)]
        assert len(refused) == (2 if kind in (1, 2) else 1), (number, first)
        if kind == 1:
            assert b"(%d)" % number in refused[-1], refused[-1]  # and not what another session has captured
        if kind == 4:
            m.abort()
        assert message(m)[-1] in GOES_ON
        m.unknown("FOO")
        if number % 2:
            m.quit()


def test_many_sessions_under_tsan(t):
    build(t, "DRAGOMAN_TSAN_BUILD")
    # GLib is not built for TSan: what its own allocator hands from thread to thread looks like a race
    os.environ["G_SLICE"] = "always-malloc"
    t.cleanup(lambda: os.environ.pop("G_SLICE"))
    daemon = t.daemon(POLICY)
    failures, numbers, lock = [], iter(range(SESSIONS)), threading.Lock()

    def work():
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            try:
                play_one(t.socket, number)
            except Exception as e:  # noqa: BLE001
                failures.append((number, repr(e)))

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    reloads = 0
    while any(thread.is_alive() for thread in threads) and reloads < 20:
        daemon.reload(POLICY + "# %d\n" % reloads, until="is in order and taken over", seconds=20)
        daemon.signal(signal.SIGUSR1)
        reloads += 1
    for thread in threads:
        thread.join()
    assert not failures, failures[:5]
    assert reloads >= 2, reloads
    daemon.signal(signal.SIGUSR1)
    expected = "connections=%d" % SESSIONS
    assert expected in daemon.log(until=expected), daemon.log()[-2000:]
    daemon.reload("", until="is in order and taken over", seconds=20)
    assert eventually(lambda: session(t.socket, rcpts=["<refuse@server.example>"])[-1] in GOES_ON, 20)
    assert daemon.stop() == 0
    assert_clean(daemon)


def play_bounce(address, number):
    """A bounce of the MTA itself, and one that arrives; both get a new body."""
    bounce = test_enrich.own_bounce("dsn-postfix.eml").replace(b"bora@", b"bora%d@" % number)
    for client, sender in ((("localhost", "127.0.0.1", 0), ""), (("mx.example", "192.0.2.1", 25000), "<>")):
        with MilterClient(address) as m:
            m.connect(*client), m.helo("mx.example"), m.mail(sender), m.rcpt("<user@server.example>"), m.data()
            assert [*test_enrich.tell(m, bounce), m.eom()][-1] in GOES_ON
            body = b"".join(data for letter, data in m.changes if letter == b"b")
            assert b"bora%d=40" % number in body or b"bora%d@" % number in body, (number, body)


def test_many_bounces_under_tsan(t):
    build(t, "DRAGOMAN_TSAN_BUILD")
    for name, value in (("G_SLICE", "always-malloc"),
                        ("TSAN_OPTIONS", "suppressions=" + os.path.join(LIB, "tsan.supp"))):
        os.environ[name] = value
        t.cleanup(lambda name=name: os.environ.pop(name))
    daemon = t.daemon(test_enrich.ENRICH % "    order = evidence\n")
    failures = []

    def work(first):
        try:
            for number in range(first, 100, THREADS):
                play_bounce(t.socket, number)
        except Exception as e:  # noqa: BLE001
            failures.append((first, repr(e)))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[:5]
    daemon.signal(signal.SIGUSR1)
    assert "enriched=200" in daemon.log(until="enriched="), daemon.log()[-2000:]
    assert daemon.stop() == 0
    assert_clean(daemon)


def test_bounces_under_asan(t):
    run_with_asan(t, test_enrich.test_what_arrives_is_what_the_filter_makes,
                  test_enrich.test_a_bounce_of_the_mta_itself_is_never_refused,
                  test_enrich.test_a_message_beyond_the_limit_is_let_go)


def run_with_asan(t, *tests):
    run_with(t, "DRAGOMAN_ASAN_BUILD", tests)


def run_with(t, variable, tests):
    build(t, variable)
    for test in tests:
        test(t)
        for daemon in t._daemons:
            daemon.stop()
            assert_clean(daemon)
        del t._daemons[:]


def test_every_stage_under_asan(t):
    run_with_asan(t, test_milter.test_reject_at_every_stage, test_milter.test_defer_at_every_stage,
                  test_milter.test_hold_at_every_stage, test_milter.test_several_reasons_and_facts,
                  test_milter.test_parameters_of_the_rule_and_of_the_pattern)


def test_hostile_octets_under_asan(t):
    run_with_asan(t, test_hostile.test_nothing_gets_into_a_reply, test_hostile.test_commands_out_of_order,
                  test_hostile.test_broken_packets, test_hostile.test_the_client_leaves_at_every_point,
                  test_hostile.test_addresses)


def test_maps_and_policy_service_under_asan(t):
    run_with_asan(t, test_maps.test_a_footer_at_every_stage, test_maps.test_postmap, test_maps.test_delivery,
                  test_policy_service.test_other_verbs, test_policy_service.test_a_service_that_lets_pass,
                  test_policy_service.test_refusals_are_restated_with_their_own_word,
                  test_policy_service.test_a_service_that_does_not_answer_is_passed_over,
                  test_policy_service.test_a_service_that_is_not_there_is_passed_over,
                  test_policy_service.test_a_service_that_comes_back,
                  test_policy_service.test_the_first_of_two_answers_counts,
                  test_policy_service.test_a_client_that_leaves_while_its_service_thinks)


def test_hostile_queries_under_asan(t):
    run_with_asan(t, test_hostile_queries.test_no_netstrings, test_hostile_queries.test_no_policy_requests,
                  test_hostile_queries.test_requests_of_nothing, test_hostile_queries.test_the_largest_requests,
                  test_hostile_queries.test_hostile_attributes, test_hostile_queries.test_the_other_side_hangs_up,
                  test_hostile_queries.test_pipelined_requests)


def run_with_tsan(t, *tests):
    os.environ["G_SLICE"] = "always-malloc"
    t.cleanup(lambda: os.environ.pop("G_SLICE"))
    run_with(t, "DRAGOMAN_TSAN_BUILD", tests)


def test_maps_and_reloads_under_tsan(t):
    run_with_tsan(t, test_maps.test_reload_under_load)


def test_policy_service_and_reloads_under_tsan(t):
    run_with_tsan(t, test_policy_service.test_reload_under_load)


def test_queries_under_tsan(t):
    run_with_tsan(t, test_policy_service.test_requests_wait_for_their_service_alone,
                  test_hostile_queries.test_the_other_side_hangs_up, test_hostile_queries.test_pipelined_requests)
