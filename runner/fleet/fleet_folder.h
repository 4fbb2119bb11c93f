/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder of a fleet, which all its nodes share:
 *
 *     fleet.json          what it is: {"schema": "vmsuite.fleet-jobs/1", "name", "configuration",
 *                         "program", "nodes"}, and "pairs": true where pairs of nodes are measured
 *     configuration.json  with its suite inside
 *     job.sh              what a job runs; program/: the bundle, unless the nodes have the program
 *     lock                held by the `vmsuite fleet submit` that is at work
 *
 * and of each unit, a node or a direction of a pair (fleet_units.h):
 *
 *     jobs/UNIT           the number of its newest job
 *     ended/UNIT          a job's number and the exit status of its run, when that has ended
 *     logs/UNIT.log       what it printed
 *     records/UNIT/       its record, or its journal
 */
#ifndef VMSUITE_RUNNER_FLEET_FLEET_FOLDER_H
#define VMSUITE_RUNNER_FLEET_FLEET_FOLDER_H

#include "documents/configuration.h"
#include "fleet/fleet_units.h"
#include "fleet/slurm.h"

#define FLEET_LABEL "node" /* of a record: what is measured, of a pair the client */
#define FLEET_LABEL_PAIR "pair"
#define FLEET_NAME_SIZE 32
#define FLEET_FOLDER_SCHEMA "vmsuite.fleet-jobs/1"
#define FLEET_FOLDER_DESCRIPTION "fleet.json"

struct fleet_folder {
    char *path;                 /* owned: absolute */
    char name[FLEET_NAME_SIZE]; /* of its jobs */
    char *configuration;        /* owned: its name */
    char *program;              /* owned: what jobs run */
    char **nodes;               /* owned */
    size_t n_nodes;
    int lock; /* owned: fleet_folder_hold(); 0: none */
    bool pairs;
    struct fleet_unit *units; /* owned: as many as nodes */
};

/* What a fleet is to measure. All borrowed but the names. */
struct fleet_request {
    const struct configuration *configuration;
    const char *program;               /* its file at the nodes; NULL: it is brought as a bundle */
    const struct module_list *modules; /* of the bundle */
    char **names;                      /* of the nodes; taken over */
    size_t n_names;
    bool pairs; /* they are measured two by two */
};

/* Begins a fleet in a folder where there is none, and which is ours alone (fleet_folder_check). -errno with a
 * sentence; what was begun is continued by the next try. */
int fleet_folder_make(const char *path, const struct fleet_request *request, struct fleet_folder *ret_folder,
                      struct vms_error *error);

/* Reads one. -ENOENT: there is no fleet in it. -EINVAL with a sentence. The caller frees with
 * fleet_folder_done. */
int fleet_folder_read(const char *path, struct fleet_folder *ret_folder, struct vms_error *error);

/* Whether jobs may be run from the folder: nobody else can put a script or a program there. -EPERM with a
 * sentence. */
int fleet_folder_check(const char *path, struct vms_error *error);

/* Holds off others that would submit the same jobs, until fleet_folder_done. -EBUSY with a sentence; 0 too
 * where the file system has no locks. */
int fleet_folder_hold(struct fleet_folder *folder, struct vms_error *error);

void fleet_folder_done(struct fleet_folder *folder);

/* The label by which its records are compared. */
const char *fleet_folder_label(const struct fleet_folder *folder);

/* A path in it: PART/UNIT and an ending, "logs", "n1", ".log". The caller frees; NULL without memory. */
char *fleet_folder_path(const struct fleet_folder *folder, const char *part, const char *unit,
                        const char *ending);

/* Submits a job for a unit, and notes it. -errno with a sentence. `options` are further words for sbatch. The
 * job bears the unit's name as its comment, so that the queue tells whose it is, should nobody have noted
 * that. */
int fleet_folder_submit(const struct fleet_folder *folder, const struct fleet_unit *unit,
                        char *const *options, size_t n_options, uint64_t *ret_id, struct vms_error *error);

/* Notes a unit's newest job. -errno with a sentence. */
int fleet_folder_note_job(const struct fleet_folder *folder, const struct fleet_unit *unit, uint64_t id,
                          struct vms_error *error);

#endif
