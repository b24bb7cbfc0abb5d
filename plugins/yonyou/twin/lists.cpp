// The list services: customers, staff, organisations, trees, orders, receivables and receipts. Each has its
// own place for the page, the time and the totals, as the vendor's do.
#include <algorithm>

#include "plugins/yonyou/src/json_read.hpp"
#include "plugins/yonyou/twin/yonyou_twin.hpp"
#include "sdk/twin/crypto.hpp"

namespace yonyou_twin {
namespace {

using huiliu::twin::Record;

/// "2024-06-01 00:00:00" texts compare as times.
bool since(const json::object& row, const std::string& begin, const std::string& end = {}) {
  const std::string at = text_of(row, "pubts");
  return (begin.empty() || at >= begin) && (end.empty() || at <= end);
}

std::string chinese_in(const json::object& row, std::string_view name) {
  const json::value* value = row.if_contains(name);
  return value == nullptr ? std::string() : yonyou::chinese_of(*value);
}

std::string inner(const json::object& body, std::string_view object, std::string_view name) {
  const json::value* value = body.if_contains(object);
  return value != nullptr && value->is_object() ? text_of(value->get_object(), name) : std::string();
}

/// One element of simpleVOs. Numbers compare as numbers.
bool fits(const json::object& row, const json::object& condition) {
  const std::string op = text_of(condition, "op"), at = text_of(row, text_of(condition, "field"));
  const std::string first = text_of(condition, "value1"), second = text_of(condition, "value2");
  const auto less = [](const std::string& a, const std::string& b) {
    const auto digits = [](const std::string& s) {
      return !s.empty() &&
             std::all_of(s.begin(), s.end(), [](unsigned char c) { return c >= '0' && c <= '9'; });
    };
    return digits(a) && digits(b) && a.size() != b.size() ? a.size() < b.size() : a < b;
  };
  if (op == "eq") return at == first;
  if (op == "neq") return at != first;
  if (op == "gt") return less(first, at);
  if (op == "egt") return !less(at, first);
  if (op == "lt") return less(at, first);
  if (op == "elt") return !less(first, at);
  if (op == "like") return at.find(first) != std::string::npos;
  if (op == "between") return !less(at, first) && !less(second, at);
  throw Refused("310003", "不支持的操作符" + op);
}

}  // namespace

json::value YonyouTwin::figure(std::size_t number) const {
  if (rules_.totals == "number") return number;
  if (rules_.totals == "empty") return "";
  return json::string(std::to_string(number));
}

std::size_t YonyouTwin::page_size(const Call& call, std::size_t usual, std::size_t most) const {
  const std::int64_t size = number_of(call.object(), "pageSize");
  if (size < 0 || static_cast<std::size_t>(size) > most)
    throw Refused("310003", "pageSize超过最大值" + std::to_string(most));
  if (rules_.slow_page > 0 && size > rules_.slow_page) throw Refused("310504", "后端服务超时");
  return size == 0 ? usual : static_cast<std::size_t>(size);
}

std::vector<Record> YonyouTwin::listed(const Call& call, std::string_view stream,
                                       const std::function<bool(const json::object&)>& wanted) {
  if (call.request.empty_list) return {};
  ++lists_served_;
  // No order is promised: the same within one second, another in the next.
  const std::string salt = rules_.shuffled_lists ? std::to_string(clock().now_ms() / 1000) : std::string();
  json::value question = call.body;
  if (json::object* const members = question.if_object()) members->erase("pageIndex");
  const auto state = std::pair(store().revision(stream), store().size(stream));
  const std::string asked = salt + '/' + call.path + '/' + std::to_string(state.first) + '/' +
                            std::to_string(state.second) + '/' + json::serialize(question);
  if (asked == last_list_.asked) return last_list_.rows;
  std::vector<Record> all;
  store().for_each(stream, [&](const std::string&, const Record& record) {
    if (wanted(*record)) all.push_back(record);
    return true;
  });
  if (rules_.shuffled_lists)
    std::sort(all.begin(), all.end(), [&](const Record& a, const Record& b) {
      return huiliu::twin::md5(salt + text_of(*a, "id")) < huiliu::twin::md5(salt + text_of(*b, "id"));
    });
  last_list_ = {asked, all};
  return all;
}

namespace {

std::pair<std::size_t, std::size_t> window(const json::object& body, std::size_t size, std::size_t total) {
  const std::int64_t index = number_of(body, "pageIndex");
  if (index < 1) throw Refused("310003", "pageIndex从1开始");
  const std::size_t begin = std::min((static_cast<std::size_t>(index) - 1) * size, total);
  return {begin, std::min(begin + size, total)};
}

bool customer_fits(const json::object& customer, const json::object& body) {
  if (!since(customer, text_of(body, "pubts")) ||
      !since(customer, text_of(body, "beganTime"), text_of(body, "endTime")))
    return false;
  for (const std::string_view name : {"id", "code", "createOrgCode", "customerClassCode", "creditCode"})
    if (const std::string wanted = text_of(body, name); !wanted.empty() && text_of(customer, name) != wanted)
      return false;
  if (const std::string name = text_of(body, "name"); !name.empty() && chinese_in(customer, "name") != name)
    return false;
  if (const std::string part = text_of(body, "fuzzyName");
      !part.empty() && chinese_in(customer, "name").find(part) == std::string::npos)
    return false;
  return true;
}

}  // namespace

json::value YonyouTwin::new_list(const Call& call) {
  const std::size_t size = page_size(call, 500, 5000);
  const auto all =
      listed(call, "customers", [&](const json::object& c) { return customer_fits(c, call.object()); });
  const auto [begin, end] = window(call.object(), size, all.size());
  json::array rows;  // bare, without a total
  for (std::size_t i = begin; i < end; ++i) rows.push_back(files_.row(*all[i]));
  return rows;
}

json::value YonyouTwin::new_list_range(const Call& call) {
  const std::size_t size = page_size(call, 500, 5000);
  const auto all =
      listed(call, "customers", [&](const json::object& c) { return customer_fits(c, call.object()); });
  json::array rows;  // a customer once for each organisation that uses it
  for (const Record& customer : all)
    for (const json::value& range : customer->at("merchantApplyRanges").as_array()) {
      json::object row = files_.row(*customer);
      row["belongOrgId"] = range.at("orgId");
      row["belongOrgCode"] = range.at("orgIdCode");
      rows.push_back(std::move(row));
    }
  const auto [begin, end] = window(call.object(), size, rows.size());
  json::array page(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                   rows.begin() + static_cast<std::ptrdiff_t>(end));
  return json::object{{"pageIndex", figure(static_cast<std::size_t>(number_of(call.object(), "pageIndex")))},
                      {"pageSize", figure(size)},
                      {"pageCount", figure((rows.size() + size - 1) / size)},
                      {"recordCount", figure(rows.size())},
                      {"recordList", std::move(page)}};
}

json::value YonyouTwin::batch_detail(const Call& call) {
  const json::array* wanted = call.body.if_array();  // a bare array
  if (wanted == nullptr || wanted->empty()) throw Refused("310003", "请求体应为数组");
  if (wanted->size() > 500) throw Refused("118003", "单次查询数量过多");
  json::array found;
  for (const json::value& item : *wanted) {
    const json::object* reference = item.if_object();
    if (reference == nullptr) throw Refused("310003", "数组的元素应为对象");
    const Record customer = files_.find(*reference, "id", "code");
    if (customer == nullptr) {
      if (rules_.missing_fails_batch) throw Refused("404", "客户不存在");
      continue;
    }
    std::int64_t org = number_of(*reference, "belongOrgId");
    if (const std::string code = text_of(*reference, "belongOrgCode"); !code.empty())
      org = files_.org_id(code);
    if (org == 0) org = number_of(*customer, "createOrgId");
    if (!customer->at("appliedDetails").as_object().contains(std::to_string(org))) continue;
    found.push_back(files_.detail(*customer, org));
  }
  return found;
}

json::value YonyouTwin::paged(const Call& call, const std::vector<Record>& all,
                              std::string_view size_name) const {
  const std::int64_t given = number_of(call.object(), "pageSize");
  const std::size_t size = given > 0 ? static_cast<std::size_t>(given) : 10;
  const auto [begin, end] = window(call.object(), size, all.size());
  json::array rows;
  for (std::size_t i = begin; i < end; ++i) rows.push_back(*all[i]);
  json::object page{{"pageIndex", figure(static_cast<std::size_t>(number_of(call.object(), "pageIndex")))},
                    {"pageCount", figure((all.size() + size - 1) / size)},
                    {"recordCount", figure(all.size())},
                    {"recordList", std::move(rows)}};
  page[size_name] = figure(size);
  return page;
}

json::value YonyouTwin::staff_list(const Call& call) {
  page_size(call, 10, 500);
  const json::object& body = call.object();
  return paged(call,
               listed(call, "employees",
                      [&](const json::object& row) {
                        for (const std::string_view name : {"code", "mobile", "email", "enable"})
                          if (const std::string wanted = text_of(body, name);
                              !wanted.empty() && text_of(row, name) != wanted)
                            return false;
                        return since(row, inner(body, "simple", "pubts"));
                      }),
               "pageSIze");
}

json::value YonyouTwin::org_units(const Call& call) {
  const json::object& body = call.object();
  const json::value* size = body.if_contains("pageSize");
  if (size == nullptr || !size->is_string()) throw Refused("310003", "pageSize应为字符串");
  page_size(call, 10, 500);
  if (!body.contains("funcTypeCode")) throw Refused("310003", "funcTypeCode不能为空");
  return paged(call,
               listed(call, "organizations",
                      [&](const json::object& row) { return since(row, text_of(body, "pubts")); }),
               "pageSize");
}

namespace {

json::array children_of(const std::vector<Record>& all, const std::string& parent) {
  json::array nodes;
  for (const Record& record : all) {
    if (text_of(*record, "parentId") != parent) continue;
    json::object node = *record;
    json::array children = children_of(all, text_of(*record, "id"));
    if (!children.empty()) node["children"] = std::move(children);
    nodes.push_back(std::move(node));
  }
  return nodes;
}

}  // namespace

json::value YonyouTwin::departments(const Call& call) {
  return children_of(listed(call, "departments", [](const json::object&) { return true; }), "");
}

json::value YonyouTwin::classes(const Call& call) {
  return children_of(listed(call, "customer_classes", [](const json::object&) { return true; }), "");
}

json::value YonyouTwin::orders(const Call& call) {
  page_size(call, 10, 500);
  const json::object& body = call.object();
  std::vector<Record> rows = listed(call, "orders", [&](const json::object& row) {
    if (const json::value* conditions = body.if_contains("simpleVOs");
        conditions != nullptr && conditions->is_array())
      for (const json::value& condition : conditions->get_array())
        if (!condition.is_object() || !fits(row, condition.get_object())) return false;
    return true;
  });
  if (const json::value* order = body.if_contains("queryOrders");
      order != nullptr && order->is_array() && !order->get_array().empty() && !flag_of(body, "unordered"))
    std::sort(rows.begin(), rows.end(),
              [](const Record& a, const Record& b) { return number_of(*a, "id") < number_of(*b, "id"); });
  if (!flag_of(body, "isSum")) {  // one row for each line
    std::vector<Record> lines;
    for (const Record& row : rows)
      for (int line = 1; line <= 2; ++line) {
        json::object one = *row;
        one["lineno"] = line;
        lines.push_back(std::make_shared<const json::object>(std::move(one)));
      }
    rows = std::move(lines);
  }
  return paged(call, rows, "pageSize");
}

json::value YonyouTwin::order_detail(const Call& call) {
  const Record order = store().find("orders", call.request.parameter("id"));
  if (order == nullptr) throw Refused("404", "订单不存在");
  return *order;
}

json::value YonyouTwin::addresses(const Call& call) {
  page_size(call, 10, 1000);
  const json::value* codes = call.object().if_contains("codes");
  if (codes == nullptr) codes = call.object().if_contains("codeList");
  if (codes == nullptr || !codes->is_array()) throw Refused("310003", "客户编码列表不能为空");
  json::array rows;
  for (const json::value& code : codes->get_array()) {
    const Record customer = files_.find(json::object{{"code", code}}, "id", "code");
    const json::value* list = customer == nullptr ? nullptr : customer->if_contains("merchantAddressInfos");
    if (list == nullptr || !list->is_array()) continue;
    for (const json::value& address : list->get_array()) {
      json::object row = address.as_object();
      row["merchantId"] = customer->at("id");
      row["merchantCode"] = customer->at("code");
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

/// The newer family: the other spelling of languages, and keys with three underscores.
json::value YonyouTwin::pfc_list(const Call& call) {
  const std::size_t size = page_size(call, 10, 1000);
  const json::object& body = call.object();
  const auto all = listed(call, "customers", [&](const json::object& customer) {
    const std::string stopped = text_of(body, "stopstatus");
    return since(customer, text_of(body, "beginTime"), text_of(body, "endTime")) &&
           (stopped.empty() || (stopped == "1" || stopped == "true") == flag_of(customer, "stopStatus"));
  });
  const auto [begin, end] = window(body, size, all.size());
  json::array rows;
  for (std::size_t i = begin; i < end; ++i)
    rows.push_back(json::object{{"id", all[i]->at("id")},
                                {"code", text_of(*all[i], "code")},
                                {"name", json::object{{"zh_CN", chinese_in(*all[i], "name")}}},
                                {"createOrg", all[i]->at("createOrgId")},
                                {"createOrg___code", text_of(*all[i], "createOrgCode")},
                                {"stopstatus", flag_of(*all[i], "stopStatus") ? "true" : "false"},
                                {"pubts", text_of(*all[i], "pubts")}});
  return json::object{{"pageIndex", figure(static_cast<std::size_t>(number_of(body, "pageIndex")))},
                      {"pageSize", figure(size)},
                      {"pageCount", figure((all.size() + size - 1) / size)},
                      {"recordCount", figure(all.size())},
                      {"recordList", std::move(rows)}};
}

json::value YonyouTwin::bills(const Call& call) {
  page_size(call, 10, 500);
  const std::string_view stream =
      call.path.find("collection") == std::string::npos ? "receivables" : "receipts";
  const json::object& body = call.object();
  return paged(call,
               listed(call, stream,
                      [&](const json::object& row) {
                        return since(row, inner(body, "simple", "open_pubts_begin"),
                                     inner(body, "simple", "open_pubts_end"));
                      }),
               "pageSize");
}

/// The older module's names for the same bills, with what is still open. No filter by the time of change.
json::value YonyouTwin::old_bills(const Call& call) {
  page_size(call, 10, 500);
  const bool receipts = call.path.find("receivebill") != std::string::npos;
  std::vector<Record> rows;
  for (const Record& bill :
       listed(call, receipts ? "receipts" : "receivables", [](const json::object&) { return true; })) {
    const auto renamed = [&](std::string_view name) {
      const json::value* value = bill->if_contains(name);
      return value == nullptr ? json::value() : *value;
    };
    const json::value sum =
        renamed(receipts ? "bodyItemLocalTaxIncludedAmount" : "bodyItemOriTaxIncludedAmount");
    const bool is_settled = text_of(*bill, "writeOffState") == "1";
    json::object row{{"id", renamed("id")},
                     {"code", renamed("code")},
                     {"vouchdate", renamed("billDate")},
                     {"accentity", renamed("financeOrg")},
                     {"org", renamed("financeOrg")},
                     {"customer", renamed("bodyItemCustomer")},
                     {"oriSum", sum},
                     {"natSum", sum},
                     {"auditstatus", text_of(*bill, "verifyState") == "2" ? 1 : 2},
                     {"pubts", renamed("pubts")}};
    if (!receipts) {
      row["balance"] = row["localbalance"] = is_settled ? json::value(0) : sum;
      row["writeoffstatus"] = is_settled ? 1 : 2;
    }
    rows.push_back(std::make_shared<const json::object>(std::move(row)));
  }
  return paged(call, rows, "pageSize");
}

}  // namespace yonyou_twin
