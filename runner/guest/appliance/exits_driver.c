/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/exits_driver.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "common/locate.h"
#include "guest/appliance/cache.h"
#include "guest/appliance/kernel_modules.h"
#include "guest/appliance/packages.h"
#include "guest/tools/files.h"
#include "guest/tools/tool.h"
#include "output/output.h"
#include "output/terminal.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define DRIVER "vmsuite_exits"
#define BUILD_DEADLINE_S 300
#define TRIED_AGAIN_S 3600

/* Registers of the processor, for /dev/cpu/N/msr. */
static const char *const kernel_drivers[] = {"msr", NULL};

/* The same bytes wherever it is built: no paths, and no number that is made of what was left out. */
static const char makefile[] =
    "obj-m := " DRIVER ".o\nccflags-y := -I$(src) -g0 -ffile-prefix-map=$(src)/=\n";

/* The folders that Debian has the headers of a kernel in, each in a package of its own. Owned. */
struct headers {
    char *own, *common, *scripts;
};

static void headers_done(struct headers *headers) {
    free(headers->own);
    free(headers->common);
    free(headers->scripts);
}

static char *join(const char *folder, const char *name, struct vms_error *error) {
    char *path = text_new("%s/%s", folder, name);

    if (path)
        return path;
    (void)error_memory(error);
    return NULL;
}

/* A folder of a package: PACKAGE/FOLDER/NAME. The caller frees; NULL with a sentence. */
static char *unpack(const char *package, const char *folder, struct vms_error *error) {
    cleanup_free char *tree = packages_unpack(package, error), *path = NULL;

    if (!tree || !(path = join(tree, folder, error)))
        return NULL;
    return join(path, package, error);
}

static int find_headers(const char *release, struct headers *ret_headers, struct vms_error *error) {
    cleanup_free char *name = NULL, *common = NULL, *scripts = NULL;

    name = text_new("linux-headers-%s", release);
    if (!name)
        return error_memory(error);
    common = packages_needed(name, "linux-headers-", error);
    scripts = common ? packages_needed(name, "linux-kbuild-", error) : NULL;
    if (!scripts)
        return -ENOENT;
    ret_headers->own = unpack(name, "usr/src", error);
    ret_headers->common = ret_headers->own ? unpack(common, "usr/src", error) : NULL;
    ret_headers->scripts = ret_headers->common ? unpack(scripts, "usr/lib", error) : NULL;
    return ret_headers->scripts ? 0 : -ENOENT;
}

static int link_all(const char *from, const char *const *names, const char *to, struct vms_error *error) {
    for (; *names; names++) {
        cleanup_free char *target = join(from, *names, error), *path = join(to, *names, error);

        if (!target || !path)
            return -ENOMEM;
        if (symlink(target, path) < 0)
            return error_set(error, -errno, "%s cannot be made: %s", path, strerror(errno));
    }
    return 0;
}

/* The packages know each other by the places where they would be installed: two folders of links stand for
 * these. */
static int lay_out(const struct headers *headers, const char *sources, const char *objects,
                   struct vms_error *error) {
    static const char *const common[] = {"Makefile", "arch", "include", NULL};
    static const char *const own[] = {".config", ".kernelvariables", "Module.symvers",
                                      "arch",    "include",          NULL};
    static const char *const scripts[] = {"scripts", "tools", NULL};
    cleanup_free char *text = NULL, *path = join(objects, "Makefile", error);
    int status = path ? output_make_folder(sources, error) : -ENOMEM;

    if (status == 0)
        status = output_make_folder(objects, error);
    if (status == 0)
        status = link_all(headers->common, common, sources, error);
    if (status == 0)
        status = link_all(headers->scripts, scripts, sources, error);
    if (status == 0)
        status = link_all(headers->own, own, objects, error);
    if (status == 0)
        status = link_all(headers->scripts, scripts, objects, error);
    if (status == 0 && !(text = text_new("include %s/Makefile\n", sources)))
        status = error_memory(error);
    return status == 0 ? files_write(text, path, error) : status;
}

/* The driver's sources, where its Makefile has them. */
static int copy_sources(const char *source, const char *header, const char *folder, struct vms_error *error) {
    cleanup_free char *include = join(folder, "exits/kernel", error);
    cleanup_free char *source_copy = join(folder, DRIVER ".c", error);
    cleanup_free char *header_copy = join(folder, "exits/kernel/" DRIVER ".h", error);
    cleanup_free char *make = join(folder, "Makefile", error);
    int status = include && source_copy && header_copy && make ? output_make_folder(include, error) : -ENOMEM;

    if (status == 0)
        status = files_copy(source, source_copy, error);
    if (status == 0)
        status = files_copy(header, header_copy, error);
    return status == 0 ? files_write(makefile, make, error) : status;
}

/* Builds FOLDER/driver/vmsuite_exits.ko. */
static int make(const char *objects, const char *folder, struct vms_error *error) {
    cleanup_free char *module = NULL, *driver = join(folder, DRIVER ".ko", error);
    const char *build[] = {"make", "-s", "-C", objects, NULL, "CC=gcc", "modules", NULL};
    const char *strip[] = {"strip", "--strip-debug", "--remove-section=.note.gnu.build-id", driver, NULL};
    int status;

    if (!driver || !(module = text_new("M=%s", folder)))
        return error_memory(error);
    build[4] = module;
    status = tool_run(&(struct tool){.argv = build, .deadline_s = BUILD_DEADLINE_S}, NULL, error);
    return status == 0 ? tool_run(&(struct tool){.argv = strip, .deadline_s = BUILD_DEADLINE_S}, NULL, error)
                       : status;
}

static int build(const char *release, const char *source, const char *header, const char *draft,
                 struct vms_error *error) {
    cleanup_free char *sources = join(draft, "sources", error), *objects = join(draft, "objects", error);
    cleanup_free char *driver = join(draft, "driver", error);
    struct headers headers = {0};
    int status = sources && objects && driver ? find_headers(release, &headers, error) : -ENOMEM;

    if (status == 0)
        status = lay_out(&headers, sources, objects, error);
    if (status == 0)
        status = output_make_folder(driver, error);
    if (status == 0)
        status = copy_sources(source, header, driver, error);
    headers_done(&headers);
    return status == 0 ? make(objects, driver, error) : status;
}

/* Its name in the cache: the kernel's release, and what it is made of. */
static char *name_driver(const char *release, const char *source, const char *header,
                         struct vms_error *error) {
    char hash[CACHE_HASH_SIZE], *name = NULL;

    if (cache_hash((const char *[]){source, header}, 2, hash, error) < 0)
        return NULL;
    if ((name = text_new(DRIVER "-%s-%.16s", release, hash)))
        return name;
    (void)error_memory(error);
    return NULL;
}

/* Whether it could not be built a short while ago: then it is not tried again at each boot. The sentence is
 * that of then. */
static bool has_failed(const char *note, struct vms_error *error) {
    cleanup_fclose FILE *file = fopen(note, "re");
    struct stat status;

    return file && fstat(fileno(file), &status) == 0 && time(NULL) - status.st_mtime < TRIED_AGAIN_S &&
           fgets(error->text, sizeof(error->text), file);
}

/* Builds the driver and gives it its name in the cache. The caller frees; NULL with a sentence, which is
 * noted. */
static char *make_driver(const char *release, const char *source, const char *header, const char *cache,
                         const char *name, struct vms_error *error) {
    cleanup_free char *made = NULL, *kept = NULL, *note = NULL;
    struct cache_draft draft;
    struct vms_error ignored;

    note = text_new("%s/%s.failed", cache, name);
    if (!note) {
        (void)error_memory(error);
        return NULL;
    }
    if (has_failed(note, error) || cache_draft_make(cache, &draft, error) < 0)
        return NULL;
    made = join(draft.folder, "driver/" DRIVER ".ko", error);
    if (made && build(release, source, header, draft.folder, error) == 0)
        (void)cache_keep(made, cache, name, &kept, error);
    if (!kept)
        (void)files_write(error->text, note, &ignored);
    cache_draft_done(&draft);
    return TAKE(kept);
}

/* The file of the driver, from the cache or new there. The caller frees; NULL with a sentence. */
static char *find_driver(const char *release, struct vms_error *error) {
    cleanup_free char *source = locate_helper(DRIVER ".c", error);
    cleanup_free char *header = source ? locate_helper(DRIVER ".h", error) : NULL;
    cleanup_free char *cache = header ? cache_folder("drivers", error) : NULL;
    cleanup_free char *name = cache ? name_driver(release, source, header, error) : NULL;
    cleanup_free char *kept = name ? cache_find(cache, name) : NULL;

    return kept || !name ? TAKE(kept) : make_driver(release, source, header, cache, name, error);
}

int exits_driver_add(struct archive *archive, const char *tree, struct vms_error *error) {
    const char *release = strrchr(tree, '/');
    cleanup_free char *driver = release ? find_driver(release + 1, error) : NULL;
    int status;

    if (!driver)
        terminal_print(stderr, "the appliance is built without the driver of the module exits: %s\n",
                       error->text);
    status = kernel_modules_add(archive, tree, "exits", kernel_drivers, error);
    if (status == 0 && driver && archive_add_file(archive, "modules/" DRIVER ".ko", driver, 0644) < 0)
        status = error_memory(error);
    return status;
}
