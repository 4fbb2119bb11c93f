/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json/json_fault.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 64

/* A word of the text: a string, one of {}[]:, or a run of anything else. */
struct token {
    const char *text;
    size_t length;
    int line;
    bool key; /* a string where an object has a key */
};

/* Where the reader is, and which brackets are open. */
struct scan {
    const char *at, *end;
    int line;
    struct token last, token; /* the token before this one; this one */
    struct token open[DEPTH_MAX];
    size_t depth;
    struct token unlike; /* the open bracket that this token, a bracket of the other kind, would close */
};

static size_t string_length(const char *text, const char *end) {
    const char *at = text + 1;

    while (at < end && *at != '"' && *at != '\n')
        at += *at == '\\' && at + 1 < end ? 2 : 1;
    return (size_t)(at - text) + (at < end && *at == '"');
}

static void track(struct scan *scan) {
    char c = *scan->token.text;

    scan->unlike.text = NULL;
    if ((c == '{' || c == '[') && scan->depth < DEPTH_MAX)
        scan->open[scan->depth++] = scan->token;
    else if ((c == '}' || c == ']') && scan->depth > 0 &&
             *scan->open[--scan->depth].text != (c == '}' ? '{' : '['))
        scan->unlike = scan->open[scan->depth];
}

static bool is(const struct token *token, const char *text) {
    return token->length == strlen(text) && strncmp(token->text, text, token->length) == 0;
}

static bool begins(const struct token *token, const char *text) {
    return token->length >= strlen(text) && strncmp(token->text, text, strlen(text)) == 0;
}

/* Whether an object has a key behind the token. */
static bool before_key(const struct scan *scan, const struct token *token) {
    return is(token, "{") || (is(token, ",") && scan->depth > 0 && *scan->open[scan->depth - 1].text == '{');
}

/* Takes the next token; false at the end of the text. */
static bool next(struct scan *scan) {
    size_t length = 1;

    for (; scan->at < scan->end && isspace((unsigned char)*scan->at); scan->at++)
        scan->line += *scan->at == '\n';
    if (scan->at >= scan->end)
        return false;
    if (*scan->at == '"')
        length = string_length(scan->at, scan->end);
    else if (!strchr("{}[]:,", *scan->at))
        while (scan->at + length < scan->end && !isspace((unsigned char)scan->at[length]) &&
               !strchr("{}[]:,\"", scan->at[length]))
            length++;
    scan->last = scan->token;
    scan->token =
        (struct token){scan->at, length, scan->line, *scan->at == '"' && before_key(scan, &scan->last)};
    scan->at += length;
    track(scan);
    return true;
}

/* What other languages call the values that JSON spells its own way; NULL: no such word. */
static const char *spelling(const struct token *token) {
    static const struct {
        const char *word, *json;
    } words[] = {{"True", "true"},  {"False", "false"}, {"None", "null"},      {"nil", "null"},
                 {"NULL", "null"},  {"Null", "null"},   {"undefined", "null"}, {"yes", "true"},
                 {"no", "false"},   {"on", "true"},     {"off", "false"},      {"TRUE", "true"},
                 {"FALSE", "false"}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (is(token, words[i].word))
            return words[i].json;
    return NULL;
}

/* Numbers that other languages take. NULL: none of these. */
static const char *number_fault(const struct token *token) {
    const char *digits = token->text + (token->length > 1 && strchr("+-", *token->text));

    if (is(token, "NaN") || begins(token, "Infinity") || begins(token, "-Infinity"))
        return "JSON has no NaN and no Infinity";
    if (*token->text == '+')
        return "a number has no '+' in front";
    if (*digits == '.')
        return "a number begins with a digit: 0.5, not .5";
    if (token->length > 1 && digits[0] == '0' && strchr("xX", digits[1]))
        return "numbers are decimal in JSON";
    if (token->length > 1 && digits[0] == '0' && isdigit((unsigned char)digits[1]))
        return "a number has no zero in front";
    return NULL;
}

static bool ends_value(const struct token *token) {
    return token->text && !strchr("{[:,", *token->text);
}

/* Faults of one token by how it begins, and of the comma before it. NULL: none of these. */
static const char *known_fault(const struct token *last, const struct token *token) {
    bool closing = is(token, "}") || is(token, "]");

    if (last->text && is(last, ",") && closing)
        return is(token, "}") ? "trailing comma; remove the comma before '}'"
                              : "trailing comma; remove the comma before ']'";
    if (begins(token, "//") || begins(token, "/*") || begins(token, "#"))
        return "comments are not JSON; remove the comment";
    if (begins(token, "'"))
        return "strings need double quotes (\"), not single ones";
    if (begins(token, "\xe2\x80\x9c") || begins(token, "\xe2\x80\x9d") || begins(token, "\xe2\x80\x98") ||
        begins(token, "\xe2\x80\x99"))
        return "strings need straight double quotes (\"), not typographic ones";
    if (last->text && is(last, ",") && is(token, ","))
        return "two commas; remove one";
    if (begins(token, "=") && last->text && *last->text == '"')
        return "a key is followed by ':', not by '='";
    if (begins(token, ";"))
        return "members are separated by ',', not by ';'";
    if (!last->text && !strchr("{[\"", *token->text))
        return "a document begins with '{'";
    if (*token->text == '"' && memmem(token->text, token->length, "\\u0000", 6))
        return "no text may hold the character \\u0000";
    return number_fault(token);
}

/* Faults within a string, by what Jansson says. NULL: none of these. */
static const char *string_fault(const json_error_t *error) {
    if (strncmp(error->text, "invalid escape", 14) == 0)
        return "a backslash in a string is written twice (\\\\); alone it only stands before one of "
               "\"\\/bfnrtu";
    if (strncmp(error->text, "unable to decode byte", 21) == 0)
        return "the file is not in UTF-8; save it as UTF-8";
    if (strncmp(error->text, "control character", 17) == 0)
        return "a string holds a control character; write it as an escape (\\t, \\u001b)";
    return NULL;
}

static void describe(struct json_fault *fault, const struct scan *scan, const json_error_t *error) {
    const struct token *token = &scan->token, *last = &scan->last;
    const char *known = string_fault(error) ? string_fault(error) : known_fault(last, token);
    int length = token->length > 40 ? 40 : (int)token->length;
    bool in_object = scan->depth > 0 && *scan->open[scan->depth - 1].text == '{';

    fault->line = known && is(last, ",") && !is(token, ",") && !scan->unlike.text ? last->line : token->line;
    if (known && (begins(token, "/") || begins(token, "#")))
        fault->line = token->line;
    if (scan->unlike.text)
        (void)snprintf(fault->sentence, sizeof(fault->sentence), "'%c' does not close the '%c' of line %d",
                       *token->text, *scan->unlike.text, scan->unlike.line);
    else if (known)
        (void)snprintf(fault->sentence, sizeof(fault->sentence), "%s", known);
    else if (spelling(token))
        (void)snprintf(fault->sentence, sizeof(fault->sentence), "JSON writes %s, not %.*s", spelling(token),
                       length, token->text);
    else if (in_object && last->text && (is(last, "{") || is(last, ",")) &&
             isalpha((unsigned char)*token->text))
        (void)snprintf(fault->sentence, sizeof(fault->sentence), "a key needs double quotes: \"%.*s\"",
                       length, token->text);
    else if (last->key && !is(token, ":"))
        (void)snprintf(fault->sentence, sizeof(fault->sentence), "a ':' is missing after %.*s",
                       last->length > 40 ? 40 : (int)last->length, last->text);
    else if (scan->depth > 0 && ends_value(last) && !strchr("{}[]:,", *token->text))
        (void)snprintf(fault->sentence, sizeof(fault->sentence), "a comma is missing before %.*s", length,
                       token->text);
    else if (last->text && is(last, ":") && isalpha((unsigned char)*token->text))
        (void)snprintf(fault->sentence, sizeof(fault->sentence), "text needs double quotes: \"%.*s\"", length,
                       token->text);
    else
        (void)snprintf(fault->sentence, sizeof(fault->sentence), "%.200s (column %d)", error->text,
                       error->column);
}

struct json_fault json_fault_find(const char *text, size_t length, const json_error_t *error) {
    struct scan scan = {.at = text, .end = text + length, .line = 1};
    struct json_fault fault = {.line = error->line};

    if (strspn(text, " \t\r\n") == length) {
        fault.line = 1;
        (void)snprintf(fault.sentence, sizeof(fault.sentence), "the file is empty");
        return fault;
    }
    while (next(&scan))
        if (scan.at >= text + error->position)
            break;
    if (json_error_code(error) == json_error_premature_end_of_input && scan.depth > 0) {
        const struct token *open = &scan.open[scan.depth - 1];

        (void)snprintf(fault.sentence, sizeof(fault.sentence),
                       "the file ends too early: the '%c' of line %d is never closed", *open->text,
                       open->line);
    } else if (scan.token.text && *scan.token.text == '"' &&
               (scan.token.length < 2 || scan.token.text[scan.token.length - 1] != '"')) {
        fault.line = scan.token.line;
        (void)snprintf(fault.sentence, sizeof(fault.sentence),
                       "a string is not closed on its line: a '\"' is missing");
    } else if (json_error_code(error) == json_error_end_of_input_expected) {
        (void)snprintf(fault.sentence, sizeof(fault.sentence), "more text follows the end of the document");
    } else if (scan.token.text) {
        describe(&fault, &scan, error);
    } else {
        (void)snprintf(fault.sentence, sizeof(fault.sentence), "%.200s (column %d)", error->text,
                       error->column);
    }
    return fault;
}
