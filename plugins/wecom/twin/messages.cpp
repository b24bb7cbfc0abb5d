// App messages of the twin.
#include <algorithm>

#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/src/text.hpp"
#include "plugins/wecom/twin/wecom_twin.hpp"

namespace wecom::twin {
namespace {

constexpr std::size_t kRecipientsMax = 1000, kPartiesMax = 100;
constexpr std::size_t kContentBytes = 2048;
constexpr std::int64_t kMemberPerMinute = 30;
constexpr std::int64_t kRecallSeconds = 24 * 3600;

void check_content(const json::object& body, const std::string& type) {
  const json::value* content = member(body, type);
  if (content == nullptr || !content->is_object()) refuse(40058, "missing " + type);
  if (type == "text" || type == "markdown") {
    const std::string text = text_at(*content, "content");
    if (text.empty()) refuse(40063, "content is empty");
    if (text.size() > kContentBytes) refuse(45036, "content too long");  // bytes, and here an error
    return;
  }
  if (text_at(*content, "title").empty() || text_at(*content, "url").empty())
    refuse(40063, "title or url is empty");
  if (characters(text_at(*content, "title")) > 128 || characters(text_at(*content, "description")) > 512 ||
      text_at(*content, "url").size() > kContentBytes || characters(text_at(*content, "btntxt")) > 4)
    refuse(40058, "textcard exceeds its length");
}

}  // namespace

HttpResponse WeComTwin::send_message(const Asked& asked) {
  const std::int64_t agent = number_at(asked.body, "agentid", -1);
  if (agent != asked.app.agent_id)
    refuse(agent == account().other_app.agent_id || agent == account().app.agent_id ? 301002 : 40056,
           "agentid");
  const std::vector<std::string> users = split(text_at(asked.body, "touser"), '|');
  const std::vector<std::string> parties = split(text_at(asked.body, "toparty"), '|');
  const std::vector<std::string> tags = split(text_at(asked.body, "totag"), '|');
  if (users.empty() && parties.empty() && tags.empty()) refuse(40035, "no recipient");
  if (users.size() > kRecipientsMax || parties.size() > kPartiesMax || tags.size() > kPartiesMax)
    refuse(40035, "too many recipients");
  const std::string type = text_at(asked.body, "msgtype");
  if (type != "text" && type != "markdown" && type != "textcard") refuse(40008, "invalid message type");
  check_content(asked.body, type);
  std::vector<std::string> good, bad, bad_parties;
  for (const std::string& user : users) {
    const std::string key = user == "@all" ? user : user_key(user);
    if (key.empty())
      bad.push_back(folded(user));  // in lower case, whatever was asked for
    else
      good.push_back(key);
  }
  for (const std::string& party : parties)
    if (!store().find(kDepartments, party)) bad_parties.push_back(party);
  const bool any = !good.empty() || bad_parties.size() < parties.size();
  if (!any) refuse(81013, "user & party & tag all invalid");
  // The same message within the interval is taken and not shown again.
  const std::int64_t window =
      number_at(asked.body, "enable_duplicate_check") == 1
          ? std::min<std::int64_t>(number_at(asked.body, "duplicate_check_interval", 1800), 14'400)
          : 0;
  std::string same;
  store().for_each(kMessages, [&](const std::string& key, const Record& sent) {
    if (window > 0 && number_at(*sent, "sent_at") > now_s() - window &&
        text_at(*sent, "touser") == text_at(asked.body, "touser") && text_at(*sent, "msgtype") == type &&
        json::serialize(sent->at(type)) == json::serialize(asked.body.at(type)))
      same = key;
    return same.empty();
  });
  std::string id = same;
  if (same.empty()) {
    id = "msg" + std::to_string(++made_);
    json::object sent = asked.body;
    sent["msgid"] = id;
    sent["sent_at"] = now_s();
    // One member gets 30 a minute from one app; the rest is dropped without a word.
    if (message_minute_ != now_s() / 60) member_messages_.clear();
    message_minute_ = now_s() / 60;
    json::array delivered;
    for (const std::string& user : good)
      if (++member_messages_[user] <= kMemberPerMinute) delivered.emplace_back(user);
    sent["delivered"] = std::move(delivered);
    store().create(kMessages, id, std::move(sent), Origin::api);
  }
  json::object body{{"msgid", id}};
  if (!bad.empty()) body["invaliduser"] = joined(bad, "|");
  if (!bad_parties.empty()) body["invalidparty"] = joined(bad_parties, "|");
  return success(std::move(body));
}

HttpResponse WeComTwin::recall_message(const Asked& asked) {
  const Record sent = store().find(kMessages, asked.text("msgid"));
  if (!sent) refuse(40035, "invalid msgid");
  if (now_s() - number_at(*sent, "sent_at") > kRecallSeconds) refuse(42052, "recall window over");
  store().update(kMessages, asked.text("msgid"), {{"recalled", true}}, Origin::api);
  return success();
}

}  // namespace wecom::twin
