/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/tools/files.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "files/file.h"
#include "files/listing.h"
#include "output/output.h"

#include <string.h>

/* What goes wrong with the file is found when it is committed. */
static void write_bytes(void *user, const unsigned char *bytes, size_t n) {
    (void)fwrite(bytes, 1, n, user);
}

int files_join(const char *const *files, const char *path, struct vms_error *error) {
    struct output store;
    int status = output_open(path, &store, error);

    if (status < 0)
        return status;
    for (; status == 0 && *files; files++)
        status = file_pieces(*files, write_bytes, store.file, error);
    return output_end(&store, status, error);
}

int files_copy(const char *from, const char *path, struct vms_error *error) {
    return files_join((const char *[]){from, NULL}, path, error);
}

int files_write(const char *text, const char *path, struct vms_error *error) {
    struct output store;
    int status = output_open(path, &store, error);

    if (status < 0)
        return status;
    (void)fputs(text, store.file);
    return output_commit(&store, error);
}

char *files_find(const char *folder, const char *beginning, const char *ending) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open(folder, &directory);
    const char *name;
    char *path = NULL;

    while ((name = listing_next(directory, &status))) {
        size_t length = strlen(name);

        if (strncmp(name, beginning, strlen(beginning)) == 0 && length >= strlen(ending) &&
            strcmp(name + length - strlen(ending), ending) == 0 && name[0] != '.' &&
            (path = text_new("%s/%s", folder, name)))
            return path;
    }
    return NULL;
}
