/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/explain/explain_exits.h"

#include "base/units.h"

#include <math.h>

#define SHOWN 3 /* reasons, those that took the most time */

static double time_of(const struct explanation *found, size_t reason) {
    return found->reasons_per_s[reason] * found->prices.reason_s[reason];
}

/* What reasons account for together, and how many exits a second that are; NaN: none is known. */
static double time_of_reasons(const struct explanation *found, double *ret_per_s) {
    double sum = NAN;

    *ret_per_s = 0;
    for (size_t i = 0; i < HOST_REASONS; i++) {
        if (!isfinite(time_of(found, i)))
            continue;
        sum = (isnan(sum) ? 0 : sum) + time_of(found, i);
        *ret_per_s += found->reasons_per_s[i];
    }
    return sum;
}

/* Devices' exits at their price, where both are known, the others at the other. */
static double time_without_reasons(const struct explanation *found) {
    double devices = found->device_exits_per_s * found->prices.device_s;
    double others = found->exits_per_s * found->prices.exit_s;

    if (isfinite(devices) && isfinite(others))
        return devices + fmax(found->exits_per_s - found->device_exits_per_s, 0) * found->prices.exit_s;
    return isnan(devices) ? others : devices;
}

double explain_exits_time(const struct explanation *found) {
    double counted, sum = time_of_reasons(found, &counted);

    if (isnan(sum))
        return time_without_reasons(found);
    if (isfinite(found->exits_per_s * found->prices.exit_s))
        sum += fmax(found->exits_per_s - counted, 0) * found->prices.exit_s;
    return sum;
}

static void write_without_reasons(FILE *file, const struct explanation *found) {
    bool all = isfinite(found->exits_per_s * found->prices.exit_s);
    char price[UNITS_TEXT_SIZE];

    if (all) {
        units_format_value(found->prices.exit_s, VMS_UNIT_SECONDS, price);
        fprintf(file, "%.0f a second, %s each", fmax(found->exits_per_s, found->device_exits_per_s), price);
    }
    if (isfinite(found->device_exits_per_s * found->prices.device_s)) {
        units_format_value(found->prices.device_s, VMS_UNIT_SECONDS, price);
        fprintf(file, "%s%.0f a second to the device model, %s each", all ? "; of them " : "",
                found->device_exits_per_s, price);
    }
}

/* Whether there is more to say of a reason than of another: it took more time, or as much (none, where an
 * exit costs no more than in the baseline) and was met more often. */
static bool is_more(const struct explanation *found, size_t reason, size_t than) {
    double time = fmax(time_of(found, reason), 0), other = fmax(time_of(found, than), 0);

    return time > other || (time == other && found->reasons_per_s[reason] > found->reasons_per_s[than]);
}

/* The next of those that are not shown; HOST_REASONS: there is none. */
static size_t next_reason(const struct explanation *found, const bool *shown) {
    size_t most = HOST_REASONS;

    for (size_t i = 0; i < HOST_REASONS; i++)
        if (!shown[i] && isfinite(time_of(found, i)) && found->reasons_per_s[i] >= 0.5 &&
            (most == HOST_REASONS || is_more(found, i, most)))
            most = i;
    return most;
}

void explain_exits_write(FILE *file, const struct explanation *found) {
    bool shown[HOST_REASONS] = {false}, all = isfinite(found->exits_per_s);
    double counted, others;
    char price[UNITS_TEXT_SIZE];

    if (isnan(time_of_reasons(found, &counted))) {
        write_without_reasons(file, found);
        return;
    }
    others = fmax(all ? found->exits_per_s : counted, counted);
    fprintf(file, "%.0f a second", others);
    for (size_t n = 0, i; n < SHOWN && (i = next_reason(found, shown)) < HOST_REASONS; n++) {
        shown[i] = true;
        others -= found->reasons_per_s[i];
        fprintf(file, "%s%.0f %s", n == 0 ? ": " : ", ", found->reasons_per_s[i], host_reasons[i].words);
        if (found->prices.reason_s[i] > 0) {
            units_format_value(found->prices.reason_s[i], VMS_UNIT_SECONDS, price);
            fprintf(file, " at %s", price);
        }
    }
    if (others >= 1)
        fprintf(file, ", %.0f others", others);
}
