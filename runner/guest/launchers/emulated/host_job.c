/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/launchers/emulated/host_job.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "common/locate.h"
#include "guest/launchers/emulated/host_disks.h"
#include "guest/launchers/qemu.h"
#include "guest/launchers/xen_domain.h"

#include <stdio.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)
/* The guest's card is on a bridge with the host's, which has QEMU's own address. */
#define GUEST_ADDRESS "00:16:3e:00:00:16"

static void print_domain(FILE *text, const struct boot *boot, const struct host_kind *kind,
                         const struct hvm_kernel *kernel) {
    xen_domain_print(
        text,
        &(struct xen_domain){
            .name = "guest",
            .type = kind->domain,
            .kernel = "/" HOST_KERNEL,
            .ramdisk = kernel ? NULL : "/" HOST_INITRD,
            .console = kind->console,
            .serial = "file:/run/console",
            .devices = true,
            .disks = {HOST_DISK_RECORD, host_disk_scratch(boot)},
            .vif = boot->settings->network ? "script=vif-guest,bridge=br0,mac=" GUEST_ADDRESS : NULL,
            .emulated = kind->emulated_disks,
            .loaded = {{kernel ? "/" HOST_KERNEL_REST : NULL, kernel ? kernel->rest_place : 0},
                       {kernel ? "/" HOST_INITRD : NULL, kernel ? kernel->initrd_place : 0}},
        },
        boot->settings);
}

/* The words of QEMU's command, one a line. */
static int print_qemu(FILE *text, const struct boot *boot, const struct host_kind *kind) {
    const struct guest_settings *settings = boot->settings;
    const char *scratch = host_disk_scratch(boot);
    struct argv command = {0};
    bool failed;

    qemu_add_machine(&command, settings, "kvm", settings->memory / MIB);
    qemu_add_console(&command, false);
    qemu_add_disk(&command, &(struct qemu_disk){.file = HOST_DISK_RECORD,
                                                .name = "record",
                                                .emulated = settings->emulated_devices});
    if (scratch)
        qemu_add_disk(&command, &(struct qemu_disk){.file = scratch,
                                                    .name = QEMU_SCRATCH,
                                                    .cache = settings->cache,
                                                    .emulated = settings->emulated_devices});
    if (settings->network)
        qemu_add_card(&command, "tap,ifname=tap0,script=/job/vif-guest,downscript=no,vhost=off",
                      GUEST_ADDRESS, false, settings->emulated_devices);
    argv_add_all(&command, (const char *[]){"-kernel", "/" HOST_KERNEL, "-initrd", "/" HOST_INITRD, NULL});
    argv_add(&command, "-append");
    argv_add(&command, "console=%s quiet panic=-1 %s", kind->console,
             settings->options ? settings->options : "");
    failed = command.failed;
    for (size_t i = 0; !failed && i < command.n_words; i++)
        fprintf(text, "%s\n", command.words[i]);
    argv_done(&command);
    return failed ? -ENOMEM : 0;
}

/* How the guest is started: xl's configuration, or QEMU's words. */
static int add_guest(struct archive *archive, const struct boot *boot, const struct host_kind *kind,
                     const struct hvm_kernel *kernel) {
    cleanup_free char *content = NULL;
    size_t size;
    FILE *text = open_memstream(&content, &size);
    int status = text ? 0 : -ENOMEM;

    if (status == 0 && kind->domain)
        print_domain(text, boot, kind, kernel);
    else if (status == 0)
        status = print_qemu(text, boot, kind);
    if (text && fclose(text) != 0)
        status = -ENOMEM;
    return status < 0
               ? status
               : archive_add_text(archive, kind->domain ? "job/domain.cfg" : "job/qemu", content, 0644);
}

static int add_script(struct archive *archive, const char *helper, const char *name,
                      struct vms_error *error) {
    cleanup_free char *path = locate_helper(helper, error);

    if (!path)
        return -ENOENT;
    return archive_add_file(archive, name, path, 0755) < 0 ? error_memory(error) : 0;
}

int host_job_add(struct archive *archive, const struct boot *boot, const struct host_kind *kind,
                 const struct hvm_kernel *kernel, struct vms_error *error) {
    char kib[32];
    int status = add_script(archive, "host.sh", "job/host.sh", error);

    if (status == 0)
        status = add_script(archive, kind->domain ? "host-xen.sh" : "host-kvm.sh", "job/guest.sh", error);
    if (status == 0)
        status = add_script(archive, "vif-guest.sh",
                            kind->domain ? "etc/xen/scripts/vif-guest" : "job/vif-guest", error);
    if (status == 0 && kind->domain)
        status = add_script(archive, "block.sh", "etc/xen/scripts/block", error);
    if (status < 0)
        return status;
    (void)snprintf(kib, sizeof(kib), "%ju\n", (uintmax_t)(boot->settings->disk / 1024));
    if (boot->scratch && boot->settings->disk_in_memory)
        status = archive_add_text(archive, "job/ramdisk", kib, 0644);
    if (status == 0 && boot->settings->icount && !kind->domain)
        status = archive_add_text(archive, "job/counts", "", 0644);
    if (status == 0 && boot->token)
        status = archive_add_file(archive, "job/peer.token", boot->token, 0600);
    if (status == 0)
        status = add_guest(archive, boot, kind, kernel);
    return status < 0 ? error_memory(error) : 0;
}
