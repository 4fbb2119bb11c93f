/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/appliance.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "common/locate.h"
#include "files/tree.h"
#include "guest/appliance/archive.h"
#include "guest/appliance/exits_driver.h"
#include "guest/appliance/kernel_modules.h"
#include "guest/appliance/libraries.h"
#include "guest/appliance/packages.h"
#include "guest/appliance/shipped.h"
#include "guest/appliance/vmlinux.h"
#include "guest/tools/files.h"

#include <limits.h>
#include <string.h>

#define DEBIAN_KERNEL "linux-image-amd64"

/* Disks, network cards and the file system of every machine that a launcher makes. */
static const char *const guest_drivers[] = {"virtio_pci",   "virtio_blk",     "virtio_net", "e1000",
                                            "ata_piix",     "ahci",           "sd_mod",     "xen_blkfront",
                                            "xen_netfront", "crc32c_generic", "ext4",       NULL};

/* For a scratch disk in memory; loaded with its size. */
static const char *const ramdisk_drivers[] = {"brd", NULL};

/* For a peer in a network of its own. */
static const char *const peer_drivers[] = {"veth", NULL};

/* For a guest that is measured as a place. */
static const char *const channel_drivers[] = {"virtio_pci", "virtio_console", NULL};

/* Kernel and drivers: as given, else Debian's. */
static int find_kernel(const struct appliance_input *input, char **ret_kernel, char **ret_drivers,
                       struct vms_error *error) {
    cleanup_free char *meant = NULL, *package = NULL, *boot = NULL;

    if (input->kernel) {
        *ret_kernel = realpath(input->kernel, NULL);
        if (!*ret_kernel)
            return error_set(error, -errno, "the kernel %s: %s", input->kernel, strerror(errno));
        *ret_drivers = input->drivers ? strdup(input->drivers) : NULL;
        return 0;
    }
    meant = packages_needed(DEBIAN_KERNEL, "linux-image-", error);
    package = meant ? packages_unpack(meant, error) : NULL;
    if (!package)
        return -ENOENT;
    boot = text_new("%s/boot", package);
    if (!boot)
        return error_memory(error);
    *ret_kernel = files_find(boot, "vmlinuz-", "");
    if (!*ret_kernel)
        return error_set(error, -ENOENT, "%s holds no kernel", package);
    *ret_drivers = kernel_modules_tree(package, error);
    return *ret_kernel && *ret_drivers ? 0 : -ENOENT;
}

static int write_base(const char *path, const char *drivers, struct vms_error *error) {
    cleanup_free char *init = locate_helper("vmsuite-init", error);
    struct archive archive = {0};
    int status = init ? archive_add_file(&archive, "init", init, 0755) : -ENOENT;

    if (status == -ENOMEM)
        (void)error_memory(error);
    if (status == 0 && drivers)
        status = kernel_modules_add(&archive, drivers, "guest", guest_drivers, error);
    if (status == 0 && drivers)
        status = kernel_modules_add(&archive, drivers, "ramdisk", ramdisk_drivers, error);
    if (status == 0 && drivers)
        status = kernel_modules_add(&archive, drivers, "peer", peer_drivers, error);
    if (status == 0 && drivers)
        status = kernel_modules_add(&archive, drivers, "channel", channel_drivers, error);
    if (status == 0 && drivers)
        status = exits_driver_add(&archive, drivers, error);
    if (status == 0)
        status = archive_write(&archive, path, error);
    archive_done(&archive);
    return status;
}

/* The documents of a kind, and not without the one that a guest's job may name. */
static int add_documents(struct archive *archive, const char *kind, const char *one,
                         struct vms_error *error) {
    cleanup_free char *first = locate_document(kind, NULL, one, error);

    return first ? shipped_add_documents(archive, "usr/share/vmsuite/", kind, error) : -ENOENT;
}

static int write_payload(const char *path, const struct module_list *modules, struct vms_error *error) {
    struct archive archive = {0};
    char program[PATH_MAX] = "";
    int status = 0;

    if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0)
        return error_set(error, -errno, "/proc/self/exe cannot be read: %s", strerror(errno));
    if (archive_add_file(&archive, "bin/vmsuite", program, 0755) < 0)
        status = error_memory(error);
    if (status == 0)
        status = libraries_add(&archive, program, NULL, error);
    if (status == 0)
        status = shipped_add_modules(&archive, &VMSUITE_MODULE_FOLDER[1], modules, true, error);
    if (status == 0)
        status = add_documents(&archive, "configurations", "here", error);
    if (status == 0)
        status = add_documents(&archive, "suites", "quick", error);
    if (status == 0)
        status = archive_write(&archive, path, error);
    archive_done(&archive);
    return status;
}

/* The names of the parts in a folder. */
static int name_parts(const char *folder, struct appliance *appliance) {
    appliance->folder = strdup(folder);
    if (!appliance->folder || !(appliance->kernel = text_new("%s/vmlinuz", folder)) ||
        !(appliance->base = text_new("%s/base.cpio", folder)) ||
        !(appliance->payload = text_new("%s/payload.cpio", folder)))
        return -ENOMEM;
    return 0;
}

static int fill(const struct appliance *draft, const char *kernel, const struct module_list *modules,
                struct vms_error *error) {
    int status = write_base(draft->base, draft->drivers, error);

    if (status == 0)
        status = write_payload(draft->payload, modules, error);
    if (status == 0)
        status = files_copy(kernel, draft->kernel, error);
    return status;
}

/* Whether its files are what its name says. */
static bool is_whole(const struct appliance *appliance) {
    char hash[CACHE_HASH_SIZE];

    return cache_hash((const char *[]){appliance->kernel, appliance->base, appliance->payload}, 3, hash,
                      NULL) == 0 &&
           strcmp(hash, appliance->id) == 0;
}

/* Decompresses the kernel, where it can be. The caller frees the path; NULL: it cannot. */
static char *make_vmlinux(const struct appliance *appliance) {
    cleanup_free char *file = NULL, *kept = NULL;
    struct cache_draft draft;

    if (cache_draft_make(appliance->folder, &draft, NULL) < 0)
        return NULL;
    file = text_new("%s/vmlinux", draft.folder);
    if (file && vmlinux_extract(appliance->kernel, file, NULL) == 0)
        (void)cache_keep(file, appliance->folder, "vmlinux", &kept, NULL);
    cache_draft_done(&draft);
    return TAKE(kept);
}

/* Gives the draft its place unless it is taken by one that is whole. */
static int take_place(const struct appliance *draft, const char *cache, const char *path,
                      const struct appliance *appliance, struct vms_error *error) {
    cleanup_close int hold = cache_hold(cache);

    (void)hold; /* until we return */
    if (is_whole(appliance)) {
        (void)tree_remove(draft->folder);
        return 0;
    }
    (void)tree_remove(path);
    return cache_settle(draft->folder, path, error);
}

/* The same, and decompresses its kernel there unless that was done before. */
static int settle(const struct appliance *draft, const char *cache, struct appliance *appliance,
                  struct vms_error *error) {
    cleanup_free char *path = NULL;
    int status;

    if (!(path = text_new("%s/%.16s", cache, appliance->id)) || name_parts(path, appliance) < 0)
        return error_memory(error);
    status = take_place(draft, cache, path, appliance, error);
    if (status < 0)
        return status;
    appliance->vmlinux = cache_find(path, "vmlinux");
    if (!appliance->vmlinux)
        appliance->vmlinux = make_vmlinux(appliance);
    return 0;
}

int appliance_build(const struct appliance_input *input, struct appliance *ret_appliance,
                    struct vms_error *error) {
    cleanup_free char *cache = cache_folder("appliances", error), *kernel = NULL;
    struct cache_draft place = {.folder = NULL};
    struct appliance draft = {0}, appliance = {0};
    int status = cache ? find_kernel(input, &kernel, &draft.drivers, error) : -ENOENT;

    if (status == 0)
        status = cache_draft_make(cache, &place, error);
    if (status == 0 && name_parts(place.folder, &draft) < 0)
        status = error_memory(error);
    if (status == 0)
        status = fill(&draft, kernel, input->modules, error);
    if (status == 0)
        status =
            cache_hash((const char *[]){draft.kernel, draft.base, draft.payload}, 3, appliance.id, error);
    if (status == 0)
        status = settle(&draft, cache, &appliance, error);
    if (status == 0) {
        appliance.drivers = TAKE(draft.drivers);
        *ret_appliance = appliance;
    } else {
        appliance_done(&appliance);
    }
    cache_draft_done(&place);
    appliance_done(&draft);
    return status;
}

void appliance_done(struct appliance *appliance) {
    free(appliance->folder);
    free(appliance->kernel);
    free(appliance->vmlinux);
    free(appliance->base);
    free(appliance->payload);
    free(appliance->drivers);
    *appliance = (struct appliance){0};
}

const char *appliance_release(const struct appliance *appliance) {
    const char *slash = appliance->drivers ? strrchr(appliance->drivers, '/') : NULL;

    return slash ? slash + 1 : "";
}
