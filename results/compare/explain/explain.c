/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/explain/explain.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "compare/explain/explain_exits.h"
#include "compare/words/words.h"

#include <math.h>
#include <string.h>

bool explain_wants(const struct compare_row *row) {
    return row->finding.verdict == COMPARE_SLOWER && row->finding.cost > 1;
}

/* A part of what is added: none where it is negative, all of it where it is more. */
static double part_of(double share, double whole) {
    if (isnan(share))
        return NAN;
    return share <= 0 ? 0 : share >= whole ? 1 : share / whole;
}

/* The sum of what is known; NaN where nothing is. */
static double add_known(double a, double b) {
    return isnan(a) ? b : isnan(b) ? a : a + b;
}

void explain_row(const struct comparison *comparison, const struct compare_row *row,
                 struct explanation *ret_explanation) {
    struct explanation found = {.added = 1 - 1 / row->finding.cost};
    double worked, known;

    for (size_t side = 0; side < 2; side++)
        found.processors[side] = account_rate(&row->accounts[side].host_cpu);
    exit_prices_read(comparison, row->other, &found.prices);
    found.exits_per_s = account_rate(&row->accounts[1].exits);
    found.device_exits_per_s = account_rate(&row->accounts[1].device_exits);
    for (size_t i = 0; i < HOST_REASONS; i++)
        found.reasons_per_s[i] = account_rate(&row->accounts[1].reasons[i]);
    found.switches_per_s = account_rate(&row->accounts[1].switches);
    found.steal = account_rate(&row->accounts[1].steal) - account_rate(&row->accounts[0].steal);
    found.hidden = exit_prices_apart(comparison, row->other, "stall", "hidden");
    found.in_guest = account_rate(&row->accounts[1].host_guest);
    /* The other side takes `cost` times as long for the same work; in shares of its time. */
    worked = found.processors[1] -
             (isnan(found.processors[0]) ? found.in_guest : found.processors[0] / row->finding.cost);
    if (row->median) /* time that is taken now and then does not move it */
        found.steal = found.hidden = NAN;
    found.exits = part_of(explain_exits_time(&found), found.added);
    found.processor = part_of(worked, found.added);
    found.stalls = part_of(add_known(fmax(found.steal, 0), fmax(found.hidden, 0)), found.added);
    if (isnan(found.steal) && isnan(found.hidden))
        found.stalls = NAN;
    known = add_known(fmax(found.exits, found.processor), found.stalls);
    found.unexplained = isnan(known) ? 1 : fmax(1 - known, 0);
    *ret_explanation = found;
}

static void put_share(double share, char ret_text[static WORDS_SIZE]) {
    (void)snprintf(ret_text, WORDS_SIZE, share > 0 && share < 0.01 ? "%.1g%%" : "%.0f%%", 100 * share);
}

static void write_exits(FILE *file, const struct explanation *found) {
    char share[WORDS_SIZE];

    if (isnan(found->exits))
        return;
    put_share(found->exits, share);
    fprintf(file, "; exits go together with %s of it (", share);
    explain_exits_write(file, found);
    fputc(')', file);
}

static void write_processor(FILE *file, const struct explanation *found) {
    char share[WORDS_SIZE];

    if (isnan(found->processor))
        return;
    put_share(found->processor, share);
    fprintf(file, "; processor time of the monitor with %s%s (%.2f processors busy, %.2f %s)", share,
            isnan(found->exits) ? " of it" : ", exits included", found->processors[1],
            isnan(found->processors[0]) ? found->in_guest : found->processors[0],
            isnan(found->processors[0]) ? "of them in the guest itself" : "in the baseline");
}

static void write_stalls(FILE *file, const struct explanation *found) {
    char share[WORDS_SIZE], part[WORDS_SIZE];

    if (isnan(found->stalls))
        return;
    put_share(found->stalls, share);
    fprintf(file, "; stalls with %s (", share);
    if (!isnan(found->steal)) {
        put_share(fmax(found->steal, 0), part);
        fprintf(file, "%s of the time reported as steal", part);
    }
    if (!isnan(found->hidden)) {
        put_share(fmax(found->hidden, 0), part);
        fprintf(file, "%s%s hidden", isnan(found->steal) ? "" : ", ", part);
    }
    fputs(" more than in the baseline)", file);
}

char *explain_sentence(const struct comparison *comparison, const struct compare_row *row) {
    char words[WORDS_SIZE], added[WORDS_SIZE], left[WORDS_SIZE];
    struct explanation found;
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    if (!file)
        return NULL;
    explain_row(comparison, row, &found);
    words_cost(row, &row->finding, words);
    put_share(found.added, added);
    put_share(found.unexplained, left);
    fprintf(file, "%s %s, %s: %s, so %s of its time is extra", row->title, row->metric->name,
            comparison->sides[row->other].label, words, added);
    write_exits(file, &found);
    write_processor(file, &found);
    write_stalls(file, &found);
    fprintf(file, "; %s stays unexplained", left);
    if (fclose(file) == 0)
        return text;
    free(text);
    return NULL;
}

/* Whether any loss could be held against a count. */
static void find_known(const struct comparison *comparison, bool *ret_exits, bool *ret_hidden) {
    *ret_exits = *ret_hidden = false;
    for (size_t i = 0; i < comparison->n_rows; i++) {
        struct explanation found;

        if (!explain_wants(&comparison->rows[i]))
            continue;
        explain_row(comparison, &comparison->rows[i], &found);
        *ret_exits |= !isnan(found.exits);
        *ret_hidden |= !isnan(found.hidden);
    }
}

bool explain_knows(const struct comparison *comparison) {
    for (size_t i = 0; i < comparison->n_rows; i++) {
        struct explanation found;

        if (!explain_wants(&comparison->rows[i]))
            continue;
        explain_row(comparison, &comparison->rows[i], &found);
        if (!isnan(found.exits) || !isnan(found.processor) || !isnan(found.stalls))
            return true;
    }
    return false;
}

char *explain_note(const struct comparison *comparison) {
    bool exits, hidden;

    find_known(comparison, &exits, &hidden);
    return text_new(
        "Shares are of the extra time that a case takes; they are counts of the same runs that go together "
        "with the loss, not a proof of its cause.%s%s",
        exits ? ""
              : " Exits are counted where the host that boots a guest has KVM's debugfs mounted, or QEMU 7.1 "
                "or newer, and priced by a case of the module exits.",
        hidden ? "" : " Time that is taken and not reported is found by a case of the module stall.");
}
