/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guests of QEMU on this machine: emulated, and with KVM. */
#include "guest/launchers/canary.h"
#include "guest/launchers/qemu.h"

static int command_tcg(const struct boot *boot, struct command *command, struct vms_error *error) {
    return qemu_command(boot, "tcg", command, error);
}

static int command_kvm(const struct boot *boot, struct command *command, struct vms_error *error) {
    return qemu_command(boot, "kvm", command, error);
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
    .summary = "a guest of this machine's KVM, as far as a guest of a few instructions tells",
    .slowness = 1.5,
    .available = canary_available,
    .command = command_kvm,
};
