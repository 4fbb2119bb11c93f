/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What kind of document a JSON object is, by the member that only this kind has. */
#ifndef VMSUITE_RUNNER_DOCUMENTS_KIND_H
#define VMSUITE_RUNNER_DOCUMENTS_KIND_H

#include "common/document.h"

enum document_kind {
    KIND_UNKNOWN,
    KIND_RECORD,
    KIND_CONFIGURATION,
    KIND_SUITE,
    KIND_STUDY,
    KIND_POLICY,
    KIND_BASELINE,
    KIND_COMPARISON
};

enum document_kind kind_of(const json_t *object);

/* "a record", "a configuration". Static. */
const char *kind_name(enum document_kind kind);

/* True where the document is of that kind or of none that is known. Otherwise a problem is added, "is a record, not
 * a configuration; ...", and reading it further would only add to the confusion. */
bool kind_expect(const struct document *document, enum document_kind wanted);

#endif
