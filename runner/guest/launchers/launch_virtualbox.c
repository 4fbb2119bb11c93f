/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machines of VirtualBox 7, through VBoxManage and VBoxHeadless (VirtualBox's User Guide, chapter
 * "VBoxManage"): the appliance's CD, and the job, the record and the scratch disk as disks. They are raw
 * files, described to VirtualBox by a descriptor of one flat extent (VMware Virtual Disk Format 1.1), so that
 * nothing is converted or copied back. Not yet run on the real thing. */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "common/locate.h"
#include "guest/appliance/image.h"
#include "guest/launchers/launcher.h"
#include "guest/tools/files.h"
#include "guest/tools/tool.h"

#include <string.h>
#include <sys/stat.h>

#define MANAGE "VBoxManage"
#define HEADLESS "VBoxHeadless"
#define DEADLINE_S 120
#define MIB (UINT64_C(1) << 20)
#define SECTOR 512
#define DISKS 3

static int available(struct vms_error *error) {
    cleanup_free char *manage = tool_find(MANAGE), *headless = tool_find(HEADLESS), *version = NULL;

    if (!manage || !headless)
        return error_set(error, -ENOTSUP, "there is no %s here: install VirtualBox",
                         manage ? HEADLESS : MANAGE);
    if (tool_run(&(struct tool){.argv = (const char *[]){MANAGE, "--version", NULL},
                                .deadline_s = 30,
                                .gains_privileges = true},
                 &version, error) < 0)
        return -ENOTSUP;
    return atoi(version) >= 7
               ? 0
               : error_set(error, -ENOTSUP, "VirtualBox has version %.40s: 7 is needed", version);
}

/* VBoxManage with up to 12 words. */
static int manage(struct vms_error *error, const char *const *words) {
    const char *argv[14] = {MANAGE};

    for (size_t i = 0; words[i] && i + 2 < VMS_LENGTH(argv); i++)
        argv[i + 1] = words[i];
    return tool_run(
        &(struct tool){
            .argv = argv, .deadline_s = DEADLINE_S, .gains_privileges = true, .outlives_signals = true},
        NULL, error);
}
#define MANAGE_WORDS(...) ((const char *[]){__VA_ARGS__, NULL})

/* Describes a raw file, at FILE.vmdk. The file is in the same folder. */
static int describe_disk(const char *file, const char *descriptor, struct vms_error *error) {
    cleanup_free char *text = NULL;
    struct stat status;

    if (stat(file, &status) < 0)
        return error_set(error, -errno, "%s: %s", file, strerror(errno));
    text = text_new(
        "# Disk "
        "DescriptorFile\nversion=1\nCID=%08x\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\n\n"
        "# Extent description\nRW %jd FLAT \"%s\" 0\n\n"
        "# The Disk Data Base\n#DDB\nddb.virtualHWVersion = \"4\"\nddb.adapterType = \"ide\"\n"
        "ddb.geometry.cylinders = \"%jd\"\nddb.geometry.heads = \"16\"\nddb.geometry.sectors = \"63\"\n",
        (unsigned)status.st_ino, (intmax_t)(status.st_size / SECTOR), strrchr(file, '/') + 1,
        (intmax_t)(status.st_size / SECTOR / (16 * 63)));
    if (!text)
        return error_memory(error);
    return files_write(text, descriptor, error);
}

/* The boot's disks, NULL-ended. The job's comes first, in whole MiB: smaller ones are refused by some. */
static int list_disks(const struct boot *boot, const char *disks[static DISKS + 1], struct vms_error *error) {
    struct stat status;

    if (stat(boot->job, &status) < 0 ||
        truncate(boot->job, (off_t)(((uint64_t)status.st_size + MIB - 1) / MIB * MIB)) < 0)
        return error_set(error, -errno, "%s: %s", boot->job, strerror(errno));
    disks[0] = boot->job;
    disks[1] = boot->record;
    disks[2] = boot->scratch;
    disks[3] = NULL;
    return 0;
}

static int attach_disk(const struct boot *boot, int port, const char *file, struct vms_error *error) {
    cleanup_free char *descriptor = NULL;
    char number[12];
    int status;

    if (!(descriptor = text_new("%s.vmdk", file)))
        return error_memory(error);
    (void)snprintf(number, sizeof(number), "%d", port);
    status = describe_disk(file, descriptor, error);
    return status < 0 ? status
                      : manage(error, MANAGE_WORDS("storageattach", boot_name(boot), "--storagectl", "disks",
                                                   "--port", number, "--device", "0", "--type", "hdd",
                                                   "--medium", descriptor));
}

static int attach_disks(const struct boot *boot, struct vms_error *error) {
    const char *disks[DISKS + 1];
    int status = list_disks(boot, disks, error);

    for (int i = 0; status == 0 && disks[i]; i++)
        status = attach_disk(boot, i, disks[i], error);
    return status;
}

static int add_card(const struct boot *boot, struct vms_error *error) {
    const struct guest_settings *settings = boot->settings;
    const char *name = boot_name(boot), *card = settings->emulated_devices ? "82540EM" : "virtio";

    if (!settings->network)
        return manage(error, MANAGE_WORDS("modifyvm", name, "--nic1", "none"));
    if (settings->bridge)
        return manage(error, MANAGE_WORDS("modifyvm", name, "--nic1", "bridged", "--nic-type1", card,
                                          "--bridge-adapter1", settings->bridge));
    return manage(error, MANAGE_WORDS("modifyvm", name, "--nic1", "nat", "--nic-type1", card,
                                      "--nat-localhostreachable1", "on"));
}

/* The machine itself: processors, memory, serial line into a file, network card. */
static int make_machine(const struct boot *boot, const char *console, struct vms_error *error) {
    const struct guest_settings *settings = boot->settings;
    const char *name = boot_name(boot);
    char vcpus[16], mib[24];
    int status = manage(error, MANAGE_WORDS("createvm", "--name", name, "--basefolder", boot->folder,
                                            "--ostype", "Linux_64", "--register"));

    (void)snprintf(vcpus, sizeof(vcpus), "%u", settings->vcpus);
    (void)snprintf(mib, sizeof(mib), "%ju", (uintmax_t)(settings->memory / MIB));
    if (status == 0)
        status = manage(error, MANAGE_WORDS("modifyvm", name, "--cpus", vcpus, "--memory", mib, "--ioapic",
                                            "on", "--boot1", "dvd", "--audio-driver", "none"));
    if (status == 0)
        status = manage(
            error, MANAGE_WORDS("modifyvm", name, "--uart1", "0x3F8", "4", "--uartmode1", "file", console));
    return status == 0 ? add_card(boot, error) : status;
}

/* The CD is on an IDE controller of its own, from which every BIOS boots. */
static int make_storage(const struct boot *boot, const char *iso, struct vms_error *error) {
    bool emulated = boot->settings->emulated_devices;
    const char *name = boot_name(boot);
    int status = manage(
        error, MANAGE_WORDS("storagectl", name, "--name", "boot", "--add", "ide", "--controller", "PIIX4"));

    if (status == 0)
        status = manage(error, MANAGE_WORDS("storageattach", name, "--storagectl", "boot", "--port", "0",
                                            "--device", "0", "--type", "dvddrive", "--medium", iso));
    if (status == 0)
        status = manage(error, MANAGE_WORDS("storagectl", name, "--name", "disks", "--add",
                                            emulated ? "sata" : "virtio", "--controller",
                                            emulated ? "IntelAhci" : "VirtIO", "--portcount", "3"));
    return status == 0 ? attach_disks(boot, error) : status;
}

static int make_command(const struct boot *boot, struct argv *command, struct vms_error *error) {
    cleanup_free char *attend = locate_helper("attend.sh", error), *iso = NULL, *console = NULL;
    int status;

    if (!attend)
        return -ENOENT;
    iso = image_iso(boot->appliance, error);
    console = text_new("%s/console", boot->folder);
    if (!iso)
        return -EIO;
    if (!console)
        return error_memory(error);
    status = make_machine(boot, console, error);
    if (status == 0)
        status = make_storage(boot, iso, error);
    argv_add_all(command, (const char *[]){"sh", attend, console, HEADLESS, "--startvm", boot_name(boot),
                                           "--vrde", "off", NULL});
    return status == 0 && command->failed ? error_memory(error) : status;
}

/* VirtualBox remembers machines and disks until it is asked to forget them. */
static void end(const struct boot *boot) {
    const char *name = boot_name(boot), *disks[] = {boot->job, boot->record, boot->scratch, NULL};

    (void)manage(NULL, MANAGE_WORDS("controlvm", name, "poweroff"));
    for (int i = 0; disks[i]; i++) {
        cleanup_free char *descriptor = NULL;
        char number[12];

        (void)snprintf(number, sizeof(number), "%d", i);
        (void)manage(NULL, MANAGE_WORDS("storageattach", name, "--storagectl", "disks", "--port", number,
                                        "--device", "0", "--medium", "none"));
        if ((descriptor = text_new("%s.vmdk", disks[i])))
            (void)manage(NULL, MANAGE_WORDS("closemedium", "disk", descriptor));
    }
    (void)manage(NULL, MANAGE_WORDS("unregistervm", name, "--delete"));
}

static struct boot_shape shape(const struct guest_settings *settings) {
    (void)settings;
    return (struct boot_shape){.image_disk = true}; /* the job's */
}

const struct launcher launcher_virtualbox = {
    .name = "virtualbox",
    .summary = "a machine of VirtualBox 7, from the appliance's CD",
    .kinds = (const struct launcher_kind[]){{.name = "", .virtualization = "virtualbox"}, {0}},
    .untested = true,
    .slowness = 4,
    .available = available,
    .command = make_command,
    .end = end,
    .shape = shape,
};
