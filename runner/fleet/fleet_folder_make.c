/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the folder of a fleet begins. */
#include "fleet/fleet_folder.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "common/locate.h"
#include "files/transfer.h"
#include "guest/tools/files.h"
#include "guest/tools/tool.h"
#include "output/output.h"
#include "places/bundle/bundle.h"
#include "record/file/store.h"
#include "record/value.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PROGRAM "program"
#define UNPACK_S 120

/* A run goes on where an earlier one left a journal. Nothing of it is made from names: they are arguments. */
static const char job_script[] =
    "#!/bin/sh\n"
    "# FOLDER UNIT PROGRAM WORD...: measures a node or a pair, and notes how that ended.\n"
    "folder=$1 unit=$2\n"
    "shift 2\n"
    "for journal in \"$folder/records/$unit\"/*.journal.jsonl; do\n"
    "    [ -e \"$journal\" ] && set -- \"$@\" --resume && break\n"
    "done\n"
    "\"$@\"\n"
    "status=$?\n"
    "echo \"$SLURM_JOB_ID $status\" >\"$folder/ended/$unit.new\" &&\n"
    "    mv \"$folder/ended/$unit.new\" \"$folder/ended/$unit\"\n"
    "exit \"$status\"\n";

/* The configuration as nodes run it: with its suite inside, and without what is of this machine. */
static json_t *new_configuration(const struct configuration *configuration) {
    json_t *json = json_deep_copy(configuration->json);
    int failed = json_object_set(json, "suite", configuration->suite_json);

    (void)json_object_del(json, "$schema");
    return value_finish(json, failed);
}

static json_t *new_description(const struct fleet_folder *folder) {
    json_t *json = json_object(), *nodes = json_array();
    int failed = 0;

    for (size_t i = 0; i < folder->n_nodes; i++)
        failed |= json_array_append_new(nodes, value_text(folder->nodes[i]));
    failed |= value_set(json, "schema", value_text(FLEET_FOLDER_SCHEMA));
    failed |= value_set(json, "name", value_text(folder->name));
    failed |= value_set(json, "configuration", value_text(folder->configuration));
    failed |= value_set(json, "program", value_text(folder->program));
    failed |= value_set(json, "nodes", nodes);
    if (folder->pairs)
        failed |= value_set(json, "pairs", json_true());
    return value_finish(json, failed);
}

static int write_json(const char *folder, const char *name, json_t *json, struct vms_error *error) {
    cleanup_free char *path = text_new("%s/%s", folder, name);
    int status = path && json ? store_write(path, json, error) : error_memory(error);

    json_decref(json);
    return status;
}

/* The bundle as a descriptor, from its beginning. -errno. */
static int open_bundle(const struct bundle *bundle) {
    cleanup_close int fd = memfd_create("bundle", MFD_CLOEXEC);
    int status;

    if (fd < 0)
        return -errno;
    status = transfer_write(fd, bundle->bytes, bundle->size);
    if (status == 0 && lseek(fd, 0, SEEK_SET) < 0)
        status = -errno;
    return status < 0 ? status : TAKE_FD(fd);
}

/* Unpacks the bundle where all nodes see it. */
static int bring_program(const char *folder, const struct module_list *modules, struct vms_error *error) {
    cleanup_free char *target = text_new("%s/" PROGRAM, folder);
    const char *const argv[] = {"tar", "-xof", "-", "-C", target, NULL};
    struct bundle bundle = {0};
    int status = target ? bundle_make(modules, &bundle, error) : error_memory(error);

    if (status == 0)
        status = output_make_folder(target, error);
    if (status == 0) {
        cleanup_close int input = open_bundle(&bundle);

        status = input < 0 ? error_set(error, input, "the bundle cannot be passed on: %s", strerror(-input))
                           : tool_run(&(struct tool){.argv = argv, .input = input, .deadline_s = UNPACK_S},
                                      NULL, error);
    }
    bundle_done(&bundle);
    return status;
}

static int make_folders(const struct fleet_folder *folder, struct vms_error *error) {
    static const char *const names[] = {"jobs", "ended", "logs", "records"};
    int status = 0;

    for (size_t i = 0; status == 0 && i < VMS_LENGTH(names); i++) {
        cleanup_free char *path = text_new("%s/%s", folder->path, names[i]);

        status = path ? output_make_folder(path, error) : error_memory(error);
    }
    for (size_t i = 0; status == 0 && i < folder->n_nodes; i++) {
        cleanup_free char *path = fleet_folder_path(folder, "records", folder->units[i].name, "");

        status = path ? output_make_folder(path, error) : error_memory(error);
    }
    return status;
}

/* Slurm takes "%" and "\" in a path of its own for patterns. */
static int check_path(const char *path, struct vms_error *error) {
    return strpbrk(path, "%\\\n") ? error_set(error, -EINVAL,
                                              "%.200s: the folder's path must have no \"%%\", \"\\\" or line "
                                              "feed: they mean something else to Slurm",
                                              path)
                                  : 0;
}

/* Another one may have begun the same since we looked. */
static int hold_new(struct fleet_folder *folder, struct vms_error *error) {
    cleanup_free char *file = text_new("%s/" FLEET_FOLDER_DESCRIPTION, folder->path);
    int status = file ? fleet_folder_hold(folder, error) : error_memory(error);

    if (status == 0 && access(file, F_OK) == 0)
        status = error_set(error, -EEXIST,
                           "%.200s has just become a fleet's; the same command without --nodes "
                           "goes on with it",
                           folder->path);
    return status;
}

static int fill(struct fleet_folder *folder, const char *path, const char *configuration, const char *program,
                struct vms_error *error) {
    unsigned char random[4];
    char hex[2 * sizeof(random) + 1];

    folder->path = realpath(path, NULL);
    folder->configuration = strdup(configuration);
    if (!folder->path)
        return error_set(error, -errno, "%.200s: %s", path, strerror(errno));
    folder->program = program ? strdup(program) : text_new("%s/" PROGRAM "/" LOCATE_BUNDLE_RUN, folder->path);
    randombytes_buf(random, sizeof(random));
    (void)sodium_bin2hex(hex, sizeof(hex), random, sizeof(random));
    (void)snprintf(folder->name, sizeof(folder->name), "vmsuite-%s", hex);
    return folder->configuration && folder->program ? check_path(folder->path, error) : error_memory(error);
}

int fleet_folder_make(const char *path, const struct fleet_request *request, struct fleet_folder *ret_folder,
                      struct vms_error *error) {
    struct fleet_folder folder = {
        .nodes = request->names, .n_nodes = request->n_names, .pairs = request->pairs};
    cleanup_free char *job = text_new("%s/job.sh", path);
    int status = fleet_units_make(folder.nodes, folder.n_nodes, folder.pairs, &folder.units, error);

    if (status == 0) /* before anything is made; where its links lead is checked again by fill() */
        status = check_path(path, error);
    if (status == 0)
        status = job ? output_make_folder(path, error) : error_memory(error);
    if (status == 0)
        status = fleet_folder_check(path, error);
    if (status == 0)
        status = fill(&folder, path, request->configuration->name, request->program, error);
    if (status == 0)
        status = hold_new(&folder, error);
    if (status == 0)
        status = make_folders(&folder, error);
    if (status == 0)
        status =
            write_json(folder.path, "configuration.json", new_configuration(request->configuration), error);
    if (status == 0)
        status = files_write(job_script, job, error);
    if (status == 0 && !request->program)
        status = bring_program(folder.path, request->modules, error);
    if (status == 0) /* the last: a folder with a description is whole */
        status = write_json(folder.path, FLEET_FOLDER_DESCRIPTION, new_description(&folder), error);
    if (status < 0)
        fleet_folder_done(&folder);
    else
        *ret_folder = folder;
    return status;
}
