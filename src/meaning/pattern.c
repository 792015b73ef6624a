/* SPDX-License-Identifier: ISC */
#include "dragoman/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* What one match may cost: about 10 ms on slow machines. Sane expressions need far less. */
enum { MATCH_LIMIT = 100000, HEAP_LIMIT_KIB = 1024 };

/* What a match writes to, one for each thread; captures behind the last are not kept. */
enum { CAPTURE_PAIRS = 64 };

static void free_match_data(void *data) {
    pcre2_match_data_free(data);
}

static pcre2_match_data *match_data_of_thread(void) {
    static GPrivate kept = G_PRIVATE_INIT(free_match_data);
    pcre2_match_data *data = g_private_get(&kept);
    if (data == NULL) {
        data = pcre2_match_data_create(CAPTURE_PAIRS, NULL);
        g_private_set(&kept, data);
    }
    return data;
}

/* The limits are the same for every pattern. */
static pcre2_match_context *limits;

static void make_limits(void) {
    limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(limits, MATCH_LIMIT);
    pcre2_set_heap_limit(limits, HEAP_LIMIT_KIB);
}

static pcre2_match_context *match_limits(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_limits);
    return limits;
}

/* A pattern that is restored is decoded when it is first matched, for most never are. */
struct pattern {
    const uint8_t *octets; /* NULL if it was compiled */
    const uint16_t *pieces;
    uint16_t *own_pieces; /* the same, if it was compiled */
    atomic_bool ready;    /* what follows is there */
    pcre2_code *code;
    bool wanted_fast, accelerated;
    GPtrArray *names; /* by number of the group; NULL for groups without a name */
};

/* The parameter that a group sets: PCRE2 allows no hyphen in a name, so (?<virus_name>…) it is. */
static const char *parameter_of_group(const char *group) {
    g_autofree char *name = g_strdelimit(g_strdup(group), "_", '-');
    return g_intern_string(name);
}

static void remember_names(struct pattern *pattern) {
    uint32_t count, size, groups;
    PCRE2_SPTR row;
    pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(pattern->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    pattern->names = g_ptr_array_new();
    g_ptr_array_set_size(pattern->names, (gint)groups + 1);
    if (count == 0)
        return;
    pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMETABLE, &row);
    for (; count > 0; count--, row += size)
        pattern->names->pdata[row[0] << 8 | row[1]] =
            (char *)parameter_of_group((const char *)row + 2);
}

static void make_ready(struct pattern *pattern) {
    if (pattern->octets != NULL)
        pcre2_serialize_decode(&pattern->code, 1, pattern->octets, NULL);
    if (pattern->code != NULL)
        remember_names(pattern);
    if (pattern->wanted_fast)
        pattern->accelerated = pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE) == 0;
    atomic_store_explicit(&pattern->ready, true, memory_order_release);
}

/* NULL only if there is no memory for it. */
static const pcre2_code *code_of(struct pattern *pattern) {
    static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER; /* of any pattern: it is rare */
    if (!atomic_load_explicit(&pattern->ready, memory_order_acquire)) {
        pthread_mutex_lock(&making);
        if (!atomic_load_explicit(&pattern->ready, memory_order_relaxed))
            make_ready(pattern);
        pthread_mutex_unlock(&making);
    }
    return pattern->code;
}

static struct pattern *pattern_new(const uint16_t *pieces) {
    struct pattern *pattern = g_new0(struct pattern, 1);
    pattern->pieces = pieces;
    return pattern;
}

static struct pattern *pattern_of_code(pcre2_code *code, uint16_t *pieces) {
    struct pattern *pattern = pattern_new(pieces);
    pattern->own_pieces = pieces;
    pattern->code = code;
    return pattern;
}

struct pattern *pattern_compile(const char *expression, char **why) {
    const uint32_t options = PCRE2_CASELESS | PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOTALL;
    int error;
    PCRE2_SIZE offset;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)expression, PCRE2_ZERO_TERMINATED, options, &error,
                                     &offset, NULL);
    if (code != NULL)
        return pattern_of_code(code, pieces_of(expression));
    char message[128];
    pcre2_get_error_message(error, (PCRE2_UCHAR *)message, sizeof message);
    *why = g_strdup_printf("the regular expression \"%s\" is wrong at character %zu: %s; see "
                           "pcre2pattern(3)",
                           expression, offset, message);
    return NULL;
}

void pattern_accelerate(struct pattern *pattern) {
    pattern->wanted_fast = true;
}

void pattern_prepare(struct pattern *pattern) {
    (void)code_of(pattern);
}

const uint16_t *pattern_pieces(const struct pattern *pattern) {
    return pattern->pieces;
}

uint8_t *pattern_serialize(const struct pattern *pattern, size_t *length) {
    const pcre2_code *codes[] = {pattern->code};
    uint8_t *octets;
    PCRE2_SIZE size;
    if (pcre2_serialize_encode(codes, 1, &octets, &size, NULL) != 1)
        return NULL;
    uint8_t *copy = g_memdup2(octets, size);
    *length = size;
    pcre2_serialize_free(octets);
    return copy;
}

bool pattern_can_restore(const uint8_t *octets) {
    return pcre2_serialize_get_number_of_codes(octets) == 1;
}

struct pattern *pattern_restore(const uint8_t *octets, const uint16_t *pieces) {
    struct pattern *pattern = pattern_new(pieces);
    pattern->octets = octets;
    return pattern;
}

void pattern_free(struct pattern *pattern) {
    if (pattern == NULL)
        return;
    pcre2_code_free(pattern->code);
    g_clear_pointer(&pattern->names, g_ptr_array_unref);
    g_free(pattern->own_pieces);
    g_free(pattern);
}

static void add_capture(struct captures *captures, const char *name, const char *text,
                        size_t length) {
    if (captures->count == CAPTURES_MAX)
        return;
    if (captures->each == NULL)
        captures->each = g_new(struct capture, CAPTURES_MAX);
    captures->each[captures->count++] = (struct capture){name, g_strndup(text, length)};
}

/* From "^" to the end: an expression that may begin anywhere has not read what it happens to fill.
 */
static bool has_read_whole(const struct pattern *pattern, const char *text,
                           const PCRE2_SIZE *offsets) {
    uint32_t options = 0;
    pcre2_pattern_info(pattern->code, PCRE2_INFO_ALLOPTIONS, &options);
    return (options & PCRE2_ANCHORED) != 0 && offsets[0] == 0 && text[offsets[1]] == '\0';
}

static void remember_captures(const struct pattern *pattern, const char *text,
                              pcre2_match_data *data, struct captures *captures) {
    const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(data);
    captures->whole = has_read_whole(pattern, text, offsets);
    for (guint i = 1; i < MIN(pattern->names->len, CAPTURE_PAIRS); i++)
        if (pattern->names->pdata[i] != NULL && offsets[2 * i] != PCRE2_UNSET)
            add_capture(captures, pattern->names->pdata[i], text + offsets[2 * i],
                        offsets[2 * i + 1] - offsets[2 * i]);
}

static int match(const struct pattern *pattern, const struct probe *probe, pcre2_match_data *data) {
    PCRE2_SPTR text = (PCRE2_SPTR)probe->text;
    return pattern->accelerated
               ? pcre2_jit_match(pattern->code, text, probe->length, 0, 0, data, match_limits())
               : pcre2_match(pattern->code, text, probe->length, 0, PCRE2_NO_UTF_CHECK, data,
                             match_limits());
}

enum table_match pattern_match(struct pattern *pattern, struct probe *probe,
                               struct captures *captures) {
    if (!pieces_allow_all(pattern->pieces) && !grams_allow(probe_grams(probe), pattern->pieces))
        return TABLE_NO;
    if (code_of(pattern) == NULL)
        return TABLE_LIMIT;
    pcre2_match_data *data = match_data_of_thread();
    int matched = match(pattern, probe, data);
    if (matched == PCRE2_ERROR_NOMATCH)
        return TABLE_NO;
    if (matched < 0)
        return TABLE_LIMIT;
    if (captures != NULL)
        remember_captures(pattern, probe->text, data, captures);
    return TABLE_YES;
}

void captures_clear(struct captures *captures) {
    for (size_t i = 0; i < captures->count; i++)
        g_free(captures->each[i].value);
    g_clear_pointer(&captures->each, g_free);
    captures->count = 0;
    captures->whole = false;
}

const char *captures_find(const struct captures *captures, const char *name) {
    for (size_t i = 0; i < captures->count; i++)
        if (strcmp(captures->each[i].name, name) == 0)
            return captures->each[i].value;
    return NULL;
}
