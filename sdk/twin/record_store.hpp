// What a twin remembers: records by stream and key, as that vendor's API shows them, and counters of what
// was done.
//
// Idea: the vendor's rules (modified time, numbers, approval) are hooks around every write, so that they
// hold for API calls and for a person's edits alike, and stand once.
// Ownership: records are immutable and shared; a snapshot stays valid while others write.
// Threads: none of its own and no lock: TwinServer lets one thread at a time into a twin, see twin.hpp.
// Errors: a hook refuses a write by throwing TwinError; the store is then as it was.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace huiliu::twin {

// A refusal with an HTTP status for the control surface and a code that a vendor may map to its own.
class TwinError : public std::runtime_error {
 public:
  TwinError(int status, std::string code, const std::string& message)
      : std::runtime_error(message), status_(status), code_(std::move(code)) {}
  int status() const noexcept { return status_; }
  const std::string& code() const noexcept { return code_; }

 private:
  int status_;
  std::string code_;
};

// Who writes: the vendor's API, a person in that system (control surface), or the twin's own start.
enum class Origin { api, person, load };

// Keys of digits only are ordered by number and come before all others, which are ordered bytewise.
struct KeyLess {
  using is_transparent = void;
  bool operator()(std::string_view left, std::string_view right) const noexcept;
};

using Record = std::shared_ptr<const boost::json::object>;

// One write, as hooks see it.
struct Change {
  enum class Kind { create, update, remove };
  Kind kind;
  Origin origin;
  std::string_view stream, key;
  Record before;                    // null on create
  std::vector<std::string> fields;  // names of the fields written (empty on remove)
  std::string as;                   // the person or API user; may be empty
};

// What was done through the API and, apart from it, by persons. Reset does not touch records.
class Counters {
 public:
  void call(std::string_view endpoint);
  void change(const Change& change, const boost::json::object& now);  // now: empty after a remove
  void reset();
  // {"calls":{endpoint:n},"creates":n,"updates":n,"deletes":n,"fields_written":{name:n},
  //  "streams":{stream:{"creates","updates","deletes","fields_written"}},"person":{the same
  //  four},"spelling_only":n}
  // Everything but "person" counts what came through the API. spelling_only: fields whose new text differs
  // from the old one in spelling alone (width, blanks, punctuation, case, 有限责任公司 for 有限公司).
  boost::json::object to_json() const;

 private:
  struct Tally {
    std::uint64_t creates = 0, updates = 0, deletes = 0;
    std::map<std::string, std::uint64_t, std::less<>> fields;
  };
  static void add(Tally& tally, const Change& change);

  std::map<std::string, std::uint64_t, std::less<>> calls_;
  std::map<std::string, Tally, std::less<>> streams_;
  Tally person_;
  std::uint64_t spelling_only_ = 0;
};

class RecordStore {
 public:
  // Before a create or update: may change `next` (modified time, numbers, approval state) or throw TwinError.
  // Before a remove `next` is an empty object.
  using Before = std::function<void(const Change&, boost::json::object& next)>;
  // After it: `now` is what the store holds (null after a remove). For events that the vendor sends.
  using After = std::function<void(const Change&, const Record& now)>;

  void set_hooks(Before before, After after = {});

  // A stream exists once it was declared or written to. Asking for another one throws TwinError 404.
  void declare(std::string_view stream);
  bool has_stream(std::string_view stream) const;
  std::vector<std::string> streams() const;

  Record find(std::string_view stream, std::string_view key) const;  // null: not there
  Record get(std::string_view stream, std::string_view key) const;   // throws TwinError 404
  std::size_t size(std::string_view stream) const;

  // Records in key order. Stops when `visit` returns false. Starts after key `after` ("" = at the beginning).
  void for_each(std::string_view stream,
                const std::function<bool(const std::string& key, const Record&)>& visit,
                std::string_view after = {}) const;
  // Up to `limit` records after key `after` that satisfy `wanted` (empty function: all).
  std::vector<std::pair<std::string, Record>> page(
      std::string_view stream, std::string_view after, std::size_t limit,
      const std::function<bool(const boost::json::object&)>& wanted = {}) const;

  // A way to find records by something else than their key, e.g. by a name that must be unique. `texts_of`:
  // the texts under which a record of the stream is found. Declares the stream. One of that name is replaced.
  using TextsOf = std::function<std::vector<std::string>(const boost::json::object&)>;
  void add_index(std::string_view stream, std::string_view index, TextsOf texts_of);
  // Keys of the records that are found under `text`, in key order; valid until the next write. Throws
  // TwinError 404 for an unknown index.
  using Keys = std::set<std::string, KeyLess>;
  const Keys& under(std::string_view stream, std::string_view index, std::string_view text) const;

  // Creates; throws TwinError 409 when the key exists.
  Record create(std::string_view stream, std::string_view key, boost::json::object body, Origin origin,
                std::string_view as = {});
  // Replaces the top-level members named in `changes`; a null value is stored as null. Throws TwinError 404.
  Record update(std::string_view stream, std::string_view key, const boost::json::object& changes,
                Origin origin, std::string_view as = {});
  // Any change of a body; `fields` are the names to count as written (e.g. "FContacts.FMobile").
  Record update(std::string_view stream, std::string_view key,
                const std::function<void(boost::json::object&)>& apply, std::vector<std::string> fields,
                Origin origin, std::string_view as = {});
  void remove(std::string_view stream, std::string_view key, Origin origin, std::string_view as = {});

  // Counts every write to a stream (all origins but load); 0 at the start. Cheap "did anything change".
  std::uint64_t revision(std::string_view stream) const;

  Counters& counters() { return counters_; }
  const Counters& counters() const { return counters_; }

  // {stream: {key: body}}
  boost::json::object to_json() const;

 private:
  struct Index {
    TextsOf texts_of;
    std::map<std::string, Keys, std::less<>> keys;
  };
  struct Stream {
    std::map<std::string, Record, KeyLess> records;
    std::map<std::string, Index, std::less<>> indexes;
    std::uint64_t revision = 0;
  };
  Stream& stream_at(std::string_view name);
  const Stream& stream_at(std::string_view name) const;
  Record commit(Stream& stream, Change change, boost::json::object next);
  static void put(Index& index, const std::string& key, const boost::json::object& body);
  static void replace(Stream& stream, const std::string& key, Record next);  // null: removes

  std::map<std::string, Stream, std::less<>> streams_;
  Counters counters_;
  Before before_;
  After after_;
};

}  // namespace huiliu::twin
