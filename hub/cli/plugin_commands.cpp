// huiliu plugin list, inspect, call
#include <CLI/CLI.hpp>
#include <fstream>
#include <ostream>
#include <sstream>

#include "hub/cli/app.hpp"
#include "hub/host/plugin.hpp"
#include "hub/host/plugin_call.hpp"

namespace huiliu::cli {
namespace {

using model::ErrorClass;
using model::make_error;

struct PluginArguments {
  std::string library, settings, cursor, records, request;
  std::int64_t clock_ms = -1;
  std::int64_t seed = -1;
  host::PluginCallOptions call;
};

int list_plugins(Session& session, const PluginArguments&) {
  host::PluginRegistry registry;
  for (const std::string& directory : Installation::find().plugins)
    for (const model::Error& error : registry.scan(directory)) session.fail(error);
  const model::Value plugins = host::describe_plugins(registry);
  print_list(session,
             {{say("连接器", "CONNECTOR"), "id"},
              {say("名称", "LABEL"), say("label.zh", "label.en")},
              {say("版本", "VERSION"), "version"},
              {say("能力", "CAPABILITIES"), "capabilities"},
              {say("文件", "LIBRARY"), "library"}},
             plugins.as_array());
  return done;
}

int inspect(Session& session, const PluginArguments& arguments) {
  const auto inspected = host::inspect_plugin(arguments.library);
  if (!inspected.ok()) return session.fail(inspected.error());
  print_json(session, *inspected);
  return done;
}

model::Result<std::string> file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return make_error(ErrorClass::config, "cannot be read", path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

model::Status fill(host::PluginCallOptions& options, const PluginArguments& arguments) {
  options.settings = model::Object{};
  if (!arguments.settings.empty()) {
    HUILIU_ASSIGN(const config::Document document, config::read_yaml(arguments.settings, arguments.settings));
    options.settings = document.value;
  }
  const std::pair<const std::string*, std::string*> files[] = {{&arguments.cursor, &options.cursor},
                                                               {&arguments.records, &options.records},
                                                               {&arguments.request, &options.request}};
  for (const auto& [path, into] : files) {
    if (path->empty()) continue;
    HUILIU_ASSIGN(*into, file_text(*path));
  }
  if (arguments.clock_ms >= 0) options.clock = arguments.clock_ms * 1000;
  if (arguments.seed >= 0) options.seed = static_cast<std::uint64_t>(arguments.seed);
  return {};
}

int call(Session& session, const PluginArguments& arguments) {
  host::PluginCallOptions options = arguments.call;
  options.library = arguments.library;
  if (const model::Status filled = fill(options, arguments); !filled.ok()) {
    session.fail(filled.error());
    return usage;
  }
  return host::plugin_call(options, session.io().out, session.io().err);
}

}  // namespace

void add_plugin_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<PluginArguments>();
  const auto set = [&action, arguments](int (*run)(Session&, const PluginArguments&)) {
    return [&action, arguments, run] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, false, true};
    };
  };
  CLI::App* plugin = app.add_subcommand("plugin", say("插件", "plugins and their connectors"));
  plugin->require_subcommand(1);
  plugin->add_subcommand("list", say("列表", "installed connectors"))->callback(set(list_plugins));
  CLI::App* inspected = plugin->add_subcommand(
      "inspect", say("查看文件，不加载", "everything about a library, without loading it"));
  inspected->add_option("library", arguments->library, "file")->required();
  inspected->callback(set(inspect));
  CLI::App* called = plugin->add_subcommand("call", say("执行一个操作", "one operation of a connector"));
  called->add_option("library", arguments->library, "file")->required();
  called->add_option("--connector", arguments->call.connector, "id; may be left out when there is only one");
  called
      ->add_option("--op", arguments->call.operation,
                   "check discover read find lookup write handle_request authenticate")
      ->required();
  called->add_option("--settings", arguments->settings, "YAML or JSON file");
  called->add_option("--stream", arguments->call.stream, "stream");
  called->add_option("--cursor", arguments->cursor, "file with the cursor's bytes");
  called->add_option("--mode", arguments->call.mode, "read: full, changes or keys");
  called->add_option("--limit", arguments->call.limit, "at most about so many records");
  called->add_option("--records", arguments->records, "file of lines");
  called->add_option("--request", arguments->request, "file with one request");
  called->add_option("--http", arguments->call.http, "live, script:F, record:F or replay:F");
  called->add_option("--clock", arguments->clock_ms, "the clock stands still here, Unix milliseconds");
  called->add_option("--seed", arguments->seed, "of the dice");
  called->add_option("--quota-factor", arguments->call.quota_factor, "every limit times this");
  called->callback(set(call));
}

}  // namespace huiliu::cli
