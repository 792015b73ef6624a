/* SPDX-License-Identifier: ISC */
/* dragoman doctor: is this mail server connected to dragoman, and does mail go on without it? */
#include "doctor.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

struct doctor_options {
    const char *config;  /* of dragoman */
    const char *version; /* of the MTA */
    const char *target;  /* a file, a folder of Postfix, "-"; NULL: the Postfix of this machine */
};

static int cannot(const char *what, const char *why) {
    fprintf(stderr, "dragoman doctor: %s: %s\n", what, why);
    return EXIT_BAD;
}

/* --- what is looked at ------------------------------------------------------------------------ */

/* What `postconf ARGUMENTS` prints; NULL after a complaint. The caller frees it. */
static char *postconf(const char *folder, const char *argument) {
    g_autofree char *found = g_find_program_in_path("postconf");
    const char *program = found != NULL ? found : "/usr/sbin/postconf";
    const char *plain[] = {program, argument, NULL};
    const char *with_folder[] = {program, "-c", folder, argument, NULL};
    g_autofree char *output = NULL;
    g_autoptr(GError) error = NULL;
    int status = 0;
    bool good = g_spawn_sync(NULL, (char **)(folder != NULL ? with_folder : plain), NULL,
                             G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, &status, &error) &&
                g_spawn_check_wait_status(status, &error);
    if (good)
        return g_steal_pointer(&output);
    cannot(program, error->message);
    return NULL;
}

static char *read_all(const char *name) {
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    bool standard_input = strcmp(name, "-") == 0;
    if (!g_file_get_contents(standard_input ? "/dev/stdin" : name, &text, NULL, &error)) {
        fprintf(stderr, "dragoman doctor: %s\n", error->message);
        return NULL;
    }
    return g_steal_pointer(&text);
}

/* The folder of main.cf, as postconf names it; NULL after a complaint. */
static char *installed_folder(void) {
    char *text = postconf(NULL, "config_directory");
    if (text == NULL)
        return NULL;
    const char *equals = strchr(text, '=');
    char *folder = g_strstrip(g_strdup(equals != NULL ? equals + 1 : ""));
    g_free(text);
    return folder;
}

/* main.cf, and what only postconf knows: the version, chroots and what master.cf overrides. */
static bool read_folder(struct main_cf *cf, const char *folder, const char *file,
                        struct complaints *complaints) {
    static const char *const questions[] = {"mail_version", "-F", "-P"};
    g_autofree char *text = read_all(file);
    if (text == NULL)
        return false;
    main_cf_read(cf, text, file, complaints);
    for (size_t i = 0; i < G_N_ELEMENTS(questions); i++) {
        g_autofree char *said = postconf(folder, questions[i]);
        if (said == NULL)
            return false;
        main_cf_read(cf, said, "postconf", complaints);
    }
    return true;
}

/* --- the examination -------------------------------------------------------------------------- */

static int report(const struct checkup *checkup, const char *mta, const char *file) {
    checkup_print(checkup, mta, file);
    return checkup_is_good(checkup) ? EXIT_GOOD : EXIT_BAD;
}

static int examine_postfix(struct checkup *checkup, const struct main_cf *cf, const char *file,
                           const char *stated) {
    struct mta_version version;
    g_autofree char *text = main_cf_value(cf, "mail_version", stated != NULL ? stated : "");
    if (!mta_version_parse(stated != NULL ? stated : text, &version))
        return command_usage_error(&doctor_command,
                                   "nothing tells the version of Postfix; add --mta-version 3.7");
    g_autofree char *mta = g_strdup_printf("Postfix %s", stated != NULL ? stated : text);
    doctor_postfix(checkup, cf, version);
    return report(checkup, mta, file);
}

static int examine_folder(struct checkup *checkup, const char *folder,
                          const struct doctor_options *options) {
    g_autofree char *file = g_build_filename(folder, "main.cf", NULL);
    struct main_cf *cf = main_cf_new();
    int status = EXIT_BAD;
    if (read_folder(cf, folder, file, checkup->findings))
        status = examine_postfix(checkup, cf, file, options->version);
    main_cf_free(cf);
    return status;
}

static int examine_file(struct checkup *checkup, const struct doctor_options *options) {
    g_autofree char *text = read_all(options->target);
    const char *file = strcmp(options->target, "-") == 0 ? "stdin" : options->target;
    if (text == NULL)
        return EXIT_BAD;
    if (doctor_is_sendmail(text)) {
        doctor_sendmail(checkup, text, file);
        return report(checkup, "Sendmail", file);
    }
    struct main_cf *cf = main_cf_new();
    main_cf_read(cf, text, file, checkup->findings);
    int status = examine_postfix(checkup, cf, file, options->version);
    main_cf_free(cf);
    return status;
}

static int examine(const struct settings *settings, const struct doctor_options *options) {
    struct checkup *checkup = checkup_new(settings);
    int status = EXIT_BAD;
    if (options->target == NULL) {
        g_autofree char *folder = installed_folder();
        if (folder != NULL)
            status = examine_folder(checkup, folder, options);
    } else if (g_file_test(options->target, G_FILE_TEST_IS_DIR)) {
        status = examine_folder(checkup, options->target, options);
    } else {
        status = examine_file(checkup, options);
    }
    checkup_free(checkup);
    return status;
}

/* --- the command ------------------------------------------------------------------------------ */

static int doctor(const struct doctor_options *options) {
    struct complaints *complaints = complaints_new();
    struct settings *settings = settings_load(options->config, SETTINGS_POLICY, complaints);
    int status = complaints_print(complaints, stderr) ? EXIT_BAD : examine(settings, options);
    settings_free(settings);
    complaints_free(complaints);
    return status;
}

static int run(int count, char **arguments) {
    static const struct option known[] = {{"config", required_argument, NULL, 'c'},
                                          {"mta-version", required_argument, NULL, 'm'},
                                          {NULL, 0, NULL, 0}};
    struct doctor_options options = {NULL, NULL, NULL};
    int option;
    while ((option = getopt_long(count, arguments, "c:", known, NULL)) != -1) {
        if (option == 'c')
            options.config = optarg;
        else if (option == 'm')
            options.version = optarg;
        else
            return command_usage_error(&doctor_command, "that is no option");
    }
    struct mta_version version;
    if (options.version != NULL && !mta_version_parse(options.version, &version))
        return command_usage_error(&doctor_command, "\"%s\" is no version; write it like 3.7",
                                   options.version);
    if (count - optind > 1)
        return command_usage_error(&doctor_command, "one file or folder is enough");
    options.target = optind < count ? arguments[optind] : NULL;
    return doctor(&options);
}

const struct command doctor_command = {
    .name = "doctor",
    .summary = "say how a mail server is connected to dragoman",
    .usage =
        "Usage: dragoman doctor [-c FILE] [--mta-version VERSION] [FILE | FOLDER | -]\n"
        "Says which hooks of a Postfix or Sendmail are connected to dragoman, which are not, and\n"
        "whether mail goes on where dragomand does not; and prints the lines that are missing.\n"
        "FILE is a main.cf, what `postconf -n` prints, a sendmail.mc or a sendmail.cf; FOLDER is\n"
        "that of a main.cf. Without one, it is the Postfix of this machine.\n"
        "\n"
        "  -c, --config FILE          the configuration of dragoman\n"
        "      --mta-version VERSION  of Postfix, where only a file is given\n"
        "\n"
        "Exit status: 0 all connected and safe, 1 something is to be done, 2 usage.\n",
    .run = run,
};
