/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/place_guest.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/suggest.h"
#include "base/units.h"
#include "places/sweep.h"

#include <string.h>

#define NAMES_MAX 24

/* What a place's guest has no use for: its agent is driven, as long as the run goes on, under the clock of
 * all. */
static const char *const elsewhere[] = {"role", "peer", "clock", "life", "deadline"};

static bool is_elsewhere(const char *name) {
    for (size_t i = 0; i < VMS_LENGTH(elsewhere); i++)
        if (strcmp(elsewhere[i], name) == 0)
            return true;
    return false;
}

static const struct guest_param *find_param(const char *name) {
    for (size_t i = 0; i < guest_n_params; i++)
        if (strcmp(guest_params[i].name, name) == 0)
            return &guest_params[i];
    return NULL;
}

static int refuse(const char *name, struct vms_error *error) {
    const char *names[NAMES_MAX];
    char sentence[SUGGEST_SENTENCE_SIZE];
    size_t n = 0;

    if (is_elsewhere(name))
        return error_set(error, -EINVAL,
                         "\"%s\" is a parameter of configurations with a \"guest\", and of studies, not of a "
                         "place",
                         name);
    for (size_t i = 0; i < guest_n_params && n < NAMES_MAX; i++)
        if (!is_elsewhere(guest_params[i].name))
            names[n++] = guest_params[i].name;
    return error_set(error, -EINVAL, "a guest's parameter %s", suggest_choices(name, names, n, sentence));
}

/* Counts are numbers in a section, all else is text. */
static json_t *new_value(const struct guest_param *param, const char *text) {
    uint64_t number = 0;

    if (param->kind == GUEST_COUNT && units_parse_count(text, &number, NULL) == 0 && number <= INT64_MAX)
        return json_integer((json_int_t)number);
    return json_string(text);
}

static int take_part(json_t *section, char *part, struct vms_error *error) {
    char *equals = strchr(part, '=');
    const struct guest_param *param;

    if (equals)
        *equals = '\0';
    param = find_param(part);
    if (!param || is_elsewhere(part))
        return refuse(part, error);
    if (!equals)
        return error_set(error, -EINVAL, "\"%s\" needs a value: \"%s=...\"", part, part);
    if (json_object_get(section, part))
        return error_set(error, -EINVAL, "\"%s\" is given twice", part);
    return json_object_set_new(section, part, new_value(param, equals + 1)) < 0 ? error_memory(error) : 0;
}

int place_guest_read(const char *launcher, char *text, struct guest_settings *ret_settings,
                     struct vms_error *error) {
    json_auto_t *section = json_pack("{s:s}", "launcher", launcher);
    struct problems problems = {0};
    struct document document = {.file = (char *)launcher, .json = section, .problems = &problems};
    int status = section ? 0 : error_memory(error);

    for (char *part = *text ? sweep_next_part(&text) : NULL; status == 0 && part;
         part = sweep_next_part(&text))
        status = take_part(section, part, error);
    if (status < 0)
        return status;
    guest_settings_read(&document, "$", section, ret_settings);
    if (problems.n_problems > 0) {
        status = error_set(error, -EINVAL, "%s",
                           problems.problems[0].text ? problems.problems[0].text : "no memory");
        guest_settings_done(ret_settings);
    }
    problems_done(&problems);
    return status;
}
