/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/output_target.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "output/output.h"
#include "output/way.h"

#include <fcntl.h>
#include <string.h>

/* How far a path has been followed. */
struct course {
    char path[PATH_MAX];
    uid_t leader;    /* whose links have led (way_lead) */
    struct stat end; /* what the last one leads to, or its folder */
};

/* The descriptor of ours that a path stands for, or -1: a second opening of it would begin at the file's
 * start again, over what others have written. */
static int own_descriptor(const char *path) {
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/"};

    if (strcmp(path, OUTPUT_STDOUT) == 0 || strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < VMS_LENGTH(folders); i++) {
        const char *digits = path + strlen(folders[i]);

        if (strncmp(path, folders[i], strlen(folders[i])) == 0 && *digits && strlen(digits) < 9 &&
            strspn(digits, "0123456789") == strlen(digits))
            return (int)strtol(digits, NULL, 10);
    }
    return -1;
}

/* Splits a path: opens its folder and copies its last part. */
static int open_folder(const char *path, struct output_target *target, struct vms_error *error) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

    if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return -EISDIR;
    if (strlen(name) >= sizeof(target->name))
        return -ENAMETOOLONG;
    (void)strcpy(target->name, name);
    target->folder = way_open_above(path, &name, error);
    return target->folder < 0 ? target->folder : 0;
}

/* Writes where the link leads over `path`. */
static int follow(const struct output_target *target, char path[static PATH_MAX]) {
    char link[PATH_MAX], *slash = strrchr(path, '/');
    ssize_t length = readlinkat(target->folder, target->name, link, sizeof(link) - 1);
    size_t above = slash ? (size_t)(slash + 1 - path) : 0;

    if (length < 0)
        return -errno;
    link[length] = '\0';
    if (*link == '/')
        above = 0;
    if (above + (size_t)length >= PATH_MAX)
        return -ENAMETOOLONG;
    (void)strcpy(path + above, link);
    return 0;
}

static int judge_kind(struct output_target *target, const struct stat *info) {
    switch (info->st_mode & S_IFMT) {
    case S_IFREG:
        if (faccessat(target->folder, target->name, W_OK, AT_EACCESS) < 0)
            return -errno;
        target->is_kept = true;
        target->kept = *info;
        return 0;
    case S_IFDIR:
        return -EISDIR;
    case S_IFBLK:
        return -EPERM; /* a whole disk is never meant */
    default:
        target->kind = OUTPUT_DIRECT;
        return 0;
    }
}

/* One step: 1 where a link has been followed, 0 at the end of the way. */
static int step(struct course *course, struct output_target *target, struct vms_error *error) {
    struct stat *info = &course->end;
    int status;

    target->fd = own_descriptor(course->path);
    if (target->fd >= 0) {
        target->kind = target->fd == STDOUT_FILENO ? OUTPUT_STANDARD : OUTPUT_DESCRIPTOR;
        return 0;
    }
    status = open_folder(course->path, target, error);
    if (status < 0)
        return status;
    if (fstatat(target->folder, target->name, info, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT && fstat(target->folder, info) == 0 ? 0 : -errno;
    if (way_is_planted(target->folder, info))
        return error_set(error, -EACCES,
                         "will not write to %s: it belongs to another user, in a folder in which others "
                         "may make files; choose another file",
                         course->path);
    if (!S_ISLNK(info->st_mode))
        return judge_kind(target, info);
    if (way_is_proc(target->folder)) {
        target->kind = OUTPUT_DIRECT;
        if (course->leader != 0)
            course->leader = WAY_NOBODYS; /* it opens what its owner can only read, too */
        return 0;
    }
    way_lead(&course->leader, info);
    status = follow(target, course->path);
    return status < 0 ? status : 1;
}

int output_target_find(const char *path, struct output_target *ret_target, struct vms_error *error) {
    struct output_target target = {.folder = -1};
    struct vms_error own = {""};
    struct course course = {.leader = 0};
    int status = 1;

    if (strlen(path) >= sizeof(course.path))
        return error_set(error, -ENAMETOOLONG, "the path is too long: %.80s...", path);
    (void)strcpy(course.path, path);
    for (unsigned links = 0; status == 1; links++) {
        if (target.folder >= 0)
            (void)close(target.folder);
        target = (struct output_target){.folder = -1};
        status = links < WAY_LINKS_MAX ? step(&course, &target, &own) : -ELOOP;
    }
    if (status == 0 && target.folder >= 0 && way_is_astray(course.leader, &course.end))
        status = error_set(
            &own, -EACCES,
            "will not write to %s: another user's link leads to it, and that user does not own it; name the "
            "file without the link, or name another one",
            path);
    if (status == 0) {
        *ret_target = target;
        return 0;
    }
    if (target.folder >= 0)
        (void)close(target.folder);
    return *own.text ? error_set(error, status, "%s", own.text) : output_error("write", path, -status, error);
}

int output_target_open(const struct output_target *target) {
    bool follows = way_is_proc(target->folder);
    cleanup_close int fd =
        openat(target->folder, target->name, O_WRONLY | O_CLOEXEC | O_NOCTTY | (follows ? 0 : O_NOFOLLOW));
    struct stat info;
    int taken;

    if (fd < 0 || fstat(fd, &info) < 0)
        return -errno;
    /* A name that has changed hands since it was looked at. */
    if (!follows && (S_ISREG(info.st_mode) || S_ISBLK(info.st_mode)))
        return -EAGAIN;
    taken = fd;
    fd = -1;
    return taken;
}
