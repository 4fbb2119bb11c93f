/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/terminal.h"

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/utf8.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* One conversion of a format, "%-*.3s". */
struct conversion {
    char flags[8];
    int width, precision; /* -1: none is given */
    char length[3];       /* "", "h", "l", "ll", "z", "j", "t" ... */
    char kind;
    const char *end;
};

bool terminal_takes_codes(int fd) {
    const char *kind = getenv("TERM");

    return isatty(fd) && kind && *kind && strcmp(kind, "dumb") != 0;
}

static int read_number(const char **at, va_list *arguments) {
    int number = 0;

    if (**at == '*') {
        ++*at;
        return va_arg(*arguments, int);
    }
    while (**at >= '0' && **at <= '9')
        number = number * 10 + *(*at)++ - '0';
    return number;
}

/* Reads the conversion behind a '%'. */
static struct conversion read_conversion(const char *at, va_list *arguments) {
    struct conversion conversion = {.width = -1, .precision = -1};
    size_t n = strspn(at, "-+ #0'");

    memcpy(conversion.flags, at, n < sizeof(conversion.flags) ? n : sizeof(conversion.flags) - 1);
    at += n;
    if (*at == '*' || (*at >= '1' && *at <= '9'))
        conversion.width = read_number(&at, arguments);
    if (conversion.width < -1) { /* as printf has it */
        conversion.width = -conversion.width;
        (void)strcpy(conversion.flags, "-");
    }
    if (*at == '.') {
        at++;
        conversion.precision = read_number(&at, arguments);
    }
    n = strspn(at, "hljzt");
    memcpy(conversion.length, at, n < sizeof(conversion.length) ? n : sizeof(conversion.length) - 1);
    at += n;
    conversion.kind = *at;
    conversion.end = *at ? at + 1 : at;
    return conversion;
}

/* How many bytes of the text there are, up to `most`, of which none has to be escaped: most texts, of tables
 * of many rows. -1: some has. */
static ssize_t plain_length(const char *text, int most) {
    ssize_t n = 0;

    for (; (most < 0 || n < most) && text[n]; n++)
        if (text[n] < ' ' || text[n] > '~')
            return -1;
    return n;
}

static void print_blanks(FILE *file, int n) {
    static const char blanks[] = "                                ";

    for (; n > 0; n -= (int)sizeof(blanks) - 1)
        (void)fwrite(blanks, 1, n < (int)sizeof(blanks) - 1 ? (size_t)n : sizeof(blanks) - 1, file);
}

static void print_filled(FILE *file, const struct conversion *conversion, const char *text, size_t length,
                         size_t columns) {
    int blanks = conversion->width > (int)columns ? conversion->width - (int)columns : 0;
    bool left = strchr(conversion->flags, '-') != NULL;

    print_blanks(file, left ? 0 : blanks);
    (void)fwrite(text, 1, length, file);
    print_blanks(file, left ? blanks : 0);
}

static void print_text(FILE *file, const struct conversion *conversion, const char *text) {
    cleanup_free char *cut = NULL, *escaped = NULL;
    ssize_t plain;

    if (!text)
        text = "(null)";
    plain = plain_length(text, conversion->precision);
    if (plain >= 0 && plain <= INT_MAX) {
        print_filled(file, conversion, text, (size_t)plain, (size_t)plain);
        return;
    }
    if (conversion->precision >= 0)
        text = cut = strndup(text, (size_t)conversion->precision);
    escaped = text ? escape_text(ESCAPE_TERMINAL, text) : NULL;
    if (escaped)
        print_filled(file, conversion, escaped, strlen(escaped), utf8_columns(escaped));
}

static intmax_t signed_argument(const struct conversion *conversion, va_list *arguments) {
    switch (*conversion->length) {
    case 'l':
        return conversion->length[1] == 'l' ? va_arg(*arguments, long long) : va_arg(*arguments, long);
    case 'z':
    case 't':
        return va_arg(*arguments, ptrdiff_t);
    case 'j':
        return va_arg(*arguments, intmax_t);
    default:
        return va_arg(*arguments, int);
    }
}

static uintmax_t unsigned_argument(const struct conversion *conversion, va_list *arguments) {
    switch (*conversion->length) {
    case 'l':
        return conversion->length[1] == 'l' ? va_arg(*arguments, unsigned long long)
                                            : va_arg(*arguments, unsigned long);
    case 'z':
    case 't':
        return va_arg(*arguments, size_t);
    case 'j':
        return va_arg(*arguments, uintmax_t);
    default:
        return va_arg(*arguments, unsigned);
    }
}

/* A number's conversion goes to printf with the largest type of its kind. */
static void print_number(FILE *file, const struct conversion *conversion, va_list *arguments) {
    char format[48], width[16] = "", precision[16] = "";
    const char *length = strchr("diuoxX", conversion->kind) ? "j" : "";

    if (conversion->width >= 0)
        (void)snprintf(width, sizeof(width), "%d", conversion->width);
    if (conversion->precision >= 0)
        (void)snprintf(precision, sizeof(precision), ".%d", conversion->precision);
    (void)snprintf(format, sizeof(format), "%%%s%s%s%s%c", conversion->flags, width, precision, length,
                   conversion->kind);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    if (strchr("di", conversion->kind))
        fprintf(file, format, signed_argument(conversion, arguments));
    else if (strchr("uoxX", conversion->kind))
        fprintf(file, format, unsigned_argument(conversion, arguments));
    else if (conversion->kind == 'c')
        fprintf(file, format, va_arg(*arguments, int));
    else if (conversion->kind == 'p')
        fprintf(file, format, va_arg(*arguments, void *));
    else
        fprintf(file, format, va_arg(*arguments, double));
#pragma GCC diagnostic pop
}

void terminal_vprint(FILE *file, const char *format, va_list arguments) {
    va_list rest;

    va_copy(rest, arguments);
    while (*format) {
        size_t plain = strcspn(format, "%");
        struct conversion conversion;

        (void)fwrite(format, 1, plain, file);
        format += plain;
        if (!*format)
            break;
        conversion = read_conversion(format + 1, &rest);
        if (conversion.kind == 's')
            print_text(file, &conversion, va_arg(rest, const char *));
        else if (conversion.kind == '%')
            fputc('%', file);
        else if (conversion.kind)
            print_number(file, &conversion, &rest);
        format = conversion.end;
    }
    va_end(rest);
}

void terminal_print(FILE *file, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    terminal_vprint(file, format, arguments);
    va_end(arguments);
}
