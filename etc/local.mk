embedded_names = \
	codes/de.conf \
	codes/en.conf \
	codes/labels.de.conf \
	codes/labels.en.conf \
	codes/labels.tr.conf \
	codes/tr.conf \
	dragoman.conf \
	letters/de.conf \
	letters/en.conf \
	letters/tr.conf \
	policy.conf \
	restate/access.conf \
	restate/codes.conf \
	restate/milters.conf \
	restate/postfix.conf \
	restate/remote.conf \
	restate/sendmail.conf \
	reasons.conf \
	texts/de.conf \
	texts/en.conf \
	texts/tr.conf

configdir = $(sysconfdir)/dragoman
textsdir = $(configdir)/texts
dist_config_DATA = etc/dragoman.conf etc/policy.conf etc/reasons.conf
dist_texts_DATA = etc/texts/de.conf etc/texts/en.conf etc/texts/tr.conf
lettersdir = $(configdir)/letters
dist_letters_DATA = etc/letters/de.conf etc/letters/en.conf etc/letters/tr.conf
restatedir = $(configdir)/restate
dist_restate_DATA = \
	etc/restate/access.conf \
	etc/restate/codes.conf \
	etc/restate/milters.conf \
	etc/restate/postfix.conf \
	etc/restate/remote.conf \
	etc/restate/sendmail.conf
codesdir = $(configdir)/codes
dist_codes_DATA = \
	etc/codes/de.conf \
	etc/codes/en.conf \
	etc/codes/labels.de.conf \
	etc/codes/labels.en.conf \
	etc/codes/labels.tr.conf \
	etc/codes/tr.conf

# For sendmail.mc. The texts are those of the catalogue, in the languages of dragoman.conf.
sendmaildir = $(configdir)/sendmail
dist_sendmail_DATA = etc/sendmail/checks.m4 etc/sendmail/error-header
nodist_sendmail_DATA = etc/sendmail/refusals.m4
etc/sendmail/refusals.m4: src/dragoman$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) etc/sendmail && \
	src/dragoman$(EXEEXT) sendmail -c $(top_srcdir)/etc/dragoman.conf > $@.new && mv $@.new $@
CLEANFILES += etc/sendmail/refusals.m4
