/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers as programs read them. */
#ifndef VMSUITE_CORE_BASE_NUMBER_H
#define VMSUITE_CORE_BASE_NUMBER_H

#define NUMBER_TEXT_SIZE 32

/* Writes the shortest decimal text that strtod reads back to the same number ("0.2", "1e+20", "65536"), as
 * JSON has numbers; "nan", "inf" and "-inf" for those. The locale must be that of C, which programs begin
 * with. Returns the text's length. */
int number_format(double number, char ret_text[static NUMBER_TEXT_SIZE]);

#endif
