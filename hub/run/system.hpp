// One connection's system as the runner sees it: the plugin behind it lives in hub/host, tests put fakes
// here.
//
// All calls block, one at a time per System. Errors carry the class that says what to do next. Bodies are
// parsed and checked before they come here: a payload that is not a proper record arrives as a BadRecord and
// the rest goes on.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/time.hpp"
#include "hub/model/value.hpp"
#include "hub/sync/engine.hpp"

namespace huiliu::run {

enum class ReadKind { full, changes, keys };

struct ReceivedRecord {
  std::string key, token;
  model::Micros changed_at = model::unknown_time;
  bool deleted = false;
  std::string raw;    // as received
  model::Value body;  // parsed; null when deleted
};

// A payload that cannot be taken as a record; kept whole.
struct BadRecord {
  std::string key;  // when it has one
  std::string cause, message, raw;
};

using StateChanges = std::map<std::string, std::optional<std::string>>;

class RecordReceiver {
 public:
  virtual ~RecordReceiver() = default;
  // An error ends the read with it.
  virtual model::Status records(const std::string& stream, std::vector<ReceivedRecord> records,
                                std::vector<BadRecord> bad) = 0;
  // Everything received before is covered by this cursor; durable when it returns without error. `state`:
  // notes of the plugin that belong to the same transaction; no value: erased.
  virtual model::Status checkpoint(const std::string& cursor, const StateChanges& state) = 0;
  virtual void progress(std::uint64_t /*done*/, std::uint64_t /*total*/) {}
};

struct RecordToWrite {
  std::string key;           // empty: create
  std::string token;         // write only over this version; empty: any
  std::string operation_id;  // the same on every retry
  bool remove = false;       // disable or delete, as the stream understands it
  model::Value body;         // an object: only the members to change
  model::Value base;         // the last observed body; null: none
};

struct WrittenRecord {
  sync::Outcome outcome = sync::Outcome::in_doubt;
  std::string key, token;
  std::optional<ReceivedRecord> shown;  // as the system now shows it
  std::string message, code;
};

struct KeyRange {
  std::int64_t after = 0, upto = 0;
  std::uint64_t skip = 0, limit = 0;
};

class System {
 public:
  virtual ~System() = default;
  virtual model::Status check() = 0;
  // {"streams": […]} as this account has them.
  virtual model::Result<model::Value> discover() = 0;
  virtual model::Status read(const std::string& stream, ReadKind kind, const std::string& cursor,
                             std::uint64_t limit, RecordReceiver& receiver) = 0;
  // Strong reads; an absent key comes as deleted.
  virtual model::Result<std::vector<ReceivedRecord>> lookup(const std::string& stream,
                                                            const std::vector<std::string>& keys) = 0;
  // Records in which all these paths have these values. unsupported: the connector cannot find.
  virtual model::Result<std::vector<ReceivedRecord>> find(
      const std::string& stream, const std::vector<std::pair<std::string, std::string>>& values) = 0;
  // Keys of a stream whose keys are whole numbers, in ascending order: those above `after` and up to `upto`
  // (0: no bound), without the first `skip`, at most `limit` (0: all). Only where ranges_keys says so.
  // unsupported: this site cannot answer that after all.
  virtual model::Result<std::vector<std::int64_t>> keys_between(const std::string& /*stream*/,
                                                                const KeyRange& /*range*/) {
    return model::make_error(model::ErrorClass::unsupported, "no ranges of keys");
  }
  // One result per record, in order; a call that broke off leaves in_doubt.
  virtual std::vector<WrittenRecord> write(const std::string& stream,
                                           const std::vector<RecordToWrite>& records) = 0;
  // Ends the call under way soon; later calls work again. Any thread.
  virtual void stop() = 0;

  // Can it tell what changed since a cursor? Otherwise the stream is read in full each time.
  virtual bool reads_changes(const std::string& stream) const = 0;
  // Can it list the keys alone?
  virtual bool reads_keys(const std::string& /*stream*/) const { return false; }
  // Does it answer keys_between?
  virtual bool ranges_keys(const std::string& /*stream*/) const { return false; }
  virtual bool can_lookup() const = 0;
  virtual bool can_find() const = 0;
  virtual bool can_write() const = 0;
};

}  // namespace huiliu::run
