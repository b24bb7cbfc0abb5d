#include "hub/run/policy_view.hpp"

#include <algorithm>

namespace huiliu::run {
namespace {

using model::Array;
using model::Object;
using model::Value;
using sync::Right;

std::string shown_letter(char letter) {
  return letter == '0' ? "∅" : letter == '-' ? "–" : std::string(1, letter);
}
std::string shown_letter(Right right) { return shown_letter(static_cast<char>(right)); }

struct TableRow {
  const model::Entity* entity = nullptr;
  const model::Field* field = nullptr;
  bool part = false;
  const config::PolicyPack::Letters* letters = nullptr;
  char hub = '-';
};

// The rows of one entity in the order of the model.
std::vector<TableRow> rows_of(const config::Config& config, const model::Entity& entity, bool part) {
  std::vector<TableRow> rows;
  const auto& pack = part ? config.policies.parts : config.policies.rights;
  const auto& hub = part ? config.policies.hub_parts : config.policies.hub;
  const auto fields = pack.find(entity.name);
  if (fields == pack.end()) return rows;
  for (const model::Field& field : part ? entity.part_fields : entity.fields)
    if (const auto letters = fields->second.find(field.name); letters != fields->second.end())
      rows.push_back({&entity, &field, part, &letters->second, hub.at(entity.name).at(field.name)});
  return rows;
}

std::vector<TableRow> all_rows(const config::Config& config) {
  std::vector<TableRow> rows;
  for (const bool part : {false, true})
    for (const model::Entity& entity : config.schema.entities())
      for (TableRow& row : rows_of(config, entity, part)) rows.push_back(row);
  return rows;
}

std::string letter_of(const TableRow& row, std::string_view column) {
  const auto letter = row.letters->find(std::string(column));
  return letter == row.letters->end() ? shown_letter(Right::none) : shown_letter(letter->second);
}

std::string why_text(const RightReason& reason, const std::string& connection, bool zh) {
  using Why = RightReason::Why;
  switch (reason.why) {
    case Why::pack:
      return zh ? "策略包的“" + reason.column + "”列" : "column " + reason.column + " of the policy pack";
    case Why::exception:
      return zh ? "连接 " + connection + " 自己的例外（策略包写的是 " + shown_letter(reason.stated) + "）"
                : "the connection's own exception (the pack says " + shown_letter(reason.stated) + ")";
    case Why::handed_on:
      return zh ? "策略包中的权威角色没有连接，权威移交给它（策略包写的是 " + shown_letter(reason.stated) +
                      "）"
                : "nobody has the role that owns it, so authority is handed on (the pack says " +
                      shown_letter(reason.stated) + ")";
    case Why::reference:
      return zh ? "参考数据：只读，不写" : "reference data: read from every system, written nowhere";
    case Why::new_shared:
      return zh ? "策略包没有写这个字段；有它的系统都支持条件写入，因此共享"
                : "the policy pack does not name the field; all its systems take conditional writes, so they "
                  "share it";
    case Why::new_owned:
      return zh ? "策略包没有写这个字段；有系统不支持条件写入，因此只有一个权威，其他系统可提出修改"
                : "the policy pack does not name the field; not all its systems take conditional writes, so "
                  "one owns it "
                  "and the others propose";
    case Why::unstated:
      break;
  }
  return zh ? "策略包没有写这个字段：不交换" : "the policy pack does not name the field: it is not exchanged";
}

bool wanted(const ExplainQuery& query, const std::string& entity, const std::string& field,
            const std::string& connection) {
  return (query.entity.empty() || query.entity == entity) && (query.field.empty() || query.field == field) &&
         (query.connection.empty() || query.connection == connection);
}

void section(std::string& page, const config::Config& config, bool part, bool zh) {
  for (const model::Entity& entity : config.schema.entities()) {
    const auto rows = rows_of(config, entity, part);
    if (rows.empty()) continue;
    const std::string& label = zh ? entity.zh : entity.en;
    page += "\n## " + label + (part ? (zh ? "：组织级资料" : ": organisation parts") : "") + "\n\n";
    page += zh ? "| 字段 | 名称 | 主ERP | 其他ERP | CRM | 通讯录外部联系人 | 企微等聊天 | 网站 | 枢纽 |\n"
               : "| field | label | home ERP | other ERP | CRM | address book | chat | site | hub |\n";
    page += "|---|---|---|---|---|---|---|---|---|\n";
    for (const TableRow& row : rows) {
      page += "| `" + row.field->name + "` | " + (zh ? row.field->zh : row.field->en) + " |";
      for (const std::string_view column : config::policy_columns)
        page += " " + letter_of(row, column) + " |";
      page += " " + shown_letter(row.hub) + " |\n";
    }
  }
}

void legend(std::string& page, bool zh) {
  page += zh ? "| 字母 | 含义 |\n|---|---|\n" : "| letter | meaning |\n|---|---|\n";
  for (const char letter : std::string_view("OSPFRAI-0"))
    page += "| " + shown_letter(letter) + " | " + meaning_of(static_cast<Right>(letter), zh) + " |\n";
  page += zh ? "| 枢纽列 d · v · r | 数据管家裁决（先写权威系统，确认后生效）· 仅查看 · 仅可申请 |\n"
             : "| d · v · r (hub) | a steward decides, the authority is written first · view only · request "
               "only |\n";
}

void requirements(std::string& page, const config::Config& config, bool zh) {
  const model::Entity* customer = config.schema.find("customer");
  for (const auto& [role, items] : config.policies.complete) {
    page += zh ? "\n## 在 " + role + " 中建档前必须具备\n\n"
               : "\n## Needed before a record is made in a system of role " + role + "\n\n";
    for (const config::Requirement& item : items) {
      const model::FieldIndex field = customer->index_of(item.field);
      page += "- `" + item.field + "`";
      if (field != model::no_field)
        page += " " + (zh ? customer->fields[field].zh : customer->fields[field].en);
      if (item.ask)
        page += zh ? "（在建档申请中填写；不填用该系统的默认值）"
                   : " (stated in the request; else that system's own default)";
      for (const auto& [name, values] : item.unless) {
        std::string list;
        for (const std::string& value : values) list += (list.empty() ? "" : ", ") + value;
        page +=
            zh ? "；`" + name + "` 为 " + list + " 时免填" : "; not needed where `" + name + "` is " + list;
      }
      page += "\n";
    }
  }
}

void approvals(std::string& page, const config::Config& config, bool zh) {
  page += zh ? "\n## 谁可以裁决\n\n| 待办类型 | 事项 | 角色 |\n|---|---|---|\n"
             : "\n## Who may decide\n\n| review | about | roles |\n|---|---|---|\n";
  for (const auto& [kind, subjects] : config.policies.approvals)
    for (const auto& [subject, roles] : subjects) {
      std::string list;
      for (const std::string& role : roles)
        list += (list.empty() ? "" : ", ") + std::string(config::people_role_label(role, zh));
      page += "| " + kind + " | " +
              (subject == "*" ? (zh ? "其他" : "everything else") : "`" + subject + "`") + " | " + list +
              " |\n";
    }
}

}  // namespace

const char* meaning_of(Right right, bool zh) {
  switch (right) {
    case Right::owner:
      return zh ? "权威：它的修改生效" : "authority: its edits win";
    case Right::shared:
      return zh ? "共同维护：以最新修改为准，两边都留历史"
                : "shared: the latest edit wins, both stay in the history";
    case Right::propose:
      return zh ? "可提议：接收该值；本地修改成为变更申请，驳回则还原"
                : "may propose: receives the value; a local edit becomes a change request, put back when "
                  "refused";
    case Right::fill:
      return zh ? "补空：仅在为空时写入" : "filled only when empty";
    case Right::receive:
      return zh ? "只读下发：本地修改会被还原，并告知修改人"
                : "receives only: a local edit is put back and its author told";
    case Right::append:
      return zh ? "只追加，不删除" : "appends to a list, never removes";
    case Right::ignore:
      return zh ? "只读取，不写入" : "read only by us, never written";
    case Right::none:
      return zh ? "可以但不下发" : "not sent although possible";
    case Right::missing:
      return zh ? "该系统没有此字段" : "no such field";
  }
  return "";
}

Array policy_table_view(const config::Config& config) {
  Array view;
  for (const TableRow& row : all_rows(config)) {
    Object object{{"entity", row.entity->name},
                  {"field", row.field->name},
                  {"part", row.part},
                  {"label", Object{{"zh", row.field->zh}, {"en", row.field->en}}}};
    for (const std::string_view column : config::policy_columns)
      object.set(std::string(column), letter_of(row, column));
    object.set("hub", shown_letter(row.hub));
    object.set("line", config.policies.document == nullptr
                           ? std::string()
                           : config.policies.document->at((row.part ? "/parts/" : "/entities/") +
                                                          row.entity->name + "/" + row.field->name));
    view.emplace_back(std::move(object));
  }
  return view;
}

std::string policy_table_page(const config::Config& config, bool zh) {
  std::string page =
      zh ? "# 策略表：哪个系统对哪个字段有什么权利\n\n本页由 `huiliu policy table --page` 从 "
           "`config/policies/" +
               config.policies.name + ".yaml` 生成，请修改那个文件，不要修改本页。\n\n"
         : "# The policy table: which system has which right over which field\n\nMade by `huiliu policy "
           "table --page` from `config/policies/" +
               config.policies.name + ".yaml`: change that file, never this page.\n\n";
  legend(page, zh);
  page += zh ? "\n缺少某个角色时移交权威：没有 CRM → 主ERP；没有 ERP → CRM；都没有 → 枢纽。\n"
             : "\nA missing role hands its authority on: no CRM → home ERP, no ERP → CRM, neither → hub.\n";
  section(page, config, false, zh);
  section(page, config, true, zh);
  requirements(page, config, zh);
  approvals(page, config, zh);
  return page;
}

Array explain_view(const config::Config& config, const sync::Rules& rules, const RightReasons& reasons,
                   const ExplainQuery& query, bool zh) {
  Array view;
  for (const auto& [place, reason] : reasons) {
    const auto& [name, stream_name, field] = place;
    const sync::ConnectionRules& connection = rules.connections.at(name);
    const sync::StreamRules& stream = connection.streams.at(stream_name);
    const model::Entity& entity = *config.schema.find(stream.entity);
    if (!wanted(query, entity.name, entity.fields[field].name, name)) continue;
    const Right right = stream.rights.at(field);
    Array authority;
    for (const std::string& each : rules.policy(entity.name, field).authority) authority.emplace_back(each);
    Object row{{"entity", entity.name},
               {"field", entity.fields[field].name},
               {"connection", name},
               {"stream", stream_name},
               {"role", connection.role},
               {"column", reason.column},
               {"right", shown_letter(right)},
               {"meaning", meaning_of(right, zh)},
               {"stated", shown_letter(reason.stated)},
               {"line", reason.line},
               {"why", why_text(reason, name, zh)},
               {"authority", std::move(authority)}};
    if (const auto home = stream.rights_as_home.find(field); home != stream.rights_as_home.end()) {
      row.set("as_home", shown_letter(home->second));
      row.set("as_other", shown_letter(stream.rights_as_other.at(field)));
    }
    view.emplace_back(std::move(row));
  }
  return view;
}

}  // namespace huiliu::run
