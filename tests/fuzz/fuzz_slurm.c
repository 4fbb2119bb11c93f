/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: whatever Slurm's tools print, it is names, jobs or a number, or there is a sentence. The
 * first byte chooses. */
#include "fleet/slurm.h"
#include "input.h"

#include <stdlib.h>
#include <string.h>

static void check_names(char *text, struct vms_error *error) {
    char **names;
    size_t n;

    if (slurm_parse_names(text, &names, &n, error) < 0)
        return;
    require(n > 0 && n <= SLURM_NODES_MAX);
    for (size_t i = 0; i < n; i++)
        require(names[i][0] && !strpbrk(names[i], "/ \n\x1b"));
    slurm_free_names(names, n);
}

static void check_queue(char *text, struct vms_error *error) {
    struct slurm_queue queue;

    if (slurm_parse_queue(text, &queue, error) < 0)
        return;
    for (size_t i = 0; i < queue.n_jobs; i++) {
        const struct slurm_job *found = slurm_find_job(&queue, queue.jobs[i].comment, queue.jobs[i].id);

        require(found && found->id >= queue.jobs[i].id && strcmp(found->comment, queue.jobs[i].comment) == 0);
        for (const char *c = queue.jobs[i].reason; *c; c++)
            require(*c >= ' ' && *c <= '~');
    }
    slurm_queue_done(&queue);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vms_error error = {""};
    char *text = size > 0 ? strndup((const char *)data + 1, size - 1) : NULL;
    uint64_t id = 0;

    if (!text)
        return 0;
    if (data[0] % 3 == 0)
        check_names(text, &error);
    else if (data[0] % 3 == 1)
        check_queue(text, &error);
    else
        require(slurm_parse_id(text, &id, &error) == 0 || error.text[0]);
    free(text);
    return 0;
}
