/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sdk/skeleton.h"

#include "base/cleanup.h"
#include "base/output.h"
#include "base/tree.h"
#include "module/descriptor.h"
#include "sdk/skeleton_files.h"

#include <errno.h>
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

static int write_file(const char *folder, const char *file, const char *text, const char *name,
                      struct vms_error *error) {
    cleanup_free char *path = NULL;
    struct output output;

    if (asprintf(&path, "%s/%s", folder, file) < 0) {
        path = NULL;
        return error_memory(error);
    }
    if (output_open(path, &output, error) < 0)
        return -EIO;
    write_text(output.file, text, name);
    return output_commit(&output, error);
}

static int write_files(const char *name, const char *folder, struct vms_error *error) {
    char source[DESCRIPTOR_NAME_SIZE + sizeof(".c")], test[DESCRIPTOR_NAME_SIZE + sizeof("test_.c")];
    int status;

    (void)snprintf(source, sizeof(source), "%s.c", name);
    (void)snprintf(test, sizeof(test), "test_%s.c", name);
    status = write_file(folder, source, skeleton_source, name, error);
    if (status == 0)
        status = write_file(folder, test, skeleton_test, name, error);
    return status < 0 ? status : write_file(folder, "meson.build", skeleton_build, name, error);
}

int skeleton_write(const char *name, const char *folder, struct vms_error *error) {
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
    status = write_files(name, folder, error);
    if (status < 0)
        (void)tree_remove(folder);
    return status;
}
