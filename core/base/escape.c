/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/escape.h"

#include "base/cut.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define PIECE_SIZE 16
#define SENTENCE_SIZE 1024

/* What stands for one character: `text`, which may be in `own`; NULL: the character itself. */
struct piece {
    const char *text;
    char own[PIECE_SIZE];
};

static bool is_control(uint32_t character) {
    return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

/* Characters that turn the direction of text, end lines, or cannot be seen. */
static bool is_deceptive(uint32_t character) {
    return (character >= 0x202a && character <= 0x202e) || (character >= 0x2066 && character <= 0x2069) ||
           (character >= 0x200b && character <= 0x200f) || character == 0x2028 || character == 0x2029 ||
           character == 0x061c || character == 0xfeff;
}

/* What stands for a character that deceives wherever people read it; NULL for another. */
static const char *undeceive(uint32_t character, struct piece *piece) {
    if (!is_deceptive(character))
        return NULL;
    (void)snprintf(piece->own, sizeof(piece->own), "\\u%04x", character);
    return piece->own;
}

static void for_terminal(uint32_t character, struct piece *piece) {
    piece->text = undeceive(character, piece);
    if (is_control(character)) {
        (void)snprintf(piece->own, sizeof(piece->own), "\\x%02x", character);
        piece->text = piece->own;
    }
}

static const char *markup(uint32_t character, struct piece *piece) {
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return undeceive(character, piece);
    }
}

static void for_html(uint32_t character, struct piece *piece) {
    piece->text = markup(character, piece);
    if (is_control(character) && character != '\n' && character != '\t')
        piece->text = REPLACEMENT;
}

/* Line ends and tabs in attributes would be read as spaces. */
static void for_xml(uint32_t character, struct piece *piece) {
    piece->text = markup(character, piece);
    if (character == '\n' || character == '\t') {
        (void)snprintf(piece->own, sizeof(piece->own), "&#%u;", character);
        piece->text = piece->own;
    } else if (is_control(character) || character == 0xfffe || character == 0xffff) {
        piece->text = REPLACEMENT;
    }
}

/* Lines end at U+2028 and U+2029 in JavaScript before 2019. */
static void for_script(uint32_t character, struct piece *piece) {
    piece->text = character == '<'      ? "\\u003c"
                  : character == 0x2028 ? "\\u2028"
                  : character == 0x2029 ? "\\u2029"
                                        : NULL;
}

static void for_markdown(uint32_t character, struct piece *piece) {
    if (character == '\n' || character == '\r' || character == '\t')
        piece->text = " ";
    else if (is_control(character))
        piece->text = REPLACEMENT;
    else if (character == '<' || character == '&') /* a backslash does not stop every renderer's HTML */
        piece->text = markup(character, piece);
    else if (is_deceptive(character))
        piece->text = undeceive(character, piece);
    else if (character < 0x80 && strchr("|\\`*_>[]~#!$", (int)character)) {
        (void)snprintf(piece->own, sizeof(piece->own), "\\%c", (int)character);
        piece->text = piece->own;
    }
}

static void for_csv(uint32_t character, struct piece *piece) {
    piece->text = character == '"' ? "\"\"" : NULL;
}

static void for_openmetrics(uint32_t character, struct piece *piece) {
    piece->text = character == '\n' ? "\\n" : character == '"' ? "\\\"" : character == '\\' ? "\\\\" : NULL;
}

static void for_openmetrics_name(uint32_t character, struct piece *piece) {
    bool kept = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
                (character >= '0' && character <= '9') || character == '_' || character == ':';

    piece->text = kept ? NULL : "_";
}

static void for_qemu(uint32_t character, struct piece *piece) {
    piece->text = character == ',' ? ",," : NULL;
}

static void for_xl(uint32_t character, struct piece *piece) {
    piece->text = character == '"' ? "\\\"" : character == '\\' ? "\\\\" : character == '\n' ? "\\n" : NULL;
}

/* Whether a cell has to stand in quotes. */
static bool is_quoted(const char *text) {
    return !*text || strpbrk(text, ",\"\r\n ") != NULL;
}

static const struct {
    void (*escape)(uint32_t character, struct piece *piece);
    const char *invalid; /* for a byte that is not UTF-8; NULL: the byte itself; "": \xNN */
    bool is_cell, is_formula_safe;
} languages[] = {
    [ESCAPE_TERMINAL] = {for_terminal, "", false, false},
    [ESCAPE_HTML] = {for_html, REPLACEMENT, false, false},
    [ESCAPE_XML] = {for_xml, REPLACEMENT, false, false},
    [ESCAPE_SCRIPT] = {for_script, REPLACEMENT, false, false},
    [ESCAPE_MARKDOWN] = {for_markdown, REPLACEMENT, false, false},
    [ESCAPE_CSV] = {for_csv, REPLACEMENT, true, false},
    [ESCAPE_SPREADSHEET] = {for_csv, REPLACEMENT, true, true},
    [ESCAPE_OPENMETRICS] = {for_openmetrics, REPLACEMENT, false, false},
    [ESCAPE_OPENMETRICS_NAME] = {for_openmetrics_name, "_", false, false},
    [ESCAPE_QEMU] = {for_qemu, NULL, false, false},
    [ESCAPE_XL] = {for_xl, NULL, false, false},
};

/* Takes the character at the start of the text: its length, and what stands for it. */
static size_t take(enum escape language, const char *text, struct piece *piece) {
    const char *invalid = languages[language].invalid;
    uint32_t character = 0;
    size_t length = utf8_read(text, &character);

    piece->text = NULL;
    if (length > 0) {
        languages[language].escape(character, piece);
        return length;
    }
    piece->text = invalid;
    if (invalid && !*invalid) {
        (void)snprintf(piece->own, sizeof(piece->own), "\\x%02x", (unsigned char)*text);
        piece->text = piece->own;
    }
    return 1;
}

bool escape_is_formula(const char *text) {
    return *text && strchr("=+-@\t\r", *text);
}

void escape_write(FILE *file, enum escape language, const char *text) {
    bool formula = languages[language].is_formula_safe && escape_is_formula(text);
    bool quoted = languages[language].is_cell && is_quoted(text);
    const char *kept = text; /* the start of what is copied as it is */
    struct piece piece;

    if (quoted)
        fputc('"', file);
    if (formula)
        fputc('\'', file);
    while (*text) {
        size_t length = take(language, text, &piece);

        if (piece.text) {
            (void)fwrite(kept, 1, (size_t)(text - kept), file);
            fputs(piece.text, file);
            kept = text + length;
        }
        text += length;
    }
    (void)fwrite(kept, 1, (size_t)(text - kept), file);
    if (quoted)
        fputc('"', file);
}

char *escape_text(enum escape language, const char *text) {
    char *escaped = NULL;
    size_t size;
    FILE *file = open_memstream(&escaped, &size);

    if (!file)
        return NULL;
    escape_write(file, language, text);
    if (fclose(file) == EOF) {
        free(escaped);
        return NULL;
    }
    return escaped;
}

void escape_sentence(char *text, size_t size) {
    char escaped[SENTENCE_SIZE];
    size_t length = 0, limit = size < sizeof(escaped) ? size : sizeof(escaped);
    size_t whole = 0; /* of it, what the mark fits behind */

    for (const char *at = text; *at;) {
        struct piece piece;
        size_t taken = take(ESCAPE_TERMINAL, at, &piece);
        const char *piece_text = piece.text ? piece.text : at;
        size_t piece_length = piece.text ? strlen(piece.text) : taken;

        if (length + sizeof(CUT_MARK) <= limit)
            whole = length;
        if (length + piece_length >= limit) {
            length = whole;
            if (limit > sizeof(CUT_MARK)) {
                memcpy(escaped + length, CUT_MARK, sizeof(CUT_MARK) - 1);
                length += sizeof(CUT_MARK) - 1;
            }
            break;
        }
        memcpy(escaped + length, piece_text, piece_length);
        length += piece_length;
        at += taken;
    }
    memcpy(text, escaped, length);
    text[length] = '\0';
}
