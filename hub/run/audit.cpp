#include "hub/run/audit.hpp"

namespace huiliu::run {

void audit(store::Transaction& transaction, const std::string& actor, const std::string& action,
           const std::string& object, model::Value detail, model::Micros now) {
  store::AuditEntry entry;
  entry.at = now;
  entry.actor = actor;
  entry.action = action;
  entry.object = object;
  entry.detail = std::move(detail);
  transaction.add_audit(entry);
}

model::Value audit_view(const store::AuditEntry& entry) {
  return model::Object{{"sequence", entry.sequence}, {"at", model::to_rfc3339(entry.at)},
                       {"actor", entry.actor},       {"action", entry.action},
                       {"object", entry.object},     {"detail", entry.detail},
                       {"hash", entry.hash}};
}

model::Value audit_report_view(const store::AuditReport& report) {
  model::Array findings;
  for (const store::Finding& finding : report.findings)
    findings.push_back(model::Object{{"code", finding.code}, {"message", finding.message}});
  return model::Object{
      {"ok", findings.empty()},
      {"entries", report.entries},
      {"head", model::Object{{"sequence", report.head.sequence}, {"hash", report.head.hash}}},
      {"findings", std::move(findings)}};
}

}  // namespace huiliu::run
