/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/launchers/canary.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "guest/launchers/qemu.h"
#include "guest/tools/tool.h"

#include <fcntl.h>
#include <string.h>

#define DEVICE "/dev/kvm"
#define DEADLINE_S 60 /* on a busy machine; on an idle one it takes half a second */
#define IDLE_S 10     /* a guest that KVM cannot go on with is paused, and QEMU stays */

/* The first of QEMU's machines that it has been built with: the small one has a firmware that takes a few
 * milliseconds, that of the other takes seconds where exits are expensive. */
static const char *const machines[] = {"microvm", "pc"};

/* A multiboot kernel of a few instructions (the Multiboot specification 0.6.96): its code leaves by QEMU's
 * isa-debug-exit port, which ends QEMU with status (0x2a << 1) | 1 = 85. 32-bit flat code, loaded at 1 MiB
 * where the address fields of the head say so. */
static const unsigned char kernel[] = {
    0x02, 0xb0, 0xad, 0x1b, /* magic 0x1badb002 */
    0x00, 0x00, 0x01, 0x00, /* flags: the address fields are valid */
    0xfe, 0x4f, 0x51, 0xe4, /* checksum: the three add up to 0 */
    0x00, 0x00, 0x10, 0x00, /* where this head is in memory */
    0x00, 0x00, 0x10, 0x00, /* where loading starts */
    0x00, 0x00, 0x00, 0x00, /* ends: with the file */
    0x00, 0x00, 0x00, 0x00, /* no bss */
    0x20, 0x00, 0x10, 0x00, /* entry: what follows */
    0xb0, 0x2a,             /* mov al, 0x2a */
    0x66, 0xba, 0xf4, 0x00, /* mov dx, 0xf4 */
    0xee,                   /* out dx, al */
    0xf4, 0xeb, 0xfd,       /* hlt for ever */
};
#define EXIT_WANTED 85

/* Runs it. 0; -ENOTSUP where it did not run, -ETIMEDOUT where it did not end, with a sentence. */
static int boot_on(const char *machine, const char *file, struct vms_error *error) {
    const char *argv[] = {QEMU_PROGRAM,
                          "-nodefaults",
                          "-no-user-config",
                          "-no-reboot",
                          "-display",
                          "none",
                          "-M",
                          machine,
                          "-accel",
                          "kvm",
                          "-m",
                          "16",
                          "-kernel",
                          file,
                          "-device",
                          "isa-debug-exit,iobase=0xf4,iosize=4",
                          NULL};
    const struct tool tool = {.argv = argv, .deadline_s = DEADLINE_S, .idle_s = IDLE_S};
    struct vms_error why = {""};
    int exit_status = 0, status = tool_wait(&tool, &exit_status, &why);

    if (status == 0 && exit_status == EXIT_WANTED)
        return 0;
    return error_set(error, status == -ETIMEDOUT ? status : -ENOTSUP,
                     DEVICE " is present but unusable: %s%.300s",
                     status == -ETIMEDOUT ? "a guest of a few instructions did not end: " : "",
                     *why.text ? why.text : "a guest of a few instructions did not run");
}

/* A guest that begins and does not end would not end on another machine either. */
static int boot(const char *file, struct vms_error *error) {
    int status = -ENOTSUP;

    for (size_t i = 0; i < VMS_LENGTH(machines) && status == -ENOTSUP; i++)
        status = boot_on(machines[i], file, error);
    return status == -ETIMEDOUT ? -ENOTSUP : status;
}

static int ask(struct vms_error *error) {
    char path[] = "/tmp/vmsuite-canary-XXXXXX";
    cleanup_close int device = -1, file = -1;
    int status = qemu_available(error);

    if (status < 0)
        return status;
    device = open(DEVICE, O_RDWR | O_CLOEXEC);
    if (device < 0)
        return error_set(error, -ENOTSUP,
                         errno == ENOENT   ? "this machine has no KVM: " DEVICE ": %s"
                         : errno == EACCES ? DEVICE ": %s; become a member of its group (usually kvm)"
                                           : DEVICE ": %s",
                         strerror(errno));
    file = mkostemp(path, O_CLOEXEC);
    if (file < 0 || write(file, kernel, sizeof(kernel)) != (ssize_t)sizeof(kernel))
        return error_set(error, -EIO, "%s cannot be written: %s", path, strerror(errno));
    status = boot(path, error);
    (void)unlink(path);
    return status;
}

int canary_available(struct vms_error *error) {
    static struct vms_error answer;
    static int status = 1;

    if (status > 0)
        status = ask(&answer);
    return status < 0 ? error_set(error, status, "%s", answer.text) : 0;
}
