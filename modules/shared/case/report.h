/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a module reports errors, facts and figures: it links nothing of the host, so all is inline. */
#ifndef VMSUITE_MODULES_SHARED_CASE_REPORT_H
#define VMSUITE_MODULES_SHARED_CASE_REPORT_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <vmsuite/module.h>

#define REPORT_CUT "..."

/* Formats a text into `size` bytes. One that does not fit ends with a mark, at the start of a character. */
__attribute__((format(printf, 3, 0))) static inline void
report_format(char *text, size_t size, const char *format, va_list arguments) {
    size_t length = size - sizeof(REPORT_CUT);

    if (vsnprintf(text, size, format, arguments) < (int)size)
        return;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    memcpy(text + length, REPORT_CUT, sizeof(REPORT_CUT));
}

/* Writes a printf-style sentence into `error`, cut to fit, and returns `status`. */
__attribute__((format(printf, 3, 4))) static inline int report_error(struct vms_error *error, int status,
                                                                     const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    report_format(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    return status;
}

/* Records a fact from a printf-style text. 0 or the host's error, with a sentence. */
__attribute__((format(printf, 4, 5))) static inline int
report_fact(const struct vms_host *host, struct vms_error *error, const char *key, const char *format, ...) {
    char text[256];
    va_list arguments;
    int status;

    va_start(arguments, format);
    report_format(text, sizeof(text), format, arguments);
    va_end(arguments);
    status = host->fact(host->context, key, text);
    return status < 0 ? report_error(error, status, "the host did not take the fact \"%s\"", key) : 0;
}

/* Reports a scalar metric. 0 or the host's error, with a sentence. */
static inline int report_sample(const struct vms_host *host, struct vms_error *error, unsigned metric,
                                double value) {
    int status = host->sample(host->context, metric, value);

    return status < 0 ? report_error(error, status, "the host did not take %g as metric %u", value, metric)
                      : 0;
}

/* Reports a distribution of n values. 0 or the host's error, with a sentence. */
static inline int report_distribution(const struct vms_host *host, struct vms_error *error, unsigned metric,
                                      const double *values, size_t n) {
    int status = host->distribution(host->context, metric, values, n);

    return status < 0
               ? report_error(error, status, "the host did not take %zu values of metric %u", n, metric)
               : 0;
}

#endif
