// huiliu plugin list, inspect, call, test, new
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>

#include "hub/cli/app.hpp"
#include "hub/cli/plugin_project.hpp"
#include "hub/cli/twin_process.hpp"
#include "hub/host/isolation.hpp"
#include "hub/host/plugin.hpp"
#include "hub/host/plugin_call.hpp"
#include "hub/kit/kit.hpp"

namespace huiliu::cli {
namespace {

using model::ErrorClass;
using model::make_error;

struct PluginArguments {
  std::string library, settings, cursor, records, request;
  std::int64_t clock_ms = -1;
  std::int64_t seed = -1;
  host::PluginCallOptions call;
  std::string live, twin, report = "text", isolation = "process";
  std::string name, directory;  // of a new project
  std::vector<std::string> only;
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
  options.isolated = arguments.isolation == "child";
  if (const model::Status filled = fill(options, arguments); !filled.ok()) {
    session.fail(filled.error());
    return usage;
  }
  return host::plugin_call(options, session.io().out, session.io().err);
}

// The twin of a library libhuiliu-NAME.so: the program NAME-twin beside it, or NAME among the shipped twins.
std::pair<std::string, std::vector<std::string>> twin_of(const PluginArguments& arguments) {
  namespace fs = std::filesystem;
  if (!arguments.twin.empty()) return {arguments.twin, {}};
  const fs::path library = arguments.library;
  std::string name = library.stem().string();
  if (name.starts_with("libhuiliu-")) name = name.substr(10);
  if (const fs::path own = library.parent_path() / (name + "-twin"); fs::exists(own))
    return {own.string(), {}};
  return {Installation::find().twin,
          {"--vendor", name, "--generate", "40", "--seed", "7", "--quota-factor", "1000"}};
}

void print_report(Session& session, const kit::Report& report) {
  std::ostream& out = session.io().out;
  for (const kit::Finding& finding : report.findings) {
    if (finding.verdict == kit::Verdict::passed) continue;
    out << (finding.verdict == kit::Verdict::failed ? say("未通过 ", "FAILED  ") : say("跳过   ", "skipped "))
        << finding.check << (finding.stream.empty() ? "" : " [" + finding.stream + "]") << ": "
        << finding.message << '\n';
    if (!finding.fix.empty()) out << "        → " << finding.fix << '\n';
  }
  out << report.connector << ' ' << report.version << ": " << report.score() << " / 100\n";
}

int test(Session& session, const PluginArguments& arguments) {
  const auto plugin = arguments.isolation == "child" ? host::isolate_plugin(arguments.library)
                                                     : host::load_plugin(arguments.library);
  if (!plugin.ok()) return session.fail(plugin.error());
  const auto connector = (*plugin)->connector(arguments.call.connector);
  if (connector == nullptr)
    return session.fail(make_error(ErrorClass::config,
                                   "has several connectors, or none of that id: name one by --connector",
                                   arguments.library));
  kit::Target target;
  std::unique_ptr<TwinProcess> twin;
  if (!arguments.live.empty()) {
    const auto document = config::read_yaml(arguments.live, arguments.live);
    if (!document.ok()) return session.fail(document.error());
    target.settings = document->value;
  } else {
    const auto [program, words] = twin_of(arguments);
    auto started = TwinProcess::start(program, words);
    if (!started.ok()) return session.fail(started.error());
    twin = std::move(*started);
    target = {twin->ready()["settings"], twin->ready()["control"].to_text()};
  }
  const kit::Report report = kit::test_connector(connector, target, {arguments.only});
  if (arguments.report == "html")
    session.io().out << kit::to_html(report);
  else if (session.json() || arguments.report == "json")
    print_json(session, kit::to_json(report));
  else
    print_report(session, report);
  return report.passed() ? done : failed;
}

int make_project(Session& session, const PluginArguments& arguments) {
  const std::string directory = arguments.directory.empty() ? arguments.name : arguments.directory;
  const auto written = write_project(Installation::find().templates, arguments.name, directory);
  if (!written.ok()) return session.fail(written.error());
  if (session.json())
    print_json(session, model::Object{{"name", arguments.name},
                                      {"directory", directory},
                                      {"files", static_cast<std::int64_t>(*written)}});
  else
    session.io().out << directory << '\n'
                     << say("下一步：cmake -S . -B build && cmake --build build && ctest --test-dir build",
                            "next: cmake -S . -B build && cmake --build build && ctest --test-dir build")
                     << '\n';
  return done;
}

int upgrade(Session& session, const PluginArguments& arguments) {
  const auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  if (const model::Status upgraded = (*hub)->upgrade_plugin(arguments.library); !upgraded.ok())
    return session.fail(upgraded.error());
  if (session.json())
    print_json(session, model::Object{{"upgraded", arguments.library}});
  else
    session.io().out << say("已升级；正在读取的连接在下一个检查点换用新版本",
                            "upgraded; what is being read goes over to it at its next checkpoint")
                     << '\n';
  return done;
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
  CLI::App* made = plugin->add_subcommand("new", say("新建连接器工程", "a complete connector project"));
  made->add_option("name", arguments->name, "the connector's id: lower-case letters, digits, hyphens")
      ->required();
  made->add_option("--dir", arguments->directory, "where; default: a directory of that name");
  made->callback(set(make_project));
  CLI::App* upgraded = plugin->add_subcommand(
      "upgrade", say("运行中升级插件", "takes a new version of a library into the running hub"));
  upgraded->add_option("library", arguments->library, "file")->required();
  upgraded->callback([&action, arguments] {
    action = {[arguments](Session& session) { return upgrade(session, *arguments); },
              true,
              false,
              {arguments->library}};
  });
  CLI::App* tested = plugin->add_subcommand(
      "test", say("一致性测试：给出得分和改进办法", "the conformance kit: a score, and what to mend"));
  tested->add_option("library", arguments->library, "file")->required();
  tested->add_option("--connector", arguments->call.connector, "id; may be left out when there is only one");
  CLI::Option* live = tested->add_option(
      "--live", arguments->live, "settings of a real system (YAML or JSON); nothing is written there");
  tested
      ->add_option("--twin", arguments->twin,
                   "the twin's program; default: NAME-twin beside libhuiliu-NAME.so, or a shipped one")
      ->excludes(live);
  tested->add_option("--isolation", arguments->isolation, "process: in this one; child: in a sandbox")
      ->check(CLI::IsMember({"process", "child"}));
  tested->add_option("--report", arguments->report, "text, json or html")
      ->check(CLI::IsMember({"text", "json", "html"}));
  tested->add_option("--only", arguments->only, "names of checks, or their first part")->delimiter(',');
  tested->callback(set(test));
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
  called->add_option("--isolation", arguments->isolation, "process: in this one; child: in a sandbox")
      ->check(CLI::IsMember({"process", "child"}));
  called->add_option("--quota-factor", arguments->call.quota_factor, "every limit times this");
  called->add_flag("--show-secrets", arguments->call.show_secrets,
                   "print requests with their secrets and tokens, e.g. to compare a signature");
  called->callback(set(call));
}

}  // namespace huiliu::cli
