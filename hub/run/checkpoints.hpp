// Signed checkpoints of the audit: its head, signed by a key that does not stand on the hub's machine. Who
// rewrites the end of the audit, chain, head and note together, cannot rewrite them; they may lie anywhere.
//
// A file of them holds one JSON object a line: {"sequence","hash","at","signed":{"key","signature"}}.
#pragma once

#include <string>
#include <vector>

#include "hub/host/signature.hpp"
#include "hub/store/store.hpp"

namespace huiliu::run {

// One line, without its end. Errors: config: no such key; stale: the audit has no line yet.
model::Result<std::string> signed_checkpoint(const store::AuditHead& head, model::Micros at,
                                             const std::string& private_pem);

// What the lines of the file and the audit say of each other: nothing when every line is signed by a trusted
// key and the audit holds what it names. A file without any line proves nothing and is a finding too.
std::vector<store::Finding> compare_checkpoints(store::Snapshot& snapshot, const std::string& text,
                                                const host::TrustStore& trusted);

}  // namespace huiliu::run
