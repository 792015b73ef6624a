dnl dragoman: its policy in the rulesets of Sendmail; see sendmail.md of its documentation.
dnl In sendmail.mc, before the MAILER lines:
dnl
dnl     include(`/etc/dragoman/sendmail/checks.m4')dnl
dnl
dnl and before that, where dragomand listens elsewhere:
dnl
dnl     define(`DRAGOMAN_SOCKETMAP', `unix:/run/dragoman/socketmap.sock')dnl
dnl
divert(-1)
ifdef(`DRAGOMAN_SOCKETMAP', `', `define(`DRAGOMAN_SOCKETMAP', `inet:8894@127.0.0.1')')
divert(0)dnl
VERSIONID(`dragoman: checks')
LOCAL_CONFIG
# -o: no socket is no reason to stop; -d: seconds to wait; -f: keep upper and lower case
Ksendmail socket -o -f -d3 -T<TMPF> DRAGOMAN_SOCKETMAP
# what is a refusal at all
Kdragoman_refusal regex -m -q ^"[45][0-9][0-9] [45][.][0-9]+[.][0-9]+ [^"]+"$$
Kdragoman_note macro

LOCAL_RULESETS
######################################################################
###  dragoman -- what the map "sendmail" says of a key: a refusal, or
###  NONE. A map that fails has Sendmail itself answer 451; so after
###  the first failure of a session it is asked no more.
######################################################################

Sdragoman
R$*			$: $&{dragoman} $| $1
Rdown $| $*		$@ NONE
R$* $| $*		$: $(sendmail $2 $: NONE $)
R$* <TMPF>		$@ NONE $(dragoman_note {dragoman} $@ down $)
RNONE			$@ NONE
R$*			$: $(dragoman_refusal $1 $: NONE $)
RNONE			$@ NONE
R$*			$#error $@ 5.7.1 $: $1

# The first question of a session comes here, for here a failure costs the client nothing.
ifdef(`_DELAY_CHECKS_', `dnl
Scheck_relay
R$#$*			$@ $#$1
R$*			$: $1 $| $>dragoman client:$&{client_addr}
R$* $| $*		$@ $1
', `dnl')

SLocal_check_relay
R$*			$: $>dragoman client:$&{client_addr}

SLocal_check_mail
R$*			$: $1 $| $>dragoman helo:$&s
R$* $| $#$*		$#$2
R$* $| $*		$: $>dragoman mail:$1

SLocal_check_rcpt
R$*			$: $>dragoman rcpt:$1

divert(0)dnl
