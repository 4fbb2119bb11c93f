/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/kinds/sweep.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <ctype.h>
#include <string.h>

#define PARTS_MAX 256

char *sweep_next_part(char **text) {
    char *part = *text, *to = part, *from = part;

    if (!part)
        return NULL;
    for (; *from && (*from != ',' || from[1] == ','); from++) {
        from += *from == ',';
        *to++ = *from;
    }
    *text = *from ? from + 1 : NULL;
    *to = '\0';
    return part;
}

/* What is before the parameters, and each parameter with its values, one behind the other. */
struct sweep {
    const struct place_head *head;
    char *target;           /* NULL: the kind has none */
    char *parts[PARTS_MAX]; /* borrowed */
    size_t n_parts;
    size_t firsts[PARTS_MAX], counts[PARTS_MAX]; /* of a parameter's values, among the parts */
    size_t n_params, n_places;
};

/* The part's value: behind the "=" of the first of a parameter, all of the others. */
static const char *value_of(const struct sweep *sweep, size_t param, size_t value) {
    const char *part = sweep->parts[sweep->firsts[param] + value];

    return value > 0 ? part : strchr(part, '=') + 1;
}

/* False where it is nothing that stands for several places: what is wrong is found where it is read. */
static bool take_apart(char *text, struct sweep *sweep) {
    if (sweep->head->kind->has_target)
        sweep->target = sweep_next_part(&text);
    sweep->n_places = 1;
    for (char *part = sweep_next_part(&text); part; part = sweep_next_part(&text)) {
        if (sweep->n_parts >= PARTS_MAX || (sweep->n_params == 0 && !strchr(part, '=')))
            return false;
        if (strchr(part, '=')) {
            sweep->firsts[sweep->n_params] = sweep->n_parts;
            sweep->n_params++;
        }
        sweep->counts[sweep->n_params - 1]++;
        sweep->parts[sweep->n_parts++] = part;
    }
    for (size_t i = 0; i < sweep->n_params && sweep->n_places <= PLACES_MAX; i++)
        sweep->n_places *= sweep->counts[i];
    return sweep->n_places > 1;
}

/* A name takes letters, digits and some signs. */
static void put_name(FILE *file, const char *text) {
    for (; *text; text++)
        if (isalnum((unsigned char)*text) || strchr("._+-", *text))
            (void)fputc(*text, file);
}

static void put_escaped(FILE *file, const char *text) {
    for (; *text; text++)
        (void)fputs(*text == ',' ? ",," : (const char[]){*text, '\0'}, file);
}

/* The values of the place of that number. */
static void put_place(FILE *file, const struct sweep *sweep, size_t number) {
    size_t chosen[PARTS_MAX] = {0};

    for (size_t i = sweep->n_params; i-- > 0;) {
        chosen[i] = number % sweep->counts[i];
        number /= sweep->counts[i];
    }
    if (sweep->head->name_length > 0) {
        (void)fprintf(file, "%.*s", (int)sweep->head->name_length, sweep->head->text);
        for (size_t i = 0; i < sweep->n_params; i++)
            if (sweep->counts[i] > 1) {
                (void)fputc('-', file);
                put_name(file, value_of(sweep, i, chosen[i]));
            }
        (void)fputc('=', file);
    }
    (void)fprintf(file, "%.*s:", (int)sweep->head->word_length, sweep->head->word);
    if (sweep->target)
        put_escaped(file, sweep->target);
    for (size_t i = 0; i < sweep->n_params; i++) {
        const char *param = sweep->parts[sweep->firsts[i]];

        (void)fprintf(file, "%s%.*s=", i > 0 || sweep->target ? "," : "", (int)strcspn(param, "="), param);
        put_escaped(file, value_of(sweep, i, chosen[i]));
    }
}

static int add_place(const struct sweep *sweep, size_t number, struct argv *texts) {
    cleanup_free char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    if (!file)
        return -ENOMEM;
    put_place(file, sweep, number);
    if (fclose(file) != 0)
        return -ENOMEM;
    argv_add(texts, "%s", text);
    return 0;
}

int sweep_expand(const char *text, struct argv *texts, struct vms_error *error) {
    struct place_head head = place_head_of(text);
    struct sweep sweep = {.head = &head};
    cleanup_free char *rest = strdup(head.rest);
    int status = rest ? 0 : -ENOMEM;

    if (status == 0 && (!head.kind || !place_kind_has_params(head.kind) || !take_apart(rest, &sweep)))
        argv_add(texts, "%s", text);
    else if (sweep.n_places > PLACES_MAX)
        return error_set(error, -E2BIG, "the place \"%.100s\": its lists make more than %d places", text,
                         PLACES_MAX);
    for (size_t i = 0; status == 0 && sweep.n_places > 1 && i < sweep.n_places; i++)
        status = add_place(&sweep, i, texts);
    return status < 0 || texts->failed ? error_memory(error) : 0;
}
