#include "tests/e2e/installation.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "hub/config/yaml.hpp"
#include "hub/host/http.hpp"
#include "hub/host/plugin.hpp"
#include "hub/host/settings.hpp"

extern char** environ;

namespace huiliu::e2e {

namespace fs = std::filesystem;
using model::Value;

namespace {

const fs::path bin = fs::path(HUILIU_BINARY_DIR) / "bin";

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Value parsed(const std::string& text, const std::string& what) {
  auto value = model::parse_json(text);
  if (!value.ok()) ADD_FAILURE() << what << ": " << value.error().text() << "\n" << text.substr(0, 2000);
  return value.ok() ? std::move(*value) : Value();
}

std::vector<std::string> secrets_of(const std::string& connector) {
  static const host::PluginRegistry& registry = []() -> host::PluginRegistry& {
    static host::PluginRegistry loaded;
    for (const model::Error& error : loaded.scan((fs::path(HUILIU_BINARY_DIR) / "plugins").string()))
      ADD_FAILURE() << error.text();
    return loaded;
  }();
  const auto found = registry.connector(connector);
  return found == nullptr ? std::vector<std::string>{} : host::secret_names(found->manifest.settings);
}

}  // namespace

std::string value_text(const Value& record, const std::string& path) {
  const Value* found = record.at_path(path);
  return found == nullptr ? std::string{} : found->to_text();
}

Value Finished::json() const {
  if (auto whole = model::parse_json(out); whole.ok()) return std::move(*whole);
  const auto all = lines();
  return all.empty() ? Value() : all.back();
}

std::vector<Value> Finished::lines() const {
  std::vector<Value> values;
  std::istringstream in(out);
  std::string line;
  while (std::getline(in, line))
    if (!line.empty()) values.push_back(parsed(line, "a line of output"));
  return values;
}

Process::Process(const std::vector<std::string>& arguments, const fs::path& directory) {
  static int number = 0;
  const std::string name = "process-" + std::to_string(++number);
  out_ = directory / (name + ".out");
  err_ = directory / (name + ".err");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), (bin / "huiliu").string());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  if (::posix_spawn(&pid_, words[0].c_str(), &actions, nullptr, argv.data(), environ) != 0) {
    pid_ = -1;
    ADD_FAILURE() << words[0] << " does not start";
  }
  posix_spawn_file_actions_destroy(&actions);
}

Process::~Process() {
  if (pid_ > 0) {
    kill_hard();
    wait();
  }
}

void Process::kill_hard() { ::kill(pid_, SIGKILL); }
void Process::terminate() { ::kill(pid_, SIGTERM); }

Finished Process::wait() {
  Finished finished;
  int status = 0;
  while (pid_ > 0 && ::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  finished.out = text_of(out_);
  finished.err = text_of(err_);
  return finished;
}

int Process::kill_children(const std::string& name) const {
  int killed = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/task")) {
    std::ifstream children(task.path() / "children");
    for (int child = 0; children >> child;) {
      std::string called;
      std::getline(std::ifstream("/proc/" + std::to_string(child) + "/comm"), called);
      // The kernel keeps fifteen characters of a name.
      if (called == name.substr(0, 15) && ::kill(child, SIGKILL) == 0) ++killed;
    }
  }
  return killed;
}

bool Process::wait_for_text(const std::string& text, int seconds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (std::chrono::steady_clock::now() < until) {
    if (text_of(out_).find(text) != std::string::npos || text_of(err_).find(text) != std::string::npos)
      return true;
    std::this_thread::sleep_for(
        std::chrono::milliseconds(20));  // polling a file for a condition, bounded by `until`
  }
  return false;
}

std::string Process::text_after(const std::string& start) const {
  const std::string text = text_of(out_) + text_of(err_);
  const std::size_t from = text.find(start);
  if (from == std::string::npos) return {};
  return text.substr(from, text.find_first_of(" ,\n", from) - from);
}

Installation::Installation(int customers, int seed, const std::vector<std::string>& systems) {
  std::string name = (fs::temp_directory_path() / "huiliu-e2e-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary directory";
  directory = name;
  config = directory / "config";
  store = directory / "hub.db";
  fs::create_directories(config / "connections");
  std::ofstream(config / "hub.yaml") << "listen: {port: 0}\nquota_factor: 1000\n"
                                        "messages: {digest: [], quiet: {from: \"00:00\", to: \"00:00\"}}\n";
  for (const std::string& system : systems) {
    const fs::path file = fs::path(HUILIU_SOURCE_DIR) / "config/demo/connections" / (system + ".yaml");
    auto document = config::read_yaml(file.string(), file.filename().string());
    if (!document.ok()) {
      ADD_FAILURE() << document.error().text();
      return;
    }
    Value connection = document->value;
    const std::string vendor = system == "site" ? "webhook" : system;
    auto twin = cli::TwinProcess::start((bin / "huiliu-twin").string(),
                                        {"--vendor", vendor, "--generate", std::to_string(customers),
                                         "--seed", std::to_string(seed), "--quota-factor", "1000"});
    if (!twin.ok()) {
      ADD_FAILURE() << twin.error().text();
      return;
    }
    model::Object settings;
    for (const model::Member& setting : (*twin)->ready()["settings"].as_object())
      settings.set(setting.key, setting.value);
    for (const std::string& secret : secrets_of(connection["connector"].to_text()))
      if (Value* value = settings.find(secret)) {
        const fs::path path = directory / (system + "." + secret);
        std::ofstream(path) << value->to_text();
        *value = "${file:" + path.string() + "}";
      }
    connection.as_object().set("settings", std::move(settings));
    connection.as_object().erase("schedule");
    std::ofstream(config / "connections" / (system + ".yaml")) << config::to_yaml(connection);
    twins_[system] = std::move(*twin);
  }
}

Installation::~Installation() {
  twins_.clear();
  std::error_code ignored;  // left-over files in the temporary directory are no failure of the test
  fs::remove_all(directory, ignored);
}

std::vector<std::string> Installation::command(std::vector<std::string> arguments) const {
  for (const std::string& word : {std::string("--json"), std::string("--store"), "sqlite:" + store.string(),
                                  std::string("--config"), config.string()})
    arguments.push_back(word);
  return arguments;
}

Finished Installation::huiliu(const std::vector<std::string>& arguments) const {
  return Process(command(arguments), directory).wait();
}

Value Installation::settle(int most) const {
  Value run;
  for (int cycle = 0; cycle < most; ++cycle) {
    const Finished finished = huiliu({"sync", "--once"});
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    const Value runs = finished.json();
    if (!runs.is_array() || runs.as_array().empty()) break;
    run = runs.as_array().front();
    std::int64_t applied = 0;
    for (const Value& stream : run["streams"].as_array())
      applied += stream["applied"].as_number().to_int64().value_or(0);
    if (applied == 0) return run;
  }
  ADD_FAILURE() << "still writing after " << most << " cycles: " << model::to_json(run);
  return run;
}

Value Installation::get(const std::string& system, const std::string& path) const {
  static const auto transport = host::make_live_transport();
  host::HttpRequest request;
  request.url = twins_.at(system)->ready()["control"].to_text() + path;
  const host::HttpAnswer answer = transport->exchange(request, {});
  EXPECT_EQ(answer.code, 200) << request.url << ' ' << answer.reason << ' ' << answer.body.substr(0, 500);
  return parsed(answer.body, request.url);
}

Value Installation::post(const std::string& system, const std::string& path, const Value& body) const {
  static const auto transport = host::make_live_transport();
  host::HttpRequest request;
  request.method = "POST";
  request.url = twins_.at(system)->ready()["control"].to_text() + path;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = model::to_json(body);
  const host::HttpAnswer answer = transport->exchange(request, {});
  EXPECT_EQ(answer.code, 200) << request.url << ' ' << answer.reason << ' ' << answer.body.substr(0, 500);
  return parsed(answer.body, request.url);
}

Value Installation::edit(const std::string& system, const std::string& stream, const std::string& key,
                         const model::Object& fields) const {
  return post(system, "/edit",
              model::Object{{"stream", stream}, {"key", key}, {"fields", fields}, {"as", "tester"}});
}

Value Installation::record(const std::string& system, const std::string& stream,
                           const std::string& key) const {
  return get(system, "/state?stream=" + stream + "&key=" + key);
}

std::int64_t Installation::writes(const std::string& system) const {
  const Value counters = get(system, "/counters");
  std::int64_t sum = 0;
  for (const char* kind : {"creates", "updates", "deletes"}) {
    const Value& value = counters[kind];
    if (value.is_number()) sum += value.as_number().to_int64().value_or(0);
    if (const model::Object* by_stream = value.if_object())
      for (const model::Member& member : *by_stream)
        if (member.value.is_number()) sum += member.value.as_number().to_int64().value_or(0);
  }
  return sum;
}

void Installation::reset_counters() const {
  for (const auto& [system, twin] : twins_) post(system, "/counters/reset", model::Object{});
}

Value Installation::customer(const std::string& id) const {
  const Finished finished = huiliu({"customer", "show", id});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  return finished.json();
}

std::vector<Value> Installation::shared(const std::string& entity,
                                        const std::vector<std::string>& connections) const {
  std::vector<Value> found;
  const Finished finished = huiliu({"customer", "list", "--entity", entity});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  const Value rows = finished.json();
  if (!rows.is_array()) return found;
  for (const Value& row : rows.as_array()) {
    bool everywhere = true;
    for (const std::string& connection : connections)
      everywhere = everywhere && !key_in(row, connection).empty();
    if (everywhere) found.push_back(row);
  }
  return found;
}

std::string Installation::key_in(const Value& golden, const std::string& connection) {
  const Value& records = golden.find("systems") != nullptr ? golden["systems"] : golden["replicas"];
  if (records.is_array())
    for (const Value& record : records.as_array())
      if (record["connection"].to_text() == connection && !record["key"].to_text().starts_with("new:"))
        return record["key"].to_text();
  return {};
}

}  // namespace huiliu::e2e
