/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "machine/capture.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "machine/cpuid.h"
#include "machine/scrub.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

struct capture {
    int folder;
    char host[65]; /* "" where it is not known */
    int status;
};

/* `path` without its root, with ".." taken lexically, as a plain tree shows it; and without private names. */
static int clean_path(const struct capture *capture, const char *path, char ret_path[static PATH_MAX]) {
    /* Only control groups are named after hosts; elsewhere the word may be the kernel's own ("vm"). */
    bool group = strncmp(path, "/sys/fs/cgroup/", 15) == 0;
    cleanup_free char *clean = scrub_text(path, group ? capture->host : NULL);
    char *part, *rest = clean;
    size_t length = 0;

    if (!clean)
        return -ENOMEM;
    while ((part = strsep(&rest, "/"))) {
        if (!*part || strcmp(part, ".") == 0)
            continue;
        if (strcmp(part, "..") == 0) {
            while (length > 0 && ret_path[--length] != '/')
                continue;
            continue;
        }
        if (length + strlen(part) + 2 > PATH_MAX)
            return -ENAMETOOLONG;
        length += (size_t)sprintf(ret_path + length, "%s%s", length ? "/" : "", part);
    }
    ret_path[length] = '\0';
    return length ? 0 : -EINVAL;
}

/* A folder where an empty file may stand for something that was only seen. */
static int make_folder(int root, const char *path) {
    struct stat status;

    if (mkdirat(root, path, 0777) == 0)
        return 0;
    if (errno != EEXIST || fstatat(root, path, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    if (S_ISDIR(status.st_mode))
        return 0;
    if (!S_ISREG(status.st_mode) || status.st_size > 0)
        return -ENOTDIR;
    if (unlinkat(root, path, 0) < 0 || mkdirat(root, path, 0777) < 0)
        return -errno;
    return 0;
}

/* Makes the folders above `path`. */
static int make_place(int root, char *path) {
    int status = 0;

    for (char *slash = strchr(path, '/'); slash && status == 0; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        status = make_folder(root, path);
        *slash = '/';
    }
    return status;
}

static int write_file(int root, const char *path, const char *bytes, size_t size) {
    cleanup_close int fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);

    if (fd < 0)
        return -errno;
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);

        if (written < 0 && errno != EINTR)
            return -errno;
        bytes += written > 0 ? written : 0;
        size -= written > 0 ? (size_t)written : 0;
    }
    return 0;
}

/* Cleans the path and makes its place; false where the capture has failed. */
static bool begin(struct capture *capture, const char *path, char ret_path[static PATH_MAX]) {
    if (!capture || capture->status < 0)
        return false;
    capture->status = clean_path(capture, path, ret_path);
    if (capture->status == 0)
        capture->status = make_place(capture->folder, ret_path);
    return capture->status == 0;
}

void capture_bytes(struct capture *capture, const char *path, const char *bytes, size_t size) {
    cleanup_free char *kept = NULL;
    char place[PATH_MAX];
    size_t kept_size;

    if (!begin(capture, path, place))
        return;
    capture->status = scrub_file(path, capture->host, bytes, size, &kept, &kept_size);
    if (capture->status == 0)
        capture->status = write_file(capture->folder, place, kept, kept_size);
}

void capture_link(struct capture *capture, const char *path, const char *name) {
    char place[PATH_MAX];

    if (!begin(capture, path, place))
        return;
    (void)unlinkat(capture->folder, place, 0);
    if (symlinkat(name, capture->folder, place) < 0)
        capture->status = -errno;
}

void capture_presence(struct capture *capture, const char *path) {
    struct stat status;
    char place[PATH_MAX];

    if (begin(capture, path, place) && fstatat(capture->folder, place, &status, AT_SYMLINK_NOFOLLOW) < 0)
        capture->status = write_file(capture->folder, place, "", 0);
}

static void write_leaf(FILE *out, const struct machine_source *source, uint32_t leaf, uint32_t subleaf) {
    struct cpuid_registers r;

    if (source->cpuid(source->context, leaf, subleaf, &r))
        (void)fprintf(out, "%08x %x %08x %08x %08x %08x\n", leaf, subleaf, r.eax, r.ebx, r.ecx, r.edx);
}

/* The leaves that are read, and every hypervisor leaf. Leaf 3, a serial number on old processors, is left
 * out. */
static void write_cpuid(FILE *out, const struct machine_source *source) {
    struct cpuid_registers r;

    (void)fputs("# leaf subleaf eax ebx ecx edx\n", out);
    for (uint32_t leaf = 0; leaf <= 1; leaf++)
        write_leaf(out, source, leaf, 0);
    write_leaf(out, source, 0x80000001, 0);
    for (uint32_t subleaf = 0; subleaf < 5; subleaf++)
        write_leaf(out, source, 4, subleaf);
    for (uint32_t subleaf = 0; subleaf < 5; subleaf++)
        write_leaf(out, source, 0x8000001d, subleaf);
    if (!source->cpuid(source->context, 1, 0, &r) || !(r.ecx >> 31))
        return;
    for (uint32_t base = CPUID_HYPERVISOR; base < CPUID_HYPERVISOR_END; base += CPUID_HYPERVISOR_STEP) {
        char signature[CPUID_SIGNATURE_SIZE];

        if (!source->cpuid(source->context, base, 0, &r))
            continue;
        cpuid_signature(&r, signature);
        if (base > CPUID_HYPERVISOR && !cpuid_hypervisor_name(signature))
            continue;
        for (uint32_t leaf = base; leaf <= (r.eax > base && r.eax < base + 16 ? r.eax : base); leaf++)
            write_leaf(out, source, leaf, 0);
    }
}

static void write_xen_cpuid(FILE *out, const struct machine_source *source) {
    struct cpuid_registers r;

    for (uint32_t leaf = CPUID_HYPERVISOR; leaf <= CPUID_HYPERVISOR + 2; leaf++)
        if (source->xen_cpuid && source->xen_cpuid(source->context, leaf, &r))
            (void)fprintf(out, "xen %08x %08x %08x %08x %08x\n", leaf, r.eax, r.ebx, r.ecx, r.edx);
}

static int capture_cpuid(struct capture *capture, const struct machine_source *source) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int status;

    if (!out)
        return -ENOMEM;
    if (source->cpuid)
        write_cpuid(out, source);
    write_xen_cpuid(out, source);
    status = fclose(out) == 0 ? write_file(capture->folder, "cpuid", text, size) : -ENOMEM;
    free(text);
    return status;
}

/* An empty folder, made if it is not there. */
static int open_empty_folder(const char *path, struct vms_error *error) {
    cleanup_closedir DIR *folder = NULL;
    struct dirent *entry;
    int fd;

    if (mkdir(path, 0777) < 0 && errno != EEXIST)
        return error_set(error, -errno, "the folder %s cannot be made: %s", path, strerror(errno));
    folder = opendir(path);
    if (!folder)
        return error_set(error, -errno, "%s cannot be opened as a folder: %s", path, strerror(errno));
    while ((entry = readdir(folder)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            return error_set(error, -ENOTEMPTY, "%s holds something already: name a new folder", path);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? error_set(error, -errno, "%s cannot be opened: %s", path, strerror(errno)) : fd;
}

int machine_capture(const struct machine_source *source, const char *scratch, const char *folder,
                    struct vms_error *error) {
    cleanup_close int fd = open_empty_folder(folder, error);
    struct capture capture = {.folder = fd};
    struct machine_source told = *source;
    struct machine machine;
    struct utsname name;

    if (fd < 0)
        return fd;
    if (!*source->root && uname(&name) == 0)
        (void)snprintf(capture.host, sizeof(capture.host), "%s", name.nodename);
    told.capture = &capture;
    if (machine_read(&told, scratch, &machine) < 0)
        return error_memory(error);
    machine_done(&machine);
    if (capture.status == 0)
        capture.status = capture_cpuid(&capture, source);
    return capture.status < 0 ? error_set(error, capture.status, "writing to %s failed: %s", folder,
                                          strerror(-capture.status))
                              : 0;
}
