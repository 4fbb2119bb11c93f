/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The work itself: LU decomposition with partial pivoting and the solve of one system, by columns and
 * unblocked, as J. J. Dongarra, J. R. Bunch, C. B. Moler and G. W. Stewart publish it for general matrices
 * (LINPACK Users' Guide, SIAM 1979, chapter 1). Matrices are stored by columns without gaps. Each table is
 * the same source compiled for one precision and one instruction set; pointers are to its kind of number.
 */
#ifndef VMSUITE_MODULES_LINPACK_LU_H
#define VMSUITE_MODULES_LINPACK_LU_H

#include <stdbool.h>
#include <stddef.h>

struct lu {
    const char *isa;
    /* Works on column k (from 0; all n in turn) of the n x n matrix: finds the pivot, swaps, eliminates in
     * the columns behind it. 0, or -1 where the column has no pivot that is a number other than 0. */
    int (*step)(void *matrix, size_t n, size_t k, int *pivots);
    /* Overwrites the right-hand side by the solution, from the matrix that n steps have left. */
    void (*solve)(const void *matrix, size_t n, const int *pivots, void *side);
};

extern const struct lu lu_single_baseline, lu_double_baseline; /* any processor of this architecture */
extern const struct lu lu_single_avx2, lu_double_avx2;         /* x86 only */

enum lu_isa { LU_AUTO, LU_BASELINE, LU_AVX2 };

/* The table for this processor (LU_AUTO: the widest), or NULL where it cannot run that. */
const struct lu *lu_choose(bool is_double, enum lu_isa isa);

#endif
