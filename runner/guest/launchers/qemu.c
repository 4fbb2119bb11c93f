/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/launchers/qemu.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/escape.h"
#include "base/text.h"
#include "guest/launchers/driven_port.h"
#include "guest/launchers/tap.h"
#include "guest/tools/files.h"
#include "guest/tools/tool.h"

#include <string.h>

#define MIB (UINT64_C(1) << 20)
#define MONITOR_PATH_MAX 100
#define TAP_WORD_SIZE (32 + 12 * GUEST_QUEUES_MAX)

int qemu_available(struct vms_error *error) {
    cleanup_free char *path = tool_find(QEMU_PROGRAM);

    return path ? 0
                : error_set(error, -ENOTSUP,
                            "there is no " QEMU_PROGRAM " here: install Debian's qemu-system-x86");
}

char *qemu_version(void) {
    char *text = NULL;

    if (tool_run(&(struct tool){.argv = (const char *[]){QEMU_PROGRAM, "--version", NULL}, .deadline_s = 60},
                 &text, &(struct vms_error){""}) < 0)
        return NULL;
    text[strcspn(text, "\n")] = '\0';
    return text;
}

void qemu_add_machine(struct argv *command, const struct guest_settings *settings, const char *accelerator,
                      uint64_t memory_mib) {
    static const char *const plain[] = {
        "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-monitor", "none", "-M", "pc",
        NULL};
    bool kvm = strcmp(accelerator, "kvm") == 0;

    argv_add(command, QEMU_PROGRAM);
    argv_add_all(command, plain);
    argv_add(command, "-accel");
    argv_add(command, "%s", accelerator);
    argv_add(command, "-cpu");
    argv_add(command, "%s", kvm ? "host" : QEMU_CPU);
    argv_add(command, "-smp");
    argv_add(command, "%u", settings->vcpus);
    argv_add(command, "-m");
    argv_add(command, "%ju", (uintmax_t)memory_mib);
    if (settings->icount && !kvm) {
        argv_add(command, "-icount");
        argv_add(command, "shift=1,sleep=off");
    }
}

void qemu_add_console(struct argv *command, bool driven) {
    if (!driven) {
        argv_add_all(command, (const char *[]){"-serial", "stdio", NULL});
        return;
    }
    argv_add_all(command, (const char *[]){"-chardev", "file,id=console,path=/dev/fd/2,append=on", "-serial",
                                           "chardev:console", "-device", "virtio-serial-pci", "-chardev",
                                           "stdio,id=agent,signal=off", "-device", NULL});
    argv_add(command, "virtserialport,chardev=agent,name=%s", DRIVEN_PORT);
}

void qemu_add_disk(struct argv *command, const struct qemu_disk *disk) {
    cleanup_free char *escaped = escape_text(ESCAPE_QEMU, disk->file);
    char queues[32] = "";

    argv_add(command, "-drive");
    if (escaped)
        argv_add(command, "file=%s,if=none,id=%s,format=%s,cache=%s,aio=threads", escaped, disk->name,
                 disk->format ? disk->format : "raw", disk->cache ? disk->cache : "writeback");
    else
        command->failed = true;
    if (disk->queues > 0)
        (void)snprintf(queues, sizeof(queues), ",num-queues=%u", disk->queues);
    argv_add(command, "-device");
    argv_add(command, "%s,drive=%s%s", disk->emulated ? "ide-hd" : "virtio-blk-pci", disk->name, queues);
}

void qemu_add_card(struct argv *command, const char *network, const char *address, bool many, bool emulated) {
    argv_add(command, "-netdev");
    argv_add(command, "%s,id=net0", network);
    argv_add(command, "-device");
    argv_add(command, "%s,netdev=net0,romfile=%s%s%s", emulated ? "e1000" : "virtio-net-pci",
             many ? ",mq=on" : "", address ? ",mac=" : "", address ? address : "");
}

/* Cards on one bridge need addresses of their own: the last three bytes of the guest's IP address do. */
static int add_tap(struct argv *command, const struct guest_settings *settings, bool emulated,
                   struct vms_error *error) {
    unsigned queues = settings->queues > 0 ? settings->queues : 1;
    char network[TAP_WORD_SIZE], address[18];
    unsigned char bytes[4] = {0};
    int fds[GUEST_QUEUES_MAX], length = 0;
    int status = tap_open(settings->bridge, queues, fds, error);

    for (unsigned i = 0; status == 0 && i < queues; i++) {
        argv_keep(command, fds[i]);
        length += snprintf(&network[length], sizeof(network) - (size_t)length, "%s%d",
                           i > 0        ? ":"
                           : queues > 1 ? "tap,fds="
                                        : "tap,fd=",
                           fds[i]);
    }
    if (status < 0)
        return status;
    (void)snprintf(&network[length], sizeof(network) - (size_t)length, settings->vhost ? ",vhost=on" : "");
    (void)sscanf(settings->address, "%hhu.%hhu.%hhu.%hhu", &bytes[0], &bytes[1], &bytes[2], &bytes[3]);
    (void)snprintf(address, sizeof(address), "52:54:00:%02x:%02x:%02x", bytes[1], bytes[2], bytes[3]);
    qemu_add_card(command, network, address, queues > 1, emulated);
    return 0;
}

int qemu_add_network(struct argv *command, const struct guest_settings *settings, bool emulated,
                     struct vms_error *error) {
    if (settings->bridge)
        return add_tap(command, settings, emulated, error);
    if (settings->network)
        qemu_add_card(command, "user", NULL, false, emulated);
    return 0;
}

char *qemu_join(const struct boot *boot, const char *name, const char *const *files,
                struct vms_error *error) {
    cleanup_free char *path = text_new("%s/%s", boot->folder, name);

    if (!path) {
        (void)error_memory(error);
        return NULL;
    }
    return files_join(files, path, error) == 0 ? TAKE(path) : NULL;
}

/* The names of sockets are short (unix(7)): in a folder that is far down there is no monitor. */
static void add_monitor(struct argv *command, const char *folder) {
    cleanup_free char *escaped = escape_text(ESCAPE_QEMU, folder);

    if (!escaped)
        command->failed = true;
    else if (strlen(folder) + strlen("/" QEMU_MONITOR) < MONITOR_PATH_MAX) {
        argv_add(command, "-qmp");
        argv_add(command, "unix:%s/" QEMU_MONITOR ",server=on,wait=off", escaped);
    }
}

int qemu_command(const struct boot *boot, const char *accelerator, struct argv *command,
                 struct vms_error *error) {
    const struct guest_settings *settings = boot->settings;
    const struct appliance *appliance = boot->appliance;
    const char *parts[] = {appliance->base, appliance->payload, boot->job, NULL};
    cleanup_free char *initrd = qemu_join(boot, "initrd", parts, error);

    if (!initrd)
        return -EIO;
    qemu_add_machine(command, settings, accelerator, settings->memory / MIB);
    qemu_add_console(command, boot->channel);
    add_monitor(command, boot->folder);
    if (boot->record)
        qemu_add_disk(command, &(struct qemu_disk){.file = boot->record,
                                                   .name = "record",
                                                   .emulated = settings->emulated_devices});
    if (boot->scratch)
        qemu_add_disk(command, &(struct qemu_disk){.file = boot->scratch,
                                                   .name = QEMU_SCRATCH,
                                                   .format = settings->format,
                                                   .cache = settings->cache,
                                                   .queues = settings->queues,
                                                   .emulated = settings->emulated_devices});
    if (qemu_add_network(command, settings, settings->emulated_devices, error) < 0)
        return -EIO;
    argv_add(command, "-kernel");
    argv_add(command, "%s", appliance->vmlinux ? appliance->vmlinux : appliance->kernel);
    argv_add(command, "-initrd");
    argv_add(command, "%s", initrd);
    argv_add(command, "-append");
    /* On a busy host an emulated machine's timer is late, and a kernel that tries it panics. Boots that
     * others are compared with are left as they are. */
    argv_add(command, "console=ttyS0 quiet panic=-1%s%s%s", boot->channel ? " no_timer_check" : "",
             settings->options ? " " : "", settings->options ? settings->options : "");
    return command->failed ? error_memory(error) : 0;
}
