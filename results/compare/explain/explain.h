/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What goes together with a loss: of the time that a case takes longer than in the baseline, how much the
 * counts of the same runs account for. Each part is computed by itself:
 *   exits      exits of the guest in a second (host_exits), times what one costs more than in the baseline,
 *              by the cases of the module exits (or cpu) of the same comparison (exit_prices.h): each reason
 *              that the host counts by itself at a price of its own, the others what CPUID costs
 *   processor  processor time of the guest's monitor for the same work, beyond the baseline's; where the
 *              baseline has none, beyond that in which the guest itself ran (host_guest_s). Exits are handled
 *              in that time, so these two overlap, and the larger of them counts
 *   stalls     steal of the trials themselves, and what the module stall found beyond steal, less the
 *              baseline's; not of medians, which what happens now and then does not move
 * It is a sum of counts, not a proof of cause.
 */
#ifndef VMSUITE_RESULTS_COMPARE_EXPLAIN_EXPLAIN_H
#define VMSUITE_RESULTS_COMPARE_EXPLAIN_EXPLAIN_H

#include "compare/explain/exit_prices.h"

/* Shares of the time that is added are from 0 to 1; NaN: not counted. */
struct explanation {
    double added;              /* of the other side's time, what the baseline does not need */
    double exits_per_s;        /* the other side's */
    double device_exits_per_s; /* the same of those that a process of the host answered */
    double reasons_per_s[HOST_REASONS];
    struct exit_prices prices; /* of what one costs more than in the baseline */
    double switches_per_s;     /* context switches of the other side's monitor */
    double steal, hidden;      /* shares of the other side's time, less the baseline's */
    double processors[2];      /* that the monitor kept busy; NaN where it was not counted */
    double in_guest;           /* of the other side's, in the guest itself; NaN where it was not counted */
    double exits, processor, stalls; /* what each explains */
    double unexplained;              /* 1 where nothing was counted */
};

/* Whether there is a loss to explain: the row is a claim that is decided. */
bool explain_wants(const struct compare_row *row);

/* For such a row. */
void explain_row(const struct comparison *comparison, const struct compare_row *row,
                 struct explanation *ret_explanation);

/* Whether any loss of the comparison can be compared with a count; if none can, EXPLAIN_NOTHING stands for
 * them all. */
bool explain_knows(const struct comparison *comparison);
#define EXPLAIN_NOTHING "Nothing that these runs counted goes together with a loss."

/* The same for programs (comparison.schema.json, "explained"): new reference; NULL without memory. */
json_t *explain_json(const struct comparison *comparison, const struct compare_row *row);

/* "tcp goodput, kvm: 3.10x slower, ... 57% stays unexplained". Owned; NULL without memory. */
char *explain_sentence(const struct comparison *comparison, const struct compare_row *row);

/* What the shares are, and what else would have to be measured; owned; NULL without memory. */
char *explain_note(const struct comparison *comparison);

/* What the host of a side (0, 1) pays: processors that the monitor kept busy, and seconds of their time for
 * 10^9 bytes, or for one operation, where the metric is a rate of such. NaN: not counted. */
struct host_bill {
    double processors, per_gigabyte, per_transaction;
};
void explain_bill_read(const struct compare_row *row, size_t side, struct host_bill *ret_bill);

/* In words: "1.42 processors, 3.10 s per 10^9 bytes"; "": it was not counted. */
#define EXPLAIN_BILL_SIZE 96
void explain_bill(const struct compare_row *row, size_t side, char ret_text[static EXPLAIN_BILL_SIZE]);

/* The same in a column: for each unit of work, "3.10 s/GB", "16.00 ms/op"; of what is no rate "1.42 CPUs". */
void explain_bill_short(const struct compare_row *row, size_t side, char ret_text[static EXPLAIN_BILL_SIZE]);

/* The other side's, and the baseline's where it has one, in a wide column; "": neither was counted. */
#define EXPLAIN_BILLS_SIZE (2 * EXPLAIN_BILL_SIZE + 20)
void explain_bill_cell(const struct compare_row *row, char ret_text[static EXPLAIN_BILLS_SIZE]);

/* Whether a host's bill was counted for any row: then there is a column for it. */
bool explain_has_bills(const struct comparison *comparison);

/* Sets what a side's figure says of it for programs. 0, or not where there is no memory. */
int explain_bill_json(json_t *figure, const struct compare_row *row, size_t side);

#endif
