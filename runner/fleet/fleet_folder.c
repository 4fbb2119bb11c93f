/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet/fleet_folder.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/name.h"
#include "base/output.h"
#include "base/private.h"
#include "base/transfer.h"
#include "common/locate.h"
#include "guest/tools/argv.h"
#include "guest/tools/files.h"
#include "guest/tools/tool.h"
#include "places/bundle.h"
#include "record/file/store.h"
#include "record/json.h"
#include "record/value.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCHEMA "vmsuite.fleet-jobs/1"
#define DESCRIPTION "fleet.json"
#define LOCK "lock"
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

static char *join(const char *folder, const char *name) {
    char *path = NULL;

    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

const char *fleet_folder_label(const struct fleet_folder *folder) {
    return folder->pairs ? FLEET_LABEL_PAIR : FLEET_LABEL;
}

char *fleet_folder_path(const struct fleet_folder *folder, const char *part, const char *unit,
                        const char *ending) {
    char *path = NULL;

    return asprintf(&path, "%s/%s/%s%s", folder->path, part, unit, ending) < 0 ? NULL : path;
}

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
    failed |= value_set(json, "schema", value_text(SCHEMA));
    failed |= value_set(json, "name", value_text(folder->name));
    failed |= value_set(json, "configuration", value_text(folder->configuration));
    failed |= value_set(json, "program", value_text(folder->program));
    failed |= value_set(json, "nodes", nodes);
    if (folder->pairs)
        failed |= value_set(json, "pairs", json_true());
    return value_finish(json, failed);
}

static int write_json(const char *folder, const char *name, json_t *json, struct vms_error *error) {
    cleanup_free char *path = join(folder, name);
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
    cleanup_free char *target = join(folder, PROGRAM);
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
        cleanup_free char *path = join(folder->path, names[i]);

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

int fleet_folder_check(const char *path, struct vms_error *error) {
    static const struct private_words words = {"jobs that run from there would do as others please",
                                               "name a folder of your own"};
    cleanup_free char *real = realpath(path, NULL);
    struct stat info;
    int status;

    if (!real)
        return error_set(error, -errno, "%.200s: %s", path, strerror(errno));
    /* People who share a project's folder may be careless of each other, but root may not. */
    if (geteuid() != 0)
        return stat(real, &info) == 0 && info.st_uid == geteuid() && !(info.st_mode & S_IWOTH)
                   ? 0
                   : private_check_folder(real, &words, error);
    status = private_check_above(real, &words, error);
    return status < 0 ? status : private_check_folder(real, &words, error);
}

int fleet_folder_hold(struct fleet_folder *folder, struct vms_error *error) {
    cleanup_free char *path = join(folder->path, LOCK);
    cleanup_close int fd = -1;

    if (!path)
        return error_memory(error);
    /* NFS holds off those on other machines by a file that is open for writing, and by no folder. */
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return error_set(error, -errno, "%.200s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK
                   ? error_set(
                         error, -EBUSY,
                         "%.200s: another `vmsuite fleet submit` is at work there; try again when it has "
                         "ended",
                         folder->path)
                   : 0;
    folder->lock = TAKE_FD(fd);
    return 0;
}

/* Another one may have begun the same since we looked. */
static int hold_new(struct fleet_folder *folder, struct vms_error *error) {
    cleanup_free char *file = join(folder->path, DESCRIPTION);
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
    folder->program = program ? strdup(program) : join(folder->path, PROGRAM "/" LOCATE_BUNDLE_RUN);
    randombytes_buf(random, sizeof(random));
    (void)sodium_bin2hex(hex, sizeof(hex), random, sizeof(random));
    (void)snprintf(folder->name, sizeof(folder->name), "vmsuite-%s", hex);
    return folder->configuration && folder->program ? check_path(folder->path, error) : error_memory(error);
}

int fleet_folder_make(const char *path, const struct configuration *configuration, const char *program,
                      const struct module_list *modules, char **names, size_t n_names, bool pairs,
                      struct fleet_folder *ret_folder, struct vms_error *error) {
    struct fleet_folder folder = {.nodes = names, .n_nodes = n_names, .pairs = pairs};
    cleanup_free char *job = join(path, "job.sh");
    int status = fleet_units_make(names, n_names, pairs, &folder.units, error);

    if (status == 0) /* before anything is made; where its links lead is checked again by fill() */
        status = check_path(path, error);
    if (status == 0)
        status = job ? output_make_folder(path, error) : error_memory(error);
    if (status == 0)
        status = fleet_folder_check(path, error);
    if (status == 0)
        status = fill(&folder, path, configuration->name, program, error);
    if (status == 0)
        status = hold_new(&folder, error);
    if (status == 0)
        status = make_folders(&folder, error);
    if (status == 0)
        status = write_json(folder.path, "configuration.json", new_configuration(configuration), error);
    if (status == 0)
        status = files_write(job_script, job, error);
    if (status == 0 && !program)
        status = bring_program(folder.path, modules, error);
    if (status == 0) /* the last: a folder with a description is whole */
        status = write_json(folder.path, DESCRIPTION, new_description(&folder), error);
    if (status < 0)
        fleet_folder_done(&folder);
    else
        *ret_folder = folder;
    return status;
}

/* One name a line: as Slurm's tools write them, so that one check serves both. */
static int read_nodes(const json_t *nodes, struct fleet_folder *folder, struct vms_error *error) {
    cleanup_free char *text = NULL;
    size_t size, i;
    FILE *file = open_memstream(&text, &size);
    json_t *node;

    if (!file)
        return error_memory(error);
    json_array_foreach (nodes, i, node)
        fprintf(file, "%s\n", json_is_string(node) ? json_string_value(node) : "?");
    if (fclose(file) != 0)
        return error_memory(error);
    return slurm_parse_names(text, &folder->nodes, &folder->n_nodes, error);
}

static int read_description(const json_t *json, const char *file, struct fleet_folder *folder,
                            struct vms_error *error) {
    struct vms_error reason = {""};

    if (strcmp(json_text(json, "schema"), SCHEMA) != 0)
        return error_set(error, -EINVAL, "%.200s: its \"schema\" is not \"" SCHEMA "\"", file);
    (void)snprintf(folder->name, sizeof(folder->name), "%s", json_text(json, "name"));
    folder->configuration = strdup(json_text(json, "configuration"));
    folder->program = strdup(json_text(json, "program"));
    if (!folder->configuration || !folder->program)
        return error_memory(error);
    if (!name_is_safe(folder->name) || !name_is_safe(folder->configuration) || folder->program[0] != '/')
        return error_set(
            error, -EINVAL,
            "%.200s: it has no valid name, configuration or program: submit the fleet to a new folder", file);
    folder->pairs = json_is_true(json_object_get(json, "pairs"));
    if (read_nodes(json_object_get(json, "nodes"), folder, &reason) < 0 ||
        fleet_units_make(folder->nodes, folder->n_nodes, folder->pairs, &folder->units, &reason) < 0)
        return error_set(error, -EINVAL, "%.200s: its nodes: %.200s", file, reason.text);
    return 0;
}

int fleet_folder_read(const char *path, struct fleet_folder *ret_folder, struct vms_error *error) {
    struct fleet_folder folder = {.path = realpath(path, NULL)};
    cleanup_free char *file = folder.path ? join(folder.path, DESCRIPTION) : NULL;
    json_auto_t *json = NULL;
    int status = 0;

    if (!folder.path)
        return error_set(error, -errno, "%.200s: %s", path, strerror(errno));
    if (!file)
        status = error_memory(error);
    else if (access(file, F_OK) < 0)
        status = error_set(error, -ENOENT, "%.200s holds no fleet: `vmsuite fleet submit` begins one", path);
    else if (!(json = store_read(file, error)))
        status = -EINVAL;
    else
        status = read_description(json, file, &folder, error);
    if (status < 0)
        fleet_folder_done(&folder);
    else
        *ret_folder = folder;
    return status;
}

void fleet_folder_done(struct fleet_folder *folder) {
    if (folder->lock > 0)
        (void)close(folder->lock);
    fleet_units_free(folder->units, folder->n_nodes);
    slurm_free_names(folder->nodes, folder->n_nodes);
    free(folder->path);
    free(folder->configuration);
    free(folder->program);
    *folder = (struct fleet_folder){0};
}

int fleet_folder_note_job(const struct fleet_folder *folder, const struct fleet_unit *unit, uint64_t id,
                          struct vms_error *error) {
    cleanup_free char *job = fleet_folder_path(folder, "jobs", unit->name, "");
    char text[24];

    (void)snprintf(text, sizeof(text), "%ju\n", (uintmax_t)id);
    return job ? files_write(text, job, error) : error_memory(error);
}

/* Where the job runs. sbatch takes the last of several: what is ours stays. */
static void add_sbatch(const struct fleet_folder *folder, const struct fleet_unit *unit,
                       struct argv *command) {
    unsigned n = unit->partner ? 2 : 1;

    argv_add_all(command,
                 (const char *[]){"--parsable", "--no-requeue", "--exclusive", "--open-mode=append", NULL});
    argv_add(command, "--nodes=%u", n);
    argv_add(command, "--ntasks=%u", n);
    argv_add(command, "--job-name=%s", folder->name);
    argv_add(command, "--comment=%s", unit->name);
    argv_add(command, "--nodelist=%s%s%s", unit->node, unit->partner ? "," : "",
             unit->partner ? unit->partner : "");
    argv_add(command, "--output=%s/logs/%s.log", folder->path, unit->name);
}

/* What it runs. All clients are places of one name, so that their records are of one configuration. */
static void add_run(const struct fleet_folder *folder, const struct fleet_unit *unit, struct argv *command) {
    argv_add(command, "%s/job.sh", folder->path);
    argv_add_all(command,
                 (const char *[]){folder->path, unit->name, folder->program, "run", "--quiet", NULL});
    argv_add(command, "--config=%s/configuration.json", folder->path);
    argv_add(command, "--output=%s/records/%s", folder->path, unit->name);
    argv_add(command, "--label=" FLEET_LABEL "=%s", unit->node);
    if (!unit->partner)
        return;
    argv_add(command, "--label=" FLEET_LABEL_PAIR "=%s", unit->host);
    argv_add(command, "--on=client=slurm:%s", unit->node);
    argv_add(command, "--peer=slurm:%s", unit->partner);
}

int fleet_folder_submit(const struct fleet_folder *folder, const struct fleet_unit *unit,
                        char *const *options, size_t n_options, uint64_t *ret_id, struct vms_error *error) {
    struct argv command = {0};
    int status;

    argv_add(&command, "sbatch");
    for (size_t i = 0; i < n_options; i++)
        argv_add(&command, "%s", options[i]);
    add_sbatch(folder, unit, &command);
    add_run(folder, unit, &command);
    status = command.failed ? error_memory(error)
                            : slurm_submit((const char *const *)command.words, ret_id, error);
    argv_done(&command);
    return status < 0 ? status : fleet_folder_note_job(folder, unit, *ret_id, error);
}
