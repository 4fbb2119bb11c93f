/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/fake_cgroups.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "base/units.h"
#include "files/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

int fake_open(const char *path, int flags, ...) __asm__("open");
int fake_open64(const char *path, int flags, ...) __asm__("open64");
int fake_open_2(const char *path, int flags) __asm__("__open_2"); /* as fortified sources call it */
int fake_open64_2(const char *path, int flags) __asm__("__open64_2");
int fake_access(const char *path, int mode) __asm__("access");
int fake_chmod(const char *path, mode_t mode) __asm__("chmod");
int fake_unlinkat(int folder, const char *path, int flags) __asm__("unlinkat");
DIR *fake_opendir(const char *path) __asm__("opendir");
FILE *fake_fopen(const char *path, const char *mode) __asm__("fopen");
FILE *fake_fopen64(const char *path, const char *mode) __asm__("fopen64");

struct fake_cgroups fake_cgroups;

const char *fake_cgroups_path(const char *path) {
    static char there[1024];
    size_t length = strlen(FAKE_CGROUPS);

    if (strncmp(path, FAKE_CGROUPS, length) != 0)
        return path;
    (void)snprintf(there, sizeof(there), "%s%s", fake_cgroups.folder, path + length);
    return there;
}

static bool ends(const char *path, const char *name) {
    const char *slash = strrchr(path, '/');

    return slash && strcmp(slash + 1, name) == 0;
}

static int write_file(const char *path, const char *text) {
    int fd = (int)syscall(SYS_openat, AT_FDCWD, fake_cgroups_path(path),
                          O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    return close(fd);
}

const char *fake_cgroups_text(const char *group, const char *name) {
    static char text[256];
    char path[512];
    ssize_t length;
    int fd;

    (void)snprintf(path, sizeof(path), "%s/%s", group, name);
    fd = (int)syscall(SYS_openat, AT_FDCWD, fake_cgroups_path(path), O_RDONLY | O_CLOEXEC);
    length = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
    text[length > 0 ? length : 0] = '\0';
    if (fd >= 0)
        (void)close(fd);
    return text;
}

/* What a look at a freezer finds: the state that was written last, after some looks. */
static const char *show_state(const char *path) {
    cleanup_free char *group = strdup(path);
    bool is_late = fake_cgroups.lag != 0, frozen;

    assert_non_null(group);
    fake_cgroups.lag -= fake_cgroups.lag > 0;
    if (ends(path, "freezer.state")) {
        (void)write_file(FAKE_CGROUPS "/late", "FREEZING\n");
        return is_late ? FAKE_CGROUPS "/late" : path;
    }
    *strrchr(group, '/') = '\0';
    frozen = (fake_cgroups_text(group, "cgroup.freeze")[0] == '1') != is_late;
    (void)write_file(path, frozen ? "populated 1\nfrozen 1\n" : "populated 1\nfrozen 0\n");
    return path;
}

static int open_file(const char *path, int flags) {
    bool writes = (flags & O_ACCMODE) == O_WRONLY && strncmp(path, FAKE_CGROUPS, strlen(FAKE_CGROUPS)) == 0;

    if (fake_cgroups.refused && ends(path, fake_cgroups.refused)) {
        errno = EACCES;
        return -1;
    }
    if (strcmp(path, "/proc/self/cgroup") == 0) {
        (void)write_file(FAKE_CGROUPS "/own", fake_cgroups.own);
        path = FAKE_CGROUPS "/own";
    }
    if (!writes && (ends(path, "cgroup.events") || ends(path, "freezer.state")))
        path = show_state(path);
    return (int)syscall(SYS_openat, AT_FDCWD, fake_cgroups_path(path), writes ? flags | O_CREAT : flags,
                        0600);
}

int fake_open(const char *path, int flags, ...) {
    return open_file(path, flags);
}

int fake_open64(const char *path, int flags, ...) {
    return open_file(path, flags);
}

int fake_open_2(const char *path, int flags) {
    return open_file(path, flags);
}

int fake_open64_2(const char *path, int flags) {
    return open_file(path, flags);
}

int fake_access(const char *path, int mode) {
    return (int)syscall(SYS_faccessat, AT_FDCWD,
                        strcmp(path, "/proc/" FAKE_CGROUPS_OTHER) == 0 ? "/" : fake_cgroups_path(path), mode);
}

int fake_chmod(const char *path, mode_t mode) {
    return (int)syscall(SYS_fchmodat, AT_FDCWD, fake_cgroups_path(path), mode);
}

/* A group goes with the kernel's files in it, unless a process is in it. */
int fake_unlinkat(int folder, const char *path, int flags) {
    cleanup_closedir DIR *files = NULL;
    int status = 0, fd;
    const char *name;

    if (flags & AT_REMOVEDIR)
        fake_cgroups.n_attempts++;
    if ((flags & AT_REMOVEDIR) && fake_cgroups.busy > 0) {
        fake_cgroups.busy--;
        errno = EBUSY;
        return -1;
    }
    fd = (int)syscall(SYS_openat, folder, fake_cgroups_path(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && listing_open_at(fd, &files) == 0)
        while ((name = listing_next(files, &status)))
            (void)syscall(SYS_unlinkat, fd, name, 0);
    if (fd >= 0)
        (void)close(fd);
    return (int)syscall(SYS_unlinkat, folder, fake_cgroups_path(path), flags);
}

DIR *fake_opendir(const char *path) {
    int fd = (int)syscall(SYS_openat, AT_FDCWD, fake_cgroups_path(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd < 0 ? NULL : fdopendir(fd);
}

FILE *fake_fopen(const char *path, const char *mode) {
    int fd;

    if (strcmp(path, "/proc/" FAKE_CGROUPS_OTHER "/cgroup") == 0) {
        (void)write_file(FAKE_CGROUPS "/other", fake_cgroups.other);
        path = FAKE_CGROUPS "/other";
    }
    fd = (int)syscall(SYS_openat, AT_FDCWD, fake_cgroups_path(path), O_RDONLY | O_CLOEXEC);
    return fd < 0 ? NULL : fdopen(fd, mode);
}

FILE *fake_fopen64(const char *path, const char *mode) {
    return fake_fopen(path, mode);
}

void fake_cgroups_begin(bool is_new, const char *own) {
    static const char *const hierarchies[] = {"cpu", "memory", "freezer"};

    memset(&fake_cgroups, 0, sizeof(fake_cgroups));
    fake_cgroups.own = own;
    strcpy(fake_cgroups.folder, "/tmp/vmsuite-limits-XXXXXX");
    assert_non_null(mkdtemp(fake_cgroups.folder));
    if (is_new)
        (void)write_file(FAKE_CGROUPS "/cgroup.controllers", "cpu memory\n");
    for (size_t i = 0; !is_new && i < VMS_LENGTH(hierarchies); i++) {
        cleanup_free char *path = text_new("%s/%s", fake_cgroups.folder, hierarchies[i]);

        assert_int_equal(mkdir(path, 0755), 0);
        path = (free(path), text_new("%s/%s/mine", fake_cgroups.folder, hierarchies[i]));
        assert_int_equal(mkdir(path, 0755), 0);
    }
}

void fake_cgroups_end(void) {
    cleanup_free char *command = text_new("rm -r %s", fake_cgroups.folder);

    assert_int_equal(system(command), 0);
}
