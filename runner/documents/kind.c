/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "documents/kind.h"

bool kind_expect(const struct document *document, enum document_kind wanted) {
    enum document_kind kind = kind_of(document->json);

    if (kind == wanted || kind == KIND_UNKNOWN)
        return true;
    document_problem(document, "$", "is %s, not %s; %s", kind_name(kind), kind_name(wanted), kind_use(kind));
    return false;
}
