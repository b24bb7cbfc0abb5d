// Mappings: the two-way correspondence between a system's records and the canonical model, one lens per
// field.
//
// A lens pairs decode (record → canonical value) with encode (canonical value → record), such that
// encode∘decode∘encode = encode and decode∘encode is idempotent. A Mapping is made from one document (a
// vendor's mapping.yaml, or an administrator's own), immutable, safe to share between threads. Nothing here
// knows a vendor.
//
// What a document may say stands in keys.cpp (streams, lenses, rules) and in the codecs' tables;
// docs/mapping.md shows it at length.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/model/record.hpp"
#include "hub/model/result.hpp"

namespace huiliu::mapping {

using model::FieldIndex;
using model::FieldValue;

// How a reference between records finds its target. Implemented over the store by the caller; one
// connection's view.
class References {
 public:
  virtual ~References() = default;
  // The golden record that the record `key` of `stream` belongs to; "" when it is not known here.
  virtual std::string golden_of(std::string_view stream, std::string_view key) = 0;
  struct Target {
    std::string key;
    model::Value record;  // as last observed
  };
  // The record of that golden in `stream` of this connection; nullopt when it has none (yet).
  virtual std::optional<Target> record_of(std::string_view golden, std::string_view stream) = 0;
};

// Something to tell about one field of one record; the record itself goes on.
struct Problem {
  std::string field, code, message;  // code: unmapped_value, not_text, bad_date, a rule's name …
  std::string value = {};            // of unmapped_value and unknown_region only: the code that is not mapped
};

struct Decoded {
  model::Image image;
  bool filtered = false;  // the stream's `filter` excludes this record
  std::vector<Problem> problems;
};

struct Encoded {
  enum class Kind {
    written,     // `body` got the value
    impossible,  // this system can never hold it
    waiting,     // not now: the record it refers to is not there
  } kind = Kind::written;
  std::string reason = {};
};

enum class Direction { both, in, out };

// One lens, for people and for checks.
struct LensView {
  FieldIndex field = model::no_field;
  std::string path, write_path, codec;  // codec: its name
  Direction direction = Direction::both;
  bool computed = false;  // it has in or out
};

// One stream's part of a mapping.
class StreamMapping {
 public:
  StreamMapping(StreamMapping&&) noexcept;
  StreamMapping& operator=(StreamMapping&&) noexcept;
  ~StreamMapping();

  const std::string& stream() const noexcept { return stream_; }
  const std::string& entity() const noexcept { return entity_->name; }
  const model::Entity& entity_model() const noexcept { return *entity_; }
  const std::string& key_path() const noexcept { return key_; }  // "" when the mapping does not say
  std::vector<LensView> lenses() const;

  // The canonical form of a record. Error (class data) when a required field is missing or an expression
  // fails: the record is parked whole.
  model::Result<Decoded> decode(const model::Value& record, References& references) const;

  // Puts one canonical value (or its clearing) into the body of a write.
  Encoded encode(FieldIndex field, const FieldValue& value, References& references, model::Value& body) const;

  // Reads one field, and nothing else, from a record: what its writing lens shows there. A problem is an
  // error of class data.
  model::Result<FieldValue> reread(FieldIndex field, const model::Value& record,
                                   References& references) const;

  // What the system would show after `value` was written there: decode∘encode. Encoded::Kind as in encode.
  Encoded project(FieldIndex field, const FieldValue& value, References& references, FieldValue& shown) const;

  // The system's own switch that takes a record out of use: is it mapped, and the body that turns it.
  bool has_switch() const noexcept;
  void encode_switch(bool disabled, model::Value& body) const;

  // Members that every create carries besides the mapped fields (the stream's `constants`).
  void add_constants(model::Value& body) const;

  // Natural keys for find-before-create: the vendor's path and value of each lens marked `natural_key`, where
  // the golden values have one.
  std::vector<std::pair<std::string, std::string>> natural_keys(
      const std::map<FieldIndex, FieldValue>& golden, References& references) const;

  bool maps(FieldIndex field) const noexcept;
  Direction direction(FieldIndex field) const noexcept;
  bool required(FieldIndex field) const noexcept;  // wanted by the system on create
  std::string write_path(
      FieldIndex field) const;  // where the value stands in the record; "" when never written
  // Every path that a write of the field touches: of a value that stands in several members, all of them.
  std::vector<std::string> write_paths(FieldIndex field) const;
  std::vector<FieldIndex> fields() const;

 private:
  friend class Loader;
  StreamMapping();
  std::string stream_, key_;
  const model::Entity* entity_ = nullptr;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class Mapping {
 public:
  // `document` as parsed from YAML. Errors have class config and `where` = the JSON Pointer of the wrong
  // place. The schema must outlive the mapping.
  static model::Result<Mapping> load(const model::Value& document, const model::Schema& schema);
  // Everything that load would refuse, not only the first.
  static std::vector<model::Error> errors_in(const model::Value& document, const model::Schema& schema);

  const StreamMapping* stream(std::string_view name) const noexcept;
  const std::vector<StreamMapping>& streams() const noexcept { return streams_; }
  // Changes when any rule of it changes: a hash over the document and the normalizers' version.
  const std::string& version() const noexcept { return version_; }

 private:
  friend class Loader;
  std::vector<StreamMapping> streams_;
  std::string version_;
};

// Puts a value where the path says, making the objects on the way, and arrays where a step is a number.
void put_path(model::Value& body, std::string_view path, model::Value value);

// The comparison key of a canonical value of this field's type; never empty for a value.
std::string field_key(const model::Field& field, const model::Value& value);

// A canonical FieldValue from plain text or JSON as a person enters it (console, Excel, `customer set`):
// standardized and keyed; null or "" is cleared. Error (class data) when it is not a value of the field's
// type.
model::Result<FieldValue> field_value(const model::Field& field, const model::Value& value);

}  // namespace huiliu::mapping
