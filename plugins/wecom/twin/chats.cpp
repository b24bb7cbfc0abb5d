// Group chats of the twin, and the customers of members who have left.
#include <algorithm>

#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/src/text.hpp"
#include "plugins/wecom/twin/wecom_twin.hpp"

namespace wecom::twin {
namespace {
constexpr std::int64_t kChatPageMax = 1000;
constexpr std::size_t kOwnersMax = 100;
enum ChatStatus : std::int64_t { kUsual = 0, kOwnerLeft = 1 };
constexpr std::size_t kVisibleMax = 1000;  // members, above which an owner filter is wanted
}  // namespace

HttpResponse WeComTwin::chat_list(const Asked& asked) {
  const std::int64_t limit = number_at(asked.body, "limit");
  if (limit < 1 || limit > kChatPageMax) refuse(40058, "invalid limit");
  const json::value* filter = member(asked.body, "owner_filter");
  const std::vector<std::string> owners =
      filter == nullptr ? std::vector<std::string>() : texts_of(member(*filter, "userid_list"));
  if (owners.size() > kOwnersMax) refuse(40031, "userid_list too long");
  if (owners.empty() && store().size(kEmployees) > kVisibleMax)
    refuse(81017, "too many members: filter by owner");
  const std::int64_t status = number_at(asked.body, "status_filter");  // kUsual: whatever it is
  std::vector<std::pair<std::string, ChatStatus>> ids;
  store().for_each(kChats, [&](const std::string& key, const Record& chat) {
    const std::string owner = text_at(*chat, "owner");
    const bool wanted =
        owners.empty() || std::any_of(owners.begin(), owners.end(),
                                      [&](const std::string& user) { return same_user(user, owner); });
    const ChatStatus now = has_left(owner) ? kOwnerLeft : kUsual;
    if (wanted && (status == kUsual || status == now) && !asked.http.empty_list) ids.emplace_back(key, now);
    return true;
  });
  const std::string query = "chats/" + std::to_string(status) + "/" + joined(owners, ",");
  const std::size_t at = page_at(query, asked.text("cursor"));
  const std::size_t end = std::min(ids.size(), at + static_cast<std::size_t>(limit));
  json::array list;
  for (std::size_t i = at; i < end; ++i)
    list.push_back(json::object{{"chat_id", ids[i].first}, {"status", ids[i].second}});
  return success({{"group_chat_list", std::move(list)},
                  {"next_cursor", end < ids.size() ? page_cursor(query, end, cursor_life_s_) : ""}});
}

HttpResponse WeComTwin::chat_get(const Asked& asked) {
  const Record chat = store().find(kChats, asked.text("chat_id"));
  if (!chat) refuse(40050, "invalid chat id");
  json::object shown = *chat;
  if (number_at(asked.body, "need_name") != 1)
    if (json::value* members = shown.if_contains("member_list"); members != nullptr && members->is_array())
      for (json::value& one : members->get_array())
        if (one.is_object()) one.get_object().erase("name");
  return success({{"group_chat", std::move(shown)}});
}

HttpResponse WeComTwin::unassigned_list(const Asked& asked) {
  json::array rows;
  store().for_each(kContacts, [&](const std::string& key, const Record& record) {
    for (const json::value* relation : items_of(member(*record, "follow_user"))) {
      const std::string user = text_at(*relation, "userid");
      if (has_left(user))
        rows.push_back(
            json::object{{"handover_userid", user}, {"external_userid", key}, {"dimission_time", now_s()}});
    }
    return true;
  });
  const std::int64_t size =
      std::clamp<std::int64_t>(number_at(asked.body, "page_size", kChatPageMax), 1, kChatPageMax);
  const std::size_t at = page_at("unassigned", asked.text("cursor"));
  const std::size_t end = std::min(rows.size(), at + static_cast<std::size_t>(size));
  json::array page;
  for (std::size_t i = at; i < end; ++i) page.push_back(rows[i]);
  const bool last = end >= rows.size();
  return success({{"info", std::move(page)},
                  {"is_last", last},
                  {"next_cursor", last ? "" : page_cursor("unassigned", end, cursor_life_s_)}});
}

}  // namespace wecom::twin
