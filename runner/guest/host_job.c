/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cleanup.h"
#include "emulated.h"
#include "error.h"
#include "locate.h"
#include "qemu.h"

#include <stdio.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)
/* The guest's card is on a bridge with the host's, which has QEMU's own address. */
#define GUEST_ADDRESS "00:16:3e:00:00:16"

/* A disk of a domain: the names are hda, hdb, ... where they are emulated, else Xen's own. */
static void print_disk(FILE *text, const struct guest_kind *kind, const char *source, char letter) {
    fprintf(text, "%s\"phy:%s,%s%c,w\"", letter == 'a' ? "" : ", ", source,
            kind->emulated_disks ? "hd" : "xvd", letter);
}

/* xl.cfg(5). The time stamp counter is the processor's own: emulated, it would cost each system call of
 * Debian's kernel a trap. */
static void print_domain(FILE *text, const struct boot *boot, const struct guest_kind *kind) {
    const struct guest_settings *settings = boot->settings;
    const char *scratch = emulated_scratch(boot), *image = emulated_image(boot);
    bool hvm = strcmp(kind->domain, "hvm") == 0;
    char letter = 'a';

    fprintf(text, "name=\"guest\"\ntype=\"%s\"\nvcpus=%u\nmemory=%ju\n", kind->domain, settings->vcpus,
            (uintmax_t)(settings->memory / MIB));
    fprintf(text, "kernel=\"/" HOST_KERNEL "\"\nramdisk=\"/" HOST_INITRD "\"\n");
    fprintf(text, "extra=\"console=%s quiet panic=-1 %s\"\n", kind->console,
            settings->options ? settings->options : "");
    fputs("on_poweroff=\"destroy\"\non_reboot=\"destroy\"\non_crash=\"destroy\"\ntsc_mode=\"native\"\ndisk=[",
          text);
    print_disk(text, kind, EMULATED_RECORD, letter++);
    if (scratch)
        print_disk(text, kind, scratch, letter++);
    if (image)
        print_disk(text, kind, image, letter++);
    fputs("]\n", text);
    if (settings->network)
        fprintf(text, "vif=[\"script=vif-guest,bridge=br0,mac=" GUEST_ADDRESS "%s\"]\n",
                !hvm                   ? ""
                : kind->emulated_disks ? ",model=e1000"
                                       : ",type=vif");
    if (hvm)
        fprintf(text,
                "xen_platform_pci=%d\nserial=\"file:/dev/console\"\nvga=\"none\"\nvnc=0\nsdl=0\nusb=0\n"
                "nographic=1\ndevice_model_args=[\"-global\",\"e1000.romfile=\"]\n",
                !kind->emulated_disks);
}

/* The words of QEMU's command, one a line. */
static int print_qemu(FILE *text, const struct boot *boot, const struct guest_kind *kind) {
    const struct guest_settings *settings = boot->settings;
    const char *scratch = emulated_scratch(boot);
    struct command command = {0};
    bool failed;

    qemu_add_machine(&command, settings, "kvm", settings->memory / MIB);
    qemu_add_disk(&command, EMULATED_RECORD, "record", "writeback", settings->emulated_devices);
    if (scratch)
        qemu_add_disk(&command, scratch, "scratch", settings->cache, settings->emulated_devices);
    if (settings->network)
        qemu_add_card(&command, "tap,ifname=tap0,script=/job/vif-guest,downscript=no,vhost=off",
                      GUEST_ADDRESS, settings->emulated_devices);
    command_add_all(&command, (const char *[]){"-kernel", "/" HOST_KERNEL, "-initrd", "/" HOST_INITRD, NULL});
    command_add(&command, "-append");
    command_add(&command, "console=%s quiet panic=-1 %s", kind->console,
                settings->options ? settings->options : "");
    failed = command.failed;
    for (size_t i = 0; !failed && i < command.n_words; i++)
        fprintf(text, "%s\n", command.argv[i]);
    command_done(&command);
    return failed ? -ENOMEM : 0;
}

/* How the guest is started: xl's configuration, or QEMU's words. */
static int add_guest(struct archive *archive, const struct boot *boot, const struct guest_kind *kind) {
    cleanup_free char *content = NULL;
    size_t size;
    FILE *text = open_memstream(&content, &size);
    int status = text ? 0 : -ENOMEM;

    if (status == 0 && kind->domain)
        print_domain(text, boot, kind);
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
    return archive_add_file(archive, name, path, 0755) < 0 ? error_set(error, -ENOMEM, "out of memory") : 0;
}

int host_job_add(struct archive *archive, const struct boot *boot, const struct guest_kind *kind,
                 struct vms_error *error) {
    const char *options = boot->settings->options;
    char kib[32];
    int status = 0;

    if (options && strpbrk(options, "\"\\\n"))
        return error_set(error, -EINVAL,
                         "\"options\": no quotation marks, backslashes or line ends on an emulated host");
    status = add_script(archive, "host.sh", "job/host.sh", error);

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
    if (status == 0 && boot->token)
        status = archive_add_file(archive, "job/peer.token", boot->token, 0600);
    if (status == 0)
        status = add_guest(archive, boot, kind);
    return status < 0 ? error_set(error, status, "out of memory") : 0;
}
