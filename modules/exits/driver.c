/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What only a kernel may do: the driver of the appliance's kernel (kernel/vmsuite_exits.c) does it in a bare
 * loop and times that itself. And reading a register of the processor through the kernel's own file. */
#include "exits/kernel/vmsuite_exits.h"
#include "exits/port.h"
#include "exits/probes.h"
#include "shared/case/report.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEVICE "/dev/" VMSUITE_EXITS_DEVICE
#define PIECE 64       /* operations of a value: many steps of any clock */
#define APIC_BASE 0x1b /* the register that says where the local APIC is */
#define FILE_NAME "/dev/cpu/%d/msr"
#define FILE_NAME_SIZE 40

static const struct {
    unsigned metric;
    enum vmsuite_exits_operation operation;
    uint16_t port; /* that it reads; 0: none */
} operations[] = {
    {METRIC_KERNEL_CPUID, VMSUITE_EXITS_CPUID, 0},
    {METRIC_KERNEL_HYPERCALL, VMSUITE_EXITS_HYPERCALL, 0},
    {METRIC_KERNEL_RDMSR, VMSUITE_EXITS_RDMSR, 0},
    {METRIC_KERNEL_IOAPIC, VMSUITE_EXITS_IOAPIC, 0},
    {METRIC_KERNEL_HPET, VMSUITE_EXITS_HPET, 0},
    {METRIC_KERNEL_PORT_61, VMSUITE_EXITS_PORT_61, 0x61},
    {METRIC_KERNEL_PORT_80, VMSUITE_EXITS_PORT_80, 0x80},
    {METRIC_KERNEL_PORT_ED, VMSUITE_EXITS_PORT_ED, 0xed},
    {METRIC_KERNEL_PORT_CF8, VMSUITE_EXITS_PORT_CF8, 0},
    {METRIC_KERNEL_SELF_IPI, VMSUITE_EXITS_SELF_IPI, 0},
    {METRIC_KERNEL_IPI, VMSUITE_EXITS_IPI, 0},
};

static size_t row_of(unsigned metric) {
    size_t row = 0;

    while (operations[row].metric != metric)
        row++;
    return row;
}

/* Does it so often. 0, or a negative errno with a sentence. */
static int request(int fd, const struct bench *bench, unsigned metric, uint64_t count, uint64_t *ret_ns,
                   struct vms_error *error) {
    struct vmsuite_exits_request request = {.operation = operations[row_of(metric)].operation,
                                            .processor = (uint32_t)bench->place.cpus[1],
                                            .count = count};

    if (ioctl(fd, VMSUITE_EXITS_RUN, &request) == 0) {
        *ret_ns = request.ns;
        return 0;
    }
    if (errno == EOPNOTSUPP)
        return report_error(error, -ENOTSUP, "this machine does not have this, or does not allow it");
    return report_error(error, -errno, "%s: %s", DEVICE, strerror(errno));
}

static int open_device(struct vms_error *error) {
    int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

    if (fd >= 0)
        return fd;
    if (errno == ENOENT)
        return report_error(
            error, -ENOTSUP,
            "only a kernel may do this, and this one has no driver for it (%s): the guests that \"vmsuite "
            "run\" boots have one",
            DEVICE);
    return report_error(error, -ENOTSUP, "%s: %s", DEVICE, strerror(errno));
}

static int read_register(int fd, struct vms_error *error) {
    uint64_t value;

    return pread(fd, &value, sizeof(value), APIC_BASE) == (ssize_t)sizeof(value)
               ? 0
               : report_error(error, -ENOTSUP, "reading register 0x%x: %s", APIC_BASE, strerror(errno));
}

static int open_registers(const struct bench *bench, struct vms_error *error) {
    char name[FILE_NAME_SIZE];
    int fd;

    (void)snprintf(name, sizeof(name), FILE_NAME, bench->place.cpus[0]);
    fd = open(name, O_RDONLY | O_CLOEXEC);
    return fd >= 0 ? fd
                   : report_error(error, -ENOTSUP, "%s: %s: it needs root, and the kernel's driver msr", name,
                                  strerror(errno));
}

int driver_check(const struct bench *bench, unsigned metric, struct vms_error *error) {
    bool by_file = metric == METRIC_MSR_FILE;
    uint16_t port = by_file ? 0 : operations[row_of(metric)].port;
    uint64_t ns;
    int fd, status = port ? port_check(port, error) : 0;

    if (status < 0)
        return status;
    if (metric == METRIC_KERNEL_IPI && bench->place.cpus[0] == bench->place.cpus[1])
        return report_error(error, -ENOTSUP, "there is only one processor");
    fd = by_file ? open_registers(bench, error) : open_device(error);
    if (fd < 0)
        return fd;
    status = by_file ? read_register(fd, error) : request(fd, bench, metric, 1, &ns, error);
    (void)close(fd);
    return status;
}

static int begin(struct bench *bench, struct vms_error *error) {
    int fd = open_registers(bench, error);

    bench->state = (void *)(intptr_t)fd;
    return fd < 0 ? fd : 0;
}

static int run(struct bench *bench, size_t n, struct vms_error *error) {
    int status = 0;

    for (size_t i = 0; i < n && status == 0; i++)
        status = read_register((int)(intptr_t)bench->state, error);
    return status;
}

static int end(struct bench *bench, struct vms_error *error) {
    (void)error;
    (void)close((int)(intptr_t)bench->state);
    return 0;
}

static int take_samples(int fd, struct bench *bench, unsigned metric, struct vms_error *error) {
    for (uint64_t i = 0; i < bench->samples; i++) {
        uint64_t ns = 0;
        int status;

        if (bench->host->should_stop(bench->host->context))
            return report_error(error, -ECANCELED, "stopped at sample %zu", (size_t)i);
        status = request(fd, bench, metric, PIECE, &ns, error);
        if (status < 0)
            return status;
        bench->values[i] = 1e-9 * (double)ns / PIECE;
    }
    return report_distribution(bench->host, error, metric, bench->values, bench->samples);
}

int driver_measure(struct bench *bench, unsigned metric, struct vms_error *error) {
    static const struct probe by_file = {
        .metric = METRIC_MSR_FILE, .per_operation = 1, .begin = begin, .run = run, .end = end};
    int fd, status;

    if (metric == METRIC_MSR_FILE)
        return timing_measure(bench, &by_file, error);
    fd = open_device(error);
    if (fd < 0)
        return fd;
    status = take_samples(fd, bench, metric, error);
    (void)close(fd);
    return status;
}
