/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "linpack/blas.h"

#include "shared/case/report.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#define LIBRARY "libopenblas.so.0"

/* Writes the address of a function into *ret_function. ISO C has no cast from dlsym's answer to a
 * function. */
static int find(void *library, const char *name, void *ret_function, struct vms_error *error) {
    void *address = dlsym(library, name);

    if (!address)
        return report_error(error, -ENOTSUP, "%s has no %s", LIBRARY, name);
    memcpy(ret_function, &address, sizeof(address));
    return 0;
}

int blas_open(bool is_double, int threads, struct blas *ret_blas, struct vms_error *error) {
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    void (*set_threads)(int) = NULL;
    char *(*get_config)(void) = NULL, *(*get_core)(void) = NULL;
    int (*get_threads)(void) = NULL;
    struct blas blas;
    int status;

    if (!library)
        return report_error(error, -ENOTSUP, "solver openblas: %s", dlerror());
    status = find(library, is_double ? "dgetrf_" : "sgetrf_", &blas.getrf, error);
    if (status == 0)
        status = find(library, is_double ? "dgetrs_" : "sgetrs_", &blas.getrs, error);
    if (status == 0)
        status = find(library, "openblas_set_num_threads", &set_threads, error);
    if (status == 0)
        status = find(library, "openblas_get_num_threads", &get_threads, error);
    if (status == 0)
        status = find(library, "openblas_get_config", &get_config, error);
    if (status == 0)
        status = find(library, "openblas_get_corename", &get_core, error);
    if (status < 0)
        return status;
    set_threads(threads);
    blas.threads = get_threads();
    blas.build = get_config();
    blas.core = get_core();
    *ret_blas = blas;
    return 0;
}

int blas_solve(const struct blas *blas, int n, void *matrix, int *pivots, void *side) {
    const int one = 1;
    int info = 0;

    blas->getrf(&n, &n, matrix, &n, pivots, &info);
    if (info == 0)
        blas->getrs("N", &n, &one, matrix, &n, pivots, side, &n, &info, 1);
    return info;
}
