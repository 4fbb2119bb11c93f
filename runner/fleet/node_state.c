/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet/node_state.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "files/file.h"
#include "files/listing.h"
#include "module/outcome.h"
#include "record/file/store.h"
#include "record/json.h"
#include "record/read/record_check.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define NUMBER_MAX 40 /* bytes of a file that holds a number or two */

const char *node_phase_name(size_t phase) {
    static const char *const names[] = {"missing", "waiting", "running", "done", "failed", "lost"};

    return phase < VMS_LENGTH(names) ? names[phase] : NULL;
}

static void say(struct node_state *state, enum node_phase phase, const char *words) {
    state->phase = phase;
    (void)snprintf(state->words, sizeof(state->words), "%s", words);
}

/* What is wrong with a record: the first thing. */
struct fault {
    char words[NODE_WORDS_SIZE];
};

static void note_fault(void *context, const char *path, const char *sentence) {
    struct fault *fault = context;

    if (!fault->words[0])
        (void)snprintf(fault->words, sizeof(fault->words), "%.80s%s%.200s", path, *path ? " " : "", sentence);
}

static bool is_labelled(const json_t *record, const char *label, const char *value) {
    return strcmp(json_text(json_object_get(record, "labels"), label), value) == 0;
}

/* Whether the record is whole, honest, and this unit's. */
static bool is_usable(const char *path, const struct fleet_unit *unit, struct fault *fault) {
    struct vms_error error = {""};
    json_auto_t *record = NULL;
    struct stat found;

    if (lstat(path, &found) < 0 || !S_ISREG(found.st_mode)) {
        note_fault(fault, "its record", "is not a regular file");
        return false;
    }
    record = store_read(path, &error);
    if (!record) {
        note_fault(fault, "", error.text);
        return false;
    }
    record_check(record, note_fault, fault);
    if (!fault->words[0] && !is_labelled(record, FLEET_LABEL, unit->node))
        note_fault(fault, "its record", "is labelled with another node");
    if (!fault->words[0] && unit->partner && !is_labelled(record, FLEET_LABEL_PAIR, unit->host))
        note_fault(fault, "its record", "is labelled with another pair");
    if (!fault->words[0] &&
        strcmp(json_text(record, "status"), outcome_status_name(OUTCOME_INTERRUPTED)) == 0)
        note_fault(fault, "its run", "was interrupted");
    return !fault->words[0];
}

static bool is_record(const char *name) {
    size_t length = strlen(name);

    return (length > 5 && strcmp(name + length - 5, ".json") == 0) ||
           (length > 9 && strcmp(name + length - 9, ".json.zst") == 0);
}

/* The newest record by its name, which begins with configuration and time, that is usable. */
static int find_record(const char *folder, const struct fleet_unit *unit, char **ret_path,
                       struct fault *fault, struct vms_error *error) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open(folder, &directory);
    cleanup_free char *best = NULL;
    const char *name;

    while ((name = listing_next(directory, &status))) {
        struct fault own = {""};
        cleanup_free char *path = NULL;

        if (!is_record(name))
            continue;
        path = text_new("%s/%s", folder, name);
        if (!path)
            return error_memory(error);
        if (!is_usable(path, unit, &own)) {
            *fault = own;
        } else if (!best || strcmp(best, path) < 0) {
            free(best);
            best = TAKE(path);
        }
    }
    if (status < 0 && status != -ENOENT)
        return error_unread(error, status, folder);
    *ret_path = TAKE(best);
    return 0;
}

/* The number in a small file; false where there is none. */
static bool read_number(const struct fleet_folder *folder, const char *part, const char *unit,
                        uint64_t *ret_number) {
    cleanup_free char *path = fleet_folder_path(folder, part, unit, ""), *text = NULL;
    size_t length;

    return path && file_read(path, NUMBER_MAX, &text, &length, NULL) == 0 &&
           slurm_parse_id(text, ret_number, NULL) == 0;
}

/* The exit status that a job noted, "JOB STATUS"; false where it is another job's, or none. */
static bool read_ended(const struct fleet_folder *folder, const char *unit, uint64_t job,
                       uint64_t *ret_status) {
    cleanup_free char *path = fleet_folder_path(folder, "ended", unit, ""), *text = NULL;
    char *blank = NULL;
    size_t length;
    uint64_t own;

    if (path && file_read(path, NUMBER_MAX, &text, &length, NULL) == 0)
        blank = strchr(text, ' ');
    if (!blank)
        return false;
    *blank = '\0';
    return slurm_parse_id(text, &own, NULL) == 0 && own == job &&
           slurm_parse_id(blank + 1, ret_status, NULL) == 0;
}

static bool is_one_of(const char *word, const char *const *words) {
    for (; *words; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

/* What the queue says of the node's job; false where the job is over there. */
static bool judge_job(const struct slurm_job *job, struct node_state *state) {
    static const char *const waiting[] = {"PENDING",     "CONFIGURING",  "REQUEUED",      "REQUEUE_HOLD",
                                          "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD", NULL};
    static const char *const running[] = {"RUNNING",   "COMPLETING", "SUSPENDED", "STOPPED",
                                          "SIGNALING", "STAGE_OUT",  "RESIZING",  NULL};

    if (is_one_of(job->state, waiting)) {
        say(state, NODE_WAITING, strcmp(job->reason, "None") == 0 ? "" : job->reason);
        return true;
    }
    if (is_one_of(job->state, running)) {
        say(state, NODE_RUNNING, "");
        return true;
    }
    return false;
}

/* A job that is over, without a record. */
static void judge_end(const struct fleet_folder *folder, const char *unit, const struct slurm_job *job,
                      struct node_state *state) {
    uint64_t status;
    char words[NODE_WORDS_SIZE];

    if (job && strcmp(job->state, "NODE_FAIL") == 0) {
        say(state, NODE_LOST, "Slurm lost the node (NODE_FAIL)");
    } else if (read_ended(folder, unit, state->job, &status)) {
        (void)snprintf(words, sizeof(words), "its run ended with exit status %ju: see logs/%s.log",
                       (uintmax_t)status, unit);
        say(state, NODE_FAILED, words);
    } else if (job) {
        (void)snprintf(words, sizeof(words), "its job ended as %s: see logs/%s.log", job->state, unit);
        say(state, NODE_FAILED, words);
    } else {
        (void)snprintf(words, sizeof(words), "its job %ju is gone and left no record", (uintmax_t)state->job);
        say(state, NODE_LOST, words);
    }
}

int node_state_read(const struct fleet_folder *folder, const struct fleet_unit *unit,
                    const struct slurm_queue *queue, struct node_state *ret_state, struct vms_error *error) {
    struct node_state state = {.phase = NODE_MISSING};
    cleanup_free char *records = fleet_folder_path(folder, "records", unit->name, "");
    const struct slurm_job *job;
    struct fault fault = {""};
    int status = records ? find_record(records, unit, &state.record, &fault, error) : error_memory(error);

    if (status < 0)
        return status;
    if (!read_number(folder, "jobs", unit->name, &state.job))
        state.job = 0;
    job = slurm_find_job(queue, unit->name, state.job);
    state.is_noted = !job || job->id == state.job;
    if (job)
        state.job = job->id;
    if (state.record)
        state.phase = NODE_DONE;
    else if (state.job == 0)
        say(&state, NODE_MISSING, "no job was submitted");
    else if (!job || !judge_job(job, &state)) {
        judge_end(folder, unit->name, job, &state);
        if (fault.words[0] && state.phase == NODE_FAILED)
            say(&state, NODE_FAILED, fault.words);
    }
    *ret_state = state;
    return 0;
}

void node_state_done(struct node_state *state) {
    free(state->record);
    *state = (struct node_state){0};
}
