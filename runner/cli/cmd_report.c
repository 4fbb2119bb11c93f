/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "report/report.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: vmsuite report RECORD... [-o FILE] [--figures DIR] [--baseline NAME]\n\n"
    "Writes one HTML file that tells what the records say, with figures and tables; it opens offline.\n"
    "Records of one configuration are pooled. Records from several folders are shown as environments\n"
    "side by side, each under its folder's name.\n\n"
    "  -o, --output FILE   the page (default: report.html)\n"
    "  --figures DIR       also write each figure's Vega specification with its data into DIR\n"
    "  --baseline NAME     the configuration that the others are compared with (default: the first "
    "record's)\n"
    "  --help              this text\n\n"
    "example: vmsuite report native.json xen-pv.json xen-hvm.json -o report.html\n";

struct options {
    const char *output, *figures, *baseline;
    bool help;
};

static int parse_options(int argc, char **argv, struct options *options) {
    static const struct option known[] = {{"output", required_argument, NULL, 'o'},
                                          {"figures", required_argument, NULL, 'f'},
                                          {"baseline", required_argument, NULL, 'b'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    int option;

    while ((option = getopt_long(argc, argv, "o:h", known, NULL)) != -1) {
        if (option == 'o')
            options->output = optarg;
        else if (option == 'f')
            options->figures = optarg;
        else if (option == 'b')
            options->baseline = optarg;
        else if (option == 'h')
            options->help = true;
        else
            return command_usage_error("report", "an option is unknown or lacks its argument");
    }
    if (!options->help && optind == argc)
        return command_usage_error("report", "no record is named");
    return EXIT_DONE;
}

static int write_all(const struct options *options, const struct report *report) {
    struct vms_error error = {""};
    int status = report_write_page(options->output, report, &error);

    if (status == 0 && options->figures)
        status = report_write_figures(options->figures, report, &error);
    if (status < 0) {
        fprintf(stderr, "vmsuite report: %s\n", error.text);
        return EXIT_FAILED;
    }
    fprintf(stderr, "report: %s\n", options->output);
    return EXIT_DONE;
}

static int report_records(const struct options *options, char **paths, size_t n_paths) {
    struct reader **readers = NULL;
    struct report *report = NULL;
    struct vms_error error = {""};
    int status = reader_open_all(paths, n_paths, &readers, &error);

    if (status == 0)
        status = report_new(readers, n_paths, options->baseline, &report, &error);
    if (status < 0) {
        fprintf(stderr, "vmsuite report: %s\n", error.text);
        status = status == -ENOMEM ? EXIT_FAILED : EXIT_USAGE;
    } else {
        status = write_all(options, report);
    }
    report_free(report);
    reader_close_all(readers, n_paths);
    return status;
}

int cmd_report(int argc, char **argv) {
    struct options options = {.output = "report.html"};
    int status = parse_options(argc, argv, &options);

    if (status != EXIT_DONE)
        return status;
    if (options.help) {
        fputs(help, stdout);
        return EXIT_DONE;
    }
    return report_records(&options, argv + optind, (size_t)(argc - optind));
}
