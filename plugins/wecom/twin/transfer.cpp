// Customers handed over in the twin (在职继承, 离职继承), and contact ways (联系我). The hub uses none of
// these; other clients do.
#include <algorithm>

#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/src/text.hpp"
#include "plugins/wecom/twin/dice.hpp"
#include "plugins/wecom/twin/wecom_twin.hpp"

namespace wecom::twin {
namespace {

constexpr std::int64_t kTransferSeconds = 24 * 3600, kTransferWindow = 90 * kTransferSeconds;
constexpr std::size_t kCustomersMax = 100, kWayUsersMax = 100, kWayTextMax = 30;
constexpr std::int64_t kWayPage = 1000, kWayWindow = 90 * 24 * 3600;
constexpr std::int64_t kAssignedByAdmin = 202;
enum TransferState : std::int64_t { kDone = 1, kWaiting = 2, kRefused = 3 };

}  // namespace

// What was started a day ago is done: the relation is the taker's, and both sides are told.
void WeComTwin::settle_transfers() {
  for (Transfer& transfer : transfers_) {
    if (transfer.state != kWaiting || now_s() < transfer.started + kTransferSeconds) continue;
    transfer.state = kDone;
    transfer.ended = transfer.started + kTransferSeconds;
    const Record record = store().find(kContacts, transfer.key);
    if (!record) continue;
    store().update(
        kContacts, transfer.key,
        [&](json::object& body) {
          json::array kept;
          for (json::value& relation : body["follow_user"].as_array())
            if (!same_user(text_at(relation, "userid"), transfer.from)) kept.push_back(std::move(relation));
          kept.push_back(json::object{{"userid", transfer.to},
                                      {"remark", ""},
                                      {"description", ""},
                                      {"createtime", transfer.ended},
                                      {"tags", json::array{}},
                                      {"remark_corp_name", ""},
                                      {"remark_mobiles", json::array{}},
                                      {"add_way", kAssignedByAdmin},
                                      {"oper_userid", transfer.to},
                                      {"state", ""}});
          body["follow_user"] = std::move(kept);
        },
        {"follow_user"}, Origin::person, transfer.to);
    push_contact_event("del_external_contact", transfer.from, transfer.key, "Source", "DELETE_BY_TRANSFER");
    push_contact_event("add_external_contact", transfer.to, transfer.key);
  }
}

void WeComTwin::customer_refuses(std::string_view key) {
  for (Transfer& transfer : transfers_)
    if (transfer.key == key && transfer.state == kWaiting) {
      transfer.state = kRefused;
      push_contact_event("transfer_fail", transfer.from, key, "FailReason", "customer_refused");
      return;
    }
  throw TwinError(404, "no_transfer", "nobody is handing over this external contact");
}

std::int64_t WeComTwin::start_transfer(const std::string& key, const std::string& from,
                                       const std::string& to) {
  const Record record = store().find(kContacts, key);
  if (same_user(from, to)) return 40130;
  if (!record || relation_in(*record, from) == nullptr) return 40131;
  std::int64_t recent = 0;
  for (const Transfer& transfer : transfers_) {
    if (transfer.key != key) continue;
    if (transfer.state == kWaiting) return 40129;
    recent += transfer.state == kDone && now_s() < transfer.started + kTransferWindow ? 1 : 0;
  }
  if (recent >= 2) return 40128;
  transfers_.push_back({key, from, to, now_s(), 0, kWaiting});
  return 0;
}

HttpResponse WeComTwin::transfer_customer(const Asked& asked) {
  settle_transfers();
  const std::string from = asked.text("handover_userid");
  const std::string to = user_key(asked.text("takeover_userid"));
  const std::vector<std::string> customers = texts_of(member(asked.body, "external_userid"));
  if (from.empty() || to.empty()) refuse(40003, "invalid userid");
  if (customers.empty() || customers.size() > kCustomersMax) refuse(40058, "invalid external_userid list");
  const bool resigned = endpoint_of(asked.http).starts_with("externalcontact/resigned/");
  const std::string known = user_key(from);
  const bool here = !known.empty() && number_at(*store().get(kEmployees, known), "status", 1) != 5;
  if (resigned && here) refuse(40097, "the member has not left");
  if (!resigned && !here) refuse(40003, "invalid userid");
  json::array results;
  for (const std::string& key : customers)
    results.push_back(json::object{{"external_userid", key}, {"errcode", start_transfer(key, from, to)}});
  return success({{"customer", std::move(results)}});
}

HttpResponse WeComTwin::transfer_result(const Asked& asked) {
  settle_transfers();
  json::array rows;
  for (const Transfer& transfer : transfers_)
    if (same_user(transfer.from, asked.text("handover_userid")) &&
        same_user(transfer.to, asked.text("takeover_userid")))
      rows.push_back(json::object{
          {"external_userid", transfer.key}, {"status", transfer.state}, {"takeover_time", transfer.ended}});
  return success({{"customer", std::move(rows)}, {"next_cursor", ""}});
}

// ---- contact ways ----

HttpResponse WeComTwin::add_way(const Asked& asked) {
  const std::int64_t type = number_at(asked.body, "type"), scene = number_at(asked.body, "scene");
  if (type < 1 || type > 2 || scene < 1 || scene > 2) refuse(40058, "invalid type or scene");
  if (characters(text_at(asked.body, "state")) > kWayTextMax ||
      characters(text_at(asked.body, "remark")) > kWayTextMax)
    refuse(40058, "state or remark too long");
  const std::vector<std::string> users = texts_of(member(asked.body, "user"));
  if (users.size() > kWayUsersMax || (type == 1 && users.size() != 1)) refuse(40058, "invalid user list");
  for (const std::string& user : users)
    if (user_key(user).empty()) refuse(40003, "invalid userid");
  const std::string id = "cfg" + id_text(31, ++made_, 29);
  json::object way = asked.body;
  way["config_id"] = id;
  if (!way.contains("skip_verify")) way["skip_verify"] = true;
  if (scene == 2) way["qr_code"] = "https://wework.qpic.cn/twin/" + id;
  ways_[id] = {now_s(), way};
  json::object shown{{"config_id", id}};
  if (scene == 2) shown["qr_code"] = way.at("qr_code");
  return success(std::move(shown));
}

json::object& WeComTwin::way_of(const Asked& asked) {
  const auto found = ways_.find(asked.text("config_id"));
  if (found == ways_.end()) refuse(41044, "invalid config_id");
  return found->second.second;
}

HttpResponse WeComTwin::get_way(const Asked& asked) { return success({{"contact_way", way_of(asked)}}); }

HttpResponse WeComTwin::update_way(const Asked& asked) {
  json::object& way = way_of(asked);
  if (characters(text_at(asked.body, "state")) > kWayTextMax) refuse(40058, "state too long");
  for (const auto& part : asked.body) way[part.key()] = part.value();
  return success();
}

HttpResponse WeComTwin::delete_way(const Asked& asked) {
  ways_.erase(text_at(way_of(asked), "config_id"));
  return success();
}

HttpResponse WeComTwin::list_ways(const Asked& asked) {
  const std::int64_t end = number_at(asked.body, "end_time", now_s());
  const std::int64_t start = number_at(asked.body, "start_time", end - kWayWindow);
  json::array ids;
  for (const auto& [id, way] : ways_)
    if (way.first >= start && way.first <= end) ids.push_back(json::object{{"config_id", id}});
  const std::int64_t limit = std::clamp<std::int64_t>(number_at(asked.body, "limit", 100), 1, kWayPage);
  const std::size_t at = page_at("ways", asked.text("cursor"));
  const std::size_t stop = std::min(ids.size(), at + static_cast<std::size_t>(limit));
  json::array page;
  for (std::size_t i = at; i < stop; ++i) page.push_back(ids[i]);
  return success({{"contact_way", std::move(page)},
                  {"next_cursor", stop < ids.size() ? page_cursor("ways", stop, cursor_life_s_) : ""}});
}

}  // namespace wecom::twin
