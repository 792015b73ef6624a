dist_noinst_SCRIPTS += scripts/embed-files scripts/install-dependencies scripts/demo scripts/demo-session scripts/test
