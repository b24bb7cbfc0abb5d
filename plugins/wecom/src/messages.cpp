#include "plugins/wecom/src/messages.hpp"

#include <map>

#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/src/text.hpp"

namespace wecom {
namespace {

constexpr std::size_t kUsersMax = 1000, kPartiesMax = 100, kTagsMax = 100;
constexpr std::size_t kContentBytes = 2048, kUrlBytes = 2048;
constexpr std::size_t kTitleMax = 128, kDescriptionMax = 512, kButtonMax = 4;
constexpr std::int64_t kDuplicateWindowSeconds = 1800;

[[noreturn]] void refuse(const std::string& why, const std::string& pointer) {
  throw huiliu::DataError(why, {}, pointer);
}

void at_most(std::size_t size, std::size_t most, const std::string& pointer, const char* unit_zh,
             const char* unit_en) {
  if (size > most)
    refuse("最多" + std::to_string(most) + unit_zh + " / at most " + std::to_string(most) + " " + unit_en,
           pointer);
}

// Recipients as a list or as the vendor's "a|b".
std::vector<std::string> recipients(const json::value& message, const char* ours, const char* theirs) {
  std::vector<std::string> all;
  for (const char* name : {ours, theirs})
    for (const std::string& item : texts_of(member(message, name)))
      for (std::string& one : split(item, '|')) all.push_back(std::move(one));
  return all;
}

struct Recipients {
  std::vector<std::string> users, parties, tags;
};

Recipients recipients_of(const json::value& message) {
  Recipients to{recipients(message, "users", "touser"), recipients(message, "departments", "toparty"),
                recipients(message, "tags", "totag")};
  if (text_at(message, "everybody") == "true") to.users = {"@all"};
  if (to.users.empty() && to.parties.empty() && to.tags.empty())
    refuse("缺少接收人 / a message needs a recipient", "/users");
  at_most(to.users.size(), kUsersMax, "/users", "人", "users");
  at_most(to.parties.size(), kPartiesMax, "/departments", "个部门", "departments");
  at_most(to.tags.size(), kTagsMax, "/tags", "个标签", "tags");
  return to;
}

json::object card(const std::string& title, const std::string& description, const std::string& url,
                  const std::string& button) {
  if (url.empty()) refuse("卡片消息需要链接 / a card needs a url", "/url");
  if (title.empty()) refuse("卡片消息需要标题 / a card needs a title", "/title");
  at_most(characters(title), kTitleMax, "/title", "个字符", "characters");
  at_most(characters(description), kDescriptionMax, "/text", "个字符", "characters");
  at_most(url.size(), kUrlBytes, "/url", "字节", "bytes");
  at_most(characters(button), kButtonMax, "/button", "个字符", "characters");
  json::object content{{"title", title}, {"description", description}, {"url", url}};
  if (!button.empty()) content["btntxt"] = button;
  return {{"msgtype", "textcard"}, {"textcard", std::move(content)}};
}

json::object content_of(const json::value& message) {
  const std::string type = text_at(message, "msgtype");
  const json::value* nested = type.empty() ? nullptr : member(message, type);
  if (!type.empty() && type != "text" && type != "markdown" && type != "textcard")
    refuse("消息类型不支持 / message types are text, markdown and textcard", "/msgtype");
  const bool has_object = nested != nullptr && nested->is_object();
  if (type == "textcard" || (type.empty() && member(message, "url") != nullptr)) {
    const json::value& from = has_object ? *nested : message;
    return card(text_at(from, "title"), text_at(from, has_object ? "description" : "text"),
                text_at(from, "url"), text_at(from, has_object ? "btntxt" : "button"));
  }
  std::string text = has_object ? text_at(*nested, "content") : text_at(message, "text");
  if (text.empty() && !has_object) text = text_at(message, "content");
  if (text.empty()) refuse("缺少正文 / a message needs text", "/text");
  const std::string title = has_object ? std::string() : text_at(message, "title");
  const bool markdown = type == "markdown" || (type.empty() && text_at(message, "markdown") == "true");
  if (!title.empty()) text = (markdown ? "**" + title + "**\n" : title + "\n") + text;
  at_most(text.size(), kContentBytes, "/text", "字节", "bytes");
  const char* kind = markdown ? "markdown" : "text";
  return {{"msgtype", kind}, {kind, json::object{{"content", text}}}};
}

json::array as_asked(const std::string& answered, const std::vector<std::string>& asked) {
  std::map<std::string, std::string> spelling;
  for (const std::string& user : asked) spelling.emplace(folded(user), user);
  json::array list;
  for (const std::string& user : split(answered, '|')) {
    const auto found = spelling.find(folded(user));
    list.emplace_back(found == spelling.end() ? user : found->second);
  }
  return list;
}

huiliu::Outcome sent(huiliu::Call& call, const json::value& answer, const Recipients& to) {
  json::object body{{"msgid", text_at(answer, "msgid")},
                    {"invalid_users", as_asked(text_at(answer, "invaliduser"), to.users)},
                    {"invalid_departments", as_asked(text_at(answer, "invalidparty"), to.parties)},
                    {"invalid_tags", as_asked(text_at(answer, "invalidtag"), to.tags)},
                    {"unlicensed_users", as_asked(text_at(answer, "unlicenseduser"), to.users)}};
  std::size_t missed = 0;
  for (const char* name : {"invalid_users", "invalid_departments", "invalid_tags", "unlicensed_users"})
    missed += body.at(name).get_array().size();
  if (missed > 0)
    call.warn("a message did not reach all its recipients", {{"missed", std::to_string(missed)}});
  std::string key = text_at(answer, "msgid");
  return huiliu::Outcome::applied(std::move(key), {}, json::serialize(body));
}

}  // namespace

huiliu::Outcome send_message(huiliu::Call& call, const Settings& settings, const Client& client,
                             const huiliu::Record& record) {
  if (settings.agent_id <= 0)
    throw huiliu::ConfigError("发送消息需要应用的 agent_id / a message needs the app's agent_id", {},
                              "/agent_id");
  if (!record.creates()) throw huiliu::DataError("消息只能新建 / messages are only created");
  const std::optional<json::value> message = parse_json(record.body);
  if (!message || !message->is_object()) throw huiliu::DataError("a message is a JSON object");
  const Recipients to = recipients_of(*message);
  json::object body = content_of(*message);
  if (!to.users.empty()) body["touser"] = joined(to.users, "|");
  if (!to.parties.empty()) body["toparty"] = joined(to.parties, "|");
  if (!to.tags.empty()) body["totag"] = joined(to.tags, "|");
  body["agentid"] = settings.agent_id;
  body["safe"] = 0;
  if (text_at(*message, "duplicate_check") != "false") {
    body["enable_duplicate_check"] = 1;
    body["duplicate_check_interval"] = kDuplicateWindowSeconds;
  }
  try {
    return sent(call, client.post(call, "message/send", body, Client::Repeat::once), to);
  } catch (const Refused& refused) {
    // A page instead of an answer: it may have been sent.
    if (refused.kind == ErrorKind::busy && refused.remote_code != "-1")
      return {HUILIU_IN_DOUBT, {}, {}, {}, refused};
    const huiliu_outcome outcome = outcome_of(refused.kind);
    if (outcome == HUILIU_DEFERRED) throw;
    if (outcome == HUILIU_GONE) return {HUILIU_REJECTED, {}, {}, {}, refused};
    return {outcome, {}, {}, {}, refused};
  }
}

}  // namespace wecom
