/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/init/init.h"

#include "guest/launchers/driven_port.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARGUMENTS_MAX 64
#define RECORD "/run/record.json"
#define FACTS "/run/facts.json"
/* How long disks may take to appear, and how many a carried job has at the least: itself, the record. */
#define PATIENCE_S 20
#define CARRIED_DISKS 2
#define JOB_DRIVEN "/" DRIVEN_JOB

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* On an emulated host the guest's own first process speaks on the same console. */
static const char *speaker = INIT_NAME;

static void say(const char *format, ...) {
    va_list arguments;

    printf("%s: ", speaker);
    va_start(arguments, format);
    (void)vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    (void)fflush(stdout);
}

static void mount_all(void) {
    static const char *const mounts[][3] = {
        {"proc", "/proc", "proc"},        {"sysfs", "/sys", "sysfs"},     {"devtmpfs", "/dev", "devtmpfs"},
        {"devpts", "/dev/pts", "devpts"}, {"tmpfs", "/dev/shm", "tmpfs"}, {"tmpfs", "/tmp", "tmpfs"},
        {"tmpfs", "/run", "tmpfs"},
    };

    for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
        (void)mkdir(mounts[i][1], 0755);
        if (mount(mounts[i][0], mounts[i][1], mounts[i][2], 0, NULL) < 0 && errno != EBUSY)
            say("failed: %s cannot be mounted", mounts[i][1]);
    }
    (void)mkdir("/scratch", 0755);
    (void)chmod("/tmp", 01777);
}

/* How long the kernel took to come here, by its own clock. */
static void say_age(void) {
    struct timespec now;

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    say("up %.6f s", (double)now.tv_sec + 1e-9 * (double)now.tv_nsec);
}

/* Runs a program to its end, its stdout to `output` (NULL: the console). Its exit status, or -1. */
static int run(char *const *argv, const char *output) {
    pid_t child = fork();
    int status = -1;

    if (child == 0) {
        int fd = output ? open(output, O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;

        if (output && (fd < 0 || dup2(fd, 1) < 0))
            _exit(127);
        (void)execv(argv[0], argv);
        _exit(127);
    }
    while (child > 0) {
        pid_t ended = wait(&status); /* orphans end here, too */

        if (ended == child || (ended < 0 && errno != EINTR))
            break;
    }
    return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The job's arguments, one a line, after "vmsuite run". */
static int measure(void) {
    static char lines[ARGUMENTS_MAX][256];
    char *argv[ARGUMENTS_MAX + 3] = {(char *)"/bin/vmsuite", (char *)"run"};
    FILE *file = fopen("/job/arguments", "re");
    size_t n = 2;

    while (file && n < ARGUMENTS_MAX + 2 && fgets(lines[n - 2], sizeof(lines[0]), file)) {
        lines[n - 2][strcspn(lines[n - 2], "\n")] = '\0';
        argv[n] = lines[n - 2];
        n++;
    }
    if (file)
        (void)fclose(file);
    return run(argv, RECORD);
}

/* What this machine takes itself for, which the host cannot see. */
static void report_machine(void) {
    char *argv[] = {(char *)"/bin/vmsuite", (char *)"env", (char *)"--json", NULL}, name[40] = "";
    FILE *file = run(argv, FACTS) == 0 ? fopen(FACTS, "re") : NULL;

    if (file && fscanf(file, " { \"virtualization\" : \"%39[a-z0-9-]\"", name) == 1)
        say("detected %s", name);
    if (file)
        (void)fclose(file);
}

static void mount_scratch(const struct disks *disks) {
    if (disks->scratch[0] && mount(disks->scratch, "/scratch", "ext4", MS_NOATIME, NULL) == 0)
        return;
    if (disks->scratch[0])
        say("failed: the scratch disk %s cannot be mounted", disks->scratch);
    else
        (void)mount("tmpfs", "/scratch", "tmpfs", 0, NULL);
}

/* How many disks the job has, itself among them where it came on one. */
static unsigned disks_of_job(void) {
    FILE *file = fopen("/job/disks", "re");
    unsigned wanted = 0;

    if (file) {
        (void)!fscanf(file, "%u", &wanted);
        (void)fclose(file);
    }
    return wanted;
}

/* Finds the disks, and unpacks the one that holds an archive: the rest of the image, or, where the kernel
 * brought no job, the job. 0, or -1 with no job. */
static int find_disks(struct disks *disks) {
    int brought = access("/job/arguments", R_OK) == 0 || access(JOB_DRIVEN, R_OK) == 0;

    disks_find(disks, brought ? disks_of_job() : CARRIED_DISKS, PATIENCE_S);
    if (disks->image[0] && unpack(disks->image) < 0)
        say("failed: the image on %s cannot be unpacked", disks->image);
    if (!brought && access("/job/arguments", R_OK) < 0) {
        say("failed: there is no job, neither beside the kernel nor on a disk");
        return -1;
    }
    if (!brought)
        disks_find(disks, disks_of_job(), PATIENCE_S);
    if (ramdisk_fill("/job/ramdisk", disks) < 0)
        say("failed: the scratch disk cannot be copied into memory");
    return 0;
}

static void do_job(void) {
    struct disks disks;
    char *hand_out[] = {(char *)"/bin/vmsuite", (char *)"guest", (char *)"hand-out",
                        (char *)RECORD,         disks.record,    NULL};

    drivers_load("exits");
    drivers_load_one("vmsuite_exits", "");
    if (find_disks(&disks) < 0)
        return;
    mount_scratch(&disks);
    network_up("/job/network");
    if (access(JOB_DRIVEN, R_OK) == 0) {
        say("measuring");
        if (agent_be() < 0)
            say("failed: the agent had no port to the host, or ended with an error");
        (void)umount("/scratch");
        return;
    }
    if (access("/job/serve", R_OK) == 0) {
        report_machine();
        peer_be("/job/serve");
        say("failed: the server ended before the host was done with it");
        return;
    }
    if (peer_start("/job/peer") < 0)
        say("failed: the peer cannot be started in a network of its own");
    if (!disks.record[0]) {
        say("failed: there is no disk for the record");
        return;
    }
    say("measuring");
    say("measured, exit status %d", measure());
    (void)umount("/scratch");
    if (run(hand_out, NULL) != 0)
        say("failed: the record could not be handed out");
}

int main(int argc, char **argv) {
    static char shell[] = "/bin/busybox", sh[] = "sh", script[] = "/job/host.sh";
    char *host[] = {shell, sh, script, NULL};

    if (argc > 1 && strcmp(argv[1], "relay") == 0) {
        relay(stdin, stdout);
        return 0;
    }
    if (argc > 1 && strcmp(argv[1], "leave-on-interrupts") == 0)
        return leave_on_interrupts() < 0;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (access(script, R_OK) == 0)
        speaker = "vmsuite-host";
    mount_all();
    say("ready");
    say_age();
    (void)setenv("PATH", "/bin:/sbin", 1);
    (void)setenv("LD_LIBRARY_PATH", "/lib", 1);
    (void)setenv("VMSUITE_DATA_PATH", "/usr/share/vmsuite", 1);
    (void)setenv("TMPDIR", "/scratch", 1);
    drivers_load("guest");
    drivers_load("image");
    if (access(script, R_OK) == 0) {
        drivers_load("host");
        say("ended, exit status %d", run(host, NULL));
    } else {
        do_job();
    }
    sync();
    say("power off");
    (void)reboot(RB_POWER_OFF);
    for (;;)
        (void)pause();
}
