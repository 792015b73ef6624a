# The unit tests: one program for each floor, which links only up to that floor.
EXTRA_DIST += tests/data/pairs.tsv

if HAVE_CHECK
unit_programs = \
	tests/unit/check_ground \
	tests/unit/check_meaning \
	tests/unit/check_settings
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
	tests/unit/check_interpret.c \
	tests/unit/check_pattern.c \
	tests/unit/check_policy.c \
	tests/unit/check_reasons.c \
	tests/unit/check_session.c \
	tests/unit/check_table.c \
	tests/unit/check_template.c \
	tests/unit/meaning_main.c \
	tests/unit/run.c \
	tests/unit/sample.c \
	tests/unit/sample.h \
	tests/unit/suites.h

tests_unit_check_settings_CPPFLAGS = $(unit_cppflags) -I$(top_srcdir)/src/settings
tests_unit_check_settings_LDADD = $(floors) $(CHECK_LIBS) $(floor_libraries)
tests_unit_check_settings_SOURCES = \
	tests/unit/check_catalogue.c \
	tests/unit/check_outline.c \
	tests/unit/check_settings.c \
	tests/unit/run.c \
	tests/unit/settings_main.c \
	tests/unit/suites.h

# The tests against real mail servers are run by hand or by the CI: add their files here.
e2e_files = \
	tests/e2e/lib/devlog.py \
	tests/e2e/lib/dialogue.py \
	tests/e2e/lib/harness.py \
	tests/e2e/lib/milter_client.py \
	tests/e2e/lib/postfix \
	tests/e2e/lib/raw_milter.py \
	tests/e2e/lib/sendmail \
	tests/e2e/lib/sink.py \
	tests/e2e/lib/smtp_client.py \
	tests/e2e/test_daemon.py \
	tests/e2e/test_harness.py \
	tests/e2e/test_milter.py
EXTRA_DIST += $(e2e_files)
include tests/bench/local.mk
