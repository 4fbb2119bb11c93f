/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tools of Slurm, and what they say, which is checked before anything of it is used. */
#ifndef VMSUITE_RUNNER_FLEET_SLURM_H
#define VMSUITE_RUNNER_FLEET_SLURM_H

#include <stdbool.h>
#include <stdint.h>
#include <vmsuite/module.h>

#define SLURM_NODES_MAX 10000

/* The nodes of a list as Slurm writes it, "n[1-3],login", in its order, each once. The names are checked. An
 * array of *ret_n texts, which the caller frees with slurm_free_names. -errno with a sentence. */
int slurm_expand(const char *list, char ***ret_names, size_t *ret_n, struct vms_error *error);
void slurm_free_names(char **names, size_t n);

#define SLURM_COMMENT_MAX 160

/* A job as the queue shows it. */
struct slurm_job {
    uint64_t id;
    char state[32];                      /* capital letters and "_": "PENDING" */
    char comment[SLURM_COMMENT_MAX + 1]; /* what it was submitted for; "(null)" where that is not said */
    char reason[64];                     /* printable */
};

struct slurm_queue {
    struct slurm_job *jobs; /* owned, as they were printed */
    size_t n_jobs;
};

/* Submits the words of `argv` (sbatch and its options, with --parsable) and reads the job's number. -errno
 * with a sentence. */
int slurm_submit(const char *const *argv, uint64_t *ret_id, struct vms_error *error);

/* All jobs of this user with a name, those that ended a short time ago, too. The caller frees with
 * slurm_queue_done. */
int slurm_read_queue(const char *name, struct slurm_queue *ret_queue, struct vms_error *error);
void slurm_queue_done(struct slurm_queue *queue);

/* The newest job with a comment, unless it is older than the job `id`: else that one, whatever its comment is
 * (a cluster may change it); NULL: there is neither. */
const struct slurm_job *slurm_find_job(const struct slurm_queue *queue, const char *comment, uint64_t id);

/* The parts of the above that read texts. -EINVAL with a sentence. */
int slurm_parse_id(const char *text, uint64_t *ret_id, struct vms_error *error);
int slurm_parse_queue(char *text, struct slurm_queue *ret_queue, struct vms_error *error);
int slurm_parse_names(char *text, char ***ret_names, size_t *ret_n, struct vms_error *error);

#endif
