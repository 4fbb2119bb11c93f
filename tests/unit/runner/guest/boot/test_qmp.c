/* SPDX-License-Identifier: GPL-3.0-or-later */
/* QEMU's monitor, played by a thread that says what it is given. */
#include "guest/boot/qmp.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\n"
#define DONE "{\"return\": {}}\n"
#define LONG ((size_t)4 << 20) /* bytes */
#define EVENT "{\"event\": \"RTC_CHANGE\", \"data\": {}}\n"

static char folder[] = "/tmp/vmsuite-qmp-XXXXXX";

/* The other side: greets, then says a text for each line that it hears; without one it goes. */
static struct played {
    int listener;
    pthread_t thread;
    const char *says[5];
    char heard[4][512];
    unsigned n_heard;
} played;

static void *play(void *argument) {
    int fd = accept(played.listener, NULL, NULL);
    FILE *stream = fdopen(fd, "re");

    (void)argument;
    assert_non_null(stream);
    for (unsigned i = 0; i < 5 && played.says[i]; i++) {
        (void)!write(fd, played.says[i], strlen(played.says[i]));
        if (!played.says[i + 1] || !fgets(played.heard[i], sizeof(played.heard[i]), stream))
            break;
        played.n_heard++;
    }
    (void)fclose(stream);
    return NULL;
}

static void start(const char *a, const char *b, const char *c, char path[static 100]) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    played = (struct played){.says = {a, b, c}};
    (void)snprintf(path, 100, "%s/qmp", folder);
    (void)unlink(path);
    (void)strcpy(address.sun_path, path);
    played.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(played.listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(played.listener, 1), 0);
    assert_int_equal(pthread_create(&played.thread, NULL, play, NULL), 0);
}

static void end(void) {
    assert_int_equal(pthread_join(played.thread, NULL), 0);
    (void)close(played.listener);
}

/* Two processors; what is no number, and of others, counts nothing. */
static void qmp__counts_exits_of_all_processors(void **state) {
    struct qmp qmp = {NULL};
    struct vms_error error = {""};
    struct host_counts counts = {.exits = NAN, .device_exits = NAN, .reasons = {NAN, NAN, NAN, NAN}};
    char path[100];

    (void)state;
    start(GREETING, EVENT DONE,
          EVENT "{\"return\": [{\"provider\": \"kvm\", \"stats\": [{\"name\": \"exits\", \"value\": 1000},"
                " {\"name\": \"io_exits\", \"value\": 30}, {\"name\": \"mmio_exits\", \"value\": 4},"
                " {\"name\": \"halt_wait_hist\", \"value\": [1, 2]}]},"
                " {\"provider\": \"kvm\", \"stats\": [{\"name\": \"exits\", \"value\": 500},"
                " {\"name\": \"halt_exits\", \"value\": 7}]}]}\n",
          path);
    assert_int_equal(qmp_open(path, &qmp, &error), 0);
    qmp_count_exits(&qmp, &counts);
    assert_true(counts.exits == 1500 && counts.device_exits == 34);
    assert_true(counts.reasons[HOST_REASON_PORT] == 30 && counts.reasons[HOST_REASON_MMIO] == 4);
    assert_true(counts.reasons[HOST_REASON_HALT] == 7);
    assert_true(isnan(counts.reasons[HOST_REASON_INTERRUPT]));
    qmp_close(&qmp);
    end();
    assert_string_equal(played.heard[0], "{\"execute\":\"qmp_capabilities\"}\n");
    assert_non_null(strstr(played.heard[1], "\"execute\":\"query-stats\""));
    assert_non_null(strstr(played.heard[1], "\"target\":\"vcpu\""));
    assert_non_null(
        strstr(played.heard[1], "\"names\":[\"exits\",\"io_exits\",\"mmio_exits\",\"halt_exits\""));
}

/* Without KVM there is nothing to count; a monitor that refuses stays open, one that has gone does not. */
static void qmp__what_is_not_counted_is_unknown(void **state) {
    struct qmp qmp = {NULL};
    struct vms_error error = {""};
    struct host_counts counts = {.exits = NAN, .device_exits = NAN, .reasons = {NAN, NAN, NAN, NAN}};
    char path[100];

    (void)state;
    qmp_count_exits(&qmp, &counts);
    assert_true(isnan(counts.exits) && isnan(counts.device_exits));
    start(GREETING, DONE, "{\"return\": []}\n", path);
    assert_int_equal(qmp_open(path, &qmp, &error), 0);
    qmp_count_exits(&qmp, &counts);
    assert_true(isnan(counts.exits) && isnan(counts.device_exits));
    assert_int_equal(qmp_ask(&qmp, "stop", NULL, NULL, &error), -EIO);
    assert_string_equal(error.text, "QEMU's monitor does not answer stop");
    assert_null(qmp.stream);
    end();
    start(GREETING, DONE, "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"no query-stats\"}}\n",
          path);
    assert_int_equal(qmp_open(path, &qmp, &error), 0);
    assert_int_equal(qmp_ask(&qmp, "query-stats", NULL, NULL, &error), -EIO);
    assert_string_equal(error.text, "QEMU's monitor refused query-stats: no query-stats");
    assert_non_null(qmp.stream);
    qmp_close(&qmp);
    end();
}

/* Whoever has taken QEMU over does not fill our memory. */
static void qmp__a_line_without_an_end(void **state) {
    struct qmp qmp = {NULL};
    struct vms_error error = {""};
    char path[100], *line = malloc(LONG + 1);

    (void)state;
    assert_non_null(line);
    memset(line, ' ', LONG);
    line[LONG] = '\0';
    assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    start(GREETING, DONE, line, path);
    assert_int_equal(qmp_open(path, &qmp, &error), 0);
    assert_int_equal(qmp_ask(&qmp, "stop", NULL, NULL, &error), -EIO);
    assert_string_equal(error.text, "QEMU's monitor does not answer stop");
    assert_null(qmp.stream);
    end();
    free(line);
}

static void qmp__not_a_monitor(void **state) {
    struct qmp qmp = {NULL};
    struct vms_error error = {""};
    char path[100];

    (void)state;
    start("220 mail\n", NULL, NULL, path);
    assert_int_equal(qmp_open(path, &qmp, &error), -EIO);
    assert_non_null(strstr(error.text, "QEMU sent no greeting"));
    assert_null(qmp.stream);
    end();
    assert_int_equal(qmp_open("/nowhere/qmp", &qmp, &error), -ENOENT);
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    char path[100];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/qmp", folder);
    (void)unlink(path);
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qmp__counts_exits_of_all_processors),
        cmocka_unit_test(qmp__what_is_not_counted_is_unknown),
        cmocka_unit_test(qmp__a_line_without_an_end),
        cmocka_unit_test(qmp__not_a_monitor),
    };

    (void)descriptors_note(NULL);
    return cmocka_run_group_tests(tests, make_folder, remove_folder) != 0 || descriptors_check(NULL) < 0;
}
