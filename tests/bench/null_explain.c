/* SPDX-License-Identifier: ISC */
/* A program that is linked like dragoman and does nothing: what its start costs is the least that
 * `dragoman explain` can cost. It names something of each library, so that none is left out. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <confuse.h>
#include <gmime/gmime.h>
#include <jansson.h>
#include <pcre2.h>

int main(int count, char **arguments) {
    (void)arguments;
    if (count < 1000)
        return 0;
    g_mime_init();
    g_object_unref(g_mime_message_new(TRUE));
    cfg_free(NULL);
    pcre2_code_free(NULL);
    json_decref(json_object());
    return 1;
}
