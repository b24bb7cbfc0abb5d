#include "plugins/kingdee/twin/kingdee_twin.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "plugins/kingdee/twin/answers.hpp"

namespace kingdee_twin {
namespace {

namespace json = boost::json;
using huiliu::twin::HttpRequest;
using huiliu::twin::HttpResponse;

constexpr std::string_view service_end = ".common.kdsvc";
constexpr std::string_view dynamic_form_service = "Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.";
constexpr std::string_view auth_service = "Kingdee.BOS.WebApi.ServicesStub.AuthService.";
constexpr std::string_view account_service = "Kingdee.BOS.ServiceFacade.ServicesStub.Account.AccountService.";

/// "…/k3cloud/SERVICE.common.kdsvc" → SERVICE; "" for anything else.
std::string_view service_of(std::string_view path) {
  if (!path.ends_with(service_end)) return {};
  path.remove_suffix(service_end.size());
  return path.substr(path.rfind('/') + 1);
}

bool is_query(std::string_view operation) {
  return operation == "ExecuteBillQuery" || operation == "BillQuery";
}
bool is_save(std::string_view operation) {
  return operation == "Save" || operation == "BatchSave" || operation == "Draft";
}

/// Options are booleans or, as clients commonly send them, texts.
bool flag_in(const json::object& object, std::string_view name, bool otherwise) {
  const std::string text = request_text(object, name);
  if (text.empty()) return otherwise;
  return same_letters(text, "true") || text == "1";
}

json::object entity(const Saved& saved, std::size_t index) {
  return {{"Id", saved.id}, {"Number", saved.number}, {"DIndex", index}};
}

/// An error of a query is dressed up as its first row.
json::value as_row(json::value answer) { return json::array{json::array{std::move(answer)}}; }

json::value firewall_answer() {
  return json::array{json::object{
      {"actionname", "showConfirm"},
      {"params", json::array{json::object{{"msg", "请求参数存在可疑数据，已被拦截规则[caller_xss]阻止!"},
                                          {"title", "安全提示"}}}}}};
}

bool is_suspicious(const json::value& value) {
  if (value.is_string()) {
    const std::string_view text = value.get_string();
    return text.find('<') != std::string_view::npos || text.find("--") != std::string_view::npos;
  }
  if (const json::array* list = value.if_array())
    return std::any_of(list->begin(), list->end(), is_suspicious);
  if (const json::object* object = value.if_object())
    return std::any_of(object->begin(), object->end(),
                       [](const auto& m) { return is_suspicious(m.value()); });
  return false;
}

/// JSON with its amounts as the product writes them: plain decimals, never an exponent.
std::string plain_json(const json::value& value) {
  const std::string text = json::serialize(value);
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    if (text[at] == '"') {
      while (text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      ++end;
    } else if (text[at] == '-' || (text[at] >= '0' && text[at] <= '9')) {
      while (end < text.size() &&
             std::string_view("0123456789.eE+-").find(text[end]) != std::string_view::npos)
        ++end;
      const std::string number = text.substr(at, end - at);
      if (number.find('E') != std::string::npos) {
        char decimal[64];
        std::snprintf(decimal, sizeof decimal, "%.10f", std::strtod(number.c_str(), nullptr));
        std::string_view shown = decimal;
        while (shown.ends_with('0')) shown.remove_suffix(1);
        if (shown.ends_with('.')) shown.remove_suffix(1);
        plain += shown;
        at = end;
        continue;
      }
    }
    plain.append(text, at, end - at);
    at = end;
  }
  return plain;
}

std::string http_date(std::int64_t unix_ms) {
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_ms / 1000)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto rest = (time - day).count();
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                days[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(rest / 3600), static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  return text;
}

}  // namespace

std::string KingdeeTwin::endpoint_of(const HttpRequest& request) const {
  const std::string_view service = service_of(request.path);
  if (service.empty()) return Twin::endpoint_of(request);
  return std::string(service.substr(service.rfind('.') + 1));
}

HttpResponse KingdeeTwin::rate_limited(const HttpRequest& request) {
  json::value answer = failure(14, "接口调用次数超出限制，请稍后再试");
  const std::string operation = endpoint_of(request);
  return huiliu::twin::json_response(
      json::serialize(is_query(operation) ? as_row(std::move(answer)) : answer));
}

bool KingdeeTwin::over_quota(std::int64_t now_ms) {
  if (calls_per_minute_ <= 0 || options().quota_factor <= 0) return false;
  while (!calls_.empty() && calls_.front() <= now_ms - 60'000) calls_.pop_front();
  const double most = std::max(1.0, static_cast<double>(calls_per_minute_) * options().quota_factor);
  if (static_cast<double>(calls_.size()) >= most) return true;
  calls_.push_back(now_ms);
  return false;
}

HttpResponse KingdeeTwin::handle(const HttpRequest& request) {
  const std::int64_t now = clock().now_ms();
  const std::string_view service = service_of(request.path);
  HttpResponse response;
  huiliu::twin::Fields headers{{"Date", http_date(now)}};
  const auto answer = [&](const json::value& body, int status = 200) {
    response = huiliu::twin::json_response(plain_json(body), status);
  };
  if (request.method != "POST" || service.empty()) {
    response = huiliu::twin::text_response("<html><body>404 - not found</body></html>", 404);
  } else if (service.starts_with(auth_service)) {
    const std::string_view method = service.substr(auth_service.size());
    if (method == "Logout") {
      sessions_.logout(request);
      answer(true);
    } else {
      answer(sessions_.login(method, request.body, now, headers));
    }
  } else if (service == std::string(account_service) + "GetDataCenterList") {
    answer(json::array{
        json::object{{"Id", sessions_.account().acct_id}, {"Number", "01"}, {"Name", "云桥装备集团"}}});
  } else if (!service.starts_with(dynamic_form_service)) {
    answer(json::object{{"errcode", 5001}, {"description", "no such API[GW]"}}, 519);
  } else {
    const std::string_view operation = service.substr(dynamic_form_service.size());
    const auto refusal = sessions_.admit(request, now, headers);
    if (!refusal && over_quota(now)) {
      response = rate_limited(request);
    } else if (!refusal) {
      const json::value body = serve(operation, request);
      if (body.is_string())
        response = huiliu::twin::text_response(std::string(body.get_string()));
      else
        answer(body);
    } else if (refusal->kind == Sessions::Refusal::Kind::gateway) {
      answer(json::object{{"errcode", refusal->gateway_code}, {"description", refusal->message}}, 519);
    } else {
      const bool lost = refusal->kind == Sessions::Refusal::Kind::session_lost;
      json::value body = failure(shown_code(lost ? 1 : 0), refusal->message);
      answer(is_query(operation) ? as_row(std::move(body)) : body);
    }
  }
  for (auto& header : headers) response.headers.push_back(std::move(header));
  return response;
}

std::optional<KingdeeTwin::Parsed> KingdeeTwin::parse(std::string_view operation,
                                                      const HttpRequest& request) {
  Parsed parsed;
  boost::system::error_code error;
  const auto unwrap = [&](json::value value) {  // data may be an object or its text
    if (!value.is_string()) return value;
    json::value inner = json::parse(value.get_string(), error);
    return inner;
  };
  if (request.header("Content-Type").find("urlencoded") != std::string_view::npos) {
    for (const auto& [name, value] : huiliu::twin::parse_form(request.body)) {
      if (same_letters(name, "formid")) parsed.form_id = value;
      if (same_letters(name, "opNumber")) parsed.op_number = value;
      if (name == "data") parsed.data = json::parse(value, error);
    }
    return error || !parsed.data.is_object() ? std::nullopt : std::optional(std::move(parsed));
  }
  json::value body = json::parse(request.body, error);
  if (error || !body.is_object()) return std::nullopt;
  const json::object& object = body.get_object();
  if (const json::value* list = object.if_contains("parameters")) {
    const json::value inner = unwrap(*list);
    if (error || !inner.is_array()) return std::nullopt;
    std::vector<json::value> values(inner.get_array().begin(), inner.get_array().end());
    const std::size_t wanted =
        is_query(operation) || operation == "QueryBusinessInfo" || operation == "QueryGroupInfo" ? 1
        : operation.ends_with("Operation")                                                       ? 3
                                                                                                 : 2;
    if (values.size() != wanted) return std::nullopt;
    if (wanted > 1) parsed.form_id = values[0].is_string() ? std::string(values[0].get_string()) : "";
    if (wanted > 2) parsed.op_number = values[1].is_string() ? std::string(values[1].get_string()) : "";
    parsed.data = unwrap(values.back());
  } else {
    for (const auto& member : object) {
      if (same_letters(member.key(), "formid")) parsed.form_id = request_text(object, member.key());
      if (same_letters(member.key(), "opNumber")) parsed.op_number = request_text(object, member.key());
      if (same_letters(member.key(), "data")) parsed.data = unwrap(member.value());
    }
  }
  return error || !parsed.data.is_object() ? std::nullopt : std::optional(std::move(parsed));
}

json::value KingdeeTwin::serve(std::string_view operation, const HttpRequest& request) {
  const auto parsed = parse(operation, request);
  if (!parsed) return "response_error:Kingdee.BOS.WebApi.FormService: 请求参数格式不正确";
  const json::object& data = parsed->data.get_object();
  const auto denied = [this](std::string_view form_id) -> std::optional<json::value> {
    const FormDef* form = form_by_id(form_id);
    if (form == nullptr || !product_.rules().denied_forms.contains(form->form_id)) return std::nullopt;
    return failure(shown_code(2), "当前用户没有“" + std::string(form->name) + "”的查看权限");
  };
  if (is_query(operation)) {
    if (auto refused = denied(request_text(data, "FormId"))) return as_row(std::move(*refused));
    if (request.empty_list) return json::array();
    try {
      return run_query(site_, data, limits_, operation == "BillQuery" ? Print::objects : Print::arrays);
    } catch (const QueryRefused& refused) {
      return as_row(failure(shown_code(9), refused.what()));
    }
  }
  if (operation == "QueryBusinessInfo") return business_info(data);
  if (operation == "QueryGroupInfo") return group_info(data);
  if (parsed->form_id.empty()) return failure(shown_code(5), "业务对象标识不能为空");
  const FormDef* form = form_by_id(parsed->form_id);
  if (form == nullptr) return failure(shown_code(8), "业务对象不存在：" + parsed->form_id);
  if (auto refused = denied(form->form_id)) return std::move(*refused);
  if (operation == "View") return view(*form, data);
  if (is_save(operation)) {
    if (form->prefix.empty())
      return failure(shown_code(2), "当前用户没有“" + std::string(form->name) + "”的新增、修改权限");
    const json::value* model = data.if_contains("Model");
    if (model == nullptr) return failure(shown_code(8), "Model不能为空");
    if (product_.rules().firewall && is_suspicious(*model)) return firewall_answer();
    return save(*form, operation, data);
  }
  return operate(*form, operation, parsed->op_number, data);
}

json::value KingdeeTwin::save(const FormDef& form, std::string_view operation, const json::object& data) {
  SaveOptions options;
  options.delete_entries = flag_in(data, "IsDeleteEntry", true);
  options.submit_and_audit = flag_in(data, "IsAutoSubmitAndAudit", false);
  options.draft = operation == "Draft";
  if (const json::value* need = data.if_contains("NeedUpDateFields"); need != nullptr && need->is_array())
    for (const json::value& name : need->get_array())
      if (name.is_string()) options.need.emplace(name.get_string());

  const json::value& model = data.at("Model");
  if (model.is_array() != (operation == "BatchSave"))
    return failure(shown_code(8),
                   operation == "BatchSave" ? "BatchSave的Model必须是数组" : "Model必须是对象");
  json::array models = model.is_array() ? model.get_array() : json::array{model};
  if (flag_in(data, "ValidateRepeatJson", false) == false && models.empty())
    return failure(shown_code(8), "Model不能为空");
  json::array errors, reached;
  int code = 0;
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (!models[i].is_object()) {
      errors.push_back(complaint("", "Model的元素必须是对象", i));
      code = 8;
      continue;
    }
    try {
      reached.push_back(entity(product_.save(form, models[i].get_object(), options), i));
    } catch (const Refused& refused) {
      errors.push_back(complaint(refused.field, refused.what(), i));
      code = refused.msg_code;
    }
  }
  json::object more;
  if (operation != "BatchSave" && !reached.empty()) {
    more["Id"] = reached[0].get_object().at("Id");
    more["Number"] = reached[0].get_object().at("Number");
    more["NeedReturnData"] = json::array{json::object()};
  }
  return status_answer(std::move(errors), std::move(reached), shown_code(code), std::move(more));
}

std::vector<std::int64_t> KingdeeTwin::ids_meant(const FormDef& form, const json::object& data,
                                                 std::vector<Refused>& refused) const {
  std::vector<std::int64_t> ids;
  const std::string list = request_text(data, "Ids");
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    std::int64_t id = 0;
    std::from_chars(list.data() + at, list.data() + comma, id);
    if (id > 0) ids.push_back(id);
    at = comma + 1;
  }
  if (!ids.empty()) return ids;
  if (const json::value* numbers = data.if_contains("Numbers"); numbers != nullptr && numbers->is_array())
    for (const json::value& number : numbers->get_array()) {
      const std::string text =
          number.is_string() ? std::string(number.get_string()) : json::serialize(number);
      const std::vector<Record> rows = site_.rows_of_number(form, text);
      if (rows.empty())
        refused.emplace_back(10, "", "编码为" + text + "的" + std::string(form.name) + "数据不存在");
      // Several organisations share a number: the creating one's row is meant.
      for (const Record& row : rows)
        if (!form.allocated || id_of(*row, form.id) == id_of(*row, "FMasterId"))
          ids.push_back(id_of(*row, form.id));
    }
  return ids;
}

json::value KingdeeTwin::operate(const FormDef& form, std::string_view operation, std::string_view op_number,
                                 const json::object& data) {
  std::vector<Refused> refused;
  json::array errors, reached;
  int code = 0;
  if (operation == "Allocate") {
    json::object as_ids{{"Ids", request_text(data, "PkIds")}},
        organisations{{"Ids", request_text(data, "TOrgIds")}};
    for (const std::int64_t id : ids_meant(form, as_ids, refused))
      for (const std::int64_t organisation : ids_meant(form, organisations, refused)) try {
          const bool at_once = flag_in(data, "IsAutoSubmitAndAudit", false);
          reached.push_back(entity(product_.allocate(form, id, organisation, at_once), reached.size()));
        } catch (const Refused& no) {
          errors.push_back(complaint(no.field, no.what(), errors.size()));
          code = no.msg_code;
        }
    return status_answer(std::move(errors), std::move(reached), shown_code(code));
  }
  Saved (Product::*act)(const FormDef&, std::int64_t) = nullptr;
  const bool is_operation = operation == "ExcuteOperation" || operation == "ExecuteOperation";
  const std::string_view name = is_operation ? op_number : operation;
  const bool forbids = name == "Forbid", enables = name == "Enable";
  if (name == "Submit") act = &Product::submit;
  if (name == "Audit") act = &Product::audit;
  if (name == "UnAudit") act = &Product::un_audit;
  if (name == "CancelAssign") act = &Product::cancel_assign;
  if (name == "Delete") act = &Product::remove;
  if (act == nullptr && !(is_operation && (forbids || enables)))
    return failure(shown_code(3), "操作" + std::string(name) + "不存在");
  const std::vector<std::int64_t> ids = ids_meant(form, data, refused);
  if (ids.empty() && refused.empty()) return failure(shown_code(8), "编码值或内码值必须传其一");
  for (std::size_t i = 0; i < ids.size(); ++i) try {
      const Saved done =
          act != nullptr ? (product_.*act)(form, ids[i]) : product_.forbid(form, ids[i], forbids);
      reached.push_back(entity(done, i));
    } catch (const Refused& no) {
      errors.push_back(complaint(no.field, no.what(), i));
      code = no.msg_code;
    }
  for (const Refused& no : refused) {
    errors.push_back(complaint(no.field, no.what(), errors.size()));
    code = no.msg_code;
  }
  return status_answer(std::move(errors), std::move(reached), shown_code(code));
}

}  // namespace kingdee_twin
