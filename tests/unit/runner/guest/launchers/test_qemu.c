/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How QEMU is called: every word, for machines that differ in one thing each. */
#include "guest/launchers/qemu.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "guest/tools/argv.h"

#include "fakes/folder.h"
#include "unit/descriptors.h"

/* What stands in each of them, with a blank between two words and "@" for the boot's folder. */
#define PLAIN                                                                                                \
    "qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none -monitor none -M pc -accel "
#define TCG PLAIN "tcg -cpu max,-smap,-rdtscp,-xsave -smp 3 -m 512 "
#define KVM PLAIN "kvm -cpu host -smp 3 -m 512 "
#define CHANNEL                                                                                              \
    "-chardev file,id=console,path=/dev/fd/2,append=on -serial chardev:console -device virtio-serial-pci "   \
    "-chardev stdio,id=agent,signal=off -device virtserialport,chardev=agent,name=vmsuite.agent "
#define MONITOR "-qmp unix:@/qmp,server=on,wait=off "
#define DISK(name, file)                                                                                     \
    "-drive file=@/" file ",if=none,id=" name ",format=raw,cache=writeback,aio=threads -device "
#define RECORD DISK("record", "r,,1") "virtio-blk-pci,drive=record "
#define RECORD_IDE DISK("record", "r,,1") "ide-hd,drive=record "
#define CARD "-netdev user,id=net0 -device virtio-net-pci,netdev=net0,romfile= "
#define CARD_E1000 "-netdev user,id=net0 -device e1000,netdev=net0,romfile= "
#define KERNEL "-kernel @/k -initrd @/initrd -append console=ttyS0 quiet panic=-1"
#define BEGIN "-serial stdio " MONITOR RECORD

struct machine_row {
    const char *accelerator, *words;
    struct guest_settings settings;
    bool is_driven, has_scratch, has_vmlinux;
};

static const struct machine_row rows[] = {
    {"tcg", TCG BEGIN KERNEL, .is_driven = false},
    {"kvm", KVM BEGIN KERNEL, .is_driven = false},
    {"tcg", TCG BEGIN "-kernel @/v -initrd @/initrd -append console=ttyS0 quiet panic=-1",
     .has_vmlinux = true},
    {"tcg", TCG "-icount shift=1,sleep=off " BEGIN KERNEL, .settings = {.icount = true}},
    {"kvm", KVM BEGIN KERNEL, .settings = {.icount = true}},
    {"tcg", TCG BEGIN KERNEL " nokaslr a=b", .settings = {.options = (char[]){"nokaslr a=b"}}},
    {"tcg", TCG CHANNEL MONITOR KERNEL " no_timer_check", .is_driven = true},
    {"tcg", TCG CHANNEL MONITOR KERNEL " no_timer_check a", .settings = {.options = (char[]){"a"}},
     .is_driven = true},
    {"tcg", TCG BEGIN CARD KERNEL, .settings = {.network = true}},
    {"tcg", TCG "-serial stdio " MONITOR RECORD_IDE CARD_E1000 KERNEL,
     .settings = {.network = true, .emulated_devices = true}},
    {"kvm", KVM BEGIN DISK("scratch", "s") "virtio-blk-pci,drive=scratch " KERNEL, .has_scratch = true},
    {"kvm", KVM BEGIN DISK("scratch", "s") "virtio-blk-pci,drive=scratch,num-queues=4 " KERNEL,
     .settings = {.queues = 4}, .has_scratch = true},
    {"kvm",
     KVM BEGIN "-drive file=@/s,if=none,id=scratch,format=qcow2,cache=none,aio=threads -device "
               "virtio-blk-pci,drive=scratch " KERNEL,
     .settings = {.format = (char[]){"qcow2"}, .cache = (char[]){"none"}}, .has_scratch = true},
    {"tcg", TCG "-serial stdio " MONITOR RECORD_IDE DISK("scratch", "s") "ide-hd,drive=scratch " KERNEL,
     .settings = {.emulated_devices = true}, .has_scratch = true},
};

/* The row's text with the folder for "@"; the caller frees. */
static char *expand(const char *words, const char *folder) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    for (; *words; words++)
        if (*words == '@')
            (void)fputs(folder, file);
        else
            (void)fputc(*words, file);
    assert_int_equal(fclose(file), 0);
    return text;
}

/* The command's words with a blank between two; the caller frees. */
static char *join(const struct argv *command) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    for (size_t i = 0; i < command->n_words; i++)
        (void)fprintf(file, "%s%s", i > 0 ? " " : "", command->words[i]);
    assert_int_equal(fclose(file), 0);
    assert_null(command->words[command->n_words]);
    return text;
}

static void check_command(const struct machine_row *row, const struct folder *folder) {
    char base[PATH_MAX], payload[PATH_MAX], job[PATH_MAX], record[PATH_MAX], scratch[PATH_MAX],
        kernel[PATH_MAX], vmlinux[PATH_MAX];
    const struct appliance appliance = {
        .kernel = (char *)folder_join(kernel, folder, "k"),
        .vmlinux = row->has_vmlinux ? (char *)folder_join(vmlinux, folder, "v") : NULL,
        .base = (char *)folder_join(base, folder, "base"),
        .payload = (char *)folder_join(payload, folder, "payload")};
    struct guest_settings settings = row->settings;
    const struct boot boot = {.settings = &settings,
                              .appliance = &appliance,
                              .folder = folder->path,
                              .job = folder_join(job, folder, "job"),
                              .record = row->is_driven ? NULL : folder_join(record, folder, "r,1"),
                              .scratch = row->has_scratch ? folder_join(scratch, folder, "s") : NULL,
                              .channel = row->is_driven};
    cleanup_free char *wanted = expand(row->words, folder->path), *words = NULL;
    struct vms_error error = {""};
    struct argv command = {0};

    settings.vcpus = 3;
    settings.memory = UINT64_C(512) << 20;
    assert_int_equal(qemu_command(&boot, row->accelerator, &command, &error), 0);
    words = join(&command);
    assert_string_equal(words, wanted);
    argv_done(&command);
}

/* First process, program and job, in that order: what stands behind replaces what stands before. */
static void assert_joined(const struct folder *folder) {
    char path[PATH_MAX], text[64] = "";
    FILE *file = fopen(folder_join(path, folder, "initrd"), "re");

    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof(text) - 1, file), strlen("first+program+job"));
    assert_string_equal(text, "first+program+job");
    (void)fclose(file);
}

static void command__has_every_word(void **state) {
    const struct folder *folder = *state;

    folder_write(folder->path, "/base", "first+");
    folder_write(folder->path, "/payload", "program+");
    folder_write(folder->path, "/job", "job");
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        check_command(&rows[i], folder);
        assert_joined(folder);
    }
}

/* A card's address comes from the guest's own, and several queues are said. */
static void card__on_a_bridge(void **state) {
    cleanup_free char *words = NULL;
    struct argv command = {0};

    (void)state;
    qemu_add_card(&command, "tap,fd=7", "52:54:00:00:00:02", false, false);
    qemu_add_card(&command, "tap,fds=7:8", NULL, true, true);
    words = join(&command);
    assert_string_equal(words, "-netdev tap,fd=7,id=net0 -device "
                               "virtio-net-pci,netdev=net0,romfile=,mac=52:54:00:00:00:02 "
                               "-netdev tap,fds=7:8,id=net0 -device e1000,netdev=net0,romfile=,mq=on");
    argv_done(&command);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(command__has_every_word, folder_set_up, folder_tear_down),
        cmocka_unit_test(card__on_a_bridge),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
