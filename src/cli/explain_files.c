/* SPDX-License-Identifier: ISC */
/* Files and folders of bounces: read one by one, or many at once where a program wants them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "dragoman/report.h"
#include "dragoman/text.h"
#include "explain.h"

/* A file to explain, and what came of it. */
struct task {
    const struct explainer *explainer;
    char *file;
    bool named; /* the output says which file it is */
    char *line; /* of JSON; NULL if the file could not be read */
    bool explained;
};

/* So many files are explained before the first line of them is printed. */
enum { BATCH = 2048 };

static void task_free(void *data) {
    struct task *task = data;
    g_free(task->file);
    g_free(task->line);
    g_free(task);
}

/* --- finding ---------------------------------------------------------------------------------- */

static void add_file(GPtrArray *tasks, const struct explainer *explainer, const char *file,
                     bool named) {
    struct task *task = g_new0(struct task, 1);
    task->explainer = explainer;
    task->file = g_strdup(file);
    task->named = named;
    g_ptr_array_add(tasks, task);
}

static int is_listed(const struct dirent *entry) {
    return entry->d_name[0] != '.' && strcmp(entry->d_name, "tmp") != 0;
}

/* A folder of messages, or a Maildir: what is in it, and in its folders new and cur. */
static void add_folder(GPtrArray *tasks, const struct explainer *explainer, const char *folder,
                       unsigned depth) {
    struct dirent **entries;
    int count = scandir(folder, &entries, is_listed, alphasort);
    if (count < 0) {
        explain_file_error(folder, g_strerror(errno));
        return;
    }
    for (int i = 0; i < count; i++) {
        g_autofree char *path = g_build_filename(folder, entries[i]->d_name, NULL);
        if (entries[i]->d_type != DT_DIR)
            add_file(tasks, explainer, path, true);
        else if (depth > 0)
            add_folder(tasks, explainer, path, depth - 1);
        free(entries[i]);
    }
    free(entries);
}

static GPtrArray *find_files(const struct explainer *explainer, char *const *files, int count) {
    GPtrArray *tasks = g_ptr_array_new_with_free_func(task_free);
    for (int i = 0; i < count; i++)
        if (g_file_test(files[i], G_FILE_TEST_IS_DIR))
            add_folder(tasks, explainer, files[i], 1);
        else
            add_file(tasks, explainer, files[i], count > 1);
    return tasks;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The part of a file that report_read() looks at; the memory serves the next file of the thread. */
static bool read_descriptor(int descriptor, GString *content) {
    ssize_t count;
    size_t length = 0;
    g_string_set_size(content, REPORT_OCTETS_MAX);
    while (length < REPORT_OCTETS_MAX &&
           (count = read(descriptor, content->str + length, REPORT_OCTETS_MAX - length)) > 0)
        length += (size_t)count;
    g_string_set_size(content, length);
    return length > 0 || count == 0;
}

static bool read_file(const char *file, GString *content) {
    int descriptor = strcmp(file, "-") == 0 ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    bool good = descriptor >= 0 && read_descriptor(descriptor, content);
    if (!good)
        explain_file_error(file, g_strerror(errno));
    if (descriptor > STDIN_FILENO)
        close(descriptor);
    return good;
}

static bool is_mbox_line(const char *line) {
    return g_str_has_prefix(line, "From ") || g_str_has_prefix(line, ">From ");
}

static bool is_field(const char *line) {
    size_t name = strcspn(line, ": \r\n\t");
    return name > 0 && line[name] == ':';
}

/* The line behind this one and those that continue it. */
static const char *next_field(const char *line) {
    do {
        line += strcspn(line, "\r\n");
        line += *line == '\r' && line[1] == '\n' ? 2 : *line != '\0';
    } while (*line == ' ' || *line == '\t');
    return line;
}

/* Whether it begins as a message does: with a header field, or the line of an mbox file. Behind
 * blank lines (some programs save a message so) there must be two. */
static bool is_message(const GString *content) {
    const char *line = content->str + text_blank_lines(content->str, content->len);
    bool begins = is_mbox_line(line) || is_field(line);
    return begins && (line == content->str || is_field(next_field(line)));
}

/* --- for people ------------------------------------------------------------------------------- */

static bool print_task(const struct task *task) {
    g_autoptr(GString) content = g_string_new(NULL);
    if (!read_file(task->file, content))
        return false;
    if (is_message(content))
        return bounce_print(task->explainer, task->named ? task->file : NULL, content);
    return explain_reply(task->explainer, content->str) == EXIT_GOOD;
}

static bool print_tasks(const GPtrArray *tasks) {
    bool explained = false;
    for (guint i = 0; i < tasks->len; i++)
        explained = print_task(tasks->pdata[i]) || explained;
    return explained;
}

/* --- for programs ----------------------------------------------------------------------------- */

static void free_content(void *content) {
    g_string_free(content, TRUE);
}

static GString *content_of_thread(void) {
    static GPrivate kept = G_PRIVATE_INIT(free_content);
    if (g_private_get(&kept) == NULL)
        g_private_set(&kept, g_string_new(NULL));
    return g_private_get(&kept);
}

static void run_task(void *data, void *unused) {
    struct task *task = data;
    GString *content = content_of_thread();
    (void)unused;
    if (!read_file(task->file, content))
        return;
    json_t *object = is_message(content)
                         ? bounce_json(task->explainer, content, &task->explained)
                         : reply_json(task->explainer, content->str, &task->explained);
    if (task->named)
        json_object_set_new(object, "file", explain_json_text(task->file));
    task->line = json_dumps(object, JSON_COMPACT);
    json_decref(object);
}

static bool print_line(struct task *task) {
    if (task->line != NULL)
        puts(task->line);
    g_clear_pointer(&task->line, free);
    return task->explained;
}

/* On all processors, in the order of the files. */
static bool run_batch(const GPtrArray *tasks, guint start, guint end) {
    bool explained = false;
    GThreadPool *pool = g_thread_pool_new(run_task, NULL, (int)g_get_num_processors(), FALSE, NULL);
    for (guint i = start; i < end; i++)
        g_thread_pool_push(pool, tasks->pdata[i], NULL);
    g_thread_pool_free(pool, FALSE, TRUE);
    for (guint i = start; i < end; i++)
        explained = print_line(tasks->pdata[i]) || explained;
    return explained;
}

static bool run_tasks(const GPtrArray *tasks) {
    bool explained = false;
    json_object_seed(0); /* not by several threads at once */
    for (guint start = 0; start < tasks->len; start += BATCH)
        explained = run_batch(tasks, start, MIN(start + BATCH, tasks->len)) || explained;
    return explained;
}

static bool run_one(struct task *task) {
    run_task(task, NULL);
    return print_line(task);
}

int explain_files(const struct explainer *explainer, char *const *files, int count) {
    g_autoptr(GPtrArray) tasks = find_files(explainer, files, count);
    bool explained;
    if (tasks->len > 1)
        policy_accelerate(explainer->settings->snapshot->policy);
    if (!explainer->json)
        explained = print_tasks(tasks);
    else
        explained = tasks->len == 1 ? run_one(tasks->pdata[0]) : run_tasks(tasks);
    return explained ? EXIT_GOOD : EXIT_BAD;
}
