/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/store.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* What can be done about a failed write. */
static const char *mend(int code) {
    switch (code) {
    case ENOSPC:
        return "make room on that file system or choose another folder with --output";
    case EDQUOT:
        return "the quota is used up: remove files or choose another folder with --output";
    case EROFS:
    case EACCES:
    case EPERM:
        return "choose a folder that you may write to with --output";
    case ENOENT:
    case ENOTDIR:
        return "the folder has to exist";
    default:
        return "check the file system or choose another folder with --output";
    }
}

static int refuse(struct vms_error *error, const char *what, const char *path, int code) {
    return error_set(error, -code, "cannot %s %s: %s; %s", what, path, strerror(code), mend(code));
}

/* Fills `ret_folder` with the folder of `path`. */
static int folder_of(const char *path, char ret_folder[static PATH_MAX], struct vms_error *error) {
    char copy[PATH_MAX];

    if (strlen(path) >= sizeof(copy))
        return error_set(error, -ENAMETOOLONG, "the path is too long: %.80s...", path);
    (void)strcpy(copy, path);
    (void)strcpy(ret_folder, dirname(copy));
    return 0;
}

static int name_temporary(const char *folder, unsigned attempt, char ret_path[static PATH_MAX]) {
    int length = snprintf(ret_path, PATH_MAX, "%s/.vmsuite-%ld-%u.tmp", folder, (long)getpid(), attempt);

    return length < PATH_MAX ? 0 : -ENAMETOOLONG;
}

#define ATTEMPTS 100 /* at a name that nobody has */
#define OWN_FILES "/proc/self/fd"

/* Opens a file in `folder` with the mode that umask leaves: one without a name (then *ret_path is empty), so
 * that nothing stays behind where the program is killed; where the file system has no such files, one with a
 * name that was not there. The descriptor or a negative errno. */
static int open_temporary(const char *folder, char ret_path[static PATH_MAX]) {
    int fd = -1;

    *ret_path = '\0';
    if (access(OWN_FILES, X_OK) == 0)
        fd = open(folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
    for (unsigned attempt = 0; fd < 0 && attempt < ATTEMPTS; attempt++) {
        int status = name_temporary(folder, attempt, ret_path);

        if (status < 0)
            return status;
        fd = open(ret_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (fd < 0 && errno != EEXIST)
            return -errno;
    }
    return fd >= 0 ? fd : -EEXIST;
}

/* Gives a file without a name one that was not there. */
static int link_temporary(int fd, const char *folder, char ret_path[static PATH_MAX]) {
    char own[64];

    (void)snprintf(own, sizeof(own), OWN_FILES "/%d", fd);
    for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
        int status = name_temporary(folder, attempt, ret_path);

        if (status < 0)
            return status;
        if (linkat(AT_FDCWD, own, AT_FDCWD, ret_path, AT_SYMLINK_FOLLOW) == 0)
            return 0;
        if (errno != EEXIST)
            return -errno;
    }
    return -EEXIST;
}

/* Makes the names in a folder survive a power failure. Some file systems refuse it: that is no error. */
static int sync_folder(const char *folder) {
    cleanup_close int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    return fsync(fd) < 0 && errno != EINVAL && errno != ENOTSUP ? -errno : 0;
}

static void store_file_done(struct store_file *file) {
    free(file->path);
    free(file->temporary);
    *file = (struct store_file){0};
}

int store_open(const char *path, struct store_file *ret_file, struct vms_error *error) {
    char folder[PATH_MAX], temporary[PATH_MAX];
    struct store_file file = {0};
    int fd, status = folder_of(path, folder, error);

    if (status < 0)
        return status;
    fd = open_temporary(folder, temporary);
    if (fd < 0)
        return refuse(error, "write", path, -fd);
    file.path = strdup(path);
    file.temporary = strdup(temporary);
    file.file = file.path && file.temporary ? fdopen(fd, "w") : NULL;
    if (!file.file) {
        (void)close(fd);
        if (*temporary)
            (void)unlink(temporary);
        store_file_done(&file);
        return error_memory(error);
    }
    *ret_file = file;
    return 0;
}

void store_abort(struct store_file *file) {
    (void)fclose(file->file);
    if (*file->temporary)
        (void)unlink(file->temporary);
    store_file_done(file);
}

/* What was written is on the disk, under the name `temporary`, and the stream is closed. 0 or a negative
 * errno; the file has a name where `temporary` is not empty. */
static int finish(struct store_file *file, const char *folder, char temporary[static PATH_MAX]) {
    int status = 0;

    (void)strcpy(temporary, file->temporary);
    /* An earlier write that failed has left its mark on the stream; flushing says why. */
    errno = 0;
    if (fflush(file->file) == EOF || ferror(file->file) || fsync(fileno(file->file)) < 0)
        status = errno ? -errno : -EIO;
    if (status == 0 && !*temporary) {
        status = link_temporary(fileno(file->file), folder, temporary);
        if (status < 0)
            *temporary = '\0';
    }
    if (fclose(file->file) == EOF && status == 0)
        status = -errno;
    return status;
}

int store_commit(struct store_file *file, struct vms_error *error) {
    char folder[PATH_MAX] = ".", temporary[PATH_MAX];
    int status;

    (void)folder_of(file->path, folder, NULL); /* it was short enough for store_open */
    status = finish(file, folder, temporary);
    if (status == 0 && rename(temporary, file->path) < 0)
        status = -errno;
    if (status < 0) {
        if (*temporary)
            (void)unlink(temporary);
        (void)refuse(error, "write", file->path, -status);
    } else {
        status = sync_folder(folder);
        if (status < 0)
            (void)refuse(error, "make safe", file->path, -status);
    }
    store_file_done(file);
    return status;
}

int store_write(const char *path, const json_t *json, struct vms_error *error) {
    struct store_file file;
    int status = store_open(path, &file, error);

    if (status < 0)
        return status;
    errno = 0;
    if (json_dumpf(json, file.file, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) < 0 ||
        fputc('\n', file.file) == EOF) {
        status = refuse(error, "write", path, errno ? errno : EIO);
        store_abort(&file);
        return status;
    }
    return store_commit(&file, error);
}

int store_make_folder(const char *path, struct vms_error *error) {
    cleanup_free char *copy = strdup(path);
    struct stat info;

    if (!copy)
        return error_memory(error);
    for (char *p = copy + strspn(copy, "/"); *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(copy, 0777) < 0 && errno != EEXIST)
            return refuse(error, "create the folder", copy, errno);
        *p = '/';
    }
    if (mkdir(copy, 0777) < 0 && errno != EEXIST)
        return refuse(error, "create the folder", path, errno);
    if (stat(path, &info) < 0)
        return refuse(error, "use the folder", path, errno);
    if (!S_ISDIR(info.st_mode))
        return error_set(error, -ENOTDIR,
                         "cannot use %s as a folder: it is a file; choose another folder with --output",
                         path);
    return 0;
}

int store_check_writable(const char *folder, struct vms_error *error) {
    char temporary[PATH_MAX];
    int fd = open_temporary(folder, temporary);

    if (fd < 0)
        return refuse(error, "write in", folder, -fd);
    (void)close(fd);
    if (*temporary)
        (void)unlink(temporary);
    return 0;
}
