/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "manual/mdoc_document.h"

#include "documents/configuration.h"
#include "guest/launchers/launcher.h"
#include "manual/mdoc.h"
#include "study/study_members.h"

#include <string.h>

static const struct member_table *const tables[] = {&configuration_members, &suite_members, &study_members};

static void write_words(FILE *file, const char *const *words) {
    for (size_t i = 0; words && words[i]; i++)
        fprintf(file, "%s\"%s\"", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
}

/* What the value is: "text", "whole number, 1 to 65535". */
static void write_shape(FILE *file, const struct member *row) {
    static const char *const shapes[] = {
        [MEMBER_TEXT] = "Text",          [MEMBER_WHOLE] = "A whole number",   [MEMBER_CHOICE] = "One of ",
        [MEMBER_TIME] = "A time",        [MEMBER_OBJECT] = "An object",       [MEMBER_LIST] = "A list",
        [MEMBER_FLAG] = "True or false", [MEMBER_MIXED] = "Text or an object"};

    fputs(shapes[row->kind], file);
    if (row->kind == MEMBER_CHOICE)
        write_words(file, row->words);
    if (row->kind == MEMBER_WHOLE && row->max == INT64_MAX)
        fprintf(file, " from %" JSON_INTEGER_FORMAT, row->min);
    else if (row->kind == MEMBER_WHOLE)
        fprintf(file, " from %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT, row->min, row->max);
    if (row->kind == MEMBER_WHOLE && row->words) {
        fputs(", or ", file);
        write_words(file, row->words);
    }
    if (row->fallback)
        fprintf(file, "; %s where it is left out", row->fallback);
    fputs(row->required ? "; required.\n" : ".\n", file);
}

static void write_rows(FILE *file, const struct member_table *table) {
    fputs(".Bl -tag -width Ds\n", file);
    for (size_t i = 0; i < table->n_rows; i++) {
        fprintf(file, ".It Cm %s\n", table->rows[i].name);
        mdoc_text(file, table->rows[i].sentence, true);
        write_shape(file, &table->rows[i]);
    }
    fputs(".El\n", file);
}

/* The table and those of the objects in it. */
static void write_table(FILE *file, const struct member_table *table) {
    write_rows(file, table);
    for (size_t i = 0; i < table->n_rows; i++) {
        const struct member *row = &table->rows[i];

        if (!row->members)
            continue;
        fprintf(file, ".Ss %s\nWhat %s%s may hold:\n", row->name,
                row->kind == MEMBER_LIST ? "each element of " : "", row->name);
        write_table(file, row->members);
    }
}

static void write_expectations(FILE *file) {
    fputs(".Bl -tag -width Ds\n", file);
    for (size_t i = 0; expectation_keys[i]; i++) {
        fprintf(file, ".It Cm %s\n", expectation_keys[i]);
        mdoc_text(file, expectation_sentence(expectation_keys[i]), true);
    }
    fputs(".El\n", file);
}

static void write_guest_row(FILE *file, const struct guest_param *row) {
    fprintf(file, ".It Cm %s\n", row->name);
    mdoc_text(file, row->sentence, true);
    if (row->choices) {
        fputs("One of ", file);
        write_words(file, row->choices);
        fputs(".\n", file);
    }
    if (row->fallback)
        fprintf(file, "Where it is left out:\n.Dq %s .\n", row->fallback);
}

static void write_guest(FILE *file) {
    fputs(".Bl -tag -width Ds\n.It Cm launcher\nWhat boots it; required.\n.Bl -tag -width Ds -compact\n",
          file);
    for (size_t i = 0; launchers[i]; i++) {
        fprintf(file, ".It Cm %s\n", launchers[i]->name);
        mdoc_text(file, launchers[i]->summary, true);
    }
    fputs(".El\n.It Cm kind\nWhich of a launcher's kinds of guest is booted; the first unless given.\n"
          ".Bl -tag -width Ds -compact\n",
          file);
    for (size_t i = 0; launchers[i]; i++) {
        if (!*launchers[i]->kinds->name)
            continue;
        fprintf(file, ".It Cm %s\n", launchers[i]->name);
        for (const struct launcher_kind *kind = launchers[i]->kinds; kind->name; kind++)
            fprintf(file, "%s%s\n", kind->name, kind[1].name ? "," : "");
    }
    fputs(".El\n", file);
    for (size_t i = 0; i < guest_n_params; i++)
        write_guest_row(file, &guest_params[i]);
    fputs(".El\n", file);
    for (size_t i = 0; launchers[i]; i++) {
        if (!launchers[i]->params)
            continue;
        fprintf(file, ".Pp\nThe launcher %s alone takes:\n.Bl -tag -width Ds\n", launchers[i]->name);
        for (const struct guest_param *row = launchers[i]->params; row->name; row++)
            write_guest_row(file, row);
        fputs(".El\n", file);
    }
}

bool mdoc_members(FILE *file, const char *document) {
    for (size_t i = 0; i < VMS_LENGTH(tables); i++)
        if (strcmp(tables[i]->name, document) == 0) {
            write_table(file, tables[i]);
            return true;
        }
    if (strcmp(document, "expect") == 0)
        write_expectations(file);
    else if (strcmp(document, "guest") == 0)
        write_guest(file);
    else
        return false;
    return true;
}

static json_t *dump_table(const struct member_table *table);

static json_t *dump_row(const struct member *row) {
    static const char *const kinds[] = {
        [MEMBER_TEXT] = "text",    [MEMBER_WHOLE] = "whole",   [MEMBER_CHOICE] = "choice",
        [MEMBER_TIME] = "time",    [MEMBER_OBJECT] = "object", [MEMBER_LIST] = "list",
        [MEMBER_FLAG] = "boolean", [MEMBER_MIXED] = "mixed"};
    json_t *words = row->words ? json_array() : NULL;

    for (size_t i = 0; row->words && row->words[i]; i++)
        (void)json_array_append_new(words, json_string(row->words[i]));
    return json_pack("{s:s, s:s, s:b, s:o*, s:s*, s:o*, s:I, s:I}", "kind", kinds[row->kind], "sentence",
                     row->sentence ? row->sentence : "", "required", row->required, "words", words, "default",
                     row->fallback, "members", row->members ? dump_table(row->members) : NULL, "min",
                     row->min, "max", row->max);
}

static json_t *dump_table(const struct member_table *table) {
    json_t *object = json_object();

    for (size_t i = 0; i < table->n_rows; i++)
        (void)json_object_set_new(object, table->rows[i].name, dump_row(&table->rows[i]));
    return object;
}

bool members_dump(FILE *file) {
    json_auto_t *all = json_object();

    for (size_t i = 0; i < VMS_LENGTH(tables); i++)
        (void)json_object_set_new(all, tables[i]->name, dump_table(tables[i]));
    return all && json_dumpf(all, file, JSON_INDENT(1)) == 0;
}

/* A member of an object that has a table of its own kind, in the form of dump_row(). */
static void dump_text(json_t *object, const char *name, const char *sentence, const char *const *words,
                      const char *fallback, const char *launcher) {
    json_t *choices = words ? json_array() : NULL;

    for (size_t i = 0; words && words[i]; i++)
        (void)json_array_append_new(choices, json_string(words[i]));
    (void)json_object_set_new(object, name,
                              json_pack("{s:s, s:s, s:b, s:o*, s:s*, s:s*}", "kind",
                                        words ? "choice" : "text", "sentence", sentence, "required", 0,
                                        "words", choices, "default", fallback, "launcher", launcher));
}

static void dump_guest_rows(json_t *object, const struct guest_param *rows, const char *launcher) {
    for (const struct guest_param *row = rows; row && row->name; row++)
        dump_text(object, row->name, row->sentence, row->choices, row->fallback, launcher);
}

static void dump_launchers(json_t *guest) {
    json_t *launcher =
        json_pack("{s:s, s:s, s:b}", "kind", "choice", "sentence", "What boots it", "required", 1);
    json_t *words = json_array();

    for (size_t i = 0; launchers[i]; i++)
        (void)json_array_append_new(words, json_string(launchers[i]->name));
    (void)json_object_set_new(launcher, "words", words);
    (void)json_object_set_new(guest, "launcher", launcher);
    dump_text(guest, "kind", "Which of the launcher's kinds of guest is booted; the first unless given", NULL,
              NULL, NULL);
}

bool objects_dump(FILE *file) {
    json_t *expect = json_object(), *guest = json_object();
    json_auto_t *all = json_pack("{s:o, s:o}", "expect", expect, "guest", guest);

    dump_launchers(guest);
    for (size_t i = 0; all && expectation_keys[i]; i++)
        dump_text(expect, expectation_keys[i], expectation_sentence(expectation_keys[i]), NULL, NULL, NULL);
    for (size_t i = 0; all && i < guest_n_params; i++)
        dump_text(guest, guest_params[i].name, guest_params[i].sentence, guest_params[i].choices,
                  guest_params[i].fallback, NULL);
    for (size_t i = 0; all && launchers[i]; i++)
        dump_guest_rows(guest, launchers[i]->params, launchers[i]->name);
    return all && json_dumpf(all, file, JSON_INDENT(1)) == 0;
}
