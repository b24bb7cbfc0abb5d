#include "plugins/dingtalk/src/notices.hpp"

#include <algorithm>
#include <charconv>

#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

constexpr std::size_t kAtUsersMax = 50;
constexpr std::size_t kNoticeUsersMax = 100;
constexpr std::size_t kNoticeDepartmentsMax = 20;
constexpr std::size_t kNoticeBytesMax = 2048;
constexpr std::size_t kSubjectMax = 1024, kDescriptionMax = 4096;  // characters

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

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

// To-dos name people by unionId; ours are userids.
std::string union_id(huiliu::Call& call, const Client& client, const std::string& user,
                     const std::string& pointer) {
  try {
    const Answer answer = client.oapi(call, "/topapi/v2/user/get", json::object{{"userid", user}});
    const json::value* result = field(answer.body, "result");
    if (std::string id = result == nullptr ? std::string() : text_at(*result, "unionid"); !id.empty())
      return id;
  } catch (const Refused& refused) {
    if (refused.kind != ErrorKind::not_found) throw;
  }
  throw huiliu::DataError("待办的人员不在钉钉通讯录中 / a person of the to-do is not in the directory", {},
                          pointer);
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

huiliu::Outcome send_todo(huiliu::Call& call, const Settings& settings, const Client& client,
                          const huiliu::Record& record) {
  if (settings.operator_user_id.empty())
    throw huiliu::ConfigError("a to-do needs a person in whose name it is made", {}, "/operator_user_id");
  const std::optional<json::value> todo = parse_json(record.body);
  if (!todo || !todo->is_object()) throw huiliu::DataError("a to-do is a JSON object");
  const std::string title = text_at(*todo, "title");
  const std::string text = text_at(*todo, "text");
  if (title.empty()) throw huiliu::DataError("a to-do needs a title", {}, "/title");
  if (characters(title) > kSubjectMax)
    throw huiliu::DataError("a title has at most 1024 characters", {}, "/title");
  if (characters(text) > kDescriptionMax)
    throw huiliu::DataError("a text has at most 4096 characters", {}, "/text");
  const std::vector<std::string> users = texts_of(field(*todo, "users"));
  if (users.empty()) throw huiliu::DataError("a to-do needs users", {}, "/users");
  const std::string creator = union_id(call, client, settings.operator_user_id, "/operator_user_id");
  json::array executors;
  for (const std::string& user : users) executors.emplace_back(union_id(call, client, user, "/users"));
  json::object body{{"subject", title},
                    {"creatorId", creator},
                    {"executorIds", std::move(executors)},
                    {"isOnlyShowExecutor", true},
                    {"notifyConfigs", json::object{{"dingNotify", "1"}}}};
  if (!record.operation_id.empty()) body["sourceId"] = record.operation_id;
  if (!text.empty()) body["description"] = text;
  if (const std::string url = text_at(*todo, "url"); !url.empty())
    body["detailUrl"] = json::object{{"appUrl", url}, {"pcUrl", url}};
  for (const auto& [ours, theirs] : {std::pair{"due", "dueTime"}, std::pair{"priority", "priority"}})
    if (const json::value* value = field(*todo, ours)) body[theirs] = *value;
  ApiRequest request;
  request.method = "POST";
  request.path = "/v1.0/todo/users/" + percent_encoded(creator) + "/tasks";
  request.query = {{"operatorId", creator}};
  request.body = std::move(body);
  // With its key a repeated to-do is refused as a duplicate, so sending again is safe.
  request.repeat = record.operation_id.empty() ? ApiRequest::Repeat::once : ApiRequest::Repeat::safe;
  try {
    return huiliu::Outcome::applied(text_at(client.api(call, request).body, "id"));
  } catch (const Refused& refused) {
    if (refused.kind == ErrorKind::unchanged)
      return huiliu::Outcome::unchanged(std::string(record.operation_id));
    return refused_outcome(refused);
  }
}

}  // namespace dingtalk
