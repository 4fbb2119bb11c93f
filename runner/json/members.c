/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json/members.h"

#include "base/error.h"
#include "base/suggest.h"
#include "base/units.h"

#include <errno.h>
#include <string.h>

#define ROWS_MAX 48

static const struct member *find(const struct member_table *table, const char *name) {
    for (size_t i = 0; i < table->n_rows; i++)
        if (strcmp(table->rows[i].name, name) == 0)
            return &table->rows[i];
    return NULL;
}

static void check_keys(const struct document *document, const char *path, const json_t *object,
                       const struct member_table *table) {
    const char *names[ROWS_MAX], *key;
    size_t n_names = 0;
    json_t *value;

    for (; n_names < table->n_rows && n_names < ROWS_MAX; n_names++)
        names[n_names] = table->rows[n_names].name;
    json_object_foreach ((json_t *)object, key, value) {
        char place[JSON_PATH_SIZE], phrase[SUGGEST_SIZE];

        if (find(table, key))
            continue;
        json_path_member(place, path, key);
        document_problem(document, place, "unknown key \"%s\"%s", key,
                         suggest_phrase(key, names, n_names, phrase));
    }
}

static bool is_word(const struct member *row, const json_t *value) {
    for (size_t i = 0; row->words && row->words[i] && json_is_string(value); i++)
        if (strcmp(row->words[i], json_string_value(value)) == 0)
            return true;
    return false;
}

static void check_choice(const struct document *document, const char *place, const struct member *row,
                         const json_t *value) {
    char sentence[SUGGEST_SENTENCE_SIZE];
    size_t n_words = 0;

    if (is_word(row, value))
        return;
    while (row->words[n_words])
        n_words++;
    document_problem(document, place, "%s",
                     suggest_choices(json_string_value(value), row->words, n_words, sentence));
}

static void check_whole(const struct document *document, const char *place, const struct member *row,
                        const json_t *value) {
    json_int_t number = json_integer_value(value);

    if (is_word(row, value))
        return;
    if (!json_is_integer(value))
        document_problem(document, place, "must be a whole number%s%s%s, not %s", row->words ? " or \"" : "",
                         row->words ? row->words[0] : "", row->words ? "\"" : "", document_type_name(value));
    else if (number < row->min || number > row->max)
        document_problem(document, place,
                         "must be from %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT
                         ", not %" JSON_INTEGER_FORMAT,
                         row->min, row->max, number);
}

/* Seconds of a number or text; false with a sentence where it is neither. */
static bool read_seconds(const json_t *value, double *ret_seconds, struct vms_error *error) {
    *ret_seconds = json_number_value(value);
    if (json_is_string(value) && units_parse_seconds(json_string_value(value), ret_seconds, error) < 0)
        return false;
    (void)error_set(error, -EINVAL, "must be seconds above 0, such as 90 or \"90s\"");
    return *ret_seconds > 0;
}

static void check_elements(const struct document *document, const char *place, const struct member *row,
                           const json_t *list) {
    if ((json_int_t)json_array_size(list) < row->min)
        document_problem(document, place, "must not be empty");
    for (size_t i = 0; row->members && i < json_array_size(list); i++) {
        const json_t *element = json_array_get(list, i);
        char element_place[JSON_PATH_SIZE];

        json_path_element(element_place, place, i);
        if (json_is_object(element))
            members_check(document, element_place, element, row->members);
        else
            document_problem(document, element_place, "must be an object, not %s",
                             document_type_name(element));
    }
}

/* What else there is to check where the JSON type is right. */
static void check_value(const struct document *document, const char *place, const struct member *row,
                        const json_t *value) {
    struct vms_error error = {""};
    double seconds;

    if (row->kind == MEMBER_TEXT && row->check && row->check(json_string_value(value), &error) < 0)
        document_problem(document, place, "%s", error.text);
    else if (row->kind == MEMBER_CHOICE)
        check_choice(document, place, row, value);
    else if (row->kind == MEMBER_WHOLE)
        check_whole(document, place, row, value);
    else if (row->kind == MEMBER_TIME && !read_seconds(value, &seconds, &error))
        document_problem(document, place, "%s", error.text);
    else if (row->kind == MEMBER_FLAG && !json_is_boolean(value))
        document_problem(document, place, "must be true or false, not %s", document_type_name(value));
    else if (row->kind == MEMBER_OBJECT && row->members)
        members_check(document, place, value, row->members);
    else if (row->kind == MEMBER_LIST)
        check_elements(document, place, row, value);
}

void members_check(const struct document *document, const char *path, const json_t *object,
                   const struct member_table *table) {
    static const json_type types[] = {[MEMBER_TEXT] = JSON_STRING,
                                      [MEMBER_CHOICE] = JSON_STRING,
                                      [MEMBER_OBJECT] = JSON_OBJECT,
                                      [MEMBER_LIST] = JSON_ARRAY};

    check_keys(document, path, object, table);
    for (size_t i = 0; i < table->n_rows; i++) {
        const struct member *row = &table->rows[i];
        const json_t *value = json_object_get(object, row->name);
        bool any = row->kind == MEMBER_WHOLE || row->kind == MEMBER_TIME || row->kind == MEMBER_FLAG ||
                   row->kind == MEMBER_MIXED;
        char place[JSON_PATH_SIZE];

        if (!value && row->required)
            document_problem(document, path, "lacks \"%s\", %s", row->name, row->sentence);
        if (value && (any || document_get(document, path, object, row->name, types[row->kind], place))) {
            json_path_member(place, path, row->name);
            check_value(document, place, row, value);
        }
    }
}

const char *members_text(const json_t *object, const char *name) {
    return json_string_value(json_object_get(object, name));
}

json_int_t members_whole(const json_t *object, const char *name, json_int_t fallback) {
    const json_t *value = json_object_get(object, name);

    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

double members_seconds(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    struct vms_error error;
    double seconds;

    return value && read_seconds(value, &seconds, &error) ? seconds : 0;
}

int members_not_empty(const char *text, struct vms_error *error) {
    return *text ? 0 : error_set(error, -EINVAL, "must not be empty");
}
