# One library for each floor; what is higher may use what is lower, never the other way round.
noinst_LIBRARIES += src/libground.a src/libmeaning.a src/libwire.a src/libsettings.a

src_libground_a_SOURCES = \
	src/ground/address.c \
	src/ground/arena.c \
	src/ground/complaint.c \
	src/ground/fact.c \
	src/ground/stage.c \
	src/ground/status.c \
	src/ground/status_check.c \
	src/ground/text.c \
	src/ground/transaction.c

src_libmeaning_a_CPPFLAGS = $(AM_CPPFLAGS) $(PCRE2_CFLAGS)
src_libmeaning_a_SOURCES = \
	src/meaning/compose.c \
	src/meaning/evaluate.c \
	src/meaning/explanation.c \
	src/meaning/fold.c \
	src/meaning/inquiry.c \
	src/meaning/interpret.c \
	src/meaning/key.c \
	src/meaning/letter.c \
	src/meaning/letter_book.c \
	src/meaning/pattern.c \
	src/meaning/pattern_index.c \
	src/meaning/pieces.c \
	src/meaning/policy.c \
	src/meaning/positions.c \
	src/meaning/positions.h \
	src/meaning/reasons.c \
	src/meaning/ref.c \
	src/meaning/reply_memory.c \
	src/meaning/restatement.c \
	src/meaning/rule_index.c \
	src/meaning/session.c \
	src/meaning/snapshot.c \
	src/meaning/table.c \
	src/meaning/table_entry.c \
	src/meaning/table_parts.h \
	src/meaning/template.c

src_libwire_a_CPPFLAGS = $(AM_CPPFLAGS) $(PCRE2_CFLAGS)
src_libwire_a_SOURCES = \
	src/wire/foreign_reply.c \
	src/wire/map.c \
	src/wire/map_access.c \
	src/wire/map_delivery.c \
	src/wire/map_rbl.c \
	src/wire/map_refusal.c \
	src/wire/map_row.h \
	src/wire/policy_service.c \
	src/wire/reply_code.c \
	src/wire/reply_code.h \
	src/wire/reply_frame.c \
	src/wire/reply_frame.h \
	src/wire/socketmap.c \
	src/wire/soundness.c \
	src/wire/soundness.h

noinst_LIBRARIES += src/libbounce.a
src_libbounce_a_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS) $(PCRE2_CFLAGS) -I$(top_srcdir)/src/bounce
src_libbounce_a_SOURCES = \
	src/bounce/address_line.c \
	src/bounce/address_line.h \
	src/bounce/delivery_status.c \
	src/bounce/delivery_status.h \
	src/bounce/dossier.c \
	src/bounce/dossier.h \
	src/bounce/enrich.c \
	src/bounce/evidence.c \
	src/bounce/evidence.h \
	src/bounce/html.c \
	src/bounce/html.h \
	src/bounce/lines.c \
	src/bounce/lines.h \
	src/bounce/mail.c \
	src/bounce/mail.h \
	src/bounce/mailbox.c \
	src/bounce/mailbox.h \
	src/bounce/mime_frame.c \
	src/bounce/mime_frame.h \
	src/bounce/notice.c \
	src/bounce/notice.h \
	src/bounce/notice_line.c \
	src/bounce/notice_line.h \
	src/bounce/notice_words.c \
	src/bounce/notification.c \
	src/bounce/notification.h \
	src/bounce/outcome.c \
	src/bounce/outcome.h \
	src/bounce/part_text.c \
	src/bounce/part_text.h \
	src/bounce/phrase_set.c \
	src/bounce/phrase_set.h \
	src/bounce/phrases.c \
	src/bounce/phrases.h \
	src/bounce/recipients.c \
	src/bounce/recipients.h \
	src/bounce/recognition.c \
	src/bounce/recognition.h \
	src/bounce/report.c \
	src/bounce/safety.c \
	src/bounce/safety.h \
	src/bounce/transcript.c \
	src/bounce/transcript.h

nodist_src_libbounce_a_SOURCES = src/bounce/phrases_baked.c

noinst_PROGRAMS += src/bounce/phrase_bake
src_bounce_phrase_bake_LDADD = $(GLIB_LIBS)
src_bounce_phrase_bake_SOURCES = \
	src/bounce/phrase_bake.c \
	src/bounce/phrase_lists.c \
	src/bounce/phrase_lists.h \
	src/bounce/phrase_set.c \
	src/bounce/phrase_set.h

src/bounce/phrases_baked.c: src/bounce/phrase_bake$(EXEEXT)
	$(AM_V_GEN)src/bounce/phrase_bake$(EXEEXT) > $@.new && mv $@.new $@
CLEANFILES += src/bounce/phrases_baked.c

src_libsettings_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFUSE_CFLAGS) -I$(top_srcdir)/src/settings
src_libsettings_a_SOURCES = \
	src/settings/baked.c \
	src/settings/baked.h \
	src/settings/bounces.c \
	src/settings/catalogue.c \
	src/settings/code_book.c \
	src/settings/embedded.h \
	src/settings/loader.h \
	src/settings/node.c \
	src/settings/node.h \
	src/settings/options.c \
	src/settings/outline.c \
	src/settings/outline.h \
	src/settings/rules.c \
	src/settings/schema.c \
	src/settings/schema.h \
	src/settings/service.c \
	src/settings/settings.c \
	src/settings/site.c \
	src/settings/source.c \
	src/settings/source.h \
	src/settings/tables.c \
	src/settings/tests.c \
	src/settings/unmade.c \
	src/settings/unmade.h

# The files of etc/ that the program runs on where there is no configuration: as they are, and as
# they are when they have been read.
noinst_LIBRARIES += src/libdefaults.a
src_libdefaults_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFUSE_CFLAGS) -I$(top_srcdir)/src/settings
src_libdefaults_a_SOURCES =
nodist_src_libdefaults_a_SOURCES = src/settings/embedded_files.c src/settings/baked_files.c

embedded_paths = $(embedded_names:%=$(top_srcdir)/etc/%)
src/settings/embedded_files.c: $(embedded_paths) $(top_srcdir)/scripts/embed-files
	$(AM_V_GEN)$(MKDIR_P) src/settings && \
	$(top_srcdir)/scripts/embed-files $(top_srcdir)/etc $(embedded_names) > $@.new && mv $@.new $@

noinst_PROGRAMS += src/settings/bake
src_settings_bake_CPPFLAGS = $(src_libdefaults_a_CPPFLAGS)
src_settings_bake_LDADD = src/libsettings.a src/libmeaning.a src/libground.a $(floor_libraries)
src_settings_bake_SOURCES = src/settings/bake.c src/settings/not_baked.c
nodist_src_settings_bake_SOURCES = src/settings/embedded_files.c

src/settings/baked_files.c: src/settings/bake$(EXEEXT)
	$(AM_V_GEN)src/settings/bake$(EXEEXT) > $@.new && mv $@.new $@
CLEANFILES += src/settings/embedded_files.c src/settings/baked_files.c

floors = src/libsettings.a src/libdefaults.a src/libwire.a src/libmeaning.a src/libground.a
floor_libraries = $(CONFUSE_LIBS) $(PCRE2_LIBS) $(GLIB_LIBS)

sbin_PROGRAMS += src/dragomand
src_dragomand_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS)
src_dragomand_LDADD = src/libbounce.a $(floors) $(GMIME_LIBS) $(MILTER_LIBS) $(EVENT_LIBS) \
	$(floor_libraries) -lpthread
src_dragomand_SOURCES = \
	src/daemon/bounce_copy.c \
	src/daemon/bounce_copy.h \
	src/daemon/child.c \
	src/daemon/child.h \
	src/daemon/counters.c \
	src/daemon/counters.h \
	src/daemon/front.h \
	src/daemon/generation.c \
	src/daemon/generation.h \
	src/daemon/listener.c \
	src/daemon/listener.h \
	src/daemon/log.c \
	src/daemon/log.h \
	src/daemon/main.c \
	src/daemon/milter_front.c \
	src/daemon/milter_negotiation.c \
	src/daemon/milter_negotiation.h \
	src/daemon/privileges.c \
	src/daemon/privileges.h \
	src/daemon/query.h \
	src/daemon/query_front.c \
	src/daemon/query_policy.c \
	src/daemon/query_socketmap.c \
	src/daemon/refusal_log.c \
	src/daemon/refusal_log.h \
	src/daemon/supervisor.c \
	src/daemon/supervisor.h \
	src/daemon/upstream.c \
	src/daemon/upstream.h

bin_PROGRAMS += src/dragoman
src_dragoman_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(GMIME_CFLAGS) $(ZLIB_CFLAGS)
src_dragoman_LDADD = src/libbounce.a $(floors) $(TOOL_LIBS)
src_dragoman_SOURCES = \
	src/cli/check.c \
	src/cli/checkup.c \
	src/cli/checkup.h \
	src/cli/command.h \
	src/cli/doctor.c \
	src/cli/doctor.h \
	src/cli/doctor_postfix.c \
	src/cli/doctor_postfix.h \
	src/cli/doctor_safety.c \
	src/cli/doctor_sendmail.c \
	src/cli/endpoint.c \
	src/cli/endpoint.h \
	src/cli/enrich.c \
	src/cli/explain.c \
	src/cli/explain.h \
	src/cli/explain_bounce.c \
	src/cli/explain_code.c \
	src/cli/explain_files.c \
	src/cli/explain_log.c \
	src/cli/explain_reply.c \
	src/cli/explained.c \
	src/cli/explained.h \
	src/cli/line_reader.c \
	src/cli/line_reader.h \
	src/cli/log_line.c \
	src/cli/log_line.h \
	src/cli/log_summary.c \
	src/cli/log_summary.h \
	src/cli/main.c \
	src/cli/main_cf.c \
	src/cli/main_cf.h \
	src/cli/mta.c \
	src/cli/mta.h \
	src/cli/mta_commands.c \
	src/cli/mta_state.h \
	src/cli/mta_words.c \
	src/cli/mta_words.h \
	src/cli/page.c \
	src/cli/page.h \
	src/cli/rehearsal.c \
	src/cli/rehearsal.h \
	src/cli/reply_shape.c \
	src/cli/reply_shape.h \
	src/cli/sendmail.c \
	src/cli/try.c \
	src/cli/via.c \
	src/cli/via.h
if STATIC_TOOL
src_dragoman_SOURCES += src/bounce/gmime_unused.c
endif
