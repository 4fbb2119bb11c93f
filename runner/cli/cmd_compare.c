/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/suggest.h"
#include "base/units.h"
#include "cli/command.h"
#include "compare/gate.h"
#include "compare/load.h"

#include <getopt.h>
#include <math.h>
#include <string.h>

static const char help[] =
    "usage: vmsuite compare BASELINE OTHER... [OPTION...]\n\n"
    "Tells what each other configuration costs against the baseline, per case and metric: loss with its 95%\n"
    "interval, p-value, effect size and a verdict (slower, faster, equivalent, undecided). Records of one\n"
    "configuration are pooled, each run counting the same.\n\n"
    "  --baseline FILE          a further run of the baseline; may be given several times\n"
    "  --format FORMAT          table (default), markdown, json, csv or junit\n"
    "  --output FILE            write there instead of to stdout\n"
    "  --equivalent-within 3%   margin within which two figures count as equal\n"
    "  --fail-above 5%          exit 1 where a loss is above this beyond doubt\n"
    "  --policy FILE            limits per resource, group, module and metric, as JSON\n"
    "  --strict                 exit 1 for undecided rows and for cases that could not be compared, too\n"
    "  --allow-different        compare what is not the same work, and mark it\n"
    "  --run-shift 1%           how far a whole run may be off (one standard deviation); drift and flagged\n"
    "                           trials add to it, several runs of each configuration show it\n"
    "  --seed N                 of the resampling (default 1)\n"
    "  --help                   this text\n\n"
    "Exit status: 0 done; 1 the gate tripped; 2 wrong use or bad input.\n";

struct options {
    struct compare_options compare;
    double margin, fail_above; /* NaN where the command line does not say */
    bool strict, gated, help;
    const char *format, *output, *policy;
    char **baselines; /* owned array of borrowed texts */
    size_t n_baselines;
};

static bool is_format(const char *name) {
    for (size_t i = 0; compare_format_name(i); i++)
        if (strcmp(compare_format_name(i), name) == 0)
            return true;
    return false;
}

static int set_format(struct options *options, const char *name) {
    const char *names[8], *nearest;
    size_t n = 0;

    if (is_format(name)) {
        options->format = name;
        return EXIT_DONE;
    }
    while (n < VMS_LENGTH(names) && compare_format_name(n)) {
        names[n] = compare_format_name(n);
        n++;
    }
    nearest = suggest_nearest(name, names, n);
    return command_usage_error("compare", "no format \"%s\"%s%s%s", name, nearest ? "; did you mean \"" : "",
                               nearest ? nearest : "", nearest ? "\"?" : "");
}

static int set_share(const char *option, const char *text, double *ret) {
    struct vms_error error = {""};

    if (gate_parse_share(text, ret, &error) < 0)
        return command_usage_error("compare", "%s: %s", option, error.text);
    return EXIT_DONE;
}

static int set_option(struct options *options, int option) {
    int status = EXIT_DONE;
    uint64_t seed;

    switch (option) {
    case 'b':
        options->baselines[options->n_baselines++] = optarg;
        break;
    case 'f':
        return set_format(options, optarg);
    case 'o':
        options->output = optarg;
        break;
    case 'p':
        options->policy = optarg;
        options->gated = true;
        break;
    case 'e':
        status = set_share("--equivalent-within", optarg, &options->margin);
        if (status == EXIT_DONE && options->margin == 0)
            status = command_usage_error("compare", "--equivalent-within: more than 0 is wanted");
        break;
    case 'a':
        options->gated = true;
        return set_share("--fail-above", optarg, &options->fail_above);
    case 'r':
        return set_share("--run-shift", optarg, &options->compare.run_shift);
    case 'S':
        if (units_parse_count(optarg, &seed, NULL) < 0)
            return command_usage_error("compare", "--seed: \"%s\" is not a whole number", optarg);
        options->compare.seed = seed;
        break;
    case 's':
        options->strict = options->gated = true;
        break;
    case 'd':
        options->compare.allow_different = true;
        break;
    case 'h':
        options->help = true;
        break;
    default:
        return command_usage_error("compare", "an option is unknown or lacks its value");
    }
    return status;
}

static int read_policy(const char *path, struct compare_gate *gate, double *margin) {
    struct vms_error error = {""};
    json_error_t where;
    json_t *policy = json_load_file(path, JSON_REJECT_DUPLICATES, &where);
    int status = EXIT_DONE;

    if (!policy) {
        fprintf(stderr, "vmsuite compare: %s:%d: %s\n", path, where.line, where.text);
        return EXIT_USAGE;
    }
    if (gate_read(policy, gate, margin, &error) < 0) {
        fprintf(stderr, "vmsuite compare: %s: %s\n", path, error.text);
        status = EXIT_USAGE;
    }
    json_decref(policy);
    return status;
}

/* What the policy says, and what the command line says instead. Rules stand before both. */
static int settle(struct options *options, struct compare_gate *ret_gate) {
    int status =
        options->policy ? read_policy(options->policy, ret_gate, &options->compare.margin) : EXIT_DONE;

    if (!isnan(options->fail_above))
        ret_gate->fail_above = options->fail_above;
    if (!isnan(options->margin))
        options->compare.margin = options->margin;
    ret_gate->strict |= options->strict;
    return status;
}

static int parse_options(int argc, char **argv, struct options *options) {
    static const struct option known[] = {{"baseline", required_argument, NULL, 'b'},
                                          {"format", required_argument, NULL, 'f'},
                                          {"output", required_argument, NULL, 'o'},
                                          {"policy", required_argument, NULL, 'p'},
                                          {"equivalent-within", required_argument, NULL, 'e'},
                                          {"fail-above", required_argument, NULL, 'a'},
                                          {"run-shift", required_argument, NULL, 'r'},
                                          {"seed", required_argument, NULL, 'S'},
                                          {"strict", no_argument, NULL, 's'},
                                          {"allow-different", no_argument, NULL, 'd'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    int option, status = EXIT_DONE;

    options->baselines = calloc((size_t)argc + 1, sizeof(*options->baselines));
    if (!options->baselines)
        return EXIT_FAILED;
    optind = 1;
    while (status == EXIT_DONE && !options->help && (option = getopt_long(argc, argv, "", known, NULL)) != -1)
        status = set_option(options, option);
    if (status == EXIT_DONE && !options->help && argc - optind < 2)
        status = command_usage_error("compare", "a baseline and at least one other record are wanted");
    return status;
}

/* The files in the order that compare_load wants: the runs of the baseline first. */
static int load(struct comparison *comparison, const struct options *options, char **files, size_t n_files,
                struct vms_error *error) {
    cleanup_free char **paths = calloc(n_files + options->n_baselines, sizeof(*paths));

    if (!paths)
        return error_memory(error);
    paths[0] = files[0];
    for (size_t i = 0; i < options->n_baselines; i++)
        paths[1 + i] = options->baselines[i];
    for (size_t i = 1; i < n_files; i++)
        paths[options->n_baselines + i] = files[i];
    return compare_load(comparison, paths, n_files + options->n_baselines, 1 + options->n_baselines, error);
}

/* Colour is for people at a terminal who have not said no (https://no-color.org). */
static bool wants_colour(const struct options *options) {
    const char *no_colour = getenv("NO_COLOR");

    return !options->output && isatty(STDOUT_FILENO) && !(no_colour && *no_colour);
}

static int write_out(const struct comparison *comparison, const struct options *options) {
    cleanup_fclose FILE *opened = options->output ? fopen(options->output, "w") : NULL;
    struct vms_error error = {""};

    if (options->output && !opened) {
        fprintf(stderr, "vmsuite compare: %s: %s\n", options->output, strerror(errno));
        return EXIT_FAILED;
    }
    if (compare_write(opened ? opened : stdout, comparison, options->format, wants_colour(options), &error) <
        0) {
        fprintf(stderr, "vmsuite compare: %s\n", error.text);
        return EXIT_FAILED;
    }
    /* A gate that compared nothing must not pass. */
    if (comparison->n_rows == 0) {
        fprintf(stderr, "vmsuite compare: nothing was compared: no case is the same work in both\n");
        return EXIT_USAGE;
    }
    return comparison->gate && !comparison->gate->passed ? EXIT_FAILED : EXIT_DONE;
}

/* Takes the rules of `gate` over. */
static int compare(const struct options *options, struct compare_gate *gate, char **files, size_t n_files) {
    struct comparison *comparison = compare_new(&options->compare);
    struct vms_error error = {"out of memory"};
    int status = comparison ? load(comparison, options, files, n_files, &error) : -ENOMEM;

    if (status == 0 && options->gated)
        status = gate_apply(comparison, gate, &error);
    else
        gate_done(gate);
    if (status < 0)
        fprintf(stderr, "vmsuite compare: %s\n", error.text);
    status = status == -ENOMEM ? EXIT_FAILED : status < 0 ? EXIT_USAGE : write_out(comparison, options);
    compare_free(comparison);
    return status;
}

int cmd_compare(int argc, char **argv) {
    struct options options = {
        .compare = {.margin = COMPARE_MARGIN, .run_shift = COMPARE_RUN_SHIFT, .seed = 1},
        .margin = NAN,
        .fail_above = NAN,
        .format = "table"};
    struct compare_gate gate = {.fail_above = NAN};
    int status = parse_options(argc, argv, &options);

    if (status == EXIT_DONE && options.help) {
        fputs(help, stdout);
    } else if (status == EXIT_DONE) {
        status = settle(&options, &gate);
        if (status == EXIT_DONE)
            status = compare(&options, &gate, argv + optind, (size_t)(argc - optind));
        else
            gate_done(&gate);
    }
    free(options.baselines);
    return status;
}
