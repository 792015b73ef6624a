dist_noinst_SCRIPTS += scripts/embed-files scripts/install-dependencies
