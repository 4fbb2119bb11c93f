/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What modules do where a call of theirs is refused: each row is one call, and the one right outcome: the
 * status and the whole sentence, or success where the module can do without, and what it then says of it.
 * Whatever becomes of it, no memory, file, mapping, thread or child is left, and no processor mask is
 * changed.
 *
 * usage: test_module_refusals [list MODULE [SETTINGS [serve]]]
 * list: prints the rows as they would be now, of every call that the module makes. They are to be read, not
 * pasted. */
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fakes/refuse.h"
#include "modules/expect.h"

#define TOGETHER 16 /* rows at a time */
#define FACTS_SIZE 4096

struct refused {
    const char *module, *settings;
    bool serves; /* the peer's half is the one that is refused something */
    const char *function;
    unsigned call;
    int number, status;
    const char *says;
};

#include "fakes/child.h"
#include "modules/refusals_disk.h"
#include "modules/refusals_machine.h"
#include "modules/refusals_net.h"

/* The peer's half here, the client's in a child. */
static int serve(struct fake_host *fake, struct vms_error *error) {
    int pair[2], status;
    pid_t child;

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    child = child_fork();
    if (child == 0) {
        (void)close(pair[0]);
        fake->control = pair[1];
        fake->measuring = true;
        (void)fake->module->measure(&fake->host, fake->values, NULL, error);
        _exit(0);
    }
    (void)close(pair[1]);
    fake->control = pair[0];
    status = fake->module->serve(&fake->host, fake->values, error);
    (void)close(pair[0]);
    fake->control = -1;
    (void)waitpid(child, NULL, 0);
    return status;
}

static unsigned count_files(void) {
    DIR *folder = opendir("/proc/self/fd");
    unsigned n = 0;

    assert_non_null(folder);
    while (readdir(folder))
        n++;
    (void)closedir(folder);
    return n;
}

/* What a process has that a module may change for a trial, and has to leave as it was. */
struct kept {
    unsigned n_files;
    cpu_set_t processors;
    sigset_t blocked;
    struct rlimit core;
};

static void look(struct kept *ret) {
    ret->n_files = count_files();
    assert_int_equal(sched_getaffinity(0, sizeof(ret->processors), &ret->processors), 0);
    assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &ret->blocked), 0);
    assert_int_equal(getrlimit(RLIMIT_CORE, &ret->core), 0);
}

static bool is_kept(const struct kept *before, const struct kept *after) {
    for (int i = 1; i < NSIG; i++)
        if (sigismember(&before->blocked, i) != sigismember(&after->blocked, i))
            return false;
    return before->n_files == after->n_files && CPU_EQUAL(&before->processors, &after->processors) &&
           before->core.rlim_cur == after->core.rlim_cur && before->core.rlim_max == after->core.rlim_max;
}

/* A path that differs from run to run is written as SCRATCH. */
static void name_scratch(const struct fake_host *fake, char *text, size_t size) {
    const char *at = fake->scratch[0] ? strstr(text, fake->scratch) : NULL;
    char whole[1024];

    if (!at)
        return;
    (void)snprintf(whole, sizeof(whole), "%.*sSCRATCH%s", (int)(at - text), text, at + strlen(fake->scratch));
    (void)snprintf(text, size, "%.*s", (int)size - 1, whole);
}

static void write_facts(const struct fake_facts *facts, char *text) {
    for (size_t i = 0; i < facts->n_facts; i++) {
        size_t used = strlen(text);

        (void)snprintf(text + used, FACTS_SIZE - used, "%s: %s\n", facts->facts[i].key,
                       facts->facts[i].value);
    }
}

/* ret_facts: "key: value" a line. */
static int run(const struct refused *row, char ret_facts[static FACTS_SIZE], struct vms_error *error) {
    struct fake_host fake;
    struct kept before, after;
    int status;

    fake_host_init(&fake, row->module);
    fake_host_set_all(&fake, row->settings);
    refuse_stand_before(row->module);
    refuse_forget();
    look(&before);
    refuse_call(row->function, row->call, row->number);
    status = row->serves ? serve(&fake, error) : fake_host_run(&fake, error);
    look(&after);
    if (!is_kept(&before, &after) || refuse_held()[0])
        fail_msg("%s %s, %s %u: files %u then %u, or a mask or limit differs; held: %s", row->module,
                 row->settings, row->function ? row->function : "", row->call, before.n_files, after.n_files,
                 refuse_held());
    name_scratch(&fake, error->text, sizeof(error->text));
    ret_facts[0] = '\0';
    write_facts(&fake.case_facts, ret_facts);
    write_facts(&fake.trial.facts, ret_facts);
    fake_host_done(&fake);
    return status;
}

static void expect_row(const struct refused *row) {
    struct vms_error error = {""};
    char facts[FACTS_SIZE];
    int status = run(row, facts, &error);

    if (status != row->status ||
        (status < 0 ? strcmp(error.text, row->says) != 0 : strstr(facts, row->says) == NULL))
        fail_msg("%s %s, %s %u: %d \"%s\" %s", row->module, row->settings, row->function, row->call, status,
                 error.text, facts);
}

/* Systems may lack it, as QEMU's user mode does: where it is asked for, nothing else can be refused then. */
static bool has_zerocopy(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    bool has = setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)) == 0;

    (void)close(fd);
    return has;
}

/* Whether a thread may have the first processor, and another one the second. */
static bool has_two_processors(void) {
    cpu_set_t set;

    return sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_ISSET(0, &set) && CPU_ISSET(1, &set);
}

/* Most rows wait for the other half to see what became of this one: they wait together. A child whose row
 * fails ends there: cmocka would go on with the next test in it, and so in ever more children. */
static void expect_rows(const struct refused *rows, size_t n) {
    bool zerocopy = has_zerocopy(), two = has_two_processors();
    pid_t children[TOGETHER];
    int status;

    (void)fflush(stdout);
    for (size_t k = 0; k < TOGETHER; k++) {
        if ((children[k] = child_fork()) != 0)
            continue;
        for (size_t i = k; i < n; i += TOGETHER)
            if ((zerocopy || !strstr(rows[i].settings, "zerocopy=true")) &&
                (two || !strstr(rows[i].settings, "affinity=0-1")))
                expect_row(&rows[i]);
        _exit(EXIT_SUCCESS);
    }
    for (size_t k = 0; k < TOGETHER; k++) {
        assert_int_equal(waitpid(children[k], &status, 0), children[k]);
        assert_int_equal(status, 0);
    }
}

static void calls__of_disks_that_are_refused(void **state) {
    (void)state;
    expect_rows(refused_disk, VMS_LENGTH(refused_disk));
}

static void calls__of_the_machine_that_are_refused(void **state) {
    (void)state;
    expect_rows(refused_machine, VMS_LENGTH(refused_machine));
}

static void calls__of_the_network_that_are_refused(void **state) {
    (void)state;
    expect_rows(refused_net, VMS_LENGTH(refused_net));
}

/* Prints the facts that are others than those of a run in which nothing is refused. */
static void list_facts(char *facts, const char *usual) {
    char *rest = NULL;

    for (char *line = strtok_r(facts, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        if (!strstr(usual, line))
            printf("%s\\n", line);
}

static void list_row(const struct refused *row, const char *usual) {
    struct vms_error error = {""};
    char facts[FACTS_SIZE];
    int status = run(row, facts, &error);

    printf("{\"%s\", \"%s\", %s, \"%s\", %u, %s, %s%s, \"%s", row->module, row->settings,
           row->serves ? "true" : "false", row->function, row->call, strerrorname_np(row->number),
           status < 0 ? "-" : "", status < 0 ? strerrorname_np(-status) : "0", status < 0 ? error.text : "");
    if (status == 0)
        list_facts(facts, usual);
    printf("\"},\n");
    (void)fflush(stdout);
    _exit(EXIT_SUCCESS);
}

static void list_function(struct refused *row, unsigned calls, const char *usual) {
    static const int numbers[] = {ENOMEM, EPERM, EINTR, EINVAL};
    size_t n = strcmp(row->function, "malloc") == 0 || strcmp(row->function, "calloc") == 0 ? 1 : 4;

    for (row->call = 1; row->call <= calls && row->call <= 12; row->call++) {
        for (size_t i = n > 1; i < n; i++) {
            pid_t child = child_fork();

            row->number = numbers[i];
            if (child == 0)
                list_row(row, usual);
            (void)waitpid(child, NULL, 0);
        }
    }
}

static int list(int argc, char **argv) {
    struct refused row = {argv[2], argc > 3 ? argv[3] : "", argc > 4, NULL, 0, 0, 0, NULL};
    char usual[FACTS_SIZE];
    unsigned all[128], calls;
    struct vms_error error;

    (void)run(&row, usual, &error);
    for (size_t i = 0; refuse_function(i, &calls); i++)
        all[i] = calls;
    for (size_t i = 0; (row.function = refuse_function(i, &calls)); i++)
        list_function(&row, all[i], usual);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls__of_disks_that_are_refused),
        cmocka_unit_test(calls__of_the_machine_that_are_refused),
        cmocka_unit_test(calls__of_the_network_that_are_refused),
    };

    /* A machine that hwloc makes up. */
    if (setenv("HWLOC_SYNTHETIC", "pack:1 l3:1(size=8388608) core:2 pu:1", 1) < 0)
        return EXIT_FAILURE;
    if (argc > 2 && strcmp(argv[1], "list") == 0)
        return list(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
