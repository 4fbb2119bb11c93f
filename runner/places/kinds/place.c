/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/kinds/place.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/name.h"
#include "base/suggest.h"
#include "base/text.h"
#include "files/file.h"
#include "guest/launchers/launcher.h"
#include "guest/tools/tool.h"
#include "places/kinds/place_guest.h"
#include "places/kinds/sweep.h"

#include <ctype.h>
#include <string.h>

#define NAME_MADE_MAX 40 /* of a name that is made from a place's text */
#define KINDS_MAX 32

/* A kind is called by its name, or by what its launcher boots, "xen-pv" or "libvirt/qemu", which the guest is
 * then one of (NULL: its first). */
static const struct place_kind *find_kind(const char *text, size_t length,
                                          const struct launcher_kind **ret_guest) {
    cleanup_free char *word = strndup(text, length);
    const struct launcher *launcher;

    *ret_guest = NULL;
    for (const struct place_kind *kind = place_kinds; word && kind->name; kind++)
        if (strcmp(kind->name, word) == 0)
            return kind;
    if (!word || !launcher_named(word, &launcher, ret_guest))
        return NULL;
    for (const struct place_kind *kind = place_kinds; kind->name; kind++)
        if (kind->launcher && strcmp(kind->launcher, launcher->name) == 0)
            return kind;
    return NULL;
}

/* The launcher of which a word names no kind, and the part that should: "libvirt/xen", "emulated-xen". */
static const struct launcher *find_misnamed(const char *word, const char **ret_kind) {
    const char *slash = strchr(word, '/');
    bool is_emulated = strncmp(word, LAUNCHER_EMULATED, strlen(LAUNCHER_EMULATED)) == 0;

    for (size_t i = 0; launchers[i]; i++) {
        bool is_named = slash && strlen(launchers[i]->name) == (size_t)(slash - word) &&
                        strncmp(launchers[i]->name, word, (size_t)(slash - word)) == 0;

        *ret_kind = is_named ? slash + 1 : word + (is_emulated ? strlen(LAUNCHER_EMULATED) : 0);
        if (launcher_has_choice(launchers[i]) &&
            (is_named || (!slash && is_emulated && launchers[i]->named_by_kind)))
            return launchers[i];
    }
    return NULL;
}

static int refuse_kind(const char *text, size_t length, struct vms_error *error) {
    cleanup_free char *word = strndup(text, length);
    const char *names[KINDS_MAX], *kind = NULL;
    const struct launcher *launcher = word ? find_misnamed(word, &kind) : NULL;
    char sentence[SUGGEST_SENTENCE_SIZE];
    size_t n = 0;

    if (launcher) {
        launcher_kind_names(launcher, names);
        while (names[n])
            n++;
        return error_set(error, -EINVAL, "a guest of %s %s", launcher->name,
                         suggest_choices(kind, names, n, sentence));
    }

    for (; place_kinds[n].name; n++)
        names[n] = place_kinds[n].name;
    return word ? error_set(error, -EINVAL, "a place's kind %s", suggest_choices(word, names, n, sentence))
                : error_memory(error);
}

/* Where the text behind "NAME=" begins; a name has no colon before its "=". */
static const char *skip_name(const char *text) {
    const char *equals = strchr(text, '='), *colon = strchr(text, ':');

    return equals && (!colon || equals < colon) ? equals + 1 : text;
}

struct place_head place_head_of(const char *text) {
    const char *rest = skip_name(text);
    size_t length = strcspn(rest, ":");
    const struct launcher_kind *guest;

    return (struct place_head){.text = text,
                               .name_length = rest > text ? (size_t)(rest - text) - 1 : 0,
                               .word = rest,
                               .word_length = length,
                               .kind = find_kind(rest, length, &guest),
                               .rest = rest[length] ? rest + length + 1 : ""};
}

bool place_kind_has_params(const struct place_kind *kind) {
    return !kind->is_vector && (kind->params[0].name || kind->launcher);
}

/* "nspawn:/srv/bookworm" becomes "nspawn-srv-bookworm". */
static char *new_made_name(const char *text) {
    char name[NAME_MADE_MAX + 1];
    size_t n = 0;

    for (; *text && n < NAME_MADE_MAX; text++) {
        if (isalnum((unsigned char)*text) || strchr("._+", *text))
            name[n++] = *text;
        else if (n > 0 && name[n - 1] != '-')
            name[n++] = '-';
    }
    while (n > 0 && name[n - 1] == '-')
        n--;
    name[n] = '\0';
    return strdup(n > 0 ? name : "place");
}

static int read_name(const char *text, const char *rest, struct place *place, struct vms_error *error) {
    if (rest == text)
        place->name = new_made_name(text);
    else
        place->name = strndup(text, (size_t)(rest - text) - 1);
    if (!place->name)
        return error_memory(error);
    return name_is_safe(place->name)
               ? 0
               : error_set(error, -EINVAL, "a place's name, \"%.80s\", must be " NAME_RULE, place->name);
}

static int take_param(struct place *place, const char *word, struct vms_error *error) {
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word), n = 0;
    const char *names[PLACE_PARAMS_MAX];
    cleanup_free char *given = NULL;
    char phrase[SUGGEST_SIZE];

    for (; n < PLACE_PARAMS_MAX && place->kind->params[n].name; n++) {
        const struct place_param *param = &place->kind->params[n];

        names[n] = param->name;
        if (strlen(param->name) != length || strncmp(param->name, word, length) != 0)
            continue;
        if (!equals)
            return error_set(error, -EINVAL, "\"%s\" needs a value: \"%s=...\"", param->name, param->name);
        if (place->values[n])
            return error_set(error, -EINVAL, "\"%s\" is given twice", param->name);
        if (param->check && param->check(equals + 1, error) < 0)
            return -EINVAL;
        place->values[n] = strdup(equals + 1);
        return place->values[n] ? 0 : error_memory(error);
    }
    given = strndup(word, length);
    return given ? error_set(error, -EINVAL, "a place of the kind %s has no \"%s\"%s", place->kind->name,
                             given, suggest_phrase(given, names, n, phrase))
                 : error_memory(error);
}

/* Takes the parameters off the target's end. A kind without a target has only parameters. */
static int take_params(struct place *place, const struct launcher_kind *guest, struct vms_error *error) {
    cleanup_free char *text = strdup(place->target);
    char *rest = text;
    const char *word;
    int status = text ? 0 : error_memory(error);

    if (status < 0 || !place_kind_has_params(place->kind))
        return status;
    word = place->kind->has_target ? sweep_next_part(&rest) : "";
    memcpy(place->target, word, strlen(word) + 1);
    if (place->kind->launcher)
        return place_guest_read(place->kind, guest ? guest->name : "", rest, &place->guest, error);
    while (status == 0 && rest && *rest && (word = sweep_next_part(&rest)))
        status = take_param(place, word, error);
    return status;
}

static int read_target(const char *rest, struct place *place, struct vms_error *error) {
    size_t length = strcspn(rest, ":");
    const char *target = rest[length] ? rest + length + 1 : "";
    const struct launcher_kind *guest;

    place->kind = find_kind(rest, length, &guest);
    if (!place->kind)
        return refuse_kind(rest, length, error);
    place->target = strdup(target);
    if (!place->target)
        return error_memory(error);
    if (!place->kind->has_target && !place_kind_has_params(place->kind) && *target)
        return error_set(error, -EINVAL, "nothing may follow \"%s\": leave out \"%.100s\"", place->kind->name,
                         target);
    if (take_params(place, guest, error) < 0)
        return -EINVAL;
    if (place->kind->has_target && !*place->target)
        return error_set(error, -EINVAL, "\"%.100s\" does not say which: a place of this kind is %s", rest,
                         place->kind->form);
    return place->kind->check ? place->kind->check(place, error) : 0;
}

int place_read(const char *text, struct place *ret_place, struct vms_error *error) {
    const char *rest = skip_name(text);
    struct place place = {.text = strdup(text)};
    struct vms_error reason = {""};
    int status = place.text ? read_name(text, rest, &place, &reason) : error_memory(&reason);

    if (status == 0)
        status = read_target(rest, &place, &reason);
    if (status < 0) {
        place_done(&place);
        return error_set(error, -EINVAL, "the place \"%.100s\": %.300s", text, reason.text);
    }
    *ret_place = place;
    return 0;
}

void place_done(struct place *place) {
    for (size_t i = 0; i < PLACE_PARAMS_MAX; i++)
        free(place->values[i]);
    free(place->text);
    free(place->name);
    free(place->target);
    guest_settings_done(&place->guest);
    *place = (struct place){0};
}

static bool is_named(const struct place *places, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(places[i].name, name) == 0)
            return true;
    return false;
}

int places_name(struct place *places, size_t n) {
    for (size_t i = 0; i < n; i++) {
        cleanup_free char *base = strdup(places[i].name);

        if (!base)
            return -ENOMEM;
        for (unsigned number = 2; is_named(places, i, places[i].name); number++) {
            char *name = text_new("%.56s-%u", base, number);

            if (!name)
                return -ENOMEM;
            free(places[i].name);
            places[i].name = name;
        }
    }
    return 0;
}

bool place_is_within(const struct place *place, const struct place *other) {
    return place->kind->holds && other->kind == place->kind && file_is_same(other->target, place->target);
}

const char *place_value(const struct place *place, const char *param) {
    for (size_t i = 0; i < PLACE_PARAMS_MAX && place->kind->params[i].name; i++)
        if (strcmp(place->kind->params[i].name, param) == 0)
            return place->values[i];
    return NULL;
}

int place_kind_available(const struct place_kind *kind, struct vms_error *error) {
    cleanup_free char *tool = kind->tool ? tool_find(kind->tool) : NULL;
    const struct launcher *launcher = kind->launcher ? launcher_find(kind->launcher) : NULL;

    if (kind->launcher)
        return launcher ? launcher->available(error) : error_set(error, -ENOTSUP, LAUNCHERS_NONE);
    return tool || !kind->tool ? 0 : error_set(error, -ENOENT, "%s is not installed here", kind->tool);
}
