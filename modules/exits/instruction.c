/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The probes of single instructions. One that may be forbidden is tried in a child first: if it dies of it,
 * that is the reason why there is no figure. */
#include "exits/machine.h"
#include "exits/port.h"
#include "exits/probes.h"
#include "shared/case/report.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
    unsigned metric;
    enum machine_instruction instruction;
    uint16_t port;
    bool may_be_forbidden;
} instructions[] = {
    {METRIC_CPUID, MACHINE_CPUID, 0, false},
    {METRIC_CPUID_HYPERVISOR, MACHINE_CPUID_HYPERVISOR, 0, false},
    {METRIC_COUNTER, MACHINE_COUNTER, 0, true},
    {METRIC_RDTSCP, MACHINE_RDTSCP, 0, true},
    {METRIC_HYPERCALL, MACHINE_HYPERCALL, 0, true},
    {METRIC_PORT_61, MACHINE_PORT_61, 0x61, true},
    {METRIC_PORT_80, MACHINE_PORT_80, 0x80, true},
    {METRIC_PORT_ED, MACHINE_PORT_ED, 0xed, true},
};

static unsigned row_of(unsigned metric) {
    unsigned row = 0;

    while (instructions[row].metric != metric)
        row++;
    return row;
}

/* A fault whose signal is blocked kills, whatever handlers there are. */
static _Noreturn void execute_once(enum machine_instruction instruction) {
    const struct rlimit none = {0, 0};
    struct vms_error ignored;
    sigset_t all;

    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)machine_repeat(instruction, 1, &ignored);
    _exit(0);
}

static int try_in_child(enum machine_instruction instruction, struct vms_error *error) {
    int ended = 0;
    pid_t child = fork();

    if (child == 0)
        execute_once(instruction);
    if (child < 0 || waitpid(child, &ended, 0) != child)
        return report_error(error, -ENOTSUP, "it could not be tried in a child: %s", strerror(errno));
    if (WIFSIGNALED(ended))
        return report_error(error, -ENOTSUP, "a program may not execute this instruction here (%s)",
                            strsignal(WTERMSIG(ended)));
    return ended == 0 ? 0
                      : report_error(error, -ENOTSUP,
                                     "a program that executed this instruction ended with "
                                     "status %d",
                                     WEXITSTATUS(ended));
}

int instruction_check(unsigned metric, struct vms_error *error) {
    unsigned row = row_of(metric);
    uint16_t port = instructions[row].port;
    struct vms_error ignored;
    int status = machine_has(instructions[row].instruction, error);

    if (status == 0 && port)
        status = port_check(port, error);
    if (status == 0 && port)
        status = port_permit(port, true, error);
    if (status < 0 || !instructions[row].may_be_forbidden)
        return status;
    status = try_in_child(instructions[row].instruction, error);
    if (port)
        (void)port_permit(port, false, &ignored);
    return status;
}

static int begin(struct bench *bench, struct vms_error *error) {
    uint16_t port = instructions[row_of(bench->metric)].port;

    return port ? port_permit(port, true, error) : 0;
}

static int run(struct bench *bench, size_t n, struct vms_error *error) {
    return machine_repeat(instructions[row_of(bench->metric)].instruction, n, error);
}

static int end(struct bench *bench, struct vms_error *error) {
    unsigned row = row_of(bench->metric);

    if (instructions[row].instruction == MACHINE_HYPERCALL)
        return report_fact(bench->host, error, "hypercall_instruction", "%s", machine_hypercall_name());
    return instructions[row].port ? port_permit(instructions[row].port, false, error) : 0;
}

int instruction_measure(struct bench *bench, unsigned metric, struct vms_error *error) {
    const struct probe probe = {.metric = metric, .per_operation = 1, .begin = begin, .run = run, .end = end};

    return timing_measure(bench, &probe, error);
}
