/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/list.h"

#include "base/error.h"
#include "cli/commands.h"
#include "common/locate.h"
#include "compare/formats/formats.h"
#include "export/export.h"
#include "output/terminal.h"
#include "places/kinds/place.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct arguments {
    bool json;
};

static const struct cli_option option_rows[] = {
    {.name = "json",
     OPTION_FLAG_TO(struct arguments, json),
     .sentence = "the same as JSON on standard output"},
};

/* The description of a document, "" where it has none. New. */
static json_t *description(const char *path) {
    json_auto_t *document = json_load_file(path, 0, NULL);
    json_t *text = json_incref(json_object_get(document, "description"));

    return text ? text : json_string("");
}

static json_t *documents(const char *kind, struct vms_error *error) {
    struct located_list list;
    json_t *items;

    if (locate_names(kind, &list, error) < 0)
        return NULL;
    items = json_array();
    for (size_t i = 0; i < list.n_items; i++)
        (void)json_array_append_new(items,
                                    json_pack("{s:s, s:o, s:s}", "name", list.items[i].name, "summary",
                                              description(list.items[i].path), "path", list.items[i].path));
    located_list_done(&list);
    return items;
}

static json_t *formats(const char *name, struct vms_error *error) {
    json_t *items = json_array();

    (void)name;
    (void)error;
    for (size_t i = 0; compare_format_name(i); i++)
        (void)json_array_append_new(
            items, json_pack("{s:s, s:s}", "name", compare_format_name(i), "summary", "of vmsuite compare"));
    for (size_t i = 0; export_format_name(i); i++)
        (void)json_array_append_new(items, json_pack("{s:s, s:s++}", "name", export_format_name(i), "summary",
                                                     "of vmsuite export: ", export_format_help(i), ""));
    return items;
}

static json_t *all_commands(const char *name, struct vms_error *error) {
    json_t *items = json_array();

    (void)name;
    (void)error;
    for (size_t i = 0; commands_at(i); i++)
        (void)json_array_append_new(
            items, json_pack("{s:s, s:s}", "name", commands_at(i)->name, "summary", commands_at(i)->summary));
    return items;
}

static json_t *places(const char *name, struct vms_error *error) {
    json_t *items = json_array();

    (void)name;
    (void)error;
    for (const struct place_kind *kind = place_kinds; kind->name; kind++) {
        struct vms_error reason = {""};
        bool usable = place_kind_available(kind, &reason) == 0;

        (void)json_array_append_new(items, json_pack("{s:s, s:s++, s:s, s:b}", "name", kind->name, "summary",
                                                     kind->summary, usable ? "" : "; not usable: ",
                                                     reason.text, "form", kind->form, "usable", usable));
    }
    return items;
}

static json_t *all_lists(const char *name, struct vms_error *error);

/* Each list is an array of objects with "name" and "summary". */
static const struct {
    const char *name;
    json_t *(*items)(const char *name, struct vms_error *error); /* NULL with a sentence */
} lists[] = {
    {"configurations", documents},
    {"suites", documents},
    {"studies", documents},
    {"policies", documents},
    {"formats", formats},
    {"commands", all_commands},
    {"places", places},
    {"lists", all_lists},
};

const char *list_name(size_t index) {
    return index < VMS_LENGTH(lists) ? lists[index].name : NULL;
}

/* What may be listed, modules first. */
static json_t *all_lists(const char *name, struct vms_error *error) {
    json_t *items = json_pack("[{s:s, s:s}]", "name", "modules", "summary", "");

    (void)name;
    (void)error;
    for (size_t i = 0; i < VMS_LENGTH(lists); i++)
        (void)json_array_append_new(items, json_pack("{s:s, s:s}", "name", lists[i].name, "summary", ""));
    return items;
}

static int print(const struct cli_command *command, size_t list, bool as_json) {
    struct vms_error error = {ERROR_MEMORY};
    json_auto_t *items = lists[list].items(lists[list].name, &error);
    const json_t *item;
    size_t index;
    int status;

    if (!items)
        return command_fail(command, EXIT_FAILED, "%s", error.text);
    status = as_json ? command_print_json(command, items) : EXIT_DONE;
    json_array_foreach (items, index, item) {
        if (!as_json)
            terminal_print(stdout, "%-22s %s\n", json_string_value(json_object_get(item, "name")),
                           json_string_value(json_object_get(item, "summary")));
    }
    return status;
}

static int run(const struct cli_command *command, void *given, const struct words *words) {
    const struct arguments *arguments = given;
    struct words rest = *words;

    for (size_t i = 0; words->n_words == 1 && i < VMS_LENGTH(lists); i++)
        if (strcmp(words->words[0], lists[i].name) == 0)
            return print(command, i, arguments->json);
    if (rest.n_words > 0 && strcmp(rest.words[0], "modules") == 0)
        rest = (struct words){rest.words + 1, rest.n_words - 1};
    return list_modules(command, &rest, arguments->json);
}

const struct cli_command command_list = {
    .name = "list",
    .summary = "show the modules, suites, configurations and formats there are",
    .usage = (const char *const[]){"[modules] [MODULE...] [--json]", "WHAT [--json]", NULL},
    .description =
        "Shows the modules there are; for each MODULE that is named its parameters, defaults, limits and "
        "metrics. WHAT is configurations, suites, studies or policies: those that can be named; formats: of "
        "comparisons and exports; commands; or places: the kinds of places that run --on takes, and whether "
        "they can be used here.\nModules are found in the folders of VMSUITE_MODULE_PATH and where vmsuite "
        "was installed, documents in the folder of VMSUITE_DATA_PATH and where vmsuite was installed.",
    .operands = {.usage = "[WHAT] [MODULE...]", .max = OPERANDS_ANY, .names = NAMES_LIST},
    .options = option_rows,
    .n_options = VMS_LENGTH(option_rows),
    .arguments_size = sizeof(struct arguments),
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .run = run,
};
