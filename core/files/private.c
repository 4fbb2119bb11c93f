/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/private.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "files/tree.h"

#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#define ATTEMPTS 100 /* at a name that nobody has */
#define N_RANDOM 8

/* A name has to be new, not secret: where nothing gives random bytes, the time does. */
static void draw(unsigned char random[static N_RANDOM]) {
    uint64_t time_ns = clock_now_ns() * 0x9E3779B97F4A7C15u ^ (uint64_t)getpid() << 32;

    if (getrandom(random, N_RANDOM, 0) != N_RANDOM)
        memcpy(random, &time_ns, N_RANDOM);
}

static int name_folder(const char *prefix, char ret_name[static PRIVATE_NAME_SIZE]) {
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz012345"; /* 32 of them: no name is likelier */
    unsigned char random[N_RANDOM];
    char text[N_RANDOM + 1] = "";

    draw(random);
    for (size_t i = 0; i < N_RANDOM; i++)
        text[i] = digits[random[i] % 32];
    return snprintf(ret_name, PRIVATE_NAME_SIZE, "%s%s", prefix, text) < PRIVATE_NAME_SIZE ? 0
                                                                                           : -ENAMETOOLONG;
}

/* Opens the folder that was just made: another one may have taken its place in a folder of others. */
static int open_made(int parent, const char *name) {
    cleanup_close int fd = tree_open(parent, name);
    struct stat info;
    int taken;

    if (fd < 0)
        return fd;
    if (fstat(fd, &info) < 0 || info.st_uid != geteuid())
        return -EPERM;
    if ((info.st_mode & 0777) != S_IRWXU && fchmod(fd, S_IRWXU) < 0)
        return -errno;
    taken = fd;
    fd = -1;
    return taken;
}

int private_folder_at(int parent, const char *prefix, char ret_name[static PRIVATE_NAME_SIZE]) {
    for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
        int status = name_folder(prefix, ret_name);

        if (status < 0)
            return status;
        if (mkdirat(parent, ret_name, S_IRWXU) == 0)
            return open_made(parent, ret_name);
        if (errno != EEXIST)
            return -errno;
    }
    return -EEXIST;
}

char *private_folder(const char *parent, const char *prefix, struct vms_error *error) {
    cleanup_close int above = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;
    char name[PRIVATE_NAME_SIZE], *path = NULL;

    fd = above < 0 ? -errno : private_folder_at(above, prefix, name);
    if (fd < 0)
        (void)error_set(error, fd, "no folder can be made in %s: %s", parent, strerror(-fd));
    else if (!(path = text_new("%s/%s", parent, name))) {
        (void)unlinkat(above, name, AT_REMOVEDIR);
        (void)error_memory(error);
        path = NULL;
    }
    return path;
}

static int check_hands(const char *path, bool is_own, const struct private_words *words,
                       struct vms_error *error) {
    struct stat info;

    if (lstat(path, &info) < 0)
        return error_set(error, -errno, "%s: %s", path, strerror(errno));
    if (!S_ISDIR(info.st_mode))
        return error_set(error, -ENOTDIR, "%s is not a folder: %s", path, words->refused);
    if (info.st_uid != geteuid() && (is_own || info.st_uid != 0))
        return error_set(error, -EPERM, "%s belongs to another user: %s; %s", path, words->refused,
                         words->mend);
    if ((info.st_mode & (S_IWGRP | S_IWOTH)) && (is_own || !(info.st_mode & S_ISVTX)))
        return error_set(error, -EPERM,
                         "others may write to %s: %s; check what is in it and run chmod go-w on it, or %s",
                         path, words->refused, words->mend);
    return 0;
}

int private_check_folder(const char *path, const struct private_words *words, struct vms_error *error) {
    return check_hands(path, true, words, error);
}

int private_check_above(const char *real, const struct private_words *words, struct vms_error *error) {
    cleanup_free char *path = strdup(real);
    int status = path ? check_hands("/", false, words, error) : error_memory(error);

    for (char *slash = path ? strchr(path + 1, '/') : NULL; status == 0 && slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        status = check_hands(path, false, words, error);
        *slash = '/';
    }
    return status == 0 ? check_hands(real, false, words, error) : status;
}

/* systemd hands credentials out with mode 0440, root's group, and an entry for the service in their ACL. */
static bool is_roots(const struct stat *info) {
    return info->st_uid == 0 && info->st_gid == 0;
}

static int check_file(int fd, const char *path, struct vms_error *error) {
    struct stat info;

    if (fstat(fd, &info) < 0)
        return error_set(error, -errno, "%s: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return error_set(error, -EINVAL, "%s: must be a regular file", path);
    if (info.st_uid != geteuid() && info.st_uid != 0)
        return error_set(error, -EPERM,
                         "%s: belongs to another user, who can read and change it; make one of your own",
                         path);
    if (info.st_mode & (is_roots(&info) ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO))
        return error_set(error, -EPERM, "%s: is open to other users of this machine; run: chmod 600 %s", path,
                         path);
    return 0;
}

int private_file_open(const char *path, struct vms_error *error) {
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int status, taken;

    if (fd < 0)
        return error_set(error, -errno, "%s: %s", path, strerror(errno));
    status = check_file(fd, path, error);
    if (status < 0)
        return status;
    taken = fd;
    fd = -1;
    return taken;
}
