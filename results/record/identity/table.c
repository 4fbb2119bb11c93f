/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/identity/table.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "base/units.h"
#include "base/utf8.h"
#include "output/terminal.h"
#include "record/identity/label.h"
#include "record/write/summary.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#define LINE_WIDTH 100
#define LABEL_MAX 38 /* a longer label has a line of its own */
#define CELL_SIZE 128

enum column { METRIC, MEDIAN, INTERVAL, CV, COUNT, COLUMNS };
static const char *const headings[COLUMNS] = {"metric", "median", "mean, 95% interval", "CV", "n"};

struct row {
    const struct outcome_case *outcome;
    char *label; /* owned */
    char cells[COLUMNS][CELL_SIZE];
    size_t n_ok;
    bool is_first; /* of its case */
};

struct table {
    struct arena arena;
    const struct identity **cases; /* of the run's, in the arena */
    struct label_cases among;      /* of the same */
    struct row *rows;              /* owned */
    size_t n_rows;
    int label_width, widths[COLUMNS];
};

/* What tells a case from others: group, module, processors, neighbours, warm-ups, and parameters as they were
 * typed. NULL without memory. */
static const struct identity *new_identity(struct arena *arena, const struct outcome_case *outcome) {
    struct identity *identity = arena_new(arena, sizeof(*identity));
    struct view_param *params = arena_new(arena, (outcome->module->n_params + 1) * sizeof(*params));

    if (!identity || !params)
        return NULL;
    for (size_t i = 0; i < outcome->module->n_params; i++)
        params[i] =
            (struct view_param){.name = outcome->module->params[i].name,
                                .value = {.kind = VIEW_TEXT, .number = NAN, .text = outcome->texts[i]}};
    *identity = (struct identity){.group = outcome->group,
                                  .neighbours = outcome->neighbours,
                                  .warmup = outcome->warmup,
                                  .module = outcome->module->name,
                                  .path = "",
                                  .cpus = outcome->cpus ? outcome->cpus : "",
                                  .params = params,
                                  .n_params = outcome->module->n_params};
    return identity;
}

/* Indented: "  tcp-small message_size 64". NULL without memory. */
static char *new_label(const struct table *table, size_t index) {
    cleanup_free char *label = label_among(&table->among, index, ' ');

    return label ? text_new("  %s", label) : NULL;
}

/* Two values with their unit said once where it is the same. */
static void format_interval(const double interval[2], enum vms_unit unit, char ret_text[static CELL_SIZE]) {
    char low[UNITS_TEXT_SIZE], high[UNITS_TEXT_SIZE], *space;

    if (!isfinite(interval[0]) || !isfinite(interval[1])) {
        (void)strcpy(ret_text, "-");
        return;
    }
    units_format_value(interval[0], unit, low);
    units_format_value(interval[1], unit, high);
    space = strchr(low, ' ');
    if (space && strchr(high, ' ') && strcmp(space, strchr(high, ' ')) == 0)
        *space = '\0';
    (void)snprintf(ret_text, CELL_SIZE, "%s .. %s", low, high);
}

/* The row of one metric. `row` is empty but for what is said of the case. */
static int fill_row(struct row *row, unsigned index) {
    const struct vms_metric *metric = &row->outcome->module->metrics[index];
    struct stats_summary summary;

    if (!row->label || summary_metric(row->outcome, index, &summary) < 0)
        return -ENOMEM;
    row->n_ok = summary.n;
    if (summary.n == 0)
        return 0;
    (void)snprintf(row->cells[METRIC], CELL_SIZE, "%s", metric->name);
    units_format_value(summary.median, metric->unit, row->cells[MEDIAN]);
    format_interval(summary.ci95_mean, metric->unit, row->cells[INTERVAL]);
    if (isfinite(summary.cv))
        (void)snprintf(row->cells[CV], CELL_SIZE, "%.*f%%", summary.cv < 0.0995 ? 1 : 0, summary.cv * 100);
    else
        (void)strcpy(row->cells[CV], "-");
    (void)snprintf(row->cells[COUNT], CELL_SIZE, "%zu", summary.n);
    return 0;
}

static int larger(int a, size_t b) {
    return a > (int)b ? a : (int)b;
}

static void widen(struct table *table, const struct row *row) {
    if (utf8_columns(row->label) <= LABEL_MAX + 2)
        table->label_width = larger(table->label_width, utf8_columns(row->label));
    for (int column = 0; column < COLUMNS; column++)
        table->widths[column] = larger(table->widths[column], strlen(row->cells[column]));
}

/* The rows of a case: its headline, then the others where they are wanted. */
static int add_case(struct table *table, const struct outcome_run *run, size_t index, bool all_metrics) {
    const struct outcome_case *outcome = &run->cases[index];
    unsigned metrics[SUMMARY_METRICS_MAX];
    size_t n = summary_metrics(outcome, metrics);
    struct row *rows;

    n = all_metrics ? n : 1;
    rows = reallocarray(table->rows, table->n_rows + n, sizeof(*rows));
    if (!rows)
        return -ENOMEM;
    table->rows = rows;
    for (size_t i = 0; i < n; i++) {
        struct row *row = &table->rows[table->n_rows++];

        *row = (struct row){.outcome = outcome, .is_first = i == 0};
        row->label = i == 0 ? new_label(table, index) : strdup("");
        if (fill_row(row, metrics[i]) < 0)
            return -ENOMEM;
        widen(table, row);
    }
    return 0;
}

static int table_init(struct table *table, const struct outcome_run *run, bool all_metrics) {
    for (int column = 0; column < COLUMNS; column++)
        table->widths[column] = (int)strlen(headings[column]);
    table->cases = arena_new(&table->arena, (run->n_cases + 1) * sizeof(struct identity *));
    for (size_t i = 0; table->cases && i < run->n_cases; i++) {
        table->cases[i] = new_identity(&table->arena, &run->cases[i]);
        if (!table->cases[i])
            return -ENOMEM;
    }
    if (!table->cases || label_cases_init(&table->among, table->cases, run->n_cases) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < run->n_cases; i++)
        if (add_case(table, run, i, all_metrics) < 0)
            return -ENOMEM;
    return 0;
}

static void table_done(struct table *table) {
    for (size_t i = 0; i < table->n_rows; i++)
        free(table->rows[i].label);
    free(table->rows);
    label_cases_done(&table->among);
    arena_done(&table->arena);
}

/* One line of the table; a label that is too long has a line of its own. */
static void print_line(FILE *file, const struct table *table, const char *label,
                       const char *const cells[static COLUMNS], const char *mark) {
    const int width = table->label_width;

    if ((int)utf8_columns(label) > width) {
        terminal_print(file, "%s\n", label);
        label = "";
    }
    terminal_print(file, "%-*s  %-*s", width, label, table->widths[METRIC], cells[METRIC]);
    for (int column = MEDIAN; column < COLUMNS; column++)
        terminal_print(file, "  %*s", table->widths[column], cells[column]);
    terminal_print(file, "%s\n", mark);
}

/* Prints a text in lines that fit, indented; control characters (a crashed module's last words may hold
 * them) as '?'. */
static void print_wrapped(FILE *file, const char *text) {
    const int width = LINE_WIDTH - 6;

    while (*text) {
        int length = (int)strcspn(text, "\n");

        if (length > width) {
            length = width;
            while (length > 0 && text[length] != ' ')
                length--;
            length = length > 0 ? length : width;
        }
        fputs("      ", file);
        terminal_print(file, "%.*s\n", length, text);
        text += length;
        text += strspn(text, " \n");
    }
}

__attribute__((format(printf, 2, 3))) static void print_note(FILE *file, const char *format, ...) {
    cleanup_free char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = text_new_from(format, arguments);
    va_end(arguments);
    if (text)
        print_wrapped(file, text);
}

static bool is_loopback(const struct outcome_case *outcome) {
    return outcome->path && strcmp(outcome->path, "loopback") == 0;
}

static void print_row(FILE *file, const struct table *table, const struct row *row) {
    const struct outcome_case *outcome = row->outcome;
    const char *reason = outcome->reason ? outcome->reason : "no reason is known";
    const char *cells[COLUMNS];

    if (row->n_ok == 0) {
        if (!row->is_first)
            return;
        terminal_print(file, "%s\n", row->label);
        print_note(file, "%s: %s", outcome_status_name(outcome->status), reason);
        return;
    }
    for (int column = 0; column < COLUMNS; column++)
        cells[column] = row->cells[column];
    print_line(file, table, row->label, cells, is_loopback(outcome) ? " *" : "");
    if (row->is_first && outcome->status != OUTCOME_OK)
        print_note(file, "%zu of %u trials are ok; %s: %s", row->n_ok, outcome->n_trials,
                   outcome_status_name(outcome->status), reason);
}

static void print_resource(FILE *file, const struct table *table, enum vms_resource resource) {
    static const char *const titles[] = {
        [VMS_NETWORK] = "Network", [VMS_MEMORY] = "Memory", [VMS_DISK] = "Disk", [VMS_CPU] = "CPU"};
    bool loopback = false, begun = false;

    for (size_t i = 0; i < table->n_rows; i++) {
        const struct row *row = &table->rows[i];

        if (row->outcome->module->resource != resource)
            continue;
        if (!begun)
            print_line(file, table, titles[resource], headings, "");
        begun = true;
        loopback = loopback || (row->n_ok > 0 && is_loopback(row->outcome));
        print_row(file, table, row);
    }
    if (loopback)
        print_note(file, "* loopback: a path inside this machine, which says nothing about a network "
                         "card. Give a peer on another machine to measure one.");
    if (begun)
        fputc('\n', file);
}

void table_print(FILE *file, const struct outcome_run *run, bool all_metrics) {
    struct table table = {0};

    if (table_init(&table, run, all_metrics) < 0)
        fputs("out of memory: the figures are in the record\n", file);
    else
        for (int resource = VMS_NETWORK; resource <= VMS_CPU; resource++)
            print_resource(file, &table, (enum vms_resource)resource);
    table_done(&table);
}
