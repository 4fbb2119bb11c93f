/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/units.h"

#include "base/error.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHOLE_MAX 1e15 /* beyond it, numbers are written with an exponent */

struct byte_suffix {
    const char *name;
    uint64_t factor;
    bool written; /* K, M, G, T are only read */
};

static const struct byte_suffix byte_suffixes[] = {
    {"TiB", UINT64_C(1) << 40, true},
    {"GiB", UINT64_C(1) << 30, true},
    {"MiB", UINT64_C(1) << 20, true},
    {"KiB", UINT64_C(1) << 10, true},
    {"TB", UINT64_C(1000000000000), true},
    {"GB", UINT64_C(1000000000), true},
    {"MB", UINT64_C(1000000), true},
    {"kB", UINT64_C(1000), true},
    {"", 1, true},
    {"B", 1, false},
    {"T", UINT64_C(1) << 40, false},
    {"G", UINT64_C(1) << 30, false},
    {"M", UINT64_C(1) << 20, false},
    {"K", UINT64_C(1) << 10, false},
};

/* A real quantity's suffix: value = number * factor, or number / -factor where the factor is negative
 * (division by a whole power of ten rounds once, multiplication by 0.001 twice). */
struct real_suffix {
    const char *name;
    double factor;
};

static const struct real_suffix second_suffixes[] = {{"", 1},  {"ns", -1e9}, {"us", -1e6}, {"ms", -1e3},
                                                     {"s", 1}, {"min", 60},  {"h", 3600}};

static const struct real_suffix rate_suffixes[] = {
    {"", 1}, {"bit/s", 1}, {"kbit/s", 1e3}, {"Mbit/s", 1e6}, {"Gbit/s", 1e9}};

static const char *skip_spaces(const char *text) {
    while (*text == ' ')
        text++;
    return text;
}

static size_t count_digits(const char *text) {
    size_t n = 0;

    while (isdigit((unsigned char)text[n]))
        n++;
    return n;
}

/* Reads `n` digits into *ret; false where they do not fit. */
static bool read_digits(const char *text, size_t n, uint64_t *ret) {
    uint64_t value = 0;

    for (size_t i = 0; i < n; i++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value))
            return false;
    *ret = value;
    return true;
}

int units_parse_count(const char *text, uint64_t *ret_count, struct vms_error *error) {
    size_t digits = count_digits(text);

    if (digits == 0 || text[digits] != '\0')
        return error_set(error, -EINVAL, "\"%s\" is not a whole number", text);
    if (!read_digits(text, digits, ret_count))
        return error_set(error, -EINVAL, "\"%s\" is too large (at most %" PRIu64 ")", text, UINT64_MAX);
    return 0;
}

/* A size as it is written. */
struct written_size {
    const char *text; /* all of it, for sentences */
    uint64_t whole;
    const char *fraction; /* behind the point */
    size_t digits;        /* of the fraction */
};

/* whole.fraction times the factor, if that is a whole number of bytes. */
static int scale_bytes(const struct written_size *size, uint64_t factor, uint64_t *ret_bytes,
                       struct vms_error *error) {
    uint64_t part = 0, power = 1, bytes;
    const char *text = size->text;
    size_t digits = size->digits;

    while (digits > 0 && size->fraction[digits - 1] == '0')
        digits--;
    for (size_t i = 0; i < digits; i++)
        if (__builtin_mul_overflow(power, 10, &power))
            return error_set(error, -EINVAL, "\"%s\" is not a whole number of bytes", text);
    if (!read_digits(size->fraction, digits, &part) || __builtin_mul_overflow(part, factor, &part) ||
        part % power != 0)
        return error_set(error, -EINVAL, "\"%s\" is not a whole number of bytes", text);
    if (__builtin_mul_overflow(size->whole, factor, &bytes) ||
        __builtin_add_overflow(bytes, part / power, &bytes))
        return error_set(error, -EINVAL, "\"%s\" is too large: sizes have 64 bits", text);
    *ret_bytes = bytes;
    return 0;
}

int units_parse_bytes(const char *text, uint64_t *ret_bytes, struct vms_error *error) {
    size_t digits = count_digits(text);
    struct written_size size = {.text = text, .fraction = text + digits};
    const char *suffix = size.fraction;

    if (digits > 0 && *suffix == '.') {
        size.fraction++;
        size.digits = count_digits(size.fraction);
        suffix = size.fraction + size.digits;
    }
    if (digits == 0 || (suffix != text + digits && size.digits == 0))
        return error_set(error, -EINVAL, "\"%s\" is not a size such as 512, 64KiB or 4MB", text);
    if (!read_digits(text, digits, &size.whole))
        return error_set(error, -EINVAL, "\"%s\" is too large: sizes have 64 bits", text);
    suffix = *suffix == ' ' && suffix[1] != '\0' ? skip_spaces(suffix) : suffix;
    for (size_t i = 0; i < VMS_LENGTH(byte_suffixes); i++)
        if (strcmp(suffix, byte_suffixes[i].name) == 0)
            return scale_bytes(&size, byte_suffixes[i].factor, ret_bytes, error);
    return error_set(
        error, -EINVAL,
        "\"%s\" ends in an unknown unit \"%s\": write B, kB, MB, GB, TB (powers of 1000) or KiB, MiB, "
        "GiB, TiB (powers of 1024)",
        text, suffix);
}

/* Length of a decimal number at the start of `text`, or 0: strtod alone would take "inf" and "0x1p3" too. */
static size_t number_length(const char *text) {
    size_t length = count_digits(text), digits = length, exponent;

    if (text[length] == '.') {
        size_t more = count_digits(text + length + 1);

        digits += more;
        length += 1 + more;
    }
    if (digits == 0)
        return 0;
    if (text[length] == 'e' || text[length] == 'E') {
        exponent = 1 + (text[length + 1] == '+' || text[length + 1] == '-');
        if (count_digits(text + length + exponent) > 0)
            length += exponent + count_digits(text + length + exponent);
    }
    return length;
}

const char *units_read_number(const char *text, double *ret_number) {
    size_t length = number_length(text);
    double number = 0;
    char *end = NULL;

    if (length > 0)
        number = strtod(text, &end);
    if (end != text + length)
        return NULL;
    *ret_number = number;
    return end;
}

static int parse_real(const char *text, const struct real_suffix *suffixes, size_t n_suffixes,
                      const char *wanted, double *ret, struct vms_error *error) {
    size_t length = number_length(text);
    const char *suffix = text + length;
    double value;

    if (length == 0)
        return error_set(error, -EINVAL, "\"%s\" is not %s", text, wanted);
    suffix = *suffix == ' ' && suffix[1] != '\0' ? skip_spaces(suffix) : suffix;
    for (size_t i = 0; i < n_suffixes; i++) {
        if (strcmp(suffix, suffixes[i].name) != 0)
            continue;
        value = strtod(text, NULL);
        value = suffixes[i].factor < 0 ? value / -suffixes[i].factor : value * suffixes[i].factor;
        if (!isfinite(value))
            return error_set(error, -EINVAL, "\"%s\" is too large", text);
        *ret = value;
        return 0;
    }
    return error_set(error, -EINVAL, "\"%s\" ends in an unknown unit \"%s\": it is not %s", text, suffix,
                     wanted);
}

int units_parse_seconds(const char *text, double *ret_seconds, struct vms_error *error) {
    return parse_real(text, second_suffixes, VMS_LENGTH(second_suffixes),
                      "a time such as 10, 250ms, 10s, 5min or 1h", ret_seconds, error);
}

int units_parse_rate(const char *text, double *ret_rate, struct vms_error *error) {
    return parse_real(text, rate_suffixes, VMS_LENGTH(rate_suffixes),
                      "a rate such as 0, 64kbit/s, 100Mbit/s or 1Gbit/s", ret_rate, error);
}

void units_format_bytes(uint64_t bytes, char ret_text[static UNITS_TEXT_SIZE]) {
    char text[UNITS_TEXT_SIZE];

    (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%" PRIu64, bytes);
    for (size_t i = VMS_LENGTH(byte_suffixes); i-- > 0;) {
        const struct byte_suffix *suffix = &byte_suffixes[i];

        if (!suffix->written || bytes == 0 || bytes % suffix->factor != 0)
            continue;
        (void)snprintf(text, sizeof(text), "%" PRIu64 "%s", bytes / suffix->factor, suffix->name);
        if (strlen(text) <= strlen(ret_text)) /* the larger, and the binary one, where they are as long */
            (void)strcpy(ret_text, text);
    }
}

typedef int parse_function(const char *text, double *ret, struct vms_error *error);

/* The shortest "NUMBER SUFFIX" that `parse` reads back to the very value; false where there is none. */
static bool format_exact(double value, double scaled, const char *suffix, parse_function *parse,
                         char ret_text[static UNITS_TEXT_SIZE]) {
    for (int digits = 1; digits <= 17; digits++) {
        double back;

        (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%.*g", digits, scaled);
        if (strchr(ret_text, 'e') && digits < 17)
            continue; /* "250", not "2.5e+02" */
        (void)strncat(ret_text, suffix, UNITS_TEXT_SIZE - 1 - strlen(ret_text));
        if (parse(ret_text, &back, NULL) == 0 && back == value)
            return true;
    }
    return false;
}

static void format_real(double value, const struct real_suffix *suffix, parse_function *parse,
                        char ret_text[static UNITS_TEXT_SIZE]) {
    double scaled = suffix->factor < 0 ? value * -suffix->factor : value / suffix->factor;

    if (value == 0)
        (void)strcpy(ret_text, "0");
    else if (!format_exact(value, scaled, suffix->name, parse, ret_text))
        (void)format_exact(value, value, "", parse, ret_text);
}

void units_format_seconds(double seconds, char ret_text[static UNITS_TEXT_SIZE]) {
    enum { NS = 1, S = 4, H = 6 }; /* rows of second_suffixes */
    char hours[UNITS_TEXT_SIZE];
    size_t unit = NS;

    while (unit < S && seconds >= (unit + 1 == S ? 1 : 1 / -second_suffixes[unit + 1].factor))
        unit++;
    format_real(seconds, &second_suffixes[unit], units_parse_seconds, ret_text);
    if (fmod(seconds, second_suffixes[H].factor) != 0)
        return;
    format_real(seconds, &second_suffixes[H], units_parse_seconds, hours);
    if (strlen(hours) < strlen(ret_text))
        (void)strcpy(ret_text, hours);
}

void units_format_rate(double rate, char ret_text[static UNITS_TEXT_SIZE]) {
    size_t unit = 1; /* bit/s */

    while (unit + 1 < VMS_LENGTH(rate_suffixes) && rate >= rate_suffixes[unit + 1].factor)
        unit++;
    format_real(rate, &rate_suffixes[unit], units_parse_rate, ret_text);
}

static const char *const unit_names[] = {
    [VMS_BYTES_PER_SECOND] = "B/s", [VMS_BITS_PER_SECOND] = "bit/s", [VMS_FLOP_PER_SECOND] = "flop/s",
    [VMS_UNIT_SECONDS] = "s",       [VMS_PER_SECOND] = "1/s",        [VMS_RATIO] = "1",
};

const char *units_name(enum vms_unit unit) {
    return unit_names[unit];
}

int units_from_name(const char *name, enum vms_unit *ret_unit) {
    for (size_t i = VMS_BYTES_PER_SECOND; i < VMS_LENGTH(unit_names); i++) {
        if (strcmp(name, unit_names[i]) == 0) {
            *ret_unit = (enum vms_unit)i;
            return 0;
        }
    }
    return -EINVAL;
}

bool units_is_rate(enum vms_unit unit) {
    return unit == VMS_BYTES_PER_SECOND || unit == VMS_BITS_PER_SECOND || unit == VMS_FLOP_PER_SECOND ||
           unit == VMS_PER_SECOND;
}

#define DECIMALS_MAX 7 /* what is smaller has an exponent, so that it is not taken for 0 */

/* Four significant digits without an exponent; the digits are counted after rounding (9.9996 is 10.00). */
static void format_digits(double value, const char *prefix, const char *unit,
                          char ret_text[static UNITS_TEXT_SIZE]) {
    int decimals = value == 0 ? 0 : 3 - (int)floor(log10(fabs(value) * 1.00005));

    if (decimals > DECIMALS_MAX)
        (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%.3e %s%s", value, prefix, unit);
    else
        (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%.*f %s%s", decimals < 0 ? 0 : decimals, value, prefix,
                       unit);
}

void units_format_number(double number, int digits, char ret_text[static UNITS_TEXT_SIZE]) {
    if (fabs(number) >= pow(10, digits) - 0.5 && fabs(number) < WHOLE_MAX)
        (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%.0f", number);
    else
        (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%.*g", digits, number);
}

static void format_ratio(double value, char ret_text[static UNITS_TEXT_SIZE]) {
    if (value == rint(value) && fabs(value) < WHOLE_MAX)
        (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%.0f", value);
    else
        units_format_number(value, 4, ret_text);
}

void units_format_value(double value, enum vms_unit unit, char ret_text[static UNITS_TEXT_SIZE]) {
    static const char *const prefixes[] = {"n", "u", "m", "", "k", "M", "G", "T"};
    const char *name = unit == VMS_PER_SECOND ? "/s" : unit_names[unit];
    size_t first = unit == VMS_UNIT_SECONDS ? 0 : 3, last = unit == VMS_UNIT_SECONDS ? 3 : 7, prefix = 3;

    if (!isfinite(value)) {
        (void)strcpy(ret_text, "n/a");
        return;
    }
    if (unit == VMS_RATIO) {
        format_ratio(value, ret_text);
        return;
    }
    /* 999.95 would be written as 1000: it belongs to the next prefix. */
    for (; fabs(value) >= 999.95 && prefix < last; prefix++)
        value /= 1000;
    for (; value != 0 && fabs(value) < 0.99995 && prefix > first; prefix--)
        value *= 1000;
    if (fabs(value) > 1e30)
        (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%.3e %s%s", value, prefixes[prefix], name);
    else
        format_digits(value, prefixes[prefix], name, ret_text);
}
