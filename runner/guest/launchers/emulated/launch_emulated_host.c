/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guests on an emulated host (host_kind.h): a fair comparison on any machine, of what the ways of
 * virtualising do, not of what they cost on silicon. */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "guest/launchers/emulated/host_job.h"
#include "guest/launchers/emulated/host_tools.h"
#include "guest/launchers/emulated/hvm_kernel.h"
#include "guest/launchers/qemu.h"

#include <string.h>

#define MIB (UINT64_C(1) << 20)
/* What the host has beside its guest: dom0 with its RAM disks and tools, and what Xen itself takes. */
#define DOM0_MIB 1024
#define XEN_MIB 256
#define KVM_HOST_MIB 768
#define DOM0_KERNEL "dom0-kernel"

extern const struct launcher launcher_emulated_host;

#define HOST_KIND(...) (&(const struct host_kind){__VA_ARGS__})

/* Bare Linux on the emulated PC is detected as what it is, a machine of QEMU's. */
static const struct launcher_kind kinds[] = {
    {.name = "native", .virtualization = "qemu", .emulated = true, .own = HOST_KIND(.nested = false)},
    {.name = "kvm",
     .virtualization = "kvm",
     .emulated = true,
     .slowness = 42,
     .own = HOST_KIND(.nested = true, .console = "ttyS0")},
    {.name = "xen-pv",
     .virtualization = "xen-pv",
     .emulated = true,
     .slowness = 48,
     .own = HOST_KIND(.domain = "pv", .nested = true, .console = "hvc0")},
    {.name = "xen-pvh",
     .virtualization = "xen-pvh",
     .emulated = true,
     .slowness = 50,
     .own = HOST_KIND(.domain = "pvh", .nested = true, .console = "hvc0")},
    {.name = "xen-hvm",
     .virtualization = "xen-hvm",
     .emulated = true,
     .slowness = 105,
     .emulated_devices = true,
     .own = HOST_KIND(.domain = "hvm", .nested = true, .emulated_disks = true, .whole_pc = true,
                      .console = "ttyS0")},
    {.name = "xen-pvhvm",
     .virtualization = "xen-hvm",
     .emulated = true,
     .slowness = 80,
     .own = HOST_KIND(.domain = "hvm", .nested = true, .whole_pc = true, .console = "ttyS0")},
    {0}};

static const struct launcher_kind *row_of(const struct guest_settings *settings) {
    return launcher_kind(&launcher_emulated_host, settings->kind);
}

static struct boot_shape shape(const struct guest_settings *settings) {
    const struct host_kind *kind = row_of(settings)->own;
    bool kvm = kind->nested && !kind->domain;

    /* QEMU's SVM under a clock of instructions delivers interrupts twice; what is done about it (host-kvm.sh)
     * needs the kernel's help. */
    return (struct boot_shape){.hypervisor = kvm            ? "kvm"
                                             : kind->domain ? "xen"
                                                            : NULL,
                               .is_host = !kind->nested,
                               .unreliable = kvm && settings->icount};
}

/* The guest's kernel and archives. */
static int add_guest_files(struct archive *archive, const struct boot *boot, const struct hvm_kernel *kernel,
                           const char *initrd, struct vms_error *error) {
    const struct appliance *appliance = boot->appliance;
    const char *image = kernel ? kernel->setup : appliance->vmlinux ? appliance->vmlinux : appliance->kernel;

    if (archive_add_file(archive, HOST_KERNEL, image, 0644) < 0 ||
        archive_add_file(archive, HOST_INITRD, initrd, 0644) < 0 ||
        (kernel && archive_add_file(archive, HOST_KERNEL_REST, kernel->rest, 0644) < 0))
        return error_memory(error);
    return 0;
}

/* Everything of the host but what every boot begins with. */
static int fill_host(struct archive *archive, const struct boot *boot, const struct host_kind *kind,
                     const struct hvm_kernel *kernel, const char *initrd, struct vms_error *error) {
    const struct appliance *appliance = boot->appliance;
    int status = kind->domain ? host_tools_add_xen(archive, appliance->drivers, error)
                              : host_tools_add_kvm(archive, appliance->drivers, error);

    if (status == 0 && kernel)
        status = host_tools_add_device_model(archive, error);
    if (status == 0)
        status = host_job_add(archive, boot, kind, kernel, error);
    return status == 0 ? add_guest_files(archive, boot, kernel, initrd, error) : status;
}

static int write_host(const struct boot *boot, const struct host_kind *kind, const char *path,
                      struct vms_error *error) {
    const char *parts[] = {boot->job, boot->appliance->base, boot->appliance->payload, NULL};
    cleanup_free char *initrd = qemu_join(boot, "guest-initrd", parts, error);
    struct hvm_kernel kernel = {0};
    struct archive archive = {0};
    int status = initrd ? 0 : -EIO;

    if (status == 0 && kind->whole_pc)
        status = hvm_kernel_split(boot, initrd, &kernel, error);
    if (status == 0)
        status = fill_host(&archive, boot, kind, kind->whole_pc ? &kernel : NULL, initrd, error);
    if (status == 0)
        status = archive_write(&archive, path, error);
    archive_done(&archive);
    hvm_kernel_done(&kernel);
    if (initrd)
        (void)unlink(initrd);
    return status;
}

/* The host's first archives; its peer needs the payload, too. The caller frees; NULL with a sentence. */
static char *host_initrd(const struct boot *boot, const struct host_kind *kind, struct vms_error *error) {
    const char *parts[4] = {boot->appliance->base};
    cleanup_free char *host = NULL, *initrd = NULL;

    host = text_new("%s/host.cpio", boot->folder);
    if (!host) {
        (void)error_memory(error);
        return NULL;
    }
    if (write_host(boot, kind, host, error) < 0)
        return NULL;
    parts[1] = host;
    parts[2] = boot->token ? boot->appliance->payload : NULL;
    initrd = qemu_join(boot, "host-initrd", parts, error);
    (void)unlink(host);
    return TAKE(initrd);
}

static int add_devices(const struct boot *boot, struct argv *command, struct vms_error *error) {
    const struct guest_settings *settings = boot->settings;

    qemu_add_disk(command, &(struct qemu_disk){.file = boot->record, .name = "record"});
    if (boot->scratch)
        qemu_add_disk(command, &(struct qemu_disk){
                                   .file = boot->scratch, .name = QEMU_SCRATCH, .cache = settings->cache});
    return settings->peer_inside ? 0 : qemu_add_network(command, settings, false, error);
}

/* Xen as the kernel; dom0's kernel and archives as its modules. QEMU takes what follows a space in a module's
 * name for its command line, so that their names are short ones in the boot's folder, where QEMU is
 * started. */
static int add_xen(const struct boot *boot, const char *initrd, struct argv *command,
                   struct vms_error *error) {
    const struct appliance *appliance = boot->appliance;
    const char *kernel = appliance->vmlinux ? appliance->vmlinux : appliance->kernel;
    cleanup_free char *xen = host_tools_xen(boot, error), *link = NULL;

    if (!xen)
        return -ENOENT;
    link = text_new("%s/" DOM0_KERNEL, boot->folder);
    if (!link)
        return error_memory(error);
    if (symlink(kernel, link) < 0 && errno != EEXIST) /* of the first boot, where this is the second */
        return error_set(error, -errno, "%s cannot be made: %s", link, strerror(errno));
    argv_run_in(command, boot->folder);
    argv_add_all(command, (const char *[]){"-kernel", xen, "-append", NULL});
    argv_add(command,
             "console=com1 com1=115200,8n1 dom0_mem=%dM,max:%dM dom0_max_vcpus=1 noreboot loglvl=warning "
             "guest_loglvl=warning",
             DOM0_MIB, DOM0_MIB);
    argv_add(command, "-initrd");
    argv_add(command, DOM0_KERNEL " console=hvc0 quiet panic=-1,%s", strrchr(initrd, '/') + 1);
    return 0;
}

static void add_linux(const struct boot *boot, const char *initrd, struct argv *command) {
    const struct appliance *appliance = boot->appliance;
    const char *kernel = appliance->vmlinux ? appliance->vmlinux : appliance->kernel;

    argv_add_all(command, (const char *[]){"-kernel", kernel, "-initrd", initrd, "-append",
                                           "console=ttyS0 quiet panic=-1", NULL});
}

static int make_command(const struct boot *boot, struct argv *command, struct vms_error *error) {
    const struct host_kind *kind = row_of(boot->settings)->own;
    cleanup_free char *initrd = NULL;
    uint64_t mib = boot->settings->memory / MIB;
    int status = 0;

    if (!kind->nested)
        return qemu_command(boot, "tcg", command, error);
    initrd = host_initrd(boot, kind, error);
    if (!initrd)
        return -EIO;
    qemu_add_machine(command, boot->settings, "tcg",
                     mib + (kind->domain ? DOM0_MIB + XEN_MIB : KVM_HOST_MIB));
    qemu_add_console(command, false);
    status = add_devices(boot, command, error);
    if (status == 0 && kind->domain)
        status = add_xen(boot, initrd, command, error);
    else if (status == 0)
        add_linux(boot, initrd, command);
    if (status < 0)
        return status;
    return command->failed ? error_memory(error) : 0;
}

const struct launcher launcher_emulated_host = {
    .name = "emulated-host",
    .summary = "bare, or in a guest of KVM or Xen, on a PC that QEMU emulates",
    .kinds = kinds,
    .abilities = LAUNCHER_COUNTS | LAUNCHER_PEER_BESIDE | LAUNCHER_CACHE | LAUNCHER_OPTIONS,
    .named_by_kind = true,
    .slowness = 20,
    .stateless = "the guest's monitor is on the emulated host, which keeps nothing of it",
    .available = qemu_available,
    .command = make_command,
    .shape = shape,
    .emulator = qemu_version,
};
