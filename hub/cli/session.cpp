#include "hub/cli/session.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace huiliu::cli {
namespace fs = std::filesystem;

using model::Result;
using model::Status;
using model::Value;

namespace {

std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

// Columns a text takes on a terminal: East Asian wide characters take two.
std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < utf8.size();) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    const std::size_t length = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    width += length >= 3 ? 2 : 1;
    i += length;
  }
  return width;
}

std::string cell(const Value& row, const char* path) {
  const Value* value = row.at_path(path);
  if (value == nullptr || value->is_null()) return {};
  return value->is_array() || value->is_object() ? model::to_json(*value) : value->to_text();
}

}  // namespace

Installation Installation::find() {
  Installation installation;
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  const fs::path bin = executable.parent_path();
  installation.executable = executable.string();
  installation.twin = (bin / "huiliu-twin").string();
  installation.templates = (bin.parent_path() / "share/huiliu/sdk/template").string();
  installation.shipped =
      environment("HUILIU_SHARE", (bin.parent_path() / "share/huiliu/config").string().c_str());
  for (const fs::path& candidate : {bin.parent_path() / "plugins", bin.parent_path() / "lib/huiliu/plugins"})
    if (fs::is_directory(candidate, error)) installation.plugins.push_back(candidate.string());
  if (const std::string own = environment("HUILIU_PLUGINS", ""); !own.empty()) installation.plugins = {own};
  return installation;
}

run::HubOptions hub_options(const GlobalOptions& options, store::OpenMode mode, bool plugins_needed) {
  const Installation installation = Installation::find();
  run::HubOptions hub;
  hub.store = options.store;
  hub.config = options.config;
  hub.shipped = installation.shipped;
  hub.plugins = installation.plugins;
  hub.mode = mode;
  hub.plugins_needed = plugins_needed;
  return hub;
}

Result<std::unique_ptr<run::Hub>> open_beside(const GlobalOptions& options) {
  auto reader = run::Hub::open(hub_options(options, store::OpenMode::reader, true));
  if (reader.ok() || reader.error().error_class != model::ErrorClass::not_found) return reader;
  return run::Hub::open(hub_options(options, store::OpenMode::owner, true));
}

Result<run::Hub*> Session::hub() {
  if (served_ != nullptr) return served_;
  if (own_ == nullptr) {
    HUILIU_ASSIGN(own_, run::Hub::open(hub_options(options_, store::OpenMode::owner, true)));
    for (const model::Error& error : own_->plugin_errors())
      io_.err << "huiliu: plugin not loaded: " << error.text() << '\n';
  }
  return own_.get();
}

Status Session::read(const std::function<Status(store::Snapshot&, const model::Schema&)>& look) {
  if (served_ != nullptr || own_ != nullptr) {
    run::Hub& hub = served_ != nullptr ? *served_ : *own_;
    return hub.store().read([&](store::Snapshot& snapshot) { return look(snapshot, hub.config().schema); });
  }
  HUILIU_ASSIGN(const std::unique_ptr<run::Hub> reader,
                run::Hub::open(hub_options(options_, store::OpenMode::reader, false)));
  return reader->store().read(
      [&](store::Snapshot& snapshot) { return look(snapshot, reader->config().schema); });
}

int Session::fail(const model::Error& error) {
  io_.err << "huiliu: " << error.text() << '\n';
  return failed;
}

void print_json(Session& session, const Value& value) {
  session.io().out << (session.json() ? model::to_json(value) : model::to_pretty_json(value)) << '\n';
}

void print_line(Session& session, const Value& value) { session.io().out << model::to_json(value) << '\n'; }

void print_table(Session& session, const std::vector<Column>& columns, const std::vector<Value>& rows) {
  std::vector<std::size_t> widths;
  for (const Column& column : columns) {
    std::size_t width = display_width(column.title);
    for (const Value& row : rows)
      width = std::max(width, std::min<std::size_t>(60, display_width(cell(row, column.path))));
    widths.push_back(width);
  }
  const auto line = [&](const auto& text_of) {
    std::string out;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string text = text_of(columns[i]);
      out += text;
      const std::size_t width = display_width(text);
      if (i + 1 < columns.size()) out.append(width < widths[i] ? widths[i] - width + 2 : 2, ' ');
    }
    session.io().out << out << '\n';
  };
  line([](const Column& column) { return std::string(column.title); });
  for (const Value& row : rows) line([&](const Column& column) { return cell(row, column.path); });
}

void print_list(Session& session, const std::vector<Column>& columns, model::Array rows) {
  if (session.json())
    session.io().out << model::to_json(Value(std::move(rows))) << '\n';
  else
    print_table(session, columns, rows);
}

bool chinese() {
  static const bool result = [] {
    const std::string language = environment("HUILIU_LANG", environment("LANG", "").c_str());
    return language.starts_with("zh");
  }();
  return result;
}

const char* say(const char* zh, const char* en) { return chinese() ? zh : en; }

}  // namespace huiliu::cli
