#include "hub/run/message_texts.hpp"

#include <algorithm>

#include "hub/mapping/mapping.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::run {
namespace {

using model::Value;

// "客户名称 Legal name"
std::string label_of(const model::Schema& schema, const std::string& entity, const std::string& field) {
  const model::Entity* of = schema.find(entity);
  const model::FieldIndex index = of == nullptr ? model::no_field : of->index_of(field);
  return index == model::no_field ? field : of->fields[index].zh + " " + of->fields[index].en;
}

// Change reviews name a customer or a contact: the field tells which.
std::string entity_of(const model::Schema& schema, const sync::Review& review) {
  for (const model::Entity& entity : schema.entities())
    if (!entity.id_prefix.empty() && review.golden.starts_with(entity.id_prefix + "_")) return entity.name;
  return "customer";
}

std::string change_text(const sync::Review& review, const model::Schema& schema) {
  const std::string entity = entity_of(schema, review);
  return label_of(schema, entity, review.field) + "：" +
         shown_to_people(schema, entity, review.field, review.evidence["golden"]) + " → " +
         shown_to_people(schema, entity, review.field, review.evidence["after"]["value"]);
}

std::string missing_text(const sync::Review& review) {
  std::string list;
  if (const auto* missing = review.evidence["missing"].if_array())
    for (const Value& field : *missing) list += (list.empty() ? "" : ", ") + field.to_text();
  return list;
}

}  // namespace

std::string shown_to_people(const model::Schema& schema, const std::string& entity, const std::string& field,
                            const Value& value) {
  const model::Entity* of = schema.find(entity);
  const model::FieldIndex index = of == nullptr ? model::no_field : of->index_of(field);
  if (value.is_null()) return "（空 empty）";
  if (index == model::no_field) return value.to_text();
  return sync::masked(of->fields[index], {model::Presence::value, value, {}});
}

Wording words_for_request(const sync::Review& review, const model::Schema& schema) {
  if (review.kind == sync::ReviewKind::create) {
    std::string text = review.subject;
    if (const std::string missing = missing_text(review); !missing.empty())
      text += "\n缺少 missing: " + missing;
    if (const auto* similar = review.evidence["duplicates"].if_array();
        similar != nullptr && !similar->empty())
      text += "\n疑似重复 possible duplicates: " + std::to_string(similar->size());
    return {"建档申请 Creation request", text};
  }
  return {"变更申请 Change request", review.subject + "\n" + change_text(review, schema) + "\n来自 from " +
                                         review.connection + "；权威系统 authority " +
                                         review.evidence["authority"].to_text()};
}

Wording words_for_author(const sync::Review& review, const model::Schema& schema) {
  const std::string authority = review.evidence["authority"].to_text();
  return {"修改待审批 Your edit waits for approval", change_text(review, schema) + "\n" + review.connection +
                                                         " 不是该字段的权威系统（权威：" + authority +
                                                         "），修改已成为变更申请。\n" + review.connection +
                                                         " is not the authority of this field (" + authority +
                                                         " is): your edit became a change request."};
}

Wording words_for_decision(const sync::Review& review, const model::Schema& schema) {
  const bool create = review.kind == sync::ReviewKind::create;
  const std::string what = create ? review.subject : change_text(review, schema);
  const std::string note = review.note.empty() ? "" : "\n说明 note: " + review.note;
  if (review.choice == "approve")
    return {create ? "建档申请已批准 Creation request approved" : "变更申请已批准 Change request approved",
            what + note};
  if (review.choice == "return")
    return {"建档申请退回补充 Creation request sent back",
            what + "\n请补充 complete: " + missing_text(review) + note};
  return {create ? "建档申请被驳回 Creation request refused"
                 : "变更申请被驳回，已还原 Change request refused, put back",
          what + note};
}

Wording words_for_binding(const sync::Review& review, const std::string& person) {
  const bool contact = review.kind == sync::ReviewKind::duplicate;
  const std::string to = !contact                  ? review.evidence["customer"].to_text()
                         : person == review.golden ? review.evidence["other"].to_text()
                                                   : review.golden;
  return {"待绑定 Whom does this person work for",
          review.subject + (contact ? "\n手机相同 same mobile" : "\n企业名称相符 company agrees") +
              "\n是 yes: huiliu contact bind " + person + " " + to};
}

Wording words_for_leaver(const std::string& employee, const std::string& id,
                         const std::vector<std::string>& customers) {
  constexpr std::size_t listed = 20;
  std::string list;
  for (std::size_t i = 0; i < std::min(listed, customers.size()); ++i) list += "\n· " + customers[i];
  if (customers.size() > listed) list += "\n… " + std::to_string(customers.size() - listed) + " 个 more";
  return {"离职交接 Handover", employee + " 已离职，名下客户 " + std::to_string(customers.size()) +
                                   " 个 has left, with " + std::to_string(customers.size()) +
                                   " customers:" + list + "\nhuiliu employee handover " + id +
                                   " 接收人TO --effective YYYY-MM-DD"};
}

Wording words_for_disabled(const std::string& customer) {
  return {"客户已停用 Customer disabled",
          customer +
              "\n所有 ERP 的所有组织都已停用这个客户，新单据开不出来。\nEvery organisation of every ERP has "
              "disabled "
              "this customer: no new documents for him."};
}

Wording words_for_unmapped(const std::string& reason, std::size_t records) {
  return {"业务员未对应 Salesperson not mapped",
          reason + "\n等待的记录 records that wait: " + std::to_string(records)};
}

Wording words_for_notice(const sync::Notice& notice, const std::string& entity, const std::string& customer,
                         const model::Schema& schema) {
  const auto shown = [&](const model::FieldValue& value) {
    return shown_to_people(schema, entity, notice.field, value.has_value() ? value.value : Value());
  };
  const std::string field = label_of(schema, entity, notice.field);
  const std::string values = field + "：" + shown(notice.edit) + " → " + shown(notice.golden_value);
  if (notice.kind == "new_number")
    return {"新客户编码 New customer number",
            customer + "：" + notice.golden_value.value.to_text() + "（" + notice.ref.connection + "）"};
  if (notice.kind == "approved_refused")
    return {"已批准的变更被系统拒绝 An approved change was not taken",
            customer + "\n" + field + "：" + shown(notice.edit) + "\n" + notice.authority +
                " 没有接受这个值，请在该系统中处理。 did not take this value; settle it there."};
  if (notice.kind == "approved_overtaken")
    return {"已批准的变更已过时 An approved change was overtaken",
            customer + "\n" + values + "\n" + notice.authority + " 中已有更新的修改。 has a newer edit."};
  return {"修改已还原 Your edit was put back",
          customer + "\n" + values + "\n" + notice.ref.connection + " 对该字段只读；权威系统是 " +
              notice.authority + "，请在那里修改。\n" + notice.ref.connection +
              " only receives this field; edit it in " + notice.authority + "."};
}

}  // namespace huiliu::run
