/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/launchers/guest_param.h"

#include "base/cpus.h"
#include "base/suggest.h"
#include "base/units.h"
#include "guest/launchers/tap.h"

#include <ctype.h>
#include <inttypes.h>
#include <net/if.h>
#include <string.h>

static size_t count_choices(const struct guest_param *param) {
    size_t n = 0;

    while (param->choices[n])
        n++;
    return n;
}

static bool read_choice(const struct guest_param *param, const char *text, uint64_t *ret_index,
                        struct vms_error *error) {
    char sentence[SUGGEST_SENTENCE_SIZE];

    for (size_t i = 0; param->choices[i]; i++) {
        *ret_index = i;
        if (strcmp(text, param->choices[i]) == 0)
            return true;
    }
    (void)snprintf(error->text, sizeof(error->text), "%s",
                   suggest_choices(text, param->choices, count_choices(param), sentence));
    return false;
}

static bool is_within(const struct guest_param *param, uint64_t number, struct vms_error *error) {
    if (number >= param->min && number <= param->max)
        return true;
    if (param->kind == GUEST_SIZE)
        (void)snprintf(error->text, sizeof(error->text), "must be %ju MiB to %ju TiB",
                       (uintmax_t)(param->min >> 20), (uintmax_t)(param->max >> 40));
    else
        (void)snprintf(error->text, sizeof(error->text), "must be %ju s to %ju h", (uintmax_t)param->min,
                       (uintmax_t)(param->max / 3600));
    return false;
}

/* A line end or another control character would end the kernel's command line, or a line of a document that
 * the launcher writes. */
static bool is_one_line(const char *text, struct vms_error *error) {
    for (; *text; text++)
        if (iscntrl((unsigned char)*text)) {
            (void)snprintf(error->text, sizeof(error->text), "must be one line, without control characters");
            return false;
        }
    return true;
}

/* As the kernel has it, less what other programs' options give a meaning to. */
static bool is_interface(const char *text, struct vms_error *error) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    if (*text && *text != '.' && *text != '-' && strlen(text) < IFNAMSIZ &&
        strspn(text, letters) == strlen(text))
        return true;
    (void)snprintf(error->text, sizeof(error->text),
                   "must be the name of a bridge: 1 to %d letters, digits, '.', '_' or '-'", IFNAMSIZ - 1);
    return false;
}

/* Whether the text is a value, and which. */
static bool parse(const struct guest_param *param, const char *text, uint64_t *ret_number,
                  struct vms_error *error) {
    double seconds = 0;
    cpu_set_t set;

    switch (param->kind) {
    case GUEST_CHOICE:
        return read_choice(param, text, ret_number, error);
    case GUEST_SIZE:
        return units_parse_bytes(text, ret_number, error) == 0 && is_within(param, *ret_number, error);
    case GUEST_SECONDS:
        if (units_parse_seconds(text, &seconds, error) < 0)
            return false;
        *ret_number = seconds < 0 ? 0 : seconds > (double)UINT32_MAX ? UINT32_MAX : (uint64_t)seconds;
        return is_within(param, *ret_number, error);
    case GUEST_BRIDGE:
        return is_interface(text, error);
    case GUEST_ADDRESS:
        if (tap_is_address(text))
            return true;
        (void)snprintf(error->text, sizeof(error->text),
                       "\"%.60s\" is not an address with its network's length, such as \"192.0.2.2/24\"",
                       text);
        return false;
    case GUEST_CPUS:
        return cpus_parse(text, &set, error) == 0;
    case GUEST_COUNT:
        *ret_number = strtoull(text, NULL, 10);
        return true;
    case GUEST_PATH:
        if (*text)
            return is_one_line(text, error);
        (void)snprintf(error->text, sizeof(error->text), "must be the path of a file");
        return false;
    case GUEST_TEXT:
        break;
    }
    return is_one_line(text, error);
}

static struct guest_value default_of(const struct guest_param *param) {
    struct guest_value value = {.text = param->fallback ? strdup(param->fallback) : NULL};

    if (value.text)
        (void)parse(param, value.text, &value.number, &(struct vms_error){""});
    return value;
}

struct guest_value guest_param_read(const struct guest_param *param, const struct document *document,
                                    const char *path, const json_t *section) {
    struct guest_value value = default_of(param);
    char member[JSON_PATH_SIZE];
    struct vms_error error = {""};
    const json_t *given;

    if (param->kind == GUEST_COUNT) {
        const struct document_limits limits = {(json_int_t)param->min, (json_int_t)param->max,
                                               (json_int_t)value.number};

        value.number = (uint64_t)document_get_integer(document, path, section, param->name, &limits);
        value.given = json_object_get(section, param->name);
        return value;
    }
    given = document_get(document, path, section, param->name, JSON_STRING, member);
    if (!given)
        return value;
    if (!parse(param, json_string_value(given), &value.number, &error)) {
        document_problem(document, member, "%s", error.text);
        free(value.text);
        return default_of(param);
    }
    free(value.text);
    value.text = strdup(json_string_value(given));
    value.given = true;
    return value;
}
