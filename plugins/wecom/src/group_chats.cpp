#include "plugins/wecom/src/group_chats.hpp"

#include <algorithm>
#include <set>

#include "plugins/wecom/src/cursor.hpp"
#include "plugins/wecom/src/json_read.hpp"

namespace wecom {
namespace {

constexpr std::size_t kOwners = 100;
constexpr std::int64_t kChatPage = 1000;
constexpr int kChatRestarts = 2;
constexpr std::int64_t kAnyStatus = 0, kOwnerLeft = 1;
constexpr std::string_view kTooMany = "81017";

}  // namespace

std::vector<std::string> GroupChats::chats_of(huiliu::Call& call,
                                              const std::vector<std::string>& owners) const {
  for (int attempt = 0;; ++attempt) {
    std::vector<std::string> chats;
    std::string cursor, last;
    try {
      do {
        call.stop_if_cancelled();
        last = cursor;
        json::object asked{{"status_filter", owners.empty() ? kOwnerLeft : kAnyStatus}, {"limit", kChatPage}};
        if (!owners.empty()) asked["owner_filter"] = json::object{{"userid_list", array_of(owners)}};
        if (!cursor.empty()) asked["cursor"] = cursor;
        const json::value page = client_.post(call, "externalcontact/groupchat/list", asked);
        for (const json::value* item : items_of(member(page, "group_chat_list")))
          chats.push_back(text_at(*item, "chat_id"));
        cursor = text_at(page, "next_cursor");
      } while (!cursor.empty() && cursor != last);
      return chats;
    } catch (const Refused& refused) {
      if (owners.empty() && refused.remote_code == kTooMany) {
        call.warn("so many members that chats whose owner has left cannot be listed: they are not shown",
                  {{"code", refused.remote_code}});
        return {};
      }
      if (refused.kind != ErrorKind::cursor || attempt >= kChatRestarts) throw;
    }
  }
}

std::string GroupChats::body(huiliu::Call& call, const std::string& id) const {
  const json::value answer =
      client_.post(call, "externalcontact/groupchat/get", {{"chat_id", id}, {"need_name", 1}});
  const json::value* chat = member(answer, "group_chat");
  if (chat == nullptr) throw huiliu::DataError("WeCom answered without the chat");
  return json::serialize(*chat);
}

void GroupChats::read(huiliu::Call& call, const std::vector<std::string>& owners,
                      const huiliu::ReadRequest& request, huiliu::RecordSink& out) const {
  std::set<std::string> known;
  const auto emit = [&](const std::vector<std::string>& some) {
    huiliu::Batch batch(request.stream);
    for (const std::string& id : chats_of(call, some)) {
      if (id.empty() || (request.limit > 0 && known.size() >= request.limit) || !known.insert(id).second)
        continue;
      try {
        batch.upsert(id, request.mode == HUILIU_READ_KEYS ? "{}" : body(call, id));
      } catch (const Refused& refused) {
        if (refused.kind != ErrorKind::not_found) throw;  // dismissed meanwhile
      }
    }
    out.emit(batch);
  };
  for (std::size_t from = 0; from < owners.size(); from += kOwners)
    emit({owners.begin() + static_cast<std::ptrdiff_t>(from),
          owners.begin() + static_cast<std::ptrdiff_t>(std::min(owners.size(), from + kOwners))});
  emit({});
  out.checkpoint(kReadWhole);
}

void GroupChats::lookup(huiliu::Call& call, const huiliu::LookupRequest& request,
                        huiliu::RecordSink& out) const {
  huiliu::Batch batch(request.stream);
  for (const std::string_view key : request.keys) {
    try {
      batch.upsert(key, body(call, std::string(key)));
    } catch (const Refused& refused) {
      if (refused.kind != ErrorKind::not_found) throw;
      batch.remove(key);
    }
  }
  out.emit(batch);
}

}  // namespace wecom
