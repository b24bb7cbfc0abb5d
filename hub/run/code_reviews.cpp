#include "hub/run/code_reviews.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "hub/model/id.hpp"

namespace huiliu::run {
namespace {

namespace fs = std::filesystem;
using config::CodeField;
using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

constexpr const char* vendor_space = "codes/vendor";
constexpr std::string_view unmapped_question = "code/";
constexpr std::string_view deleted_question = "code-deleted/";
constexpr const char* ignore_choice = "ignore";

const std::vector<CodeField>* fields_of(const Workspace& workspace, const std::string& connection) {
  const auto found = workspace.codes.find(connection);
  return found == workspace.codes.end() ? nullptr : &found->second;
}

std::string question(std::string_view kind, const std::string& connection, const CodeField& field,
                     const std::string& organisation, const std::string& code) {
  return std::string(kind) + connection + "/" + field.stream + "/" + field.field + "/" + organisation + "/" +
         code;
}

// What a person may choose from: the meanings that the table has.
std::vector<std::string> meanings_of(const CodeField& field) {
  std::vector<std::string> meanings;
  for (const auto& [code, meaning] : field.meanings)
    if (!meaning.empty() && std::find(meanings.begin(), meanings.end(), meaning) == meanings.end())
      meanings.push_back(meaning);
  meanings.emplace_back(ignore_choice);
  return meanings;
}

void ask_once(const Workspace& workspace, store::Transaction& transaction, sync::Review review) {
  if (transaction.open_review(review.dedupe)) return;
  const model::Micros now = workspace.clock->now();
  review.id = model::make_id("rev", now, *workspace.random);
  review.kind = sync::ReviewKind::change;
  review.opened = now;
  transaction.save(review);
}

Value evidence_of(const std::string& connection, const CodeField& field, const std::string& organisation,
                  const std::string& code, const std::string& key) {
  Object meanings;
  for (const auto& [known, meaning] : field.meanings) meanings.set(known, meaning);
  return Object{{"connection", connection},       {"stream", field.stream}, {"field", field.field},
                {"organisation", organisation},   {"code", code},           {"record", key},
                {"meanings", std::move(meanings)}};
}

using CodeKey =
    std::tuple<std::string, std::string, std::string, std::string>;  // stream field organisation code

// How many records show each code.
Result<std::map<CodeKey, std::int64_t>> count_codes(Workspace& workspace, const std::string& connection,
                                                    const std::vector<CodeField>& fields) {
  std::map<CodeKey, std::int64_t> counts;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    std::set<std::string> streams;
    for (const CodeField& field : fields) streams.insert(field.stream);
    for (const std::string& stream : streams) {
      std::string after;
      while (true) {
        const auto page = snapshot.list_replicas(connection, stream, {after, 500});
        for (const sync::Replica& replica : page) {
          if (replica.gone || replica.raw.empty()) continue;
          const auto record = model::parse_json(replica.raw);
          if (!record.ok()) continue;
          for (const auto& shown : config::codes_in(fields, stream, *record))
            ++counts[{stream, shown.field->field, shown.organisation, shown.code}];
        }
        if (page.size() < 500) break;
        after = page.back().ref.key;
      }
    }
    return {};
  }));
  return counts;
}

std::map<std::string, std::set<std::string>> vendor_lists(store::Snapshot& snapshot,
                                                          const std::string& connection) {
  std::map<std::string, std::set<std::string>> lists;
  const auto kept = snapshot.load_value(vendor_space, connection);
  const auto parsed = model::parse_json(kept.value_or("{}"));
  if (!parsed.ok() || !parsed->is_object()) return lists;
  for (const model::Member& list : parsed->as_object())
    if (const auto* codes = list.value.if_array())
      for (const Value& code : *codes) lists[list.key].insert(code.to_text());
  return lists;
}

// "stream path" → the options that discover lists: texts, or objects with "value".
Object options_in(const Value& discovered) {
  Object lists;
  const auto* streams = discovered["streams"].if_array();
  for (std::size_t i = 0; streams != nullptr && i < streams->size(); ++i) {
    const auto* fields = (*streams)[i]["fields"].if_object();
    if (fields == nullptr) continue;
    for (const model::Member& field : *fields) {
      const auto* options = field.value["options"].if_array();
      if (options == nullptr) continue;
      model::Array codes;
      for (const Value& option : *options)
        codes.emplace_back(option.is_object() ? option["value"].to_text() : option.to_text());
      lists.set((*streams)[i]["name"].to_text() + " " + field.key, std::move(codes));
    }
  }
  return lists;
}

std::string state_of(const CodeField& field, const std::string& code, bool mapped, std::int64_t records,
                     const std::map<std::string, std::set<std::string>>& lists) {
  const auto list = lists.find(field.stream + " " + field.path);
  if (mapped && list != lists.end() && !list->second.contains(code)) return "deleted";
  if (!mapped) return "unmapped";
  return records > 0 ? "mapped" : "unused";
}

}  // namespace

void ask_about_codes(const Workspace& workspace, store::Transaction& transaction,
                     const std::string& connection, const std::string& stream, const std::string& key,
                     const Value& record) {
  const auto* fields = fields_of(workspace, connection);
  if (fields == nullptr) return;
  for (const auto& shown : config::codes_in(*fields, stream, record)) {
    const CodeField& field = *shown.field;
    if (!field.strict || field.meaning(shown.organisation, shown.code) != nullptr) continue;
    sync::Review review;
    review.connection = connection;
    review.field = field.field;
    review.subject = connection + " " + stream + " " + field.field +
                     (shown.organisation.empty() ? "" : " (" + shown.organisation + ")") + "：代码 code \"" +
                     shown.code + "\" 没有对应值 has no meaning";
    review.choices = meanings_of(field);
    review.evidence = evidence_of(connection, field, shown.organisation, shown.code, key);
    review.dedupe = question(unmapped_question, connection, field, shown.organisation, shown.code);
    ask_once(workspace, transaction, std::move(review));
  }
}

void apply_organisation_codes(const Workspace& workspace, const std::string& connection,
                              const std::string& stream, const Value& record, model::Image& image) {
  const auto* fields = fields_of(workspace, connection);
  if (fields == nullptr || image.parts.empty()) return;
  for (const auto& shown : config::codes_in(*fields, stream, record)) {
    const auto own = shown.field->by_organisation.find(shown.organisation);
    if (!shown.field->part || own == shown.field->by_organisation.end()) continue;
    const auto meaning = own->second.find(shown.code);
    if (meaning == own->second.end()) continue;
    for (model::Part& part : image.parts)
      if (part.organisation == shown.organisation) {
        if (meaning->second.empty())
          part.fields.erase(shown.field->field);
        else
          part.fields.set(shown.field->field, Value(meaning->second));
      }
  }
}

std::optional<config::CodeRow> row_of_decision(const sync::Review& review) {
  const bool unmapped = review.dedupe.starts_with(unmapped_question);
  const bool removed = review.dedupe.starts_with(deleted_question) && review.choice == "remove";
  if (review.state != "decided" || (!unmapped && !removed)) return std::nullopt;
  const auto text = [&](const char* name) { return review.evidence[name].to_text(); };
  const bool blank = removed || review.choice == ignore_choice;
  return config::CodeRow{text("stream"),
                         text("field"),
                         text("organisation"),
                         text("code"),
                         blank ? std::string() : review.choice,
                         review.actor + (review.note.empty() ? "" : ": " + review.note)};
}

Result<model::Array> code_table_view(Workspace& workspace, const std::string& connection) {
  model::Array rows;
  const auto* fields = fields_of(workspace, connection);
  if (fields == nullptr) return rows;
  HUILIU_ASSIGN(auto counts, count_codes(workspace, connection, *fields));
  std::map<std::string, std::set<std::string>> lists;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    lists = vendor_lists(snapshot, connection);
    return {};
  }));
  const auto add = [&](const CodeField& field, const std::string& organisation, const std::string& code,
                       std::int64_t records) {
    const std::string* meaning = field.meaning(organisation, code);
    const bool mapped = meaning != nullptr || !field.strict;
    const bool decided_blank = meaning != nullptr && meaning->empty();  // a person said that it means nothing
    rows.push_back(Object{{"connection", connection},
                          {"stream", field.stream},
                          {"field", field.field},
                          {"organisation", organisation},
                          {"code", code},
                          {"meaning", meaning == nullptr ? (field.strict ? std::string() : code) : *meaning},
                          {"records", records},
                          {"state", decided_blank ? (records > 0 ? "mapped" : "unused")
                                                  : state_of(field, code, mapped, records, lists)}});
  };
  for (const CodeField& field : *fields) {
    std::set<std::string> shown;
    for (const auto& [place, records] : counts) {
      const auto& [stream, name, organisation, code] = place;
      if (stream != field.stream || name != field.field) continue;
      add(field, organisation, code, records);
      shown.insert(code);
    }
    for (const auto& [code, meaning] : field.meanings)
      if (!shown.contains(code)) add(field, {}, code, 0);
  }
  return rows;
}

Result<std::vector<std::string>> take_vendor_lists(Workspace& workspace, const std::string& connection,
                                                   const Value& discovered) {
  const Object lists = options_in(discovered);
  std::vector<std::string> gone;
  HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
    gone.clear();
    transaction.save_value(vendor_space, connection, model::to_json(Value(lists)));
    const auto known = vendor_lists(transaction, connection);
    const auto* fields = fields_of(workspace, connection);
    for (std::size_t i = 0; fields != nullptr && i < fields->size(); ++i) {
      const CodeField& field = (*fields)[i];
      for (const auto& [code, meaning] : field.meanings) {
        if (meaning.empty() || state_of(field, code, true, 0, known) != "deleted") continue;
        gone.push_back(field.stream + " " + field.field + " " + code);
        sync::Review review;
        review.connection = connection;
        review.field = field.field;
        review.subject = connection + " " + field.stream + " " + field.field + "：代码 code \"" + code +
                         "\" 在该系统中已删除 was deleted there (" + meaning + ")";
        review.choices = {"remove", "keep"};
        review.evidence = evidence_of(connection, field, {}, code, {});
        review.dedupe = question(deleted_question, connection, field, {}, code);
        ask_once(workspace, transaction, std::move(review));
      }
    }
    return {};
  }));
  return gone;
}

Status add_code_row(const std::string& directory, const std::string& connection, const config::CodeRow& row) {
  const fs::path path = fs::path(directory) / "tables" / (connection + ".csv");
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ostringstream text;
  if (std::ifstream file(path, std::ios::binary); file) text << file.rdbuf();
  HUILIU_ASSIGN(std::vector<config::CodeRow> rows, config::parse_code_rows(text.str(), path.string()));
  std::erase_if(rows, [&](const config::CodeRow& known) {
    return known.stream == row.stream && known.field == row.field && known.organisation == row.organisation &&
           known.code == row.code;
  });
  rows.push_back(row);
  const fs::path fresh = path.string() + ".new";
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << config::code_rows_text(rows);
    if (!out.flush()) return make_error(ErrorClass::config, "cannot be written", fresh.string());
  }
  fs::rename(fresh, path, error);
  if (error) return make_error(ErrorClass::config, error.message(), path.string());
  return {};
}

}  // namespace huiliu::run
