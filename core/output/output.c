/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/output.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "files/access.h"
#include "output/visible.h"
#include "output/way.h"

#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>

/* What can be done about a failed write. */
static const char *mend(int code) {
    switch (code) {
    case ENOSPC:
        return "make room on that file system or choose another folder";
    case EDQUOT:
        return "the quota is used up: remove files or choose another folder";
    case EFBIG:
        return "raise the limit on the size of files (ulimit -f)";
    case EROFS:
    case EACCES:
    case EPERM:
        return "choose a folder that you may write to";
    case ENOENT:
    case ENOTDIR:
        return "the folder must exist";
    case EISDIR:
        return "name a file";
    case ENAMETOOLONG:
        return "choose a shorter path";
    case ELOOP:
        return "its symbolic links form a loop: choose another path";
    case EPIPE:
        return "its reader has ended";
    default:
        return "check the file system or choose another folder";
    }
}

int output_error(const char *what, const char *path, int code, struct vms_error *error) {
    /* EFBIG is what an input is that is too large: wrong use, which a failed write is not. */
    bool is_standard = strcmp(path, OUTPUT_STDOUT) == 0;

    return error_set(error, code == EFBIG ? -EIO : -code, "cannot %s %s: %s; %s", what,
                     is_standard ? "to standard output" : path, strerror(code),
                     is_standard && code != EPIPE ? "redirect it to where there is room" : mend(code));
}

#define ATTEMPTS 100 /* at a name that nobody has */
#define OWN_FILES "/proc/self/fd"

static void name_temporary(unsigned attempt, char ret_name[static NAME_MAX]) {
    (void)snprintf(ret_name, NAME_MAX, ".vmsuite-%ld-%u.tmp", (long)getpid(), attempt);
}

/* Opens a file in `folder` with the mode that umask leaves: one without a name (then *ret_name is empty), so
 * that nothing stays behind where the program is killed; where the file system has no such files, one with a
 * name that was not there. The descriptor or a negative errno. */
static int open_temporary(int folder, char ret_name[static NAME_MAX]) {
    int fd = -1;

    *ret_name = '\0';
    if (access(OWN_FILES, X_OK) == 0)
        fd = openat(folder, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
    for (unsigned attempt = 0; fd < 0 && attempt < ATTEMPTS; attempt++) {
        name_temporary(attempt, ret_name);
        fd = openat(folder, ret_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (fd < 0 && errno != EEXIST)
            return -errno;
    }
    return fd >= 0 ? fd : -EEXIST;
}

/* Gives a file without a name one that was not there. */
static int link_temporary(int fd, int folder, char ret_name[static NAME_MAX]) {
    char own[64];

    (void)snprintf(own, sizeof(own), OWN_FILES "/%d", fd);
    for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
        name_temporary(attempt, ret_name);
        if (linkat(AT_FDCWD, own, folder, ret_name, AT_SYMLINK_FOLLOW) == 0)
            return 0;
        if (errno != EEXIST)
            break;
    }
    *ret_name = '\0';
    return -errno;
}

static void end_showing(struct output *output) {
    if (output->shown)
        (void)fclose(output->shown);
    output->shown = NULL;
}

static void output_done(struct output *output) {
    end_showing(output);
    if (output->stream) {
        (void)fclose(output->file);
        (void)close(output->stream->fd);
        free(output->stream);
    }
    if (output->target.folder >= 0)
        (void)close(output->target.folder);
    free(output->path);
    *output = (struct output){.target.folder = -1};
}

/* Sets a stream up over the descriptor, which becomes its own. */
static int take_descriptor(struct output *output, int fd) {
    output->stream = calloc(1, sizeof(*output->stream));
    if (!output->stream || stream_open(fd, output->stream) < 0) {
        free(output->stream);
        output->stream = NULL;
        (void)close(fd);
        return -ENOMEM;
    }
    output->file = output->stream->file;
    return 0;
}

static int open_target(struct output *output) {
    const struct output_target *target = &output->target;
    int fd;

    switch (target->kind) {
    case OUTPUT_STANDARD:
        output->file = stdout;
        return 0;
    case OUTPUT_DESCRIPTOR:
        fd = fcntl(target->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        fd = fd < 0 ? -errno : fd;
        break;
    case OUTPUT_DIRECT:
        fd = output_target_open(target);
        break;
    case OUTPUT_REPLACED:
    default:
        fd = open_temporary(target->folder, output->temporary);
    }
    return fd < 0 ? fd : take_descriptor(output, fd);
}

int output_open_styled(const char *path, struct output *ret_output, struct vms_error *error) {
    struct output output = {.path = strdup(path), .target.folder = -1};
    int status = output.path ? output_target_find(path, &output.target, error) : error_memory(error);

    if (status == 0) {
        status = open_target(&output);
        if (status < 0)
            (void)output_error("write", path, -status, error);
    }
    if (status < 0)
        output_done(&output);
    else
        *ret_output = output;
    return status;
}

int output_open(const char *path, struct output *ret_output, struct vms_error *error) {
    int status = output_open_styled(path, ret_output, error);

    if (status < 0 || ret_output->target.kind != OUTPUT_STANDARD || !isatty(STDOUT_FILENO))
        return status;
    ret_output->shown = visible_open(ret_output->file);
    if (!ret_output->shown) {
        output_abort(ret_output);
        return error_memory(error);
    }
    ret_output->file = ret_output->shown;
    return 0;
}

int output_open_at(int folder, const char *name, const char *path, struct output *ret_output,
                   struct vms_error *error) {
    struct output output = {.path = strdup(path), .target = {.kind = OUTPUT_REPLACED, .fd = -1}};
    int status;

    (void)snprintf(output.target.name, sizeof(output.target.name), "%s", name);
    output.target.folder = fcntl(folder, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    status = output.target.folder < 0 ? -errno : output.path ? open_target(&output) : -ENOMEM;
    if (status < 0) {
        (void)output_error("write", path, -status, error);
        output_done(&output);
        return status;
    }
    *ret_output = output;
    return 0;
}

static void remove_temporary(struct output *output) {
    if (*output->temporary)
        (void)unlinkat(output->target.folder, output->temporary, 0);
}

void output_abort(struct output *output) {
    /* What is still in the buffer is to go nowhere: not to a pipe or terminal either. */
    if (output->stream)
        output->stream->status = -ECANCELED;
    remove_temporary(output);
    output_done(output);
}

/* A file that is replaced passes its owner, its mode and its list of who may do what on. Who may not give
 * files away keeps the mode alone, and then another group gets what everybody has. */
static int keep_owner(const struct output *output) {
    const struct stat *kept = &output->target.kept;
    mode_t mode = kept->st_mode & 07777;
    int fd = output->stream->fd;
    struct stat made;

    if (!output->target.is_kept)
        return 0;
    if (fstat(fd, &made) < 0)
        return -errno;
    if (access_copy(output->target.folder, output->target.name, fd) < 0 ||
        (made.st_gid != kept->st_gid && fchown(fd, (uid_t)-1, kept->st_gid) < 0))
        mode = (mode & 0707) | (mode & S_IRWXO) << 3;
    if (made.st_uid != kept->st_uid && fchown(fd, kept->st_uid, (gid_t)-1) < 0)
        mode &= 0777;
    return fchmod(fd, mode) < 0 ? -errno : 0;
}

/* Makes what was written safe under the file's name. */
static int replace(struct output *output) {
    int fd = output->stream->fd, status = keep_owner(output);

    if (status == 0 && fsync(fd) < 0)
        status = -errno;
    if (status == 0 && !*output->temporary)
        status = link_temporary(fd, output->target.folder, output->temporary);
    if (status == 0 &&
        renameat(output->target.folder, output->temporary, output->target.folder, output->target.name) < 0)
        status = -errno;
    return status;
}

int output_commit(struct output *output, struct vms_error *error) {
    int status;
    bool is_replaced = output->target.kind == OUTPUT_REPLACED;

    end_showing(output);
    status = output->stream ? stream_flush(output->stream) : stream_stdout_flush();
    if (status == 0 && is_replaced)
        status = replace(output);
    if (status < 0) {
        remove_temporary(output);
        status = output_error("write", output->path, -status, error);
    } else if (is_replaced) {
        status = way_sync_folder(output->target.folder);
        if (status < 0)
            (void)output_error("make safe", output->path, -status, error);
    }
    output_done(output);
    return status;
}

int output_end(struct output *output, int status, struct vms_error *error) {
    int written;

    if (status == 0)
        return output_commit(output, error);
    end_showing(output);
    written = output->stream ? output->stream->status : stream_stdout_flush();
    if (written < 0)
        status = output_error("write", output->path, -written, error);
    output_abort(output);
    return status;
}

int output_check_folder(const char *folder, struct vms_error *error) {
    struct vms_error own = {""};
    cleanup_close int parent = way_open_folder(folder, &own), fd = -1;
    char temporary[NAME_MAX];

    fd = parent < 0 ? parent : open_temporary(parent, temporary);
    if (fd < 0)
        return *own.text ? error_set(error, fd, "%s", own.text)
                         : output_error("write in", folder, -fd, error);
    if (*temporary)
        (void)unlinkat(parent, temporary, 0);
    return 0;
}

int output_sync_name(const char *path) {
    cleanup_free char *copy = strdup(path);
    cleanup_close int fd = -1;

    if (!copy)
        return -ENOMEM;
    fd = open(dirname(copy), O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : way_sync_folder(fd);
}

int output_make_folder(const char *path, struct vms_error *error) {
    cleanup_close int folder = way_make_folder(path, error);

    return folder < 0 ? folder : 0;
}
