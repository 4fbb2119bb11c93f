/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/collect/spill.h"

#include "record/file/temporary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CAPACITY_FIRST 32 /* numbers of a row that has just begun */

/* A page in the file: the pages of a row are chained from its last to its first. */
struct page {
    uint64_t before; /* place of the page before this one */
    double values[SPILL_PAGE];
};

struct spill {
    int fd; /* -1: nothing was written yet */
    uint64_t n_pages;
};

struct spill *spill_new(void) {
    struct spill *spill = malloc(sizeof(*spill));

    if (spill)
        *spill = (struct spill){.fd = -1};
    return spill;
}

void spill_free(struct spill *spill) {
    if (!spill)
        return;
    if (spill->fd >= 0)
        (void)close(spill->fd);
    free(spill);
}

void spill_row_done(struct spill_row *row) {
    free(row->page);
}

static int write_page(struct spill *spill, struct spill_row *row) {
    struct page page = {.before = row->last};
    ssize_t written;

    if (spill->fd < 0)
        spill->fd = temporary_open();
    if (spill->fd < 0)
        return spill->fd;
    memcpy(page.values, row->page, sizeof(page.values));
    written = pwrite(spill->fd, &page, sizeof(page), (off_t)(spill->n_pages * sizeof(page)));
    if (written != (ssize_t)sizeof(page))
        return written < 0 ? -errno : -ENOSPC;
    row->last = spill->n_pages++;
    row->n_full++;
    row->n_page = 0;
    return 0;
}

static int grow(struct spill_row *row) {
    size_t capacity = row->capacity ? 2 * row->capacity : CAPACITY_FIRST;
    double *page = reallocarray(row->page, capacity, sizeof(*page));

    if (!page)
        return -ENOMEM;
    row->page = page;
    row->capacity = capacity;
    return 0;
}

int spill_append(struct spill *spill, struct spill_row *row, const double *values, size_t n) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < n; i++) {
        if (row->n_page == SPILL_PAGE)
            status = write_page(spill, row);
        if (status == 0 && row->n_page == row->capacity)
            status = grow(row);
        if (status == 0)
            row->page[row->n_page++] = values[i];
    }
    return status;
}

static int read_at(const struct spill *spill, uint64_t place, void *ret, size_t size) {
    ssize_t got = pread(spill->fd, ret, size, (off_t)(place * sizeof(struct page)));

    return got == (ssize_t)size ? 0 : got < 0 ? -errno : -EIO;
}

int spill_reader_init(struct spill_reader *reader, const struct spill *spill, const struct spill_row *row) {
    uint64_t place = row->last;
    int status = 0;

    *reader = (struct spill_reader){.spill = spill,
                                    .row = row,
                                    .places = calloc(row->n_full + 1, sizeof(*reader->places)),
                                    .page = malloc(SPILL_PAGE * sizeof(*reader->page))};
    if (!reader->places || !reader->page)
        return -ENOMEM;
    for (size_t i = row->n_full; status == 0 && i > 0; i--) {
        reader->places[i - 1] = place;
        status = read_at(spill, place, &place, sizeof(place));
    }
    return status;
}

/* Makes the page of the next number the one at hand. */
static int turn_page(struct spill_reader *reader) {
    size_t page = reader->at / SPILL_PAGE;
    struct page read;
    int status;

    if (page == reader->row->n_full) {
        memcpy(reader->page, reader->row->page, reader->row->n_page * sizeof(*reader->page));
        return 0;
    }
    status = read_at(reader->spill, reader->places[page], &read, sizeof(read));
    if (status == 0)
        memcpy(reader->page, read.values, sizeof(read.values));
    return status;
}

int spill_next(struct spill_reader *reader, double *ret, size_t n) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < n; i++) {
        if (reader->at % SPILL_PAGE == 0)
            status = turn_page(reader);
        if (status == 0 && ret)
            ret[i] = reader->page[reader->at % SPILL_PAGE];
        reader->at++;
    }
    return status;
}

void spill_reader_done(struct spill_reader *reader) {
    free(reader->places);
    free(reader->page);
}
