// Who was erased, as keyed hashes of his identifiers: enough to recognise him when a system shows him again,
// and to keep him out; not enough to tell who he was. Immutable; any thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "hub/model/record.hpp"

namespace huiliu::access {

class Suppression {
 public:
  Suppression(std::string key, std::set<std::string> hashes)
      : key_(std::move(key)), hashes_(std::move(hashes)) {}

  bool empty() const noexcept { return hashes_.empty(); }
  std::string hash_of_record(const model::RecordRef& ref) const;
  // A phone, an e-mail, the number of a person: in any of their spellings. nullopt: nothing of the kind.
  std::optional<std::string> hash_of_identifier(std::string_view text) const;

  bool has_record(const model::RecordRef& ref) const { return hashes_.contains(hash_of_record(ref)); }
  // Takes suppressed persons out of a record's body: an element of a list that holds one of their identifiers
  // goes whole, elsewhere the identifier itself. True: something was taken out. `root`: set when an
  // identifier stands in the record itself, not in one of its lists.
  bool strip(model::Value& body, bool& root) const;

 private:
  bool holds(const model::Value& value) const;
  bool strip_below(model::Value& value, bool in_list, bool& root) const;

  std::string key_;
  std::set<std::string> hashes_;
};

// "13800137654" of "+86 138-0013-7654", "a@b.example" of " A@B.example "; "" when it is neither.
std::string identifier_of(std::string_view text);

}  // namespace huiliu::access
