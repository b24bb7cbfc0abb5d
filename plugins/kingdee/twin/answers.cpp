#include "plugins/kingdee/twin/answers.hpp"

#include <boost/json/serialize.hpp>

#include <utility>

namespace kingdee_twin {

namespace json = boost::json;

std::string request_text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

json::object complaint(std::string_view field, std::string_view message, std::size_t index) {
  return {{"FieldName", field}, {"Message", message}, {"DIndex", index}};
}

json::value status_answer(json::array errors, json::array reached, int msg_code, json::object more) {
  json::object status{{"IsSuccess", errors.empty()}};
  if (errors.empty())
    status["ErrorCode"] = "";
  else
    status["ErrorCode"] = 500;
  status["Errors"] = std::move(errors);
  status["SuccessEntitys"] = std::move(reached);
  status["SuccessMessages"] = json::array();
  status["MsgCode"] = msg_code;
  json::object result{{"ResponseStatus", std::move(status)}};
  for (auto& member : more) result[member.key()] = std::move(member.value());
  return json::object{{"Result", std::move(result)}};
}

json::value failure(int msg_code, std::string_view message) {
  return status_answer({complaint("", message, 0)}, {}, msg_code);
}

}  // namespace kingdee_twin
