/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guests of QEMU on this machine: emulated, and with KVM. */
#include "canary.h"
#include "cleanup.h"
#include "error.h"
#include "qemu.h"

#define MIB (UINT64_C(1) << 20)

static int make_command(const struct boot *boot, struct command *command, const char *accelerator,
                        struct vms_error *error) {
    const struct guest_settings *settings = boot->settings;
    const struct appliance *appliance = boot->appliance;
    cleanup_free char *initrd = qemu_join(
        boot, "initrd", (const char *[]){appliance->base, appliance->payload, boot->job, NULL}, error);

    if (!initrd)
        return -EIO;
    qemu_add_machine(command, settings, accelerator, settings->memory / MIB);
    qemu_add_devices(command, boot, settings->emulated_devices);
    command_add(command, "-kernel");
    command_add(command, "%s", appliance->vmlinux ? appliance->vmlinux : appliance->kernel);
    command_add(command, "-initrd");
    command_add(command, "%s", initrd);
    command_add(command, "-append");
    command_add(command, "console=ttyS0 quiet panic=-1%s%s", settings->options ? " " : "",
                settings->options ? settings->options : "");
    return command->failed ? error_set(error, -ENOMEM, "out of memory") : 0;
}

static int command_tcg(const struct boot *boot, struct command *command, struct vms_error *error) {
    return make_command(boot, command, "tcg", error);
}

static int command_kvm(const struct boot *boot, struct command *command, struct vms_error *error) {
    return make_command(boot, command, "kvm", error);
}

const struct launcher launcher_qemu_tcg = {
    .name = "qemu-tcg",
    .summary = "a guest of QEMU without an accelerator: the processor is emulated",
    .emulated = true,
    .slowness = 10,
    .available = qemu_available,
    .command = command_tcg,
};

const struct launcher launcher_kvm = {
    .name = "kvm",
    .summary = "a guest of this machine's KVM",
    .slowness = 1.5,
    .available = canary_available,
    .command = command_kvm,
};
