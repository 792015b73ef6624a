/* SPDX-License-Identifier: ISC */
/* dragoman: the tool of operators, translators and everybody who has met an SMTP error. */
#include "config.h"

#include <getopt.h>
#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

static const struct command *const commands[] = {&check_command,  &enrich_command,
                                                 &try_command,    &explain_command_row,
                                                 &doctor_command, &sendmail_command};

static void print_help(FILE *out) {
    fputs("Usage: dragoman COMMAND [OPTION]... [ARGUMENT]...\n\nCommands:\n", out);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        fprintf(out, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
    fputs("  help     show how a command is used: dragoman help COMMAND\n"
          "\n"
          "  -h, --help     show this help and end\n"
          "  -V, --version  show the version and end\n"
          "\n"
          "Exit status: 0 good, 1 something is wrong, 2 usage.\n"
          "See dragoman(1), dragoman.conf(5) and dragomand(8).\n",
          out);
}

/* Whoever reads that a library has been mended needs to know which one is in here. */
static void print_version(void) {
    printf("dragoman %s\n", PACKAGE_VERSION);
#ifdef LIBRARIES_INSIDE
    printf("with %s inside\n", LIBRARIES_INSIDE);
#endif
}

static const struct command *find_command(const char *name) {
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int unknown_command(const char *name) {
    fprintf(stderr, "dragoman: there is no command \"%s\"; try dragoman --help\n", name);
    return EXIT_USAGE;
}

static int help(const char *name) {
    if (name == NULL) {
        print_help(stdout);
        return EXIT_GOOD;
    }
    const struct command *command = find_command(name);
    if (command == NULL)
        return unknown_command(name);
    fputs(command->usage, stdout);
    return EXIT_GOOD;
}

int command_usage_error(const struct command *command, const char *format, ...) {
    va_list arguments;
    fprintf(stderr, "dragoman %s: ", command->name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "; try dragoman help %s\n", command->name);
    return EXIT_USAGE;
}

static int run(const struct command *command, int count, char **arguments) {
    for (int i = 1; i < count && strcmp(arguments[i], "--") != 0; i++)
        if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0)
            return help(command->name);
    return command->run(count, arguments);
}

int main(int count, char **arguments) {
    const char *word = count > 1 ? arguments[1] : "";
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        print_version();
        return EXIT_GOOD;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return help(NULL);
    if (strcmp(word, "help") == 0)
        return help(count > 2 ? arguments[2] : NULL);
    if (*word == '\0') {
        print_help(stderr);
        return EXIT_USAGE;
    }
    const struct command *command = find_command(word);
    return command != NULL ? run(command, count - 1, arguments + 1) : unknown_command(word);
}
