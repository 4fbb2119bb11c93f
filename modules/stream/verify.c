/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream/verify.h"

#include "shared/case/report.h"

#include <errno.h>
#include <math.h>

/* The index of the first element that is not within the bound, or n. */
static size_t find_wrong(const double *array, size_t n, double expected) {
    double bound = VERIFY_BOUND * fabs(expected);

    for (size_t i = 0; i < n; i++)
        if (!(fabs(array[i] - expected) <= bound))
            return i;
    return n;
}

static int verify_array(const char *name, const double *array, size_t n, double expected,
                        struct vms_error *error) {
    size_t wrong = find_wrong(array, n, expected);

    if (wrong == n)
        return 0;
    return report_error(error, -EBADMSG, "verification failed: %s[%zu] is %.17g, not %.17g within %g", name,
                        wrong, array[wrong], expected, VERIFY_BOUND);
}

int verify_arrays(const double *a, const double *b, const double *c, size_t n, unsigned passes,
                  struct vms_error *error) {
    double before = 1.0;
    int status;

    for (unsigned pass = 1; pass < passes; pass++)
        before *= 15.0;
    status = verify_array("a", a, n, 15.0 * before, error);
    if (status == 0)
        status = verify_array("b", b, n, 3.0 * before, error);
    if (status == 0)
        status = verify_array("c", c, n, 4.0 * before, error);
    return status;
}
