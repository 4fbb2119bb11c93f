/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/boot_seen.h"

#include "base/cleanup.h"
#include "base/cpus.h"
#include "base/error.h"
#include "files/listing.h"
#include "guest/launchers/qemu.h"
#include "guest/launchers/tuning.h"
#include "record/value.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define TASKS_FOLDER_SIZE 40

/* The guest's processors, in their order. The caller frees; NULL where QEMU does not say. */
static json_t *ask_processors(struct qmp *qmp, struct vms_error *error) {
    json_auto_t *answer = NULL;

    if (qmp_ask(qmp, "query-cpus-fast", NULL, &answer, error) < 0)
        return NULL;
    if (json_array_size(answer) > 0)
        return TAKE(answer);
    (void)error_set(error, -EIO, "QEMU's monitor names no processors of its guest");
    return NULL;
}

static pid_t thread_of(const json_t *processor) {
    json_int_t id = json_integer_value(json_object_get(processor, "thread-id"));

    return id > 0 && id <= INT_MAX ? (pid_t)id : 0;
}

/* The processor of the set with that number, counted in turn. */
static void take_one(const cpu_set_t *set, size_t number, cpu_set_t *ret_one) {
    size_t left = number % (size_t)CPU_COUNT(set);
    int cpu = 0;

    while (!CPU_ISSET(cpu, set) || left-- > 0)
        cpu++;
    CPU_ZERO(ret_one);
    CPU_SET(cpu, ret_one);
}

static int open_tasks(pid_t pid, DIR **ret_tasks) {
    char path[TASKS_FOLDER_SIZE];

    (void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    return listing_open(path, ret_tasks);
}

/* The next thread of the process, as listing_next; 0: there is none. */
static pid_t next_task(DIR *tasks, int *status) {
    const char *name = listing_next(tasks, status);

    return name ? (pid_t)strtol(name, NULL, 10) : 0;
}

/* Puts all threads of the process on the set: those that the guest's processors are leave it again. */
static int pin_all(pid_t pid, const cpu_set_t *set) {
    cleanup_closedir DIR *tasks = NULL;
    int status = open_tasks(pid, &tasks);
    pid_t task;

    while ((task = next_task(tasks, &status)) > 0)
        if (sched_setaffinity(task, sizeof(*set), set) < 0 && errno != ESRCH) /* it has ended */
            status = -errno;
    return status;
}

/* A thread of the process, so that nothing else is touched, whatever the monitor says. */
static bool is_of(pid_t pid, pid_t task) {
    cleanup_closedir DIR *tasks = NULL;
    int status = task > 0 ? open_tasks(pid, &tasks) : -ESRCH;
    bool found = false;
    pid_t other;

    while (!found && (other = next_task(tasks, &status)) > 0)
        found = other == task;
    return found;
}

int boot_pin(struct qmp *qmp, pid_t pid, const char *list, struct vms_error *error) {
    json_auto_t *processors = NULL;
    const json_t *processor;
    cpu_set_t set, one;
    int status = cpus_parse(list, &set, error);
    size_t i;

    if (status < 0)
        return status;
    processors = ask_processors(qmp, error);
    if (!processors)
        return -EIO;
    status = pin_all(pid, &set);
    json_array_foreach (processors, i, processor) {
        pid_t thread = thread_of(processor);

        if (status == 0 && !is_of(pid, thread))
            return error_set(error, -EIO, "QEMU's monitor names a thread that is not its own");
        /* Where one thread is several processors, in turn, it stays on all of the list. */
        if (status < 0 ||
            (i == 0 && json_array_size(processors) > 1 && thread_of(json_array_get(processors, 1)) == thread))
            break;
        take_one(&set, i, &one);
        if (sched_setaffinity(thread, sizeof(one), &one) < 0)
            status = -errno;
    }
    return status < 0
               ? error_set(error, status, "the guest's threads cannot be put on the processors %.80s: %s",
                           list, strerror(-status))
               : 0;
}

/* The processors that a thread may run on; null: unknown. */
static json_t *new_affinity(pid_t task) {
    cleanup_free char *list = NULL;
    cpu_set_t set;

    if (task > 0 && sched_getaffinity(task, sizeof(set), &set) == 0)
        list = cpus_format(&set, sizeof(set));
    return list ? json_string(list) : json_null();
}

static json_t *new_processors(struct qmp *qmp, pid_t pid) {
    json_auto_t *processors = ask_processors(qmp, &(struct vms_error){""});
    const json_t *processor;
    json_t *seen;
    size_t i;

    if (!processors)
        return json_null();
    seen = json_array();
    json_array_foreach (processors, i, processor) {
        pid_t thread = thread_of(processor);

        (void)json_array_append_new(seen, is_of(pid, thread) ? new_affinity(thread) : json_null());
    }
    return seen;
}

/* Whether the process has vhost's device open: then the kernel moves its card's packets. Null: unknown. */
static json_t *new_vhost(pid_t pid) {
    cleanup_closedir DIR *descriptors = NULL;
    char folder[TASKS_FOLDER_SIZE];
    const char *descriptor;
    bool found = false;
    int status;

    (void)snprintf(folder, sizeof(folder), "/proc/%d/fd", (int)pid);
    status = listing_open(folder, &descriptors);
    while (!found && (descriptor = listing_next(descriptors, &status))) {
        char target[sizeof(TUNING_VHOST) + 1] = "";

        found = readlinkat(dirfd(descriptors), descriptor, target, sizeof(target) - 1) ==
                    (ssize_t)strlen(TUNING_VHOST) &&
                strcmp(target, TUNING_VHOST) == 0;
    }
    return status < 0 ? json_null() : json_boolean(found);
}

/* QEMU's word for a disk's cache, of its three parts (qemu(1), -drive cache=). */
static json_t *new_cache(const json_t *disk) {
    static const struct {
        const char *name;
        bool writeback, direct, no_flush;
    } modes[] = {{"none", true, true, false},
                 {"writeback", true, false, false},
                 {"writethrough", false, false, false},
                 {"directsync", false, true, false},
                 {"unsafe", true, false, true}};
    const json_t *cache = json_object_get(disk, "cache");

    for (size_t i = 0; json_is_object(cache) && i < VMS_LENGTH(modes); i++)
        if (json_is_true(json_object_get(cache, "writeback")) == modes[i].writeback &&
            json_is_true(json_object_get(cache, "direct")) == modes[i].direct &&
            json_is_true(json_object_get(cache, "no-flush")) == modes[i].no_flush)
            return json_string(modes[i].name);
    return json_null();
}

/* What QEMU says of the disk that disk cases write to; NULL: nothing. Borrowed of the answer. */
static const json_t *find_disk(const json_t *answer) {
    const json_t *device;
    size_t i;

    json_array_foreach (answer, i, device) {
        const char *name = json_string_value(json_object_get(device, "device"));

        if (name && strcmp(name, QEMU_SCRATCH) == 0)
            return json_object_get(device, "inserted");
    }
    return NULL;
}

json_t *boot_seen(struct qmp *qmp, pid_t pid) {
    json_auto_t *answer = NULL;
    const json_t *disk, *format;
    json_t *seen = json_object();
    int failed = 0;

    (void)qmp_ask(qmp, "query-block", NULL, &answer, &(struct vms_error){""});
    disk = find_disk(answer);
    format = json_object_get(disk, "drv");
    failed |= value_set(seen, "vcpus", new_processors(qmp, pid));
    failed |= value_set(seen, "threads", new_affinity(pid));
    failed |= value_set(seen, "disk_format",
                        json_is_string(format) ? json_string(json_string_value(format)) : json_null());
    failed |= value_set(seen, "disk_cache", new_cache(disk));
    failed |= value_set(seen, "vhost", new_vhost(pid));
    return value_finish(seen, failed);
}
