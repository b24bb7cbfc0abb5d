#include "hub/cli/customer_sheet.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "hub/mapping/mapping.hpp"
#include "hub/table/reader.hpp"
#include "hub/table/writer.hpp"

namespace huiliu::cli {
namespace {

using model::ErrorClass;
using model::Field;
using model::FieldIndex;
using model::FieldValue;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

constexpr const char* golden_base_sheet = "_base";
constexpr const char* id_title = "统一客户编号";
constexpr const char* systems_title = "所在系统";
constexpr std::size_t goldens_at_once = 500;

// One column of the sheet: a field, or one part of a field that is an object.
struct SheetColumn {
  FieldIndex field = model::no_field;
  std::string part;  // of a group
  std::string title;
  bool read_only = false;
};

const char* part_label(const std::string& part) {
  static const std::map<std::string, const char*> labels = {
      {"title", "抬头"},   {"tax_no", "税号"}, {"address", "地址"}, {"phone", "电话"},   {"bank", "开户行"},
      {"account", "账号"}, {"email", "邮箱"},  {"province", "省"},  {"city", "市"},      {"county", "区县"},
      {"street", "街道"},  {"detail", "详细"}, {"country", "国家"}, {"postcode", "邮编"}};
  const auto found = labels.find(part);
  return found == labels.end() ? part.c_str() : found->second;
}

template <class Visit>  // Status(const sync::Golden&)
Status each_golden(store::Snapshot& snapshot, const std::string& entity, Visit visit) {
  std::string after;
  while (true) {
    const auto page = snapshot.list_goldens({entity, {}, {}, model::unknown_time}, {after, goldens_at_once});
    for (const sync::Golden& golden : page) HUILIU_TRY(visit(golden));
    if (page.size() < goldens_at_once) return {};
    after = page.back().id;
  }
}

using Parts = std::map<FieldIndex, std::set<std::string>>;  // of fields whose values are objects

// The columns of an entity. Groups have one for each part that any record shows.
class Layout {
 public:
  Layout(const model::Entity& entity, const Parts& parts) : entity_(entity) {
    std::map<std::string, int> titles;
    for (const Field& field : entity.fields) ++titles[label(field)];
    for (std::size_t i = 0; i < entity.fields.size(); ++i) {
      const Field& field = entity.fields[i];
      const auto index = static_cast<FieldIndex>(i);
      const std::string title = titles[label(field)] > 1 ? label(field) + " " + field.name : label(field);
      const auto of = parts.find(index);
      if (of == parts.end()) {
        columns_.push_back({index, {}, title, !field.reference_to.empty() || entity.reference_data});
        continue;
      }
      for (const std::string& part : of->second)
        columns_.push_back({index, part, title + "." + part_label(part), entity.reference_data});
    }
  }

  const std::vector<SheetColumn>& columns() const { return columns_; }
  const Field& field(const SheetColumn& column) const { return entity_.fields[column.field]; }
  // How the hidden sheet titles it.
  std::string name(const SheetColumn& column) const {
    return field(column).name + (column.part.empty() ? "" : ":" + column.part);
  }

 private:
  static std::string label(const Field& field) { return field.zh.empty() ? field.name : field.zh; }

  const model::Entity& entity_;
  std::vector<SheetColumn> columns_;
};

Result<Parts> object_parts_of(store::Snapshot& snapshot, const std::string& entity) {
  Parts parts;
  HUILIU_TRY(each_golden(snapshot, entity, [&](const sync::Golden& golden) -> Status {
    for (const auto& [index, field] : golden.fields)
      if (const model::Object* object = field.value.has_value() ? field.value.value.if_object() : nullptr)
        for (const model::Member& member : *object) parts[index].insert(member.key);
    return {};
  }));
  return parts;
}

std::string element_text(const Value& value) {
  return value.is_object() || value.is_array() ? model::to_json(value) : value.to_text();
}

std::string name_of_reference(store::Snapshot& snapshot, const model::Schema& schema, const std::string& id) {
  const std::string surviving = snapshot.resolve(id);
  const auto golden = surviving.empty() ? std::nullopt : snapshot.load_golden(surviving);
  if (!golden) return id;
  std::string text;
  for (const char* name : {"names.legal", "name", "job_number"}) {
    const auto field = golden->fields.find(schema.find(golden->entity)->index_of(name));
    if (field == golden->fields.end() || !field->second.value.has_value()) continue;
    text += (text.empty() ? "" : " ") + field->second.value.value.to_text();
  }
  return text.empty() ? id : text;
}

std::string cell_text(store::Snapshot& snapshot, const model::Schema& schema, const Layout& layout,
                      const SheetColumn& column, const sync::Golden& golden) {
  const auto found = golden.fields.find(column.field);
  if (found == golden.fields.end() || !found->second.value.has_value()) return {};
  const Value& value = found->second.value.value;
  if (!layout.field(column).reference_to.empty()) return name_of_reference(snapshot, schema, value.to_text());
  if (!column.part.empty()) return element_text(value[column.part]);
  const model::Array* list = value.if_array();
  if (list == nullptr) return element_text(value);
  std::string text;
  for (const Value& element : *list) text += (text.empty() ? "" : "；") + element_text(element);
  return text;
}

std::string systems_of(store::Snapshot& snapshot, const sync::Golden& golden) {
  std::string text;
  if (const auto cluster = snapshot.load_cluster(golden.id))
    for (const sync::Replica& replica : cluster->replicas)
      if (!replica.gone && !replica.ref.key.starts_with("new:") && replica.ref.connection != "hub")
        text += (text.empty() ? "" : "；") + replica.ref.connection + " " + replica.ref.key;
  return text;
}

std::vector<table::Column> titles_of(const Layout& layout, bool for_people) {
  std::vector<table::Column> titles{{for_people ? id_title : "id", 34}};
  if (for_people) titles.push_back({systems_title, 30});
  for (const SheetColumn& column : layout.columns())
    titles.push_back({for_people ? column.title : layout.name(column),
                      layout.field(column).name == "names.legal" ? 36.0 : 18.0});
  return titles;
}

// The parts that the hidden sheet of an export has columns for.
Result<Parts> parts_in(table::WorkbookReader& workbook, const model::Entity& entity) {
  if (!workbook.has_sheet(golden_base_sheet))
    return make_error(ErrorClass::data,
                      std::string("the hidden sheet ") + golden_base_sheet +
                          " is missing: only a workbook of \"huiliu customer export\" can be read back",
                      workbook.path());
  Parts parts;
  const Status read =
      workbook.read(golden_base_sheet, [&](std::uint64_t, const std::vector<std::string>& cells) -> Status {
        for (const std::string& name : cells)
          if (const std::size_t colon = name.find(':'); colon != std::string::npos)
            if (const FieldIndex field = entity.index_of(name.substr(0, colon)); field != model::no_field)
              parts[field].insert(name.substr(colon + 1));
        return make_error(ErrorClass::cancelled, "the title row is all that is needed");
      });
  if (!read.ok() && read.error().error_class != ErrorClass::cancelled) return read.error();
  return parts;
}

// A person's text of a list, in any of the separators that people use.
Value list_from(const std::string& text) {
  model::Array elements;
  std::string element;
  const auto take = [&] {
    const std::size_t from = element.find_first_not_of(' ');
    if (from != std::string::npos)
      elements.emplace_back(element.substr(from, element.find_last_not_of(' ') - from + 1));
    element.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view(text).substr(i);
    const bool wide = rest.starts_with("；") || rest.starts_with("，") || rest.starts_with("、");
    if (wide || text[i] == ';' || text[i] == ',' || text[i] == '\n') {
      take();
      i += wide ? 2 : 0;
    } else {
      element += text[i];
    }
  }
  take();
  return elements;
}

// Reads the visible sheet against the hidden one and the golden records of now.
class Importer {
 public:
  Importer(store::Snapshot& snapshot, const model::Schema& schema, const model::Entity& entity,
           const Layout& layout)
      : snapshot_(snapshot), schema_(schema), entity_(entity), layout_(layout) {}

  Result<ImportPlan> plan(table::WorkbookReader& workbook) {
    HUILIU_TRY(read_base(workbook));
    std::vector<table::WantedColumn> wanted{{{id_title, "ID"}}, {{systems_title}, false}};
    for (const SheetColumn& column : layout_.columns())
      wanted.push_back({{column.title, layout_.name(column)}});
    HUILIU_TRY(table::read_table(
        workbook, entity_.zh, wanted,
        [&](std::uint64_t row, const std::vector<std::string>& cells) { return take_row(row, cells); }));
    std::uint64_t hash = model::hash64(entity_.name);
    for (const CellChange& change : plan_.changes) {
      plan_.refused += change.refused.empty() ? 0 : 1;
      if (change.refused.empty())
        hash =
            model::hash64(change.golden + '\n' + change.title + '\n' + change.from + '\n' + change.to, hash);
    }
    plan_.hash = std::to_string(hash);
    return std::move(plan_);
  }

 private:
  // What the export wrote, as hashes: all that is asked is whether it is still the same.
  Status read_base(table::WorkbookReader& workbook) {
    std::vector<table::WantedColumn> wanted{{{"id"}}};
    for (const SheetColumn& column : layout_.columns()) wanted.push_back({{layout_.name(column)}});
    return table::read_table(workbook, golden_base_sheet, wanted,
                             [&](std::uint64_t, const std::vector<std::string>& cells) -> Status {
                               std::vector<std::uint64_t>& hashes = base_[cells.front()];
                               for (std::size_t i = 1; i < cells.size(); ++i)
                                 hashes.push_back(model::hash64(cells[i]));
                               return {};
                             });
  }

  Status take_row(std::uint64_t row, const std::vector<std::string>& cells) {
    ++plan_.rows;
    const std::string& id = cells[0];
    const auto base = base_.find(id);
    if (id.empty()) return refuse_row(row, id, "the row has no id: an import makes no new customers");
    if (base == base_.end()) return refuse_row(row, id, "this id was not in the export");
    if (!seen_.insert(id).second) return refuse_row(row, id, "this id stands in an earlier row too");
    std::optional<sync::Golden> golden;
    std::map<FieldIndex, Value> groups;
    for (std::size_t i = 0; i < layout_.columns().size(); ++i) {
      const std::string& text = cells[i + 2];
      if (model::hash64(text) == base->second[i]) continue;
      if (!golden) {
        golden = snapshot_.load_golden(id);
        if (!golden) return refuse_row(row, id, "there is no such golden record any more");
        if (!golden->redirect.empty())
          return refuse_row(row, id, "was merged into " + golden->redirect + " meanwhile");
      }
      take_cell(row, *golden, layout_.columns()[i], text, base->second[i], groups);
    }
    for (auto& [field, value] : groups) edit_group(*golden, field, std::move(value));
    return {};
  }

  void take_cell(std::uint64_t row, const sync::Golden& golden, const SheetColumn& column,
                 const std::string& text, std::uint64_t base, std::map<FieldIndex, Value>& groups) {
    const Field& field = layout_.field(column);
    CellChange change{
        row,  golden.id, field.name, column.title, cell_text(snapshot_, schema_, layout_, column, golden),
        text, {}};
    if (change.from == text) return;  // somebody else made the same change
    if (column.read_only) {
      change.refused = "this column is for reading only";
    } else if (model::hash64(change.from) != base) {
      change.refused = "changed since the export";
    } else if (!column.part.empty()) {
      take_part(golden, column, text, groups);
    } else {
      const Value entered = field.multiplicity == model::Multiplicity::list ? list_from(text) : Value(text);
      auto value = mapping::field_value(field, text.empty() ? Value() : entered);
      if (!value.ok())
        change.refused = value.error().message;
      else if (const auto now = golden.fields.find(column.field);
               now != golden.fields.end() && now->second.value.shows_same(*value))
        return;  // equal but for spelling
      else
        plan_.edits.push_back({golden.id, field.name, std::move(*value)});
    }
    plan_.changes.push_back(std::move(change));
  }

  // A group is chosen whole: its parts of this row come together in one edit.
  void take_part(const sync::Golden& golden, const SheetColumn& column, const std::string& text,
                 std::map<FieldIndex, Value>& groups) {
    auto found = groups.find(column.field);
    if (found == groups.end()) {
      const auto now = golden.fields.find(column.field);
      Value whole = now != golden.fields.end() && now->second.value.value.is_object()
                        ? now->second.value.value
                        : Value(model::Object{});
      found = groups.emplace(column.field, std::move(whole)).first;
    }
    if (text.empty())
      found->second.as_object().erase(column.part);
    else
      found->second.as_object().set(column.part, text);
  }

  void edit_group(const sync::Golden& golden, FieldIndex field, Value whole) {
    const Field& of = entity_.fields[field];
    auto value = mapping::field_value(of, whole.as_object().empty() ? Value() : whole);
    if (value.ok()) {
      plan_.edits.push_back({golden.id, of.name, std::move(*value)});
      return;
    }
    for (CellChange& change : plan_.changes)
      if (change.golden == golden.id && change.field == of.name && change.refused.empty())
        change.refused = value.error().message;
  }

  Status refuse_row(std::uint64_t row, const std::string& id, std::string why) {
    plan_.changes.push_back({row, id, {}, {}, {}, {}, std::move(why)});
    return {};
  }

 private:
  store::Snapshot& snapshot_;
  const model::Schema& schema_;
  const model::Entity& entity_;
  const Layout& layout_;
  ImportPlan plan_;
  std::unordered_map<std::string, std::vector<std::uint64_t>> base_;
  std::set<std::string> seen_;
};

Result<const model::Entity*> entity_named(const model::Schema& schema, const std::string& name) {
  const model::Entity* entity = schema.find(name);
  if (entity == nullptr) return make_error(ErrorClass::config, "the model has no entity \"" + name + "\"");
  return entity;
}

}  // namespace

Result<SheetTotals> export_goldens(store::Snapshot& snapshot, const model::Schema& schema,
                                   const std::string& entity_name, const std::string& path) {
  HUILIU_ASSIGN(const model::Entity* entity, entity_named(schema, entity_name));
  HUILIU_ASSIGN(const Parts parts, object_parts_of(snapshot, entity_name));
  const Layout layout(*entity, parts);
  HUILIU_ASSIGN(const auto workbook, table::WorkbookWriter::create(path));
  SheetTotals totals{0, static_cast<std::int64_t>(layout.columns().size())};
  for (const bool for_people : {true, false}) {
    HUILIU_TRY(workbook->start_sheet(for_people ? entity->zh : golden_base_sheet,
                                     titles_of(layout, for_people), !for_people));
    const auto add = [&](const sync::Golden& golden) -> Status {
      std::vector<Value> cells{golden.id};
      if (for_people) cells.emplace_back(systems_of(snapshot, golden));
      for (const SheetColumn& column : layout.columns())
        cells.emplace_back(cell_text(snapshot, schema, layout, column, golden));
      totals.rows += for_people ? 1 : 0;
      return workbook->add_row(cells);
    };
    HUILIU_TRY(each_golden(snapshot, entity_name, add));
  }
  HUILIU_TRY(workbook->finish());
  return totals;
}

Result<ImportPlan> plan_import(store::Snapshot& snapshot, const model::Schema& schema,
                               const std::string& entity_name, const std::string& path) {
  HUILIU_ASSIGN(const model::Entity* entity, entity_named(schema, entity_name));
  HUILIU_ASSIGN(const auto workbook, table::WorkbookReader::open(path));
  HUILIU_ASSIGN(const Parts parts, parts_in(*workbook, *entity));
  const Layout layout(*entity, parts);
  Importer importer(snapshot, schema, *entity, layout);
  return importer.plan(*workbook);
}

}  // namespace huiliu::cli
