#include "plugins/dingtalk/src/notices.hpp"

#include <charconv>

#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

constexpr std::size_t kAtUsersMax = 50;
constexpr std::size_t kNoticeUsersMax = 100;
constexpr std::size_t kNoticeDepartmentsMax = 20;
constexpr std::size_t kNoticeBytesMax = 2048;

json::value message_in(const huiliu::Record& record) {
  std::optional<json::value> body = parse_json(record.body);
  if (!body || !body->is_object()) throw huiliu::DataError("a message is a JSON object");
  if (text_at(*body, "text").empty()) throw huiliu::DataError("a message needs text", {}, "/text");
  return std::move(*body);
}

json::object content_of(const json::value& message) {
  const std::string title = text_at(message, "title");
  const std::string text = text_at(message, "text");
  if (title.empty()) return {{"msgtype", "text"}, {"text", {{"content", text}}}};
  return {{"msgtype", "markdown"}, {"markdown", {{"title", title}, {"text", text}}}};
}

std::string comma_list(const std::vector<std::string>& items) {
  std::string list;
  for (const std::string& item : items) list.append(list.empty() ? "" : ",").append(item);
  return list;
}

// What the vendor refused, as this record's outcome; what concerns the connection is thrown on.
huiliu::Outcome refused_outcome(const Refused& refused) {
  const huiliu_outcome outcome = outcome_of(refused.kind);
  if (outcome == HUILIU_DEFERRED || outcome == HUILIU_IN_DOUBT) throw refused;
  return {outcome, {}, {}, {}, refused};
}

}  // namespace

huiliu::Outcome send_robot_message(huiliu::Call& call, const Settings& settings, const Client& client,
                                   const huiliu::Record& record) {
  if (settings.robot_webhook.empty())
    throw huiliu::ConfigError("a robot message needs the address of the robot", {}, "/robot_webhook");
  const json::value message = message_in(record);
  const std::vector<std::string> users = texts_of(field(message, "at_users"));
  if (users.size() > kAtUsersMax)
    throw huiliu::DataError("a robot message addresses at most 50 people", {}, "/at_users");
  json::object body = content_of(message);
  const std::vector<std::string> mobiles = texts_of(field(message, "at_mobiles"));
  body["at"] = {{"atMobiles", json::array(mobiles.begin(), mobiles.end())},
                {"atUserIds", json::array(users.begin(), users.end())},
                {"isAtAll", true_at(message, "at_all")}};
  if (!record.operation_id.empty()) body["msgUuid"] = record.operation_id;
  try {
    client.robot(call, body, record.operation_id);
  } catch (const Refused& refused) {
    return refused_outcome(refused);
  }
  return huiliu::Outcome::applied(std::string(record.operation_id));
}

huiliu::Outcome send_work_notice(huiliu::Call& call, const Settings& settings, const Client& client,
                                 const huiliu::Record& record) {
  std::int64_t agent = 0;
  const std::string& id = settings.agent_id;
  if (id.empty() || std::from_chars(id.data(), id.data() + id.size(), agent).ptr != id.data() + id.size())
    throw huiliu::ConfigError("a work notice needs the number of the app", {}, "/agent_id");
  const json::value message = message_in(record);
  const std::vector<std::string> users = texts_of(field(message, "users"));
  const std::vector<std::string> departments = texts_of(field(message, "departments"));
  if (users.size() > kNoticeUsersMax)
    throw huiliu::DataError("a work notice goes to at most 100 people", {}, "/users");
  if (departments.size() > kNoticeDepartmentsMax)
    throw huiliu::DataError("a work notice goes to at most 20 departments", {}, "/departments");
  const json::object content = content_of(message);
  if (json::serialize(content).size() > kNoticeBytesMax)
    throw huiliu::DataError("a work notice holds at most 2048 bytes", {}, "/text");
  json::object body{{"agent_id", agent}, {"msg", content}, {"to_all_user", true_at(message, "everybody")}};
  if (!users.empty()) body["userid_list"] = comma_list(users);
  if (!departments.empty()) body["dept_id_list"] = comma_list(departments);
  try {
    const Answer answer = client.oapi(call, "/topapi/message/corpconversation/asyncsend_v2", std::move(body),
                                      ApiRequest::Repeat::once);
    std::string task = text_at(answer.body, "task_id");
    if (const json::value* result = field(answer.body, "result"); task.empty() && result != nullptr)
      task = text_at(*result, "task_id");
    return huiliu::Outcome::applied(std::move(task));
  } catch (const Refused& refused) {
    return refused_outcome(refused);
  }
}

}  // namespace dingtalk
