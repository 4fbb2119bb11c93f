/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page around the parts. */
#include "base/cleanup.h"
#include "base/error.h"
#include "compare/words/matrix.h"
#include "record/origin.h"
#include "report/assets.h"
#include "report/html.h"
#include "report/report_parts.h"

#include <errno.h>
#include <string.h>

/* What costs what; without a comparison what was measured: "Measured: kvm, xen-pv". */
static void write_title(FILE *file, const struct report *report) {
    cleanup_free char *headline = report->comparison ? matrix_headline(report->comparison) : NULL;

    if (headline) {
        html_text(file, headline);
        return;
    }
    for (size_t i = 0; i < report->series.n_configurations; i++) {
        fputs(i > 0 ? ", " : "What was measured: ", file);
        html_text(file, report->series.configurations[i]);
    }
}

/* Scripts and style are allowed by what they are, nothing else is, and nothing is fetched. */
static void write_head(FILE *file, const struct report *report) {
    fprintf(
        file,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'sha256-%s' "
        "'sha256-%s'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
        asset_vega_hash, asset_script_hash, asset_style_hash);
    write_title(file, report);
    fprintf(file, "</title>\n<style>%s</style>\n</head>\n<body>\n", asset_style);
}

/* What every figure of the page is to be read with. */
static void write_origin(FILE *file, const struct report *report) {
    bool emulated = false, instructions = false;

    for (size_t i = 0; i < report->n_readers; i++) {
        emulated |= reader_head(report->readers[i])->is_emulated;
        instructions |= reader_head(report->readers[i])->counts_instructions;
    }
    if (emulated)
        fputs("<p class=\"note\">" ORIGIN_EMULATED ".</p>\n", file);
    if (instructions)
        fputs("<p class=\"note\">" ORIGIN_INSTRUCTIONS ".</p>\n", file);
}

static void write_header(FILE *file, const struct report *report) {
    const char *first = reader_head(report->readers[0])->started_at, *last = first;

    for (size_t i = 1; i < report->n_readers; i++) {
        const char *own =
            reader_head(report->readers[i])->started_at; /* UTC: in the order of their letters */

        first = strcmp(own, first) < 0 ? own : first;
        last = strcmp(own, last) > 0 ? own : last;
    }
    fputs("<header><h1>", file);
    write_title(file, report);
    fprintf(file, "</h1>\n<p>A vmsuite report of %zu record%s, begun ", report->n_readers,
            report->n_readers == 1 ? "" : "s");
    html_text(file, first);
    if (last != first) {
        fputs(" to ", file);
        html_text(file, last);
    }
    fputs(".</p>\n", file);
    write_origin(file, report);
    fputs("</header>\n", file);
}

static const struct {
    enum figure_section section;
    const char *id, *title;
} sections[] = {
    {SECTION_NETWORK, "network", "Figures of the network"}, {SECTION_MEMORY, "memory", "Figures of memory"},
    {SECTION_DISK, "disk", "Figures of the disk"},          {SECTION_CPU, "cpu", "Figures of the CPU"},
    {SECTION_TRIALS, "trials", "Trial by trial"},           {SECTION_NOISE, "noise", "Noise and clocks"}};

static bool has_section(const struct report *report, enum figure_section section) {
    if (section == SECTION_NOISE)
        return true;
    for (size_t i = 0; i < report->figures.n_figures; i++)
        if (report->figures.figures[i].section == section)
            return true;
    return false;
}

/* Where a network case stayed inside the machine, its figures are easily mistaken. */
static bool has_loopback(const struct report *report) {
    for (size_t i = 0; i < report->series.n_series; i++)
        if (report->series.series[i].has_loopback)
            return true;
    return false;
}

static void write_section(FILE *file, const struct report *report, size_t index) {
    if (!has_section(report, sections[index].section))
        return;
    fprintf(file, "<details class=\"part\" id=\"%s\"><summary><h2>%s</h2></summary>\n", sections[index].id,
            sections[index].title);
    if (sections[index].section == SECTION_NETWORK && has_loopback(report))
        fputs("<p class=\"note\">Some of these cases ran over loopback, a path inside the machine: they say "
              "nothing about a network card.</p>\n",
              file);
    if (sections[index].section == SECTION_NOISE)
        report_noise(file, report);
    for (size_t i = 0; i < report->figures.n_figures; i++)
        if (report->figures.figures[i].section == sections[index].section)
            report_figure(file, report, &report->figures.figures[i]);
    fputs("</details>\n", file);
}

static void write_footer(FILE *file) {
    fputs("<footer>\n<p>Intervals of means are Student's, at 95%. All trials with status ok are in the "
          "figures: outliers are shown, never dropped. Values are in base units; M is 10<sup>6</sup>.</p>\n"
          "<details class=\"data\"><summary>Licence of Vega, which draws the figures</summary><pre>",
          file);
    html_text(file, asset_licence);
    fputs("</pre></details>\n</footer>\n", file);
    fprintf(file, "<script>%s</script>\n<script>%s</script>\n</body>\n</html>\n", asset_vega, asset_script);
}

/* All that is read after the answer, part by part. */
static int write_folded(FILE *file, const struct report *report, struct vms_error *error) {
    int status;

    fputs("<div id=\"more\">\n", file);
    report_explained(file, report);
    report_cases(file, report);
    status = report_trends(file, report, error);
    for (size_t i = 0; i < VMS_LENGTH(sections); i++) {
        if (sections[i].section == SECTION_TRIALS)
            report_variation(file, report);
        write_section(file, report, i);
    }
    report_trouble(file, report);
    report_machines(file, report);
    fputs("</div>\n", file);
    return status;
}

int report_write(FILE *file, const struct report *report, struct vms_error *error) {
    int status;

    write_head(file, report);
    write_header(file, report);
    fputs("<main>\n<noscript><p>The figures are drawn by a script that is part of this file; without it the "
          "tables show the same.</p></noscript>\n",
          file);
    report_answer(file, report);
    report_environment(file, report);
    status = write_folded(file, report, error);
    fputs("</main>\n", file);
    write_footer(file);
    return status == 0 && ferror(file)
               ? error_set(error, -EIO, "cannot write the report: %s", strerror(errno))
               : status;
}
