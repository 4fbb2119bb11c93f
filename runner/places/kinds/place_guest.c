/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/kinds/place_guest.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/suggest.h"
#include "base/units.h"
#include "guest/launchers/launcher.h"
#include "places/kinds/sweep.h"

#include <string.h>

#define NAMES_MAX (24 + GUEST_OWN_MAX)

/* What a place's guest has no use for: it measures, under the clock of all, and lives as long as that takes;
 * where its agent is driven, as long as the run goes on, with a peer as other places have it. */
static const struct {
    const char *name;
    bool visited; /* of one that is visited, too */
} elsewhere[] = {{"role", true}, {"clock", true}, {"life", true}, {"peer", false}, {"deadline", false}};

static bool is_elsewhere(const struct place_kind *kind, const char *name) {
    for (size_t i = 0; i < VMS_LENGTH(elsewhere); i++)
        if (strcmp(elsewhere[i].name, name) == 0)
            return elsewhere[i].visited || !kind->is_visited;
    return false;
}

/* Those that all launchers have, and then the launcher's own; NULL behind the last. */
static const struct guest_param *param_at(const struct place_kind *kind, size_t index) {
    const struct launcher *launcher = launcher_find(kind->launcher);

    if (index < guest_n_params)
        return &guest_params[index];
    index -= guest_n_params;
    return launcher && launcher->params && launcher->params[index].name ? &launcher->params[index] : NULL;
}

static const struct guest_param *find_param(const struct place_kind *kind, const char *name) {
    const struct guest_param *param;

    for (size_t i = 0; (param = param_at(kind, i)); i++)
        if (strcmp(param->name, name) == 0)
            return is_elsewhere(kind, name) ? NULL : param;
    return NULL;
}

static int refuse(const struct place_kind *kind, const char *name, struct vms_error *error) {
    const char *names[NAMES_MAX];
    const struct guest_param *param;
    char sentence[SUGGEST_SENTENCE_SIZE];
    size_t n = 0;

    if (is_elsewhere(kind, name))
        return error_set(error, -EINVAL,
                         "\"%s\" is a parameter of configurations with a \"guest\", and of studies, not of a "
                         "place",
                         name);
    for (size_t i = 0; n < NAMES_MAX && (param = param_at(kind, i)); i++)
        if (!is_elsewhere(kind, param->name))
            names[n++] = param->name;
    return error_set(error, -EINVAL, "a guest's parameter %s", suggest_choices(name, names, n, sentence));
}

/* Counts are numbers in a section, all else is text. */
static json_t *new_value(const struct guest_param *param, const char *text) {
    uint64_t number = 0;

    if (param->kind == GUEST_COUNT && units_parse_count(text, &number, NULL) == 0 && number <= INT64_MAX)
        return json_integer((json_int_t)number);
    return json_string(text);
}

static int take_part(const struct place_kind *kind, json_t *section, char *part, struct vms_error *error) {
    char *equals = strchr(part, '=');
    const struct guest_param *param;

    if (equals)
        *equals = '\0';
    param = find_param(kind, part);
    if (!param)
        return refuse(kind, part, error);
    if (!equals)
        return error_set(error, -EINVAL, "\"%s\" needs a value: \"%s=...\"", part, part);
    if (json_object_get(section, part))
        return error_set(error, -EINVAL, "\"%s\" is given twice", part);
    return json_object_set_new(section, part, new_value(param, equals + 1)) < 0 ? error_memory(error) : 0;
}

int place_guest_read(const struct place_kind *kind, const char *guest, char *text,
                     struct guest_settings *ret_settings, struct vms_error *error) {
    json_auto_t *section =
        json_pack("{s:s, s:s*}", "launcher", kind->launcher, "kind", *guest ? guest : NULL);
    struct problems problems = {0};
    struct document document = {.file = (char *)kind->launcher, .json = section, .problems = &problems};
    int status = section ? 0 : error_memory(error);

    for (char *part = *text ? sweep_next_part(&text) : NULL; status == 0 && part;
         part = sweep_next_part(&text))
        status = take_part(kind, section, part, error);
    if (status == 0 && kind->is_visited && !json_object_get(section, "deadline") &&
        json_object_set_new(section, "deadline", json_string(GUEST_DEADLINE_VISIT)) < 0)
        status = error_memory(error);
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
