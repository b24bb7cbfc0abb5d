#include "hub/run/privacy.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "hub/access/masking.hpp"
#include "hub/crypt/hash.hpp"
#include "hub/crypt/seal.hpp"
#include "hub/run/audit.hpp"
#include "hub/run/backups.hpp"
#include "hub/run/consent.hpp"
#include "hub/run/views.hpp"
#include "hub/store/url.hpp"

namespace huiliu::run {
namespace {

using model::Array;
using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

constexpr const char* suppressed_space = "suppressed";
constexpr const char* keys_space = "key";
constexpr std::size_t shortest_text = 4;  // bytes: shorter ones stand everywhere

// Everything that the person's own records say of him: to be found wherever else it stands.
class Traces {
 public:
  explicit Traces(const model::Entity& entity) : entity_(entity) {}

  void add(model::FieldIndex index, const model::FieldValue& value) {
    if (index < entity_.fields.size() && !entity_.fields[index].pii.empty() && value.has_value())
      add_value(value.value, true);
  }
  void add_golden(const sync::Golden& golden) {
    for (const auto& [index, field] : golden.fields) {
      add(index, field.value);
      for (const sync::Loser& loser : field.losers) add(index, loser.value);
    }
    for (const auto& [index, change] : golden.approved) add(index, change.value);
  }
  void add_replica(const sync::Replica& replica) {
    for (const auto& [index, field] : replica.fields) {
      add(index, field.base);
      add(index, field.stands);
      if (field.claim) add(index, field.claim->value);
    }
    // The raw record spells them as its system does.
    if (const auto raw = model::parse_json(replica.raw); raw.ok()) add_value(*raw, false);
  }
  void add_history(const sync::HistoryEntry& entry) { add(entity_.index_of(entry.field), entry.value); }

  store::PersonalTexts texts() const {
    return {{identifying_.begin(), identifying_.end()}, {shared_.begin(), shared_.end()}};
  }
  const std::set<std::string>& identifiers() const { return identifiers_; }

 private:
  void add_value(const Value& value, bool personal) {
    if (const Array* list = value.if_array())
      for (const Value& element : *list) add_value(element, personal);
    if (const Object* members = value.if_object())
      for (const model::Member& member : *members) add_value(member.value, personal);
    const std::string text = value.to_text();
    if (value.is_bool() || text.size() < shortest_text) return;
    const std::string identifier = access::identifier_of(text);
    if (!identifier.empty()) {
      identifiers_.insert(identifier);
      identifying_.insert({identifier, text});
    } else if (personal) {
      shared_.insert(text);
    }
  }

  const model::Entity& entity_;
  std::set<std::string> identifying_, shared_, identifiers_;
};

// The key of the hashes: sealed, so that a stolen store does not tell whether a given number was erased from
// it.
Result<std::string> suppression_key(store::Store& store, access::Keys& keys, bool make) {
  std::string sealed;
  HUILIU_TRY(store.read([&](store::Snapshot& snapshot) -> Status {
    if (const auto text = snapshot.load_value(keys_space, "suppression")) {
      const auto kept = model::parse_json(*text);
      if (!kept.ok()) return kept.error();
      sealed = (*kept)["sealed"].to_text();
    }
    return {};
  }));
  if (!sealed.empty()) {
    HUILIU_ASSIGN(const auto ring, keys.get());
    return crypt::unseal(*ring, "key/suppression", sealed);
  }
  if (!make) return std::string();
  const std::string key = crypt::random_bytes(32);
  HUILIU_ASSIGN(const auto ring, keys.for_sealing());
  HUILIU_ASSIGN(sealed, crypt::seal(*ring, "key/suppression", key));
  HUILIU_TRY(store.write([&](store::Transaction& transaction) -> Status {
    transaction.save_value(keys_space, "suppression", model::to_json(Object{{"sealed", sealed}}));
    return {};
  }));
  return key;
}

// Beside the store, because a restored store has forgotten what it forgot.
Status note_beside(const std::string& path, const std::string& id, const std::set<std::string>& hashes) {
  Array list;
  for (const std::string& hash : hashes) list.emplace_back(hash);
  const std::string line = model::to_json(Object{{"golden", id}, {"hashes", std::move(list)}}) + "\n";
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  const bool written = file >= 0 &&
                       ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                       ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  return written ? Status() : Status(make_error(ErrorClass::config, "the erasure cannot be noted", path));
}

std::string notes_of(const Hub& hub) {
  const std::string file = store::file_of(hub.options().store);
  return file.empty() ? file : file + ".erased";
}

struct Found {
  std::string id;
  store::PersonalTexts texts;
  std::set<std::string> hashes;
};

Result<Found> look_for(store::Snapshot& snapshot, const model::Schema& schema, const std::string& id,
                       const access::Suppression& hasher) {
  Found found;
  found.id = snapshot.resolve(id);
  const auto cluster = found.id.empty() ? std::nullopt : snapshot.load_cluster(found.id);
  if (!cluster) return make_error(ErrorClass::not_found, "there is no golden record " + id);
  const model::Entity* entity = schema.find(cluster->golden.entity);
  if (entity->reference_data || entity->name == "customer")
    return make_error(ErrorClass::config,
                      "only a person is erased: a contact; a company's record is corrected or disabled");
  Traces traces(*entity);
  traces.add_golden(cluster->golden);
  for (const sync::Replica& replica : cluster->replicas) {
    traces.add_replica(replica);
    found.hashes.insert(hasher.hash_of_record(replica.ref));
  }
  for (const sync::HistoryEntry& entry : snapshot.history(found.id)) traces.add_history(entry);
  found.texts = traces.texts();
  for (const std::string& identifier : traces.identifiers())
    if (const auto hash = hasher.hash_of_identifier(identifier)) found.hashes.insert(*hash);
  return found;
}

}  // namespace

Array purposes(Hub& hub) {
  Array list;
  for (const model::Entity& entity : hub.config().schema.entities())
    for (const model::Field& field : entity.fields) {
      if (field.pii.empty()) continue;
      Array connections;
      const model::FieldIndex index = entity.index_of(field.name);
      for (const auto& [name, connection] : hub.rules().connections) {
        const mapping::Mapping* mapping = hub.mapping(name);
        for (const auto& [stream_name, stream] : connection.streams) {
          const mapping::StreamMapping* mapped = mapping == nullptr ? nullptr : mapping->stream(stream_name);
          if (stream.entity == entity.name && mapped != nullptr && mapped->maps(index) && stream.writable &&
              mapped->direction(index) != mapping::Direction::in)
            connections.emplace_back(name + "/" + stream_name);
        }
      }
      list.push_back(Object{{"entity", entity.name},
                            {"field", field.name},
                            {"label", Object{{"zh", field.zh}, {"en", field.en}}},
                            {"class", field.pii},
                            {"purpose", field.purpose},
                            {"basis", field.basis},
                            {"connections", std::move(connections)}});
    }
  return list;
}

std::optional<Value> person_export(store::Snapshot& snapshot, const model::Schema& schema,
                                   const std::string& id) {
  auto view = golden_view(snapshot, schema, id);
  if (!view) return std::nullopt;
  Object& members = view->as_object();
  const std::string golden = members["id"].to_text();
  Array raw;
  if (const auto cluster = snapshot.load_cluster(golden))
    for (const sync::Replica& replica : cluster->replicas) {
      const auto body = model::parse_json(replica.raw);
      raw.push_back(Object{{"connection", replica.ref.connection},
                           {"stream", replica.ref.stream},
                           {"key", replica.ref.key},
                           {"record", body.ok() ? *body : Value(replica.raw)}});
    }
  members.set("records", std::move(raw));
  Array questions;
  for (const sync::Review& review : snapshot.open_reviews_of(golden))
    questions.push_back(review_view(review));
  members.set("reviews", std::move(questions));
  std::string next;
  members.set("deliveries", deliveries(snapshot, golden, {}, {{}, 10'000}, next));
  return view;
}

Array deliveries(store::Snapshot& snapshot, const std::string& person, const std::string& connection,
                 const store::Page& page, std::string& next) {
  Array items;
  std::string after = page.after;
  next.clear();
  while (true) {
    const auto entries = snapshot.list_audit({{}, "delivery", person, model::unknown_time}, {after, 500});
    for (const store::AuditEntry& entry : entries) {
      if (items.size() == page.limit) {
        next = after;
        return items;
      }
      after = std::to_string(entry.sequence);
      if (!connection.empty() && entry.detail["connection"].to_text() != connection) continue;
      Object item{{"at", time_text(entry.at)}, {"person", entry.object}};
      for (const model::Member& member : entry.detail.as_object()) item.set(member.key, member.value);
      items.push_back(std::move(item));
    }
    if (entries.size() < 500) return items;
  }
}

Result<Erased> erase_person(Hub& hub, const std::string& id, const std::string& reason,
                            const std::string& actor) {
  std::optional<Lanes::Held> quiet = hub.between_runs();
  HUILIU_ASSIGN(const std::string key, suppression_key(hub.store(), hub.keys(), true));
  const access::Suppression hasher(key, {});
  Erased erased;
  Found found;
  HUILIU_TRY(hub.store().read([&](store::Snapshot& snapshot) -> Status {
    HUILIU_ASSIGN(found, look_for(snapshot, hub.config().schema, id, hasher));
    return {};
  }));
  if (const std::string notes = notes_of(hub); !notes.empty())
    HUILIU_TRY(note_beside(notes, found.id, found.hashes));
  HUILIU_TRY(hub.store().write([&](store::Transaction& transaction) -> Status {
    const model::Micros now = hub.clock().now();
    erased.records = transaction.forget_person(found.id, found.texts);
    ConsentBook::forget(transaction, found.id);
    for (const std::string& hash : found.hashes) transaction.save_value(suppressed_space, hash, "");
    audit(transaction, actor, "erasure", found.id,
          Object{{"records", erased.records}, {"reason", access::masked_text(reason)}}, now);
    return {};
  }));
  erased.id = found.id;
  erased.identifiers = static_cast<std::int64_t>(found.hashes.size());
  HUILIU_TRY(hub.reload_suppression());
  HUILIU_TRY(hub.store().scrub());
  erased.scrubbed = true;
  quiet.reset();  // old copies are nobody's work
  HUILIU_ASSIGN(erased.backups, erase_from_backups(hub, {found.id}));
  return erased;
}

Result<bool> forget_in(store::Store& store, const model::Schema& schema, const std::string& id) {
  bool there = false;
  HUILIU_TRY(store.write([&](store::Transaction& transaction) -> Status {
    there = !transaction.resolve(id).empty();
    if (!there) return {};
    HUILIU_ASSIGN(const Found found,
                  look_for(transaction, schema, id, access::Suppression(std::string(), {})));
    transaction.forget_person(found.id, found.texts);
    ConsentBook::forget(transaction, found.id);
    return {};
  }));
  return there;
}

Result<std::int64_t> forget_persons(Hub& hub, const std::vector<std::string>& ids, const std::string& reason,
                                    const std::string& actor) {
  std::optional<Lanes::Held> quiet = hub.between_runs();
  const access::Suppression nothing(std::string(), {});
  std::int64_t forgotten = 0;
  for (const std::string& id : ids) {
    bool held = false;
    HUILIU_TRY(hub.store().read([&](store::Snapshot& snapshot) -> Status {
      const auto cluster = snapshot.load_cluster(id);
      held = !cluster || std::any_of(cluster->replicas.begin(), cluster->replicas.end(),
                                     [](const sync::Replica& replica) { return !replica.gone; });
      return {};
    }));
    if (held) continue;
    if (const std::string notes = notes_of(hub); !notes.empty()) HUILIU_TRY(note_beside(notes, id, {}));
    HUILIU_TRY(hub.store().write([&](store::Transaction& transaction) -> Status {
      HUILIU_ASSIGN(const Found found, look_for(transaction, hub.config().schema, id, nothing));
      const std::int64_t records = transaction.forget_person(found.id, found.texts);
      ConsentBook::forget(transaction, found.id);
      audit(transaction, actor, "erasure", found.id, Object{{"records", records}, {"reason", reason}},
            hub.clock().now());
      return {};
    }));
    ++forgotten;
  }
  if (forgotten == 0) return forgotten;
  HUILIU_TRY(hub.store().scrub());
  quiet.reset();
  HUILIU_TRY(erase_from_backups(hub, ids));
  return forgotten;
}

Result<std::shared_ptr<const access::Suppression>> load_suppression(store::Store& store, access::Keys& keys) {
  std::set<std::string> hashes;
  HUILIU_TRY(store.read([&](store::Snapshot& snapshot) -> Status {
    for (const auto& [hash, nothing] : snapshot.list_values(suppressed_space)) hashes.insert(hash);
    return {};
  }));
  if (hashes.empty()) return std::shared_ptr<const access::Suppression>();
  HUILIU_ASSIGN(std::string key, suppression_key(store, keys, false));
  return std::make_shared<const access::Suppression>(std::move(key), std::move(hashes));
}

Status Hub::reload_suppression() {
  HUILIU_ASSIGN(workspace_.suppression, load_suppression(*store_, *keys_));
  return {};
}

// After a restore the store knows persons again who were erased since the backup.
Status Hub::repeat_erasures() {
  std::ifstream notes(notes_of(*this));
  std::string line;
  std::int64_t again = 0;
  while (std::getline(notes, line)) {
    const auto note = model::parse_json(line);
    if (!note.ok())
      return make_error(ErrorClass::data, "a note of an erasure cannot be read", notes_of(*this));
    const std::string id = (*note)["golden"].to_text();
    HUILIU_TRY(store_->write([&](store::Transaction& transaction) -> Status {
      for (const Value& hash : (*note)["hashes"].as_array())
        if (!transaction.load_value(suppressed_space, hash.to_text()))
          transaction.save_value(suppressed_space, hash.to_text(), "");
      if (!transaction.load_golden(id)) return {};
      HUILIU_ASSIGN(const Found found,
                    look_for(transaction, config_->schema, id, access::Suppression(std::string(), {})));
      transaction.forget_person(found.id, found.texts);
      audit(transaction, "hub", "erasure", found.id, Object{{"what", "repeated after a restore"}},
            clock_.now());
      ++again;
      return {};
    }));
  }
  return again == 0 ? Status() : store_->scrub();
}

}  // namespace huiliu::run
