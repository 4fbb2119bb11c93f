/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/exchange/job.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "record/text/json_writer.h"

#include <string.h>

static json_t *guest_configuration(const struct job *job) {
    static const char *const kept_here[] = {"$schema", "guest", "peer", "places", "find", "budget"};
    json_t *json = json_deep_copy(job->configuration->json);

    for (size_t i = 0; i < VMS_LENGTH(kept_here); i++)
        (void)json_object_del(json, kept_here[i]);
    (void)json_object_set_new(json, "scratch", json_string("/scratch"));
    (void)json_object_set(json, "suite", job->configuration->suite_json);
    if (job->token_file)
        (void)json_object_set_new(json, "peer",
                                  json_pack("{s:s, s:i, s:s}", "address", job->peer_address, "port",
                                            (int)job->peer_port, "token_file", "/job/peer.token"));
    return json;
}

static int add_json(struct archive *archive, const char *name, json_t *json) {
    cleanup_free char *text = json_line(json);
    int status = text ? archive_add_text(archive, name, text, 0644) : -ENOMEM;

    json_decref(json);
    return status;
}

static int add_all(struct archive *archive, const struct job *job) {
    char text[256];
    int status = add_json(archive, "job/configuration.json", guest_configuration(job));

    (void)snprintf(text, sizeof(text), "--config\n/job/configuration.json\n--output\n-\n--progress\n%s\n%s",
                   job->quiet ? "marks\n--quiet" : "trials", job->allow_mismatch ? "--allow-mismatch\n" : "");
    if (job->retry_noisy > 0)
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "--retry-noisy\n%u\n",
                       job->retry_noisy);
    if (job->seed)
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "--seed\n%ju\n",
                       (uintmax_t)*job->seed);
    if (status == 0)
        status = archive_add_text(archive, "job/arguments", text, 0644);
    (void)snprintf(text, sizeof(text), "%u\n", job->disks);
    if (status == 0)
        status = archive_add_text(archive, "job/disks", text, 0644);
    (void)snprintf(text, sizeof(text), "%ju\n", (uintmax_t)(job->configuration->guest.disk / 1024));
    if (status == 0 && job->ramdisk)
        status = archive_add_text(archive, "job/ramdisk", text, 0644);
    if (status == 0 && job->peer_beside)
        status = archive_add_text(archive, "job/peer", JOB_ADDRESS " " JOB_HYPERVISOR "/24\n", 0644);
    else if (status == 0 && job->token_file)
        status = archive_add_text(archive, "job/network",
                                  job->guest_address ? job->guest_address : JOB_ADDRESS, 0644);
    if (status == 0 && job->serves)
        status = archive_add_text(archive, "job/serve", job->guest_address, 0644);
    if (status == 0 && job->token_file)
        status = archive_add_file(archive, "job/peer.token", job->token_file, 0600);
    return status;
}

int job_write(const struct job *job, const char *path, struct vms_error *error) {
    struct archive archive = {.least = job->least};
    int status = add_all(&archive, job);

    status = status < 0 ? error_memory(error) : archive_write(&archive, path, error);
    archive_done(&archive);
    return status;
}
