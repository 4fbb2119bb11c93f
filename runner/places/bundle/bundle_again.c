/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/bundle/bundle_again.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "files/listing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Adds a file of the bundle; what is none is passed over. */
static int add_file(struct archive *archive, const char *root, const char *name) {
    cleanup_free char *path = text_new("%s/%s", root, name);
    struct stat info;

    if (!path)
        return -ENOMEM;
    if (lstat(path, &info) < 0 || !S_ISREG(info.st_mode))
        return 0;
    return archive_add_file(archive, name, path, info.st_mode & S_IXUSR ? 0755 : 0644);
}

static int add_folder(struct archive *archive, const char *root, const char *folder,
                      struct vms_error *error) {
    cleanup_closedir DIR *directory = NULL;
    cleanup_free char *path = text_new("%s/%s", root, folder);
    const char *file;
    int status;

    if (!path)
        return error_memory(error);
    status = listing_open(path, &directory);
    if (status == -ENOTDIR)
        return 0;
    while ((file = listing_next(directory, &status))) {
        cleanup_free char *name = NULL;

        if (file[0] == '.')
            continue;
        name = text_new("%s/%s", folder, file);
        if (!name) {
            status = -ENOMEM;
        } else {
            status = add_file(archive, root, name);
        }
    }
    return status < 0 ? error_unread(error, status, path) : 0;
}

/* Of a bundle at a place scratch files may lie beside. */
static bool is_of_bundle(const char *name) {
    static const char *const names[] = {"modules", "configurations", "suites", "policies"};

    for (size_t i = 0; i < VMS_LENGTH(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return strncmp(name, "lib", 3) == 0;
}

int bundle_again(const char *root, const char *const *files, struct archive *archive,
                 struct vms_error *error) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open(root, &directory), added = 0;
    const char *name;

    for (size_t i = 0; status == 0 && files[i]; i++)
        if (add_file(archive, root, files[i]) < 0)
            return error_memory(error);
    while (added == 0 && (name = listing_next(directory, &status)))
        if (is_of_bundle(name))
            added = add_folder(archive, root, name, error);
    if (added == 0 && status < 0)
        return error_set(error, status, "the bundle %.200s that this program runs from cannot be read: %s",
                         root, strerror(-status));
    return added;
}
