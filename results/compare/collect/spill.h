/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many rows of numbers that grow in turn, within bounded memory: each has its newest page at hand, the others
 * lie in a temporary file, which is made when the first page is full. */
#ifndef VMSUITE_RESULTS_COMPARE_COLLECT_SPILL_H
#define VMSUITE_RESULTS_COMPARE_COLLECT_SPILL_H

#include <stddef.h>
#include <stdint.h>

#define SPILL_PAGE 512 /* numbers */

struct spill; /* the file of all rows */

/* Zeroed: an empty row. */
struct spill_row {
    double *page; /* owned: the numbers behind the last full page */
    size_t n_page, capacity;
    size_t n_full; /* pages in the file */
    uint64_t last; /* place of the last of them */
};

/* Reads a row from its beginning. */
struct spill_reader {
    const struct spill *spill;
    const struct spill_row *row;
    uint64_t *places; /* owned: of the row's pages, in order */
    double *page;     /* owned */
    size_t at;        /* of the next number */
};

/* NULL without memory. */
struct spill *spill_new(void);
/* Takes NULL. Rows are freed with spill_row_done. */
void spill_free(struct spill *spill);
void spill_row_done(struct spill_row *row);

/* Appends `n` numbers to a row. -ENOMEM, or what the file system says; part of them may be there then. */
int spill_append(struct spill *spill, struct spill_row *row, const double *values, size_t n);

/* Begins at the row's first number. The reader is freed with spill_reader_done, also after a failure. */
int spill_reader_init(struct spill_reader *reader, const struct spill *spill, const struct spill_row *row);
/* The next `n` numbers, as many as the row has at the most. `ret` may be NULL: they are passed over. */
int spill_next(struct spill_reader *reader, double *ret, size_t n);
void spill_reader_done(struct spill_reader *reader);

#endif
