/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sdk/skeleton.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "files/tree.h"
#include "module/descriptor.h"
#include "output/output.h"
#include "sdk/skeleton_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* What stands for the module's name in the files. */
#define PLACEHOLDER "template"

static void write_text(FILE *file, const char *text, const char *name) {
    const char *next;

    for (; (next = strstr(text, PLACEHOLDER)); text = next + strlen(PLACEHOLDER)) {
        (void)fwrite(text, 1, (size_t)(next - text), file);
        (void)fputs(name, file);
    }
    (void)fputs(text, file);
}

/* The folder that is made. */
struct place {
    const char *path;
    int fd;
};

static int write_file(const struct place *place, const char *file, const char *text, const char *name,
                      struct vms_error *error) {
    cleanup_free char *path = NULL;
    struct output output;

    path = text_new("%s/%s", place->path, file);
    if (!path)
        return error_memory(error);
    if (output_open_at(place->fd, file, path, &output, error) < 0)
        return -EIO;
    write_text(output.file, text, name);
    return output_commit(&output, error);
}

static int write_files(const char *name, const struct place *place, struct vms_error *error) {
    char source[DESCRIPTOR_NAME_SIZE + sizeof(".c")], test[DESCRIPTOR_NAME_SIZE + sizeof("test_.c")];
    int status;

    (void)snprintf(source, sizeof(source), "%s.c", name);
    (void)snprintf(test, sizeof(test), "test_%s.c", name);
    status = write_file(place, source, skeleton_source, name, error);
    if (status == 0)
        status = write_file(place, test, skeleton_test, name, error);
    return status < 0 ? status : write_file(place, "meson.build", skeleton_build, name, error);
}

/* Opens the folder that was just made, which others may have moved and replaced where they may: nothing can
 * be in ours. */
static int open_made(const char *folder, struct vms_error *error) {
    cleanup_close int fd = tree_open(AT_FDCWD, folder);
    struct stat info;

    if (fd < 0 || fstat(fd, &info) < 0)
        return error_set(error, fd < 0 ? fd : -errno, "%s: %s", folder, strerror(fd < 0 ? -fd : errno));
    if (info.st_uid != geteuid() || !tree_is_empty(fd))
        return error_set(error, -EPERM,
                         "%s: another user has put something in its place; name a folder where only you may",
                         folder);
    return TAKE_FD(fd);
}

int skeleton_write(const char *name, const char *folder, struct vms_error *error) {
    struct place place = {folder, -1};
    int status;

    if (!descriptor_is_name(name) || strlen(name) >= DESCRIPTOR_NAME_SIZE)
        return error_set(
            error, -EINVAL,
            "\"%s\" is not a name for a module: a letter, then lower-case letters, digits and \"_\", at most "
            "%d characters",
            name, DESCRIPTOR_NAME_SIZE - 1);
    if (mkdir(folder, 0777) < 0)
        return error_set(error, -errno, "%s: %s%s", folder, strerror(errno),
                         errno == EEXIST ? "; name a folder that is not there with --output" : "");
    place.fd = open_made(folder, error);
    if (place.fd < 0)
        return place.fd;
    status = write_files(name, &place, error);
    if (status < 0 && tree_empty(place.fd, NULL) == 0)
        (void)unlinkat(AT_FDCWD, folder, AT_REMOVEDIR);
    (void)close(place.fd);
    return status;
}
