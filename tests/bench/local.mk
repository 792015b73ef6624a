# The benchmark: what scripts/benchmark runs (doc/performance.md). Never installed, and no test.
noinst_PROGRAMS += tests/bench/null_milter tests/bench/milter_load tests/bench/null_explain \
	tests/bench/null_queries tests/bench/query_load

tests_bench_null_milter_SOURCES = tests/bench/null_milter.c
tests_bench_null_milter_LDADD = $(MILTER_LIBS) $(GLIB_LIBS) -lpthread

tests_bench_milter_load_SOURCES = tests/bench/milter_load.c
tests_bench_milter_load_LDADD = $(GLIB_LIBS)

tests_bench_null_explain_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS) $(PCRE2_CFLAGS) \
	$(CONFUSE_CFLAGS) $(JANSSON_CFLAGS)
tests_bench_null_explain_SOURCES = tests/bench/null_explain.c
tests_bench_null_explain_LDADD = $(TOOL_LIBS)
if STATIC_TOOL
tests_bench_null_explain_SOURCES += src/bounce/gmime_unused.c
endif

tests_bench_null_queries_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS)
tests_bench_null_queries_SOURCES = tests/bench/null_queries.c
tests_bench_null_queries_LDADD = $(EVENT_LIBS) $(GLIB_LIBS)

tests_bench_query_load_SOURCES = tests/bench/query_load.c
tests_bench_query_load_LDADD = $(GLIB_LIBS)

dist_noinst_SCRIPTS += scripts/benchmark
dist_doc_DATA += doc/performance.md
