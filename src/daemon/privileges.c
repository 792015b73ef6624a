/* SPDX-License-Identifier: ISC */
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

static const struct passwd *find_user(const char *user) {
    if (user != NULL)
        return getpwnam(user);
    const struct passwd *own = getpwnam("dragoman");
    if (own != NULL)
        return own;
    log_write(LOG_WARNING, "there is no user \"dragoman\", running as \"nobody\"; create it with "
                           "adduser --system --group dragoman");
    return getpwnam("nobody");
}

static bool find_group(const char *group, gid_t *gid) {
    if (group == NULL)
        return true;
    const struct group *found = getgrnam(group);
    if (found == NULL)
        return false;
    *gid = found->gr_gid;
    return true;
}

bool privileges_find(const char *user, const char *group, struct identity *identity) {
    *identity = (struct identity){.uid = geteuid(), .gid = getegid()};
    if (geteuid() != 0)
        return true;
    const struct passwd *account = find_user(user);
    if (account == NULL || account->pw_uid == 0) {
        log_write(LOG_ERR,
                  "cannot run as user \"%s\"; name an existing one that is not root with "
                  "`user`",
                  user != NULL ? user : "nobody");
        return false;
    }
    g_strlcpy(identity->name, account->pw_name, sizeof identity->name);
    identity->uid = account->pw_uid;
    identity->gid = account->pw_gid;
    if (find_group(group, &identity->gid))
        return true;
    log_write(LOG_ERR, "there is no group \"%s\"; name another with `group`", group);
    return false;
}

bool privileges_drop(const struct identity *identity) {
    if (geteuid() != 0)
        return true;
    if (initgroups(identity->name, identity->gid) == 0 && setgid(identity->gid) == 0 &&
        setuid(identity->uid) == 0)
        return true;
    log_write(LOG_ERR, "cannot become user \"%s\": %s", identity->name, strerror(errno));
    return false;
}
