/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/launchers/emulated/host_tools.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "guest/appliance/kernel_modules.h"
#include "guest/appliance/libraries.h"
#include "guest/appliance/packages.h"
#include "guest/launchers/qemu.h"
#include "guest/tools/tool.h"

#include <glob.h>
#include <string.h>

/* Debian 12's. */
#define XEN_VERSION "4.17"
#define XEN_PACKAGE "xen-hypervisor-" XEN_VERSION "-amd64"
#define XEN_FOLDER "usr/lib/xen-" XEN_VERSION
#define LIBRARIES "usr/lib/x86_64-linux-gnu"
#define BUSYBOX_PACKAGE "busybox-static"

static const char *const xen_packages[] = {("xen-utils-" XEN_VERSION),
                                           "xenstore-utils",
                                           ("libxenmisc" XEN_VERSION),
                                           "libxencall1",
                                           "libxendevicemodel1",
                                           "libxenevtchn1",
                                           "libxenforeignmemory1",
                                           "libxengnttab1",
                                           "libxenhypfs1",
                                           "libxenstore4",
                                           "libxentoolcore1",
                                           "libxentoollog1",
                                           "libyajl2",
                                           NULL};

/* Of an HVM domain's device model: Xen's QEMU, and what it needs beyond the QEMU that is here. */
#define MODEL_PACKAGE "qemu-system-xen"
#define MODEL_PROGRAM "usr/libexec/xen-qemu-system-i386"
static const char *const model_packages[] = {MODEL_PACKAGE,
                                             "libxendevicemodel1",
                                             "libxenevtchn1",
                                             "libxenforeignmemory1",
                                             "libxengnttab1",
                                             ("libxenmisc" XEN_VERSION),
                                             "libxenstore4",
                                             "libxentoolcore1",
                                             "libxencall1",
                                             "libxentoollog1",
                                             "libspice-server1",
                                             "libusb-1.0-0",
                                             "libgstreamer1.0-0",
                                             "libgstreamer-plugins-base1.0-0",
                                             "libopus0",
                                             "liborc-0.4-0",

                                             "libssl3",

                                             "libdw1",
                                             "libelf1",
                                             "libunwind8",
                                             NULL};

static const struct {
    const char *package, *path;
} xen_programs[] = {
    {("xen-utils-" XEN_VERSION), XEN_FOLDER "/bin/xl"},
    {("xen-utils-" XEN_VERSION), XEN_FOLDER "/bin/libxl-save-helper"},
    {("xen-utils-" XEN_VERSION), XEN_FOLDER "/bin/xenstored"},
    {("xen-utils-" XEN_VERSION), XEN_FOLDER "/bin/xenconsoled"},
    {("xen-utils-" XEN_VERSION), XEN_FOLDER "/bin/xen-init-dom0"},
    {"xenstore-utils", "usr/bin/xenstore"},
};

static const char *const xen_drivers[] = {"xenfs",        "xen_evtchn",  "xen_gntdev",  "xen_privcmd",
                                          "xen_gntalloc", "xen_blkback", "xen_netback", "bridge",
                                          "tun",          NULL};
static const char *const kvm_drivers[] = {"kvm", "ccp", "kvm_amd", "bridge", "tun", NULL};

/* The firmware that QEMU gives its machines, in the folders where Debian's QEMU looks for it. */
static const char *const firmware[] = {"/usr/share/seabios/bios-256k.bin",
                                       "/usr/share/qemu/linuxboot_dma.bin",
                                       "/usr/share/qemu/linuxboot.bin",
                                       "/usr/share/qemu/kvmvapic.bin",
                                       "/usr/share/qemu/pvh.bin",
                                       "/usr/share/qemu/keymaps/en-us",
                                       NULL};

/* Adds PACKAGE/path at its own place. The caller frees the path that it was found at; NULL with a
 * sentence. */
static char *add_file(struct archive *archive, const char *package, const char *path,
                      struct vms_error *error) {
    cleanup_free char *tree = packages_unpack(package, error), *source = NULL;

    if (!tree)
        return NULL;
    source = text_new("%s/%s", tree, path);
    if (source && access(source, R_OK) < 0) {
        (void)error_set(error, -ENOENT, "the package %s has changed: it does not hold %s", package, path);
        return NULL;
    }
    if (!source || archive_add_file(archive, path, source, 0755) < 0) {
        (void)error_memory(error);
        return NULL;
    }
    return TAKE(source);
}

/* The same with the libraries that the program needs. */
static int add_program(struct archive *archive, const char *package, const char *path, const char *libraries,
                       struct vms_error *error) {
    cleanup_free char *source = add_file(archive, package, path, error);

    return source ? libraries_add(archive, source, libraries, error) : -ENOENT;
}

/* The shell and tools of the host's scripts: one static program. */
static int add_busybox(struct archive *archive, struct vms_error *error) {
    cleanup_free char *source = add_file(archive, BUSYBOX_PACKAGE, "bin/busybox", error);

    return source ? 0 : -ENOENT;
}

static int add_firmware(struct archive *archive, struct vms_error *error) {
    for (size_t i = 0; firmware[i]; i++)
        if (access(firmware[i], R_OK) == 0 &&
            archive_add_file(archive, firmware[i] + 1, firmware[i], 0644) < 0)
            return error_memory(error);
    return 0;
}

/* glibc loads it when a thread is cancelled (xl does that); no program names it. */
static int add_unwinder(struct archive *archive, struct vms_error *error) {
    glob_t found;
    int status = 0;

    if (glob("/usr/lib/x86_64-linux-gnu/libgcc_s.so.1", 0, NULL, &found) != 0 &&
        glob("/{usr/,}lib{64,}/{*/,}libgcc_s.so.1", GLOB_BRACE, NULL, &found) != 0)
        return error_set(error, -ENOENT, "libgcc_s.so.1 is not here: install Debian's libgcc-s1");
    if (archive_add_file(archive, LIBRARIES_FOLDER "/libgcc_s.so.1", found.gl_pathv[0], 0755) < 0)
        status = error_memory(error);
    globfree(&found);
    return status;
}

/* The folders with the packages' libraries, "A:B". The caller frees; NULL with a sentence. */
static char *library_path(const char *const *packages, struct vms_error *error) {
    cleanup_free char *path = strdup("");

    for (; path && *packages; packages++) {
        cleanup_free char *tree = packages_unpack(*packages, error);
        char *longer = NULL;

        if (!tree)
            return NULL;
        if (strpbrk(tree, ":;")) {
            (void)error_set(
                error, -EINVAL,
                "%s: the dynamic loader cannot look in a folder whose name contains ':' or ';': set "
                "XDG_CACHE_HOME to another",
                tree);
            return NULL;
        }
        longer = text_new("%s%s%s/" LIBRARIES, path, *path ? ":" : "", tree);
        free(path);
        path = longer;
    }
    if (!path)
        (void)error_memory(error);
    return TAKE(path);
}

static int add_drivers(struct archive *archive, const char *drivers, const char *const *names,
                       struct vms_error *error) {
    return drivers ? kernel_modules_add(archive, drivers, "host", names, error) : 0;
}

int host_tools_add_xen(struct archive *archive, const char *drivers, struct vms_error *error) {
    cleanup_free char *libraries = library_path(xen_packages, error);
    int status = libraries ? add_busybox(archive, error) : -ENOENT;

    for (size_t i = 0; status == 0 && i < VMS_LENGTH(xen_programs); i++)
        status = add_program(archive, xen_programs[i].package, xen_programs[i].path, libraries, error);
    if (status == 0)
        status = add_unwinder(archive, error);
    return status == 0 ? add_drivers(archive, drivers, xen_drivers, error) : status;
}

int host_tools_add_device_model(struct archive *archive, struct vms_error *error) {
    cleanup_free char *libraries = library_path(model_packages, error), *loader = NULL;
    int status = libraries ? add_program(archive, MODEL_PACKAGE, MODEL_PROGRAM, libraries, error) : -ENOENT;

    if (status == 0 &&
        !(loader = add_file(archive, "xen-utils-" XEN_VERSION, XEN_FOLDER "/boot/hvmloader", error)))
        status = -ENOENT;
    return status == 0 ? add_firmware(archive, error) : status;
}

int host_tools_add_kvm(struct archive *archive, const char *drivers, struct vms_error *error) {
    cleanup_free char *program = tool_find(QEMU_PROGRAM);
    int status = qemu_available(error);

    if (status == 0)
        status = add_busybox(archive, error);
    if (status == 0 && archive_add_file(archive, "usr/bin/" QEMU_PROGRAM, program, 0755) < 0)
        status = error_memory(error);
    if (status == 0)
        status = libraries_add(archive, program, NULL, error);
    if (status == 0)
        status = add_unwinder(archive, error);
    if (status == 0)
        status = add_firmware(archive, error);
    return status == 0 ? add_drivers(archive, drivers, kvm_drivers, error) : status;
}

char *host_tools_xen(const struct boot *boot, struct vms_error *error) {
    cleanup_free char *tree = packages_unpack(XEN_PACKAGE, error), *packed = NULL, *path = NULL;

    if (!tree)
        return NULL;
    packed = text_new("%s/boot/xen-" XEN_VERSION "-amd64.gz", tree);
    path = text_new("%s/xen", boot->folder);
    if (!packed || !path) {
        (void)error_memory(error);
        return NULL;
    }
    return tool_filter((const char *[]){"gzip", "-dc", NULL}, packed, path, error) == 0 ? TAKE(path) : NULL;
}
