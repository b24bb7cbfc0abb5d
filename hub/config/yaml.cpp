#include "hub/config/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace huiliu::config {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Value;

constexpr int yaml_depth_max = 64;
// Without aliases every node has a byte of its own. More than ten for each is no document but a bomb, and is
// refused after a time in proportion to its size.
constexpr std::size_t yaml_nodes_free = 10'000, yaml_nodes_per_byte = 10, yaml_nodes_max = 1'000'000;

struct YamlReader {
  Document& document;
  std::size_t nodes_left;

  model::Error error(const YAML::Mark& mark, const std::string& message) const {
    return make_error(ErrorClass::config, message, document.file + ":" + std::to_string(mark.line + 1));
  }

  static Value plain(const std::string& text) {
    if (text.empty() || text == "~" || text == "null") return {};
    if (text == "true") return true;
    if (text == "false") return false;
    if (text.front() == '-' || (text.front() >= '0' && text.front() <= '9'))
      if (auto number = model::parse_json(text); number.ok() && number->is_number())
        return std::move(*number);
    return text;
  }

  Result<Value> read(const YAML::Node& node, const std::string& pointer, int depth) {
    if (depth > yaml_depth_max) return error(node.Mark(), "nested more than 64 levels deep");
    if (nodes_left-- == 0)
      return error(node.Mark(),
                   "too large: more than a million values, or aliases that make more than ten of each byte");
    document.lines.emplace(pointer, node.Mark().line + 1);
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        if (!model::is_utf8(node.Scalar())) return error(node.Mark(), "not UTF-8");
        return node.Tag() == "!" ? Value(node.Scalar()) : plain(node.Scalar());
      case YAML::NodeType::Sequence:
        return read_sequence(node, pointer, depth);
      case YAML::NodeType::Map:
        return read_map(node, pointer, depth);
      default:
        return Value{};
    }
  }

  Result<Value> read_sequence(const YAML::Node& node, const std::string& pointer, int depth) {
    model::Array array;
    for (const YAML::Node& item : node) {
      HUILIU_ASSIGN(Value value, read(item, pointer + "/" + std::to_string(array.size()), depth + 1));
      array.push_back(std::move(value));
    }
    return Value(std::move(array));
  }

  Result<Value> read_map(const YAML::Node& node, const std::string& pointer, int depth) {
    model::Object object;
    for (const auto& member : node) {
      if (!member.first.IsScalar()) return error(member.first.Mark(), "a key must be text");
      const std::string key = member.first.Scalar();
      if (object.contains(key)) return error(member.first.Mark(), "duplicate key \"" + key + "\"");
      HUILIU_ASSIGN(Value value, read(member.second, pointer + "/" + key, depth + 1));
      document.lines[pointer + "/" + key] = member.first.Mark().line + 1;
      object.append(key, std::move(value));
    }
    return Value(std::move(object));
  }
};

bool needs_quotes(const std::string& text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return true;
  if (!YamlReader::plain(text).is_string()) return true;
  static constexpr std::string_view first_special = "-?:,[]{}#&*!|>'\"%@`.0123456789~+";
  if (first_special.find(text.front()) != std::string_view::npos) return true;
  if (text.find(": ") != std::string::npos || text.find(" #") != std::string::npos || text.ends_with(':'))
    return true;
  for (const char* word :
       {"yes", "no", "on", "off", "Yes", "No", "True", "False", "TRUE", "FALSE", "Null", "NULL"})
    if (text == word) return true;
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

void emit_scalar(std::string& out, const Value& value) {
  if (value.is_string() && needs_quotes(value.as_string()))
    model::append_json_string(out, value.as_string());
  else if (value.is_null())
    out += "null";
  else if (value.is_array())
    out += "[]";
  else if (value.is_object())
    out += "{}";
  else
    out += value.to_text();
}

bool is_block(const Value& value) {
  return (value.is_array() && !value.as_array().empty()) || (value.is_object() && !value.as_object().empty());
}

void emit_yaml(std::string& out, const Value& value, std::size_t indent, bool inline_first) {
  const auto begin = [&](bool first) {
    if (!first || !inline_first) out.append(indent, ' ');
  };
  bool first = true;
  if (const model::Array* array = value.if_array()) {
    for (const Value& item : *array) {
      begin(std::exchange(first, false));
      out += "- ";
      if (is_block(item))
        emit_yaml(out, item, indent + 2, true);
      else
        emit_scalar(out, item), out += '\n';
    }
  } else {
    for (const model::Member& member : value.as_object()) {
      begin(std::exchange(first, false));
      emit_scalar(out, Value(member.key));
      out += ':';
      if (is_block(member.value)) {
        out += '\n';
        emit_yaml(out, member.value, indent + 2, false);
      } else {
        out += ' ';
        emit_scalar(out, member.value);
        out += '\n';
      }
    }
  }
}

// Counts documents and whether one of them holds anything. YAML::LoadAll never ends on a stray "]", which it
// takes for one more document for ever; so documents are counted first, and only the first one is loaded.
class DocumentCounter : public YAML::EventHandler {
 public:
  int filled = 0;

  void OnDocumentStart(const YAML::Mark&) override { empty_ = true; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override { fill(); }
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {
    fill();
  }
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    fill();
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    fill();
  }
  void OnMapEnd() override {}

 private:
  void fill() {
    if (empty_) ++filled;
    empty_ = false;
  }
  bool empty_ = true;
};

bool has_several_documents(const std::string& text) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  DocumentCounter counter;
  for (int documents = 0; parser.HandleNextDocument(counter); ++documents)
    if (counter.filled > 1 || documents > 2) return true;
  return false;
}

}  // namespace

std::string Document::at(std::string_view pointer) const {
  std::string here(pointer);
  while (true) {
    if (const auto found = lines.find(here); found != lines.end())
      return file + ":" + std::to_string(found->second);
    const std::size_t slash = here.rfind('/');
    if (slash == std::string::npos) return file + ":1";
    here.resize(slash);
  }
}

model::Error Document::locate(model::Error error) const {
  if (!error.where.starts_with(file)) error.where = at(error.where);
  return error;
}

Result<Document> parse_yaml(std::string_view text, std::string file) {
  Document document;
  document.file = std::move(file);
  YamlReader reader{document, std::min(yaml_nodes_max, yaml_nodes_free + yaml_nodes_per_byte * text.size())};
  try {
    const std::string whole(text);
    if (has_several_documents(whole))
      return make_error(ErrorClass::config, "more than one document in a file", document.file + ":1");
    const YAML::Node node = YAML::Load(whole);
    if (node.IsNull()) return document;
    HUILIU_ASSIGN(document.value, reader.read(node, "", 0));
  } catch (const YAML::Exception& error) {
    return make_error(ErrorClass::config, "not YAML: " + error.msg,
                      document.file + ":" + std::to_string(error.mark.line + 1));
  }
  return document;
}

Result<Document> read_yaml(const std::string& path, std::string shown_as) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return make_error(ErrorClass::config, "cannot be read", shown_as);
  std::ostringstream text;
  text << file.rdbuf();
  return parse_yaml(text.str(), std::move(shown_as));
}

std::string to_yaml(const Value& value) {
  std::string out;
  if (is_block(value))
    emit_yaml(out, value, 0, false);
  else
    emit_scalar(out, value), out += '\n';
  return out;
}

model::Error error_at(const std::string& pointer, std::string message) {
  return model::make_error(model::ErrorClass::config, std::move(message), pointer);
}

model::Status check_keys(const Value& node, const std::string& pointer,
                         std::initializer_list<std::string_view> known) {
  const model::Object* object = node.if_object();
  if (object == nullptr) return make_error(ErrorClass::config, "an object is wanted here", pointer);
  for (const model::Member& member : *object)
    if (std::find(known.begin(), known.end(), member.key) == known.end()) {
      std::string names;
      for (const std::string_view name : known) names += " " + std::string(name);
      return make_error(ErrorClass::config, "unknown key \"" + member.key + "\"; known:" + names,
                        pointer + "/" + member.key);
    }
  return {};
}

}  // namespace huiliu::config
