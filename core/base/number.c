/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The common numbers, of moderate size, go through exact integers of 128 bits: decimal and binary differ by
 * powers of five there, and no bit is lost. The rest is strtod's and printf's. */
#include "base/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

#define MANTISSA_BITS 53 /* of a double */
#define POWER_EXACT 22   /* 10 to this power is a double */
#define DIGITS_KEPT 19   /* decimal digits that fit 64 bits, whichever they are */
#define FIVES_NARROW 27  /* 5 to this power fits 64 bits, */
#define FIVES_WIDE 31    /* and times 2^54, 128 bits */

static const double powers_of_ten[POWER_EXACT + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static uint64_t power_of_five(int power) {
    uint64_t result = 1, base = 5;

    for (; power > 0; power >>= 1, base *= base)
        if (power & 1)
            result *= base;
    return result;
}

static int count_bits(wide number) {
    uint64_t high = (uint64_t)(number >> 64);

    return high ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll((uint64_t)number);
}

/* digits / 10^power, for 0 < power <= FIVES_NARROW. The quotient has at least 64 bits, so that the remainder
 * only matters where the bits that are cut off are otherwise exactly half. */
static double divide(uint64_t digits, int power) {
    const uint64_t divisor = power_of_five(power);
    int shift = __builtin_clzll(digits), cut;
    wide dividend = (wide)(digits << shift) << 64, quotient = dividend / divisor, mantissa, rest, half;
    bool exact = quotient * divisor == dividend;

    cut = count_bits(quotient) - MANTISSA_BITS;
    mantissa = quotient >> cut;
    half = (wide)1 << (cut - 1);
    rest = quotient & ((half << 1) - 1);
    if (rest > half || (rest == half && (!exact || (mantissa & 1))))
        mantissa++;
    return ldexp((double)(uint64_t)mantissa, cut - 64 - shift - power);
}

/* The digits, whose last stands for 10^power, of which there may be more than were kept. */
struct decimal {
    bool negative, is_real, truncated;
    uint64_t digits;
    int64_t power;
};

static double compose(const char *text, const struct decimal *decimal) {
    double value;

    if (decimal->truncated)
        return strtod(text, NULL);
    if (decimal->digits == 0) {
        value = 0;
    } else if (decimal->digits <= UINT64_C(1) << MANTISSA_BITS && llabs(decimal->power) <= POWER_EXACT) {
        value = (double)decimal->digits;
        if (decimal->power < 0)
            value /= powers_of_ten[-decimal->power];
        else
            value *= powers_of_ten[decimal->power];
    } else if (decimal->power < 0 && decimal->power >= -FIVES_NARROW) {
        value = divide(decimal->digits, (int)-decimal->power);
    } else {
        return strtod(text, NULL);
    }
    return decimal->negative ? -value : value;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Appends the digits that begin here to `digits`, modulo 2^64; returns the place behind them. */
static const char *take_digits(const char *at, uint64_t *digits) {
    uint64_t taken = *digits;

    for (; is_digit(*at); at++)
        taken = 10 * taken + (uint64_t)(*at - '0');
    *digits = taken;
    return at;
}

/* Whether the `n` digits that begin here, perhaps with a point among them, are too many to be kept, not
 * counting zeros at the front. */
static bool are_too_many(const char *at, ptrdiff_t n) {
    for (; n > DIGITS_KEPT && (*at == '0' || *at == '.'); at++)
        n -= *at == '0';
    return n > DIGITS_KEPT;
}

#define EXPONENT_MAX 100000 /* beyond it every number is 0 or too large */

static const char *take_exponent(const char *at, int64_t *power) {
    bool negative = *at == '-';
    int64_t exponent = 0;

    at += *at == '-' || *at == '+';
    if (!is_digit(*at))
        return NULL;
    for (; is_digit(*at); at++)
        if (exponent < EXPONENT_MAX)
            exponent = 10 * exponent + (*at - '0');
    *power += negative ? -exponent : exponent;
    return at;
}

const char *number_read(const char *text, struct number *ret_number) {
    struct decimal decimal = {.negative = *text == '-'};
    const char *const digits = text + decimal.negative, *at;
    double value;

    if (!is_digit(*digits) || (*digits == '0' && is_digit(digits[1])))
        return NULL;
    at = take_digits(digits, &decimal.digits);
    if (*at == '.') {
        decimal.is_real = true;
        if (!is_digit(at[1]))
            return NULL;
        decimal.power = at + 1 - digits;
        at = take_digits(at + 1, &decimal.digits);
        decimal.power -= at - digits;
    }
    decimal.truncated = are_too_many(digits, at - digits - decimal.is_real);
    if (*at == 'e' || *at == 'E') {
        decimal.is_real = true;
        at = take_exponent(at + 1, &decimal.power);
        if (!at)
            return NULL;
    }
    value = compose(text, &decimal);
    if (!isfinite(value))
        return NULL;
    *ret_number = (struct number){.value = value};
    if (!decimal.is_real && !decimal.truncated && decimal.digits <= INT64_MAX) {
        ret_number->is_whole = true;
        ret_number->whole = decimal.negative ? -(int64_t)decimal.digits : (int64_t)decimal.digits;
    }
    return at;
}

/* The fewest digits that stand for `number` alone, by printf, for the sizes that are rare: 15 digits always
 * survive the way to a double of full precision and back, so that fewer need not be tried there but show as
 * zeros at the end. */
static int slow_digits(double number, uint64_t *ret_digits) {
    char text[NUMBER_TEXT_SIZE], *exponent;
    uint64_t digits = 0;
    int precision = number < DBL_MIN ? 0 : 14, power;

    do
        (void)snprintf(text, sizeof(text), "%.*e", precision, number);
    while (strtod(text, NULL) != number && precision++ < 16);
    exponent = strchr(text, 'e');
    for (const char *at = text; at < exponent; at++)
        if (is_digit(*at))
            digits = 10 * digits + (uint64_t)(*at - '0');
    power = atoi(exponent + 1) - precision;
    for (; digits % 10 == 0; digits /= 10)
        power++;
    *ret_digits = digits;
    return power;
}

/* The same for mantissa / 2^shift: of the whole numbers that lie in the interval of all that is read as it,
 * counted in 10^-places, the one with the most zeros at its end, and among those the nearest. */
static int quick_digits(uint64_t mantissa, int shift, int places, uint64_t *ret_digits) {
    const wide fives = (wide)power_of_five(places < FIVES_NARROW ? places : FIVES_NARROW) *
                       power_of_five(places < FIVES_NARROW ? 0 : places - FIVES_NARROW);
    const int cut = shift + 1 - places;
    const wide mask = ((wide)1 << cut) - 1, low = (2 * mantissa - 1) * fives,
               high = (2 * mantissa + 1) * fives;
    uint64_t least = (uint64_t)(low >> cut), most = (uint64_t)(high >> cut), power = 1, digits;
    wide half;
    int zeros = 0;

    least += (low & mask) != 0 || (mantissa & 1); /* halves are read as the even mantissa */
    most -= (high & mask) == 0 && (mantissa & 1);
    for (; (least + 9) / 10 <= most / 10; zeros++, power *= 10) {
        least = (least + 9) / 10;
        most /= 10;
    }
    /* What the shift cuts off only matters where no zeros are. */
    half = power == 1 ? (wide)1 << (cut - 1) : 0;
    digits = ((uint64_t)((2 * mantissa * fives + half) >> cut) + power / 2) / power;
    *ret_digits = digits < least ? least : digits > most ? most : digits;
    return zeros - places;
}

/* Digits of a number that was written with few of them. Below 15 there are no two such that are read as the
 * same double, so that these are the only ones. 0 places or more, or -1: it has more. */
static int few_digits(double number, uint64_t *ret_digits) {
    for (int places = 0; places <= 9; places += 3) {
        double scaled = rint(number * powers_of_ten[places]);

        if (scaled < 1e15 && scaled / powers_of_ten[places] == number) {
            *ret_digits = (uint64_t)scaled;
            return places;
        }
    }
    return -1;
}

/* Digits and the power of ten that the last of them stands for. */
static int shortest_digits(double number, uint64_t *ret_digits) {
    int exponent, places = few_digits(number, ret_digits);
    uint64_t mantissa;

    if (places >= 0) {
        for (; *ret_digits % 10 == 0; *ret_digits /= 10)
            places--;
        return -places;
    }
    mantissa = (uint64_t)ldexp(frexp(number, &exponent), MANTISSA_BITS);

    exponent -= MANTISSA_BITS;
    /* 17 or 18 digits before the point, of which fewer will do. */
    places = 16 - (int)floor((exponent + MANTISSA_BITS - 1) * 0.30102999566398120);
    if (exponent >= 0 || places > FIVES_WIDE || mantissa == UINT64_C(1) << (MANTISSA_BITS - 1))
        return slow_digits(number, ret_digits);
    return quick_digits(mantissa, -exponent, places, ret_digits);
}

#define PLAIN_MIN (-4) /* powers of ten between which no exponent is written */
#define PLAIN_MAX 17

/* Returns how many they are. */
static int write_digits(uint64_t whole, char ret_digits[static 24]) {
    char reversed[24];
    int n = 0;

    do
        reversed[n++] = (char)('0' + whole % 10);
    while ((whole /= 10) > 0);
    for (int i = 0; i < n; i++)
        ret_digits[i] = reversed[n - 1 - i];
    return n;
}

size_t number_write(double number, char ret_text[static NUMBER_TEXT_SIZE]) {
    char digits[24];
    uint64_t whole;
    int power, n, point;
    char *at = ret_text;

    if (signbit(number))
        *at++ = '-';
    if (number == 0) {
        memcpy(at, "0.0", 4);
        return (size_t)(at - ret_text) + 3;
    }
    power = shortest_digits(fabs(number), &whole);
    n = write_digits(whole, digits);
    point = n + power; /* digits before the point */
    if (point < PLAIN_MIN || point > PLAIN_MAX) {
        *at++ = digits[0];
        if (n > 1)
            *at++ = '.';
        at = mempcpy(at, digits + 1, (size_t)n - 1);
        return (size_t)(at - ret_text) + (size_t)sprintf(at, "e%d", point - 1);
    }
    if (point <= 0) {
        at = mempcpy(at, "0.0000", (size_t)(2 - point));
        at = mempcpy(at, digits, (size_t)n);
    } else if (point >= n) {
        at = mempcpy(at, digits, (size_t)n);
        memset(at, '0', (size_t)(point - n));
        at = mempcpy(at + (point - n), ".0", 2);
    } else {
        at = mempcpy(at, digits, (size_t)point);
        *at++ = '.';
        at = mempcpy(at, digits + point, (size_t)(n - point));
    }
    *at = '\0';
    return (size_t)(at - ret_text);
}

int number_format(double number, char ret_text[static NUMBER_TEXT_SIZE]) {
    size_t length;

    if (!isfinite(number))
        return sprintf(ret_text, "%s", isnan(number) ? "nan" : number < 0 ? "-inf" : "inf");
    length = number_write(number, ret_text);
    if (length > 2 && strcmp(ret_text + length - 2, ".0") == 0)
        ret_text[length -= 2] = '\0';
    return (int)length;
}
