/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Suites and configurations: what is good is read, and each mistake is reported with file, line, place and
 * mend. */
#include "documents/configuration.h"
#include "run/plan/plan.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const modes[] = {"stream", "request-response", NULL};
static const struct vms_param params[] = {
    {"mode", VMS_CHOICE, "stream", NULL, NULL, modes, "What is measured.", VMS_ROLE_PLAIN},
    {"message_size", VMS_BYTES, "1KiB", "1", "1GiB", NULL, "Bytes of a message.", VMS_ROLE_SIZE},
    {"seconds", VMS_SECONDS, "10", "1ms", "24h", NULL, "How long.", VMS_ROLE_PLAIN},
};
static const struct vms_metric metrics[] = {
    {"goodput", VMS_BITS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_RECEIVER, "Bits.", VMS_ROLE_HEADLINE}};

static int measure(const struct vms_host *host, const union vms_value *values, void *state,
                   struct vms_error *error) {
    (void)host, (void)values, (void)state, (void)error;
    return 0;
}

static void estimate(const union vms_value *values, struct vms_estimate *ret) {
    ret->seconds = values[2].seconds;
}

static const struct vms_module module = {VMS_MODULE_ABI,
                                         .name = "tcp",
                                         .summary = "A module for tests.",
                                         .workload_version = 1,
                                         .params = params,
                                         .n_params = VMS_LENGTH(params),
                                         .metrics = metrics,
                                         .n_metrics = VMS_LENGTH(metrics),
                                         .measure = measure,
                                         .estimate = estimate};
static struct loaded_module loaded = {.module = &module};
static const struct module_list modules = {.modules = &loaded, .n_modules = 1};

/* Reads `text` as a configuration; the caller frees both. Returns the problems as one text. */
static char *read_text(const char *text, struct configuration *ret_configuration) {
    const struct configuration_overrides none = {0};
    char path[] = "/tmp/vmsuite-test-XXXXXX", *printed = NULL;
    struct problems problems = {0};
    size_t size;
    int fd = mkstemp(path);
    FILE *file = open_memstream(&printed, &size);

    assert_true(fd >= 0 && file);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    (void)configuration_read(path, &none, &modules, &problems, ret_configuration);
    problems_print(&problems, file);
    fclose(file);
    problems_done(&problems);
    unlink(path);
    return printed;
}

/* The problems of `text`, each of `count` lines without the file's name, must be those of `expected`. */
static void assert_problems(const char *text, const char *const *expected) {
    struct configuration configuration;
    char *printed = read_text(text, &configuration), *line, *rest = printed;
    size_t n = 0;

    while ((line = strsep(&rest, "\n")) && *line) {
        assert_memory_equal(line, "/tmp/vmsuite-test-", 18);
        if (!expected[n])
            fail_msg("not expected: %s", line);
        assert_string_equal(strchr(line, ':') + 1, expected[n]);
        n++;
    }
    if (expected[n])
        fail_msg("not reported: %s", expected[n]);
    free(printed);
    configuration_done(&configuration);
}

#define GOOD_SUITE                                                                                           \
    "{\"suite\": \"s\", \"benchmarks\": [{\"group\": \"g\", \"module\": \"tcp\", \"params\": "               \
    "{\"message_size\": [1, \"2KiB\"], \"mode\": [\"stream\", \"request-response\"]}, \"trials\": 3}]}"

static void read__good(void **state) {
    struct configuration configuration;
    char *printed = read_text("{\"configuration\": \"c\", \"suite\": " GOOD_SUITE "}", &configuration);
    const char *order = NULL;
    int trials = 0, warmup = 0;

    (void)state;
    assert_string_equal(printed, "");
    assert_string_equal(configuration.name, "c");
    assert_int_equal(configuration.suite.n_benchmarks, 1);
    assert_int_equal(configuration.suite.benchmarks[0].trials, 3);
    assert_int_equal(configuration.suite.benchmarks[0].warmup, SUITE_WARMUP);
    assert_int_equal(configuration.suite.benchmarks[0].sweeps[1].n_texts, 2);
    assert_string_equal(configuration.suite.benchmarks[0].sweeps[2].texts[0], "10");
    /* As records keep it: what was left out is there. */
    assert_int_equal(json_unpack(configuration.suite_json, "{s:s, s:[{s:i, s:i}]}", "order", &order,
                                 "benchmarks", "trials", &trials, "warmup", &warmup),
                     0);
    assert_string_equal(order, "random");
    assert_int_equal(trials, 3);
    assert_int_equal(warmup, SUITE_WARMUP);
    free(printed);
    configuration_done(&configuration);
}

static void read__all_problems_at_once(void **state) {
    (void)state;
    assert_problems(
        "{\n"
        " \"configuration\": \"a/b\",\n"
        " \"expcet\": {},\n"
        " \"suite\": {\"suite\": 7, \"order\": \"sorted\", \"trials\": 0, \"benchmarks\": [\n"
        "  {\"group\": \"g\", \"module\": \"tpc\"},\n"
        "  {\"group\": \"\", \"module\": \"tcp\", \"params\": {\"mode\": \"steam\",\n"
        "     \"mesage_size\": 1, \"seconds\": [], \"message_size\": [0, {}]}},\n"
        "  {\"module\": \"tcp\", \"deadline\": \"soon\", \"cpus\": \"3-1\"},\n"
        "  5\n"
        " ]}\n"
        "}\n",
        (const char *const[]){
            "3: $.expcet: unknown key \"expcet\"; did you mean \"expect\"?",
            "2: $.configuration: must be 1 to 64 letters, digits, '.', '_', '+' or '-', not beginning with "
            "'.' or '-', since records are "
            "named after it",
            "4: $.suite.suite: must be a string, not a whole number",
            "4: $.suite.trials: must be from 1 to 10000, not 0",
            "4: $.suite.order: must be random or sequential, not \"sorted\"",
            "6: $.suite.benchmarks[1].group: must not be empty",
            "8: $.suite.benchmarks[2]: lacks \"group\", the name that its results go by",
            "8: $.suite.benchmarks[2].deadline: \"soon\" is not a time such as 10, 250ms, 10s, 5min or 1h",
            "8: $.suite.benchmarks[2].cpus: \"3-1\" is not a list of processors such as \"0\" or \"0-3,8\"",
            "9: $.suite.benchmarks[3]: must be an object, not a whole number",
            "5: $.suite.benchmarks[0].module: no module \"tpc\"; did you mean \"tcp\"?",
            "6: $.suite.benchmarks[1].params.mode: parameter \"mode\": must be stream or "
            "request-response, not \"steam\"; did you mean \"stream\"?",
            "7: $.suite.benchmarks[1].params.mesage_size: module \"tcp\" has no parameter \"mesage_size\"; "
            "did you mean \"message_size\"?",
            "7: $.suite.benchmarks[1].params.seconds: an empty list gives no case; name at least one value",
            "7: $.suite.benchmarks[1].params.message_size[0]: parameter \"message_size\": \"0\" is too "
            "small: the minimum is 1",
            "7: $.suite.benchmarks[1].params.message_size[1]: must be a string, a number or true or false",
            NULL});
}

static void read__duplicate_key(void **state) {
    (void)state;
    assert_problems("{\"configuration\": \"c\",\n \"configuration\": \"d\",\n \"suite\": " GOOD_SUITE "}",
                    (const char *const[]){"2: $.configuration: this key appears twice; keep one", NULL});
}

static void read__no_json(void **state) {
    (void)state;
    assert_problems("{\"configuration\": \"c\",\n ]",
                    (const char *const[]){"2: is not JSON: ']' does not close the '{' of line 1", NULL});
    assert_problems("[1]", (const char *const[]){"1: must hold a JSON object, { ... }, not an array", NULL});
}

static void read__peer(void **state) {
    (void)state;
    assert_problems(
        "{\"configuration\": \"c\", \"suite\": " GOOD_SUITE ",\n"
        "\"peer\": {\"port\": 70000, \"token_fil\": 1}}",
        (const char *const[]){
            "2: $.peer.token_fil: unknown key \"token_fil\"; did you mean \"token_file\"?",
            "2: $.peer: lacks \"address\", where `vmsuite serve` runs: a name, or an IPv4 or IPv6 address",
            "2: $.peer.port: must be from 1 to 65535, not 70000", NULL});
}

static void plan__product_of_sweeps_in_rounds(void **state) {
    struct outcome_run run = {.seed = 7};
    struct configuration configuration;
    struct vms_error error;
    struct plan plan;
    bool seen[4][3] = {{false}};
    char *printed = read_text("{\"configuration\": \"c\", \"suite\": " GOOD_SUITE "}", &configuration);

    (void)state;
    assert_int_equal(plan_make(&configuration.suite, &run, &plan, &error), 0);
    assert_int_equal(run.n_cases, 4);
    assert_int_equal(plan.n_steps, 12);
    for (size_t i = 0; i < plan.n_steps; i++) {
        assert_int_equal(plan.steps[i].trial, i / 4 + 1);
        assert_false(seen[plan.steps[i].index][i / 4]);
        seen[plan.steps[i].index][i / 4] = true;
    }
    assert_string_equal(run.cases[0].texts[0], "stream");
    assert_string_equal(run.cases[1].texts[1], "2KiB");
    assert_string_equal(run.cases[3].texts[0], "request-response");
    assert_int_equal(run.cases[3].values[1].bytes, 2048);
    assert_true(plan.estimates[0].seconds == 10);
    assert_true(run.cases[0].deadline_s > 10);
    assert_true(run.cases[0].seed != run.cases[1].seed);
    plan_done(&plan);
    outcome_run_done(&run);
    configuration_done(&configuration);
    free(printed);
}

/* The order must be the seed's alone, and differ between rounds and seeds. */
static void plan__order_is_the_seeds(void **state) {
    struct configuration configuration;
    char *printed = read_text("{\"configuration\": \"c\", \"suite\": " GOOD_SUITE "}", &configuration);
    size_t order[3][12];

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct outcome_run run = {.seed = i < 2 ? 11 : 12};
        struct vms_error error;
        struct plan plan;

        assert_int_equal(plan_make(&configuration.suite, &run, &plan, &error), 0);
        for (size_t k = 0; k < 12; k++)
            order[i][k] = plan.steps[k].index;
        plan_done(&plan);
        outcome_run_done(&run);
    }
    assert_memory_equal(order[0], order[1], sizeof(order[0]));
    assert_memory_not_equal(order[0], order[2], sizeof(order[0]));
    configuration_done(&configuration);
    free(printed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__good),
        cmocka_unit_test(read__all_problems_at_once),
        cmocka_unit_test(read__duplicate_key),
        cmocka_unit_test(read__no_json),
        cmocka_unit_test(read__peer),
        cmocka_unit_test(plan__product_of_sweeps_in_rounds),
        cmocka_unit_test(plan__order_is_the_seeds),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
