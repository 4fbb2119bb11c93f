/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet/slurm.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "guest/tools/tool.h"
#include "places/kinds/node.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEADLINE_S 60
#define ID_DIGITS_MAX 18
#define JOBS_MAX (8 * SLURM_NODES_MAX)

void slurm_free_names(char **names, size_t n) {
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int refuse_twins(char *const *names, size_t n, struct vms_error *error) {
    cleanup_free char **sorted = calloc(n + 1, sizeof(*sorted));

    if (!sorted)
        return error_memory(error);
    memcpy(sorted, names, n * sizeof(*sorted));
    qsort(sorted, n, sizeof(*sorted), by_name);
    for (size_t i = 1; i < n; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            return error_set(error, -EINVAL, "node %s is in the list twice", sorted[i]);
    return 0;
}

static int add_name(char ***names, size_t *n, const char *name, struct vms_error *error) {
    char **grown;

    if (*n == SLURM_NODES_MAX)
        return error_set(error, -E2BIG, "more than %d nodes", SLURM_NODES_MAX);
    if (!node_is_name(name))
        return error_set(error, -EINVAL, "a node's name must be " NODE_RULE ", not \"%.80s\"", name);
    grown = reallocarray(*names, *n + 1, sizeof(*grown));
    if (!grown)
        return error_memory(error);
    *names = grown;
    grown[*n] = strdup(name);
    if (!grown[*n])
        return error_memory(error);
    (*n)++;
    return 0;
}

int slurm_parse_names(char *text, char ***ret_names, size_t *ret_n, struct vms_error *error) {
    char **names = NULL, *rest = NULL;
    size_t n = 0;
    int status = 0;

    for (char *line = strtok_r(text, "\n", &rest); status == 0 && line; line = strtok_r(NULL, "\n", &rest))
        status = add_name(&names, &n, line, error);
    if (status == 0 && n == 0)
        status = error_set(error, -EINVAL, "no node is named");
    if (status == 0)
        status = refuse_twins(names, n, error);
    if (status < 0) {
        slurm_free_names(names, n);
        return status;
    }
    *ret_names = names;
    *ret_n = n;
    return 0;
}

int slurm_expand(const char *list, char ***ret_names, size_t *ret_n, struct vms_error *error) {
    const char *const argv[] = {"scontrol", "show", "hostnames", list, NULL};
    cleanup_free char *text = NULL;
    int status;

    if (strspn(list, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-,[]") !=
            strlen(list) ||
        list[0] == '-')
        return error_set(error, -EINVAL,
                         "nodes are listed as Slurm lists them, such as n[1-3],login, not \"%.80s\"", list);
    status = tool_run(&(struct tool){.argv = argv, .deadline_s = DEADLINE_S}, &text, error);
    return status < 0 ? status : slurm_parse_names(text, ret_names, ret_n, error);
}

int slurm_parse_id(const char *text, uint64_t *ret_id, struct vms_error *error) {
    size_t digits = strspn(text, "0123456789");

    /* "12", or "12;cluster" where there are several. */
    if (digits == 0 || digits > ID_DIGITS_MAX || (text[digits] && !strchr(";\n", text[digits])))
        return error_set(error, -EINVAL, "sbatch printed no job number, but \"%.80s\"", text);
    *ret_id = strtoull(text, NULL, 10);
    return 0;
}

int slurm_submit(const char *const *argv, uint64_t *ret_id, struct vms_error *error) {
    cleanup_free char *text = NULL;
    int status = tool_run(&(struct tool){.argv = argv, .deadline_s = DEADLINE_S}, &text, error);

    return status < 0 ? status : slurm_parse_id(text, ret_id, error);
}

/* Takes the text up to a "|" off the line's front; NULL: there is no more. */
static char *next_field(char **line) {
    char *field = strsep(line, "|");

    return *line ? field : NULL;
}

/* "12|PENDING|n1|Resources": the last one may hold anything. */
static bool read_job(char *line, struct slurm_job *ret_job) {
    char *reason = line, *id = next_field(&reason), *state = id ? next_field(&reason) : NULL;
    char *comment = state ? next_field(&reason) : NULL;

    if (!comment)
        return false;
    if (slurm_parse_id(id, &ret_job->id, NULL) < 0 || strspn(id, "0123456789") != strlen(id) ||
        strlen(state) == 0 || strlen(state) >= sizeof(ret_job->state) ||
        strspn(state, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != strlen(state))
        return false;
    (void)snprintf(ret_job->state, sizeof(ret_job->state), "%s", state);
    (void)snprintf(ret_job->comment, sizeof(ret_job->comment), "%s", comment);
    (void)snprintf(ret_job->reason, sizeof(ret_job->reason), "%s", reason);
    for (char *c = ret_job->reason; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    return true;
}

int slurm_parse_queue(char *text, struct slurm_queue *ret_queue, struct vms_error *error) {
    struct slurm_queue queue = {0};
    char *rest = NULL;

    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        cleanup_free char *said = strdup(line);
        struct slurm_job *grown =
            queue.n_jobs < JOBS_MAX ? reallocarray(queue.jobs, queue.n_jobs + 1, sizeof(*grown)) : NULL;

        if (!grown || !said) {
            slurm_queue_done(&queue);
            return error_memory(error);
        }
        queue.jobs = grown;
        if (!read_job(line, &grown[queue.n_jobs++])) {
            slurm_queue_done(&queue);
            return error_set(error, -EINVAL, "squeue printed what is not a job: \"%.80s\"", said);
        }
    }
    *ret_queue = queue;
    return 0;
}

int slurm_read_queue(const char *name, struct slurm_queue *ret_queue, struct vms_error *error) {
    char named[96], user[32];
    const char *const argv[] = {"squeue", "--noheader", "--states=all", "--format=%i|%T|%k|%r", named,
                                user,     NULL};
    cleanup_free char *text = NULL;
    int status;

    (void)snprintf(named, sizeof(named), "--name=%s", name);
    (void)snprintf(user, sizeof(user), "--user=%u", (unsigned)getuid());
    status = tool_run(&(struct tool){.argv = argv, .deadline_s = DEADLINE_S}, &text, error);
    return status < 0 ? status : slurm_parse_queue(text, ret_queue, error);
}

void slurm_queue_done(struct slurm_queue *queue) {
    free(queue->jobs);
    *queue = (struct slurm_queue){0};
}

const struct slurm_job *slurm_find_job(const struct slurm_queue *queue, const char *comment, uint64_t id) {
    const struct slurm_job *newest = NULL, *noted = NULL;

    for (size_t i = 0; i < queue->n_jobs; i++) {
        const struct slurm_job *job = &queue->jobs[i];

        if (strcmp(job->comment, comment) == 0 && (!newest || job->id > newest->id))
            newest = job;
        if (job->id == id)
            noted = job;
    }
    return newest && newest->id >= id ? newest : noted;
}
