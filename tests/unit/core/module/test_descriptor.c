/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "module/descriptor.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int dummy_measure(const struct vms_host *host, const union vms_value *values, void *state,
                         struct vms_error *error) {
    (void)host;
    (void)values;
    (void)state;
    (void)error;
    return 0;
}

static int dummy_serve(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    (void)host;
    (void)values;
    (void)error;
    return 0;
}

static const struct vms_metric good_metrics[] = {
    {.name = "speed", .unit = VMS_PER_SECOND, .better = VMS_HIGHER, .help = "Speed."},
    {.name = "loss", .unit = VMS_RATIO, .better = VMS_LOWER, .help = "Loss."},
};

static struct vms_module good_module(void) {
    return (struct vms_module){VMS_MODULE_ABI,
                               .name = "good",
                               .summary = "Good.",
                               .resource = VMS_CPU,
                               .workload_version = 1,
                               .metrics = good_metrics,
                               .n_metrics = VMS_LENGTH(good_metrics),
                               .measure = dummy_measure};
}

static void assert_refused(const struct vms_module *module, const char *words) {
    struct vms_error error = {""};
    struct vms_module *adopted = NULL;

    assert_int_equal(descriptor_adopt(module, "good", &adopted, &error), -EINVAL);
    assert_null(adopted);
    if (!strstr(error.text, words))
        fail_msg("\"%s\" does not say \"%s\"", error.text, words);
}

/* The adopted descriptor, which the caller frees. */
static struct vms_module *adopt(const struct vms_module *module) {
    struct vms_error error = {""};
    struct vms_module *adopted = NULL;

    if (descriptor_adopt(module, "good", &adopted, &error) < 0)
        fail_msg("%s", error.text);
    return adopted;
}

static void adopt__good(void **state) {
    struct vms_module module = good_module();

    (void)state;
    free(adopt(&module));
    module.serve = dummy_serve;
    module.needs = VMS_NEEDS_PEER;
    free(adopt(&module));
}

static void adopt__head(void **state) {
    struct vms_module module = good_module();

    (void)state;
    module.name = NULL;
    assert_refused(&module, "it calls itself");
    module = good_module();
    module.summary = "";
    assert_refused(&module, "no summary");
    module = good_module();
    module.resource = (enum vms_resource)9;
    assert_refused(&module, "its resource, 9, is missing or unknown");
    module.resource = (enum vms_resource)0;
    assert_refused(&module, "its resource, 0, is missing or unknown");
    module = good_module();
    module.workload_version = 0;
    assert_refused(&module, "count from 1");
    module = good_module();
    module.needs = 64;
    assert_refused(&module, "0x40");
    module = good_module();
    module.size = 8;
    assert_refused(&module, "has 8 bytes");
}

static void adopt__functions(void **state) {
    struct vms_module module = good_module();

    (void)state;
    module.needs = VMS_NEEDS_PEER;
    assert_refused(&module, "no function \"serve\"");
    module = good_module();
    module.serve = dummy_serve;
    assert_refused(&module, "VMS_NEEDS_PEER");
}

static void adopt__metrics(void **state) {
    struct vms_module module = good_module();
    struct vms_metric metrics[] = {good_metrics[0], good_metrics[1]};

    (void)state;
    module.n_metrics = 0;
    assert_refused(&module, "0 metrics");
    module.n_metrics = 65;
    assert_refused(&module, "65 metrics");
    module = good_module();
    module.metrics = metrics;
    metrics[1].name = "speed";
    assert_refused(&module, "\"speed\" appears twice");
    metrics[1].name = "MB/s";
    assert_refused(&module, "metric 1");
    metrics[1] = good_metrics[1];
    metrics[1].unit = (enum vms_unit)77;
    assert_refused(&module, "metric \"loss\": its unit, 77, is missing or unknown");
    metrics[1] = good_metrics[1];
    metrics[1].unit = (enum vms_unit)0;
    assert_refused(&module, "metric \"loss\": its unit, 0, is missing or unknown");
    metrics[1] = good_metrics[1];
    metrics[1].better = (enum vms_better)0;
    assert_refused(&module, "metric \"loss\": whether higher or lower is better is missing");
    metrics[1].better = (enum vms_better)(VMS_NEITHER + 1);
    assert_refused(&module, "metric \"loss\": whether higher or lower is better is missing");
    metrics[1] = good_metrics[1];
    metrics[1].side = (enum vms_side)3;
    assert_refused(&module, "metric \"loss\": its shape or side");
    metrics[1] = good_metrics[1];
    metrics[1].role = VMS_ROLE_SIZE;
    assert_refused(&module, "metric \"loss\": its role, 1, is not one of a metric");
    metrics[1].role = (enum vms_role)99;
    assert_refused(&module, "metric \"loss\": its role, 99");
    metrics[1].role = VMS_ROLE_FACT;
    assert_refused(&module, "metric \"loss\" has role \"fact\", where neither higher nor lower is better");
    metrics[1] = good_metrics[1];
    metrics[1].help = NULL;
    assert_refused(&module, "\"loss\" has no help");
}

static void adopt__params(void **state) {
    struct vms_module module = good_module();
    struct vms_param param = {.name = "size", .kind = VMS_BYTES, .fallback = "1", .help = "Bytes."};

    (void)state;
    module.n_params = 1;
    assert_refused(&module, "1 parameters");
    module.n_params = 65;
    assert_refused(&module, "65 parameters");
    module.n_params = 1;
    module.params = &param;
    free(adopt(&module));
    param.kind = (enum vms_kind)0;
    assert_refused(&module, "parameter \"size\": its kind, 0, is missing or unknown");
    param.kind = VMS_BYTES;
    param.role = VMS_ROLE_HEADLINE;
    assert_refused(&module, "parameter 0: its role, 3, is not one of a parameter");
}

static void adopt__facts(void **state) {
    struct vms_fact facts[] = {{"engine", VMS_ROLE_WORK, "What was used."},
                               {"faults", VMS_ROLE_VOLATILE, "How many."}};
    struct vms_module module = good_module(), *adopted;

    (void)state;
    module.n_facts = 2;
    assert_refused(&module, "2 facts: at most 64 are allowed, and a table");
    module.facts = facts;
    adopted = adopt(&module);
    assert_int_equal(adopted->n_facts, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(adopted->facts[i].key, facts[i].key);
        assert_int_equal(adopted->facts[i].role, facts[i].role);
    }
    free(adopted);
    facts[1].role = VMS_ROLE_HEADLINE;
    assert_refused(&module, "fact \"faults\": its role, 3, is not one of a fact");
    facts[1] = facts[0];
    assert_refused(&module, "fact \"engine\" appears twice");
    facts[1] = (struct vms_fact){"Faults", VMS_ROLE_PLAIN, "How many."};
    assert_refused(&module, "fact 1: its key");
    facts[1] = (struct vms_fact){"faults", VMS_ROLE_PLAIN, NULL};
    assert_refused(&module, "fact \"faults\" has no help");
}

/* A module that was built with ABI 1.1 and says no sizes has this version's rows; a later one says its
 * own. */
static void adopt__row_sizes(void **state) {
    struct {
        struct vms_metric metric;
        long later;
    } later[] = {{good_metrics[0], 1}, {good_metrics[1], 2}};
    struct vms_module module = good_module(), *adopted;

    (void)state;
    module.param_size = module.metric_size = module.fact_size = 0;
    adopted = adopt(&module);
    assert_string_equal(adopted->metrics[1].name, "loss");
    free(adopted);
    module.abi_minor = VMS_ABI_MINOR + 1;
    module.metric_size = sizeof(later[0]);
    module.metrics = &later[0].metric;
    adopted = adopt(&module);
    assert_string_equal(adopted->metrics[1].name, "loss");
    assert_int_equal(adopted->metrics[1].better, VMS_LOWER);
    free(adopted);
    module.size = (uint32_t)offsetof(struct vms_module, param_size);
    assert_refused(&module, "ABI 1.1 has");
}

static void roles__have_names(void **state) {
    enum vms_role role;

    (void)state;
    for (enum vms_role i = VMS_ROLE_PLAIN; i <= VMS_ROLE_FACT; i++) {
        assert_int_equal(descriptor_role_from_name(descriptor_role_name(i), &role), 0);
        assert_int_equal(role, i);
    }
    assert_int_equal(descriptor_role_from_name("primary", &role), -EINVAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adopt__good),      cmocka_unit_test(adopt__head),
        cmocka_unit_test(adopt__functions), cmocka_unit_test(adopt__metrics),
        cmocka_unit_test(adopt__params),    cmocka_unit_test(adopt__facts),
        cmocka_unit_test(adopt__row_sizes), cmocka_unit_test(roles__have_names),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
