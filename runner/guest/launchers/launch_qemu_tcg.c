/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guests of QEMU on this machine, emulated. */
#include "guest/launchers/qemu.h"

static int make_command(const struct boot *boot, struct argv *command, struct vms_error *error) {
    return qemu_command(boot, "tcg", command, error);
}

const struct launcher launcher_qemu_tcg = {
    .name = "qemu-tcg",
    .summary = "a guest of QEMU without an accelerator: the processor is emulated",
    .kinds = (const struct launcher_kind[]){{.name = "", .virtualization = "qemu", .emulated = true}, {0}},
    .abilities = LAUNCHER_COUNTS | LAUNCHER_CACHE | LAUNCHER_OPTIONS | LAUNCHER_STATES | LAUNCHER_TUNES,
    .slowness = 10,
    .available = qemu_available,
    .command = make_command,
    .emulator = qemu_version,
};
