/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a document is of the kind that is wanted. */
#ifndef VMSUITE_RUNNER_DOCUMENTS_KIND_H
#define VMSUITE_RUNNER_DOCUMENTS_KIND_H

#include "record/document_kind.h"
#include "json/document.h"

/* True where the document is of that kind or of none that is known. Otherwise a problem is added, "is a
 * record, not a configuration; ...", and reading it further would only add to the confusion. */
bool kind_expect(const struct document *document, enum document_kind wanted);

#endif
