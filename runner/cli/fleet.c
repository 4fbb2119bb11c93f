/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `vmsuite fleet`: fleet_submit.c begins, this file has what looks at a fleet. */
#include "cli/fleet.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/by_label.h"
#include "compare/comparison/comparison.h"
#include "fleet/node_state.h"
#include "output/terminal.h"

#include <errno.h>
#include <string.h>

#define PAGE "report.html"
#define COMPARISON "comparison.json"

/* A fleet and how far its nodes are. */
struct look {
    struct fleet_folder folder;
    struct node_state *states;
    size_t n_states;
};

static int look_at(const char *path, struct look *look, struct vms_error *error) {
    struct slurm_queue queue = {0};
    int status = fleet_folder_read(path, &look->folder, error);

    if (status == 0)
        status = slurm_read_queue(look->folder.name, &queue, error);
    if (status == 0) {
        look->states = calloc(look->folder.n_nodes, sizeof(*look->states));
        status = look->states ? 0 : -ENOMEM;
    }
    for (size_t i = 0; status == 0 && i < look->folder.n_nodes; i++) {
        status = node_state_read(&look->folder, &look->folder.units[i], &queue, &look->states[i], error);
        look->n_states += status == 0;
    }
    slurm_queue_done(&queue);
    return status;
}

static void look_done(struct look *look) {
    for (size_t i = 0; i < look->n_states; i++)
        node_state_done(&look->states[i]);
    free(look->states);
    fleet_folder_done(&look->folder);
}

static void print_counts(FILE *file, const struct look *look) {
    const char *between = "";

    for (size_t phase = 0; node_phase_name(phase); phase++) {
        size_t n = 0;

        for (size_t i = 0; i < look->n_states; i++)
            n += look->states[i].phase == (enum node_phase)phase;
        if (n > 0)
            terminal_print(file, "%s%zu %s", between, n, node_phase_name(phase));
        between = n > 0 ? ", " : between;
    }
    fputc('\n', file);
}

/* Whether something is not as it has to be in the end. */
static bool has_trouble(const struct look *look) {
    for (size_t i = 0; i < look->n_states; i++)
        if (look->states[i].phase == NODE_FAILED || look->states[i].phase == NODE_LOST ||
            look->states[i].phase == NODE_MISSING)
            return true;
    return false;
}

static int run_status(const struct cli_command *command, void *given, const struct words *words) {
    struct vms_error error = {ERROR_MEMORY};
    struct look look = {.n_states = 0};
    int status = look_at(words->words[0], &look, &error);

    (void)given;
    if (status < 0) {
        status = command_fail(command, exit_status_of(status), "%s", error.text);
    } else {
        for (size_t i = 0; i < look.n_states; i++) {
            const struct node_state *state = &look.states[i];

            terminal_print(stdout, "%s %s", look.folder.units[i].name, node_phase_name(state->phase));
            terminal_print(stdout, "%s%s\n", state->words[0] ? ": " : "", state->words);
        }
        print_counts(stdout, &look);
        status = has_trouble(&look) ? EXIT_FAILED : EXIT_DONE;
    }
    look_done(&look);
    return status;
}

static int note_lost(struct fleet *fleet, const struct look *look) {
    for (size_t i = 0; i < look->n_states; i++) {
        const struct node_state *state = &look->states[i];
        bool is_queued = state->phase == NODE_WAITING || state->phase == NODE_RUNNING;
        char words[NODE_WORDS_SIZE + 32];

        if (is_queued)
            (void)snprintf(words, sizeof(words), "it is %s%s%s", node_phase_name(state->phase),
                           state->words[0] ? ": " : "", state->words);
        if (state->phase != NODE_DONE &&
            fleet_note_lost(fleet, look->folder.units[i].name, is_queued ? words : state->words) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int write_file(const struct fleet *fleet, const struct look *look, const char *name,
                      struct vms_error *error) {
    cleanup_free char *path = text_new("%s/%s", look->folder.path, name);

    if (!path)
        return -ENOMEM;
    return strcmp(name, PAGE) == 0 ? by_label_write_page(fleet, path, error)
                                   : by_label_write(fleet, BY_LABEL_JSON, path, error);
}

/* Compares the records that there are, and names the nodes that gave none. */
static int collect(const struct look *look, struct vms_error *error) {
    cleanup_free char **paths = calloc(look->n_states + 1, sizeof(*paths));
    struct words records = {.words = paths};
    struct fleet fleet = {0};
    int status = paths ? 0 : -ENOMEM;

    for (size_t i = 0; paths && i < look->n_states; i++)
        if (look->states[i].phase == NODE_DONE)
            paths[records.n_words++] = look->states[i].record;
    if (status == 0)
        status = by_label_read(&fleet, fleet_folder_label(&look->folder), COMPARE_MARGIN, &records, error);
    if (status == 0)
        status = note_lost(&fleet, look);
    if (status == 0)
        status = by_label_write(&fleet, BY_LABEL_TABLE, "-", error);
    if (status == 0)
        status = write_file(&fleet, look, COMPARISON, error);
    if (status == 0)
        status = write_file(&fleet, look, PAGE, error);
    fleet_done(&fleet);
    return status;
}

static int run_collect(const struct cli_command *command, void *given, const struct words *words) {
    struct vms_error error = {ERROR_MEMORY};
    struct look look = {.n_states = 0};
    int status = look_at(words->words[0], &look, &error);
    size_t n = 0;

    (void)given;
    for (size_t i = 0; i < look.n_states; i++)
        n += look.states[i].phase == NODE_DONE;
    if (status == 0 && n == 0) {
        print_counts(stderr, &look);
        status =
            command_fail(command, EXIT_FAILED, "no node has given a record; `vmsuite fleet status` says why");
    } else if (status < 0 || (status = collect(&look, &error)) < 0) {
        status = command_fail(command, exit_status_of(status), "%s", error.text);
    } else {
        terminal_print(stderr, "report: %s/" PAGE "\n", look.folder.path);
        status = n == look.n_states ? EXIT_DONE : EXIT_FAILED;
    }
    look_done(&look);
    return status;
}

const struct cli_command fleet_status = {
    .name = "fleet status",
    .summary = "show the state of each node of a fleet",
    .description =
        "A node, or a direction of a pair, is missing, waiting, running, done, failed or lost, with the "
        "reason. Exits with 1 where one is missing, failed or lost: `vmsuite fleet submit DIR` submits just "
        "those again.",
    .operands =
        {.usage = "DIR", .missing = "which fleet's folder?", .min = 1, .max = 1, .names = NAMES_FOLDER},
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .run = run_status,
};

const struct cli_command fleet_collect = {
    .name = "fleet collect",
    .summary = "check the records of a fleet, and compare its nodes",
    .description =
        "Checks each node's record as `vmsuite check` does, compares the nodes as `vmsuite compare --by "
        "node`, or pairs of nodes as with `--by pair`, and writes comparison.json and report.html into the "
        "folder. What has no record is named, the rest used; it then exits with 1.",
    .operands =
        {.usage = "DIR", .missing = "which fleet's folder?", .min = 1, .max = 1, .names = NAMES_FOLDER},
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .run = run_collect,
};

const struct cli_command command_fleet = {
    .name = "fleet",
    .summary = "measure the nodes of a Slurm cluster, and compare them",
    .description =
        "One job a node, submitted with Slurm's own sbatch; all is kept in one folder, which the nodes "
        "share (docs/fleet.md).",
    .subcommands = (const struct cli_command *const[]){&fleet_submit, &fleet_status, &fleet_collect, NULL},
};
