// Lines for the audit, written where the change itself is written.
#pragma once

#include <string>

#include "hub/store/store.hpp"

namespace huiliu::run {

// `detail` carries neither secrets nor personal values: names of fields, ids, choices, counts.
void audit(store::Transaction& transaction, const std::string& actor, const std::string& action,
           const std::string& object, model::Value detail, model::Micros now);

// {"sequence","at","actor","action","object","detail","hash"}
model::Value audit_view(const store::AuditEntry& entry);
// {"ok","entries","head":{"sequence","hash"},"findings":[{"code","message"}]}
model::Value audit_report_view(const store::AuditReport& report);

}  // namespace huiliu::run
