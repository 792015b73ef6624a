/* SPDX-License-Identifier: ISC */
/*
 * What is agreed upon with the MTA at the beginning of a milter's connection: which stages it tells
 * us of, at which it waits for us, which macros it gives. What no rule needs is not asked for; that
 * saves more time than anything else could.
 */
#ifndef DRAGOMAN_MILTER_NEGOTIATION_H
#define DRAGOMAN_MILTER_NEGOTIATION_H

#include <libmilter/mfapi.h>

#include "dragoman/snapshot.h"

/* SMFIP_*: of the steps that the MTA offers, those that the policy wants. */
unsigned long negotiated_steps(const struct snapshot *snapshot, unsigned long offered);

/* SMFIF_*: of the actions that the MTA offers, those that may be taken. */
unsigned long negotiated_actions(const struct snapshot *snapshot, unsigned long offered);

/* Asks for the macros of every stage; to be called while negotiating, where SMFIF_SETSYMLIST is
 * offered. */
void negotiate_macros(SMFICTX *context, const struct snapshot *snapshot);

/* SMFIP_NR_*: the step which says that the MTA does not wait for us at this stage; 0 if it always
 * does. */
unsigned long negotiated_silence(enum stage stage);

enum { SYMBOL_SIZE = 128 }; /* no MTA has longer names of macros */

/* A macro's name as libmilter wants it, written into `symbol`, which is returned. */
char *macro_symbol(const char *name, char symbol[static SYMBOL_SIZE]);

#endif
