/* SPDX-License-Identifier: ISC */
/*
 * An arena holds everything that lives equally long: what is learned of one message is taken from
 * one arena and forgotten in one call. Nothing taken from an arena is freed alone.
 */
#ifndef DRAGOMAN_ARENA_H
#define DRAGOMAN_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A new, empty arena; the caller owns it and ends it with arena_free(). */
struct arena *arena_new(void);
void arena_free(struct arena *arena);

/* Forgets all that was taken; one block of memory is kept for the next message. */
void arena_reset(struct arena *arena);

/* Whether nothing has been taken from it since it was new or reset. */
bool arena_is_empty(const struct arena *arena);

/* `size` octets, set to zero and aligned for any object. Never NULL. */
void *arena_take(struct arena *arena, size_t size);

/* A NUL-terminated copy of `length` octets (of the whole text, for arena_copy()). */
char *arena_copy_octets(struct arena *arena, const char *octets, size_t length);
char *arena_copy(struct arena *arena, const char *text);

#endif
