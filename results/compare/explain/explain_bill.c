/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/explain/explain.h"

#include "base/units.h"
#include "record/value.h"

#include <math.h>
#include <string.h>

void explain_bill_read(const struct compare_row *row, size_t side, struct host_bill *ret_bill) {
    double processors = account_rate(&row->accounts[side].host_cpu);
    double each = processors / row->figures[side].value; /* a rate is work in a second */
    struct host_bill bill = {processors, NAN, NAN};

    if (row->metric->unit == VMS_BYTES_PER_SECOND)
        bill.per_gigabyte = 1e9 * each;
    else if (row->metric->unit == VMS_BITS_PER_SECOND)
        bill.per_gigabyte = 8e9 * each;
    else if (row->metric->unit == VMS_PER_SECOND)
        bill.per_transaction = each;
    *ret_bill = bill;
}

bool explain_has_bills(const struct comparison *comparison) {
    for (size_t i = 0; i < comparison->n_rows; i++)
        for (size_t side = 0; side < 2; side++)
            if (!isnan(account_rate(&comparison->rows[i].accounts[side].host_cpu)))
                return true;
    return false;
}

void explain_bill(const struct compare_row *row, size_t side, char ret_text[static EXPLAIN_BILL_SIZE]) {
    char seconds[UNITS_TEXT_SIZE];
    struct host_bill bill;

    explain_bill_read(row, side, &bill);
    units_format_value(isfinite(bill.per_gigabyte) ? bill.per_gigabyte : bill.per_transaction,
                       VMS_UNIT_SECONDS, seconds);
    if (isnan(bill.processors))
        ret_text[0] = '\0';
    else if (isfinite(bill.per_gigabyte))
        (void)snprintf(ret_text, EXPLAIN_BILL_SIZE, "%.2f processors, %s per 10^9 bytes", bill.processors,
                       seconds);
    else if (isfinite(bill.per_transaction))
        (void)snprintf(ret_text, EXPLAIN_BILL_SIZE, "%.2f processors, %s per operation", bill.processors,
                       seconds);
    else
        (void)snprintf(ret_text, EXPLAIN_BILL_SIZE, "%.2f processors", bill.processors);
}

void explain_bill_short(const struct compare_row *row, size_t side, char ret_text[static EXPLAIN_BILL_SIZE]) {
    struct host_bill bill;
    char *end = ret_text;

    ret_text[0] = '\0';
    explain_bill_read(row, side, &bill);
    if (isfinite(bill.per_gigabyte) || isfinite(bill.per_transaction)) {
        bool bytes = isfinite(bill.per_gigabyte);

        units_format_value(bytes ? bill.per_gigabyte : bill.per_transaction, VMS_UNIT_SECONDS, ret_text);
        end += strlen(ret_text);
        (void)snprintf(end, 4, "%s", bytes ? "/GB" : "/op");
    } else if (isfinite(bill.processors)) {
        (void)snprintf(ret_text, EXPLAIN_BILL_SIZE, "%.2f CPUs", bill.processors);
    }
}

void explain_bill_cell(const struct compare_row *row, char ret_text[static EXPLAIN_BILLS_SIZE]) {
    char baseline[EXPLAIN_BILL_SIZE], other[EXPLAIN_BILL_SIZE];

    explain_bill(row, 0, baseline);
    explain_bill(row, 1, other);
    (void)snprintf(ret_text, EXPLAIN_BILLS_SIZE, "%s%s%s%s", other, *baseline && *other ? "; " : "",
                   *baseline ? "baseline: " : "", baseline);
}

int explain_bill_json(json_t *figure, const struct compare_row *row, size_t side) {
    struct host_bill bill;
    int failed = 0;

    explain_bill_read(row, side, &bill);
    failed |= value_set(figure, "host_processors", value_number(bill.processors));
    failed |= value_set(figure, ACCOUNT_PER_GIGABYTE, value_number(bill.per_gigabyte));
    failed |= value_set(figure, ACCOUNT_PER_TRANSACTION, value_number(bill.per_transaction));
    return failed;
}
