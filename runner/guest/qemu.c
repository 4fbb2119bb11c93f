/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qemu.h"

#include "cleanup.h"
#include "error.h"
#include "tool.h"

#include <string.h>

int qemu_available(struct vms_error *error) {
    cleanup_free char *path = tool_find(QEMU_PROGRAM);

    return path ? 0
                : error_set(error, -ENOTSUP,
                            "there is no " QEMU_PROGRAM " here: install Debian's qemu-system-x86");
}

void qemu_add_machine(struct command *command, const struct guest_settings *settings, const char *accelerator,
                      uint64_t memory_mib) {
    static const char *const plain[] = {
        "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-monitor",
        "none",        "-serial",         "stdio",      "-M",       "pc",   NULL};
    bool kvm = strcmp(accelerator, "kvm") == 0;

    command_add(command, QEMU_PROGRAM);
    command_add_all(command, plain);
    command_add(command, "-accel");
    command_add(command, "%s", accelerator);
    command_add(command, "-cpu");
    command_add(command, "%s", kvm ? "host" : QEMU_CPU);
    command_add(command, "-smp");
    command_add(command, "%u", settings->vcpus);
    command_add(command, "-m");
    command_add(command, "%ju", (uintmax_t)memory_mib);
    if (settings->icount && !kvm) {
        command_add(command, "-icount");
        command_add(command, "shift=1,sleep=off");
    }
}

static void add_disk(struct command *command, const char *file, const char *name, const char *cache,
                     bool emulated) {
    command_add(command, "-drive");
    command_add(command, "file=%s,if=none,id=%s,format=raw,cache=%s,aio=threads", file, name, cache);
    command_add(command, "-device");
    command_add(command, emulated ? "ide-hd,drive=%s" : "virtio-blk-pci,drive=%s", name);
}

void qemu_add_devices(struct command *command, const struct boot *boot, bool emulated) {
    add_disk(command, boot->record, "record", "writeback", emulated);
    if (boot->scratch)
        add_disk(command, boot->scratch, "scratch", boot->settings->cache, emulated);
    if (!boot->settings->network)
        return;
    command_add(command, "-netdev");
    command_add(command, "user,id=net0");
    command_add(command, "-device");
    command_add(command, "%s,netdev=net0,romfile=", emulated ? "e1000" : "virtio-net-pci");
}

/* Appends `from` to `to`. */
static int append(FILE *to, const char *from, struct vms_error *error) {
    cleanup_fclose FILE *file = fopen(from, "re");
    char block[65536];
    size_t count;

    if (!file)
        return error_set(error, -errno, "%s cannot be read: %s", from, strerror(errno));
    while ((count = fread(block, 1, sizeof(block), file)) > 0)
        (void)fwrite(block, 1, count, to);
    return ferror(file) ? error_set(error, -EIO, "%s cannot be read", from) : 0;
}

char *qemu_join(const struct boot *boot, const char *name, const char *const *files,
                struct vms_error *error) {
    cleanup_free char *path = NULL;
    cleanup_fclose FILE *joined = NULL;

    if (asprintf(&path, "%s/%s", boot->folder, name) < 0) {
        path = NULL;
        (void)error_set(error, -ENOMEM, "out of memory");
        return NULL;
    }
    joined = fopen(path, "we");
    if (!joined) {
        (void)error_set(error, -errno, "%s cannot be written: %s", path, strerror(errno));
        return NULL;
    }
    for (; *files; files++)
        if (append(joined, *files, error) < 0)
            return NULL;
    if (fflush(joined) == 0 && !ferror(joined))
        return TAKE(path);
    (void)error_set(error, -EIO, "%s cannot be written: %s", path, strerror(errno));
    return NULL;
}
