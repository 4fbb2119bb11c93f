/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/option.h"

#include "base/error.h"
#include "base/suggest.h"
#include "base/units.h"
#include "compare/gate.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 64
#define WANTS_HELP 1

/* One reading of a command line. */
struct parser {
    const struct cli_option *options;
    size_t n_options;
    int argc, at; /* `at`: the next word */
    char **argv;
    void *arguments;
    struct vms_error *error;
    bool seen[OPTIONS_MAX];
};

static void *member(const struct option_target *target, void *arguments) {
    return (char *)arguments + target->place - 1;
}

static size_t choices_of(const struct cli_option *option, const char *ret_names[static NAMES_MAX]) {
    size_t n = 0;

    while (n < NAMES_MAX && (ret_names[n] = option->choice(n)))
        n++;
    return n;
}

static int find_choice(const struct cli_option *option, const char *word, size_t *ret_index,
                       struct vms_error *error) {
    const char *names[NAMES_MAX];
    size_t n_names = choices_of(option, names);
    char sentence[SUGGEST_SENTENCE_SIZE];

    for (size_t i = 0; i < n_names; i++)
        if (strcmp(names[i], word) == 0) {
            *ret_index = i;
            return 0;
        }
    return error_set(error, -EINVAL, "--%s %s", option->name,
                     suggest_choices(word, names, n_names, sentence));
}

static int take_set(const struct cli_option *option, const char *value, bool *set, struct vms_error *error) {
    char list[512];
    char *rest = list;
    int status = 0;

    memset(set, 0, option->target.size);
    if (strlen(value) >= sizeof(list))
        return error_set(error, -EINVAL, "--%s: the list is too long", option->name);
    strcpy(list, value);
    for (char *word = strsep(&rest, ","); word && status == 0; word = strsep(&rest, ",")) {
        size_t index = 0;

        status = find_choice(option, word, &index, error);
        if (status == 0)
            set[index] = true;
    }
    return status;
}

static int take_list(char *value, struct words *list, struct vms_error *error) {
    char **grown = reallocarray(list->words, list->n_words + 1, sizeof(*grown));

    if (!grown)
        return error_memory(error);
    list->words = grown;
    grown[list->n_words++] = value;
    return 0;
}

static void store(void *target, size_t size, uint64_t value) {
    if (size == sizeof(uint64_t))
        *(uint64_t *)target = value;
    else if (size == sizeof(uint32_t))
        *(uint32_t *)target = (uint32_t)value;
    else if (size == sizeof(uint16_t))
        *(uint16_t *)target = (uint16_t)value;
    else
        *(uint8_t *)target = (uint8_t)value;
}

static int take_number(const struct cli_option *option, const char *value, void *target,
                       struct vms_error *error) {
    bool bytes = option->kind == OPTION_BYTES;
    char min[UNITS_TEXT_SIZE], max[UNITS_TEXT_SIZE];
    struct vms_error why = {""};
    uint64_t number = 0;

    if ((bytes ? units_parse_bytes : units_parse_count)(value, &number, &why) < 0)
        return error_set(error, -EINVAL, "--%s: %.300s", option->name, why.text);
    if (number >= option->min && number <= option->max) {
        store(target, option->target.size, number);
        return 0;
    }
    (void)snprintf(min, sizeof(min), "%" PRIu64, option->min);
    (void)snprintf(max, sizeof(max), "%" PRIu64, option->max);
    if (bytes) {
        units_format_bytes(option->min, min);
        units_format_bytes(option->max, max);
    }
    return error_set(error, -EINVAL, "--%s must be from %s to %s, not %.80s", option->name, min, max, value);
}

static int take_share(const struct cli_option *option, const char *value, double *target,
                      struct vms_error *error) {
    struct vms_error why = {""};

    if (gate_parse_share(value, target, &why) < 0)
        return error_set(error, -EINVAL, "--%s: %.300s", option->name, why.text);
    return 0;
}

static int take_value(struct parser *parser, const struct cli_option *option, char *value) {
    void *target = member(&option->target, parser->arguments);
    size_t index = 0;
    int status = 0;

    /* As "$OUTPUT" of a shell is where that is not set. */
    if (value && !*value)
        return error_set(parser->error, -EINVAL, "--%s needs a value, %s, and \"\" is empty", option->name,
                         option->argument);
    parser->seen[option - parser->options] = true;
    if (option->given.place)
        *(bool *)member(&option->given, parser->arguments) = true;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)target = true;
        break;
    case OPTION_TEXT:
        *(const char **)target = value;
        break;
    case OPTION_LIST:
        return take_list(value, target, parser->error);
    case OPTION_COUNT:
    case OPTION_BYTES:
        return take_number(option, value, target, parser->error);
    case OPTION_SHARE:
        return take_share(option, value, target, parser->error);
    case OPTION_CHOICE:
        status = find_choice(option, value, &index, parser->error);
        if (status == 0)
            store(target, option->target.size, index);
        break;
    case OPTION_SET:
        return take_set(option, value, target, parser->error);
    }
    return status;
}

static int refuse_long(const struct parser *parser, const char *name, size_t length) {
    const char *names[OPTIONS_MAX + 1];
    char word[NAMES_MAX], phrase[SUGGEST_SIZE], dashed[OPTIONS_MAX + 1][NAMES_MAX];
    size_t n_names = parser->n_options + 1;

    for (size_t i = 0; i < n_names; i++) {
        const char *option = i < parser->n_options ? parser->options[i].name : "help";

        (void)snprintf(dashed[i], sizeof(dashed[0]), "--%s", option);
        names[i] = dashed[i];
    }
    (void)snprintf(word, sizeof(word), "--%.*s", (int)(length < 60 ? length : 60), name);
    return error_set(parser->error, -EINVAL, "unknown option %s%s", word,
                     suggest_phrase(word, names, n_names, phrase));
}

static const struct cli_option *find_name(const struct parser *parser, const char *name, size_t length) {
    for (size_t i = 0; i < parser->n_options; i++)
        if (strlen(parser->options[i].name) == length && strncmp(parser->options[i].name, name, length) == 0)
            return &parser->options[i];
    return NULL;
}

/* Takes `--name`, `--name=value` or `--name value`. */
static int take_long(struct parser *parser, char *name) {
    size_t length = strcspn(name, "=");
    char *value = name[length] == '=' ? name + length + 1 : NULL;
    const struct cli_option *option = find_name(parser, name, length);

    if (strcmp(name, "help") == 0)
        return WANTS_HELP;
    if (!option)
        return refuse_long(parser, name, length);
    if (option->kind == OPTION_FLAG && value)
        return error_set(parser->error, -EINVAL, "--%s takes no value", option->name);
    if (option->kind != OPTION_FLAG && !value) {
        if (parser->at == parser->argc)
            return error_set(parser->error, -EINVAL, "--%s needs a value, %s", option->name,
                             option->argument);
        value = parser->argv[parser->at++];
    }
    return take_value(parser, option, value);
}

static const struct cli_option *find_letter(const struct parser *parser, char letter) {
    for (size_t i = 0; i < parser->n_options; i++)
        if (parser->options[i].letter == letter)
            return &parser->options[i];
    return NULL;
}

/* Takes the letters behind one dash: flags together, at last one with a value, "-o file" or "-ofile". */
static int take_letters(struct parser *parser, char *letters) {
    const struct cli_option *meant = find_name(parser, letters, strcspn(letters, "="));
    int status = 0;

    if (meant && letters[1])
        return error_set(parser->error, -EINVAL, "unknown option -%s; did you mean \"--%s\"?", meant->name,
                         meant->name);
    for (char *letter = letters; *letter && status == 0; letter++) {
        const struct cli_option *option = find_letter(parser, *letter);

        if (!option && *letter == 'h')
            return WANTS_HELP;
        if (!option)
            return error_set(parser->error, -EINVAL, "unknown option -%c", *letter);
        if (option->kind == OPTION_FLAG) {
            status = take_value(parser, option, NULL);
            continue;
        }
        if (!letter[1] && parser->at == parser->argc)
            return error_set(parser->error, -EINVAL, "-%c needs a value, %s", option->letter,
                             option->argument);
        return take_value(parser, option, letter[1] ? letter + 1 : parser->argv[parser->at++]);
    }
    return status;
}

int options_parse(const struct cli_option *options, size_t n_options, int argc, char **argv, void *arguments,
                  struct words *ret_words, struct vms_error *error) {
    struct parser parser = {options, n_options, argc, 1, argv, arguments, error, {false}};
    bool ended = false;
    int status = 0;

    while (status == 0 && parser.at < argc) {
        char *word = argv[parser.at++];

        if (ended || word[0] != '-' || !word[1])
            status = take_list(word, ret_words, error);
        else if (strcmp(word, "--") == 0)
            ended = true;
        else
            status = word[1] == '-' ? take_long(&parser, word + 2) : take_letters(&parser, word + 1);
    }
    for (size_t i = 0; status == 0 && i < n_options; i++)
        if (options[i].required && !parser.seen[i])
            status = error_set(error, -EINVAL, "--%s %s is needed", options[i].name, options[i].argument);
    return status;
}

void options_done(const struct cli_option *options, size_t n_options, void *arguments, struct words *words) {
    for (size_t i = 0; i < n_options; i++)
        if (options[i].kind == OPTION_LIST)
            free(((struct words *)member(&options[i].target, arguments))->words);
    free(words->words);
}

static uint64_t load(const void *target, size_t size) {
    if (size == sizeof(uint64_t))
        return *(const uint64_t *)target;
    if (size == sizeof(uint32_t))
        return *(const uint32_t *)target;
    return size == sizeof(uint16_t) ? *(const uint16_t *)target : *(const uint8_t *)target;
}

bool option_default(const struct cli_option *option, const void *defaults,
                    char ret_text[static OPTION_DEFAULT_SIZE]) {
    const void *target = (const char *)defaults + option->target.place - 1;
    const char *text = NULL;

    ret_text[0] = '\0';
    if (option->kind == OPTION_TEXT)
        text = *(const char *const *)target;
    else if (option->kind == OPTION_CHOICE)
        text = option->choice(load(target, option->target.size));
    else if (option->kind == OPTION_COUNT && load(target, option->target.size) != 0)
        (void)snprintf(ret_text, OPTION_DEFAULT_SIZE, "%" PRIu64, load(target, option->target.size));
    else if (option->kind == OPTION_BYTES && load(target, option->target.size) != 0)
        units_format_bytes(load(target, option->target.size), ret_text);
    else if (option->kind == OPTION_SHARE && !isnan(*(const double *)target))
        (void)snprintf(ret_text, OPTION_DEFAULT_SIZE, "%g%%", *(const double *)target * 100);
    if (text)
        (void)snprintf(ret_text, OPTION_DEFAULT_SIZE, "%s", text);
    return *ret_text;
}
