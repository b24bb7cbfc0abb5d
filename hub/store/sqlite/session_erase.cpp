// Forgetting a person: his golden record and records, and his values wherever else they stand. What is
// deleted here leaves the file only when Store::scrub rewrote it.
#include <algorithm>

#include "hub/store/history_codec.hpp"
#include "hub/store/sqlite/session.hpp"
#include "hub/sync/codec.hpp"

namespace huiliu::store::sqlite {
namespace {

using model::FieldValue;
using model::Value;

class Redactor {
 public:
  explicit Redactor(const std::vector<std::string>& texts) : texts_(texts) {}

  bool in(std::string_view text) const {
    return std::any_of(texts_.begin(), texts_.end(),
                       [&](const std::string& one) { return text.find(one) != std::string_view::npos; });
  }

  bool redact(Value& value) const {
    bool changed = false;
    if (model::Array* list = value.if_array()) {
      changed = std::erase_if(*list, [&](const Value& element) { return directly(element); }) > 0;
      for (Value& element : *list) changed |= redact(element);
    } else if (model::Object* members = value.if_object()) {
      for (model::Member& member : *members) changed |= redact(member.value);
    } else if (!value.is_bool() && in(value.to_text())) {
      value = Value("");
      changed = true;
    }
    return changed;
  }

  bool redact(FieldValue& field) const {
    if (!field.has_value() || !in(model::to_json(field.value))) return false;
    if (field.value.is_object() || field.value.is_array()) {
      redact(field.value);
      return true;
    }
    field = {model::Presence::empty, {}, {}};
    return true;
  }

  bool redact(sync::Golden& golden) const {
    bool changed = false;
    for (auto& [index, field] : golden.fields) {
      changed |= redact(field.value);
      changed |= std::erase_if(field.losers, [&](const sync::Loser& loser) {
                   return in(model::to_json(loser.value.value));
                 }) > 0;
    }
    changed |= std::erase_if(golden.approved, [&](const auto& entry) {
                 return in(model::to_json(entry.second.value.value)) || in(entry.second.note);
               }) > 0;
    return changed;
  }

  void redact(sync::Replica& replica) const {
    auto raw = model::parse_json(replica.raw);
    if (raw.ok() && redact(*raw)) replica.raw = model::to_json(*raw);
    if (!raw.ok() && in(replica.raw)) replica.raw.clear();
    for (auto& [index, field] : replica.fields) {
      redact(field.base);
      redact(field.stands);
      if (field.refused && redact(*field.refused)) field.refused.reset();
      if (field.claim) redact(field.claim->value);
      std::erase_if(field.elements, [&](const auto& entry) {
        return in(entry.first) || in(model::to_json(entry.second.value.value));
      });
      std::erase_if(field.declined, [&](const std::string& one) { return in(one); });
    }
    for (model::Part& part : replica.parts)
      for (model::Member& member : part.fields) redact(member.value);
    for (sync::Intent& intent : replica.intents)
      for (sync::IntentField& field : intent.fields) {
        redact(field.value);
        redact(field.before);
      }
  }

 private:
  // In this element itself, not in a list below it.
  bool directly(const Value& value) const {
    if (const model::Object* members = value.if_object())
      return std::any_of(members->begin(), members->end(), [&](const model::Member& member) {
        return !member.value.is_array() && directly(member.value);
      });
    return !value.is_array() && !value.is_bool() && in(value.to_text());
  }

  const std::vector<std::string>& texts_;
};

}  // namespace

// The columns of a table in which any of the texts stands: ids.
std::vector<std::int64_t> Session::rows_with(std::string_view select, const std::vector<std::string>& texts) {
  std::vector<std::int64_t> rows;
  for (const std::string& text : texts) {
    auto q = database_.query(select);
    q.bind(text);
    while (q.step()) rows.push_back(q.integer(0));
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

void Session::delete_rows(std::string_view statement, const std::vector<std::int64_t>& rows) {
  for (const std::int64_t row : rows) database_.query(statement).bind(row).run();
}

std::int64_t Session::forget_person(const GoldenId& id, const PersonalTexts& texts) {
  must_write();
  flush();
  std::vector<RecordRef> refs;
  if (const auto cluster = load_cluster(id))
    for (const sync::Replica& replica : cluster->replicas) refs.push_back(replica.ref);
  for (const RecordRef& ref : refs) {
    const auto source = database_.source(ref.connection, ref.stream);
    replicas_.erase(ref);
    database_.query("DELETE FROM look WHERE source=? AND key=?").bind(source, ref.key).run();
    database_
        .query(
            "DELETE FROM waiting WHERE (target_source=?1 AND target_key=?2) OR (waiter_source=?1 AND "
            "waiter_key=?2)")
        .bind(source, ref.key)
        .run();
    database_.query("DELETE FROM parked WHERE source=? AND key=?").bind(source, ref.key).run();
    database_.query("DELETE FROM sent WHERE source=? AND key=?").bind(source, ref.key).run();
  }
  flush();
  std::vector<GoldenId> forms = {id};
  {
    auto q = database_.query("SELECT gid FROM golden WHERE redirect=?");
    q.bind(id);
    while (q.step()) forms.push_back(q.text(0));
  }
  for (const GoldenId& form : forms) {
    goldens_.erase(form);
    for (const std::string_view statement : {std::string_view("DELETE FROM history WHERE golden=?"),
                                             std::string_view("DELETE FROM sent WHERE golden=?"),
                                             std::string_view("DELETE FROM due WHERE golden=?"),
                                             std::string_view("DELETE FROM review WHERE golden=?")})
      database_.query(statement).bind(form).run();
  }
  std::vector<std::string> his = texts.identifying;
  his.insert(his.end(), forms.begin(), forms.end());
  redact_everywhere(texts, his);
  return static_cast<std::int64_t>(refs.size());
}

// `his`: what identifies him, and his ids. A name is not his alone: where it stands by itself it goes only
// from what nobody works with any more. Taken out of another person's record it would look like an edit when
// his system shows it again.
void Session::redact_everywhere(const PersonalTexts& texts, const std::vector<std::string>& his) {
  const std::vector<std::string>& identifying = texts.identifying;
  std::vector<std::string> all = his;
  all.insert(all.end(), texts.shared.begin(), texts.shared.end());
  delete_rows("DELETE FROM review WHERE id=?",
              rows_with("SELECT id FROM review WHERE instr(body, ?)>0", his));
  delete_rows("DELETE FROM parked WHERE id=?",
              rows_with("SELECT id FROM parked WHERE instr(CAST(raw AS TEXT), ?1)>0 OR instr(message, ?1)>0 "
                        "OR instr(key, ?1)>0",
                        identifying));
  delete_rows("DELETE FROM sent WHERE id=?",
              rows_with("SELECT id FROM sent WHERE instr(fields, ?)>0", identifying));
  delete_rows("UPDATE run_log SET message='(erased)' WHERE id=?",
              rows_with("SELECT id FROM run_log WHERE instr(message, ?)>0", all));
  delete_rows("UPDATE run SET error='(erased)' WHERE id=?",
              rows_with("SELECT id FROM run WHERE instr(error, ?)>0", all));
  delete_rows(
      "UPDATE delivery SET body='', headers='', hints='', target='' WHERE id=?",
      rows_with("SELECT id FROM delivery WHERE instr(CAST(body AS TEXT), ?1)>0 OR instr(hints, ?1)>0 OR"
                " instr(headers, ?1)>0 OR instr(target, ?1)>0",
                identifying));
  delete_rows(
      "DELETE FROM value WHERE id=?",
      rows_with("SELECT id FROM value WHERE instr(CAST(value AS TEXT), ?1)>0 OR instr(key, ?1)>0", his));
  const Redactor redactor(identifying);
  // Other people's and companies' records that hold his values: an entry in a customer's list of contacts, a
  // mobile as a company's phone.
  for (const std::int64_t row :
       rows_with("SELECT id FROM replica_body WHERE instr(body, ?1)>0 OR instr(keys, ?1)>0", identifying)) {
    RecordRef ref;
    {
      auto q = database_.query("SELECT source, key FROM replica WHERE id=?");
      if (!q.bind(row).step()) continue;
      const auto& [connection, stream] = database_.source_name(q.integer(0));
      ref = {connection, stream, q.text(1)};
    }
    std::vector<sync::MatchKey> keys;
    {
      auto q = database_.query("SELECT keys FROM replica_body WHERE id=?");
      if (q.bind(row).step()) keys = decode_keys(q.view(0));
    }
    std::erase_if(keys, [&](const sync::MatchKey& key) { return redactor.in(key.value); });
    auto replica = load_replica(ref);
    if (!replica) continue;
    redactor.redact(*replica);
    save(*replica, keys);
  }
  std::vector<GoldenId> goldens;
  for (const std::int64_t row : rows_with("SELECT id FROM golden_body WHERE instr(body, ?)>0", identifying)) {
    auto q = database_.query("SELECT gid FROM golden WHERE id=?");
    if (q.bind(row).step()) goldens.push_back(q.text(0));
  }
  for (const GoldenId& id : goldens)
    if (auto golden = load_golden(id); golden && redactor.redact(*golden)) save(*golden);
  for (const std::int64_t row : rows_with("SELECT id FROM history WHERE instr(body, ?)>0", identifying)) {
    std::vector<sync::HistoryEntry> entries;
    {
      auto q = database_.query("SELECT golden, body FROM history WHERE id=?");
      if (!q.bind(row).step() || !decode_history(q.view(1), q.text(0), entries).ok()) continue;
    }
    std::erase_if(entries, [&](const sync::HistoryEntry& entry) {
      return redactor.in(model::to_json(entry.value.value));
    });
    if (entries.empty()) {
      database_.query("DELETE FROM history WHERE id=?").bind(row).run();
      continue;
    }
    const std::string body = encode_history(entries);
    database_.query("UPDATE history SET body=? WHERE id=?").bind(body, row).run();
  }
  flush();
}

}  // namespace huiliu::store::sqlite
