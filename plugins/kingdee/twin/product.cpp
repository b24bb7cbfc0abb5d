#include "plugins/kingdee/twin/product.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace kingdee_twin {
namespace {

namespace json = boost::json;

constexpr int not_found_code = 10, validation_code = 11, missing_code = 9, state_code = 12, lock_code = 13;

bool is_blank(const json::value& value) {
  if (value.is_null()) return true;
  if (value.is_string()) return value.get_string().find_first_not_of(' ') == json::string::npos;
  if (const json::object* object = value.if_object()) {
    for (const auto& member : *object)
      if (!is_blank(member.value())) return false;
    return true;
  }
  return false;
}

/// The number of a reference in a package: {"FNumber":…}, in either spelling; bare text is no reference.
std::string package_number(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return {};
  for (const auto& member : *object)
    if (same_letters(member.key(), "FNumber") || same_letters(member.key(), "FUserID")) {
      if (member.value().is_string()) return std::string(member.value().get_string());
      return member.value().is_null() ? std::string() : json::serialize(member.value());
    }
  return {};
}

/// Multi-language text: plain, or [{"Key":2052,"Value":"…"}].
json::value package_text(const json::value& value) {
  const json::array* list = value.if_array();
  if (list == nullptr) return value;
  for (const json::value& item : *list)
    if (item.is_object() && item.get_object().contains("Value")) return item.get_object().at("Value");
  return nullptr;
}

json::object reference_to(const std::string& number) { return {{"FNumber", number}}; }
json::object user_named(std::string_view name) { return {{"FName", name}}; }

void put_or_drop(json::object& row, std::string_view key, json::value value) {
  if (is_blank(value))
    row.erase(key);
  else
    row[key] = std::move(value);
}

json::value stored_value(const FieldDef& field, const json::value& value) {
  if (field.type == Type::reference) {
    const std::string number = package_number(value);
    return number.empty() ? json::value() : json::value(reference_to(number));
  }
  if (field.type == Type::date && value.is_string()) {
    const auto date = canonical_date(value.get_string());
    return date ? json::value(*date) : json::value();
  }
  return package_text(value);
}

std::string status_of(const json::object& row) { return text_of(row, "FDocumentStatus"); }

}  // namespace

json::object nested(const json::object& flat) {
  json::object out;
  for (const auto& member : flat) {
    const std::string_view key = member.key();
    const std::size_t dot = key.find('.');
    if (dot == std::string_view::npos) {
      if (is_blank(member.value())) continue;
      if (json::object* both = out.contains(key) ? out[key].if_object() : nullptr;
          both != nullptr && member.value().is_object())
        for (const auto& inner : member.value().get_object()) (*both)[inner.key()] = inner.value();
      else
        out[key] = member.value();
      continue;
    }
    if (is_blank(member.value())) continue;
    json::value& place = out[key.substr(0, dot)];
    if (!place.is_object()) place = json::object();
    place.get_object()[key.substr(dot + 1)] = member.value();
  }
  return out;
}

Record Product::get(const FormDef& form, std::int64_t id) const {
  Record row = site_.row(form, id);
  if (!row)
    throw Refused(not_found_code, "",
                  "内码为" + std::to_string(id) + "的" + std::string(form.name) + "数据不存在，可能已被删除");
  return row;
}

void Product::meet_lock(const FormDef& form, std::int64_t id) {
  const auto lock = locks_.find({std::string(form.form_id), id});
  if (lock == locks_.end()) return;
  if (--lock->second <= 0) locks_.erase(lock);
  throw Refused(lock_code, "", "网控冲突：该" + std::string(form.name) + "正在被用户李会计编辑，请稍后再试");
}

void Product::check_reference(const FormDef& form, const FieldDef& field, const json::object& row,
                              const std::string& number) const {
  if (number.empty() || field.target.empty() || site_.target(field, row, number)) return;
  throw Refused(missing_code, std::string(field.key),
                std::string(form.name) + "的“" + std::string(field.name) + "”字段录入的编码" + number +
                    "在组织" + number_of(row, "FUseOrgId") + "中不存在或未审核");
}

void Product::check_package(const FormDef& form, const json::object& row, bool is_create) const {
  for (const FieldDef& field : form.fields) {
    const json::value* value = row.if_contains(field.key);
    if (field.required && (value == nullptr || is_blank(*value)))
      throw Refused(missing_code, std::string(field.key), "“" + std::string(field.name) + "”是必录字段");
    if (value != nullptr && field.type == Type::reference && !field.kept)
      check_reference(form, field, row, number_of(row, field.key));
  }
  if (rules_.unique_names && is_create)
    for (const std::int64_t other : site_.ids_of_text(form, "FName", text_of(row, "FName")))
      if (other != id_of(row, form.id))
        throw Refused(validation_code, "FName",
                      "名称为" + text_of(row, "FName") + "的" + std::string(form.name) + "已存在");
}

std::string Product::number_for(const FormDef& form, const std::string& asked, const json::object& row) {
  using Numbers = SiteRules::Numbers;
  if (asked.empty() || rules_.numbers == Numbers::renumbered) return site_.next_number(form);
  if (rules_.numbers == Numbers::manual_refused)
    throw Refused(validation_code, "FNumber", "编码规则不允许手工录入编码");
  for (const Record& other : site_.rows_of_number(form, asked))
    if (id_of(*other, form.id) != id_of(row, form.id))
      throw Refused(validation_code, "FNumber", "编码为" + asked + "的" + std::string(form.name) + "已存在");
  return asked;
}

void Product::take_entries(const FormDef& form, const json::object& model, const SaveOptions& options,
                           json::object& row, std::vector<std::string>& written) {
  for (const std::string_view entry : form.entries) {
    const json::value* package = model.if_contains(entry);
    const bool sent =
        package != nullptr && package->is_array() && (options.need.empty() || options.need.contains(entry));
    if (!sent && !options.delete_entries) continue;
    json::array have;
    if (const json::value* old = row.if_contains(entry); old != nullptr && old->is_array())
      have = old->get_array();
    std::set<std::int64_t> in_package;
    json::array fresh;
    const json::array none;
    for (const json::value& item : sent ? package->get_array() : none) {
      if (!item.is_object()) continue;
      const json::object& element = item.get_object();
      const std::int64_t id = id_of(element, "FEntryID");
      json::object* target = nullptr;
      for (json::value& old : have)
        if (id != 0 && id_of(old.get_object(), "FEntryID") == id) target = &old.get_object();
      if (id != 0 && target == nullptr)
        throw Refused(not_found_code, std::string(entry), "分录内码" + std::to_string(id) + "不存在");
      json::object created{{"FEntryID", target == nullptr ? site_.next_entry_id() : id}};
      if (target == nullptr) target = &created;
      for (const auto& member : element) {
        const FieldDef* field = form.save_field(member.key());
        if (field == nullptr || field->entry != entry || field->kept) continue;
        if (!options.need.empty() && !options.need.contains(std::string_view(member.key()))) continue;
        put_or_drop(*target, member.key(), stored_value(*field, member.value()));
        check_reference(form, *field, row, number_of(*target, member.key()));
        written.emplace_back(member.key());
      }
      in_package.insert(id_of(*target, "FEntryID"));
      if (target == &created) fresh.push_back(std::move(created));
    }
    if (options.delete_entries)
      have.erase(std::remove_if(have.begin(), have.end(),
                                [&](const json::value& old) {
                                  return !in_package.contains(id_of(old.get_object(), "FEntryID"));
                                }),
                 have.end());
    for (json::value& element : fresh) have.push_back(std::move(element));
    if (have.empty())
      row.erase(entry);
    else
      row[entry] = std::move(have);
  }
}

/// Stores a new row and counts as written only what the package wrote, not what the product adds by itself.
void Product::add_row(const FormDef& form, json::object row, const std::vector<std::string>& written) {
  const std::string key = std::to_string(id_of(row, form.id));
  json::object sent;
  for (const std::string& name : written)
    if (const json::value* value = row.if_contains(name)) sent[name] = *value;
  site_.store().create(form.stream, key, std::move(sent), Origin::api, api_user_);
  site_.store().update(
      form.stream, key, [&](json::object& body) { body = std::move(row); }, {}, Origin::load, api_user_);
}

Saved Product::create_row(const FormDef& form, const json::object& model, const SaveOptions& options) {
  json::object row;
  std::vector<std::string> written;
  // Fields are set one after the other, in the order of the package: setting the organisation fires its
  // defaults.
  for (const auto& member : model) {
    const FieldDef* field = form.save_field(member.key());
    if (field == nullptr || field->kept || !field->entry.empty()) continue;
    put_or_drop(row, member.key(), stored_value(*field, member.value()));
    if (field->key == "FCreateOrgId")
      for (const std::string_view reset : {"FTRADINGCURRID", "FSELLER"}) row.erase(reset);
    written.emplace_back(member.key());
  }
  if (form.allocated && !row.contains("FUseOrgId") && row.contains("FCreateOrgId"))
    row["FUseOrgId"] = row["FCreateOrgId"];
  if (!options.draft) check_package(form, row, true);
  if (form.allocated && number_of(row, "FUseOrgId") != number_of(row, "FCreateOrgId"))
    throw Refused(validation_code, "FUseOrgId", "新增时使用组织必须等于创建组织");
  row["FNumber"] = number_for(form, text_of(row, "FNumber"), row);
  const std::int64_t id = site_.next_id(form);
  row[form.id] = id;
  if (form.allocated) row["FMasterId"] = id;
  take_entries(form, model, options, row, written);
  row["FDocumentStatus"] = options.draft ? "Z" : "A";
  row["FForbidStatus"] = "A";
  row["FCreateDate"] = row["FModifyDate"] = site_.now();
  row["FCreatorId"] = row["FModifierId"] = user_named(api_user_);
  const Saved saved{id, text_of(row, "FNumber")};
  add_row(form, std::move(row), written);
  made_.emplace(form.form_id, id);
  return saved;
}

Saved Product::save(const FormDef& form, const json::object& model, const SaveOptions& options) {
  std::int64_t id = id_of(model, form.id);
  Saved saved;
  if (id == 0) {
    saved = create_row(form, model, options);
  } else {
    const Record before = get(form, id);
    meet_lock(form, id);
    const std::string status = status_of(*before);
    if (status == "C")
      throw Refused(state_code, "", "当前数据已审核，不允许修改，只能修改状态为暂存、创建、重新审核的数据");
    if (status == "B") throw Refused(state_code, "", "当前数据审核中，不允许修改，请先撤销");
    json::object row = *before;
    std::vector<std::string> written;
    const bool is_copy = form.allocated && id != id_of(row, "FMasterId");
    for (const auto& member : model) {
      const FieldDef* field = form.save_field(member.key());
      if (field == nullptr || field->kept || !field->entry.empty()) continue;
      if (!options.need.empty() && !options.need.contains(std::string_view(member.key()))) continue;
      json::value value = stored_value(*field, member.value());
      if (is_copy && field->owner == Owner::head) {
        const json::value* old = row.if_contains(member.key());
        if ((old == nullptr ? json::value() : *old) == value) continue;
        throw Refused(validation_code, std::string(member.key()),
                      "“" + std::string(field->name) + "”受控，只能在创建组织修改");
      }
      if (field->key == "FNumber" && text_of(row, "FNumber") != (value.is_string() ? value.get_string() : ""))
        value = number_for(form, value.is_string() ? std::string(value.get_string()) : std::string(), row);
      put_or_drop(row, member.key(), std::move(value));
      written.emplace_back(member.key());
    }
    take_entries(form, model, options, row, written);
    check_package(form, row, false);
    row["FModifyDate"] = site_.now();
    row["FModifierId"] = user_named(api_user_);
    if (status == "Z" && !options.draft) row["FDocumentStatus"] = "A";
    saved = {id, text_of(row, "FNumber")};
    site_.store().update(
        form.stream, std::to_string(id), [&](json::object& body) { body = row; }, written, Origin::api,
        api_user_);
    if (form.allocated && !is_copy) copy_to_organisations(form, row, written);
  }
  if (options.submit_and_audit) {
    submit(form, saved.id);
    audit(form, saved.id);
  }
  return saved;
}

/// What the creating organisation controls shows in every copy at once.
void Product::copy_to_organisations(const FormDef& form, const json::object& head,
                                    const std::vector<std::string>& written) {
  for (const Record& copy : site_.rows_of_master(form, id_of(head, "FMasterId"))) {
    if (id_of(*copy, form.id) == id_of(head, form.id)) continue;
    json::object changes = *copy;
    for (const std::string& key : written) {
      const FieldDef* field = form.save_field(key);
      if (field == nullptr || field->owner != Owner::head || !field->entry.empty()) continue;
      put_or_drop(changes, key, head.contains(key) ? head.at(key) : json::value());
    }
    if (changes == *copy) continue;
    site_.store().update(
        form.stream, std::to_string(id_of(*copy, form.id)), [&](json::object& body) { body = changes; }, {},
        Origin::load, api_user_);
  }
}

Saved Product::step(const FormDef& form, const Record& row, const json::object& changes) {
  const std::int64_t id = id_of(*row, form.id);
  site_.store().update(
      form.stream, std::to_string(id),
      [&](json::object& body) {
        for (const auto& member : changes) put_or_drop(body, member.key(), member.value());
        if (rules_.audit_moves_modify_date) body["FModifyDate"] = site_.now();
      },
      {}, Origin::load, api_user_);
  return {id, text_of(*row, "FNumber")};
}

Saved Product::submit(const FormDef& form, std::int64_t id) {
  const Record row = get(form, id);
  meet_lock(form, id);
  if (rules_.submit_failures > 0) {
    --rules_.submit_failures;
    throw Refused(6, "", "数据库连接失败，请稍后再试");
  }
  const std::string status = status_of(*row);
  if (status != "A" && status != "D")
    throw Refused(state_code, "", "只有创建、重新审核状态的数据才允许提交，当前状态不允许");
  return step(form, row, {{"FDocumentStatus", "B"}});
}

Saved Product::audit(const FormDef& form, std::int64_t id) {
  const Record row = get(form, id);
  meet_lock(form, id);
  if (rules_.audit_failures > 0) {
    --rules_.audit_failures;
    throw Refused(6, "", "数据库连接失败，请稍后再试");
  }
  if (status_of(*row) != "B") throw Refused(state_code, "", "只有审核中状态的数据才允许审核，当前状态不允许");
  const std::pair<std::string, std::int64_t> name{form.form_id, id};
  unapproved_.erase(name);
  if (made_.erase(name) > 0) ++approved_creates_;
  return step(
      form, row,
      {{"FDocumentStatus", "C"}, {"FApproverId", user_named(api_user_)}, {"FApproveDate", site_.now()}});
}

Saved Product::un_audit(const FormDef& form, std::int64_t id) {
  const Record row = get(form, id);
  meet_lock(form, id);
  if (status_of(*row) != "C")
    throw Refused(state_code, "", "只有已审核状态的数据才允许反审核，当前状态不允许");
  if (text_of(*row, "FForbidStatus") == "B") throw Refused(state_code, "", "已禁用的数据不允许反审核");
  unapproved_.emplace(form.form_id, id);
  return step(form, row, {{"FDocumentStatus", "D"}, {"FApproverId", nullptr}, {"FApproveDate", nullptr}});
}

Saved Product::cancel_assign(const FormDef& form, std::int64_t id) {
  const Record row = get(form, id);
  if (status_of(*row) != "B") throw Refused(state_code, "", "只有审核中状态的数据才允许撤销，当前状态不允许");
  return step(form, row, {{"FDocumentStatus", "D"}});
}

Saved Product::remove(const FormDef& form, std::int64_t id) {
  const Record row = get(form, id);
  meet_lock(form, id);
  const std::string status = status_of(*row);
  if (status == "B" || status == "C")
    throw Refused(state_code, "", "只有暂存、创建、重新审核状态的数据才允许删除，当前状态不允许");
  site_.store().remove(form.stream, std::to_string(id), Origin::api, api_user_);
  unapproved_.erase({std::string(form.form_id), id});
  return {id, text_of(*row, "FNumber")};
}

Saved Product::forbid(const FormDef& form, std::int64_t id, bool forbidden) {
  const Record row = get(form, id);
  meet_lock(form, id);
  if (form.approved && status_of(*row) != "C")
    throw Refused(state_code, "", "只有已审核状态的数据才允许禁用或反禁用，当前状态不允许");
  if ((text_of(*row, "FForbidStatus") == "B") == forbidden)
    throw Refused(state_code, "",
                  forbidden ? "数据已禁用，当前状态不允许该操作" : "数据未禁用，当前状态不允许该操作");
  json::object changes{{"FForbidStatus", forbidden ? "B" : "A"}};
  changes["FForbidderId"] = forbidden ? json::value(user_named(api_user_)) : json::value();
  changes["FForbidDate"] = forbidden ? json::value(site_.now()) : json::value();
  site_.store().update(
      form.stream, std::to_string(id),
      [&](json::object& body) {
        for (const auto& member : changes) put_or_drop(body, member.key(), member.value());
      },
      {"FForbidStatus"}, Origin::api, api_user_);
  return {id, text_of(*row, "FNumber")};
}

Saved Product::allocate(const FormDef& form, std::int64_t id, std::int64_t organisation,
                        bool submit_and_audit) {
  const Record head = get(form, id);
  const Record org = site_.row(*form_by_id("ORG_Organizations"), organisation);
  if (!org) throw Refused(not_found_code, "TOrgIds", "目标组织" + std::to_string(organisation) + "不存在");
  if (status_of(*head) != "C")
    throw Refused(state_code, "", "只有已审核状态的数据才允许分配，当前状态不允许");
  const std::string number = text_of(*org, "FNumber");
  for (const Record& row : site_.rows_of_master(form, id_of(*head, "FMasterId")))
    if (number_of(*row, "FUseOrgId") == number)
      throw Refused(validation_code, "", "该数据在组织" + number + "已存在，不能重复分配");
  json::object copy = *head;
  const std::int64_t copy_id = site_.next_id(form);
  copy[form.id] = copy_id;
  copy["FUseOrgId"] = reference_to(number);
  for (const std::string_view own : {"FSELLER", "FSALDEPTID", "FSALGROUPID", "FApproverId", "FApproveDate"})
    copy.erase(own);
  for (const std::string_view entry : form.entries) copy.erase(entry);
  copy["FDocumentStatus"] = submit_and_audit ? "C" : "A";
  copy["FCreateDate"] = site_.now();
  copy.erase("FModifyDate");
  if (submit_and_audit) copy["FApproveDate"] = site_.now();
  add_row(form, std::move(copy), {"FUseOrgId"});
  return {copy_id, text_of(*head, "FNumber")};
}

std::vector<std::string> Product::leftovers() const {
  std::vector<std::string> names;
  for (const auto& [form, id] : unapproved_) names.push_back(form + "/" + std::to_string(id));
  return names;
}

}  // namespace kingdee_twin
