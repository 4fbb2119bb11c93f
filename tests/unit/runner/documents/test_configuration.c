/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each member of a configuration and of its suite, and each default, as the run gets them. */
#include "documents/claims.h"
#include "documents/configuration.h"

#include "base/cleanup.h"
#include "files/private.h"
#include "files/tree.h"
#include "json/problems.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct vms_param params[] = {
    {"count", VMS_COUNT, "3", "1", "1000", NULL, "A number.", VMS_ROLE_PLAIN},
    {"share", VMS_RATE, "1", NULL, NULL, NULL, "A rate.", VMS_ROLE_PLAIN},
    {"sure", VMS_BOOLEAN, "false", NULL, NULL, NULL, "A flag.", VMS_ROLE_PLAIN},
};
static const struct vms_metric metrics[] = {
    {"speed", VMS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL, "Speed.", VMS_ROLE_HEADLINE}};

static int measure(const struct vms_host *host, const union vms_value *values, void *state,
                   struct vms_error *error) {
    (void)host, (void)values, (void)state, (void)error;
    return 0;
}

static int serve(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    (void)host, (void)values, (void)error;
    return 0;
}

#define MODULE(NAME)                                                                                         \
    {                                                                                                        \
        VMS_MODULE_ABI, .name = (NAME), .summary = "A module for tests.", .workload_version = 1,             \
                        .params = params, .n_params = VMS_LENGTH(params), .metrics = metrics,                \
                        .n_metrics = VMS_LENGTH(metrics), .measure = measure                                 \
    }
static const struct vms_module one = MODULE("one"), two = MODULE("two");
static const struct vms_module sided = {
    VMS_MODULE_ABI,          .name = "sided",    .summary = "A module with a peer.", .workload_version = 1,
    .needs = VMS_NEEDS_PEER, .metrics = metrics, .n_metrics = VMS_LENGTH(metrics),   .measure = measure,
    .serve = serve};
static struct loaded_module loaded[] = {{.module = &one}, {.module = &two}, {.module = &sided}};
static const struct module_list modules = {.modules = loaded, .n_modules = VMS_LENGTH(loaded)};

static char *folder;

static int make_folder(void **state) {
    (void)state;
    folder = private_folder("/var/tmp", "vmsuite-test-", NULL);
    return folder ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    (void)tree_remove(folder);
    free(folder);
    return 0;
}

static char *path_of(const char *name) {
    char *path = NULL;

    assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
    return path;
}

static void write_file(const char *name, const char *text) {
    cleanup_free char *path = path_of(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
}

/* Reads the text as a file of the folder; the problems without that file's name, a line each. */
static char *read_with(const char *text, const struct configuration_overrides *overrides,
                       struct configuration *ret_configuration) {
    cleanup_free char *path = path_of("c.json");
    struct problems problems = {0};
    char *printed = NULL, *all = NULL, *line, *rest;
    size_t size, length = 0;
    FILE *file = open_memstream(&printed, &size);
    int status;

    write_file("c.json", text);
    status = configuration_read(path, overrides, &modules, &problems, ret_configuration);
    assert_int_equal(status, problems.n_problems == 0 ? 0 : -EINVAL);
    problems_print(&problems, file);
    (void)fclose(file);
    problems_done(&problems);
    all = calloc(size + 1, 1);
    for (rest = printed; (line = strsep(&rest, "\n")) && *line;) {
        const char *shown = strncmp(line, path, strlen(path)) == 0 ? line + strlen(path) + 1 : line;

        length += (size_t)sprintf(all + length, "%s\n", shown);
    }
    free(printed);
    return all;
}

static void read_good(const char *text, struct configuration *ret_configuration) {
    cleanup_free char *problems = read_with(text, &(struct configuration_overrides){0}, ret_configuration);

    assert_string_equal(problems, "");
}

static void assert_problem(const char *text, const char *expected) {
    struct configuration configuration;
    cleanup_free char *problems = read_with(text, &(struct configuration_overrides){0}, &configuration);

    assert_string_equal(problems, expected);
    configuration_done(&configuration);
}

#define BENCHMARK "{\"group\": \"g\", \"module\": \"one\"}"
#define SUITE "{\"suite\": \"s\", \"benchmarks\": [" BENCHMARK "]}"
#define PLAIN "{\"configuration\": \"c\", \"suite\": " SUITE "}"

static void configuration__each_member(void **state) {
    struct configuration c;
    cleanup_free char *path = path_of("c.json"), *store = path_of("runs.db");

    (void)state;
    write_file("token", "  0123456789abcdef  \n");
    read_good(
        "{\"$schema\": \"s\", \"configuration\": \"full-1\", \"description\": \"d\",\n"
        "\"expect\": {\"cpus\": 2, \"kernel\": \"6.*\"}, \"suite\": " SUITE ",\n"
        "\"peer\": {\"address\": \"192.0.2.1\", \"port\": 65535, \"token_file\": \"token\"},\n"
        "\"places\": [\"local\", \"nspawn:/x\"], \"scratch\": \"/scratch\", \"destroys\": \"/dev/vdb\",\n"
        "\"device\": {\"size\": \"8GiB\", \"id\": \"S3RIAL\", \"holds\": \"ext4\"},\n"
        "\"store\": \"runs.db\", \"find\": \"5%\", \"budget\": \"20min\"}",
        &c);
    assert_string_equal(c.name, "full-1");
    assert_string_equal(c.file, path);
    assert_int_equal(c.claims.n_expectations, 2);
    assert_string_equal(c.claims.expectations[0].key, "cpus");
    assert_string_equal(c.claims.expectations[0].value, "2");
    assert_string_equal(c.claims.expectations[1].key, "kernel");
    assert_string_equal(c.claims.expectations[1].value, "6.*");
    assert_null(c.claims.mismatch);
    assert_true(c.has_peer && c.peer.token.present);
    assert_string_equal(c.peer.host, "192.0.2.1");
    assert_int_equal(c.peer.port, 65535);
    assert_int_equal(c.n_places, 2);
    assert_string_equal(c.places[0], "local");
    assert_string_equal(c.places[1], "nspawn:/x");
    assert_string_equal(c.scratch, "/scratch");
    assert_string_equal(c.destroys, "/dev/vdb");
    assert_true(c.device.size == UINT64_C(8) << 30);
    assert_string_equal(c.device.id, "S3RIAL");
    assert_string_equal(c.device.holds, "ext4");
    assert_string_equal(c.store, store);
    assert_true(fabs(c.goal.find + log(0.95)) < 1e-12);
    assert_true(c.goal.budget_s == 1200);
    assert_false(c.guest.present);
    assert_null(json_object_get(c.json, "store"));
    assert_int_equal(json_object_size(c.json), 12);
    assert_string_equal(json_string_value(json_object_get(c.json, "description")), "d");
    configuration_done(&c);
}

static void configuration__what_is_left_out(void **state) {
    struct configuration c;

    (void)state;
    read_good(PLAIN, &c);
    assert_true(!c.has_peer && c.n_places == 0 && !c.scratch && !c.destroys && !c.store && !c.guest.present);
    assert_true(c.claims.n_expectations == 0 && c.device.size == 0 && !c.device.id && !c.device.holds);
    assert_true(c.goal.find == 0 && c.goal.budget_s == 0);
    configuration_done(&c);
    read_good("{\"configuration\": \"c\", \"suite\": " SUITE ", \"peer\": {\"address\": \"host\"}}", &c);
    assert_true(c.has_peer && !c.peer.token.present);
    assert_int_equal(c.peer.port, 7411);
    configuration_done(&c);
    read_good("{\"configuration\": \"c\", \"suite\": " SUITE ", \"store\": \"postgresql://h/d\"}", &c);
    assert_string_equal(c.store, "postgresql://h/d");
    configuration_done(&c);
}

static void configuration__what_is_wrong(void **state) {
    static const struct {
        const char *members, *problem;
    } wrong[] = {
        {"\"expect\": {\"cpus\": []}", "2: $.expect.cpus: must be text or a whole number\n"},
        {"\"expect\": {\"cpus\": 1.5}", "2: $.expect.cpus: must be text or a whole number\n"},
        {"\"expect\": {\"container\": \"\"}", NULL},
        {"\"places\": [\"local\",\n7]", "3: $.places[1]: must be text\n"},
        {"\"places\": []", NULL},
        {"\"device\": {\"size\": \"8GiB\"}",
         "2: $.device: says what \"destroys\" names, but \"destroys\" is missing\n"},
        {"\"destroys\": \"vdb\"",
         "2: $.destroys: must be the path of a block device, such as \"/dev/vdb\": everything on it is "
         "lost\n"},
        {"\"destroys\": \"/dev/vdb\", \"device\": {\"size\": \"much\"}", NULL},
        {"\"destroys\": \"/dev/vdb\", \"device\": {\"id\": \"\"}", "2: $.device.id: must not be empty\n"},
        {"\"destroys\": \"/dev/vdb\", \"device\": {\"holds\": \"\"}",
         "2: $.device.holds: must not be empty\n"},
        {"\"scratch\": \"\"", "2: $.scratch: must not be empty\n"},
        {"\"store\": \"\"", "2: $.store: must not be empty\n"},
        {"\"find\": \"much\"", NULL},
        {"\"budget\": \"long\"", NULL},
        {"\"peer\": {\"address\": \"192.0.2.1:7\"}", NULL},
        {"\"peer\": {\"address\": \"h\", \"port\": 0}", "2: $.peer.port: must be from 1 to 65535, not 0\n"},
        {"\"peer\": {\"address\": \"h\", \"port\": 65536}",
         "2: $.peer.port: must be from 1 to 65535, not 65536\n"},
        {"\"peer\": {\"address\": \"h\", \"token_file\": \"\"}", NULL},
        {"\"peer\": {\"address\": \"h\", \"token_file\": \"absent\"}", NULL},
        {"\"guest\": {}", NULL},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(wrong); i++) {
        struct configuration configuration;
        cleanup_free char *text = NULL, *problems = NULL;

        assert_true(
            asprintf(&text, "{\"configuration\": \"c\", \"suite\": %s,\n%s}", SUITE, wrong[i].members) > 0);
        problems = read_with(text, &(struct configuration_overrides){0}, &configuration);
        if (wrong[i].problem ? strcmp(problems, wrong[i].problem) != 0 : strncmp(problems, "2: $.", 5) != 0)
            fail_msg("%s: %s", wrong[i].members, problems);
        configuration_done(&configuration);
    }
    assert_problem("{\"suite\": " SUITE "}",
                   "1: $: lacks \"configuration\", the name that its records go by\n");
    assert_problem(
        "{\"configuration\": \"c\", \"suite\": {\"suite\": \"s\", \"benchmarks\": [{\"group\": \"g\"}]}}",
        "1: $.suite.benchmarks[0]: lacks \"module\", the name of a module (`vmsuite list` shows them)\n");
    assert_problem("{\"configuration\": \"c\", \"suite\": {\"benchmarks\": [" BENCHMARK "]}}",
                   "1: $.suite: lacks \"suite\", the suite's name\n");
    assert_problem("{\"configuration\": \"c\", \"suite\": {\"suite\": \"s\"}}",
                   "1: $.suite: lacks \"benchmarks\", what is measured, a list of benchmarks\n");
    assert_problem("{\"configuration\": \"c\", \"suite\": 5}",
                   "1: $.suite: must be a suite's name, its file, or the suite itself\n");
    assert_problem("{\"study\": \"x\", \"configurations\": []}",
                   "1: $: is a study, not a configuration; `vmsuite study --config` takes it\n");
}

#define FULL                                                                                                 \
    "{\"suite\": \"full\", \"description\": \"d\", \"trials\": 7, \"warmup\": 0, "                           \
    "\"order\": \"sequential\", \"together\": true, \"seed\": 0, \"benchmarks\": [\n"                        \
    "{\"group\": \"a\", \"module\": \"two\", \"trials\": 2, \"warmup\": 1000, "                              \
    "\"deadline\": \"5min\", \"cpus\": \"0-1\", "                                                            \
    "\"params\": {\"count\": [1, \"1000\"], \"share\": 2.5, \"sure\": true}},\n"                             \
    "{\"group\": \"b\", \"module\": \"one\"}]}"

static void suite__each_member(void **state) {
    static const char *const texts[][2] = {{"1", "1000"}, {"2.5"}, {"true"}};
    struct configuration c;
    const struct suite_benchmark *first, *second;

    (void)state;
    read_good("{\"configuration\": \"c\", \"suite\": " FULL "}", &c);
    assert_string_equal(c.suite.name, "full");
    assert_string_equal(c.suite.description, "d");
    assert_true(c.suite.sequential && c.suite.together && c.suite.has_seed && c.suite.seed == 0);
    assert_int_equal(c.suite.n_benchmarks, 2);
    first = &c.suite.benchmarks[0], second = &c.suite.benchmarks[1];
    assert_string_equal(first->group, "a");
    assert_ptr_equal(first->module, &two);
    assert_true(first->trials == 2 && first->warmup == 1000 && first->target == 0 &&
                first->deadline_s == 300);
    assert_string_equal(first->cpus, "0-1");
    for (size_t i = 0; i < VMS_LENGTH(texts); i++) {
        assert_true(first->sweeps[i].is_given && first->sweeps[i].n_texts == (i == 0 ? 2 : 1));
        for (size_t k = 0; k < first->sweeps[i].n_texts; k++)
            assert_string_equal(first->sweeps[i].texts[k], texts[i][k]);
        assert_true(!second->sweeps[i].is_given && second->sweeps[i].n_texts == 1);
        assert_string_equal(second->sweeps[i].texts[0], params[i].fallback);
    }
    assert_string_equal(second->group, "b");
    assert_ptr_equal(second->module, &one);
    assert_true(second->trials == 7 && second->warmup == 0 && second->target == 0 && second->deadline_s == 0);
    assert_null(second->cpus);
    assert_int_equal(suite_count_cases(first, 100), 2);
    configuration_done(&c);
}

static void suite__what_is_left_out_and_auto(void **state) {
    struct configuration c;

    (void)state;
    read_good(PLAIN, &c);
    assert_true(!c.suite.description && !c.suite.sequential && !c.suite.together && !c.suite.has_seed);
    assert_true(c.suite.benchmarks[0].trials == 10 && c.suite.benchmarks[0].warmup == 1);
    configuration_done(&c);
    read_good("{\"configuration\": \"c\", \"suite\": {\"suite\": \"s\","
              " \"trials\": \"auto\", \"benchmarks\": [" BENCHMARK
              ", {\"group\": \"h\", \"module\": \"two\", \"trials\": 4}]}}",
              &c);
    assert_true(c.suite.benchmarks[0].trials == 100 && c.suite.benchmarks[0].target == 0.02);
    assert_true(c.suite.benchmarks[1].trials == 4 && c.suite.benchmarks[1].target == 0);
    configuration_done(&c);
    assert_problem(
        "{\"configuration\": \"c\", \"suite\": {\"suite\": \"s\", \"trials\": \"auto\", \"together\": true, "
        "\"benchmarks\": [" BENCHMARK "," BENCHMARK "]}}",
        "1: $.suite: \"together\" needs a number of trials, the same at all places, not \"auto\"\n");
}

/* A suite as records hold it: every default and sweep, nothing else. */
static void suite__as_records_hold_it(void **state) {
    struct configuration c;
    json_t *expected = json_loads(
        "{\"suite\": \"full\", \"description\": \"d\", \"order\": \"sequential\", \"together\": true, "
        "\"benchmarks\": ["
        "{\"group\": \"a\", \"module\": \"two\", \"trials\": 2, \"warmup\": 1000, \"deadline\": 300.0, "
        "\"cpus\": \"0-1\", "
        "\"params\": {\"count\": [\"1\", \"1000\"], \"share\": [\"2.5\"], \"sure\": [\"true\"]}},"
        "{\"group\": \"b\", \"module\": \"one\", \"trials\": 7, \"warmup\": 0, \"params\": {\"count\": "
        "[\"3\"], "
        "\"share\": [\"1\"], \"sure\": [\"false\"]}}]}",
        0, NULL);

    (void)state;
    read_good("{\"configuration\": \"c\", \"suite\": " FULL "}", &c);
    assert_true(json_equal(c.suite_json, expected));
    json_decref(expected);
    configuration_done(&c);
    expected = json_loads(
        "{\"suite\": \"s\", \"order\": \"random\", \"benchmarks\": [{\"group\": \"g\", \"module\": \"one\", "
        "\"trials\": \"auto\", \"warmup\": 1, \"params\": {\"count\": [\"3\"], \"share\": [\"1\"], "
        "\"sure\": [\"false\"]}}]}",
        0, NULL);
    read_good("{\"configuration\": \"c\", \"suite\": {\"suite\": \"s\","
              " \"trials\": \"auto\", \"benchmarks\": [" BENCHMARK "]}}",
              &c);
    assert_true(json_equal(c.suite_json, expected));
    json_decref(expected);
    configuration_done(&c);
}

/* The command line over the configuration's head: its suite, trials, cases and scratch folder. */
static void overrides__each(void **state) {
    char *words[] = {(char *)"tw*", (char *)"none"};
    cleanup_free char *other = path_of("other.json"), *problems = NULL;
    struct configuration c;

    (void)state;
    write_file("other.json", "{\"suite\": \"other\", \"trials\": \"auto\", \"benchmarks\": [" BENCHMARK
                             ", {\"group\": \"h\", \"module\": \"two\"}]}");
    problems = read_with("{\"configuration\": \"c\", \"scratch\": \"/old\", \"suite\": " SUITE "}",
                         &(struct configuration_overrides){other, 12, {words, 1}, "/new"}, &c);
    assert_string_equal(problems, "");
    assert_string_equal(c.suite.name, "other");
    assert_int_equal(c.suite.n_benchmarks, 1);
    assert_string_equal(c.suite.benchmarks[0].group, "h");
    assert_true(c.suite.benchmarks[0].trials == 12 && c.suite.benchmarks[0].target == 0);
    assert_string_equal(c.scratch, "/new");
    assert_string_equal(json_string_value(json_object_get(c.suite_json, "suite")), "other");
    configuration_done(&c);
    free(problems);
    problems = read_with(PLAIN, &(struct configuration_overrides){.only = {words, 2}}, &c);
    assert_string_equal(problems, "--only: suite \"s\" has no group or module that matches \"tw*\"\n");
    configuration_done(&c);
    free(problems);
    /* A file beside the configuration, which it names itself. */
    problems = read_with("{\"configuration\": \"c\", \"suite\": \"other.json\"}",
                         &(struct configuration_overrides){0}, &c);
    assert_string_equal(problems, "");
    assert_true(c.suite.n_benchmarks == 2 && c.suite.benchmarks[1].trials == 100);
    configuration_done(&c);
}

static void claims__are_held_against_this_machine(void **state) {
    static const char plain_then_sided[] = BENCHMARK ", {\"group\": \"p\", \"module\": \"sided\"}";
    static const char sided_then_plain[] = "{\"group\": \"p\", \"module\": \"sided\"}, " BENCHMARK;
    static const struct {
        const char *benchmarks, *peer, *path;
        int broken;
    } ways[] = {
        {plain_then_sided, "", "loopback", 0},
        {plain_then_sided, "", "network", 1},
        {sided_then_plain, "", "network", 1},
        {sided_then_plain, "\"peer\": {\"address\": \"127.0.0.1\"},", "loopback", 0},
        {sided_then_plain, "\"peer\": {\"address\": \"127.0.0.1\"},", "network", 1},
        {BENCHMARK, "\"peer\": {\"address\": \"127.0.0.1\"},", "network", 0},
    };
    struct configuration c;
    char *sentences = NULL;

    (void)state;
    read_good("{\"configuration\": \"c\", \"suite\": " SUITE
              ", \"expect\": {\"cpus\": \">=1\", \"kernel\": \"*\"}}",
              &c);
    assert_int_equal(claims_check(&c, folder, &sentences), 0);
    assert_null(sentences);
    configuration_done(&c);
    read_good("{\"configuration\": \"c\", \"suite\": " SUITE
              ", \"expect\": {\"kernel\": \"no*\", \"cpus\": \">=1\"}}",
              &c);
    assert_int_equal(claims_check(&c, folder, &sentences), 1);
    assert_non_null(strstr(sentences, "no*"));
    assert_null(strstr(sentences, "cpus"));
    free(sentences);
    configuration_done(&c);
    /* Without a case that needs a peer nothing is said of a path. */
    read_good("{\"configuration\": \"c\", \"suite\": " SUITE ", \"expect\": {\"network_path\": \"network\"}}",
              &c);
    assert_int_equal(claims_check(&c, folder, &sentences), 0);
    configuration_done(&c);
    /* With one, wherever it stands, it is the peer's, or that of the one which is started here. */
    for (size_t i = 0; i < VMS_LENGTH(ways); i++) {
        cleanup_free char *text = NULL;

        assert_true(
            asprintf(&text,
                     "{\"configuration\": \"c\", %s \"expect\": {\"network_path\": \"%s\"}, \"suite\": "
                     "{\"suite\": \"s\", \"benchmarks\": [%s]}}",
                     ways[i].peer, ways[i].path, ways[i].benchmarks) > 0);
        read_good(text, &c);
        sentences = NULL;
        assert_int_equal(claims_check(&c, folder, &sentences), ways[i].broken);
        assert_true(ways[i].broken ? strstr(sentences, "network_path") != NULL : !sentences);
        free(sentences);
        configuration_done(&c);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(configuration__each_member),
        TEST(configuration__what_is_left_out),
        TEST(configuration__what_is_wrong),
        TEST(suite__each_member),
        TEST(suite__what_is_left_out_and_auto),
        TEST(suite__as_records_hold_it),
        TEST(overrides__each),
        TEST(claims__are_held_against_this_machine),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
