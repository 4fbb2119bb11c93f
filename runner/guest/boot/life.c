/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/life.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "common/signals.h"
#include "guest/boot/guest_process.h"
#include "guest/launchers/qemu.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define STATE "state" /* the file's name in the boot's folder */
#define POLL_NS 5000000
#define DEADLINE_S 120
#define BANDWIDTH INT64_C(1000000000000) /* bytes a second: no limit */
#define QMP_FAILED "failed"              /* of a migration, in QEMU's words */

void life_init(struct life *life) {
    *life = (struct life){.save_s = NAN, .state_bytes = NAN, .restore_s = NAN};
    for (size_t i = 0; i < LIFE_GUESTS; i++)
        life->memory[i] = NAN;
}

static double since_s(uint64_t start_ns) {
    return (double)(clock_now_ns() - start_ns) / NS_PER_S;
}

static void pause_shortly(void) {
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = POLL_NS}, NULL);
}

/* Whether somebody waits for us to end; then there is a sentence. */
static bool is_interrupted(struct vms_error *error) {
    return signals_count() > 0 && error_set(error, -EINTR, "interrupted") < 0;
}

/* Asks until a member of the answer is the word. */
static int await(struct qmp *qmp, const char *command, const char *word, struct vms_error *error) {
    uint64_t start_ns = clock_now_ns();

    while (since_s(start_ns) < DEADLINE_S) {
        json_auto_t *answer = NULL;
        int status = qmp_ask(qmp, command, NULL, &answer, error);
        const char *state = json_string_value(json_object_get(answer, "status"));

        if (status < 0)
            return status;
        if (state && strcmp(state, word) == 0)
            return 0;
        if (state && (strcmp(state, QMP_FAILED) == 0 || strcmp(state, "internal-error") == 0))
            return error_set(error, -EIO, "QEMU's monitor reported for %s: %s", command, state);
        if (is_interrupted(error))
            return -EINTR;
        pause_shortly();
    }
    return error_set(error, -EIO, "%s had not reached the state \"%s\" after %d s", command, word,
                     DEADLINE_S);
}

/* QEMU has a shell read or write the file. */
static int check_folder(const char *folder, struct vms_error *error) {
    return strpbrk(folder, "'\\,")
               ? error_set(
                     error, -ENOTSUP,
                     "%s: a guest's state cannot be saved below a folder whose name contains ', \\ or a "
                     "comma; name another folder",
                     folder)
               : 0;
}

static int save(struct qmp *qmp, const char *folder, struct vms_error *error) {
    json_t *arguments = json_object();
    char *uri = NULL;
    int status;

    uri = text_new("exec:cat >'%s/" STATE "'", folder);
    (void)json_object_set_new(arguments, "uri", json_string(uri));
    free(uri);
    status = qmp_ask(qmp, "migrate", arguments, NULL, error);
    return status == 0 ? await(qmp, "query-migrate", "completed", error) : status;
}

/* QEMU saves at 128 MiB/s unless it is told otherwise: the time would be that of its own limit. */
static int lift_limit(struct qmp *qmp, struct vms_error *error) {
    return qmp_ask(qmp, "migrate-set-parameters", json_pack("{s:I}", "max-bandwidth", (json_int_t)BANDWIDTH),
                   NULL, error);
}

int life_save(struct life *life, struct qmp *qmp, const char *folder, struct vms_error *error) {
    cleanup_free char *path = NULL;
    struct vms_error ignored;
    struct stat file;
    uint64_t start_ns;
    int status = check_folder(folder, error);

    if (status == 0)
        status = lift_limit(qmp, error);
    if (status == 0)
        status = qmp_ask(qmp, "stop", NULL, NULL, error);
    if (status < 0)
        return status;
    start_ns = clock_now_ns();
    status = save(qmp, folder, error);
    if (status == 0)
        life->save_s = since_s(start_ns);
    if (status == 0 && !(path = text_new("%s/" STATE, folder)))
        status = error_memory(error);
    if (status == 0 && stat(path, &file) == 0)
        life->state_bytes = (double)file.st_size;
    return qmp_ask(qmp, "cont", NULL, NULL, status < 0 ? &ignored : error) < 0 && status == 0 ? -EIO : status;
}

/* The same command, with a monitor of its own, disks that are thrown away, and the state that it begins
 * with. */
static void copy_command(const struct argv *command, const char *folder, unsigned number,
                         struct argv *ret_copy) {
    for (size_t i = 0; i < command->n_words; i++)
        if (strcmp(command->words[i], "-qmp") == 0)
            i++;
        else
            argv_add(ret_copy, "%s", command->words[i]);
    argv_add(ret_copy, "-qmp");
    argv_add(ret_copy, "unix:%s/" QEMU_MONITOR "%u,server=on,wait=off", folder, number);
    argv_add_all(ret_copy, (const char *[]){"-snapshot", "-incoming", NULL});
    argv_add(ret_copy, "exec:cat '%s/" STATE "'", folder);
}

static bool has_ended(const struct guest_process *process) {
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

/* Waits until the process has its monitor there. */
static int await_monitor(const char *path, const struct guest_process *process, struct qmp *ret_qmp,
                         struct vms_error *error) {
    uint64_t start_ns = clock_now_ns();
    int status;

    while ((status = qmp_open(path, ret_qmp, error)) < 0 && since_s(start_ns) < DEADLINE_S) {
        if (has_ended(process))
            return error_set(error, -EIO, "QEMU ended before it had started a guest from the saved state");
        if (is_interrupted(error))
            return -EINTR;
        pause_shortly();
    }
    return status;
}

/* Waits until the monitor is there and the state is in, and lets the guest run; then it stands still, or it
 * would end before the others are there. */
static int await_running(const char *folder, unsigned number, const struct guest_process *process,
                         uint64_t *ret_running_ns, struct vms_error *error) {
    cleanup_free char *path = text_new("%s/" QEMU_MONITOR "%u", folder, number);
    struct qmp qmp = {NULL};
    int status;

    if (!path)
        return error_memory(error);
    status = await_monitor(path, process, &qmp, error);
    if (status == 0)
        status = await(&qmp, "query-status", "paused", error); /* as it was when it was saved */
    if (status == 0)
        status = qmp_ask(&qmp, "cont", NULL, NULL, error);
    *ret_running_ns = clock_now_ns();
    if (status == 0)
        status = qmp_ask(&qmp, "stop", NULL, NULL, error);
    qmp_close(&qmp);
    return status;
}

/* The proportional share of all that the processes have mapped, in bytes; NaN: unknown. */
static double read_memory(const struct guest_process *processes, size_t n) {
    double sum = 0, kib;

    for (size_t i = 0; i < n; i++) {
        char path[64], line[256];
        cleanup_fclose FILE *file = NULL;
        bool found = false;

        (void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)processes[i].pid);
        file = fopen(path, "re");
        while (file && !found && fgets(line, sizeof(line), file))
            found = sscanf(line, "Pss: %lf kB", &kib) == 1;
        sum += found ? 1024 * kib : (double)NAN;
    }
    return sum;
}

static int restore_one(const struct argv *command, const char *folder, unsigned number,
                       struct guest_process *process, uint64_t *ret_running_ns, struct vms_error *error) {
    cleanup_close int log = open("/dev/null", O_WRONLY | O_CLOEXEC);
    struct argv copy = {0};
    int status;

    if (log < 0)
        return error_set(error, -errno, "/dev/null: %s", strerror(errno));
    copy_command(command, folder, number, &copy);
    status = copy.failed ? error_memory(error) : guest_process_start(&copy, log, process, error);
    argv_done(&copy);
    return status == 0 ? await_running(folder, number, process, ret_running_ns, error) : status;
}

int life_restore(struct life *life, const struct argv *command, const char *folder, struct vms_error *error) {
    struct guest_process processes[LIFE_GUESTS] = {0};
    int status = 0;

    for (unsigned i = 0; i < LIFE_GUESTS && status == 0; i++) {
        uint64_t start_ns = clock_now_ns(), running_ns = 0;

        status = restore_one(command, folder, i, &processes[i], &running_ns, error);
        if (status == 0 && i == 0)
            life->restore_s = (double)(running_ns - start_ns) / NS_PER_S;
        if (status == 0)
            life->memory[i] = read_memory(processes, i + 1);
    }
    for (unsigned i = 0; i < LIFE_GUESTS; i++)
        guest_process_end(&processes[i]);
    return status;
}

double life_guests_per_gigabyte(const struct life *life) {
    double each = (life->memory[LIFE_GUESTS - 1] - life->memory[0]) / (LIFE_GUESTS - 1);

    return each > 0 ? 1e9 / each : (double)NAN;
}
