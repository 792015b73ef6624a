/* SPDX-License-Identifier: ISC */
#include "notification.h"

#include <string.h>

#include "lines.h"

/* Which key holds which field of a delivery status. */
static const struct {
    const char *key;
    enum status_field field;
} keys[] = {
    {"emailAddress", FIELD_FINAL_RECIPIENT},
    {"action", FIELD_ACTION},
    {"status", FIELD_STATUS},
    {"diagnosticCode", FIELD_DIAGNOSTIC},
};

/* The string behind a key. The JSON may itself stand in a string: quotation marks may have a
 * backslash. Length 0 if there is none. */
static struct slice string_behind(struct slice text, const char *key) {
    struct slice none = {text.text, 0};
    const char *at = slice_find(text, key);
    if (at == NULL)
        return none;
    struct slice rest = slice_from(text, at + strlen(key));
    while (rest.length > 0 && strchr("\\\": ", rest.text[0]) != NULL)
        rest = slice_from(rest, rest.text + 1);
    size_t length = 0;
    while (length < rest.length && rest.text[length] != '"' && rest.text[length] != '\\')
        length++;
    return (struct slice){rest.text, length};
}

static void add_recipient(struct delivery_status *status, struct slice object) {
    struct status_group *group = g_new0(struct status_group, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        struct slice value = string_behind(object, keys[i].key);
        if (value.length > 0)
            group->fields[keys[i].field] = slice_dup(value);
    }
    g_ptr_array_add(status->groups, group);
}

/* The objects of the array behind `name`. */
static void add_recipients(struct delivery_status *status, struct slice text, const char *name) {
    const char *at = slice_find(text, name);
    if (at == NULL)
        return;
    struct slice list = slice_from(text, at);
    const char *end = memchr(list.text, ']', list.length);
    if (end != NULL)
        list.length = (size_t)(end - list.text);
    while (status->groups->len < REPORT_RECIPIENTS_MAX &&
           (at = slice_find(list, "emailAddress")) != NULL) {
        struct slice object = slice_from(list, at);
        const char *close = memchr(object.text, '}', object.length);
        const char *start = at;
        while (start > list.text && *start != '{')
            start--;
        size_t length = close == NULL ? object.length : (size_t)(close - object.text);
        add_recipient(status, (struct slice){start, (size_t)(at - start) + length});
        list = slice_from(list, at + length);
    }
}

enum notification notification_read(struct slice text, struct delivery_status *status) {
    struct slice type = string_behind(text, "notificationType");
    if (type.length == 0)
        type = string_behind(text, "\"eventType");
    if (slice_equals(type, "Bounce"))
        add_recipients(status, text, "bouncedRecipients");
    else if (slice_equals(type, "Complaint"))
        add_recipients(status, text, "complainedRecipients");
    else
        return NOTIFICATION_NONE;
    return slice_equals(type, "Bounce") ? NOTIFICATION_BOUNCE : NOTIFICATION_COMPLAINT;
}
