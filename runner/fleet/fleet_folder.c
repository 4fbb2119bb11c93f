/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet/fleet_folder.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/name.h"
#include "base/text.h"
#include "files/private.h"
#include "guest/tools/argv.h"
#include "guest/tools/files.h"
#include "record/file/store.h"
#include "record/json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK "lock"

const char *fleet_folder_label(const struct fleet_folder *folder) {
    return folder->pairs ? FLEET_LABEL_PAIR : FLEET_LABEL;
}

char *fleet_folder_path(const struct fleet_folder *folder, const char *part, const char *unit,
                        const char *ending) {
    return text_new("%s/%s/%s%s", folder->path, part, unit, ending);
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
    cleanup_free char *path = text_new("%s/" LOCK, folder->path);
    cleanup_close int fd = -1;

    if (!path)
        return error_memory(error);
    /* NFS holds off those on other machines by a file that is open for writing, and by no folder. */
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return error_set(error, -errno, "%.200s: %s", path, strerror(errno));
    /* A file system without locks holds nobody off. */
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

    if (strcmp(json_text(json, "schema"), FLEET_FOLDER_SCHEMA) != 0)
        return error_set(error, -EINVAL, "%.200s: its \"schema\" is not \"" FLEET_FOLDER_SCHEMA "\"", file);
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
    cleanup_free char *file = folder.path ? text_new("%s/" FLEET_FOLDER_DESCRIPTION, folder.path) : NULL;
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
