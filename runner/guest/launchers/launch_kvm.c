/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guests of QEMU on this machine, with KVM. */
#include "guest/launchers/canary.h"
#include "guest/launchers/qemu.h"

static int make_command(const struct boot *boot, struct argv *command, struct vms_error *error) {
    return qemu_command(boot, "kvm", command, error);
}

const struct launcher launcher_kvm = {
    .name = "kvm",
    .summary = "a guest of this machine's KVM, which is first tried with a guest of a few instructions",
    .kinds = (const struct launcher_kind[]){{.name = "", .virtualization = "kvm"}, {0}},
    .abilities = LAUNCHER_CACHE | LAUNCHER_OPTIONS | LAUNCHER_STATES | LAUNCHER_TUNES,
    .slowness = 1.5,
    .available = canary_available,
    .command = make_command,
};
