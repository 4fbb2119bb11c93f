/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "site/site.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "output/output.h"
#include "report/assets.h"
#include "report/html.h"
#include "site/site_parts.h"

#include <inttypes.h>
#include <string.h>

void site_begin(FILE *file, const char *title) {
    fprintf(
        file,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'sha256-%s'; "
        "style-src 'sha256-%s' 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
        site_script_hash, asset_style_hash, site_style_hash);
    html_text(file, title);
    fprintf(file, "</title>\n<style>%s</style>\n<style>%s</style>\n</head>\n<body>\n<header><h1>",
            asset_style, site_style);
    html_text(file, title);
    fputs("</h1>\n", file);
}

void site_end(FILE *file) {
    fprintf(file,
            "<footer><p>A run's figure is the 20%% trimmed mean of its trials, of a tail the quantile of all "
            "its samples. Changes are found by E-divisive; all "
            "histories of the store share their error, 5%% unless another is named "
            "(docs/store.md).</p></footer>\n"
            "<script>%s</script>\n</body>\n</html>\n",
            site_script);
}

void site_name(const struct history_series *series, char ret_name[static SITE_NAME_SIZE]) {
    (void)snprintf(ret_name, SITE_NAME_SIZE, "case-%" PRId64 ".html", series->id);
}

/* Writes one page; without lines the index. */
static int write_page(const char *folder, const char *name, const struct site *site,
                      const struct trend_line *lines, size_t n, struct vms_error *error) {
    cleanup_free char *path = text_new("%s/%s", folder, name);
    struct output output;
    int status;

    if (!path)
        return error_memory(error);
    status = output_open(path, &output, error);
    if (status < 0)
        return status;
    status = lines ? site_case(output.file, site, lines, n, error) : site_index(output.file, site, error);
    return output_end(&output, status, error);
}

/* The lines of one series follow each other. */
static size_t count_lines(const struct trend *trend, size_t first) {
    size_t n = 1;

    while (first + n < trend->n_lines && trend->lines[first + n].series == trend->lines[first].series)
        n++;
    return n;
}

static int write_all(const char *folder, const struct site *site, size_t *ret_pages,
                     struct vms_error *error) {
    const struct trend *trend = site->trend;
    int status = output_make_folder(folder, error);
    size_t pages = 1;

    for (size_t first = 0, n; status == 0 && first < trend->n_lines; first += n, pages++) {
        char name[SITE_NAME_SIZE];

        n = count_lines(trend, first);
        site_name(trend->lines[first].series, name);
        status = write_page(folder, name, site, &trend->lines[first], n, error);
    }
    if (status == 0)
        status = write_page(folder, "index.html", site, NULL, 0, error);
    *ret_pages = pages;
    return status;
}

int site_write(const char *folder, struct history *history, const struct trend_options *options,
               const char *records, size_t *ret_pages, struct vms_error *error) {
    struct trend trend;
    int status = trend_find(history, options, &trend, error);

    if (status == 0)
        status = write_all(folder, &(struct site){history, &trend, records}, ret_pages, error);
    trend_done(&trend);
    return status;
}
