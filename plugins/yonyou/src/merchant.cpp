#include "plugins/yonyou/src/merchant.hpp"

#include <algorithm>

#include "plugins/yonyou/src/beijing_time.hpp"

namespace yonyou {
namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr std::string_view part_members[] = {"belongOrgId",           "belongOrgCode", "belongOrgName",
                                             "merchantAppliedDetail", "principals",    "customerAreas"};

/// The element with isDefault, else the only one there is.
const json::object* default_of(const json::object& head, std::string_view list_name) {
  const json::array* list = array_at(head, list_name);
  if (list == nullptr) return nullptr;
  for (const json::value& element : *list)
    if (element.is_object() && flag_at(element.get_object(), "isDefault")) return &element.get_object();
  return list->size() == 1 ? list->front().if_object() : nullptr;
}

json::object part_of(const json::object& answer, bool manages) {
  json::object part;
  for (const std::string_view name : part_members)
    if (const json::value* value = answer.if_contains(name)) part[name] = *value;
  if (text_at(part, "belongOrgId").empty() && manages) {
    for (const auto& [ours, theirs] :
         {std::pair{"belongOrgId", "createOrgId"}, std::pair{"belongOrgCode", "createOrgCode"}})
      if (const json::value* value = answer.if_contains(theirs)) part[ours] = *value;
  }
  if (const json::object* principal = default_of(answer, "principals")) part["defaultPrincipal"] = *principal;
  part["isCreator"] = manages;
  // One flag for the state, wherever the tenant shows it: stopped for this organisation.
  const json::object* detail = object_at(answer, "merchantAppliedDetail");
  const bool stopped = detail != nullptr && detail->contains("stopStatus") ? flag_at(*detail, "stopStatus")
                                                                           : flag_at(answer, "stopStatus");
  part["stopped"] = stopped;
  return part;
}

/// The detail is the whole record: a member that it leaves out is empty, and says so here.
constexpr std::string_view head_texts[] = {"creditCode", "leaderName", "contactName", "contactTel", "fax",
                                           "email",      "website",    "postCode",    "regionCode"};
constexpr std::string_view head_languages[] = {"shortname", "address", "scope"};
constexpr std::string_view contact_texts[] = {
    "areaCodeMobile", "mobile", "telePhone", "email", "positionName", "contactDepartment", "remarks"};
constexpr std::string_view invoice_texts[] = {"title",    "taxNo",       "telephone",
                                              "bankName", "bankAccount", "receievInvoiceEmail"};

template <class Names>
void fill_texts(json::object& body, const Names& names) {
  for (const std::string_view name : names)
    if (!body.contains(name)) body[name] = nullptr;
}

void fill_language(json::object& body, std::string_view name) {
  json::value& value = body[name];
  if (value.is_null()) value = json::object();
  if (json::object* languages = value.if_object();
      languages != nullptr && !languages->contains("simplifiedName"))
    (*languages)["simplifiedName"] = nullptr;
}

std::string version_of(const Merchant& merchant) {
  for (const std::string_view name : {"pubts", "modifyTime"})
    if (std::string text = text_at(merchant.head, name); !text.empty()) return text;
  return merchant.pubts;
}

/// FNV-1a over the text, as hex. A contact has no time of change of its own, and its customer's moves with
/// every other contact: what it holds is its version.
std::string digest_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  std::string hex;
  for (int shift = 60; shift >= 0; shift -= 4) hex += "0123456789abcdef"[hash >> shift & 15];
  return hex;
}

std::int64_t changed_at(const std::string& version) {
  const auto at = beijing_seconds(version);
  return at ? *at * second_us : INT64_MIN;
}

}  // namespace

std::vector<std::string> using_organisations(const json::object& head) {
  std::vector<std::string> others;
  const std::string manager = text_at(head, "createOrgId");
  const json::array* ranges = array_at(head, "merchantApplyRanges");
  if (ranges == nullptr) return others;
  for (const json::value& range : *ranges) {
    const json::object* object = range.if_object();
    const std::string org = object == nullptr ? std::string() : text_at(*object, "orgId");
    if (!org.empty() && org != manager && std::find(others.begin(), others.end(), org) == others.end())
      others.push_back(org);
  }
  return others;
}

RecordOut customer_record(const Merchant& merchant) {
  RecordOut record;
  record.key = merchant.id();
  record.version = version_of(merchant);
  record.changed_at_us = changed_at(record.version);
  record.body = merchant.head;
  record.body.erase("merchantContactInfos");  // a stream of their own
  json::array parts{part_of(merchant.head, true)};
  for (const json::object& user : merchant.users) parts.push_back(part_of(user, false));
  record.body["organisations"] = std::move(parts);
  json::object defaults;
  for (const auto& [name, list] :
       {std::pair{"invoice", "merchantAgentInvoiceInfos"},
        std::pair{"financial", "merchantAgentFinancialInfos"}, std::pair{"address", "merchantAddressInfos"},
        std::pair{"principal", "principals"}})
    if (const json::object* element = default_of(merchant.head, list)) defaults[name] = *element;
  json::value& invoice = defaults["invoice"];
  if (!invoice.is_object()) invoice = json::object();
  fill_texts(invoice.as_object(), invoice_texts);
  fill_language(invoice.as_object(), "address");
  fill_texts(record.body, head_texts);
  for (const std::string_view name : head_languages) fill_language(record.body, name);
  record.body["defaults"] = std::move(defaults);
  return record;
}

std::vector<RecordOut> contact_records(const Merchant& merchant) {
  std::vector<RecordOut> records;
  const json::array* list = array_at(merchant.head, "merchantContactInfos");
  if (list == nullptr) return records;
  const std::string version = version_of(merchant);
  for (const json::value& element : *list) {
    const json::object* contact = element.if_object();
    if (contact == nullptr || text_at(*contact, "id").empty()) continue;
    RecordOut record;
    record.key = merchant.id() + "-" + text_at(*contact, "id");
    record.version = digest_of(json::serialize(*contact));
    record.changed_at_us = changed_at(version);
    record.body = *contact;
    fill_texts(record.body, contact_texts);
    record.body["contactKey"] = record.key;
    record.body["merchantId"] = merchant.id();
    record.body["merchantCode"] = text_at(merchant.head, "code");
    records.push_back(std::move(record));
  }
  return records;
}

std::optional<ContactKey> contact_key(std::string_view key) {
  const std::size_t dash = key.find('-');
  if (dash == std::string_view::npos || dash == 0 || dash + 1 == key.size()) return std::nullopt;
  return ContactKey{std::string(key.substr(0, dash)), std::string(key.substr(dash + 1))};
}

}  // namespace yonyou
