/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sdk/skeleton.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "files/tree.h"
#include "module/descriptor.h"
#include "output/output.h"
#include "output/way.h"
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
    cleanup_free char *path = text_new("%s/%s", place->path, file);
    struct output output;

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

/* The folder that was just made, which others may have moved and replaced where they may: nothing can be in
 * ours. */
static int check_made(int fd, const char *folder, struct vms_error *error) {
    struct stat info;

    if (fstat(fd, &info) < 0)
        return error_set(error, -errno, "%s: %s", folder, strerror(errno));
    if (info.st_uid != geteuid() || !tree_is_empty(fd))
        return error_set(error, -EPERM,
                         "%s: another user has put something in its place; name a folder where only you may",
                         folder);
    return 0;
}

static int make_folder(const char *folder, struct vms_error *error) {
    struct vms_error own = {""};
    int fd = way_create_folder(folder, &own);

    if (fd >= 0 || *own.text)
        return fd >= 0 ? fd : error_set(error, fd, "%s", own.text);
    return error_set(error, fd, "%s: %s%s", folder, strerror(-fd),
                     fd == -EEXIST ? "; name a folder that is not there with --output" : "");
}

/* Leaves nothing of what was begun. */
static void take_back(const struct place *place) {
    const char *name;
    cleanup_close int above =
        tree_empty(place->fd, NULL) == 0 ? way_open_above(place->path, &name, NULL) : -1;

    if (above >= 0)
        (void)unlinkat(above, name, AT_REMOVEDIR);
}

int skeleton_write(const char *name, const char *folder, struct vms_error *error) {
    cleanup_close int fd = -1;
    struct place place;
    int status;

    if (!descriptor_is_name(name) || strlen(name) >= DESCRIPTOR_NAME_SIZE)
        return error_set(
            error, -EINVAL,
            "\"%s\" is not a name for a module: a letter, then lower-case letters, digits and \"_\", at most "
            "%d characters",
            name, DESCRIPTOR_NAME_SIZE - 1);
    fd = make_folder(folder, error);
    if (fd < 0)
        return fd;
    status = check_made(fd, folder, error);
    if (status < 0)
        return status;
    place = (struct place){folder, fd};
    status = write_files(name, &place, error);
    if (status < 0)
        take_back(&place);
    return status;
}
