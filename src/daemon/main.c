/* SPDX-License-Identifier: ISC */
/* dragomand: the daemon that MTAs connect to. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "supervisor.h"

enum exit_status { EXIT_GOOD = 0, EXIT_BAD = 1, EXIT_USAGE = 2 };

struct options {
    const char *file;
    bool check;
    bool background;
};

static const char usage[] =
    "Usage: dragomand [-b] [-c FILE]\n"
    "       dragomand --check [-c FILE]\n"
    "Answers refused mail in two languages, as a milter of Postfix or Sendmail.\n"
    "\n"
    "  -c, --config FILE  read FILE instead of %s;\n"
    "                     without either, the default that is built in\n"
    "  -b, --background   leave the terminal once the sockets listen\n"
    "  -t, --check        check the configuration and end\n"
    "  -h, --help         show this help and end\n"
    "  -V, --version      show the version and end\n"
    "\n"
    "SIGHUP reads the configuration again, SIGUSR1 logs the counters, SIGTERM ends.\n"
    "Exit status: 0 good, 1 the configuration or the system is not in order, 2 usage.\n"
    "See dragomand(8), dragoman.conf(5) and dragoman(1).\n";

/* Returns -1 to go on, else the exit status. */
static int read_options(int count, char **arguments, struct options *options) {
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'}, {"background", no_argument, NULL, 'b'},
        {"check", no_argument, NULL, 't'},        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},      {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(count, arguments, "c:bthV", known, NULL)) != -1)
        switch (option) {
        case 'c':
            options->file = optarg;
            break;
        case 'b':
            options->background = true;
            break;
        case 't':
            options->check = true;
            break;
        case 'h':
            printf(usage, settings_default_file);
            return EXIT_GOOD;
        case 'V':
            printf("dragomand %s\n", PACKAGE_VERSION);
            return EXIT_GOOD;
        default:
            fprintf(stderr, "dragomand: try dragomand --help\n");
            return EXIT_USAGE;
        }
    if (optind < count) {
        fprintf(stderr, "dragomand: \"%s\" is no option; try dragomand --help\n",
                arguments[optind]);
        return EXIT_USAGE;
    }
    return -1;
}

static int check(const struct settings *settings, const struct complaints *complaints) {
    if (settings->snapshot == NULL) {
        fprintf(stderr, "%s: %zu errors\n", settings->file,
                complaints_count(complaints, SEVERITY_ERROR));
        return EXIT_BAD;
    }
    printf("%s: in order\n", settings->file);
    return EXIT_GOOD;
}

/* --- the pid file and the background ---------------------------------------------------------- */

static const char *pid_file;
static int terminal = -1; /* the waiting parent, in the background */

static bool write_pid(void) {
    g_autofree char *text = g_strdup_printf("%d\n", (int)getpid());
    return pid_file == NULL || g_file_set_contents(pid_file, text, -1, NULL);
}

/* All sockets listen: whoever started us need not wait any longer. */
static void on_ready(void) {
    if (!write_pid())
        log_write(LOG_WARNING, "the pid file %s cannot be written", pid_file);
    if (terminal < 0)
        return;
    if (write(terminal, "", 1) != 1)
        log_write(LOG_WARNING, "whoever started us does not listen");
    close(terminal);
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int standard = 0; nowhere >= 0 && standard <= 2; standard++)
        dup2(nowhere, standard);
}

/* The parent waits until the child listens or has ended, so that a mistake is seen at once. */
static void leave_terminal(void) {
    int ready[2];
    char octet;
    if (pipe2(ready, O_CLOEXEC) != 0 || setenv("PWD", "/", 1) != 0)
        exit(EXIT_BAD);
    pid_t child = fork();
    if (child < 0)
        exit(EXIT_BAD);
    if (child > 0) {
        close(ready[1]);
        exit(read(ready[0], &octet, 1) == 1 ? EXIT_GOOD : EXIT_BAD);
    }
    close(ready[0]);
    setsid();
    terminal = ready[1];
}

/* Large blocks are given back as soon as they are freed; by default glibc keeps up to 32 MB of
 * each, which a reload of a large table would leave behind in every process. */
static void keep_memory_small(void) {
    enum { LARGE = 256 * 1024 };
    mallopt(M_MMAP_THRESHOLD, LARGE);
}

int main(int count, char **arguments) {
    struct options options = {NULL, false, false};
    keep_memory_small();
    int status = read_options(count, arguments, &options);
    if (status >= 0)
        return status;
    g_autofree char *file =
        options.file != NULL ? g_canonicalize_filename(options.file, NULL) : NULL;
    struct complaints *complaints = complaints_new();
    struct settings *settings =
        settings_load(options.check ? options.file : file, SETTINGS_POLICY, complaints);
    complaints_print(complaints, stderr);
    if (options.check || settings->snapshot == NULL) {
        status = check(settings, complaints);
        complaints_free(complaints);
        settings_free(settings);
        return status;
    }
    complaints_free(complaints);
    if (options.background)
        leave_terminal();
    log_open(&settings->service.log);
    g_autofree char *pid_path = g_strdup(settings->service.pid_file);
    pid_file = pid_path;
    return supervisor_run(settings, file, on_ready);
}
