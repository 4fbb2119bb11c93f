/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/suggest.h"
#include "cli/command.h"
#include "export/export.h"
#include "record/store.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static void print_help(void) {
    printf("usage: vmsuite export RECORD... --format FORMAT [OPTION...]\n\n"
           "Writes the figures of records in a form that other programs read.\n\n");
    for (size_t i = 0; export_format_name(i); i++)
        printf("  %-17s %s\n", export_format_name(i), export_format_help(i));
    printf("\n"
           "  --format FORMAT   one of these (default: csv)\n"
           "  --output FILE     write to FILE, whole or not at all (default: to stdout)\n"
           "  --better higher|lower\n"
           "                    github only, whose files hold one direction (default: higher)\n"
           "  --help            this text\n\n"
           "example: vmsuite export native.json xen-pv.json --format jsonl > samples.jsonl\n");
}

struct options {
    struct export_options export;
    const char *output;
    bool help;
};

static int refuse_format(const char *name) {
    const char *names[16], *nearest;
    size_t n = 0;

    while (export_format_name(n) && n < VMS_LENGTH(names)) {
        names[n] = export_format_name(n);
        n++;
    }
    nearest = suggest_nearest(name, names, n);
    return command_usage_error("export", "no format \"%s\"%s%s%s", name, nearest ? "; did you mean \"" : "",
                               nearest ? nearest : "", nearest ? "\"?" : "");
}

static int parse_better(const char *text, enum vms_better *ret_better) {
    if (strcmp(text, "higher") != 0 && strcmp(text, "lower") != 0)
        return command_usage_error("export", "--better takes \"higher\" or \"lower\", not \"%s\"", text);
    *ret_better = strcmp(text, "higher") == 0 ? VMS_HIGHER : VMS_LOWER;
    return EXIT_DONE;
}

static int parse_options(int argc, char **argv, struct options *options) {
    static const struct option known[] = {{"format", required_argument, NULL, 'f'},
                                          {"output", required_argument, NULL, 'o'},
                                          {"better", required_argument, NULL, 'b'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    int option, status = EXIT_DONE;

    while (status == EXIT_DONE && (option = getopt_long(argc, argv, "f:o:h", known, NULL)) != -1) {
        if (option == 'f')
            options->export.format = optarg;
        else if (option == 'o')
            options->output = optarg;
        else if (option == 'b')
            status = parse_better(optarg, &options->export.better);
        else if (option == 'h')
            options->help = true;
        else
            return command_usage_error("export", "an option is unknown or lacks its argument");
    }
    if (status == EXIT_DONE && !options->help && optind == argc)
        return command_usage_error("export", "no record is named");
    return status;
}

/* Writes to the file that was asked for, or to stdout. */
static int write_export(const struct options *options, char *const *paths, size_t n_paths,
                        size_t *ret_left_out, struct vms_error *error) {
    struct store_file file;
    int status;

    if (!options->output)
        return export_write(stdout, &options->export, paths, n_paths, ret_left_out, error);
    status = store_open(options->output, &file, error);
    if (status < 0)
        return status;
    status = export_write(file.file, &options->export, paths, n_paths, ret_left_out, error);
    if (status == 0)
        return store_commit(&file, error);
    store_abort(&file);
    return status;
}

static int export_records(const struct options *options, char **paths, size_t n_paths) {
    struct vms_error error = {""};
    size_t left_out = 0;
    int status = write_export(options, paths, n_paths, &left_out, &error);

    if (status < 0) {
        fprintf(stderr, "vmsuite export: %s\n", error.text);
        return status == -EINVAL || status == -ENOENT || status == -EACCES ? EXIT_USAGE : EXIT_FAILED;
    }
    if (left_out > 0)
        fprintf(stderr, "vmsuite export: %zu figures were left out: %s holds no missing values%s\n", left_out,
                options->export.format,
                strcmp(options->export.format, "github") == 0 ? ", and one direction (--better)" : "");
    return EXIT_DONE;
}

static bool is_format(const char *name) {
    for (size_t i = 0; export_format_name(i); i++)
        if (strcmp(export_format_name(i), name) == 0)
            return true;
    return false;
}

int cmd_export(int argc, char **argv) {
    struct options options = {.export = {.format = "csv", .better = VMS_HIGHER}};
    int status = parse_options(argc, argv, &options);

    if (status != EXIT_DONE)
        return status;
    if (options.help) {
        print_help();
        return EXIT_DONE;
    }
    if (!is_format(options.export.format))
        return refuse_format(options.export.format);
    return export_records(&options, argv + optind, (size_t)(argc - optind));
}
