#include "hub/config/code_tables.hpp"

#include <algorithm>

namespace huiliu::config {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Value;

constexpr const char* byte_order_mark = "\xEF\xBB\xBF";

struct CsvRow {
  std::vector<std::string> cells;
  int line = 0;
};

std::vector<CsvRow> csv_rows(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(3);
  std::vector<CsvRow> rows;
  CsvRow row{{""}, 1};
  int line = 1;
  bool quoted = false;
  const auto end_row = [&] {
    if (row.cells.size() > 1 || !row.cells.front().empty()) rows.push_back(row);
    row = {{""}, line};
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"')
        row.cells.back() += c;
      else if (i + 1 < text.size() && text[i + 1] == '"')
        row.cells.back() += text[++i];
      else
        quoted = false;
    } else if (c == '"' && row.cells.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      row.cells.emplace_back();
    } else if (c == '\n') {
      end_row();
    } else if (c != '\r') {
      row.cells.back() += c;
    }
  }
  end_row();
  return rows;
}

// The table of a lens: the parameters of enum or codes. Null: it has none.
Value* table_of(Value& lens, bool* strict = nullptr) {
  model::Object* object = lens.if_object();
  Value* codec = object == nullptr ? nullptr : object->find("codec");
  model::Object* named = codec == nullptr ? nullptr : codec->if_object();
  if (named == nullptr) return nullptr;
  for (const char* name : {"enum", "codes"})
    if (Value* table = named->find(name); table != nullptr && table->is_object()) {
      if (strict != nullptr) *strict = std::string_view(name) == "enum";
      return table;
    }
  return nullptr;
}

model::Array* lenses_of(Value& stream) {
  model::Object* object = stream.if_object();
  Value* lenses = object == nullptr ? nullptr : object->find("lenses");
  return lenses == nullptr ? nullptr : lenses->if_array();
}

// Every lens of a stream, those of its organisation parts too.
template <class Visit>
void each_lens(Value& stream, Visit visit) {
  if (model::Array* lenses = lenses_of(stream))
    for (Value& lens : *lenses) visit(lens, static_cast<const Value*>(nullptr));
  model::Object* object = stream.if_object();
  Value* parts = object == nullptr ? nullptr : object->find("parts");
  if (parts == nullptr) return;
  if (model::Array* lenses = lenses_of(*parts))
    for (Value& lens : *lenses) visit(lens, static_cast<const Value*>(parts));
}

void add_rows(CodeField& field, const std::vector<CodeRow>& rows) {
  for (const CodeRow& row : rows) {
    if (row.stream != field.stream || row.field != field.field) continue;
    if (row.organisation.empty())
      field.meanings[row.code] = row.meaning;
    else
      field.by_organisation[row.organisation][row.code] = row.meaning;
  }
}

void add_shown(const CodeField& field, const std::string& organisation, const Value* shown,
               std::vector<ShownCode>& out) {
  if (shown == nullptr || shown->is_array() || shown->is_object()) return;
  std::string code = shown->to_text();
  const std::size_t first = code.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return;
  code = code.substr(first, code.find_last_not_of(" \t\r\n") - first + 1);
  out.push_back({&field, organisation, std::move(code)});
}

}  // namespace

Result<std::vector<std::vector<std::string>>> parse_csv(std::string_view text, const std::string& file,
                                                        const std::vector<std::string>& columns) {
  const std::vector<CsvRow> rows = csv_rows(text);
  std::vector<std::vector<std::string>> out;
  if (rows.empty()) return out;
  std::vector<std::size_t> places;
  for (const std::string& column : columns) {
    const auto& header = rows.front().cells;
    const auto found = std::find(header.begin(), header.end(), column);
    if (found == header.end())
      return make_error(
          ErrorClass::config,
          "the column \"" + column + "\" is missing; the first line names the columns: " + csv_line(columns),
          file + ":1");
    places.push_back(static_cast<std::size_t>(found - header.begin()));
  }
  for (std::size_t i = 1; i < rows.size(); ++i) {
    std::vector<std::string> cells;
    for (const std::size_t place : places) {
      if (place >= rows[i].cells.size())
        return make_error(ErrorClass::config,
                          "the row has " + std::to_string(rows[i].cells.size()) +
                              " cells and the first line " + std::to_string(rows.front().cells.size()),
                          file + ":" + std::to_string(rows[i].line));
      cells.push_back(rows[i].cells[place]);
    }
    out.push_back(std::move(cells));
  }
  return out;
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += ',';
    if (cells[i].find_first_of(",\"\n\r") == std::string::npos) {
      line += cells[i];
      continue;
    }
    line += '"';
    for (const char c : cells[i]) line += c == '"' ? std::string("\"\"") : std::string(1, c);
    line += '"';
  }
  return line;
}

Result<std::vector<CodeRow>> parse_code_rows(std::string_view text, const std::string& file) {
  HUILIU_ASSIGN(const auto cells,
                parse_csv(text, file, {"stream", "field", "organisation", "code", "meaning", "note"}));
  std::vector<CodeRow> rows;
  for (const auto& row : cells) {
    if (row[0].empty() || row[1].empty() || row[3].empty())
      return make_error(ErrorClass::config, "a row needs stream, field and code: \"" + csv_line(row) + "\"",
                        file);
    rows.push_back({row[0], row[1], row[2], row[3], row[4], row[5]});
  }
  return rows;
}

std::string code_rows_text(const std::vector<CodeRow>& rows) {
  std::string text = csv_line({"stream", "field", "organisation", "code", "meaning", "note"}) + "\n";
  for (const CodeRow& row : rows)
    text += csv_line({row.stream, row.field, row.organisation, row.code, row.meaning, row.note}) + "\n";
  return text;
}

Result<Value> with_code_rows(const Value& mapping, const std::vector<CodeRow>& rows) {
  Value document = mapping;
  for (const CodeRow& row : rows) {
    bool found = false;
    Value* streams = document.if_object() == nullptr ? nullptr : document.as_object().find("streams");
    Value* stream = streams == nullptr || streams->if_object() == nullptr
                        ? nullptr
                        : streams->as_object().find(row.stream);
    if (stream != nullptr)
      each_lens(*stream, [&](Value& lens, const Value*) {
        Value* table = table_of(lens);
        if (table == nullptr || lens["field"].to_text() != row.field) return;
        found = true;
        if (row.organisation.empty()) table->as_object().set(row.code, Value(row.meaning));
      });
    if (!found)
      return make_error(ErrorClass::config, "the mapping has no code table for " + row.stream + " " +
                                                row.field + " (row \"" + row.code + "\")");
  }
  return document;
}

const std::string* CodeField::meaning(const std::string& organisation, const std::string& code) const {
  if (const auto own = by_organisation.find(organisation); own != by_organisation.end())
    if (const auto found = own->second.find(code); found != own->second.end()) return &found->second;
  const auto found = meanings.find(code);
  return found == meanings.end() ? nullptr : &found->second;
}

std::vector<CodeField> code_fields(const Value& mapping, const std::vector<CodeRow>& rows) {
  std::vector<CodeField> fields;
  Value document = mapping;
  Value* streams = document.if_object() == nullptr ? nullptr : document.as_object().find("streams");
  if (streams == nullptr || streams->if_object() == nullptr) return fields;
  for (model::Member& stream : streams->as_object())
    each_lens(stream.value, [&](Value& lens, const Value* parts) {
      CodeField field;
      const Value* table = table_of(lens, &field.strict);
      if (table == nullptr || lens["path"].to_text().empty() || lens.find("in") != nullptr) return;
      field.stream = stream.key;
      field.field = lens["field"].to_text();
      field.path = lens["path"].to_text();
      if (parts != nullptr) {
        field.part = true;
        field.parts_path = (*parts)["path"].to_text();
        field.organisation_path = (*parts)["organisation"].to_text();
      }
      for (const model::Member& code : table->as_object()) field.meanings[code.key] = code.value.to_text();
      add_rows(field, rows);
      fields.push_back(std::move(field));
    });
  return fields;
}

std::vector<ShownCode> codes_in(const std::vector<CodeField>& fields, const std::string& stream,
                                const Value& record) {
  std::vector<ShownCode> out;
  for (const CodeField& field : fields) {
    if (field.stream != stream) continue;
    if (!field.part) {
      add_shown(field, {}, record.at_path(field.path), out);
      continue;
    }
    const Value* list = record.at_path(field.parts_path);
    const model::Array* elements = list == nullptr ? nullptr : list->if_array();
    if (elements == nullptr) continue;
    for (const Value& element : *elements) {
      const Value* organisation = element.at_path(field.organisation_path);
      add_shown(field, organisation == nullptr ? std::string() : organisation->to_text(),
                element.at_path(field.path), out);
    }
  }
  return out;
}

}  // namespace huiliu::config
