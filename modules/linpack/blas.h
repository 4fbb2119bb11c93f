/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenBLAS's LAPACK routines. The library is opened when a case wants it, not linked: it starts threads as
 * soon as it is loaded, and a program that only lists its modules must not have them. */
#ifndef VMSUITE_MODULES_LINPACK_BLAS_H
#define VMSUITE_MODULES_LINPACK_BLAS_H

#include <stdbool.h>
#include <stddef.h>
#include <vmsuite/module.h>

struct blas {
    /* ?getrf_ and ?getrs_ (LAPACK), with the length of their text at the end as Fortran passes it. */
    void (*getrf)(const int *m, const int *n, void *a, const int *lda, int *pivots, int *info);
    void (*getrs)(const char *trans, const int *n, const int *nrhs, const void *a, const int *lda,
                  const int *pivots, void *b, const int *ldb, int *info, size_t trans_length);
    const char *build; /* how the library describes itself; the library's own text, as is the next one */
    const char *core;  /* the processor for which the routines that it chose are made */
    int threads;       /* as many as the library took of those that were wanted */
};

/* Opens the library and sets its threads. It stays loaded for the life of the process. -ENOTSUP where it is
 * not installed or lacks a routine. */
int blas_open(bool is_double, int threads, struct blas *ret_blas, struct vms_error *error);

/* Decomposes the matrix and solves for the side in place. 0; 1 + the index of the column without a pivot. */
int blas_solve(const struct blas *blas, int n, void *matrix, int *pivots, void *side);

#endif
