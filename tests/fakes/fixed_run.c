/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/fixed_run.h"

#include "module/param.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TRANSACTIONS, LATENCY, LOSS };

static const char *const modes[] = {"stream", "request-response", NULL};
static const struct vms_param network_params[] = {
    {"mode", VMS_CHOICE, "stream", NULL, NULL, modes, "What is measured.", VMS_ROLE_PLAIN},
    {"message_size", VMS_BYTES, "64", "1", "64MiB", NULL, "Bytes a message.", VMS_ROLE_SIZE},
    {"duration", VMS_SECONDS, "2s", "0.1", "1h", NULL, "How long a trial lasts.", VMS_ROLE_PLAIN},
    {"target_rate", VMS_RATE, "0", "0", NULL, NULL, "0: as fast as it goes.", VMS_ROLE_PLAIN},
    {"connections", VMS_COUNT, "1", "1", "64", NULL, "Connections at once.", VMS_ROLE_PLAIN},
    {"no_delay", VMS_BOOLEAN, "true", NULL, NULL, NULL, "Whether small messages are sent at once.",
     VMS_ROLE_PLAIN},
    {"congestion", VMS_TEXT, "", NULL, NULL, NULL, "The algorithm; empty: the system's.", VMS_ROLE_PLAIN},
};
static const struct vms_metric network_metrics[] = {
    {"transactions", VMS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_SENDER, "Transactions a second.",
     VMS_ROLE_HEADLINE},
    {"latency", VMS_UNIT_SECONDS, VMS_LOWER, VMS_DISTRIBUTION, VMS_SENDER, "Time of a transaction.",
     VMS_ROLE_PLAIN},
    {"loss", VMS_RATIO, VMS_LOWER, VMS_SCALAR, VMS_RECEIVER, "The share that was lost.", VMS_ROLE_PLAIN},
};
static const struct vms_param memory_params[] = {
    {"array_size", VMS_BYTES, "64MiB", "1MiB", NULL, NULL, "Bytes an array.", VMS_ROLE_SIZE},
};
static const struct vms_metric memory_metrics[] = {
    {"triad", VMS_BYTES_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL, "a = b + q c.", VMS_ROLE_HEADLINE},
    {"copy", VMS_BYTES_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL, "a = b.", VMS_ROLE_PLAIN},
};
static const struct vms_metric cpu_metrics[] = {
    {"rate", VMS_FLOP_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL, "Floating-point operations.",
     VMS_ROLE_HEADLINE},
};

const struct vms_module fixed_network_module = {VMS_MODULE_ABI,
                                                .name = "echo",
                                                .summary = "Requests and answers",
                                                .resource = VMS_NETWORK,
                                                .workload_version = 2,
                                                .params = network_params,
                                                .n_params = VMS_LENGTH(network_params),
                                                .metrics = network_metrics,
                                                .n_metrics = VMS_LENGTH(network_metrics)};
const struct vms_module fixed_memory_module = {VMS_MODULE_ABI,
                                               .name = "vector",
                                               .summary = "Vectors",
                                               .resource = VMS_MEMORY,
                                               .workload_version = 1,
                                               .params = memory_params,
                                               .n_params = VMS_LENGTH(memory_params),
                                               .metrics = memory_metrics,
                                               .n_metrics = VMS_LENGTH(memory_metrics)};
const struct vms_module fixed_disk_module = {
    VMS_MODULE_ABI,        .name = "writer",          .summary = "Files", .resource = VMS_DISK,
    .workload_version = 1, .metrics = memory_metrics, .n_metrics = 1};
const struct vms_module fixed_cpu_module = {
    VMS_MODULE_ABI,        .name = "solver",       .summary = "Equations", .resource = VMS_CPU,
    .workload_version = 1, .metrics = cpu_metrics, .n_metrics = 1};

static struct machine_fact facts[] = {
    {.name = "cpu.model",
     .type = FACT_TEXT,
     .text = (char[]){"Example 9"},
     .source = (char[]){"/proc/cpuinfo"}},
    {.name = "memory.size", .type = FACT_INTEGER, .integer = 8589934592, .source = (char[]){"/proc/meminfo"}},
    {.name = "cpu.frequency", .type = FACT_REAL, .real = 2.45e9, .source = (char[]){"/sys/devices"}},
    {.name = "cpu.smt", .type = FACT_BOOLEAN, .boolean = true, .source = (char[]){"/sys/devices"}},
    {.name = "cpu.governor", .status = FACT_NOT_APPLICABLE, .text = (char[]){"this guest has none"}},
    {.name = "nic.name", .status = FACT_ERROR, .text = (char[]){"permission denied"}},
};
static struct machine_evidence evidence[] = {
    {.source = (char[]){"CPUID 0x40000000"}, .saw = (char[]){"XenVMMXenVMM"}, .points_to = "xen-hvm"},
};
const struct machine fixed_machine = {.virtualization = "xen-hvm",
                                      .container = "none",
                                      .evidence = evidence,
                                      .n_evidence = VMS_LENGTH(evidence),
                                      .facts = facts,
                                      .n_facts = VMS_LENGTH(facts)};

static void set_case(struct outcome_case *outcome, unsigned id, const char *group,
                     const struct vms_module *module) {
    *outcome = (struct outcome_case){.id = id,
                                     .group = strdup(group),
                                     .module = module,
                                     .values = calloc(module->n_params + 1, sizeof(union vms_value)),
                                     .texts = calloc(module->n_params + 1, sizeof(char *)),
                                     .n_trials = 3,
                                     .warmup = 1,
                                     .deadline_s = 30,
                                     .seed = 1000 + id};
    for (size_t i = 0; i < module->n_params; i++) {
        outcome->texts[i] = strdup(module->params[i].fallback);
        if (param_parse(&module->params[i], outcome->texts[i], &outcome->values[i], NULL) < 0)
            abort();
    }
}

static void set_param(struct outcome_case *outcome, size_t param, const char *text) {
    free(outcome->texts[param]);
    outcome->texts[param] = strdup(text);
    if (param_parse(&outcome->module->params[param], text, &outcome->values[param], NULL) < 0)
        abort();
}

static void add_scalar(struct outcome_trial *trial, unsigned metric, double value) {
    struct outcome_metric *added = outcome_trial_add_metric(trial);

    added->metric = metric;
    added->value = value;
}

static void add_latency(struct outcome_trial *trial, double base) {
    double values[] = {base, base * 1.1, base * 1.2, base * 1.3, base * 9};
    struct outcome_metric *added = outcome_trial_add_metric(trial);

    added->metric = LATENCY;
    added->is_distribution = true;
    added->n_raw = VMS_LENGTH(values);
    memcpy(added->raw, values, sizeof(values));
    stats_distribute(values, VMS_LENGTH(values), &added->distribution);
    added->value = base * 1.2;
}

static struct outcome_trial new_trial(unsigned number, unsigned order) {
    return (struct outcome_trial){
        .trial = number, .order = order, .start_s = 1.5 * order, .duration_s = 1.0 / 3};
}

static void add_network_trials(struct outcome_case *outcome, double base) {
    for (unsigned i = 0; i < 3; i++) {
        struct outcome_trial trial = new_trial(i + 1, 3 * (outcome->id - 1) + i + 1);

        add_scalar(&trial, TRANSACTIONS, base * (1 + 0.01 * i));
        add_latency(&trial, 1 / base);
        add_scalar(&trial, LOSS, 0);
        (void)outcome_facts_set(&trial.facts, "algorithm", "cubic");
        trial.clock = (struct clock_offset){.n = 20 + i,
                                            .delay_s = 0.0001,
                                            .offset_s = 0.25,
                                            .offset_bound_s = 0.00005,
                                            .rate_ppm = i == 2 ? 20000 : 12.5,
                                            .rate_bound_ppm = i == 1 ? NAN : 30,
                                            .flagged = i == 2};
        (void)outcome_case_add(outcome, &trial);
    }
}

static void add_memory_trials(struct outcome_case *outcome) {
    for (unsigned i = 0; i < 3; i++) {
        struct outcome_trial trial = new_trial(i + 1, 7 + i);

        add_scalar(&trial, 0, 10.1e9 + 1e8 * i);
        add_scalar(&trial, 1, 0.1);
        if (i == 1) {
            trial.status = OUTCOME_FAILED;
            trial.reason = strdup("element 17 of the result is 3, expected 4");
        }
        (void)outcome_case_add(outcome, &trial);
    }
}

static void add_bad_trial(struct outcome_case *outcome, enum outcome_status status, const char *reason) {
    struct outcome_trial trial = new_trial(1, 10);

    trial.status = status;
    trial.reason = strdup(reason);
    (void)outcome_case_add(outcome, &trial);
}

static void add_module(struct outcome_run *run, const struct vms_module *module) {
    struct outcome_module file = {.module = module, .path = strdup("/modules/fixed.so"), .is_shipped = true};

    memset(file.sha256, 'a', sizeof(file.sha256) - 1);
    (void)outcome_run_add_module(run, &file);
}

void fixed_run_init(struct outcome_run *ret_run) {
    struct outcome_case *cases = calloc(6, sizeof(*cases));

    *ret_run = (struct outcome_run){.run_id = "0d6a6b2e-6c1d-4d43-9d0b-3f1c8a5f0b7e",
                                    .configuration = strdup("xen-hvm"),
                                    .seed = UINT64_MAX,
                                    .started_at = 1795383840,
                                    .duration_s = 21.5,
                                    .cases = cases,
                                    .n_cases = 6,
                                    .clock_cost_s = 2.5e-8,
                                    .facts_s = 0.0625};
    for (unsigned i = 0; i < 2; i++) {
        set_case(&cases[i], i + 1, "tcp-small", &fixed_network_module);
        set_param(&cases[i], 0, "request-response");
        set_param(&cases[i], 1, i == 0 ? "64" : "64KiB");
        cases[i].path = i == 0 ? "loopback" : "network";
        add_network_trials(&cases[i], i == 0 ? 34112.5 : 9000);
    }
    (void)outcome_facts_set(&cases[0].facts, "placement", "both on CPU 0");
    set_case(&cases[2], 3, "memory", &fixed_memory_module);
    add_memory_trials(&cases[2]);
    set_case(&cases[3], 4, "disk", &fixed_disk_module);
    add_bad_trial(&cases[3], OUTCOME_UNSUPPORTED, "the file system does not know O_DIRECT");
    set_case(&cases[4], 5, "cpu", &fixed_cpu_module);
    add_bad_trial(&cases[4], OUTCOME_CRASHED, "signal 11 (Segmentation fault); last words: \"\x1b[31m\xff\"");
    set_case(&cases[5], 6, "cpu-again", &fixed_cpu_module);
    add_bad_trial(&cases[5], OUTCOME_INTERRUPTED, "stopped by the user");
    for (size_t i = 0; i < ret_run->n_cases; i++)
        if (!outcome_run_module(ret_run, cases[i].module))
            add_module(ret_run, cases[i].module);
    outcome_run_settle(ret_run);
    (void)outcome_run_warn(ret_run, "the clock source is %s", "jiffies");
}

json_t *fixed_suite(void) {
    return json_loads(
        "{\"suite\": \"fixed\", \"trials\": 3, \"warmup\": 1, \"order\": \"random\", \"seed\": 7,"
        " \"benchmarks\": [{\"group\": \"tcp-small\", \"module\": \"echo\", \"params\":"
        " {\"mode\": \"request-response\", \"message_size\": [64, \"64KiB\"]}},"
        " {\"group\": \"memory\", \"module\": \"vector\"}, {\"group\": \"disk\", \"module\":"
        " \"writer\", \"deadline\": \"90s\"}, {\"group\": \"cpu\", \"module\": \"solver\", \"cpus\":"
        " \"0\"}, {\"group\": \"cpu-again\", \"module\": \"solver\"}]}",
        0, NULL);
}

json_t *fixed_configuration(void) {
    return json_loads(
        "{\"configuration\": \"xen-hvm\", \"description\": \"A hardware-assisted guest of Xen.\","
        " \"expect\": {\"virtualization\": \"xen-hvm\"}, \"suite\": \"fixed\","
        " \"peer\": {\"address\": \"198.51.100.7\", \"port\": 7411, \"token_file\": \"token\"},"
        " \"scratch\": \"/var/tmp\"}",
        0, NULL);
}
