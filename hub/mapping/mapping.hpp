// Mappings: the two-way correspondence between a system's records and the canonical model, one lens per
// field.
//
// A lens pairs decode (record → canonical value) with encode (canonical value → record), such that
// encode∘decode∘encode = encode and decode∘encode is idempotent. A Mapping is made from one document (a
// vendor's mapping.yaml, or an administrator's own), immutable, safe to share between threads. Nothing here
// knows a vendor.
//
// The document (docs/mapping.md shows it at length):
//   streams:
//     customers:                        # the connector's stream
//       entity: customer                # of config/model
//       filter: "FUseOrg = FCreateOrg"  # JSONata over the record; others are counted as filtered (optional)
//       pending: "FDocumentStatus != 'C'"  # JSONata: known, but not yet a source for golden (optional)
//       leader: FLeaderKey              # path: key of the record of this stream that this one copies
//       (optional) constants: {FUseOrgId.FNumber: "100"}  # members that every create carries (optional)
//       parts:                          # 组织级资料 (optional)
//         path: organisations           # an array in the record
//         organisation: FUseOrgId.FNumber   # path inside one element
//         key: FCUSTID
//         lenses: [{field: state, path: FForbidStatus, codec: {enum: {A: active, B: disabled}}}]
//       lenses:
//         - {field: names.legal, path: FName, codec: company_name, required: true, natural_key: true,
//         max_length: 255}
//   A lens: field, path (dots; digits index arrays), codec (a name or {name: parameters}; default: the
//   field's type), direction both|in|out, write_path (default: path), required (decode: parked without it),
//   create_needs (the system wants it on create), natural_key (used by find before create), max_length
//   (characters), empty: [texts that mean empty there], in/out (JSONata instead of, or after, the codec),
//   when (JSONata: the lens applies). Codecs: text trim company_name person_name phone email uscc tax_no
//   resident_id url address date code number bool bool01; {enum: {code: meaning}}; {codes: {…}} (others
//   pass); {datetime: {form: rfc3339|local|seconds|millis, offset_minutes: 480}}; {reference: {stream:
//   customers, write: FNumber, as: list, empty: "0"}} (path holds the target record's key; `write` names a
//   path in the target's record that is written instead of its key); {list: {separator: ","}} tags; {address:
//   comma}; {group: {part: path, …}} (no path on the lens).
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
  std::string field, code,
      message;  // code: unmapped_value, not_text, bad_date, too_long …; no personal values
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

class Lens;

// One stream's part of a mapping.
class StreamMapping {
 public:
  StreamMapping(StreamMapping&&) noexcept;
  StreamMapping& operator=(StreamMapping&&) noexcept;
  ~StreamMapping();

  const std::string& stream() const noexcept { return stream_; }
  const std::string& entity() const noexcept { return entity_->name; }

  // The canonical form of a record. Error (class data) when a required field is missing or an expression
  // fails: the record is parked whole.
  model::Result<Decoded> decode(const model::Value& record, References& references) const;

  // Puts one canonical value (or its clearing) into the body of a write.
  Encoded encode(FieldIndex field, const FieldValue& value, References& references, model::Value& body) const;

  // What the system would show after `value` was written there: decode∘encode. Encoded::Kind as in encode.
  Encoded project(FieldIndex field, const FieldValue& value, References& references, FieldValue& shown) const;

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
  std::vector<FieldIndex> fields() const;

 private:
  friend class Mapping;
  StreamMapping();
  std::string stream_;
  const model::Entity* entity_ = nullptr;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class Mapping {
 public:
  // `document` as parsed from YAML. Errors have class config and `where` = the JSON Pointer of the wrong
  // place. The schema must outlive the mapping.
  static model::Result<Mapping> load(const model::Value& document, const model::Schema& schema);

  const StreamMapping* stream(std::string_view name) const noexcept;
  const std::vector<StreamMapping>& streams() const noexcept { return streams_; }
  // Changes when any rule of it changes: a hash over the document and the normalizers' version.
  const std::string& version() const noexcept { return version_; }

 private:
  std::vector<StreamMapping> streams_;
  std::string version_;
};

// The comparison key of a canonical value of this field's type; never empty for a value.
std::string field_key(const model::Field& field, const model::Value& value);

// A canonical FieldValue from plain text or JSON as a person enters it (console, Excel, `customer set`):
// standardized and keyed; null or "" is cleared. Error (class data) when it is not a value of the field's
// type.
model::Result<FieldValue> field_value(const model::Field& field, const model::Value& value);

}  // namespace huiliu::mapping
