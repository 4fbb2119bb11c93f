/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/load.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "compare/collect/collect.h"
#include "compare/compare.h"
#include "record/json.h"
#include "record/read/roster.h"

#include <string.h>

#define LABEL_SIZE 256

struct load {
    struct comparison *comparison;
    struct roster roster;
    size_t n_baseline;
    bool alike; /* all records have the baseline's configuration */
    /* owned, with its texts: of each record the node that it is labelled with, "" where it is not */
    char **nodes;
    size_t n_nodes;
};

static int note_node(void *user, struct reader *reader, struct vms_error *error) {
    struct load *load = user;
    const char *node = json_text(json_object_get(reader_document(reader), "labels"), LOAD_NODE);

    load->nodes[load->n_nodes] = strdup(node);
    return load->nodes[load->n_nodes++] ? 0 : error_memory(error);
}

/* Runs of several nodes are no runs of one machine: what differs from node to node would be taken for
 * chance. */
static int refuse_nodes(const struct load *load, struct vms_error *error) {
    cleanup_free const char **first = calloc(load->roster.n_configurations + 1, sizeof(*first));

    if (!first)
        return error_memory(error);
    for (size_t i = 0; i < load->roster.n; i++) {
        const char **seen = &first[load->roster.of[i]];

        if (*load->nodes[i] && *seen && strcmp(*seen, load->nodes[i]) != 0)
            return error_set(
                error, -EINVAL,
                "the records of %.80s are of several nodes, such as %.60s and %.60s: --by " LOAD_NODE
                " compares over nodes",
                roster_configuration(&load->roster, i), *seen, load->nodes[i]);
        if (*load->nodes[i])
            *seen = load->nodes[i];
    }
    return 0;
}

static bool same_configuration(const struct load *load, size_t a, size_t b) {
    return load->roster.of[a] == load->roster.of[b];
}

/* Whether the record belongs to the baseline. */
static bool is_baseline(const struct load *load, size_t index) {
    return index < load->n_baseline || (!load->alike && same_configuration(load, index, 0));
}

static int add_cases(struct comparison *comparison, struct reader *reader, struct vms_error *error) {
    struct view_case outcome = {0};
    int status = 0;

    for (size_t i = 0; status == 0 && i < reader_n_cases(reader); i++) {
        status = reader_case(reader, i, &outcome, error);
        if (status == 0)
            status = compare_add_case(comparison, &outcome, error);
    }
    reader_case_done(&outcome);
    return status;
}

static int add_record(struct load *load, size_t side, size_t index, struct vms_error *error) {
    const char *path = load->roster.paths[index];
    struct reader *reader = NULL;
    char label[LABEL_SIZE];
    int status = reader_open(path, &reader, error);

    if (status < 0)
        return status;
    (void)snprintf(label, sizeof(label), "%s%s", roster_configuration(&load->roster, index),
                   load->alike && side > 0 ? " (other)" : "");
    status = compare_add_run(load->comparison, side, label, path, reader_head(reader), error);
    if (status == 0)
        status = add_cases(load->comparison, reader, error);
    reader_close(reader);
    return status;
}

/* All records that have the configuration of record `first`, if it is the first that has it. */
static int add_other(struct load *load, size_t first, struct vms_error *error) {
    size_t side = load->comparison->n_sides;
    int status = 0;

    for (size_t i = load->n_baseline; i < first; i++)
        if (same_configuration(load, i, first))
            return 0;
    for (size_t i = first; status == 0 && i < load->roster.n; i++)
        if (same_configuration(load, i, first))
            status = add_record(load, side, i, error);
    return status;
}

static int add_all(struct load *load, struct vms_error *error) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < load->roster.n; i++)
        if (is_baseline(load, i))
            status = add_record(load, 0, i, error);
    for (size_t i = load->n_baseline; status == 0 && i < load->roster.n; i++)
        if (!is_baseline(load, i))
            status = add_other(load, i, error);
    return status < 0 ? status : compare_finish(load->comparison, error);
}

int compare_load(struct comparison *comparison, char *const *paths, size_t n_paths, size_t n_baseline,
                 struct vms_error *error) {
    struct load load = {.comparison = comparison, .n_baseline = n_baseline, .alike = true};
    int status;

    if (n_baseline == 0 || n_paths <= n_baseline)
        return error_set(error, -EINVAL, "a comparison takes a baseline and at least one other record");
    load.nodes = calloc(n_paths, sizeof(*load.nodes));
    if (!load.nodes)
        return error_memory(error);
    status = roster_init(&load.roster, paths, n_paths, note_node, &load, error);
    if (status == 0)
        status = refuse_nodes(&load, error);
    for (size_t i = n_baseline; status == 0 && i < n_paths; i++)
        load.alike &= same_configuration(&load, i, 0);
    if (status == 0)
        status = add_all(&load, error);
    roster_done(&load.roster);
    for (size_t i = 0; i < load.n_nodes; i++)
        free(load.nodes[i]);
    free(load.nodes);
    return status;
}
