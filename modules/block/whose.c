/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/whose.h"

#include "shared/case/report.h"

#include <inttypes.h>
#include <string.h>

#define TEXT_SIZE 192

/* What has gone past the page cache: the medium's, if it has one. */
static void over_medium(const struct medium *medium, const char *how, char ret_text[static TEXT_SIZE]) {
    switch (medium->kind) {
    case MEDIUM_MEMORY:
        (void)snprintf(ret_text, TEXT_SIZE, "memory (%.100s)", medium->name);
        break;
    case MEDIUM_NETWORK:
        (void)snprintf(ret_text, TEXT_SIZE, "network (%.60s; %s)", medium->name, how);
        break;
    case MEDIUM_DEVICE:
        if (medium->is_cached_behind)
            (void)snprintf(ret_text, TEXT_SIZE, "device or the page cache behind it (%.60s; %s)",
                           medium->name, how);
        else
            (void)snprintf(ret_text, TEXT_SIZE, "device (%s)", how);
        break;
    case MEDIUM_UNKNOWN:
        (void)snprintf(ret_text, TEXT_SIZE, "unknown (%.60s; %s)", medium->name, how);
        break;
    }
}

/* What was to go past the page cache and may not have. */
static void direct(const struct job *job, const struct cache_count *after, const char *how,
                   char ret_text[static TEXT_SIZE]) {
    if (job->medium.kind == MEDIUM_MEMORY || cache_is_cold(after))
        over_medium(&job->medium, how, ret_text);
    else if (after->refusal < 0)
        (void)snprintf(ret_text, TEXT_SIZE, "unknown (whether direct was honoured: mincore: %s)",
                       strerror(-after->refusal));
    else
        (void)snprintf(ret_text, TEXT_SIZE,
                       "page cache (direct was not honoured: %" PRIu64 " of %" PRIu64
                       " pages were in memory)",
                       after->resident, after->pages);
}

int whose_write(const struct job *job, const struct cache_count *after, struct vms_error *error) {
    char text[TEXT_SIZE] = "page cache";

    if (job->sync == JOB_SYNC_DSYNC)
        over_medium(&job->medium, "each write is durable", text);
    else if (job->sync != JOB_SYNC_NONE)
        over_medium(&job->medium, "flushed inside the time", text);
    else if (job->direct)
        direct(job, after, "direct, its own write cache included", text);
    else if (job->medium.kind == MEDIUM_MEMORY)
        over_medium(&job->medium, "", text);
    return report_fact(job->host, error, "write_figure", "%s", text);
}

int whose_read(const struct job *job, const struct cache_count *count, struct vms_error *error) {
    char text[TEXT_SIZE], pages[80];

    (void)snprintf(pages, sizeof(pages), "%" PRIu64 " of %" PRIu64 " pages were in memory", count->resident,
                   count->pages);
    if (job->direct)
        direct(job, count, "direct", text);
    else if (job->medium.kind == MEDIUM_MEMORY || cache_is_cold(count))
        over_medium(&job->medium, pages, text);
    else if (count->refusal < 0)
        (void)snprintf(text, sizeof(text), "unknown (how much was in memory: mincore: %s)",
                       strerror(-count->refusal));
    else
        (void)snprintf(text, sizeof(text), "page cache%s%s (%s)",
                       count->resident == count->pages ? "" : " and ",
                       count->resident == count->pages ? "" : medium_kind_name(job->medium.kind), pages);
    return report_fact(job->host, error, "read_figure", "%s", text);
}

int whose_direct(const struct job *job, const struct cache_count *after, struct vms_error *error) {
    const char *used = after->refusal < 0 ? "unknown" : cache_is_cold(after) ? "yes" : "no: buffered";

    return job->direct ? report_fact(job->host, error, "direct_used", "%s",
                                     job->medium.kind == MEDIUM_MEMORY ? "no: memory" : used)
                       : 0;
}

const char *whose_source(const struct job *job, const struct cache_count *count) {
    if (job->medium.kind == MEDIUM_MEMORY)
        return "memory";
    if (count->refusal < 0)
        return "the page cache or what is below it";
    if (!cache_is_cold(count))
        return "the page cache";
    if (job->medium.is_cached_behind)
        return "the device or the page cache behind it";
    return job->medium.kind == MEDIUM_DEVICE    ? "the device"
           : job->medium.kind == MEDIUM_NETWORK ? "the network"
                                                : "below the page cache";
}
