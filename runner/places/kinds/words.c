/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/kinds/words.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <ctype.h>
#include <string.h>

/* Writes one word to `ret_word`, which has room for all of the text; what follows it, or NULL for an open
 * quote. */
static const char *take_word(const char *text, char *ret_word) {
    char quote = '\0';

    for (; *text && (quote || !isspace((unsigned char)*text)); text++) {
        if (quote && *text == quote)
            quote = '\0';
        else if (!quote && (*text == '\'' || *text == '"'))
            quote = *text;
        else if (*text == '\\' && quote != '\'' && text[1])
            *ret_word++ = *++text;
        else
            *ret_word++ = *text;
    }
    *ret_word = '\0';
    return quote ? NULL : text;
}

int words_split(const char *text, struct argv *words, struct vms_error *error) {
    cleanup_free char *word = malloc(strlen(text) + 1);
    size_t before = words->n_words;

    if (!word)
        return error_memory(error);
    for (text += strspn(text, " \t\n"); *text; text += strspn(text, " \t\n")) {
        text = take_word(text, word);
        if (!text)
            return error_set(error, -EINVAL, "a quote is not closed");
        argv_add(words, "%s", word);
    }
    if (words->failed)
        return error_memory(error);
    return words->n_words > before ? 0 : error_set(error, -EINVAL, "there is no command");
}

char *words_quote(const char *word) {
    char *quoted = malloc(4 * strlen(word) + 3), *at = quoted;

    if (!quoted)
        return NULL;
    *at++ = '\'';
    for (; *word; word++) {
        if (*word == '\'') {
            memcpy(at, "'\\''", 4);
            at += 4;
        } else {
            *at++ = *word;
        }
    }
    *at++ = '\'';
    *at = '\0';
    return quoted;
}
