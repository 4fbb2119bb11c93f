/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command's options as a table: parsing, help, manual and completion come from the same rows.
 *
 * A row names the member of the command's argument struct that takes the value; the OPTION_..._TO macros
 * choose the kind and check the member's type at compile time. */
#ifndef VMSUITE_RUNNER_CLI_OPTION_H
#define VMSUITE_RUNNER_CLI_OPTION_H

#include "common/words.h"

#include <stdbool.h>
#include <vmsuite/module.h>

enum option_kind {
    OPTION_FLAG,   /* bool: set to true; takes no value */
    OPTION_TEXT,   /* const char * */
    OPTION_LIST,   /* struct words: may be given several times */
    OPTION_COUNT,  /* an unsigned integer of any width, within limits */
    OPTION_BYTES,  /* uint64_t, within limits: "64KiB" */
    OPTION_SHARE,  /* double: "3%" or 0.03 -> 0.03 */
    OPTION_CHOICE, /* an enum or unsigned: the index of the choice */
    OPTION_SET     /* an array of bool: true at the index of each choice in a list with commas */
};

/* What a value or operand names: completion offers such names. */
enum option_names {
    NAMES_ANYTHING,
    NAMES_FILE,
    NAMES_FOLDER,
    NAMES_RECORD,
    NAMES_CONFIGURATION, /* a file, or one of `vmsuite list configurations`; the next ones likewise */
    NAMES_SUITE,
    NAMES_STUDY,
    NAMES_POLICY,
    NAMES_MODULE,
    NAMES_COMMAND,
    NAMES_PLACE, /* a place, by its kind: the rest is its user's */
    NAMES_LIST   /* what can be listed */
};

/* A member of the argument struct. `place` is its offset plus 1: a row without target has 0. */
struct option_target {
    size_t place, size;
};

struct cli_option {
    const char *name;     /* without the dashes */
    char letter;          /* 0: none */
    const char *argument; /* the value's name in help, "FILE"; NULL for flags */
    enum option_kind kind;
    enum option_names names;
    uint64_t min, max;                   /* OPTION_COUNT and OPTION_BYTES */
    const char *(*choice)(size_t index); /* OPTION_CHOICE, OPTION_SET: the names in order; NULL ends them */
    const char *(*choice_help)(size_t index); /* a phrase for each, or NULL */
    bool required;
    struct option_target target;
    struct option_target given; /* a bool that is set where the option stands on the command line; optional */
    const char *sentence;       /* what it does: no capital, no full stop */
    const char *more;           /* further sentences for the manual, or NULL */
};

#define OPTION_TARGET_(wanted, type, member)                                                                 \
    {                                                                                                        \
        .place = offsetof(type, member) + 1 + 0 * sizeof((wanted *)0 == &((type *)0)->member),               \
        .size = sizeof(((type *)0)->member)                                                                  \
    }

#define OPTION_FLAG_TO(type, member) .kind = OPTION_FLAG, .target = OPTION_TARGET_(bool, type, member)
#define OPTION_TEXT_TO(type, member) .kind = OPTION_TEXT, .target = OPTION_TARGET_(const char *, type, member)
#define OPTION_LIST_TO(type, member) .kind = OPTION_LIST, .target = OPTION_TARGET_(struct words, type, member)
#define OPTION_COUNT_TO(type, member, from, to)                                                              \
    .kind = OPTION_COUNT, .min = (from), .max = (to),                                                        \
    .target = OPTION_TARGET_(__typeof__(((type *)0)->member), type, member)
#define OPTION_BYTES_TO(type, member, from, to)                                                              \
    .kind = OPTION_BYTES, .min = (from), .max = (to), .target = OPTION_TARGET_(uint64_t, type, member)
#define OPTION_SHARE_TO(type, member) .kind = OPTION_SHARE, .target = OPTION_TARGET_(double, type, member)
#define OPTION_CHOICE_TO(type, member, names_of)                                                             \
    .kind = OPTION_CHOICE, .choice = (names_of),                                                             \
    .target = OPTION_TARGET_(__typeof__(((type *)0)->member), type, member)
#define OPTION_SET_TO(type, member, names_of)                                                                \
    .kind = OPTION_SET, .choice = (names_of),                                                                \
    .target = OPTION_TARGET_(__typeof__(((type *)0)->member), type, member)
#define OPTION_GIVEN_TO(type, member) .given = OPTION_TARGET_(bool, type, member)

/* Reads argv[1..]: `--name value`, `--name=value`, `-x value`, `-xvalue`, flags of one letter together, and
 * `--`, behind which everything is an operand. Long names must be whole, never a prefix. Options may stand
 * between operands; of one that appears twice the last counts. `arguments` is the command's struct,
 * `ret_words` takes the operands; options_done frees the lists of both, after an error, too. Returns 0,
 * -EINVAL with a sentence, or 1 at the first --help or -h, which every command has. */
int options_parse(const struct cli_option *options, size_t n_options, int argc, char **argv, void *arguments,
                  struct words *ret_words, struct vms_error *error);
void options_done(const struct cli_option *options, size_t n_options, void *arguments, struct words *words);

#define OPTIONS_MAX 48 /* of one command */

/* The default that help shows, from the struct before parsing, such as "64", "3%", "table"; false where there
 * is none to show. */
#define OPTION_DEFAULT_SIZE 64
bool option_default(const struct cli_option *option, const void *defaults,
                    char ret_text[static OPTION_DEFAULT_SIZE]);

#endif
