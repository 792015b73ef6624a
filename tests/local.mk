# The unit tests: one program for each floor, which links only up to that floor.
EXTRA_DIST += tests/data/pairs.tsv tests/data/sendmail-refusals.tsv $(bounce_files) \
	tests/bounces/enrich tests/bounces/measure
bounce_files = \
	tests/data/bounces/dsn-alias.eml \
	tests/data/bounces/dsn-delay.eml \
	tests/data/bounces/dsn-exchange.eml \
	tests/data/bounces/dsn-exim-vague-status.eml \
	tests/data/bounces/dsn-expired.eml \
	tests/data/bounces/dsn-global.eml \
	tests/data/bounces/dsn-ironport.eml \
	tests/data/bounces/dsn-postfix.eml \
	tests/data/bounces/dsn-success.eml \
	tests/data/bounces/dsn-unusable-recipient.eml \
	tests/data/bounces/dsn-wrong-status.eml \
	tests/data/bounces/dsn-xtext.eml \
	tests/data/bounces/expected.tsv \
	tests/data/bounces/frame-base64.eml \
	tests/data/bounces/frame-forwarded.eml \
	tests/data/bounces/frame-mixed.eml \
	tests/data/bounces/frame-no-part-headers.eml \
	tests/data/bounces/frame-plain-text.eml \
	tests/data/bounces/frame-wrong-boundary.eml \
	tests/data/bounces/free-activehunter-like.eml \
	tests/data/bounces/free-bracketed-reason.eml \
	tests/data/bounces/free-bullets.eml \
	tests/data/bounces/free-courier.eml \
	tests/data/bounces/free-dma.eml \
	tests/data/bounces/free-domino.eml \
	tests/data/bounces/free-each-recipient.eml \
	tests/data/bounces/free-exchange2003.eml \
	tests/data/bounces/free-exim-delay.eml \
	tests/data/bounces/free-exim.eml \
	tests/data/bounces/free-gmail.eml \
	tests/data/bounces/free-groupwise.eml \
	tests/data/bounces/free-html-only.eml \
	tests/data/bounces/free-james.eml \
	tests/data/bounces/free-last-resort.eml \
	tests/data/bounces/free-mailfoundry.eml \
	tests/data/bounces/free-mailmarshal.eml \
	tests/data/bounces/free-messaging-server.eml \
	tests/data/bounces/free-notes.eml \
	tests/data/bounces/free-one-sentence.eml \
	tests/data/bounces/free-opensmtpd.eml \
	tests/data/bounces/free-qmail.eml \
	tests/data/bounces/free-scanner-dialogue.eml \
	tests/data/bounces/free-sendmail-old.eml \
	tests/data/bounces/free-sendmail-v5.eml \
	tests/data/bounces/free-sentence-mailbox-full.eml \
	tests/data/bounces/free-server-message.eml \
	tests/data/bounces/free-ses-notification.eml \
	tests/data/bounces/free-turkish.eml \
	tests/data/bounces/free-unrouteable.eml \
	tests/data/bounces/free-yahoo-like.eml \
	tests/data/bounces/free-zoho-like.eml \
	tests/data/bounces/none-about-bounces.eml \
	tests/data/bounces/none-complaint.eml \
	tests/data/bounces/none-list-digest.eml \
	tests/data/bounces/none-ordinary.eml \
	tests/data/bounces/none-parcel.eml \
	tests/data/bounces/none-postmaster.eml \
	tests/data/bounces/none-receipt.eml \
	tests/data/bounces/none-vacation-subjectless.eml \
	tests/data/bounces/none-vacation.eml

if HAVE_CHECK
unit_programs = \
	tests/unit/check_bounce \
	tests/unit/check_enrich \
	tests/unit/check_ground \
	tests/unit/check_meaning \
	tests/unit/check_settings \
	tests/unit/check_wire
check_PROGRAMS += $(unit_programs)
TESTS += $(unit_programs)
endif

unit_cppflags = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -DTEST_DATA='"$(abs_top_srcdir)/tests/data"'

tests_unit_check_ground_CPPFLAGS = $(unit_cppflags)
tests_unit_check_ground_LDADD = src/libground.a $(CHECK_LIBS) $(GLIB_LIBS)
tests_unit_check_ground_SOURCES = \
	tests/unit/check_address.c \
	tests/unit/check_arena.c \
	tests/unit/check_complaint.c \
	tests/unit/check_fact.c \
	tests/unit/check_stage.c \
	tests/unit/check_status.c \
	tests/unit/check_text.c \
	tests/unit/check_transaction.c \
	tests/unit/ground_main.c \
	tests/unit/run.c \
	tests/unit/suites.h

tests_unit_check_meaning_CPPFLAGS = $(unit_cppflags)
tests_unit_check_meaning_LDADD = src/libmeaning.a src/libground.a $(CHECK_LIBS) $(PCRE2_LIBS) \
	$(GLIB_LIBS)
tests_unit_check_meaning_SOURCES = \
	tests/unit/check_compose.c \
	tests/unit/check_evaluate.c \
	tests/unit/check_fold.c \
	tests/unit/check_inquiry.c \
	tests/unit/check_interpret.c \
	tests/unit/check_pattern.c \
	tests/unit/check_pattern_index.c \
	tests/unit/check_pieces.c \
	tests/unit/check_policy.c \
	tests/unit/check_reasons.c \
	tests/unit/check_ref.c \
	tests/unit/check_reply_memory.c \
	tests/unit/check_restatement.c \
	tests/unit/check_session.c \
	tests/unit/check_table.c \
	tests/unit/check_template.c \
	tests/unit/meaning_main.c \
	tests/unit/run.c \
	tests/unit/sample.c \
	tests/unit/sample.h \
	tests/unit/suites.h

tests_unit_check_wire_CPPFLAGS = $(unit_cppflags) -I$(top_srcdir)/src/wire
tests_unit_check_wire_LDADD = src/libwire.a src/libmeaning.a src/libground.a $(CHECK_LIBS) \
	$(PCRE2_LIBS) $(GLIB_LIBS)
tests_unit_check_wire_SOURCES = \
	tests/unit/check_map.c \
	tests/unit/check_policy_service.c \
	tests/unit/check_socketmap.c \
	tests/unit/check_soundness.c \
	tests/unit/run.c \
	tests/unit/sample.c \
	tests/unit/sample.h \
	tests/unit/suites.h \
	tests/unit/wire_main.c

tests_unit_check_bounce_CPPFLAGS = $(unit_cppflags) $(GMIME_CFLAGS)
tests_unit_check_bounce_LDADD = src/libbounce.a src/libwire.a src/libground.a $(CHECK_LIBS) \
	$(GMIME_LIBS) $(GLIB_LIBS)
tests_unit_check_bounce_SOURCES = \
	tests/unit/bounce_main.c \
	tests/unit/check_foreign_reply.c \
	tests/unit/check_notices.c \
	tests/unit/check_report.c \
	tests/unit/run.c \
	tests/unit/suites.h

# A letter is made of what both libraries of its floor give.
tests_unit_check_enrich_CPPFLAGS = $(unit_cppflags)
tests_unit_check_enrich_LDADD = src/libbounce.a $(floors) $(CHECK_LIBS) $(GMIME_LIBS) \
	$(floor_libraries)
tests_unit_check_enrich_SOURCES = \
	tests/unit/check_enrich.c \
	tests/unit/enrich_main.c \
	tests/unit/run.c \
	tests/unit/suites.h

tests_unit_check_settings_CPPFLAGS = $(unit_cppflags) -I$(top_srcdir)/src/settings
tests_unit_check_settings_LDADD = $(floors) $(CHECK_LIBS) $(floor_libraries)
tests_unit_check_settings_SOURCES = \
	tests/unit/check_catalogue.c \
	tests/unit/check_letter.c \
	tests/unit/check_outline.c \
	tests/unit/check_settings.c \
	tests/unit/check_unmade.c \
	tests/unit/run.c \
	tests/unit/settings_main.c \
	tests/unit/suites.h

# The tests against real mail servers are run by hand or by the CI: add their files here.
e2e_files = \
	tests/e2e/lib/devlog.py \
	tests/e2e/lib/enriched.py \
	tests/e2e/lib/dialogue.py \
	tests/e2e/lib/harness.py \
	tests/e2e/lib/milter_client.py \
	tests/e2e/lib/nameserver.py \
	tests/e2e/lib/observe.py \
	tests/e2e/lib/peers.py \
	tests/e2e/lib/postfix \
	tests/e2e/lib/postfix-root \
	tests/e2e/lib/queries.py \
	tests/e2e/lib/raw_milter.py \
	tests/e2e/lib/raw_socketmap.py \
	tests/e2e/lib/refusals.py \
	tests/e2e/lib/sendmail \
	tests/e2e/lib/sink.py \
	tests/e2e/lib/smtp_client.py \
	tests/e2e/lib/tsan.supp \
	tests/e2e/miltertest/connect.lua \
	tests/e2e/miltertest/header.lua \
	tests/e2e/miltertest/internal.lua \
	tests/e2e/miltertest/lib.lua \
	tests/e2e/miltertest/quarantine.lua \
	tests/e2e/miltertest/rcpt.lua \
	tests/e2e/refusals.cases \
	tests/e2e/test_bounce.py \
	tests/e2e/test_daemon.py \
	tests/e2e/test_doctor.py \
	tests/e2e/test_enrich.py \
	tests/e2e/test_enrich_collection.py \
	tests/e2e/test_enrich_filter.py \
	tests/e2e/test_explain.py \
	tests/e2e/test_explain_log.py \
	tests/e2e/test_harness.py \
	tests/e2e/test_hooks.py \
	tests/e2e/test_hostile.py \
	tests/e2e/test_hostile_queries.py \
	tests/e2e/test_maps.py \
	tests/e2e/test_milter.py \
	tests/e2e/test_miltertest.py \
	tests/e2e/test_refusals.py \
	tests/e2e/test_sendmail.py \
	tests/e2e/test_sendmail_refusals.py \
	tests/e2e/test_policy_service.py \
	tests/e2e/test_threads.py \
	tests/e2e/test_try_via.py
EXTRA_DIST += $(e2e_files)
include tests/bench/local.mk
