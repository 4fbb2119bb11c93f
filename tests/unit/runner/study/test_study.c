/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Studies: documents with their mistakes, places and kinds, and boots side by side. */
#include "study/kinds.h"
#include "study/pool.h"
#include "study/study.h"

#include "base/cleanup.h"

#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int measure(const struct vms_host *host, const union vms_value *values, void *state,
                   struct vms_error *error) {
    (void)host, (void)values, (void)state, (void)error;
    return 0;
}

static const struct vms_param params[] = {
    {"seconds", VMS_SECONDS, "10", "1ms", "24h", NULL, "How long.", VMS_ROLE_PLAIN}};
static const struct vms_metric metrics[] = {
    {"rate", VMS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL, "Things.", VMS_ROLE_HEADLINE}};
static const struct vms_module module = {VMS_MODULE_ABI,
                                         .name = "fake",
                                         .summary = "A module for tests.",
                                         .workload_version = 1,
                                         .params = params,
                                         .n_params = VMS_LENGTH(params),
                                         .metrics = metrics,
                                         .n_metrics = VMS_LENGTH(metrics),
                                         .measure = measure};
static struct loaded_module loaded = {.module = &module};
static const struct module_list modules = {.modules = &loaded, .n_modules = 1};

#define SUITE "\"suite\":{\"suite\":\"s\",\"benchmarks\":[{\"group\":\"g\",\"module\":\"fake\"}]}"
#define GUEST(name, launcher) "{\"configuration\":\"" name "\",\"guest\":{\"launcher\":\"" launcher "\"}}"

/* Reads `text` as a study; the caller frees both. Returns the problems as one text. */
static char *read_with(const char *text, const struct study_overrides *overrides, struct study *ret_study) {
    char path[] = "/tmp/vmsuite-study-XXXXXX", *printed = NULL;
    struct problems problems = {0};
    struct document document;
    size_t size;
    int fd = mkstemp(path);
    FILE *file = open_memstream(&printed, &size);

    assert_true(fd >= 0 && file);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    if (document_read(path, &problems, &document) == 0) {
        (void)study_read(&document, overrides, &modules, ret_study);
        document_done(&document);
    }
    problems_print(&problems, file);
    fclose(file);
    problems_done(&problems);
    unlink(path);
    return printed;
}

static char *read_text(const char *text, struct study *ret_study) {
    return read_with(text, &(struct study_overrides){0}, ret_study);
}

/* `text` has one problem, which says this. */
static void assert_problem(const char *text, const char *expected) {
    struct study study = {0};
    cleanup_free char *printed = read_text(text, &study);

    if (!strstr(printed, expected) || strchr(printed, '\n') != printed + strlen(printed) - 1)
        fail_msg("expected \"%s\", got: %s", expected, printed);
    study_done(&study);
}

static void read__a_good_study(void **state) {
    struct study study = {0};
    cleanup_free char *printed =
        read_text("{\"study\":\"x\"," SUITE ",\"rounds\":3,\"seed\":9,\"configurations\":[" GUEST(
                      "a", "qemu-tcg") "," GUEST("b", "kvm") ",{\"configuration\":\"c\"}]}",
                  &study);
    const struct study_entry *entries = study.entries;

    (void)state;
    assert_string_equal(printed, "");
    assert_int_equal(study.n_entries, 3);
    assert_int_equal(study.rounds[STUDY_REAL_TIME], 3);
    assert_int_equal(study.rounds[STUDY_INSTRUCTIONS], 3);
    assert_int_equal(study.seed, 9);
    assert_true(study.clocks[STUDY_REAL_TIME] && study.clocks[STUDY_INSTRUCTIONS]);
    /* Only what is emulated can count instructions. */
    assert_true(entries[0].has[STUDY_REAL_TIME] && entries[0].has[STUDY_INSTRUCTIONS]);
    assert_true(entries[1].has[STUDY_REAL_TIME] && !entries[1].has[STUDY_INSTRUCTIONS]);
    assert_true(entries[2].has[STUDY_REAL_TIME] && !entries[2].has[STUDY_INSTRUCTIONS]);
    assert_false(entries[0].configurations[STUDY_REAL_TIME].guest.icount);
    assert_true(entries[0].configurations[STUDY_INSTRUCTIONS].guest.icount);
    assert_string_equal(entries[0].configurations[STUDY_INSTRUCTIONS].suite.name, "s");
    study_done(&study);
}

/* What study.json holds is a study document that says the same. */
static void read__what_is_written_reads_back(void **state) {
    struct study study = {0}, again = {0};
    cleanup_free char *printed =
        read_text("{\"study\":\"x\",\"description\":\"why\"," SUITE
                  ",\"clocks\":[\"instructions\"],\"configurations\":[" GUEST("a", "qemu-tcg") "]}",
                  &study);
    cleanup_free char *text = json_dumps(study.json, 0), *printed_again = read_text(text, &again);

    (void)state;
    assert_string_equal(printed, "");
    assert_string_equal(printed_again, "");
    assert_true(json_equal(study.json, again.json));
    assert_false(study.entries[0].has[STUDY_REAL_TIME]);
    study_done(&study);
    study_done(&again);
}

static void read__mistakes(void **state) {
    (void)state;
    assert_problem("{" SUITE ",\"configurations\":[" GUEST("a", "kvm") "]}", "lacks \"study\"");
    assert_problem("{\"study\":\"../x\"," SUITE ",\"configurations\":[" GUEST("a", "kvm") "]}",
                   "$.study: must be a valid name for a folder");
    assert_problem("{\"study\":\"x\",\"configurations\":[" GUEST("a", "kvm") "]}", "lacks \"suite\"");
    assert_problem("{\"study\":\"x\"," SUITE "}", "lacks \"configurations\"");
    assert_problem("{\"study\":\"x\"," SUITE ",\"configurations\":[]}",
                   "$.configurations: must not be empty");
    assert_problem("{\"study\":\"x\"," SUITE ",\"clocks\":[],\"configurations\":[" GUEST("a", "kvm") "]}",
                   "$.clocks: must not be empty");
    assert_problem("{\"study\":\"x\"," SUITE ",\"rounds\":0,\"configurations\":[" GUEST("a", "kvm") "]}",
                   "$.rounds: must be from 1 to 1000, not 0");
    assert_problem("{\"study\":\"x\"," SUITE ",\"budget\":\"0s\",\"configurations\":[" GUEST("a", "kvm") "]}",
                   "$.budget: must be seconds above 0");
    assert_problem("{\"study\":\"x\"," SUITE
                   ",\"clocks\":[\"icount\"],\"configurations\":[" GUEST("a", "kvm") "]}",
                   "$.clocks[0]: must be \"real-time\" or \"instructions\"");
    assert_problem("{\"study\":\"x\"," SUITE ",\"round\":1,\"configurations\":[" GUEST("a", "kvm") "]}",
                   "did you mean \"rounds\"?");
    assert_problem("{\"study\":\"x\"," SUITE ",\"configurations\":[7]}", "$.configurations[0]: must be a");
    assert_problem("{\"study\":\"x\"," SUITE
                   ",\"configurations\":[" GUEST("a", "kvm") "," GUEST("a", "kvm") "]}",
                   "$.configurations[1].configuration: \"a\" is the name of another");
}

/* A mistake inside a configuration is told once, with its place in the study and its line. */
static void read__mistakes_of_configurations(void **state) {
    (void)state;
    assert_problem(
        "{\"study\":\"x\"," SUITE ",\n\"configurations\":[" GUEST(
            "a", "qemu-tcg") ",\n"
                             "{\"configuration\":\"b\",\"guest\":{\"launcher\":\"qemu-tcg\",\"vcpus\":0}}]}",
        ":3: $.configurations[1].guest.vcpus: must be from 1 to 256, not 0");
    assert_problem(
        "{\"study\":\"x\",\"suite\":{\"suite\":\"s\",\"benchmarks\":[{\"group\":\"g\","
        "\"module\":\"fake\",\"params\":{\"second\":1}}]},\"configurations\":[" GUEST("a", "kvm") "]}",
        "$.suite.benchmarks[0].params.second: module \"fake\" has no parameter \"second\"; did you");
    assert_problem("{\"study\":\"x\"," SUITE ",\"configurations\":[\"nativ\"]}",
                   "no configuration of that name");
}

static void overrides__stand_over_the_document(void **state) {
    const bool clocks[STUDY_CLOCKS] = {[STUDY_INSTRUCTIONS] = true};
    const uint64_t seed = 4;
    const struct study_overrides overrides = {.rounds = 2, .seed = &seed, .clocks = clocks};
    struct study study = {0};
    cleanup_free char *printed =
        read_with("{\"study\":\"x\"," SUITE ",\"rounds\":3,\"seed\":9,\"clocks\":[\"real-time\"],"
                  "\"configurations\":[" GUEST("a", "qemu-tcg") "]}",
                  &overrides, &study);

    (void)state;
    assert_string_equal(printed, "");
    assert_int_equal(study.rounds[STUDY_REAL_TIME], 2);
    assert_int_equal(study.rounds[STUDY_INSTRUCTIONS], 2);
    assert_int_equal(study.seed, 4);
    assert_false(study.entries[0].has[STUDY_REAL_TIME]);
    assert_true(study.entries[0].has[STUDY_INSTRUCTIONS]);
    study_done(&study);
}

/* Three boots tell what differs from boot to boot; where instructions are counted, one tells all. The
 * baseline is what is named, else what is native, else the first, whatever the alphabet says. */
static void defaults__rounds_and_baseline(void **state) {
    const struct study_overrides overrides = {.baseline = "z"};
    struct study study = {0}, again = {0};
    cleanup_free char *printed = read_text(
        "{\"study\":\"x\"," SUITE
        ",\"configurations\":[" GUEST("z", "qemu-tcg") "," GUEST("a", "kvm") "," GUEST("native", "kvm") "]}",
        &study);
    cleanup_free char *text = json_dumps(study.json, 0), *printed_again = read_with(text, &overrides, &again);

    (void)state;
    assert_string_equal(printed, "");
    assert_string_equal(printed_again, "");
    assert_int_equal(study.rounds[STUDY_REAL_TIME], 3);
    assert_int_equal(study.rounds[STUDY_INSTRUCTIONS], 1);
    assert_int_equal(again.rounds[STUDY_INSTRUCTIONS], 1);
    assert_int_equal(study.baseline, 2);
    assert_int_equal(again.baseline, 0);
    study_done(&study);
    study_done(&again);
    assert_problem("{\"study\":\"x\"," SUITE
                   ",\"baseline\":\"nativ\",\"configurations\":[" GUEST("native", "kvm") "]}",
                   "$.baseline: \"nativ\" is not a configuration of this study; did you mean \"native\"?");
}

/* What it is made for, where its records go and what they are called: the command line stands over the
 * first and adds to the last. */
static void read__goal_labels_and_store(void **state) {
    static const char text[] = "{\"study\":\"x\"," SUITE
                               ",\"find\":\"5%\",\"budget\":\"20min\",\"labels\":{\"a\":\"1\",\"b\":\"2\"},"
                               "\"store\":\"postgresql://h/d\",\"configurations\":[" GUEST("a", "kvm") "]}";
    json_auto_t *labels = json_pack("{s:s, s:s}", "b", "3", "c", "4"), *given = json_loads(text, 0, NULL);
    json_auto_t *merged = json_pack("{s:s, s:s, s:s}", "a", "1", "b", "3", "c", "4");
    const struct study_overrides goal = {.goal = {.budget_s = 60}, .labels = labels}, rounds = {.rounds = 4};
    struct study study = {0};
    cleanup_free char *printed = read_text(text, &study);

    (void)state;
    assert_string_equal(printed, "");
    assert_true(fabs(study.goal.find + log(0.95)) < 1e-12 && study.goal.budget_s == 1200);
    assert_true(json_equal(study.labels, json_object_get(given, "labels")));
    assert_string_equal(study.store, "postgresql://h/d");
    assert_string_equal(json_string_value(json_object_get(study.json, "find")), "5%");
    assert_true(json_number_value(json_object_get(study.json, "budget")) == 1200);
    study_done(&study);
    free(printed);

    printed = read_with(text, &goal, &study);
    assert_string_equal(printed, "");
    assert_true(study.goal.find == 0 && study.goal.budget_s == 60);
    assert_true(json_equal(study.labels, merged));
    study_done(&study);
    free(printed);

    printed = read_with(text, &rounds, &study);
    assert_string_equal(printed, "");
    assert_true(!goal_is_set(&study.goal) && study.rounds[STUDY_REAL_TIME] == 4);
    study_done(&study);
    assert_problem("{\"study\":\"x\"," SUITE
                   ",\"rounds\":3,\"budget\":60,\"configurations\":[" GUEST("a", "kvm") "]}",
                   "$.rounds: fixes the number of boots: leave out \"find\" and \"budget\"");
    assert_problem("{\"study\":\"x\"," SUITE
                   ",\"labels\":{\"a\":1},\"configurations\":[" GUEST("a", "kvm") "]}",
                   "$.labels");
}

/* A factor is written as one: as a share of the speed it would be beyond what may be asked for. */
static void read__a_factor_is_kept(void **state) {
    static const char *const given[] = {"1001", "2x", "1.5", "0.1%", "99.9%", "1.001"};
    static const char *const written[] = {"1001x", "2x", "33.3333333333%", "0.1%", "1000x", "1.001x"};

    (void)state;
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        cleanup_free char *text = NULL, *printed = NULL;
        struct study study = {0};

        assert_true(asprintf(&text,
                             "{\"study\":\"x\"," SUITE
                             ",\"find\":\"%s\",\"configurations\":[" GUEST("a", "kvm") "]}",
                             given[i]) > 0);
        printed = read_text(text, &study);
        assert_string_equal(printed, "");
        assert_string_equal(json_string_value(json_object_get(study.json, "find")), written[i]);
        study_done(&study);
    }
}

/* Jobs run side by side, each once; what they say comes back; a signal ends them all. */
struct counted {
    size_t n_begun, n_ended, n_now, most;
    int statuses[9];
};

static void begin(void *context, size_t job) {
    struct counted *counted = context;

    counted->n_begun++;
    if (++counted->n_now > counted->most)
        counted->most = counted->n_now;
    assert_int_equal(counted->statuses[job], 0);
}

static int work(void *context, size_t job) {
    (void)context;
    if (job == 4)
        (void)raise(SIGKILL);
    (void)usleep(20000);
    return (int)job + 1;
}

static void end(void *context, size_t job, int status, double seconds) {
    struct counted *counted = context;

    counted->n_ended++;
    counted->n_now--;
    counted->statuses[job] = status;
    assert_true(seconds >= 0);
}

static void pool__jobs(void **state) {
    struct counted counted = {0};
    struct pool_work jobs = {&counted, 9, begin, work, end};

    (void)state;
    assert_true(pool_run(&jobs, 3));
    assert_int_equal(counted.n_begun, 9);
    assert_int_equal(counted.n_ended, 9);
    assert_int_equal(counted.most, 3);
    for (int i = 0; i < 9; i++)
        assert_int_equal(counted.statuses[i], i == 4 ? -1 : i + 1);
    assert_int_equal(pool_workers(1ULL << 62), 1);
    assert_true(pool_workers(1) >= 1);
}

static const char *text_at(const json_t *list, size_t index, const char *object, const char *key) {
    return json_string_value(json_object_get(json_object_get(json_array_get(list, index), object), key));
}

static void kinds__become_configurations(void **state) {
    struct vms_error error = {""};
    json_t *document = kinds_document("here,qemu-tcg,kvm/kvm", &error);
    const json_t *list = json_object_get(document, "configurations");

    (void)state;
    assert_int_equal(json_array_size(list), 3);
    assert_null(json_object_get(json_array_get(list, 0), "guest"));
    assert_string_equal(text_at(list, 1, "expect", "virtualization"), "qemu");
    assert_string_equal(text_at(list, 2, "guest", "launcher"), "kvm");
    json_decref(document);
    document = kinds_document("native,xen-pvhvm", &error);
    list = json_object_get(document, "configurations");
    assert_string_equal(text_at(list, 0, "expect", "virtualization"), "qemu");
    assert_string_equal(text_at(list, 1, "expect", "virtualization"), "xen-hvm");
    assert_string_equal(text_at(list, 1, "guest", "kind"), "xen-pvhvm");
    assert_string_equal(text_at(list, 1, "guest", "backing"), "memory");
    json_decref(document);
    assert_null(kinds_document("qemu-tgc", &error));
    assert_non_null(strstr(error.text, "did you mean \"qemu-tcg\"?"));
    assert_null(kinds_document("qemu-tcg/pv", &error));
    assert_null(kinds_document("", &error));
}

/* A configuration is measured at each place that it names, as a run over places measures it: those that take
 * turns in one visit, of which its first is the lead. */
static void read__places(void **state) {
    struct study study = {0}, again = {0};
    cleanup_free char *printed = read_text(
        "{\"study\":\"x\"," SUITE ",\"baseline\":\"c+q-50\",\"configurations\":["
        "{\"configuration\":\"here\",\"places\":[\"local\",\"web=exec:env A=b\"]},"
        "{\"configuration\":\"c\",\"places\":[\"q=cgroup:cpu=25%,50%\"]},{\"configuration\":\"d\"}]}",
        &study);
    cleanup_free char *text = json_dumps(study.json, 0), *printed_again = read_text(text, &again);
    static const char *const names[] = {"local", "web", "c+q-25", "c+q-50", "d"};
    static const size_t leads[] = {0, 0, 2, 2, 4};

    (void)state;
    assert_string_equal(printed, "");
    assert_string_equal(printed_again, "");
    assert_int_equal(study.n_entries, 5);
    assert_int_equal(study.baseline, 3);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(study.entries[i].name, names[i]);
        assert_string_equal(again.entries[i].name, names[i]);
        assert_int_equal(study.entries[i].place.kind != NULL, i < 4);
        assert_int_equal(study.entries[i].lead, leads[i]);
        assert_int_equal(again.entries[i].lead, leads[i]);
        assert_true(study.entries[i].has[STUDY_REAL_TIME] && !study.entries[i].has[STUDY_INSTRUCTIONS]);
    }
    assert_string_equal(study.entries[3].place.text, "q-50=cgroup:cpu=50%");
    assert_int_equal(json_array_size(json_object_get(study.json, "configurations")), 3);
    assert_true(json_equal(study.json, again.json));
    study_done(&study);
    study_done(&again);
    assert_problem("{\"study\":\"x\"," SUITE
                   ",\"configurations\":[{\"configuration\":\"c\",\"places\":[\"local\","
                   "\"local\"]}]}",
                   "$.configurations[0].places: \"c+local\" is the name of another");
}

/* A guest that hands its record out at its end takes no turns: it is a visit by itself. */
static void read__places_that_take_no_turns(void **state) {
    struct study study = {0};
    cleanup_free char *printed =
        read_text("{\"study\":\"x\"," SUITE ",\"configurations\":[{\"configuration\":\"here\",\"places\":["
                  "\"a=local\",\"b=xen-pv\",\"c=local\",\"d=xen-pv\"]}]}",
                  &study);
    static const size_t leads[] = {0, 1, 0, 3}, n_places[] = {2, 1, 2, 1};

    (void)state;
    assert_string_equal(printed, "");
    assert_int_equal(study.n_entries, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(study.entries[i].lead, leads[i]);
        assert_int_equal(study.entries[i].configurations[STUDY_REAL_TIME].n_places, n_places[i]);
    }
    study_done(&study);
}

/* The study's folder is for others to read: what is written there has no password. */
static void store__password_is_not_written(void **state) {
    static const struct {
        const char *store;
        bool written;
    } rows[] = {{"postgresql://u@db1/results", true},
                {"postgresql://u:secret@db1/results", false},
                {"postgresql://db1/results?password=secret", false},
                {"/srv/history.db", true}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        cleanup_free char *text = NULL, *problems = NULL;
        struct study study = {0};

        assert_true(asprintf(&text,
                             "{\"study\":\"s\"," SUITE ",\"store\":\"%s\",\"configurations\":["
                             "{\"configuration\":\"a\"},{\"configuration\":\"b\"}]}",
                             rows[i].store) > 0);
        problems = read_text(text, &study);
        assert_string_equal(problems, "");
        assert_string_equal(study.store, rows[i].store);
        assert_int_equal(json_object_get(study.json, "store") != NULL, rows[i].written);
        study_done(&study);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__a_good_study),
        cmocka_unit_test(read__what_is_written_reads_back),
        cmocka_unit_test(read__mistakes),
        cmocka_unit_test(read__mistakes_of_configurations),
        cmocka_unit_test(overrides__stand_over_the_document),
        cmocka_unit_test(defaults__rounds_and_baseline),
        cmocka_unit_test(read__goal_labels_and_store),
        cmocka_unit_test(read__a_factor_is_kept),
        cmocka_unit_test(store__password_is_not_written),
        cmocka_unit_test(pool__jobs),
        cmocka_unit_test(kinds__become_configurations),
        cmocka_unit_test(read__places),
        cmocka_unit_test(read__places_that_take_no_turns),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
