/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refused: a shared object that is no module. */
#include <vmsuite/module.h>

VMS_EXPORT int badsymbol_answer(void);

int badsymbol_answer(void) {
    return 42;
}
