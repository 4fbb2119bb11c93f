/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "manual/mdoc_schema.h"

#include "manual/mdoc.h"
#include "record/json.h"

#include <string.h>

#define PATH_SIZE 256

/* "number", "#/$defs/time" is "time", "suite.schema.json" is "suite". */
static void write_name(FILE *file, const char *name) {
    const char *slash = strrchr(name, '/');

    name = slash ? slash + 1 : name;
    fprintf(file, "%.*s", (int)strcspn(name, "."), name);
}

static void write_shape(FILE *file, const json_t *schema);

static void write_shapes(FILE *file, const json_t *list) {
    size_t index;
    const json_t *element;

    json_array_foreach (list, index, element) {
        fputs(index ? " or " : "", file);
        if (json_is_string(element))
            write_name(file, json_string_value(element));
        else
            write_shape(file, element);
    }
}

/* What a value is: "number or null", "list of texts". */
static void write_shape(FILE *file, const json_t *schema) {
    const json_t *type = json_object_get(schema, "type"), *any = json_object_get(schema, "anyOf");

    if (json_is_array(any) || json_is_array(type))
        write_shapes(file, any ? any : type);
    else if (*json_text(schema, "$ref"))
        write_name(file, json_text(schema, "$ref"));
    else if (strcmp(json_text(schema, "type"), "array") == 0) {
        fputs("list, each element: ", file);
        write_shape(file, json_object_get(schema, "items"));
    } else {
        fputs(type ? json_string_value(type) : "any value", file);
    }
}

static void write_words(FILE *file, const json_t *words) {
    size_t index;
    const json_t *word;

    json_array_foreach (words, index, word) {
        fprintf(file, "%s\"%s\"", index ? ", " : " (",
                json_is_string(word) ? json_string_value(word) : "null");
    }
    fputs(words ? ")" : "", file);
}

static void write_row(FILE *file, const char *name, const json_t *member) {
    fprintf(file, ".It Cm %s\n", name);
    mdoc_text(file, json_text(member, "description"), true);
    fputs("Shape: ", file);
    write_shape(file, member);
    write_words(file, json_object_get(member, "enum"));
    fputs(".\n", file);
}

static void write_object(FILE *file, const char *path, const json_t *schema) {
    const json_t *members = json_object_get(schema, "properties"), *member;
    const char *name;

    if (!json_object_size(members))
        return;
    if (*path) {
        fprintf(file, ".Ss %s\n", path);
        mdoc_text(file, json_text(schema, "description"), true);
    }
    fputs(".Bl -tag -width Ds\n", file);
    json_object_foreach ((json_t *)members, name, member) {
        write_row(file, name, member);
    }
    fputs(".El\n", file);
    json_object_foreach ((json_t *)members, name, member) {
        const json_t *items = json_object_get(member, "items");
        char inner[PATH_SIZE];

        snprintf(inner, sizeof(inner), "%s%s%s%s", path, *path ? "." : "", name, items ? "[]" : "");
        write_object(file, inner, items ? items : member);
    }
}

void mdoc_schema(FILE *file, const json_t *schema) {
    const char *name;
    const json_t *definition;

    write_object(file, "", schema);
    json_object_foreach (json_object_get(schema, "$defs"), name, definition) {
        if (json_object_get(definition, "properties"))
            write_object(file, name, definition);
    }
}
