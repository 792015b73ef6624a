/* SPDX-License-Identifier: ISC */
/* A command of the tool: one file, one const struct. */
#ifndef DRAGOMAN_COMMAND_H
#define DRAGOMAN_COMMAND_H

/* Exit statuses of every command. */
enum { EXIT_GOOD = 0, EXIT_BAD = 1, EXIT_USAGE = 2 };

struct command {
    const char *name;
    const char *summary; /* one line for `dragoman --help` */
    const char *usage;   /* what `dragoman help NAME` shows */
    /* arguments[0] is the command's name; getopt starts behind it. Returns the exit status. */
    int (*run)(int count, char **arguments);
};

extern const struct command check_command;
extern const struct command doctor_command;
extern const struct command enrich_command;
extern const struct command explain_command_row;
extern const struct command sendmail_command;
extern const struct command try_command;

/* Writes "dragoman NAME: MESSAGE; try dragoman help NAME" to standard error; EXIT_USAGE. */
int command_usage_error(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
