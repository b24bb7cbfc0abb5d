#include "hub/run/checkpoints.hpp"

#include <sstream>

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Result;
using model::Value;

// What is signed: the checkpoint without its signature, and what it is.
std::string statement(const Value& line) {
  return "huiliu audit checkpoint\n" + line["sequence"].to_text() + "\n" + line["hash"].to_text() + "\n" +
         line["at"].to_text() + "\n";
}

std::string what_is_wrong(store::Snapshot& snapshot, const std::string& text,
                          const host::TrustStore& trusted) {
  const auto line = model::parse_json(text);
  const model::Number* sequence = line.ok() ? (*line)["sequence"].if_number() : nullptr;
  const auto number = sequence == nullptr ? std::nullopt : sequence->to_int64();
  if (!number || *number < 1 || *number == INT64_MAX) return "is no checkpoint";
  const auto signer = trusted.verify(statement(*line), model::to_json((*line)["signed"]));
  if (!signer.ok()) return "is not vouched for: " + signer.error().message;
  const auto there = snapshot.list_audit({}, {std::to_string(*number + 1), 1});
  if (there.empty() || there.front().sequence != *number)
    return "names line " + std::to_string(*number) + ", which is not there: the audit was cut";
  if (there.front().hash != (*line)["hash"].to_text())
    return "was made over another line " + std::to_string(*number) + ": the audit was rewritten";
  return {};
}

}  // namespace

Result<std::string> signed_checkpoint(const store::AuditHead& head, model::Micros at,
                                      const std::string& private_pem) {
  if (head.sequence == 0) return make_error(ErrorClass::stale, "the audit holds no line yet");
  Value line = Object{{"sequence", head.sequence}, {"hash", head.hash}, {"at", model::to_rfc3339(at)}};
  HUILIU_ASSIGN(const std::string signature, host::sign(statement(line), private_pem));
  HUILIU_ASSIGN(Value signed_by, model::parse_json(signature));
  line.as_object().set("signed", std::move(signed_by));
  return model::to_json(line);
}

std::vector<store::Finding> compare_checkpoints(store::Snapshot& snapshot, const std::string& text,
                                                const host::TrustStore& trusted) {
  std::vector<store::Finding> findings;
  std::istringstream lines(text);
  std::string line;
  int number = 0, seen = 0;
  while (std::getline(lines, line)) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    ++seen;
    if (const std::string wrong = what_is_wrong(snapshot, line, trusted); !wrong.empty())
      findings.push_back({"checkpoint", "checkpoint " + std::to_string(number) + " " + wrong});
  }
  if (seen == 0) findings.push_back({"checkpoint", "the file holds no checkpoint"});
  return findings;
}

}  // namespace huiliu::run
