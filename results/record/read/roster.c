/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/read/roster.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <string.h>

#define RUN_ID_SIZE 40 /* a UUID and its NUL; what is longer is distinguished by its beginning */

/* A run, for the search for runs that come twice. */
struct run {
    char id[RUN_ID_SIZE];
    const char *path;
};

static int compare_runs(const void *a, const void *b) {
    return strcmp(((const struct run *)a)->id, ((const struct run *)b)->id);
}

static int refuse_twins(struct run *runs, size_t n, struct vms_error *error) {
    qsort(runs, n, sizeof(*runs), compare_runs);
    for (size_t i = 1; i < n; i++)
        if (strcmp(runs[i - 1].id, runs[i].id) == 0)
            return error_set(error, -EINVAL, "%.180s and %.180s are the same run (%s)", runs[i - 1].path,
                             runs[i].path, runs[i].id);
    return 0;
}

/* The number of a configuration, which is new perhaps. */
static int find_configuration(struct roster *roster, const char *name, size_t *ret) {
    char **grown;

    for (*ret = 0; *ret < roster->n_configurations; ++*ret)
        if (strcmp(roster->configurations[*ret], name) == 0)
            return 0;
    grown = reallocarray(roster->configurations, roster->n_configurations + 1, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    roster->configurations = grown;
    grown[*ret] = strdup(name);
    return grown[roster->n_configurations++] ? 0 : -ENOMEM;
}

static int visit_record(struct roster *roster, size_t index, struct run *run, roster_visit *visit, void *user,
                        struct vms_error *error) {
    struct reader *reader = NULL;
    int status = reader_open(roster->paths[index], &reader, error);

    if (status < 0)
        return status;
    run->path = roster->paths[index];
    (void)snprintf(run->id, sizeof(run->id), "%s", reader_head(reader)->run_id);
    if (find_configuration(roster, reader_head(reader)->label, &roster->of[index]) < 0)
        status = error_memory(error);
    else if (visit)
        status = visit(user, reader, error);
    reader_close(reader);
    return status;
}

int roster_init(struct roster *roster, char *const *paths, size_t n_paths, roster_visit *visit, void *user,
                struct vms_error *error) {
    cleanup_free struct run *runs = calloc(n_paths + 1, sizeof(*runs));
    int status = 0;

    *roster = (struct roster){.paths = paths, .n = n_paths, .of = calloc(n_paths + 1, sizeof(*roster->of))};
    if (!runs || !roster->of)
        return error_memory(error);
    for (size_t i = 0; status == 0 && i < n_paths; i++)
        status = visit_record(roster, i, &runs[i], visit, user, error);
    return status < 0 ? status : refuse_twins(runs, n_paths, error);
}

void roster_done(struct roster *roster) {
    for (size_t i = 0; i < roster->n_configurations; i++)
        free(roster->configurations[i]);
    free(roster->configurations);
    free(roster->of);
}

const char *roster_configuration(const struct roster *roster, size_t index) {
    return roster->configurations[roster->of[index]];
}
