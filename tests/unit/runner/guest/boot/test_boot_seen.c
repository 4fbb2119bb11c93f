/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a monitor's threads are put and what is seen of it: this process plays the monitor, with threads of
 * its own, and says what a test has it say. What the kernel is asked for is kept, and not done. */
#include "guest/boot/boot_seen.h"

#include "base/cleanup.h"
#include "base/cpus.h"
#include "base/error.h"
#include "base/text.h"
#include "guest/launchers/qemu.h"
#include "guest/launchers/tuning.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cmocka.h>

#define THREADS 2
#define CALLS_MAX 16

int fake_setaffinity(pid_t task, size_t size, const cpu_set_t *set) __asm__("sched_setaffinity");
int fake_getaffinity(pid_t task, size_t size, cpu_set_t *set) __asm__("sched_getaffinity");
ssize_t fake_readlinkat(int folder, const char *path, char *text, size_t size) __asm__("readlinkat");

static struct {
    struct {
        pid_t task;
        char cpus[64];
    } calls[CALLS_MAX];
    unsigned n_calls;
    pid_t refused; /* the task that cannot be moved, with that errno */
    int number;
    const char *open_file; /* what is open, if one asks */
} kernel;

static struct {
    pthread_t thread;
    pid_t task;
} others[THREADS];
static pthread_barrier_t barrier;
static int ends[2]; /* the monitor's, and ours */

int fake_setaffinity(pid_t task, size_t size, const cpu_set_t *set) {
    cleanup_free char *list = cpus_format(set, size);

    if (task == kernel.refused) {
        errno = kernel.number;
        return -1;
    }
    assert_true(list && kernel.n_calls < CALLS_MAX);
    kernel.calls[kernel.n_calls].task = task;
    (void)snprintf(kernel.calls[kernel.n_calls++].cpus, sizeof(kernel.calls[0].cpus), "%s", list);
    return 0;
}

/* The main thread may run on 0 to 3, the others on 4 and 5. */
int fake_getaffinity(pid_t task, size_t size, cpu_set_t *set) {
    assert_int_equal(size, sizeof(*set));
    for (size_t i = 0; i < THREADS; i++)
        if (task == others[i].task)
            return cpus_parse(i == 0 ? "4" : "5", set, &(struct vms_error){""});
    return cpus_parse("0-3", set, &(struct vms_error){""});
}

ssize_t fake_readlinkat(int folder, const char *path, char *text, size_t size) {
    size_t length = kernel.open_file ? strlen(kernel.open_file) : 0;

    (void)folder;
    (void)path;
    memcpy(text, kernel.open_file ? kernel.open_file : "", length < size ? length : size);
    return (ssize_t)(length < size ? length : size);
}

static void *wait_for_the_end(void *argument) {
    *(pid_t *)argument = (pid_t)syscall(SYS_gettid);
    (void)pthread_barrier_wait(&barrier);
    (void)pthread_barrier_wait(&barrier);
    return NULL;
}

/* A monitor that will say these lines, one for each question. */
static struct qmp begin(const char *says) {
    struct qmp qmp;

    memset(&kernel, 0, sizeof(kernel));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(write(ends[0], says, strlen(says)), (ssize_t)strlen(says));
    qmp.stream = fdopen(ends[1], "r+");
    assert_non_null(qmp.stream);
    return qmp;
}

static void end(struct qmp *qmp) {
    qmp_close(qmp);
    (void)close(ends[0]);
}

/* The last set that a task was given; "": none. */
static const char *cpus_of(pid_t task) {
    for (unsigned i = kernel.n_calls; i-- > 0;)
        if (kernel.calls[i].task == task)
            return kernel.calls[i].cpus;
    return "";
}

static unsigned n_calls_of(pid_t task) {
    unsigned n = 0;

    for (unsigned i = 0; i < kernel.n_calls; i++)
        n += kernel.calls[i].task == task;
    return n;
}

static char *processors(const char *ids) {
    return text_new("{\"return\": [%s]}\n", ids);
}

static void pin__processors_in_turn_the_others_on_all(void **state) {
    cleanup_free char *ids =
        text_new("{\"thread-id\": %d}, {\"thread-id\": %d}", (int)others[1].task, (int)others[0].task);
    cleanup_free char *says = processors(ids);
    struct vms_error error = {""};
    struct qmp qmp = begin(says);
    char asked[128] = "";

    (void)state;
    assert_int_equal(boot_pin(&qmp, getpid(), "1,3", &error), 0);
    assert_string_equal(cpus_of(others[1].task), "1");
    assert_string_equal(cpus_of(others[0].task), "3");
    assert_string_equal(cpus_of(getpid()), "1,3");
    assert_int_equal(kernel.n_calls, 5);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(n_calls_of(others[i].task), 2);
    assert_true(read(ends[0], asked, sizeof(asked) - 1) > 0);
    assert_string_equal(asked, "{\"execute\":\"query-cpus-fast\"}\n");
    end(&qmp);
}

static void pin__more_processors_than_the_list_has(void **state) {
    cleanup_free char *ids = text_new("{\"thread-id\": %d}, {\"thread-id\": %d}, {\"thread-id\": %d}",
                                      (int)others[0].task, (int)others[1].task, (int)getpid());
    cleanup_free char *says = processors(ids);
    struct vms_error error = {""};
    struct qmp qmp = begin(says);

    (void)state;
    assert_int_equal(boot_pin(&qmp, getpid(), "2-3", &error), 0);
    assert_string_equal(cpus_of(others[0].task), "2");
    assert_string_equal(cpus_of(others[1].task), "3");
    assert_string_equal(cpus_of(getpid()), "2");
    end(&qmp);
}

/* TCG with one thread: all of the guest's processors are that one. */
static void pin__one_thread_for_all_stays_on_the_list(void **state) {
    cleanup_free char *ids =
        text_new("{\"thread-id\": %d}, {\"thread-id\": %d}", (int)others[0].task, (int)others[0].task);
    cleanup_free char *says = processors(ids), *alone = text_new("{\"thread-id\": %d}", (int)others[0].task);
    cleanup_free char *says_alone = processors(alone);
    struct vms_error error = {""};
    struct qmp qmp = begin(says);

    (void)state;
    assert_int_equal(boot_pin(&qmp, getpid(), "0,2", &error), 0);
    assert_string_equal(cpus_of(others[0].task), "0,2");
    assert_int_equal(kernel.n_calls, 3);
    end(&qmp);
    qmp = begin(says_alone);
    assert_int_equal(boot_pin(&qmp, getpid(), "0,2", &error), 0);
    assert_string_equal(cpus_of(others[0].task), "0");
    end(&qmp);
}

static void pin__leaves_others_threads_alone(void **state) {
    static const char *const rows[] = {"{\"thread-id\": 1}",     "{\"thread-id\": 0}",
                                       "{\"thread-id\": -1}",    "{\"thread-id\": 4294967297}",
                                       "{\"thread-id\": \"1\"}", "{}"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        cleanup_free char *says = processors(rows[i]);
        struct vms_error error = {""};
        struct qmp qmp = begin(says);

        assert_int_equal(boot_pin(&qmp, getpid(), "0", &error), -EIO);
        assert_string_equal(error.text, "QEMU's monitor names a thread that is not its own");
        assert_int_equal(kernel.n_calls, 3); /* its own, to the list */
        end(&qmp);
    }
}

static void pin__what_cannot_be_done_is_named(void **state) {
    cleanup_free char *ids = text_new("{\"thread-id\": %d}", (int)others[0].task), *says = processors(ids);
    struct vms_error error = {""};
    struct qmp qmp = begin(says);

    (void)state;
    assert_int_equal(boot_pin(&qmp, getpid(), "0-", &error), -EINVAL);
    assert_int_equal(kernel.n_calls, 0);
    kernel.refused = others[1].task;
    kernel.number = EPERM;
    assert_int_equal(boot_pin(&qmp, getpid(), "0-1", &error), -EPERM);
    assert_string_equal(error.text,
                        "the guest's threads cannot be put on the processors 0-1: Operation not permitted");
    end(&qmp);
    qmp = begin(says);
    kernel.refused = others[1].task;
    kernel.number = ESRCH; /* it has ended */
    assert_int_equal(boot_pin(&qmp, getpid(), "0-1", &error), 0);
    assert_string_equal(cpus_of(others[0].task), "0");
    end(&qmp);
    qmp = begin(says);
    kernel.refused = others[0].task;
    kernel.number = ESRCH; /* a processor's must not */
    assert_int_equal(boot_pin(&qmp, getpid(), "0-1", &error), -ESRCH);
    end(&qmp);
    qmp = begin("{\"return\": []}\n");
    assert_int_equal(boot_pin(&qmp, getpid(), "0", &error), -EIO);
    assert_string_equal(error.text, "QEMU's monitor names no processors of its guest");
    assert_int_equal(kernel.n_calls, 0);
    end(&qmp);
}

/* What is seen where the monitor says `block` of its disks, and has that file open. The caller frees. */
static char *seen(const char *block, const char *open_file) {
    cleanup_free char *ids = text_new("{\"thread-id\": %d}, {\"thread-id\": 1}, {\"thread-id\": %d}",
                                      (int)others[1].task, (int)others[0].task);
    cleanup_free char *says = text_new("{\"return\": %s}\n{\"return\": [%s]}\n", block, ids);
    struct qmp qmp = begin(says);
    json_auto_t *json = NULL;

    kernel.open_file = open_file;
    json = boot_seen(&qmp, getpid());
    end(&qmp);
    return json_dumps(json, JSON_COMPACT);
}

static void seen__threads_disk_and_vhost(void **state) {
    cleanup_free char *text =
        seen("[{\"device\": \"record\", \"inserted\": {\"drv\": \"qcow2\"}}, {\"device\": \"" QEMU_SCRATCH
             "\", \"inserted\": {\"drv\": \"raw\", \"cache\": "
             "{\"writeback\": true, \"direct\": true, \"no-flush\": false}}}]",
             TUNING_VHOST);

    (void)state;
    assert_string_equal(text, "{\"vcpus\":[\"5\",null,\"4\"],\"threads\":\"0-3\",\"disk_format\":\"raw\","
                              "\"disk_cache\":\"none\",\"vhost\":true}");
}

static void seen__what_is_not_there(void **state) {
    static const char *const files[] = {"/dev/kvm", TUNING_VHOST "2", "/x" TUNING_VHOST, NULL};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(files); i++) {
        cleanup_free char *text = seen("[{\"device\": \"" QEMU_SCRATCH "\"}]", files[i]);

        assert_string_equal(text, "{\"vcpus\":[\"5\",null,\"4\"],\"threads\":\"0-3\",\"disk_format\":null,"
                                  "\"disk_cache\":null,\"vhost\":false}");
    }
}

/* QEMU's words for its caches (qemu(1)). */
static void seen__caches(void **state) {
    static const struct {
        const char *cache, *word;
    } rows[] = {
        {"{\"writeback\": true, \"direct\": true, \"no-flush\": false}", "\"none\""},
        {"{\"writeback\": true, \"direct\": false, \"no-flush\": false}", "\"writeback\""},
        {"{\"writeback\": false, \"direct\": false, \"no-flush\": false}", "\"writethrough\""},
        {"{\"writeback\": false, \"direct\": true, \"no-flush\": false}", "\"directsync\""},
        {"{\"writeback\": true, \"direct\": false, \"no-flush\": true}", "\"unsafe\""},
        {"{\"writeback\": false, \"direct\": false, \"no-flush\": true}", "null"},
        {"{\"writeback\": true, \"direct\": true, \"no-flush\": true}", "null"},
        {"\"none\"", "null"},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        cleanup_free char *block =
            text_new("[{\"device\": \"" QEMU_SCRATCH "\", \"inserted\": {\"cache\": %s}}]", rows[i].cache);
        cleanup_free char *text = seen(block, NULL), *wanted = text_new("\"disk_cache\":%s,", rows[i].word);

        if (!strstr(text, wanted))
            fail_msg("%s: %s", rows[i].cache, text);
    }
}

static int start(void **state) {
    int status = pthread_barrier_init(&barrier, NULL, THREADS + 1);

    for (size_t i = 0; i < THREADS; i++)
        status |= pthread_create(&others[i].thread, NULL, wait_for_the_end, &others[i].task);
    (void)pthread_barrier_wait(&barrier);
    return status == 0 ? descriptors_note(state) : -1;
}

static int stop(void **state) {
    (void)pthread_barrier_wait(&barrier);
    for (size_t i = 0; i < THREADS; i++)
        (void)pthread_join(others[i].thread, NULL);
    return descriptors_check(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pin__processors_in_turn_the_others_on_all),
        cmocka_unit_test(pin__more_processors_than_the_list_has),
        cmocka_unit_test(pin__one_thread_for_all_stays_on_the_list),
        cmocka_unit_test(pin__leaves_others_threads_alone),
        cmocka_unit_test(pin__what_cannot_be_done_is_named),
        cmocka_unit_test(seen__threads_disk_and_vhost),
        cmocka_unit_test(seen__what_is_not_there),
        cmocka_unit_test(seen__caches),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
