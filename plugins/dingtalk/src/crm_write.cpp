#include "plugins/dingtalk/src/crm_write.hpp"

#include <algorithm>
#include <exception>
#include <map>

#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {

using huiliu::Outcome;

struct CrmWriter::Item {
  std::string key;  // empty: create
  json::object changes, base;
  WriteItem fields;
};

struct CrmWriter::Work {
  std::vector<Item> items;
  std::vector<std::optional<Outcome>> outcomes;  // by index; none: not tried
};

namespace {

json::object object_of(std::string_view text) {
  std::optional<json::value> value = parse_json(text);
  return value && value->is_object() ? std::move(value->get_object()) : json::object{};
}

json::value to_relation(const std::string& key, const WriteItem& fields) {
  json::object item;
  if (!key.empty()) item["relationId"] = key;
  item["bizDataList"] = fields.fields;
  json::object permission;
  if (fields.owners) permission["principalUserIds"] = *fields.owners;
  if (fields.participants) permission["participantUserIds"] = *fields.participants;
  if (!permission.empty()) item["relationPermissionDTO"] = std::move(permission);
  return item;
}

Outcome outcome_for(const Refusal& refusal) {
  const huiliu_outcome outcome = outcome_of(refusal.kind);
  if (outcome == HUILIU_UNCHANGED) return Outcome::unchanged();
  Outcome result{outcome, {}, {}, {}, Refused(refusal)};
  return result;
}

// A refusal of the whole call that is about one of its records, no telling which.
bool concerns_one_record(ErrorKind kind) {
  return kind == ErrorKind::invalid || kind == ErrorKind::forbidden || kind == ErrorKind::not_found ||
         kind == ErrorKind::duplicate || kind == ErrorKind::unchanged;
}

Outcome judged(const json::value& result, const std::string& key, std::int64_t now_s) {
  if (true_at(result, "success")) {
    std::string id = text_at(result, "relationId");
    if (id.empty()) id = text_at(result, "instanceId");
    if (id.empty()) id = key;
    if (id.empty()) return Outcome::in_doubt("DingTalk created a record and did not say which");
    return Outcome::applied(id);
  }
  if (field(result, "success") == nullptr)
    return Outcome::in_doubt("DingTalk did not say what became of the record");
  const std::string code = text_at(result, "errorCode");
  Outcome outcome = outcome_for(item_refusal(code, text_at(result, "errorMsg"), now_s));
  if (outcome.outcome == HUILIU_DUPLICATE) {
    // Several of the same name are a question for a person, not a link.
    const std::vector<std::string> ids = texts_of(field(result, "duplicatedRelationIds"));
    if (ids.size() == 1) outcome.key = ids.front();
    if (!key.empty()) outcome.outcome = HUILIU_REJECTED;  // an update can not become a link
  }
  return outcome;
}

std::vector<std::vector<std::size_t>> chunks_of(const std::vector<std::size_t>& indices) {
  std::vector<std::vector<std::size_t>> chunks;
  for (const std::size_t index : indices) {
    if (chunks.empty() || chunks.back().size() == kWriteMax) chunks.emplace_back();
    chunks.back().push_back(index);
  }
  return chunks;
}

}  // namespace

void CrmWriter::prepare(huiliu::Call& call, const huiliu::Records& records, Work& work) const {
  for (std::size_t index = 0; index < records.size(); ++index) {
    const huiliu::Record record = records[index];
    Item item{std::string(record.key), object_of(record.body), object_of(record.base), {}};
    item.fields = write_item(api_.kind(), item.changes, item.base, api_.custom());
    std::optional<Outcome> outcome;
    if (record.deletes()) {
      outcome = Outcome::rejected("this connector deletes nothing in DingTalk");
    } else if (!item.fields.unknown.empty()) {
      const std::string& name = item.fields.unknown.front();
      if (item.fields.empty()) {
        outcome = Outcome::rejected("the settings name no field of DingTalk for " + name);
        outcome->why->pointer = "/custom/" + name;
      }
      call.warn("a value has no field in DingTalk: the settings do not name one", {{"field", name}});
    } else if (item.fields.empty()) {
      outcome = Outcome::unchanged(item.key);
    }
    work.items.push_back(std::move(item));
    work.outcomes.push_back(std::move(outcome));
  }
}

// contact_related_customer shows the customers' names beside their ids; those we do not have are looked up at
// once.
void CrmWriter::name_customers(huiliu::Call& call, Work& work) const {
  std::map<std::string, std::string> names;
  for (const Item& item : work.items)
    if (const json::value* customer = item.changes.if_contains("customer"))
      if (std::string id = scalar_text(*customer); !id.empty() && !item.changes.contains("customerName"))
        names.try_emplace(std::move(id));
  std::vector<std::string> ids;
  for (const auto& [id, name] : names) ids.push_back(id);
  for (std::size_t first = 0; first < ids.size(); first += kLookupMax) {
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(first + kLookupMax, ids.size()));
    for (const json::object& body : customers_.by_ids(call, {begin, end}))
      names[std::string(body.at("instanceId").as_string())] =
          text_at_path(body, "data.customer_name").value_or("");
  }
  for (std::size_t index = 0; index < work.items.size(); ++index) {
    Item& item = work.items[index];
    const json::value* customer = item.changes.if_contains("customer");
    if (work.outcomes[index] || customer == nullptr) continue;
    if (const std::string& name = names[scalar_text(*customer)]; !name.empty()) {
      item.changes["customerName"] = name;
      item.fields = write_item(api_.kind(), item.changes, item.base, api_.custom());
    }
  }
}

// Somebody must act. Without a setting it is whoever is responsible for the first record of the call.
std::string CrmWriter::operator_of(const std::vector<std::size_t>& chunk, const Work& work) const {
  if (!settings_.operator_user_id.empty()) return settings_.operator_user_id;
  for (const std::size_t index : chunk) {
    const Item& item = work.items[index];
    if (item.fields.owners && !item.fields.owners->empty()) return scalar_text(item.fields.owners->front());
    for (const char* path : {"owner", "creatorUserId"})
      if (const auto user = text_at_path(item.base, path); user && !user->empty()) return *user;
  }
  return {};
}

void CrmWriter::judge(const json::array& results, const std::vector<std::size_t>& chunk, std::int64_t now_s,
                      Work& work) const {
  for (std::size_t place = 0; place < chunk.size(); ++place) {
    const std::size_t index = chunk[place];
    work.outcomes[index] = place < results.size()
                               ? judged(results[place], work.items[index].key, now_s)
                               : Outcome::in_doubt("DingTalk did not say what became of the record");
  }
}

void CrmWriter::send(huiliu::Call& call, CrmApi::Write what, const std::vector<std::size_t>& chunk,
                     Work& work) const {
  json::array items;
  for (const std::size_t index : chunk)
    items.push_back(to_relation(work.items[index].key, work.items[index].fields));
  const auto all = [&](const Outcome& outcome) {
    for (const std::size_t index : chunk) work.outcomes[index] = outcome;
  };
  try {
    judge(api_.write(call, what, std::move(items), operator_of(chunk, work)), chunk,
          call.now_us() / 1'000'000, work);
  } catch (const huiliu::NoAnswer& none) {
    all({none.maybe_delivered ? HUILIU_IN_DOUBT : HUILIU_DEFERRED, {}, {}, {}, none});
    throw;
  } catch (const Refused& refused) {
    if (concerns_one_record(refused.kind)) {
      if (chunk.size() > 1) {
        for (const std::size_t index : chunk) send(call, what, {index}, work);
        return;
      }
      const Outcome outcome = outcome_of(refused.kind) == HUILIU_UNCHANGED
                                  ? Outcome::unchanged(work.items[chunk.front()].key)
                                  : Outcome{outcome_of(refused.kind), {}, {}, {}, refused};
      return all(outcome);
    }
    all({outcome_of(refused.kind), {}, {}, {}, refused});
    throw;
  } catch (const huiliu::Failure& failure) {
    // The host did not send it (no token, not allowed), or the answer was beyond reading.
    all({failure.status == HUILIU_DATA ? HUILIU_IN_DOUBT : HUILIU_DEFERRED, {}, {}, {}, failure});
    throw;
  }
}

void CrmWriter::read_back(huiliu::Call& call, Work& work) const {
  std::map<std::string, std::vector<std::size_t>> written;
  for (std::size_t index = 0; index < work.items.size(); ++index)
    if (work.outcomes[index] && work.outcomes[index]->outcome == HUILIU_APPLIED)
      written[work.outcomes[index]->key].push_back(index);
  std::vector<std::string> ids;
  for (const auto& [id, indices] : written) ids.push_back(id);
  for (std::size_t first = 0; first < ids.size(); first += kLookupMax) {
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(first + kLookupMax, ids.size()));
    for (const json::object& body : api_.by_ids(call, {begin, end})) {
      const auto found = written.find(std::string(body.at("instanceId").as_string()));
      if (found == written.end()) continue;
      for (const std::size_t index : found->second) work.outcomes[index]->body = json::serialize(body);
    }
  }
}

void CrmWriter::write(huiliu::Call& call, const huiliu::Records& records, huiliu::ResultSink& out) const {
  Work work;
  std::exception_ptr ended;
  try {
    prepare(call, records, work);
    if (api_.kind() == ObjectKind::contact) name_customers(call, work);
    std::vector<std::size_t> creates, updates;
    for (std::size_t index = 0; index < work.items.size(); ++index)
      if (!work.outcomes[index]) (work.items[index].key.empty() ? creates : updates).push_back(index);
    for (const auto& chunk : chunks_of(creates)) send(call, CrmApi::Write::create, chunk, work);
    for (const auto& chunk : chunks_of(updates)) send(call, CrmApi::Write::update, chunk, work);
  } catch (const huiliu::Cancelled&) {
    ended = std::current_exception();
  } catch (const huiliu::Failure&) {
    ended = std::current_exception();
  }
  if (!ended) {
    try {
      read_back(call, work);
    } catch (const huiliu::Cancelled&) {
      ended = std::current_exception();
    } catch (const huiliu::Failure& failure) {
      // The write stands; what it looks like now the hub will read for itself.
      call.warn("what was written could not be read back", {{"why", failure.message}});
    }
  }
  for (std::size_t index = 0; index < records.size(); ++index)
    out.report(index, index < work.outcomes.size() && work.outcomes[index] ? *work.outcomes[index]
                                                                           : Outcome::deferred("not tried"));
  if (ended) std::rethrow_exception(ended);
}

}  // namespace dingtalk
