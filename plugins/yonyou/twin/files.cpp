#include "plugins/yonyou/twin/files.hpp"

#include <algorithm>
#include <cctype>

#include "plugins/yonyou/src/beijing_time.hpp"
#include "plugins/yonyou/twin/account.hpp"

namespace yonyou_twin {
namespace {

using huiliu::twin::Origin;
using huiliu::twin::Record;

constexpr std::string_view child_lists[] = {"merchantContactInfos", "merchantAddressInfos",
                                            "merchantAgentInvoiceInfos", "merchantAgentFinancialInfos",
                                            "principals"};
constexpr std::string_view internal[] = {"appliedDetails"};
constexpr std::string_view languages[] = {"simplifiedName", "englishName", "traditionalName"};
constexpr std::string_view multi_language[] = {"name", "shortname", "address", "scope"};
/// Known members of the head. What is not among them is ignored without a word, as the vendor does.
constexpr std::string_view head_members[] = {"code",
                                             "transTypeId",
                                             "transTypeCode",
                                             "customerClassId",
                                             "customerClassCode",
                                             "customerIndustryId",
                                             "countryCode",
                                             "countryName",
                                             "languageCode",
                                             "parentManageOrgCode",
                                             "parentCustomerId",
                                             "parentCustomerCode",
                                             "suppliersId",
                                             "suppliersCode",
                                             "internalOrg",
                                             "taxPayingCategories",
                                             "enterpriseNature",
                                             "enterpriseName",
                                             "personName",
                                             "orgName",
                                             "licenseType",
                                             "customerIndustryCode",
                                             "creditCode",
                                             "leaderName",
                                             "personCharge",
                                             "businessLicenseNo",
                                             "businessterm",
                                             "buildTime",
                                             "contactName",
                                             "contactTel",
                                             "regionCode",
                                             "email",
                                             "fax",
                                             "enterNatureCode",
                                             "currencyCode",
                                             "money",
                                             "peopleNum",
                                             "scopeModel",
                                             "yearMoney",
                                             "website",
                                             "wid",
                                             "postCode",
                                             "retailInvestors",
                                             "merchantCharacter",
                                             "customerAreas"};

bool contains(const auto& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

std::string chinese(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_object() ? text_of(value->get_object(), "simplifiedName")
                                                : std::string();
}

void refuse_nulls(const json::value& value, std::string_view name) {
  if (value.is_null()) throw Refused("999", "参数" + std::string(name) + "不能为空");
  if (const json::object* object = value.if_object())
    for (const auto& member : *object) refuse_nulls(member.value(), member.key());
  if (const json::array* list = value.if_array())
    for (const json::value& element : *list) refuse_nulls(element, name);
}

bool is_mobile(const std::string& text) {
  if (text.empty()) return true;
  const std::size_t dash = text.find('-');
  if (!text.starts_with('+') || dash == std::string::npos || dash < 2) return false;
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(dash) + 1, text.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; });
}

void require(const json::object& object, std::string_view name, std::string_view label) {
  const json::value* value = object.if_contains(name);
  const bool filled = value != nullptr &&
                      (value->is_object() ? !chinese(object, name).empty() : !text_of(object, name).empty());
  if (!filled) throw Refused("0", std::string(label) + "不能为空!");
}

/// `typed`: what the request gives; what was entered long ago is not checked again.
void check_child(std::string_view list, const json::object& child, const json::object& typed) {
  if (list == "merchantContactInfos") {
    require(child, "fullName", "联系人姓名");
    if (!is_mobile(text_of(typed, "areaCodeMobile")))
      throw Refused("999", "手机号格式不正确，应为 +86-13800000000");
  } else if (list == "merchantAddressInfos") {
    require(child, "addressCode", "地址编码");
    require(child, "address", "详细地址");
  } else if (list == "merchantAgentInvoiceInfos") {
    require(child, "title", "开票抬头");
  } else if (list == "merchantAgentFinancialInfos") {
    for (const auto& [name, label] : {std::pair{"currencyName", "币种"}, std::pair{"bankName", "银行"},
                                      std::pair{"bankAccount", "银行账号"}})
      require(child, name, label);
  }
}

}  // namespace

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null() || value->is_object() || value->is_array()) return {};
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

std::int64_t number_of(const json::object& object, std::string_view name) {
  return std::strtoll(text_of(object, name).c_str(), nullptr, 10);
}

bool flag_of(const json::object& object, std::string_view name) {
  const std::string text = text_of(object, name);
  return text == "true" || text == "1";
}

Files::Files(huiliu::twin::RecordStore& store, Rules& rules, Clock clock)
    : store_(store), rules_(rules), clock_(std::move(clock)) {
  store_.add_index("customers", "code",
                   [](const json::object& body) { return std::vector{text_of(body, "code")}; });
  store_.add_index("customers", "name",
                   [](const json::object& body) { return std::vector{chinese(body, "name")}; });
}

std::string Files::now_text() const { return yonyou::beijing_text(clock_() / 1000); }

std::int64_t Files::org_id(std::string_view code) const {
  std::int64_t id = 0;
  store_.for_each("organizations", [&](const std::string&, const Record& record) {
    if (text_of(*record, "code") == code) id = number_of(*record, "id");
    return id == 0;
  });
  return id;
}

std::string Files::org_code(std::int64_t id) const {
  std::string code;
  store_.for_each("organizations", [&](const std::string&, const Record& record) {
    if (number_of(*record, "id") == id) code = text_of(*record, "code");
    return code.empty();
  });
  return code;
}

Record Files::find(const json::object& reference, std::string_view id_name,
                   std::string_view code_name) const {
  if (const std::string id = text_of(reference, id_name); !id.empty()) return store_.find("customers", id);
  const std::string code = text_of(reference, code_name);
  if (code.empty()) return nullptr;
  const auto& keys = store_.under("customers", "code", code);
  return keys.empty() ? nullptr : store_.find("customers", *keys.begin());
}

json::object Files::row(const json::object& customer) const {
  json::object row = customer;
  for (const std::string_view name : child_lists) row.erase(name);
  for (const std::string_view name : internal) row.erase(name);
  row.erase("merchantApplyRanges");
  return row;
}

json::object Files::detail(const json::object& customer, std::int64_t org) const {
  json::object all = customer;
  for (const std::string_view name : internal) all.erase(name);
  const std::int64_t manager = number_of(customer, "createOrgId");
  all["belongOrgId"] = org;
  all["belongOrgCode"] = org_code(org);
  const json::object& details = customer.at("appliedDetails").as_object();
  if (const json::value* mine = details.if_contains(std::to_string(org))) {
    all["merchantAppliedDetail"] = *mine;
    if (mine->as_object().contains("stopStatus")) all["stopStatus"] = mine->as_object().at("stopStatus");
    if (org != manager && mine->as_object().contains("principals"))
      all["principals"] = mine->as_object().at("principals");
    all["merchantAppliedDetail"].as_object().erase("principals");
  }
  json::array contacts;
  for (const std::string& key : contacts_of(text_of(customer, "id")))
    if (const Record contact = store_.find("contacts", key)) {
      json::object shown = *contact;
      shown.erase("merchantId");
      contacts.push_back(std::move(shown));
    }
  all["merchantContactInfos"] = std::move(contacts);
  return all;
}

std::vector<std::string> Files::contacts_of(const std::string& customer) const {
  const auto found = contacts_.find(customer);
  return found == contacts_.end() ? std::vector<std::string>{} : found->second;
}

void Files::check_lock(const std::string& key) {
  const auto found = locks_.find(key);
  if (found == locks_.end() || found->second == 0) return;
  --found->second;
  throw Refused("999", "当前数据正在被新增或修改，请稍后再试");
}

void Files::check_references(const json::object& data) const {
  if (const std::string code = text_of(data, "customerClassCode"); !code.empty()) {
    bool known = false;
    store_.for_each("customer_classes", [&](const std::string&, const Record& record) {
      known = text_of(*record, "code") == code;
      return !known;
    });
    if (!known) throw Refused("999", "客户分类编码:" + code + "未找到");
  }
  if (const std::string code = text_of(data, "countryCode"); code.size() > 3)
    throw Refused("999", "国家编码:" + code + "未找到");
}

void Files::check_unique(const json::object& data, std::int64_t self) const {
  const std::string code = text_of(data, "code"), name = chinese(data, "name");
  const auto is_taken = [&](std::string_view index, const std::string& text) {
    const auto& keys = store_.under("customers", index, text);
    return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
      return number_of(*store_.get("customers", key), "id") != self;
    });
  };
  if (!code.empty() && is_taken("code", code)) throw Refused("999", "客户编码" + code + "重复");
  if (rules_.unique_names && !name.empty() && is_taken("name", name))
    throw Refused("999", "客户名称" + name + "已存在");
}

void Files::check_defaults(std::string_view list, const json::array& elements) const {
  if (elements.empty()) return;
  const auto defaults = std::count_if(elements.begin(), elements.end(), [](const json::value& element) {
    return flag_of(element.as_object(), "isDefault");
  });
  if (defaults != 1) throw Refused("999", std::string(list) + "必须有且只有一个默认值");
}

void Files::set_values(json::object& body, const json::object& data, std::vector<std::string>& fields) const {
  for (const auto& member : data) {
    const std::string_view name = member.key();
    if (contains(multi_language, name)) {
      const json::object* given = member.value().if_object();
      if (given == nullptr) continue;  // plain text is of the other family: ignored without a word
      json::object kept;
      for (const std::string_view language : languages)
        if (const json::value* text = given->if_contains(language)) kept[language] = *text;
      if (kept.empty()) continue;
      body[name] = std::move(kept);
      fields.emplace_back(name);
    } else if (contains(head_members, name)) {
      const bool empty = member.value().is_string() && member.value().get_string().empty();
      if (empty && !rules_.empty_text_clears) continue;
      body[name] = member.value();
      fields.emplace_back(name);
    }
  }
}

void Files::apply_children(std::string_view list, const json::value& wanted, const std::string& customer,
                           Children& out) {
  const json::array* changes = wanted.if_array();
  if (changes == nullptr) throw Refused("310003", std::string(list) + "应为数组");
  const bool contacts = list == "merchantContactInfos";
  json::array elements;
  if (contacts) {
    for (const std::string& key : contacts_of(customer))
      if (const Record contact = store_.find("contacts", key)) elements.push_back(*contact);
  } else if (const json::value* now = out.body.if_contains(list); now != nullptr && now->is_array()) {
    elements = now->get_array();
  }
  for (const json::value& change : *changes) {
    const json::object* given = change.if_object();
    if (given == nullptr) throw Refused("310003", std::string(list) + "的元素应为对象");
    const std::string status = text_of(*given, "entityStatus"), id = text_of(*given, "id");
    json::object child = *given;
    child.erase("entityStatus");
    if (status.empty() || status == "Insert") {  // without a status an existing child is added once more
      child["id"] = next_id();
      check_child(list, child, child);
      elements.push_back(child);
      continue;
    }
    const auto at = std::find_if(elements.begin(), elements.end(),
                                 [&](const json::value& e) { return text_of(e.as_object(), "id") == id; });
    if (at == elements.end()) throw Refused("999", "子表数据" + id + "不存在");
    if (status == "Delete") {
      elements.erase(at);
    } else if (status == "Update") {
      json::object& now = at->as_object();
      child.erase("id");
      for (auto& member : child) now[member.key()] = member.value();
      check_child(list, now, child);
    } else {
      throw Refused("310003", "entityStatus" + status + "不正确");
    }
  }
  check_defaults(list, elements);
  if (!contacts) {
    out.body[list] = std::move(elements);
    out.fields.emplace_back(list);
    return;
  }
  std::vector<std::string> kept;
  for (json::value& element : elements) {
    json::object body = element.as_object();
    const std::string key = customer + "-" + text_of(body, "id");
    kept.push_back(key);
    body["merchantId"] = std::strtoll(customer.c_str(), nullptr, 10);
    const Record before = store_.find("contacts", key);
    if (before == nullptr || *before != body) out.contacts.emplace_back(key, std::move(body));
  }
  for (const std::string& key : contacts_of(customer))
    if (std::find(kept.begin(), kept.end(), key) == kept.end())
      out.contacts.emplace_back(key, json::object{});
}

std::int64_t Files::insert(const json::object& data) {
  refuse_nulls(data, "data");
  json::object body;
  Children children;
  set_values(body, data, children.fields);
  if (chinese(body, "name").empty()) throw Refused("0", "客户名称不能为空!");
  if (text_of(body, "code").empty()) {
    if (!rules_.auto_code) throw Refused("0", "客户编码不能为空!");
    body["code"] = "Y" + std::to_string(next_id_ % 1'000'000);
  }
  const std::int64_t org = org_id(text_of(data, "createOrgCode"));
  if (text_of(data, "createOrgCode").empty()) throw Refused("0", "管理组织不能为空!");
  if (org == 0) throw Refused("999", "管理组织编码:" + text_of(data, "createOrgCode") + "未找到");
  const std::string nature = text_of(body, "enterpriseNature");
  if (nature.empty()) throw Refused("0", "企业类型不能为空!");
  require(body, nature == "1" ? "personName" : nature == "2" ? "orgName" : "enterpriseName", "企业名称");
  check_references(data);
  check_unique(body, 0);
  const std::int64_t id = next_id();
  const std::string key = std::to_string(id);
  children.body = std::move(body);
  for (const std::string_view list : child_lists)
    if (const json::value* wanted = data.if_contains(list)) apply_children(list, *wanted, key, children);
  json::object& file = children.body;
  file["id"] = id;
  file["createOrgId"] = org;
  file["createOrgCode"] = text_of(data, "createOrgCode");
  file["stopStatus"] = false;
  file["createTime"] = file["modifyTime"] = file["pubts"] = now_text();
  file["merchantApplyRanges"] = json::array{
      json::object{{"id", next_id()}, {"orgId", org}, {"orgIdCode", text_of(data, "createOrgCode")}}};
  json::object detail{{"stopStatus", false}};
  if (const json::value* given = data.if_contains("merchantAppliedDetail");
      given != nullptr && given->is_object())
    for (const auto& member : given->get_object()) detail[member.key()] = member.value();
  file["appliedDetails"] = json::object{{std::to_string(org), std::move(detail)}};
  if (rules_.approval) file["verifyState"] = 1;
  store_.create("customers", key, std::move(file), Origin::api);
  for (auto& [contact, value] : children.contacts) {
    contacts_[key].push_back(contact);
    store_.create("contacts", contact, std::move(value), Origin::api);
  }
  return id;
}

std::int64_t Files::update(const json::object& request) {
  refuse_nulls(request, "data");
  for (const auto& [name, label] : {std::pair{"code", "客户编码"}, std::pair{"createOrgCode", "管理组织"},
                                    std::pair{"enterpriseNature", "企业类型"}, std::pair{"name", "客户名称"}})
    require(request, name, label);
  const Record before = find(request, "id", "code");
  if (before == nullptr) {
    if (!text_of(request, "id").empty()) throw Refused("404", "客户不存在");
    return insert(request);  // create-or-update: an unknown number makes a customer
  }
  const std::string key = text_of(*before, "id");
  check_lock(key);
  if (text_of(*before, "verifyState") == "1")
    throw Refused("999", "客户" + text_of(*before, "code") + "审批中，不允许修改");
  if (const std::string seen = text_of(request, "pubts"); !seen.empty() && seen != text_of(*before, "pubts"))
    throw Refused("999", "当前单据不是最新状态，请刷新重试");
  std::string belong = text_of(request, "belongOrgCode");
  if (belong.empty() && !text_of(request, "belongOrgId").empty())
    belong = org_code(number_of(request, "belongOrgId"));
  if (belong.empty()) throw Refused("0", "使用组织不能为空!");
  const std::int64_t org = org_id(belong);
  const std::string org_key = std::to_string(org);
  if (!before->at("appliedDetails").as_object().contains(org_key))
    throw Refused("999", "客户未分配给使用组织" + belong);
  Children children;
  children.body = *before;
  const bool manages = org == number_of(*before, "createOrgId");
  if (manages) {
    if (flag_of(request, "blank"))
      for (const std::string_view name : head_members)
        if (!contains(std::array<std::string_view, 2>{"code", "enterpriseNature"}, name))
          children.body.erase(name);
    set_values(children.body, request, children.fields);
    const std::string nature = text_of(children.body, "enterpriseNature");
    require(children.body,
            nature == "1"   ? "personName"
            : nature == "2" ? "orgName"
                            : "enterpriseName",
            "企业名称");
    check_references(request);
    check_unique(children.body, number_of(*before, "id"));
    for (const std::string_view list : child_lists)
      if (const json::value* wanted = request.if_contains(list)) apply_children(list, *wanted, key, children);
  }
  if (const json::value* given = request.if_contains("merchantAppliedDetail");
      given != nullptr && given->is_object()) {
    json::object& detail = children.body["appliedDetails"].as_object()[org_key].as_object();
    for (const auto& member : given->get_object())
      if (member.key() != "stopStatus") detail[member.key()] = member.value();
    children.fields.emplace_back("merchantAppliedDetail");
  }
  // What repeats the file's own values is no change.
  std::erase_if(children.fields, [&](const std::string& name) {
    const json::value* was = before->if_contains(name);
    const json::value* is = children.body.if_contains(name);
    return name != "merchantAppliedDetail" && was != nullptr && is != nullptr &&
           (*was == *is || (!was->is_object() && !was->is_array() &&
                            text_of(*before, name) == text_of(children.body, name)));
  });
  const bool only_children = children.fields.empty();
  if (!only_children) {
    json::object next = std::move(children.body);
    next["modifyTime"] = next["pubts"] = now_text();
    store_.update(
        "customers", key, [&](json::object& body) { body = next; }, children.fields, Origin::api);
  }
  for (auto& change : children.contacts) {
    const std::string& contact = change.first;
    json::object& value = change.second;
    std::vector<std::string>& mine = contacts_[key];
    if (value.empty()) {
      std::erase(mine, contact);
      store_.remove("contacts", contact, Origin::api);
    } else if (const Record old = store_.find("contacts", contact)) {
      std::vector<std::string> fields;
      for (const auto& member : value)
        if (const json::value* was = old->if_contains(member.key()); was == nullptr || *was != member.value())
          fields.emplace_back(member.key());
      store_.update(
          "contacts", contact, [&](json::object& body) { body = value; }, fields, Origin::api);
    } else {
      mine.push_back(contact);
      store_.create("contacts", contact, std::move(value), Origin::api);
    }
  }
  if (only_children && !children.contacts.empty()) touch(key, rules_.child_moves_pubts);
  return std::strtoll(key.c_str(), nullptr, 10);
}

void Files::touch(const std::string& key, bool moves) {
  if (!moves) return;
  // The product's own bookkeeping: no write of the caller's, so it is not counted as one.
  store_.update(
      "customers", key, [&](json::object& body) { body["modifyTime"] = body["pubts"] = now_text(); }, {},
      Origin::load);
}

void Files::set_stopped(const json::object& item, bool stopped, json::array& answers) {
  // The number wins over the id here.
  json::object reference = item;
  if (!text_of(item, "merchantCode").empty()) reference.erase("merchantId");
  const Record before = find(reference, "merchantId", "merchantCode");
  if (before == nullptr) throw Refused("404", "客户不存在");
  std::int64_t org = number_of(item, "orgId");
  if (const std::string code = text_of(item, "orgCode"); !code.empty()) org = org_id(code);
  const std::string org_key = std::to_string(org), key = text_of(*before, "id");
  if (!before->at("appliedDetails").as_object().contains(org_key))
    throw Refused("999", "客户未分配给组织" + org_key);
  check_lock(key);
  const bool manages = org == number_of(*before, "createOrgId");
  store_.update(
      "customers", key,
      [&](json::object& body) {
        body["appliedDetails"].as_object()[org_key].as_object()["stopStatus"] = stopped;
        if (manages) body["stopStatus"] = stopped;
        body["modifyTime"] = body["pubts"] = now_text();
      },
      {"stopStatus"}, Origin::api);
  answers.push_back(json::object{{"id", number_of(*before, "id")},
                                 {"merchantId", number_of(*before, "id")},
                                 {"orgId", org},
                                 {"isCreator", manages},
                                 {"pubts", now_text()}});
}

void Files::allocate(const json::object& item) {
  const Record before = find(item, "merchantId", "merchantCode");
  if (before == nullptr) throw Refused("404", "客户不存在");
  const json::value* orgs = item.if_contains("orgIds");
  if (orgs == nullptr || !orgs->is_array()) throw Refused("0", "分配组织不能为空!");
  const std::string key = text_of(*before, "id");
  json::object next = *before;
  for (const json::value& value : orgs->get_array()) {
    const std::string org = value.is_string() ? std::string(value.get_string()) : json::serialize(value);
    const std::string code = org_code(std::strtoll(org.c_str(), nullptr, 10));
    if (code.empty()) throw Refused("999", "组织" + org + "不存在");
    json::object& details = next["appliedDetails"].as_object();
    if (details.contains(org)) continue;
    details[org] = json::object{{"stopStatus", false}};
    next["merchantApplyRanges"].as_array().push_back(json::object{
        {"id", next_id()}, {"orgId", std::strtoll(org.c_str(), nullptr, 10)}, {"orgIdCode", code}});
  }
  if (rules_.allocation_moves_pubts) next["modifyTime"] = next["pubts"] = now_text();
  store_.update(
      "customers", key, [&](json::object& body) { body = next; }, {"merchantApplyRanges"}, Origin::api);
}

void Files::remove(const json::object& item) {
  const Record before = find(item, "merchantId", "merchantCode");
  if (before == nullptr) throw Refused("404", "客户不存在");
  const std::string key = text_of(*before, "id");
  for (const std::string& contact : contacts_of(key)) store_.remove("contacts", contact, Origin::api);
  contacts_.erase(key);
  store_.remove("customers", key, Origin::api);
}

}  // namespace yonyou_twin
