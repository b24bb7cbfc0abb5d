// The audit's chain in SQLite: what a line's hash covers, the head, verifying, and the note of the head
// outside the database. One thread.
#pragma once

#include <optional>
#include <string>

#include "hub/store/sqlite/database.hpp"
#include "hub/store/types.hpp"

namespace huiliu::store::sqlite {

// Over the previous line's hash and every column, each with its length. `detail`: the stored text.
std::string audit_hash(const AuditEntry& entry, const std::string& detail);
AuditHead audit_head(Database& database);
// Of a row (sequence, at, actor, action, object, detail, previous, hash).
AuditEntry audit_entry(const Statement& row);
AuditReport verify_audit(Database& database, const std::optional<AuditHead>& noted,
                         const std::optional<AuditHead>& witness);

// The head, noted in a file beside the store after each commit, so that lines cut off inside the database are
// missed. May be behind after a crash, never ahead.
class AuditAnchor {
 public:
  explicit AuditAnchor(std::string path) : path_(std::move(path)) {}
  AuditAnchor(const AuditAnchor&) = delete;
  AuditAnchor& operator=(const AuditAnchor&) = delete;
  ~AuditAnchor();
  // Writes the head when it moved. Errors: the file cannot be written.
  model::Status note(const AuditHead& head);
  static std::optional<AuditHead> read(const std::string& path);

 private:
  std::string path_;
  int file_ = -1;
  AuditHead noted_;
};

}  // namespace huiliu::store::sqlite
