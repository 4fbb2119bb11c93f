/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest's first process finds of its machine: disks and a port of virtio-serial that appear some time
 * after it began, on a machine that is a folder, whose time passes by its pauses only. */
#include "guest/appliance/init/init.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "guest/exchange/handout.h"
#include "guest/launchers/driven_port.h"

#include "unit/descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cmocka.h>

#define PAUSE_US 20000      /* between two looks for a port */
#define DISK_PAUSE_US 50000 /* between two looks for disks */
#define HEAD 2048           /* bytes of a disk that are looked at */

int fake_open(const char *path, int flags, ...) __asm__("open");
int fake_open64(const char *path, int flags, ...) __asm__("open64");
DIR *fake_opendir(const char *path) __asm__("opendir");
FILE *fake_fopen(const char *path, const char *mode) __asm__("fopen");
FILE *fake_fopen64(const char *path, const char *mode) __asm__("fopen64");
int fake_poll(struct pollfd *fds, nfds_t n, int timeout) __asm__("poll");
int fake_usleep(useconds_t us) __asm__("usleep");
int fake_execl(const char *path, const char *word, ...) __asm__("execl");

static struct {
    char folder[64];
    uint64_t now_us;
    uint64_t shown_us;     /* from when on there is what is in /sys */
    uint64_t connected_us; /* from when on the host is at the other end of a port */
    int status;            /* of the agent */
    char drivers[64];      /* that were loaded, with their parameters */
} machine;

static const char *real(const char *path) {
    static char there[512];

    if (strncmp(path, "/dev/", 5) != 0 && strncmp(path, "/sys/", 5) != 0 && strncmp(path, "/job/", 5) != 0)
        return path;
    (void)snprintf(there, sizeof(there), "%s%.400s", machine.folder, path);
    return there;
}

static int open_file(const char *path, int flags) {
    return (int)syscall(SYS_openat, AT_FDCWD, real(path), flags, 0600);
}

int fake_open(const char *path, int flags, ...) {
    return open_file(path, flags);
}

int fake_open64(const char *path, int flags, ...) {
    return open_file(path, flags);
}

DIR *fake_opendir(const char *path) {
    int fd = open_file(machine.now_us < machine.shown_us ? "" : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd < 0 ? NULL : fdopendir(fd);
}

FILE *fake_fopen(const char *path, const char *mode) {
    int fd = open_file(path, O_RDONLY | O_CLOEXEC);

    return fd < 0 ? NULL : fdopen(fd, mode);
}

FILE *fake_fopen64(const char *path, const char *mode) {
    return fake_fopen(path, mode);
}

int fake_poll(struct pollfd *fds, nfds_t n, int timeout) {
    assert_int_equal(n, 1);
    assert_int_equal(timeout, 0);
    fds->revents = machine.now_us < machine.connected_us ? POLLHUP : 0;
    return fds->revents != 0;
}

int fake_usleep(useconds_t us) {
    machine.now_us += us;
    return 0;
}

/* The agent, which has the port as its input and its output. The child ends here whatever comes. */
int fake_execl(const char *path, const char *word, ...) {
    struct stat port, in, out;
    bool is_right = strcmp(path, "/bin/vmsuite") == 0 && strcmp(word, "vmsuite") == 0;
    va_list more;

    va_start(more, word);
    is_right = is_right && strcmp(va_arg(more, const char *), "agent") == 0 && !va_arg(more, const char *);
    va_end(more);
    is_right = is_right && stat(real("/dev/vport1p2"), &port) == 0 && fstat(STDIN_FILENO, &in) == 0 &&
               fstat(STDOUT_FILENO, &out) == 0 && in.st_ino == port.st_ino && out.st_ino == port.st_ino;
    _exit(is_right ? machine.status : 99);
}

static void note_driver(const char *name, const char *parameters) {
    size_t used = strlen(machine.drivers);

    (void)snprintf(machine.drivers + used, sizeof(machine.drivers) - used, "%s(%s)", name, parameters);
}

void drivers_load(const char *list) {
    note_driver(list, "list");
}

void drivers_load_one(const char *name, const char *parameters) {
    note_driver(name, parameters);
}

static void write_file(const char *path, const char *bytes, size_t length) {
    cleanup_free char *folder = strdup(real(path)), *command = NULL;
    int fd;

    *strrchr(folder, '/') = '\0';
    command = text_new("mkdir -p %s", folder);
    assert_int_equal(system(command), 0);
    fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), (ssize_t)length);
    (void)close(fd);
}

static void begin(void) {
    memset(&machine, 0, sizeof(machine));
    strcpy(machine.folder, "/tmp/vmsuite-init-XXXXXX");
    assert_non_null(mkdtemp(machine.folder));
}

static void end(void) {
    cleanup_free char *command = text_new("rm -r %s", machine.folder);

    assert_int_equal(system(command), 0);
}

static void write_port(const char *port, const char *name) {
    cleanup_free char *file = text_new("/sys/class/virtio-ports/%s/name", port),
                      *node = text_new("/dev/%s", port);

    write_file(file, name, strlen(name));
    write_file(node, "", 0);
}

/* The agent begins once its port is there and the host is at its other end, by the pause, and not before; the
 * machine's other ports are left alone. */
static void agent__begins_when_the_host_is_there(void **state) {
    static const struct {
        uint64_t shown_us, connected_us;
        const char *name; /* of the port that it should find */
        int agent, status;
        uint64_t waited_us;
    } rows[] = {
        {0, 0, DRIVEN_PORT "\n", 0, 0, 0},
        {0, 0, DRIVEN_PORT, 0, 0, 0},
        {7 * PAUSE_US, 0, DRIVEN_PORT "\n", 0, 0, 7 * PAUSE_US},
        {0, 5 * PAUSE_US, DRIVEN_PORT "\n", 0, 0, 5 * PAUSE_US},
        {2 * PAUSE_US, 3 * PAUSE_US, DRIVEN_PORT "\n", 0, 0, 3 * PAUSE_US},
        {0, 999 * PAUSE_US, DRIVEN_PORT "\n", 0, 0, 999 * PAUSE_US},
        {0, 1000 * PAUSE_US, DRIVEN_PORT "\n", 0, -1, 1000 * PAUSE_US}, /* 20 s are over */
        {0, 0, DRIVEN_PORT "s\n", 0, -1, 1000 * PAUSE_US},
        {0, 0, "", 0, -1, 1000 * PAUSE_US},
        {0, 0, DRIVEN_PORT "\n", 1, -1, 0},
        {0, 0, DRIVEN_PORT "\n", 127, -1, 0},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        begin();
        machine.shown_us = rows[i].shown_us;
        machine.connected_us = rows[i].connected_us;
        machine.status = rows[i].agent;
        write_port("vport0p1", "org.qemu.guest_agent.0\n");
        write_port("vport1p2", rows[i].name);
        if (agent_be() != rows[i].status || machine.now_us != rows[i].waited_us)
            fail_msg("row %zu: waited for %llu us", i, (unsigned long long)machine.now_us);
        assert_string_equal(machine.drivers, "channel(list)");
        end();
    }
}

/* The head of a disk, of a file system's superblock and label perhaps. */
static void write_disk(const char *name, const char *start, const char *magic, const char *label,
                       size_t size) {
    cleanup_free char *block = text_new("/sys/block/%s/size", name), *node = text_new("/dev/%s", name);
    char head[HEAD] = "";

    strcpy(head, start);
    strcpy(head + 1024 + 0x38, magic);
    strcpy(head + 1024 + 0x78, label);
    write_file(block, "1\n", 2);
    write_file(node, head, size);
}

static void disks__are_known_by_what_is_on_them(void **state) {
    struct disks disks;

    (void)state;
    begin();
    write_disk("vda", HANDOUT_EMPTY, "", "", HEAD);
    write_disk("vdb", "", "\x53\xef", HANDOUT_SCRATCH_LABEL, HEAD);
    write_disk("vdc", "070701", "", "", HEAD);
    write_disk("vdd", "070702", "", "", HEAD);
    write_disk("vde", "", "\x53\xef", "vmsuite-scratch2", HEAD); /* of somebody else */
    write_disk("vdf", "", "\x53\xee", HANDOUT_SCRATCH_LABEL, HEAD);
    write_disk("vdg", "vmsuite-records", "", "", HEAD);
    write_disk("vdh", "070701", "", "", HEAD - 1);
    machine.shown_us = 3 * DISK_PAUSE_US;
    disks_find(&disks, 3, 10);
    assert_string_equal(disks.record, "/dev/vda");
    assert_string_equal(disks.scratch, "/dev/vdb");
    assert_string_equal(disks.image, "/dev/vdc");
    assert_int_equal(machine.now_us, 3 * DISK_PAUSE_US);
    end();
}

/* It takes what is there when all are, or when the time is over. */
static void disks__are_waited_for(void **state) {
    struct disks disks;

    (void)state;
    begin();
    write_disk("vda", HANDOUT_EMPTY, "", "", HEAD);
    disks_find(&disks, 2, 7);
    assert_string_equal(disks.record, "/dev/vda");
    assert_string_equal(disks.scratch, "");
    assert_string_equal(disks.image, "");
    assert_int_equal(machine.now_us, 7000000);
    machine.now_us = 0;
    disks_find(&disks, 1, 7);
    assert_string_equal(disks.record, "/dev/vda");
    assert_int_equal(machine.now_us, 0);
    end();
}

static void ramdisk__takes_the_place_of_the_scratch_disk(void **state) {
    static const char job[] = "/job/ramdisk";
    struct disks disks = {.scratch = "/dev/vdb"};
    cleanup_free char *bytes = calloc(1, 3000000), *copied = calloc(1, 3000001);
    int fd;

    (void)state;
    begin();
    assert_int_equal(ramdisk_fill(job, &disks), 0); /* none is wanted */
    assert_string_equal(disks.scratch, "/dev/vdb");
    assert_string_equal(machine.drivers, "");
    for (size_t i = 0; i < 3000000; i++)
        bytes[i] = (char)(i * 7 / 5);
    write_file(job, "65536\n", 6);
    write_file("/dev/vdb", bytes, 3000000);
    assert_int_equal(ramdisk_fill(job, &disks), -1); /* the driver made none */
    assert_string_equal(disks.scratch, "/dev/vdb");
    write_file("/dev/ram0", "", 0);
    machine.drivers[0] = '\0';
    assert_int_equal(ramdisk_fill(job, &disks), 0);
    assert_string_equal(disks.scratch, "/dev/ram0");
    assert_string_equal(machine.drivers, "brd(rd_nr=1 rd_size=65536 max_part=0)");
    fd = open_file("/dev/ram0", O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, copied, 3000001), 3000000);
    assert_memory_equal(copied, bytes, 3000000);
    (void)close(fd);
    write_file(job, "much\n", 5);
    assert_int_equal(ramdisk_fill(job, &disks), -1);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agent__begins_when_the_host_is_there),
        cmocka_unit_test(disks__are_known_by_what_is_on_them),
        cmocka_unit_test(disks__are_waited_for),
        cmocka_unit_test(ramdisk__takes_the_place_of_the_scratch_disk),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
