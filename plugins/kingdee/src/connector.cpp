// The connector of 金蝶云星空 (K3Cloud): the operations of the SDK, each in terms of Reader and Writer.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <string>

#include "huiliu/plugin.hpp"
#include "huiliu_manifests.hpp"
#include "plugins/kingdee/src/client.hpp"
#include "plugins/kingdee/src/errors.hpp"
#include "plugins/kingdee/src/forms.hpp"
#include "plugins/kingdee/src/groups.hpp"
#include "plugins/kingdee/src/reader.hpp"
#include "plugins/kingdee/src/settings.hpp"
#include "plugins/kingdee/src/table.hpp"
#include "plugins/kingdee/src/writer.hpp"

namespace kingdee {
namespace {

namespace json = boost::json;

/// [{"Key":2052,"Value":"客户名称"}], or plain text.
std::string name_in(const json::value* names, std::int64_t lcid) {
  if (names == nullptr) return {};
  if (names->is_string()) return std::string(names->get_string());
  std::string first;
  if (const json::array* list = names->if_array())
    for (const json::value& item : *list) {
      const json::object* entry = item.if_object();
      const json::value* value = entry != nullptr ? entry->if_contains("Value") : nullptr;
      if (value == nullptr || !value->is_string()) continue;
      const json::value* key = entry->if_contains("Key");
      if (key != nullptr && key->is_int64() && key->get_int64() == lcid)
        return std::string(value->get_string());
      if (first.empty()) first = std::string(value->get_string());
    }
  return first;
}

/// The range of keys that a request asks for, in the words of the manifest's `key_ranges`; nullopt: it asks
/// for natural keys.
std::optional<KeyRange> key_range(const huiliu::FindRequest& request) {
  std::optional<KeyRange> range;
  for (const auto& [name, value] : request.fields) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool whole = error == std::errc() && end == value.data() + value.size() && number >= 0;
    std::int64_t KeyRange::*const bound = name == "key.after"  ? &KeyRange::after
                                          : name == "key.upto" ? &KeyRange::upto
                                          : name == "key.skip" ? &KeyRange::skip
                                                               : nullptr;
    if (bound == nullptr) continue;
    if (!whole) throw huiliu::DataError(std::string(name) + " is no whole number");
    if (!range) range.emplace();
    (*range).*bound = number;
  }
  if (range) range->limit = request.limit;
  return range;
}

/// Field keys of a form with their names, from Result.NeedReturnData of QueryBusinessInfo.
std::map<std::string, std::string> fields_in(const json::value& answer, std::int64_t lcid) {
  std::map<std::string, std::string> fields;
  boost::system::error_code error;
  const json::value* entries = answer.find_pointer("/Result/NeedReturnData/Entrys", error);
  if (entries == nullptr || !entries->is_array()) return fields;
  for (const json::value& entry : entries->get_array()) {
    const json::object* object = entry.if_object();
    const json::value* list = object != nullptr ? object->if_contains("Fields") : nullptr;
    if (list == nullptr || !list->is_array()) continue;
    for (const json::value& field : list->get_array()) {
      const json::object* f = field.if_object();
      const json::value* key = f != nullptr ? f->if_contains("Key") : nullptr;
      if (key != nullptr && key->is_string())
        fields.emplace(std::string(key->get_string()), name_in(f->if_contains("Name"), lcid));
    }
  }
  return fields;
}

/// What the hub may do with a field on this site: an approved record is edited only as the settings allow.
json::array operations_of(const Field& field, const Settings& settings) {
  if (field.key == "FForbidStatus") return {"update"};
  const auto& more = settings.edit_approved_fields;
  const bool is_listed =
      field.edit == Edit::listed ||
      (field.edit == Edit::unapproved && std::find(more.begin(), more.end(), field.save_key()) != more.end());
  if (!is_listed || settings.edit_approved == EditApproved::off) return {"create"};
  if (field.key == "FName" || field.kind == Kind::reference) return {"create", "update"};
  return {"create", "update", "clear"};
}

class K3Cloud {
 public:
  static constexpr std::string_view manifest = huiliu::manifests::manifest;

  explicit K3Cloud(std::string_view settings)
      : settings_(std::make_unique<const Settings>(Settings::parse(settings))), client_(*settings_) {}

  void check(huiliu::Call& call) {
    Reader reader(client_, *settings_, table(call, "customers"));
    reader.query(call, [this, &call] {
      return Query{table(call, "customers").columns_of({"FCUSTID"}), "", "FCUSTID ASC", 1};
    });
  }

  std::string discover(huiliu::Call& call);

  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) {
    if (request.stream == group_stream) {
      Reader customers(client_, *settings_, table(call, "customers"));
      return GroupReader(client_, *settings_, customers)
          .read(call, request.mode == HUILIU_READ_KEYS, request.limit, out);
    }
    Table& form = table(call, request.stream);
    Reader reader(client_, *settings_, form);
    if (request.mode == HUILIU_READ_KEYS) return reader.keys(call, out);
    std::optional<Cursor> cursor;
    if (!request.cursor.empty()) {
      cursor = Cursor::parse(request.cursor);
      if (!cursor) throw huiliu::ResyncNeeded("the cursor is not one of this connector");
    }
    if (request.mode == HUILIU_READ_CHANGES && cursor && cursor->phase == Cursor::Phase::changes) {
      if (form.form().writable) Writer(client_, *settings_, form).finish_unapproved(call);
      return reader.changes(call, *cursor, request.limit, out);
    }
    reader.full(call, cursor, request.limit, out);
  }

  void lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) {
    std::vector<std::string> keys(request.keys.begin(), request.keys.end());
    if (request.stream == group_stream) {
      Reader customers(client_, *settings_, table(call, "customers"));
      return GroupReader(client_, *settings_, customers).lookup(call, keys, out);
    }
    Reader reader(client_, *settings_, table(call, request.stream));
    huiliu::Batch batch(request.stream);
    for (const RecordOut& record : reader.by_key(call, keys)) {
      batch.upsert(record.key, json::serialize(record.body), record.version, record.changed_at_us);
      std::erase(keys, record.key);
    }
    for (const std::string& absent : keys) batch.remove(absent);
    out.emit(batch);
    out.checkpoint();
  }

  void find(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out) {
    Table& form = table(call, request.stream);
    if (const auto range = key_range(request))
      return Reader(client_, *settings_, form).keys_between(call, *range, out);
    std::string filter;
    for (const auto& [name, value] : request.fields) {
      if (!form.has(name) || value.empty())
        throw huiliu::Unsupported("find: " + std::string(name) + " is no field that can be asked for", {},
                                  "/" + std::string(name));
      filter += (filter.empty() ? "" : " and ") + std::string(name) + "=" + literal(value);
    }
    if (filter.empty()) return;
    Reader reader(client_, *settings_, form);
    huiliu::Batch batch(request.stream);
    for (const RecordOut& record : reader.matching(call, filter, request.limit))
      batch.upsert(record.key, json::serialize(record.body), record.version, record.changed_at_us);
    out.emit(batch);
    out.checkpoint();
  }

  void write(huiliu::Call& call, const huiliu::Records& records, huiliu::ResultSink& results) {
    Table& form = table(call, records.stream());
    if (!form.form().writable)
      throw huiliu::Unsupported("stream " + std::string(records.stream()) + " is read only");
    Writer(client_, *settings_, form).write(call, records, results);
  }

  huiliu::Token authenticate(huiliu::Call& call, std::string_view credential) const {
    if (credential != session_credential) throw huiliu::Unsupported("no such credential");
    return client_.login(call);
  }

 private:
  Table& table(huiliu::Call& call, std::string_view stream) {
    const auto known = tables_.find(stream);
    if (known != tables_.end()) return known->second;
    const Form* form = form_of(stream);
    if (form == nullptr) throw huiliu::Unsupported("no stream " + std::string(stream));
    Table& made = tables_.emplace(std::string(stream), Table(*form, *settings_)).first->second;
    if (const auto dropped = call.state("dropped." + std::string(form->form_id)))
      made.restore_dropped(*dropped);
    return made;
  }

  /// Keys and names of a form's fields on this site; empty when the site does not tell.
  std::map<std::string, std::string> site_fields(huiliu::Call& call, const Form& form, std::int64_t lcid);

  std::unique_ptr<const Settings> settings_;
  Client client_;
  std::map<std::string, Table, std::less<>> tables_;
};

std::map<std::string, std::string> K3Cloud::site_fields(huiliu::Call& call, const Form& form,
                                                        std::int64_t lcid) {
  try {
    const json::object body{{"data", json::object{{"FormId", form.form_id}}}};
    return fields_in(client_.read(call, "QueryBusinessInfo", body).body, lcid);
  } catch (const huiliu::Failure& failure) {
    const bool refused = failure.status == HUILIU_DATA ||
                         failure.remote_code == verdict_of(Cause::unknown_form).code ||
                         failure.remote_code == verdict_of(Cause::no_permission).code;
    if (!refused) throw;
    call.warn("the site does not describe a form", {{"form", form.form_id}, {"reason", failure.message}});
    return {};
  }
}

std::string K3Cloud::discover(huiliu::Call& call) {
  json::array streams = json::parse(manifest).at("streams").as_array();
  const std::int64_t lcid = std::strtoll(settings_->lcid.c_str(), nullptr, 10);
  for (json::value& stream : streams) {
    if (stream.at("name").as_string() == group_stream) continue;  // no form: the manifest's fields stand
    const Form& form = table(call, stream.at("name").as_string()).form();
    const std::map<std::string, std::string> site = site_fields(call, form, lcid);
    if (site.empty()) continue;  // an old site that tells nothing: the manifest's fields stand
    json::object fields;
    for (const Field& field : form.fields) {
      const auto found = site.find(std::string(field.save_key()));
      if (found == site.end() && field.key != form.id) continue;
      json::object entry;
      if (found != site.end() && !found->second.empty())
        entry["label"] = json::object{{"zh", found->second}, {"en", field.key}};
      if (form.writable && field.edit != Edit::never) entry["operations"] = operations_of(field, *settings_);
      fields[field.key] = std::move(entry);
    }
    for (const auto& [key, name] : site) {  // the site's own fields
      if (!key.starts_with("F_")) continue;
      json::object entry{{"operations", json::array{"create", "update", "clear"}}};
      if (!name.empty()) entry["label"] = json::object{{"zh", name}, {"en", key}};
      fields[key] = std::move(entry);
    }
    stream.as_object()["fields"] = std::move(fields);
  }
  return json::serialize(json::object{{"streams", std::move(streams)}});
}

}  // namespace
}  // namespace kingdee

HUILIU_PLUGIN("kingdee", "1.0.0", 0, kingdee::K3Cloud);
