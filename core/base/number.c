/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>

/* DBL_DIG digits always come back from a decimal number that had as many, DBL_DECIMAL_DIG bring every number
 * back; "%g" leaves zeros at the end out. */
int number_format(double number, char ret_text[static NUMBER_TEXT_SIZE]) {
    int length = 0;

    for (int digits = DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
        double back;

        length = snprintf(ret_text, NUMBER_TEXT_SIZE, "%.*g", digits, number);
        back = strtod(ret_text, NULL);
        if (!(back < number || back > number)) /* nan comes back, too */
            break;
    }
    return length;
}
