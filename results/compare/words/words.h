/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings as people read them: the same words and digits in every format. */
#ifndef VMSUITE_RESULTS_COMPARE_WORDS_WORDS_H
#define VMSUITE_RESULTS_COMPARE_WORDS_WORDS_H

#include "compare/comparison/comparison.h"

#define WORDS_SIZE 160

/* A cost by its best known form: "3.1% slower", "7.9x slower", "12% faster"; per cent up to 50%, then a
 * factor. Where there is no loss in per cent: "rose from 0", "fell to 0", "changed". */
void words_cost(const struct compare_row *row, const struct compare_finding *finding,
                char ret_text[static WORDS_SIZE]);

/* The end of an interval as a factor, "8.8x"; "over 1000x" where it is a hundred times as far as the figure,
 * of which the first digit's place counts. Both are at least 1; 1 for a figure that goes the other way. */
void words_end(double factor, double figure, char ret_text[static WORDS_SIZE]);

/* "[1.2%, 5.0%]" in the same form; a negative figure is faster. Where the ends go different ways and one is
 * too far for a per cent: "[4.9x faster, 12x slower]". "" where there is no interval. */
void words_interval(const struct compare_finding *finding, char ret_text[static WORDS_SIZE]);

/* For a cell: "7.9x slower ±9%", "at least 40x slower", "equal within 3%", "unconfirmed", "undecided". `row`
 * is NULL where the finding is a resource's. */
void words_short(const struct compare_row *row, const struct compare_finding *finding, double margin,
                 char ret_text[static WORDS_SIZE]);

/* For a sentence: "7.9x slower [7.1x, 8.8x]", "unconfirmed: 12% slower [-3%, 25%], 2 more runs of each would
 * tell". */
void words_long(const struct compare_row *row, const struct compare_finding *finding, double margin,
                char ret_text[static WORDS_SIZE]);

/* A side's figure with its unit, or "n/a". */
void words_figure(const struct compare_row *row, size_t side, char ret_text[static WORDS_SIZE]);

/* What the gate says of a row, behind its words: ", above the limit of 5%", ", perhaps above the limit of 5%,
 * 2 more runs of each would tell"; "" where it says nothing. */
void words_gate(const struct compare_row *row, char ret_text[static WORDS_SIZE]);

/* A share as a limit is written: "5%", "0.5%". */
void words_share(double share, char ret_text[static WORDS_SIZE]);

#endif
