dist_doc_DATA += doc/architecture.md doc/hooks.md doc/postfix-refusals.md doc/sendmail.md

examplesdir = $(docdir)/examples
exampletablesdir = $(examplesdir)/tables
examplebouncesdir = $(examplesdir)/bounces
dist_examples_DATA = \
	etc/examples/country-office.conf \
	etc/examples/mailing-list.conf \
	etc/examples/our-users.conf \
	etc/examples/postfix-access.cf \
	etc/examples/postfix-delivery.cf \
	etc/examples/postfix-footer.cf \
	etc/examples/postfix-main.cf \
	etc/examples/postfix-policy.cf \
	etc/examples/postfix-rbl.cf \
	etc/examples/postfix-reply.cf \
	etc/examples/sendmail-refusals.mc \
	etc/examples/sendmail.mc \
	etc/examples/strangers.conf
dist_exampletables_DATA = \
	etc/examples/tables/bad-clients \
	etc/examples/tables/our-users \
	etc/examples/tables/staff

# The test that holds all of this to its word.
dist_noinst_SCRIPTS += tests/docs/run
dist_examplebounces_DATA = \
	etc/examples/bounces/postfix-bounce.cf \
	etc/examples/bounces/undelivered.eml
