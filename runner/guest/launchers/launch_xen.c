/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Domains of the Xen that this machine is dom0 of, through xl(1). `xl create -F -c` stays until the domain is
 * gone and repeats its console; killed, it leaves the domain behind, which is then destroyed by name. */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "guest/launchers/qemu.h"
#include "guest/launchers/xen_domain.h"
#include "guest/tools/tool.h"

#include <string.h>

/* xl reaches Xen in dom0 alone, and for root alone. */
static int available(struct vms_error *error) {
    cleanup_free char *program = tool_find("xl");
    struct vms_error why = {""};

    if (!program)
        return error_set(error, -ENOTSUP, "there is no xl here: this is for Xen's dom0 (Debian's xen-utils)");
    if (tool_run(&(struct tool){.argv = (const char *[]){"xl", "info", NULL}, .deadline_s = 30}, NULL, &why) <
        0)
        return error_set(error, -ENOTSUP, "Xen cannot be reached; only root in dom0 can: %s", why.text);
    return 0;
}

/* The domain's configuration, in the boot's folder. */
static int write_domain(const struct boot *boot, const char *initrd, const char *path,
                        struct vms_error *error) {
    const struct appliance *appliance = boot->appliance;
    const struct guest_settings *settings = boot->settings;
    bool hvm = strcmp(settings->kind, "hvm") == 0;
    cleanup_fclose FILE *text = fopen(path, "we");
    cleanup_free char *vif = NULL;

    if (!text)
        return error_set(error, -errno, "%s cannot be written: %s", path, strerror(errno));
    if (settings->network && !(vif = text_new("bridge=%s", settings->bridge)))
        return error_memory(error);
    xen_domain_print(text,
                     &(struct xen_domain){
                         .name = boot_name(boot),
                         .type = settings->kind,
                         .kernel = hvm || !appliance->vmlinux ? appliance->kernel : appliance->vmlinux,
                         .ramdisk = initrd,
                         .console = hvm ? "ttyS0" : "hvc0",
                         .serial = "pty",
                         .disks = {boot->record, boot->scratch},
                         .vif = vif,
                         .emulated = settings->emulated_devices,
                     },
                     settings);
    return fflush(text) == 0 && !ferror(text)
               ? 0
               : error_set(error, -EIO, "%s cannot be written: %s", path, strerror(errno));
}

/* xl's networks are bridges, and only a whole PC has a PC's devices. */
static int check(const struct guest_settings *settings, struct vms_error *error) {
    if (settings->network && !settings->bridge)
        return error_set(error, -EINVAL,
                         "\"network\": Xen has no \"user\" network that leads to this host: choose "
                         "\"bridge\" or \"none\"");
    if (settings->emulated_devices && strcmp(settings->kind, "hvm") != 0)
        return error_set(error, -EINVAL, "\"devices\": only an hvm domain has emulated ones");
    return 0;
}

static int make_command(const struct boot *boot, struct argv *command, struct vms_error *error) {
    const struct appliance *appliance = boot->appliance;
    const char *parts[] = {appliance->base, appliance->payload, boot->job, NULL};
    cleanup_free char *initrd = NULL, *path = NULL;
    int status;

    initrd = qemu_join(boot, "initrd", parts, error);
    if (!initrd)
        return -EIO;
    path = text_new("%s/domain.cfg", boot->folder);
    if (!path)
        return error_memory(error);
    status = write_domain(boot, initrd, path, error);
    argv_add_all(command, (const char *[]){"xl", "create", "-F", "-c", path, NULL});
    return status == 0 && command->failed ? error_memory(error) : status;
}

static void end(const struct boot *boot) {
    const char *argv[] = {"xl", "destroy", boot_name(boot), NULL};

    (void)tool_run(&(struct tool){.argv = argv, .deadline_s = 60, .outlives_signals = true}, NULL, NULL);
}

const struct launcher launcher_xen = {
    .name = "xen",
    .summary = "a domain of this machine's Xen: pv, pvh or hvm, through xl",
    .kinds = (const struct launcher_kind[]){{.name = "pv", .virtualization = "xen-pv"},
                                            {.name = "pvh", .virtualization = "xen-pvh"},
                                            {.name = "hvm", .virtualization = "xen-hvm"},
                                            {0}},
    .abilities = LAUNCHER_OPTIONS,
    .untested = true,
    .slowness = 4,
    .available = available,
    .check = check,
    .command = make_command,
    .end = end,
};
