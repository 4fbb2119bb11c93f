/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What makes two cases the same work, over all pairs of settings: cases that differ in any are never pooled
 * nor compared, and bear different labels. */
#include "compared.h"

#include "unit/descriptors.h"

/* Members of a case that replace those of the plain one; those that are the record's own say nothing of the
 * work. */
static const struct {
    const char *members;
    bool is_label; /* a suite may have both in one group, so that the label must tell them apart */
} settings[] = {
    {"{}", true},
    {"{\"group\": \"other\"}", true},
    {"{\"module\": \"other\"}", true},
    {"{\"params\": {\"size\": 2}}", true},
    {"{\"params\": {\"size\": 1, \"mode\": \"x\"}}", true},
    {"{\"params\": {\"size\": 1, \"mode\": \"y\"}}", true},
    {"{\"params\": {\"size\": \"1\"}}", false},
    {"{\"params\": {\"size\": 1, \"on\": true}}", true},
    {"{\"cpus\": \"0\"}", true},
    {"{\"warmup\": 3}", true},
    {"{\"warmup\": 4}", true},
    {"{\"cpus\": \"0-1\"}", true},
    {"{\"workload_version\": 2}", false},
    {"{\"path\": \"loopback\"}", false},
    {"{\"facts\": [{\"key\": \"working_set_bytes\", \"value\": \"8192\"}]}", false},
};

static json_t *new_setting(size_t index) {
    json_auto_t *members = json_loads(settings[index].members, 0, NULL);
    json_t *outcome = new_case("net", 1, "rate", "higher", 100, 0.01);

    assert_non_null(members);
    json_object_update(outcome, members);
    return outcome;
}

static void identity__cases_of_other_settings_are_not_compared(void **state) {
    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(settings); i++)
        for (size_t j = 0; j < VMS_LENGTH(settings); j++) {
            struct comparison *comparison = start(&defaults);

            add(comparison, 0, "6.1", json_pack("[o]", new_setting(i)));
            add(comparison, 1, "6.1", json_pack("[o]", new_setting(j)));
            finish(comparison);
            if (comparison->n_rows != (i == j))
                fail_msg("%s against %s: %zu rows", settings[i].members, settings[j].members,
                         comparison->n_rows);
            compare_free(comparison);
        }
}

static void identity__cases_of_one_record_are_told_apart(void **state) {
    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(settings); i++)
        for (size_t j = i + 1; j < VMS_LENGTH(settings); j++) {
            struct comparison *comparison = start(&defaults);

            for (size_t side = 0; side < 2; side++)
                add(comparison, side, "6.1", json_pack("[o, o]", new_setting(i), new_setting(j)));
            finish(comparison);
            assert_int_equal(comparison->n_rows, 2);
            if (settings[i].is_label && settings[j].is_label &&
                strcmp(comparison->rows[0].label, comparison->rows[1].label) == 0)
                fail_msg("%s and %s are both \"%s\"", settings[i].members, settings[j].members,
                         comparison->rows[0].label);
            compare_free(comparison);
        }
}

/* As stores and comparisons keep it, each member and each kind of value. */
static void identity__as_json(void **state) {
    static const char text[] =
        "{\"group\": \"net\", \"module\": \"fake\", \"resource\": \"network\", \"workload_version\": 7, "
        "\"warmup\": 3, \"path\": \"loopback\", \"cpus\": \"0-1\", \"neighbours\": 2, \"params\": "
        "{\"size\": 1, "
        "\"share\": 2.5, \"on\": true, \"off\": false, \"mode\": \"x\", \"none\": null, \"large\": "
        "9007199254740993}, \"facts\": {\"working_set_bytes\": \"4096\"}}";
    json_auto_t *expected = json_loads(text, 0, NULL), *members = json_deep_copy(expected), *plain = NULL;
    json_t *sides[2];
    struct comparison *comparison;

    (void)state;
    json_object_del(members, "facts");
    for (size_t i = 0; i < 2; i++) {
        sides[i] = new_case("net", 1, "rate", "higher", 100, 0.01);
        json_object_update(sides[i], members);
    }
    comparison = compare_two(sides[0], sides[1], &defaults);
    assert_int_equal(comparison->n_rows, 1);
    plain = identity_json(comparison->rows[0].identity);
    if (!json_equal(plain, expected))
        fail_msg("%s", json_dumps(plain, 0));
    compare_free(comparison);
    json_decref(plain);

    comparison = compare_two(new_case("mem", 1, "rate", "higher", 100, 0.01),
                             new_case("mem", 1, "rate", "higher", 100, 0.01), &defaults);
    plain = identity_json(comparison->rows[0].identity);
    assert_true(json_is_null(json_object_get(plain, "cpus")));
    assert_null(json_object_get(plain, "neighbours"));
    compare_free(comparison);
}

/* What the case of a guest did, whose record says where its disk lay. */
static const char *medium_of(const char *seen, bool disk_in_memory) {
    static const struct view_module_row facts[] = {{.name = "medium", .role = VMS_ROLE_WORK}};
    const struct view_module module = {.name = "block", .facts = facts, .n_facts = 1};
    const struct view_head head = {.modules = &module, .n_modules = 1, .disk_in_memory = disk_in_memory};
    const struct view_fact fact = {.key = "medium", .value = seen};
    const struct view_case outcome = {
        .group = "disk", .module = "block", .path = "", .cpus = "", .facts = &fact, .n_facts = 1};
    static char found[32];
    struct arena arena = {0};
    const struct identity *identity = identity_new(&arena, &head, &outcome);

    assert_non_null(identity);
    (void)snprintf(found, sizeof(found), "%s", identity_find_fact(identity, "medium"));
    arena_done(&arena);
    return found;
}

/* Otherwise no disk of a guest could be compared with the same memory without a guest between. */
static void identity__a_guests_disk_in_its_hosts_memory_is_memory(void **state) {
    (void)state;
    assert_string_equal(medium_of("device", true), "memory");
    assert_string_equal(medium_of("device", false), "device");
    assert_string_equal(medium_of("memory", false), "memory");
    assert_string_equal(medium_of("network", true), "network");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity__cases_of_other_settings_are_not_compared),
        cmocka_unit_test(identity__cases_of_one_record_are_told_apart),
        cmocka_unit_test(identity__as_json),
        cmocka_unit_test(identity__a_guests_disk_in_its_hosts_memory_is_memory),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
