# The service and its user. The names of the files here are not those under which systemd wants them.
sysusersdir = $(prefix)/lib/sysusers.d
nodist_systemdsystemunit_DATA = systemd/dragomand.service
EXTRA_DIST += systemd/dragomand.service.in systemd/sysusers.conf
CLEANFILES += systemd/dragomand.service

systemd/dragomand.service: $(top_srcdir)/systemd/dragomand.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && \
	$(SED) 's|[@]sbindir[@]|$(sbindir)|' $(top_srcdir)/systemd/dragomand.service.in > $@.new && \
	mv $@.new $@

install-data-local:
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)'
	$(INSTALL_DATA) $(top_srcdir)/systemd/sysusers.conf '$(DESTDIR)$(sysusersdir)/dragoman.conf'

uninstall-local:
	rm -f '$(DESTDIR)$(sysusersdir)/dragoman.conf'

# distcheck must not write where another run of configure was told to.
AM_DISTCHECK_CONFIGURE_FLAGS = --with-systemdsystemunitdir='$$dc_install_base/lib/systemd/system'
