#include "hub/run/probe.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>

#include "hub/model/id.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Micros;
using model::Result;
using model::Status;
using model::Value;

constexpr const char* probe_space = "probe";        // connection → what was measured
constexpr const char* made_space = "probe-record";  // CONNECTION/STREAM/KEY → when
constexpr std::uint64_t listed_keys = 2000;         // of a listing that is compared with a second one
constexpr std::size_t stored_looked_at = 1000;      // records searched for evidence
constexpr Micros lag_waited = 30 * model::second;   // for a new record to appear in a listing
constexpr Micros between_looks = model::second / 2;

class Listed final : public RecordReceiver {
 public:
  Status records(const std::string&, std::vector<ReceivedRecord> records, std::vector<BadRecord>) override {
    for (ReceivedRecord& record : records) keys.push_back((record.deleted ? "-" : "") + record.key);
    return {};
  }
  Status checkpoint(const std::string& position, const StateChanges&) override {
    if (!position.empty()) cursor = position;
    return {};
  }
  bool shows(const std::string& key) const { return std::find(keys.begin(), keys.end(), key) != keys.end(); }
  std::vector<std::string> keys;
  std::string cursor;
};

class Probe {
 public:
  Probe(Workspace& workspace, std::string connection, const sync::StreamRules& stream,
        const std::atomic<bool>& stop)
      : workspace_(workspace),
        connection_(std::move(connection)),
        stream_(stream),
        stop_(stop),
        system_(*workspace.systems.at(connection_)),
        mapped_(*workspace.mappings.at(connection_)->stream(stream.stream)),
        entity_(*workspace.rules->schema->find(stream.entity)) {}

  Status look() {
    HUILIU_TRY(compare_listings());
    return read_store();
  }

  Status write() {
    HUILIU_ASSIGN(const Value body, probe_body());
    HUILIU_ASSIGN(const std::string cursor, cursor_now());
    HUILIU_ASSIGN(const std::string key, make(body, "makes a record"));
    const Status measured = measure(key, body, cursor);
    const Status removed = remove(key, cursor);
    HUILIU_TRY(measured);
    return removed;
  }

  Value report(bool wrote) const {
    return model::Object{{"connection", connection_},
                         {"stream", stream_.stream},
                         {"at", model::to_rfc3339(workspace_.clock->now())},
                         {"wrote", wrote},
                         {"grade", grade_},
                         {"evidence", evidence_},
                         {"left", left_}};
  }

 private:
  void found(const char* what, Value measured, std::string how) {
    evidence_.push_back(model::Object{{"what", what}, {"measured", measured}, {"how", std::move(how)}});
    grade_.set(what, std::move(measured));
  }

  // The same keys in the same order twice, none of them double.
  Status compare_listings() {
    const ReadKind kind = system_.reads_keys(stream_.stream) ? ReadKind::keys : ReadKind::full;
    Listed first, second;
    HUILIU_TRY(system_.read(stream_.stream, kind, "", listed_keys, first));
    HUILIU_TRY(system_.read(stream_.stream, kind, "", listed_keys, second));
    const std::set<std::string> distinct(first.keys.begin(), first.keys.end());
    const bool stable = first.keys == second.keys && distinct.size() == first.keys.size();
    found("stable_paging", stable,
          std::to_string(first.keys.size()) + " and " + std::to_string(second.keys.size()) +
              " keys listed, " + std::to_string(first.keys.size() - distinct.size()) + " of them twice");
    return {};
  }

  // Forms that came back otherwise than they were sent, and natural keys that stand in several records.
  Status read_store() {
    std::size_t looked = 0, respelled = 0, shared = 0, written = 0;
    std::map<std::string, std::size_t> codes;
    HUILIU_TRY(workspace_.store->read([&](store::Snapshot& snapshot) -> Status {
      const model::FieldIndex code = entity_.index_of("identifiers.uscc");
      for (const sync::Replica& replica :
           snapshot.list_replicas(connection_, stream_.stream, {{}, stored_looked_at})) {
        ++looked;
        written += replica.wend != model::unknown_time ? 1 : 0;
        bool differs = false;
        for (const auto& [field, known] : replica.fields)
          differs |=
              known.base.has_value() && known.stands.has_value() && known.base.value != known.stands.value;
        respelled += differs && replica.wend != model::unknown_time ? 1 : 0;
        const auto known = replica.fields.find(code);
        if (known != replica.fields.end() && known->second.base.has_value() && replica.leader.empty())
          shared += ++codes[known->second.base.key] == 2 ? 1 : 0;
      }
      return {};
    }));
    if (written > 0)
      found("respells", respelled > 0,
            std::to_string(respelled) + " of " + std::to_string(written) +
                " written records came back in another form");
    if (shared > 0)
      found("key", "N", std::to_string(shared) + " credit codes stand in several records there");
    return {};
  }

  // The least record that the system takes, with a name that everybody recognises.
  Result<Value> probe_body() {
    Value body = model::Object{};
    NoReferences references;
    const std::string mark =
        model::make_id("probe", workspace_.clock->now(), *workspace_.random).substr(6, 26);
    std::set<model::FieldIndex> wanted(stream_.required_to_create.begin(), stream_.required_to_create.end());
    for (const model::FieldIndex field : mapped_.fields())
      if (is_name(field)) wanted.insert(field);
    for (const model::FieldIndex field : wanted) {
      if (!is_name(field))
        return make_error(ErrorClass::unsupported,
                          "a record there needs " + entity_.fields[field].name +
                              ", which a probe cannot invent; probe without --write",
                          connection_ + "/" + stream_.stream);
      const bool person = entity_.fields[field].type == "person_name";
      HUILIU_ASSIGN(const model::FieldValue value,
                    mapping::field_value(entity_.fields[field],
                                         Value(person ? "探测" + mark : "汇流探测" + mark + "有限公司")));
      const mapping::Encoded encoded = mapped_.encode(field, value, references, body);
      if (encoded.kind == mapping::Encoded::Kind::written && name_path_.empty())
        name_path_ = mapped_.write_path(field);
    }
    if (name_path_.empty())
      return make_error(ErrorClass::unsupported, "its mapping writes no name",
                        connection_ + "/" + stream_.stream);
    mapped_.add_constants(body);
    return body;
  }

  bool is_name(model::FieldIndex field) const {
    const std::string& type = entity_.fields[field].type;
    return (type == "company_name" || type == "person_name") && !mapped_.write_path(field).empty() &&
           entity_.fields[field].name.find("short") == std::string::npos;
  }

  Result<std::string> cursor_now() {
    if (!system_.reads_changes(stream_.stream)) return std::string{};
    Listed listed;
    HUILIU_TRY(system_.read(stream_.stream, ReadKind::full, "", 0, listed));
    return listed.cursor;
  }

  WrittenRecord send(RecordToWrite record) {
    record.operation_id = model::make_id("int", workspace_.clock->now(), *workspace_.random);
    return system_.write(stream_.stream, {std::move(record)}).front();
  }

  // Noted before anything else happens, so that no cycle takes it for a customer.
  Status note_made(const std::string& key) {
    return workspace_.store->write([&](store::Transaction& transaction) -> Status {
      transaction.save_value(made_space, connection_ + "/" + stream_.stream + "/" + key,
                             std::to_string(workspace_.clock->now()));
      return {};
    });
  }

  Result<std::string> make(const Value& body, const char* what) {
    RecordToWrite record;
    record.body = body;
    const WrittenRecord answer = send(std::move(record));
    if (!answer.key.empty()) HUILIU_TRY(note_made(answer.key));
    if (answer.outcome != sync::Outcome::applied || answer.key.empty())
      return make_error(ErrorClass::data,
                        std::string("the system did not take what the probe ") + what + ": " + answer.message,
                        connection_ + "/" + stream_.stream);
    answers_body_ = answer.shown.has_value();
    return answer.key;
  }

  Status measure(const std::string& key, const Value& body, const std::string& cursor) {
    HUILIU_TRY(measure_lag(key, cursor));
    HUILIU_TRY(measure_condition(key, body));
    return measure_unique_key(body);
  }

  Status measure_lag(const std::string& key, const std::string& cursor) {
    const Micros began = workspace_.clock->now();
    const ReadKind kind = cursor.empty() ? ReadKind::full : ReadKind::changes;
    while (!stop_) {
      Listed listed;
      HUILIU_TRY(system_.read(stream_.stream, kind, cursor, 0, listed));
      const Micros waited = workspace_.clock->now() - began;
      if (listed.shows(key)) {
        const std::int64_t seconds = waited / model::second;
        found("lag_seconds", seconds,
              "a new record stood in the listing after " + std::to_string(seconds) + " s");
        return {};
      }
      if (waited > lag_waited) {
        found("lag_seconds", lag_waited / model::second, "a new record did not stand in the listing in time");
        return {};
      }
      pause();
    }
    return make_error(ErrorClass::cancelled, "stopped");
  }

  void pause() {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable never;
    never.wait_for(lock, std::chrono::microseconds(between_looks), [this] { return stop_.load(); });
  }

  Result<ReceivedRecord> shown(const std::string& key) {
    HUILIU_ASSIGN(std::vector<ReceivedRecord> records, system_.lookup(stream_.stream, {key}));
    if (records.empty() || records.front().deleted)
      return make_error(ErrorClass::data, "the probe's own record is not there",
                        connection_ + "/" + stream_.stream + "/" + key);
    return std::move(records.front());
  }

  // Twice over the same version: the second one must be refused.
  Status measure_condition(const std::string& key, const Value& body) {
    if (!system_.can_lookup()) return {};
    HUILIU_ASSIGN(const ReceivedRecord before, shown(key));
    const Value* name = before.body.at_path(name_path_);
    const Value* sent = body.at_path(name_path_);
    if (name != nullptr && sent != nullptr)
      found("respells", name->to_text() != sent->to_text(),
            "the name came back " +
                std::string(name->to_text() == sent->to_text() ? "as it was sent" : "in another form"));
    if (before.token.empty()) {
      found("write", "C", "records carry no version, so no write can be conditional");
      return {};
    }
    const auto over = [&](const std::string& suffix) {
      RecordToWrite record;
      record.key = key;
      record.token = before.token;
      record.base = before.body;
      record.body = model::Object{};
      record.body.make_path(name_path_) = (sent == nullptr ? std::string{} : sent->to_text()) + suffix;
      return send(std::move(record)).outcome;
    };
    const sync::Outcome first = over("甲"), second = over("乙");
    if (first != sync::Outcome::applied) return {};  // it tells nothing
    const bool honoured = second == sync::Outcome::stale;
    found("write", honoured ? "A" : "C",
          honoured ? "a write over an outdated version was refused"
                   : "a write over an outdated version was taken");
    return {};
  }

  Status measure_unique_key(const Value& body) {
    RecordToWrite record;
    record.body = body;
    const WrittenRecord answer = send(std::move(record));
    const bool taken = answer.outcome == sync::Outcome::applied && !answer.key.empty();
    if (taken) {
      HUILIU_TRY(note_made(answer.key));
      also_made_.push_back(answer.key);
    }
    found("key", taken ? "N" : "U",
          taken ? "a second record of the same name was taken"
                : "a second record of the same name was refused");
    return {};
  }

  Status remove(const std::string& key, const std::string& cursor) {
    also_made_.push_back(key);
    for (const std::string& made : also_made_) {
      RecordToWrite record;
      record.key = made;
      record.remove = stream_.deletable;
      record.body = model::Object{};
      if (!stream_.deletable) mapped_.encode_switch(true, record.body);
      const bool possible = stream_.deletable || stream_.disablable;
      const WrittenRecord answer = possible ? send(std::move(record)) : WrittenRecord{};
      if (answer.outcome != sync::Outcome::applied) left_.push_back(made);
    }
    if (!left_.empty() || cursor.empty() || !system_.can_lookup()) return {};
    HUILIU_ASSIGN(const std::vector<ReceivedRecord> after, system_.lookup(stream_.stream, {key}));
    if (after.empty() || !after.front().deleted) return {};  // disabled, not deleted: it tells nothing
    Listed listed;
    HUILIU_TRY(system_.read(stream_.stream, ReadKind::changes, cursor, 0, listed));
    const bool told = listed.shows("-" + key);
    found("deletes_visible", told,
          told ? "the changes told of the deletion" : "the changes did not tell of the deletion");
    return {};
  }

  class NoReferences final : public mapping::References {
   public:
    std::string golden_of(std::string_view, std::string_view) override { return {}; }
    std::optional<Target> record_of(std::string_view, std::string_view) override { return std::nullopt; }
  };

  Workspace& workspace_;
  std::string connection_;
  const sync::StreamRules& stream_;
  const std::atomic<bool>& stop_;
  System& system_;
  const mapping::StreamMapping& mapped_;
  const model::Entity& entity_;
  std::string name_path_;
  bool answers_body_ = false;
  std::vector<std::string> also_made_;
  model::Object grade_;
  model::Array evidence_, left_;
};

}  // namespace

Result<Value> probe(Workspace& workspace, const std::string& connection, bool write,
                    const std::atomic<bool>& stop) {
  const sync::ConnectionRules* rules = workspace.rules->connection(connection);
  const sync::StreamRules* stream = rules == nullptr ? nullptr : rules->for_entity("customer");
  if (stream == nullptr || !workspace.systems.contains(connection))
    return make_error(ErrorClass::unsupported, "it has no stream of customers to probe", connection);
  Probe probe(workspace, connection, *stream, stop);
  HUILIU_TRY(probe.look());
  if (write) {
    if (!stream->creatable)
      return make_error(ErrorClass::unsupported, "nothing can be created there; probe without --write",
                        connection);
    HUILIU_TRY(probe.write());
  }
  Value report = probe.report(write);
  HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
    // What this probe could not measure keeps its last measurement.
    Value grade = probed(transaction, connection)["grade"];
    if (!grade.is_object()) grade = model::Object{};
    for (const model::Member& member : report["grade"].as_object())
      grade.as_object().set(member.key, member.value);
    report.as_object().set("grade", grade);
    transaction.save_value(probe_space, connection, model::to_json(report));
    return {};
  }));
  return report;
}

Value probed(store::Snapshot& snapshot, const std::string& connection) {
  auto value = model::parse_json(snapshot.load_value(probe_space, connection).value_or("null"));
  return value.ok() ? std::move(*value) : Value();
}

void enforce_probe(sync::ConnectionRules& rules, const Value& measured) {
  const Value& grade = measured["grade"];
  const std::string write = grade["write"].to_text();
  const model::Number* lag = grade["lag_seconds"].if_number();
  const bool* deletes = grade["deletes_visible"].if_bool();
  if (write == "C") rules.grade = sync::WriteGrade::blind;
  for (auto& [name, stream] : rules.streams) {
    if (write == "C") stream.has_tokens = false;
    if (lag != nullptr && lag->to_double() > 0) stream.list_may_lag = true;
    if (deletes != nullptr && !*deletes) stream.deletes_visible = false;
  }
}

bool has_probe_records(store::Snapshot& snapshot) { return !snapshot.list_values(made_space).empty(); }

bool is_probe_record(store::Snapshot& snapshot, const model::RecordRef& ref) {
  return snapshot.load_value(made_space, ref.text()).has_value();
}

}  // namespace huiliu::run
