// Records and their canonical form: what mapping makes of a record, and what identity and sync work on. Value
// types.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "hub/model/schema.hpp"
#include "hub/model/time.hpp"
#include "hub/model/value.hpp"

namespace huiliu::model {

// The four states of a field in a system (design section 5).
enum class Presence : std::uint8_t {
  absent,   // the system has no such field, or hides it: never compared, never a claim
  empty,    // there, and empty at first sight
  cleared,  // a person emptied it
  value,
};

struct FieldValue {
  Presence presence = Presence::absent;
  model::Value value = {};
  std::string key = {};  // comparison key: equal keys are the same value. For lists the element keys decide.

  bool has_value() const noexcept { return presence == Presence::value; }
  // Do both show the same? Empty and cleared look alike; absent is like nothing, not even itself.
  bool shows_same(const FieldValue& other) const noexcept {
    if (presence == Presence::absent || other.presence == Presence::absent) return false;
    return has_value() == other.has_value() && (!has_value() || key == other.key);
  }
  friend bool operator==(const FieldValue&, const FieldValue&) = default;
};

// The address of a record: which connection, which collection, which key there.
struct RecordRef {
  std::string connection, stream, key;
  friend auto operator<=>(const RecordRef&, const RecordRef&) = default;
  std::string text() const { return connection + "/" + stream + "/" + key; }
};

// What one of our own organisations in one system keeps about a customer. Beside golden, never merged.
struct Part {
  std::string organisation;  // the organisation's number in that system
  std::string key;           // the part's own record key there, when it has one
  model::Object fields;      // part field name → value
  friend bool operator==(const Part&, const Part&) = default;
};

// A reference whose target is not known here yet.
struct PendingReference {
  FieldIndex field = model::no_field;
  std::string stream, key;  // in the same connection
  friend bool operator==(const PendingReference&, const PendingReference&) = default;
};

// The canonical form of one record, made by a mapping.
struct Image {
  std::string entity;
  std::map<FieldIndex, FieldValue> fields;  // a field that the mapping does not have is missing here
  std::vector<Part> parts;
  std::vector<PendingReference> pending;
  bool pending_approval = false;
  bool disabled = false;  // out of use there (禁用, 停用)
  std::string leader;     // key of the record of the same stream that this one copies; usually empty
};

}  // namespace huiliu::model
