#include "hub/store/sqlite/audit.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "hub/crypt/hash.hpp"

namespace huiliu::store::sqlite {
namespace {

void append_sized(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

constexpr std::size_t most_findings = 20;

class Verifier {
 public:
  explicit Verifier(AuditReport& report) : report_(report) {}

  void line(const AuditEntry& entry, const std::string& detail) {
    if (entry.sequence != report_.head.sequence + 1)
      find("deleted", report_.head.sequence + 1 == entry.sequence - 1
                          ? "line " + std::to_string(entry.sequence - 1) + " is missing"
                          : "lines " + std::to_string(report_.head.sequence + 1) + " to " +
                                std::to_string(entry.sequence - 1) + " are missing");
    else if (entry.previous != report_.head.hash)
      find("moved", "line " + std::to_string(entry.sequence) +
                        " does not follow the one before it: lines were exchanged or replaced");
    if (audit_hash(entry, detail) != entry.hash)
      find("edited", "line " + std::to_string(entry.sequence) + " was changed after it was written");
    report_.head = {entry.sequence, entry.hash};
    ++report_.entries;
  }

  void find(const char* code, std::string message) {
    if (report_.findings.size() < most_findings) report_.findings.push_back({code, std::move(message)});
  }

 private:
  AuditReport& report_;
};

}  // namespace

std::string audit_hash(const AuditEntry& entry, const std::string& detail) {
  std::string text;
  append_sized(text, entry.previous);
  append_sized(text, std::to_string(entry.sequence));
  append_sized(text, std::to_string(entry.at));
  append_sized(text, entry.actor);
  append_sized(text, entry.action);
  append_sized(text, entry.object);
  append_sized(text, detail);
  return crypt::to_hex(crypt::sha256(text));
}

AuditHead audit_head(Database& database) {
  auto q = database.query("SELECT sequence, hash FROM audit_head WHERE one=1");
  return q.step() ? AuditHead{q.integer(0), q.text(1)} : AuditHead{};
}

AuditEntry audit_entry(const Statement& row) {
  AuditEntry entry{row.integer(0), row.integer(1), row.text(2), row.text(3), row.text(4), {},
                   row.text(6),    row.text(7)};
  if (auto detail = model::parse_json(row.view(5)); detail.ok()) entry.detail = std::move(*detail);
  return entry;
}

AuditReport verify_audit(Database& database, const std::optional<AuditHead>& noted,
                         const std::optional<AuditHead>& witness) {
  AuditReport report;
  Verifier verifier(report);
  const auto is_there = [&](const AuditHead& head) {
    if (head.sequence == 0) return true;
    auto q = database.query("SELECT 1 FROM audit WHERE sequence=? AND hash=?");
    return q.bind(head.sequence, head.hash).step();
  };
  auto q = database.query(
      "SELECT sequence, at, actor, action, object, detail, previous, hash FROM audit ORDER BY sequence");
  while (q.step()) verifier.line(audit_entry(q), q.text(5));
  if (audit_head(database) != report.head)
    verifier.find("cut", "the last line is " + std::to_string(report.head.sequence) + ", the head says " +
                             std::to_string(audit_head(database).sequence));
  if (noted && !is_there(*noted))
    verifier.find("cut", "line " + std::to_string(noted->sequence) +
                             " was noted beside the store and is not there as noted");
  if (!noted && report.entries > 0)
    verifier.find("anchor", "the note of the audit's head beside the store (.audit-head) is missing");
  if (witness && !is_there(*witness))
    verifier.find("cut",
                  "line " + std::to_string(witness->sequence) + " is not there as the witness noted it");
  return report;
}

AuditAnchor::~AuditAnchor() {
  if (file_ >= 0) ::close(file_);
}

model::Status AuditAnchor::note(const AuditHead& head) {
  if (head == noted_) return {};
  if (file_ < 0) file_ = ::open(path_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  std::string line = std::to_string(head.sequence) + " " + head.hash + "\n";
  // One write of one length: readers see the old line or the new one.
  line.insert(0, 96 - line.size(), ' ');
  if (file_ < 0 || ::pwrite(file_, line.data(), line.size(), 0) != static_cast<ssize_t>(line.size()))
    return model::make_error(model::ErrorClass::retry,
                             std::string("the audit's head cannot be noted: ") + std::strerror(errno), path_);
  noted_ = head;
  return {};
}

std::optional<AuditHead> AuditAnchor::read(const std::string& path) {
  std::ifstream file(path);
  AuditHead head;
  if (!(file >> head.sequence >> head.hash)) return std::nullopt;
  return head;
}

}  // namespace huiliu::store::sqlite
