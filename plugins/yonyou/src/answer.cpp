#include "plugins/yonyou/src/answer.hpp"

#include <charconv>

namespace yonyou {
namespace {

std::string normalized_code(const json::object& object) {
  std::string code = text_at(object, "code");
  while (!code.empty() && (code.front() == '"' || code.front() == ' ')) code.erase(0, 1);
  while (!code.empty() && (code.back() == '"' || code.back() == ' ')) code.pop_back();
  return code;
}

bool is_success(const json::object& object, const std::string& code) {
  if (code == "200" || code == "00000") return true;
  // Some successes leave the code blank: then they must bring data and no complaint.
  if (!code.empty()) return false;
  const json::value* data = object.if_contains("data");
  return data != nullptr && !data->is_null() && flag_at(object, "success", true);
}

std::string shortened(std::string_view text) {
  constexpr std::size_t enough = 200;
  std::string shown(text.substr(0, enough));
  if (text.size() > enough)  // do not cut a character in two
    while (!shown.empty() && (static_cast<unsigned char>(shown.back()) & 0xC0) == 0x80) shown.pop_back();
  if (text.size() > enough && !shown.empty() && (static_cast<unsigned char>(shown.back()) & 0x80) != 0)
    shown.pop_back();
  return shown;
}

}  // namespace

std::size_t Answer::fail_count() const {
  const json::object* object = data.if_object();
  if (object == nullptr) return 0;
  const std::string text = text_at(*object, "failCount");
  std::size_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

std::vector<std::string> Answer::messages() const {
  std::vector<std::string> all;
  const json::object* object = data.if_object();
  const json::value* said = object == nullptr ? nullptr : object->if_contains("messages");
  if (said == nullptr) return all;
  if (const json::array* list = said->if_array()) {
    for (const json::value& one : *list)
      all.push_back(one.is_object() ? text_at(one.get_object(), "message") : scalar_text(one));
  } else if (std::string text = scalar_text(*said); !text.empty()) {
    all.push_back(std::move(text));
  }
  return all;
}

json::array Answer::rows() const {
  if (const json::array* list = data.if_array()) return *list;
  if (const json::object* object = data.if_object()) {
    for (const std::string_view name : {"recordList", "data", "list"})
      if (const json::array* list = array_at(*object, name)) return *list;
    if (object->contains("id") || object->contains("code")) return json::array{*object};
  }
  return {};
}

Answer classify(int http, std::string_view body) {
  Answer answer;
  answer.http = http;
  std::optional<json::value> parsed = parse_exact(body);
  if (parsed && parsed->is_string()) {  // the plain text, as a JSON string
    answer.message = shortened(parsed->get_string());
    answer.understood = true;
    return answer;
  }
  if (!parsed && (body.starts_with('{') || body.starts_with('['))) {
    answer.message = "(half an answer)";  // never its text: half a token's answer still holds the token
    return answer;
  }
  json::object* object = parsed ? parsed->if_object() : nullptr;
  if (object == nullptr || (!object->contains("code") && !object->contains("data"))) {
    answer.message = body.empty() ? "(empty answer)" : shortened(body);
    answer.understood = body.find("token") != std::string_view::npos && !body.starts_with('<');
    return answer;
  }
  answer.understood = true;
  answer.code = normalized_code(*object);
  answer.message = text_at(*object, "message");
  if (answer.message.empty()) answer.message = text_at(*object, "msg");
  answer.ok = is_success(*object, answer.code);
  if (json::value* data = object->if_contains("data")) answer.data = std::move(*data);
  return answer;
}

}  // namespace yonyou
