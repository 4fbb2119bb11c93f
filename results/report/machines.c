/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What failed, what the records warn of, and what each machine is. */
#include "record/origin.h"
#include "report/html.h"
#include "report/report_parts.h"

#include <string.h>

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static void write_warnings(FILE *file, struct reader *reader) {
    const json_t *warning;
    size_t index;

    json_array_foreach (json_object_get(reader_document(reader), "warnings"), index, warning) {
        fputs("<li><b>", file);
        html_text(file, origin_label(reader_document(reader)));
        fputs("</b>: ", file);
        html_text(file, json_string_value(warning) ? json_string_value(warning) : "");
        fputs("</li>\n", file);
    }
}

static size_t count_warnings(const struct report *report) {
    size_t n = 0;

    for (size_t i = 0; i < report->n_readers; i++)
        n += json_array_size(json_object_get(reader_document(report->readers[i]), "warnings"));
    return n;
}

void report_trouble(FILE *file, const struct report *report) {
    const json_t *failures = report->series.failures, *failure;
    size_t index;

    fputs("<section id=\"trouble\"><h2>What to know before believing it</h2>\n", file);
    if (count_warnings(report) == 0 && json_array_size(failures) == 0)
        fputs("<p>No case failed, and the records hold no warning.</p>\n", file);
    if (json_array_size(failures) > 0) {
        fputs("<h3>Cases that are not whole</h3>\n<ul>\n", file);
        json_array_foreach (failures, index, failure) {
            fputs("<li><b>", file);
            html_text(file, text_of(failure, "configuration"));
            fputs("</b>, ", file);
            html_text(file, text_of(failure, "label"));
            fputs(": ", file);
            html_text(file, text_of(failure, "status"));
            fputs(", ", file);
            html_text(file, text_of(failure, "reason"));
            fputs("</li>\n", file);
        }
        fputs("</ul>\n", file);
    }
    if (count_warnings(report) > 0) {
        fputs("<h3>Warnings</h3>\n<ul>\n", file);
        for (size_t i = 0; i < report->n_readers; i++)
            write_warnings(file, report->readers[i]);
        fputs("</ul>\n", file);
    }
    fputs("</section>\n", file);
}

static const json_t *machine_of(struct reader *reader) {
    return json_object_get(json_object_get(reader_document(reader), "environment"), "before");
}

static const json_t *find_fact(struct reader *reader, const char *name) {
    const json_t *fact;
    size_t index;

    json_array_foreach (json_object_get(machine_of(reader), "facts"), index, fact)
        if (strcmp(text_of(fact, "fact"), name) == 0)
            return fact;
    return NULL;
}

/* The first record of its configuration and folder stands for the others. */
static bool is_column(const struct report *report, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (strcmp(origin_label(reader_document(report->readers[i])),
                   origin_label(reader_document(report->readers[index]))) == 0 &&
            json_equal(machine_of(report->readers[i]), machine_of(report->readers[index])))
            return false;
    return true;
}

static void write_fact(FILE *file, const json_t *fact) {
    const json_t *value = json_object_get(fact, "value");
    char *text;

    fputs("<td class=\"what\">", file);
    if (json_is_string(value)) {
        html_text(file, json_string_value(value));
    } else if (value && !json_is_null(value)) {
        text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
        html_text(file, text ? text : "");
        free(text);
    } else {
        fputs("<i>", file);
        html_text(file, fact ? text_of(fact, "reason") : "not recorded");
        fputs("</i>", file);
    }
    fputs("</td>", file);
}

static bool fact_differs(const struct report *report, const char *name) {
    const json_t *first = json_object_get(find_fact(report->readers[0], name), "value");

    for (size_t i = 1; i < report->n_readers; i++) {
        const json_t *other = json_object_get(find_fact(report->readers[i], name), "value");

        if (first != other && !json_equal(first, other))
            return true;
    }
    return false;
}

static void write_fact_row(FILE *file, const struct report *report, const char *name) {
    fprintf(file, "<tr%s><th scope=\"row\">", fact_differs(report, name) ? " class=\"differs\"" : "");
    html_text(file, name);
    fputs("</th>", file);
    for (size_t i = 0; i < report->n_readers; i++)
        if (is_column(report, i))
            write_fact(file, find_fact(report->readers[i], name));
    fputs("</tr>\n", file);
}

static void write_text_row(FILE *file, const struct report *report, const char *key) {
    fputs("<tr><th scope=\"row\">", file);
    html_text(file, key);
    fputs("</th>", file);
    for (size_t i = 0; i < report->n_readers; i++)
        if (is_column(report, i)) {
            fputs("<td class=\"what\">", file);
            html_text(file, text_of(machine_of(report->readers[i]), key));
            fputs("</td>", file);
        }
    fputs("</tr>\n", file);
}

/* Whether an earlier record has told this fact, so that its row is there. */
static bool is_told(const struct report *report, size_t before, const char *name) {
    for (size_t i = 0; i < before; i++)
        if (find_fact(report->readers[i], name))
            return true;
    return false;
}

void report_machines(FILE *file, const struct report *report) {
    fputs("<section id=\"machines\"><h2>The machines</h2>\n"
          "<p>What differs is set in bold: it can explain a difference as well as the hypervisor can. Bytes, "
          "seconds "
          "and hertz.</p>\n<details><summary>All facts</summary><div class=\"wide\"><table><thead><tr>"
          "<th scope=\"col\">fact</th>",
          file);
    for (size_t i = 0; i < report->n_readers; i++)
        if (is_column(report, i)) {
            fputs("<th scope=\"col\">", file);
            html_text(file, origin_label(reader_document(report->readers[i])));
            fputs("</th>", file);
        }
    fputs("</tr></thead>\n<tbody>\n", file);
    write_text_row(file, report, "virtualization");
    write_text_row(file, report, "container");
    for (size_t i = 0; i < report->n_readers; i++) {
        const json_t *fact;
        size_t index;

        json_array_foreach (json_object_get(machine_of(report->readers[i]), "facts"), index, fact)
            if (!is_told(report, i, text_of(fact, "fact")))
                write_fact_row(file, report, text_of(fact, "fact"));
    }
    fputs("</tbody></table></div></details></section>\n", file);
}
