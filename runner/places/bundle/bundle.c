/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/bundle/bundle.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "common/locate.h"
#include "guest/appliance/libraries.h"
#include "guest/appliance/shipped.h"
#include "places/bundle/bundle_again.h"
#include "places/bundle/tar.h"

#include <limits.h>
#include <sodium.h>
#include <string.h>

#define PROGRAM "vmsuite"

/* What stands in `run`: the loader that came along loads the program with the libraries that came along. */
#define RUN_LINE                                                                                             \
    "#!/bin/sh\n"                                                                                            \
    "# Runs the vmsuite in this folder: ./run help\n"                                                        \
    "d=$(cd \"${0%%/*}\" && pwd) || exit 1\n"                                                                \
    "exec \"$d/%s\" --library-path \"$d/lib\" \"$d/" PROGRAM "\" \"$@\"\n"

/* The loader is the library at a path of its own. */
static const char *find_loader(const struct archive *archive) {
    for (size_t i = 0; i < archive->n_entries; i++) {
        const char *name = strrchr(archive->entries[i].name, '/');

        if (name && strncmp(name, "/ld-", 4) == 0 && archive->entries[i].source)
            return archive->entries[i].name;
    }
    return NULL;
}

static int add_line(struct archive *archive, struct vms_error *error) {
    const char *loader = find_loader(archive);
    cleanup_free char *text = NULL;

    if (!loader)
        return error_set(error, -ENOENT, "this program's dynamic loader is not among its libraries");
    text = text_new(RUN_LINE, loader);
    if (!text)
        return error_memory(error);
    return archive_add_text(archive, LOCATE_BUNDLE_RUN, text, 0755) < 0 ? error_memory(error) : 0;
}

/* What this program runs from is a bundle already. Modules from elsewhere have been loaded with its
 * libraries, or the system's. */
static int collect_again(const struct module_list *modules, struct archive *archive,
                         struct vms_error *error) {
    static const char *const files[] = {PROGRAM, LOCATE_BUNDLE_MARK, LOCATE_BUNDLE_RUN, NULL};
    cleanup_free char *root = locate_program(error);
    int status;

    if (!root)
        return -ENOENT;
    *strrchr(root, '/') = '\0';
    status = bundle_again(root, files, archive, error);
    return status == 0 ? shipped_add_modules(archive, LOCATE_BUNDLE_MODULES, modules, false, error) : status;
}

static int collect(const struct module_list *modules, struct archive *archive, struct vms_error *error) {
    static const char *const kinds[] = {"configurations", "suites", "policies"};
    char program[PATH_MAX] = "";
    int status = 0;

    if (locate_in_bundle())
        return collect_again(modules, archive, error);
    if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0)
        return error_set(error, -errno, "/proc/self/exe cannot be read: %s", strerror(errno));
    if (archive_add_file(archive, PROGRAM, program, 0755) < 0 ||
        archive_add_text(archive, LOCATE_BUNDLE_MARK, VMSUITE_VERSION "\n", 0644) < 0)
        return error_memory(error);
    status = libraries_add(archive, program, NULL, error);
    if (status == 0)
        status = shipped_add_modules(archive, LOCATE_BUNDLE_MODULES, modules, true, error);
    for (size_t i = 0; status == 0 && i < VMS_LENGTH(kinds); i++)
        status = shipped_add_documents(archive, "", kinds[i], error);
    return status == 0 ? add_line(archive, error) : status;
}

int bundle_make(const struct module_list *modules, struct bundle *ret_bundle, struct vms_error *error) {
    unsigned char digest[crypto_hash_sha256_BYTES];
    struct archive archive = {0};
    struct bundle bundle = {.modules = modules};
    int status = collect(modules, &archive, error);
    FILE *file = status == 0 ? open_memstream(&bundle.bytes, &bundle.size) : NULL;

    if (status == 0 && !file)
        status = error_memory(error);
    if (status == 0)
        status = tar_write(&archive, file, error);
    if (file && fclose(file) != 0 && status == 0)
        status = error_memory(error);
    archive_done(&archive);
    if (status < 0) {
        bundle_done(&bundle);
        return status;
    }
    (void)crypto_hash_sha256(digest, (const unsigned char *)bundle.bytes, bundle.size);
    (void)sodium_bin2hex(bundle.hash, sizeof(bundle.hash), digest, sizeof(digest));
    *ret_bundle = bundle;
    return 0;
}

void bundle_done(struct bundle *bundle) {
    free(bundle->bytes);
    *bundle = (struct bundle){0};
}
