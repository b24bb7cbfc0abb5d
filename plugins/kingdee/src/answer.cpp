#include "plugins/kingdee/src/answer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>

#include "plugins/common/json_read.hpp"

namespace kingdee {
namespace {

namespace json = boost::json;

constexpr std::string_view exception_prefix = "response_error:";

std::string text_of(const json::value* value) {
  if (value == nullptr || value->is_null()) return {};
  if (value->is_string()) return std::string(value->get_string());
  return json::serialize(*value);
}

int number_of(const json::value* value, int otherwise) {
  const std::string text = text_of(value);
  if (text.empty()) return otherwise;
  char* end = nullptr;
  const long number = std::strtol(text.c_str(), &end, 10);
  return *end == '\0' ? static_cast<int>(number) : otherwise;
}

bool is_true(const json::value* value) {
  const std::string text = text_of(value);
  return text == "true" || text == "True" || text == "1";
}

const json::object* object_at(const json::value& value, std::string_view name) {
  const json::object* object = value.if_object();
  const json::value* member = object != nullptr ? object->if_contains(name) : nullptr;
  return member != nullptr ? member->if_object() : nullptr;
}

const json::array* array_at(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  return member != nullptr ? member->if_array() : nullptr;
}

/// The error that is dressed up as the first row of a query: [[{"Result":…}]], [{"Result":…}] or
/// {"Result":…}.
const json::object* response_status(const json::value& body) {
  const json::value* at = &body;
  for (int depth = 0; depth < 2 && at->is_array() && !at->get_array().empty(); ++depth)
    at = &at->get_array()[0];
  const json::object* result = object_at(*at, "Result");
  if (result == nullptr) return nullptr;
  const json::value* status = result->if_contains("ResponseStatus");
  return status != nullptr ? status->if_object() : nullptr;
}

void read_status(const json::object& status, Answer& answer) {
  answer.ok = is_true(status.if_contains("IsSuccess"));
  answer.error_code = text_of(status.if_contains("ErrorCode"));
  answer.msg_code = number_of(status.if_contains("MsgCode"), 0);
  if (const json::array* errors = array_at(status, "Errors")) {
    for (const json::value& error : *errors) {
      const json::object* e = error.if_object();
      if (e == nullptr) continue;
      answer.complaints.push_back({text_of(e->if_contains("FieldName")), text_of(e->if_contains("Message")),
                                   number_of(e->if_contains("DIndex"), -1)});
    }
  }
  if (const json::array* entities = array_at(status, "SuccessEntitys")) {
    for (const json::value& entity : *entities) {
      const json::object* e = entity.if_object();
      if (e == nullptr) continue;
      answer.reached.push_back({text_of(e->if_contains("Id")), text_of(e->if_contains("Number")),
                                number_of(e->if_contains("DIndex"), -1)});
    }
  }
}

/// [{"actionname":"showConfirm","params":[{"msg":"…"}]}]
bool read_firewall(Answer& answer) {
  const json::array* list = answer.body.if_array();
  if (list == nullptr || list->empty() || !list->front().is_object()) return false;
  const json::object& first = list->front().get_object();
  if (!first.contains("actionname")) return false;
  answer.shape = Shape::firewall;
  std::string message;
  if (const json::array* params = array_at(first, "params"))
    if (!params->empty() && params->front().is_object())
      message = text_of(params->front().get_object().if_contains("msg"));
  answer.complaints.push_back({{}, message.empty() ? json::serialize(first) : message, -1});
  return true;
}

bool read_gateway(Answer& answer) {
  const json::object* object = answer.body.if_object();
  if (object == nullptr || !object->contains("errcode")) return false;
  answer.error_code = text_of(object->if_contains("errcode"));
  if (answer.error_code == "0") return false;
  answer.shape = Shape::gateway;
  std::string message = text_of(object->if_contains("description"));
  if (message.empty()) message = text_of(object->if_contains("description_cn"));
  answer.complaints.push_back({{}, std::move(message), -1});
  return true;
}

void read_text(std::string_view body, Answer& answer) {
  const std::size_t start = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const std::string_view text = start == std::string_view::npos ? std::string_view() : body.substr(start);
  if (text.starts_with('<'))
    answer.shape = Shape::page;
  else if (text.starts_with(exception_prefix) || (!text.empty() && text[0] != '{' && text[0] != '['))
    answer.shape = Shape::exception;
  constexpr std::size_t enough = 300;
  std::string shown(text.substr(0, enough));
  // Do not cut a character in two: drop the continuation bytes and the lead byte of the last one.
  if (text.size() > enough) {
    while (!shown.empty() && (static_cast<unsigned char>(shown.back()) & 0xC0) == 0x80) shown.pop_back();
    if (!shown.empty() && (static_cast<unsigned char>(shown.back()) & 0x80) != 0) shown.pop_back();
  }
  answer.complaints.push_back({{}, shown.empty() ? "(empty answer)" : shown, -1});
}

}  // namespace

std::string Answer::text() const {
  std::string all;
  for (const Complaint& complaint : complaints) {
    if (!all.empty()) all += "; ";
    if (!complaint.field.empty()) (all += complaint.field) += ": ";
    all += complaint.message;
  }
  return all;
}

Answer classify(std::string_view body) {
  Answer answer;
  boost::system::error_code error;
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  if (!body.starts_with(exception_prefix)) {
    json::parse_options options;
    options.max_depth = 64;
    answer.body = json::parse(plugin_common::keep_number_text(body), error, {}, options);
    if (error) answer.body = nullptr;
  }
  if (body.starts_with(exception_prefix) || error || answer.body.is_null()) {
    read_text(body, answer);
    return answer;
  }
  if (answer.body.is_string()) {  // some sites send the plain text as a JSON string
    const std::string text(answer.body.get_string());
    answer.body = nullptr;
    read_text(text, answer);
    return answer;
  }
  if (read_firewall(answer) || read_gateway(answer)) return answer;
  if (const json::object* status = response_status(answer.body)) {
    answer.shape = Shape::result;
    read_status(*status, answer);
    if (!answer.ok && answer.complaints.empty())
      answer.complaints.push_back({{}, "the site reports a failure without a message", -1});
    return answer;
  }
  if (answer.body.is_array() || answer.body.is_object()) {
    answer.shape = answer.body.is_array() ? Shape::rows : Shape::result;
    answer.ok = true;
    return answer;
  }
  read_text(body, answer);
  return answer;
}

}  // namespace kingdee
