embedded_names = \
	dragoman.conf \
	policy.conf \
	reasons.conf \
	texts/de.conf \
	texts/en.conf \
	texts/tr.conf

configdir = $(sysconfdir)/dragoman
textsdir = $(configdir)/texts
dist_config_DATA = etc/dragoman.conf etc/policy.conf etc/reasons.conf
dist_texts_DATA = etc/texts/de.conf etc/texts/en.conf etc/texts/tr.conf
