/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/image.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "guest/appliance/archive.h"
#include "guest/appliance/kernel_modules.h"
#include "guest/appliance/packages.h"
#include "guest/tools/files.h"
#include "guest/tools/tool.h"
#include "output/output.h"
#include "output/way.h"

#include <string.h>

/* Disks and network cards of machines that only a CD boots on, beyond those that every appliance knows. */
static const char *const further_drivers[] = {"virtio_scsi", "nvme",       "vmw_pvscsi", "mptspi", "vmxnet3",
                                              "e1000e",      "hv_storvsc", "hv_netvsc",  "ena",    NULL};

/* The screen, and the serial line that launchers read. */
static const char loader_settings[] = "SERIAL 0 115200\n"
                                      "DEFAULT vmsuite\n"
                                      "LABEL vmsuite\n"
                                      "KERNEL /boot/linux\n"
                                      "INITRD /boot/initrd\n"
                                      "APPEND console=tty0 console=ttyS0,115200 quiet panic=-1\n";

static const char readme[] =
    "The guest of vmsuite: a kernel, and an initrd with vmsuite, its modules and what they need.\n"
    "\n"
    "Boot linux with initrd, the words console=ttyS0 quiet panic=-1 on its command line, and two disks:\n"
    "  job.img     what to measure, as `vmsuite guest job CONFIGURATION --directory DIR` writes it\n"
    "  record.img  empty, from the same command; the record leaves by it\n"
    "The guest measures, writes its record and powers off. `vmsuite guest collect record.img` reads it.\n"
    "SHA256SUMS holds the files' checksums: sha256sum -c SHA256SUMS.\n";

/* FOLDER/NAME; the caller frees, NULL with a sentence. */
static char *in(const char *folder, const char *name, struct vms_error *error) {
    char *path = text_new("%s/%s", folder, name);

    if (!path)
        (void)error_memory(error);
    return path;
}

static int copy(const char *from, const char *folder, const char *name, struct vms_error *error) {
    cleanup_free char *to = in(folder, name, error);

    return to ? files_copy(from, to, error) : -ENOMEM;
}

static int write_text(const char *text, const char *folder, const char *name, struct vms_error *error) {
    cleanup_free char *to = in(folder, name, error);

    return to ? files_write(text, to, error) : -ENOMEM;
}

/* The drivers of machines that nobody knows beforehand, and the appliance's own archives. */
static int write_initrd(const struct appliance *appliance, const char *folder, struct vms_error *error) {
    cleanup_free char *initrd = in(folder, "initrd", error), *drivers = in(folder, ".drivers", error);
    const char *parts[] = {appliance->base, appliance->payload, NULL, NULL};
    struct archive archive = {0};
    int status = initrd && drivers ? 0 : -ENOMEM;

    if (status == 0 && appliance->drivers) {
        parts[2] = drivers;
        status = kernel_modules_add(&archive, appliance->drivers, "image", further_drivers, error);
        if (status == 0)
            status = archive_write(&archive, drivers, error);
        archive_done(&archive);
    }
    if (status == 0)
        status = files_join(parts, initrd, error);
    if (drivers)
        (void)way_remove(drivers);
    return status;
}

static int write_sums(const char *folder, struct vms_error *error) {
    static const char *const names[] = {"README", "initrd", "linux"};
    char text[512] = "";

    for (size_t i = 0; i < VMS_LENGTH(names); i++) {
        cleanup_free char *path = in(folder, names[i], error);
        char hash[CACHE_HASH_SIZE];
        size_t length = strlen(text);

        if (!path || cache_hash((const char *const *)&path, 1, hash, error) < 0)
            return -EIO;
        (void)snprintf(text + length, sizeof(text) - length, "%s  %s\n", hash, names[i]);
    }
    return write_text(text, folder, "SHA256SUMS", error);
}

int image_write_folder(const struct appliance *appliance, const char *folder, struct vms_error *error) {
    int status = output_make_folder(folder, error);

    if (status == 0)
        status = copy(appliance->kernel, folder, "linux", error);
    if (status == 0)
        status = write_initrd(appliance, folder, error);
    if (status == 0)
        status = write_text(readme, folder, "README", error);
    return status == 0 ? write_sums(folder, error) : status;
}

/* The boot loader's own files, from Debian's packages. */
struct loader_files {
    char *image, *library, *disk_head;
};

static void loader_files_done(struct loader_files *files) {
    free(files->image);
    free(files->library);
    free(files->disk_head);
}

static int find_loader(struct loader_files *ret_files, struct vms_error *error) {
    cleanup_free char *isolinux = packages_unpack("isolinux", error);
    cleanup_free char *common = isolinux ? packages_unpack("syslinux-common", error) : NULL;

    if (!common)
        return -ENOENT;
    ret_files->image = in(isolinux, "usr/lib/ISOLINUX/isolinux.bin", error);
    ret_files->disk_head = in(isolinux, "usr/lib/ISOLINUX/isohdpfx.bin", error);
    ret_files->library = in(common, "usr/lib/syslinux/modules/bios/ldlinux.c32", error);
    return ret_files->image && ret_files->disk_head && ret_files->library ? 0 : -ENOMEM;
}

static int fill_tree(const struct appliance *appliance, const struct loader_files *loader, const char *tree,
                     struct vms_error *error) {
    cleanup_free char *boot = in(tree, "boot", error), *isolinux = in(tree, "isolinux", error);
    int status = boot && isolinux ? image_write_folder(appliance, boot, error) : -ENOMEM;

    if (status == 0)
        status = output_make_folder(isolinux, error);
    if (status == 0)
        status = copy(loader->image, isolinux, "isolinux.bin", error);
    if (status == 0)
        status = copy(loader->library, isolinux, "ldlinux.c32", error);
    return status == 0 ? write_text(loader_settings, isolinux, "isolinux.cfg", error) : status;
}

/* All dates of the CD are set, so that the same files give the same bytes. */
static int master(const struct loader_files *loader, const char *tree, const char *iso,
                  struct vms_error *error) {
    const char *argv[] = {"xorriso",
                          "-as",
                          "mkisofs",
                          "-quiet",
                          "-r",
                          "-V",
                          "VMSUITE",
                          "-o",
                          iso,
                          "--modification-date=2000010100000000",
                          "--set_all_file_dates",
                          "=946684800",
                          "-b",
                          "isolinux/isolinux.bin",
                          "-c",
                          "isolinux/boot.cat",
                          "-no-emul-boot",
                          "-boot-load-size",
                          "4",
                          "-boot-info-table",
                          "-isohybrid-mbr",
                          loader->disk_head,
                          tree,
                          NULL};

    return tool_run(&(struct tool){.argv = argv, .deadline_s = 300}, NULL, error);
}

/* The name under which the CD is kept: what it is made of; then comes its content. */
static int name_iso(const struct appliance *appliance, const struct loader_files *loader, const char *draft,
                    char **ret_name, struct vms_error *error) {
    cleanup_free char *text = NULL, *file = in(draft, "what", error);
    char hash[CACHE_HASH_SIZE];
    int status;

    if (!file || !(text = text_new("%s\n%s%s", appliance->id, loader_settings, readme)))
        return error_memory(error);
    status = files_write(text, file, error);
    if (status == 0)
        status = cache_hash((const char *[]){file, loader->image, loader->library, loader->disk_head}, 4,
                            hash, error);
    if (status == 0 && !(*ret_name = text_new("image-%.16s", hash)))
        status = error_memory(error);
    return status;
}

/* Masters the CD in the draft's folder. The caller frees its path; NULL with a sentence. */
static char *make_iso(const struct appliance *appliance, const struct loader_files *loader, const char *draft,
                      struct vms_error *error) {
    cleanup_free char *tree = in(draft, "tree", error), *iso = in(draft, "image.iso", error);
    int status = tree && iso ? fill_tree(appliance, loader, tree, error) : -ENOMEM;

    if (status == 0)
        status = master(loader, tree, iso, error);
    return status == 0 ? TAKE(iso) : NULL;
}

char *image_iso(const struct appliance *appliance, struct vms_error *error) {
    cleanup_free char *cache = cache_folder("images", error);
    cleanup_free char *name = NULL, *made = NULL, *iso = NULL;
    struct cache_draft draft = {.folder = NULL};
    struct loader_files loader = {0};
    int status = cache ? cache_draft_make(cache, &draft, error) : -EIO;

    if (status == 0)
        status = find_loader(&loader, error);
    if (status == 0)
        status = name_iso(appliance, &loader, draft.folder, &name, error);
    iso = status == 0 ? cache_find(cache, name) : NULL;
    if (status == 0 && !iso)
        made = make_iso(appliance, &loader, draft.folder, error);
    if (made)
        (void)cache_keep(made, cache, name, &iso, error);
    cache_draft_done(&draft);
    loader_files_done(&loader);
    return TAKE(iso);
}
