/* SPDX-License-Identifier: ISC */
#include "listener.h"

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

static int failed(const struct listener *listener, int descriptor, const char *doing) {
    log_write(LOG_ERR, "%s:%u: %s of \"%s\" failed: %s", listener->place.file, listener->place.line,
              doing, listener->socket, strerror(errno));
    if (descriptor >= 0)
        close(descriptor);
    return -1;
}

static const char *unix_path(const struct listener *listener) {
    return g_str_has_prefix(listener->socket, "unix:") ? listener->socket + strlen("unix:") : NULL;
}

/* Whether a server answers there: then the file is not stale. */
static bool is_alive(const struct sockaddr_un *address) {
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool alive = connect(descriptor, (const struct sockaddr *)address, sizeof *address) == 0;
    close(descriptor);
    return alive;
}

static bool set_owner(const struct listener *listener, const char *path,
                      const struct identity *owner) {
    if (listener->group == NULL)
        return chown(path, owner->uid, owner->gid) == 0;
    const struct group *group = getgrnam(listener->group);
    if (group == NULL) {
        log_write(LOG_ERR, "%s:%u: there is no group \"%s\"; create it, or name another",
                  listener->place.file, listener->place.line, listener->group);
        errno = EINVAL;
        return false;
    }
    return chown(path, owner->uid, group->gr_gid) == 0;
}

static int open_unix(const struct listener *listener, const char *path,
                     const struct identity *owner) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat status;
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (lstat(path, &status) == 0 && S_ISSOCK(status.st_mode)) {
        errno = EADDRINUSE;
        if (is_alive(&address))
            return failed(listener, -1, "opening");
        unlink(path);
    }
    int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0)
        return failed(listener, descriptor, "opening");
    if (!set_owner(listener, path, owner) || chmod(path, (mode_t)listener->mode) != 0) {
        int error = errno;
        unlink(path);
        errno = error;
        return failed(listener, descriptor, "setting mode and group");
    }
    return descriptor;
}

static int open_internet(const struct listener *listener) {
    bool v6 = g_str_has_prefix(listener->socket, "inet6:");
    g_auto(GStrv) parts = g_strsplit(strchr(listener->socket, ':') + 1, "@", 2);
    struct addrinfo hints = {.ai_family = v6 ? AF_INET6 : AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    int on = 1;
    int error = getaddrinfo(parts[1], parts[0], &hints, &found);
    if (error != 0) {
        log_write(LOG_ERR, "%s:%u: \"%s\" is no address to listen on: %s", listener->place.file,
                  listener->place.line, listener->socket, gai_strerror(error));
        return -1;
    }
    int descriptor = socket(found->ai_family, SOCK_STREAM, 0);
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    int bound = bind(descriptor, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return bound == 0 ? descriptor : failed(listener, descriptor, "opening");
}

int listener_open(const struct listener *listener, const struct identity *owner) {
    const char *path = unix_path(listener);
    int descriptor = path != NULL ? open_unix(listener, path, owner) : open_internet(listener);
    if (descriptor >= 0 && listen(descriptor, SOMAXCONN) != 0)
        return failed(listener, descriptor, "listening");
    return descriptor;
}

void listener_remove(const struct listener *listener) {
    const char *path = unix_path(listener);
    if (path != NULL)
        unlink(path);
}
