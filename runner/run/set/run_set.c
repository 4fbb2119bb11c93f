/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/set/run_set.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "common/arguments.h"
#include "common/exit_status.h"
#include "common/signals.h"
#include "files/listing.h"
#include "output/output.h"
#include "output/terminal.h"
#include "output/way.h"
#include "record/write/journal.h"
#include "run/files/run_identity.h"
#include "run/set/set_comparison.h"
#include "run/set/set_records.h"
#include "run/set/visits.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define MEMBER_VARIABLE "VMSUITE_RUN_SET" /* "ID RUN RUNS LOOKS CONFIGURATION" */
#define JOURNAL_PATTERN "run-set-????????.jsonl"
#define ARGUMENTS_MAX 4096

/* A set while it goes on. */
struct run_set {
    const struct run_set_request *request;
    char id[sizeof(((struct outcome_set *)0)->id)];
    char *path; /* of its journal */
    struct journal *journal;
    bool *done; /* per run and configuration */
    struct visits visits;
    int worst, status; /* exit status of all runs; of the set itself, with the error's sentence */
    struct vms_error error;
};

bool run_set_read_member(struct run_set_member *ret_member) {
    const char *text = getenv(MEMBER_VARIABLE);
    struct run_set_member member = {0};

    if (!text || sscanf(text, "%36s %u %u %u %zu", member.set.id, &member.set.run, &member.set.runs,
                        &member.set.looks, &member.configuration) != 5)
        return false;
    (void)unsetenv(MEMBER_VARIABLE);
    *ret_member = member;
    return true;
}

/* What a round compares: places, or configurations. */
static size_t count_sides(const struct run_set_request *request) {
    return request->n_places > 0 ? request->n_places : request->n_configurations;
}

/* What a round takes: a visit of each configuration, or those that places are. */
static size_t count_visits(const struct run_set_request *request) {
    return request->n_visits > 0 ? request->n_visits : request->n_configurations;
}

static bool *is_done(const struct run_set *set, unsigned run, size_t configuration) {
    return &set->done[(run - 1) * count_visits(set->request) + configuration];
}

static json_t *names_of(const struct run_set_request *request) {
    json_t *names = json_array();

    for (size_t i = 0; i < request->n_configurations; i++)
        (void)json_array_append_new(names, json_string(request->configurations[i]));
    for (size_t i = 0; i < request->n_places; i++)
        (void)json_array_append_new(names, json_string(request->places[i]));
    return names;
}

static int begin(struct run_set *set, struct vms_error *error) {
    const struct run_set_request *request = set->request;
    json_auto_t *header = NULL;

    run_identity_draw(set->id);
    if (!(set->path = text_new("%s/run-set-%.8s.jsonl", request->output, set->id)))
        return error_memory(error);
    header =
        json_pack("{s:s, s:s, s:s, s:I, s:o}", "schema", JOURNAL_SCHEMA, "version", VMSUITE_VERSION,
                  "run_set", set->id, "runs", (json_int_t)request->runs, "configurations", names_of(request));
    return header ? journal_create(set->path, header, &set->journal, error) : error_memory(error);
}

/* The path of the set's journal in the folder that was written to last; NULL with a sentence. */
static char *find_newest(const char *folder, struct vms_error *error) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open(folder, &directory);
    cleanup_free char *found = NULL;
    struct timespec newest = {0};
    const char *name;

    while ((name = listing_next(directory, &status))) {
        struct stat info;

        if (fnmatch(JOURNAL_PATTERN, name, 0) != 0 ||
            fstatat(dirfd(directory), name, &info, AT_SYMLINK_NOFOLLOW) < 0 ||
            !journal_is_trusted(dirfd(directory), &info) ||
            (found && (info.st_mtim.tv_sec < newest.tv_sec ||
                       (info.st_mtim.tv_sec == newest.tv_sec && info.st_mtim.tv_nsec < newest.tv_nsec))))
            continue;
        free(found);
        newest = info.st_mtim;
        found = text_new("%s/%s", folder, name);
        if (!found)
            status = -ENOMEM;
    }
    if (status < 0 && status != -ENOENT)
        (void)error_unread(error, status, folder);
    else if (!found)
        (void)error_set(error, -ENOENT, "there is nothing to resume: %s holds no unfinished set of runs",
                        folder);
    return status < 0 ? NULL : TAKE(found);
}

/* Takes over which runs are done. */
static int take_over(struct run_set *set, const json_t *header, const json_t *lines,
                     struct vms_error *error) {
    const struct run_set_request *request = set->request;
    const char *id = json_string_value(json_object_get(header, "run_set"));
    json_auto_t *names = names_of(request);
    const json_t *line;
    bool same = json_equal(json_object_get(header, "configurations"), names) &&
                json_integer_value(json_object_get(header, "runs")) == request->runs;
    size_t i;

    if (!id || strlen(id) != sizeof(set->id) - 1)
        return error_set(error, -EINVAL, "%s is not the journal of a set of runs", set->path);
    if (!same)
        return error_set(
            error, -EINVAL,
            "%s is of other configurations or another number of runs: give those, or run without --resume",
            set->path);
    (void)snprintf(set->id, sizeof(set->id), "%s", id);
    json_array_foreach (lines, i, line) {
        json_int_t run = json_integer_value(json_object_get(line, "run"));
        json_int_t configuration = json_integer_value(json_object_get(line, "configuration"));

        if (run < 1 || run > request->runs || configuration < 0 ||
            configuration >= (json_int_t)count_visits(request))
            return error_set(error, -EINVAL, "line %zu of %s is not of a run of the set", i + 2, set->path);
        *is_done(set, (unsigned)run, (size_t)configuration) = true;
    }
    return journal_open(set->path, &set->journal, error);
}

/* Goes on with an unfinished set. One that was killed before its journal had a header is begun anew. */
static int resume(struct run_set *set, struct vms_error *error) {
    json_auto_t *header = NULL, *lines = NULL;
    int status;

    set->path = find_newest(set->request->output, error);
    if (!set->path)
        return -ENOENT;
    status = journal_read(set->path, &header, &lines, error);
    if (status == -ENODATA) {
        (void)way_remove(set->path);
        free(set->path);
        set->path = NULL;
        return begin(set, error);
    }
    return status == 0 ? take_over(set, header, lines, error) : status;
}

/* This program's own arguments, from the kernel, as the shell gave them: in a bundle, those of its loader
 * come first. The kernel's hide passwords, so that main's words stand in for the last of them. The words lie
 * in `ret_text` and there. */
static int own_arguments(char **ret_text, char *ret_arguments[static ARGUMENTS_MAX + 1]) {
    cleanup_fclose FILE *file = fopen("/proc/self/cmdline", "re");
    size_t n = 0, size = 0, n_words;
    char *const *words = arguments_words(&n_words);
    ssize_t length;

    if (!file)
        return -errno;
    length = getdelim(ret_text, &size, EOF, file);
    for (ssize_t at = 0; at < length; at += (ssize_t)strlen(*ret_text + at) + 1) {
        if (n == ARGUMENTS_MAX)
            return -E2BIG;
        ret_arguments[n++] = *ret_text + at;
    }
    if (n <= n_words)
        return -EIO;
    memcpy(ret_arguments + n - n_words, words, n_words * sizeof(*words));
    ret_arguments[n] = NULL;
    return 0;
}

/* In a group of its own: a signal to ours is passed on, once. */
static _Noreturn void become_run(char **arguments, pid_t parent) {
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)setpgid(0, 0);
    signals_release();
    if (getppid() == parent)
        (void)execv("/proc/self/exe", arguments);
    _exit(EXIT_FAILED);
}

/* Waits for a run, and passes on what asks us to stop. */
static int await_run(pid_t run) {
    int status = 0, passed = 0;

    while (waitpid(run, &status, 0) < 0) {
        if (errno != EINTR)
            return EXIT_FAILED;
        for (; passed < signals_count(); passed++)
            (void)kill(run, SIGTERM);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILED;
}

static int make_run(const struct run_set *set, unsigned run, size_t configuration, struct vms_error *error) {
    char member[96], *arguments[ARGUMENTS_MAX + 1];
    cleanup_free char *text = NULL;
    pid_t parent = getpid(), child;
    int status = own_arguments(&text, arguments);

    if (status < 0)
        return error_set(error, status, "cannot start the next run: %s", strerror(-status));
    (void)snprintf(member, sizeof(member), "%s %u %u %u %zu", set->id, run, set->request->runs,
                   looks_first(&set->request->goal, count_sides(set->request), set->request->runs),
                   configuration);
    (void)setenv(MEMBER_VARIABLE, member, 1);
    child = fork();
    if (child == 0)
        become_run(arguments, parent);
    status = -errno;
    (void)unsetenv(MEMBER_VARIABLE);
    if (child < 0)
        return error_set(error, status, "cannot start the next run: %s", strerror(-status));
    return await_run(child);
}

static int note_run(const struct run_set *set, unsigned run, size_t configuration, struct vms_error *error) {
    json_auto_t *line =
        json_pack("{s:I, s:I}", "run", (json_int_t)run, "configuration", (json_int_t)configuration);
    int status = line ? journal_append_line(set->journal, line, error) : error_memory(error);

    return status;
}

static bool is_settled(void *context, size_t index) {
    const struct run_set *set = context;
    const struct visit *visit = &set->visits.visits[index];

    return *is_done(set, visit->round, visit->member);
}

/* Whether only what was visited is gone: others are there as before. */
static bool is_lost_alone(const struct run_set *set, int result) {
    return result == EXIT_INTERRUPTED && signals_count() == 0 && set->request->n_visits > 1;
}

/* Makes a run, and notes it. False: there is to be no other. */
static bool visit(void *context, size_t index) {
    struct run_set *set = context;
    struct visit visit = set->visits.visits[index];
    int result =
        signals_count() > 0 ? EXIT_INTERRUPTED : make_run(set, visit.round, visit.member, &set->error);

    if (result >= 0 && result <= EXIT_FAILED) {
        *is_done(set, visit.round, visit.member) = true;
        set->status = note_run(set, visit.round, visit.member, &set->error);
    } else if (result < 0) {
        set->status = result;
    }
    if (set->status < 0)
        result = EXIT_FAILED;
    set->worst = result > set->worst ? result : set->worst;
    return set->status == 0 && (result <= EXIT_FAILED || is_lost_alone(set, result));
}

static bool is_any_done(const struct run_set *set) {
    for (size_t i = 0; i < set->request->runs * count_visits(set->request); i++)
        if (set->done[i])
            return true;
    return false;
}

/* Where that cannot be seen, it is said, and they are not. */
static bool is_sure(void *context, struct looks *looks, unsigned round) {
    const struct run_set *set = context;
    struct set_records records = {0};
    struct vms_error error = {""};
    bool sure = false;
    int status = set_records_find(set->request->output, set->id, set->request->baseline, &records, &error);

    if (status == 0 && records.n_baseline > 0)
        status = looks_take(looks, round, &records, &sure, &error);
    if (status < 0)
        terminal_print(stderr, "vmsuite run: the runs so far are not compared: %s\n", error.text);
    set_records_done(&records);
    return sure;
}

/* The order is that of the set's id, so that a set that is resumed goes on in it. */
static int open_set(struct run_set *set) {
    const struct run_set_request *request = set->request;
    int status = sodium_init() >= 0 ? 0 : -ENOMEM;

    set->done = calloc(request->runs * count_visits(request), sizeof(bool));
    if (status < 0 || !set->done)
        return error_memory(&set->error);
    status = output_make_folder(request->output, &set->error);
    if (status == 0)
        status = request->resume ? resume(set, &set->error) : begin(set, &set->error);
    if (status == 0 &&
        visits_plan(count_visits(request), NULL, request->runs, strtoul(set->id, NULL, 16), &set->visits) < 0)
        status = error_memory(&set->error);
    return status;
}

/* The journal goes where all is done; one that was begun for nothing, too. */
static void close_set(struct run_set *set) {
    const struct run_set_request *request = set->request;

    if (set->status < 0)
        terminal_print(stderr, "vmsuite run: %s\n", set->error.text);
    else if (set->worst <= EXIT_FAILED ||
             (set->worst != EXIT_INTERRUPTED && !request->resume && !is_any_done(set)))
        (void)way_remove(set->path);
    else
        terminal_print(stderr,
                       "the set of runs is not complete: the same command with --resume continues it\n");
    journal_close(set->journal);
    visits_done(&set->visits);
    free(set->path);
    free(set->done);
}

int run_set_measure(const struct run_set_request *request) {
    struct run_set set = {.request = request, .worst = EXIT_DONE};
    const struct visits_work work = {.context = &set,
                                     .visits = &set.visits,
                                     .rounds = request->runs,
                                     .goal = &request->goal,
                                     .is_settled = is_settled,
                                     .make = visit,
                                     .is_sure = count_sides(request) > 1 ? is_sure : NULL};

    set.status = open_set(&set);
    if (set.status < 0)
        set.worst = EXIT_USAGE;
    else if (visits_make(&work) && request->comparison)
        set.status =
            set_comparison_print(request->comparison, request->output, set.id, request->baseline, &set.error);
    if (set.status < 0 && set.worst == EXIT_DONE)
        set.worst = EXIT_FAILED;
    close_set(&set);
    return set.worst;
}
