/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/way.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "files/tree.h"
#include "output/output.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

struct way {
    const char *path; /* as the user named it, for sentences */
    bool makes;
    int folder;              /* so far; O_PATH */
    char rest[2 * PATH_MAX]; /* still to go */
    unsigned n_links;
    bool is_led;   /* on the way of a link, */
    uid_t leader;  /* of this user (way_lead) */
    size_t behind; /* the length of `rest` where it has led to its end */
};

bool way_is_planted(int folder, const struct stat *info) {
    struct stat above;

    if (fstat(folder, &above) < 0 || info->st_uid == geteuid() || info->st_uid == above.st_uid)
        return false;
    /* People who share a folder on purpose do share their files. */
    if (S_ISREG(info->st_mode) || S_ISDIR(info->st_mode))
        return (above.st_mode & S_ISVTX) && (above.st_mode & S_IWOTH);
    return above.st_mode & (S_IWOTH | S_IWGRP);
}

void way_lead(uid_t *leader, const struct stat *link) {
    if (link->st_uid != 0)
        *leader = *leader == 0 || *leader == link->st_uid ? link->st_uid : WAY_NOBODYS;
}

bool way_is_astray(uid_t leader, const struct stat *end) {
    return geteuid() == 0 && leader != 0 && end->st_uid != leader;
}

bool way_is_proc(int folder) {
    struct statfs system;

    return fstatfs(folder, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

static void move_to(struct way *way, int folder) {
    (void)close(way->folder);
    way->folder = folder;
}

static int refuse(const struct way *way, const char *name, const char *cause, struct vms_error *error) {
    return error_set(
        error, -EACCES,
        "will not use the folder %s: \"%s\" is another user's link, %s; name the folder without the link, "
        "or name another one",
        way->path, name, cause);
}

/* Takes the first name off the rest. */
static int take_name(struct way *way, char ret_name[static NAME_MAX + 1]) {
    size_t length = strcspn(way->rest, "/"), end = length + strspn(way->rest + length, "/");

    if (length > NAME_MAX)
        return -ENAMETOOLONG;
    (void)snprintf(ret_name, NAME_MAX + 1, "%.*s", (int)length, way->rest);
    memmove(way->rest, way->rest + end, strlen(way->rest + end) + 1);
    return 0;
}

static int follow(struct way *way, const char *name, int fd, const struct stat *info,
                  struct vms_error *error) {
    char link[PATH_MAX], rest[PATH_MAX];
    ssize_t length = readlinkat(fd, "", link, sizeof(link) - 1);

    if (length < 0)
        return -errno;
    if (++way->n_links > WAY_LINKS_MAX)
        return -ELOOP;
    if (way_is_planted(way->folder, info))
        return refuse(way, name, "in a folder where others may make links", error);
    link[length] = '\0';
    if (!way->is_led) {
        way->is_led = true;
        way->leader = 0;
        way->behind = strlen(way->rest);
    }
    way_lead(&way->leader, info);
    if (strlen(way->rest) >= sizeof(rest))
        return -ENAMETOOLONG;
    memcpy(rest, way->rest, strlen(way->rest) + 1);
    (void)snprintf(way->rest, sizeof(way->rest), "%s%s%s", link + strspn(link, "/"),
                   link[strspn(link, "/")] ? "/" : "", rest);
    if (*link == '/') {
        int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (root < 0)
            return -errno;
        move_to(way, root);
    }
    return 0;
}

/* What has been gone of the path, where no link has been followed. */
static int done_length(const struct way *way) {
    size_t length = strlen(way->path);

    if (way->n_links == 0)
        length -= strlen(way->rest);
    while (length > 1 && way->path[length - 1] == '/')
        length--;
    return (int)length;
}

static int fail(const struct way *way, const char *what, int status, struct vms_error *error) {
    char path[PATH_MAX];

    (void)snprintf(path, sizeof(path), "%.*s", done_length(way), way->path);
    return output_error(what, path, -status, error);
}

int way_sync_folder(int folder) {
    cleanup_close int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return errno == EACCES ? 0 : -errno;
    return fsync(fd) < 0 && errno != EINVAL && errno != ENOTSUP ? -errno : 0;
}

/* Opens what stands under the name: a folder (which mounts what is mounted when it is used), or a link as
 * such. */
static int open_there(const struct way *way, const char *name) {
    int flags = O_PATH | O_CLOEXEC | (way_is_proc(way->folder) ? 0 : O_NOFOLLOW);
    int fd = openat(way->folder, name, flags | O_DIRECTORY);

    if (fd < 0 && errno == ENOTDIR)
        fd = openat(way->folder, name, flags);
    return fd < 0 ? -errno : fd;
}

/* The same; makes a folder where nothing stands. */
static int open_step(const struct way *way, const char *name, struct vms_error *error) {
    int fd = open_there(way, name), status;

    if (fd != -ENOENT || !way->makes || way->is_led)
        return fd;
    if (mkdirat(way->folder, name, 0777) < 0 && errno != EEXIST) /* somebody else may be faster */
        return fail(way, "create the folder", -errno, error);
    status = way_sync_folder(way->folder);
    return status < 0 ? fail(way, "sync the folder", status, error) : open_there(way, name);
}

static int step(struct way *way, struct vms_error *error) {
    char name[NAME_MAX + 1];
    struct stat info;
    int fd, status;

    fd = take_name(way, name);
    if (fd == 0)
        fd = open_step(way, name, error);
    if (fd < 0)
        return fd;
    status = fstat(fd, &info) < 0 ? -errno : 0;
    if (status == 0 && S_ISLNK(info.st_mode)) {
        status = follow(way, name, fd, &info, error);
        (void)close(fd);
        return status;
    }
    if (status == 0 && !S_ISDIR(info.st_mode))
        status = -ENOTDIR;
    if (status < 0) {
        (void)close(fd);
        return status;
    }
    move_to(way, fd);
    return 0;
}

/* At the end of another user's link. */
static int check_end(struct way *way, struct vms_error *error) {
    struct stat end;

    if (!way->is_led || strlen(way->rest) > way->behind)
        return 0;
    way->is_led = false;
    if (fstat(way->folder, &end) == 0 && !way_is_astray(way->leader, &end))
        return 0;
    return error_set(
        error, -EACCES,
        "will not use the folder %s: another user's link leads to it, and that user does not own it; name "
        "the folder without the link, or name another one",
        way->path);
}

static int walk(const char *path, bool makes, struct vms_error *error) {
    struct way way = {.path = path, .makes = makes};
    cleanup_close int folder = -1;
    int status = 0;

    if (!*path)
        return -ENOENT; /* and not "." */
    if (strlen(path) >= PATH_MAX)
        return -ENAMETOOLONG;
    (void)snprintf(way.rest, sizeof(way.rest), "%s", path + strspn(path, "/"));
    way.folder = open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (way.folder < 0)
        return -errno;
    while (status == 0 && *way.rest) {
        status = step(&way, error);
        if (status == 0)
            status = check_end(&way, error);
    }
    folder = way.folder;
    if (status < 0)
        return status;
    status = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (status < 0 && errno == EACCES)
        return TAKE_FD(folder); /* it may be one to write to and not to read */
    return status < 0 ? -errno : status;
}

int way_open_folder(const char *path, struct vms_error *error) {
    return walk(path, false, error);
}

int way_open_above(const char *path, const char **ret_name, struct vms_error *error) {
    const char *slash = strrchr(path, '/');
    cleanup_free char *above =
        slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");

    *ret_name = slash ? slash + 1 : path;
    return above ? way_open_folder(above, error) : -ENOMEM;
}

static int create(int folder, const char *name) {
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);

    return fd < 0 ? -errno : fd;
}

int way_create(const char *path, struct vms_error *error) {
    const char *name;
    cleanup_close int folder = way_open_above(path, &name, error);

    return folder < 0 ? folder : create(folder, name);
}

/* Writes the sentence of what failed where `own` has none yet. */
static int end(int fd, const struct vms_error *own, const char *what, const char *path,
               struct vms_error *error) {
    if (fd >= 0)
        return fd;
    return *own->text ? error_set(error, fd, "%s", own->text) : output_error(what, path, -fd, error);
}

static int create_instead(const char *path, struct vms_error *error) {
    const char *name;
    cleanup_close int folder = way_open_above(path, &name, error);
    struct stat info;

    if (folder < 0)
        return folder;
    if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
        if (way_is_planted(folder, &info))
            return error_set(error, -EACCES,
                             "will not replace %s: it belongs to another user, in a folder in which others "
                             "may make files; choose another folder",
                             path);
        if (unlinkat(folder, name, 0) < 0)
            return -errno;
    }
    return create(folder, name);
}

int way_create_instead(const char *path, struct vms_error *error) {
    struct vms_error own = {""};

    return end(create_instead(path, &own), &own, "write", path, error);
}

int way_create_folder(const char *path, struct vms_error *error) {
    cleanup_free char *plain = strdup(path);
    size_t length = strlen(path);
    cleanup_close int above = -1;
    const char *name;

    if (!plain)
        return -ENOMEM;
    while (length > 1 && plain[length - 1] == '/')
        plain[--length] = '\0';
    above = way_open_above(plain, &name, error);
    if (above < 0)
        return above;
    return mkdirat(above, *name || !length ? name : ".", 0777) < 0 ? -errno : tree_open(above, name);
}

int way_remove(const char *path) {
    struct vms_error ignored;
    const char *name;
    cleanup_close int folder = way_open_above(path, &name, &ignored);

    if (folder < 0)
        return folder;
    return unlinkat(folder, name, 0) < 0 ? -errno : 0;
}

int way_make_folder(const char *path, struct vms_error *error) {
    struct vms_error own = {""};
    int fd = walk(path, true, &own);

    if (fd == -ENOTDIR && !*own.text)
        return error_set(error, fd, "cannot use %s as a folder: it is a file; choose another folder", path);
    return end(fd, &own, "use the folder", path, error);
}
