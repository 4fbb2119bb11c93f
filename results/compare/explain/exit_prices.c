/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/explain/exit_prices.h"

#include <math.h>
#include <string.h>

#define METRICS_MAX 7

/* The metrics of the module exits that price an exit: the first that was measured does. */
static const char *const exit_metrics[METRICS_MAX] = {"cpuid"};
static const char *const device_metrics[METRICS_MAX] = {"kernel_port_cf8", "port_ed",        "port_80",
                                                        "kernel_port_ed",  "kernel_port_80", "kernel_hpet"};
static const char *const reason_metrics[HOST_REASONS][METRICS_MAX] = {
    [HOST_REASON_PORT] = {"kernel_port_cf8", "port_ed", "port_80", "kernel_port_ed", "kernel_port_80"},
    [HOST_REASON_MMIO] = {"kernel_hpet", "kernel_port_cf8", "port_ed", "port_80"},
    [HOST_REASON_PAGE_FAULT] = {"page_fault"},
    [HOST_REASON_HYPERCALL] = {"kernel_hypercall", "hypercall"},
    /* An event is sent by a hypercall, as an interrupt to its own processor is in a paravirtual guest; for
     * the device model's a guest waits. */
    [HOST_REASON_DEVICE_MODEL] = {"kernel_port_cf8", "port_ed", "port_80", "kernel_port_ed", "kernel_port_80",
                                  "kernel_hpet"},
    [HOST_REASON_DISK] = {"kernel_hypercall", "hypercall", "kernel_self_ipi"},
    [HOST_REASON_NETWORK] = {"kernel_hypercall", "hypercall", "kernel_self_ipi"},
};

double exit_prices_apart(const struct comparison *comparison, size_t other, const char *module,
                         const char *metric) {
    for (size_t i = 0; i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i];

        if (row->other == other && strcmp(row->identity->module, module) == 0 &&
            strcmp(row->metric->name, metric) == 0)
            return row->figures[1].value - row->figures[0].value;
    }
    return NAN;
}

static double first_price(const struct comparison *comparison, size_t other,
                          const char *const metrics[METRICS_MAX]) {
    double price_s = NAN;

    for (size_t i = 0; i < METRICS_MAX && metrics[i] && isnan(price_s); i++)
        price_s = exit_prices_apart(comparison, other, "exits", metrics[i]);
    return price_s;
}

void exit_prices_read(const struct comparison *comparison, size_t other, struct exit_prices *ret_prices) {
    struct exit_prices prices = {.exit_s = first_price(comparison, other, exit_metrics),
                                 .device_s = first_price(comparison, other, device_metrics)};

    if (isnan(prices.exit_s))
        prices.exit_s = exit_prices_apart(comparison, other, "cpu", exit_metrics[0]);
    for (size_t i = 0; i < HOST_REASONS; i++) {
        prices.reason_s[i] = first_price(comparison, other, reason_metrics[i]);
        if (isnan(prices.reason_s[i]))
            prices.reason_s[i] = prices.exit_s;
    }
    *ret_prices = prices;
}
