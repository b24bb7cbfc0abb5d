#include "hub/cli/demo.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <optional>
#include <ostream>
#include <sstream>

#include "hub/cli/demo_checks.hpp"
#include "hub/cli/demo_progress.hpp"
#include "hub/cli/server.hpp"
#include "hub/cli/twin_process.hpp"
#include "hub/host/http.hpp"
#include "hub/host/settings.hpp"
#include "hub/run/views.hpp"

namespace huiliu::cli {
namespace {

namespace fs = std::filesystem;
using model::Error;
using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

struct DemoSystem {
  std::string name, vendor;
  Value checks;
  std::unique_ptr<TwinProcess> twin;
  Value connection;  // the connection's file, from the template
};

double peak_rss_mb() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

std::string decimal(double value, int digits = 1) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(digits) << value;
  return out.str();
}

Value rounded(double value, int digits = 1) { return model::Number{decimal(value, digits)}; }

Status write_file(const fs::path& path, const std::string& text, bool secret) {
  {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    std::error_code ignored;  // the write below reports what matters
    if (secret) fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, ignored);
    file << text;
    if (file.flush()) return {};
  }
  return make_error(ErrorClass::config, "cannot be written", path.string());
}

// Who has to do something about a difference that waits, by its reason (run::ConnectionReport::waiting).
const char* waiting_for(const std::string& why) {
  static const std::map<std::string, std::pair<const char*, const char*>> people = {
      {"request", {"审批人（建档、变更、审核）", "approvers"}},
      {"duplicate", {"数据管家（疑似重复）", "data steward"}},
      {"conflict", {"数据管家（冲突）", "data steward (conflict)"}},
      {"reference", {"对应关系（员工、码表）", "mappings (employees, codes)"}},
      {"incomplete", {"申请人补资料", "requester (missing fields)"}},
      {"refused", {"对方系统管理员（拒收）", "that system's admin (refused)"}},
      {"stage", {"上线阶段", "stage"}},
      {"freeze", {"财务（月结冻结）", "finance (month-end)"}},
      {"observation", {"首次读取", "first read"}}};
  const auto found = people.find(why);
  return found == people.end() ? why.c_str() : say(found->second.first, found->second.second);
}

// The systems in which a customer has a record of its own, with how many.
std::map<std::string, int> records_by_system(store::Snapshot& snapshot, const std::string& golden) {
  std::map<std::string, int> records;
  if (const auto cluster = snapshot.load_cluster(golden))
    for (const sync::Replica& replica : cluster->replicas)
      if (!replica.gone && replica.leader.empty() && !replica.ref.key.starts_with("new:"))
        ++records[replica.ref.connection];
  return records;
}

// Possible duplicates whose two sides have a record in one and the same system.
std::int64_t doubles_asked_about(store::Snapshot& snapshot) {
  std::int64_t count = 0;
  std::string after;
  while (true) {
    const auto page = snapshot.list_reviews({sync::ReviewKind::duplicate, "open", {}}, {after, 500});
    for (const sync::Review& review : page) {
      const auto one = records_by_system(snapshot, snapshot.resolve(review.golden));
      const auto other = records_by_system(snapshot, snapshot.resolve(review.evidence["other"].to_text()));
      count +=
          std::any_of(one.begin(), one.end(), [&](const auto& each) { return other.contains(each.first); });
    }
    if (page.size() < 500) return count;
    after = page.back().id;
  }
}

// Customers with several numbers in one system: 一户多码, linked or still a question.
std::int64_t several_numbers(store::Snapshot& snapshot) {
  std::int64_t count = doubles_asked_about(snapshot);
  std::string after;
  while (true) {
    const auto page = snapshot.list_goldens({"customer", {}, {}, model::unknown_time}, {after, 500});
    for (const sync::Golden& golden : page) {
      const auto records = records_by_system(snapshot, golden.id);
      count += std::any_of(records.begin(), records.end(), [](const auto& each) { return each.second > 1; });
    }
    if (page.size() < 500) return count;
    after = page.back().id;
  }
}

class Demo {
 public:
  Demo(Session& session, const DemoOptions& options)
      : session_(session),
        options_(options),
        // A program gets JSON lines on stdout and the words on stderr; a person at a terminal gets the words.
        machine_(session.json() || ::isatty(STDOUT_FILENO) == 0),
        words_(machine_ ? session.io().err : session.io().out) {}

  ~Demo() {
    std::error_code ignored;  // a left-over temporary directory is no failure of the demo
    server_.reset();
    hub_.reset();
    if (temporary_) fs::remove_all(state_, ignored);
  }

  int run() {
    if (const Status prepared = prepare(); !prepared.ok()) return session_.fail(prepared.error());
    if (const Status opened = open(); !opened.ok()) return session_.fail(opened.error());
    announce();
    if (const Status begun = begin_checks(); !begun.ok()) return session_.fail(begun.error());
    const auto report = synchronise();
    if (!report.ok()) return session_.fail(report.error());
    if (report->converged && !session_.stop()) {
      auto counted = checks_->count(*hub_, session_.stop());
      if (!counted.ok()) return session_.fail(counted.error());
      counts_ = std::move(*counted);
    }
    const int code = summarise(*report);
    if (options_.once || session_.stop()) return code;
    return keep_serving();
  }

 private:
  Status prepare() {
    const Installation installation = Installation::find();
    const fs::path shipped = fs::path(installation.shipped) / "demo";
    HUILIU_ASSIGN(const config::Document document,
                  config::read_yaml((shipped / "demo.yaml").string(), "demo.yaml"));
    HUILIU_ASSIGN(const config::Document checks,
                  config::read_yaml((shipped / "checks.yaml").string(), "checks.yaml"));
    if (!options_.state.empty()) {
      state_ = options_.state;
    } else {
      std::string name = (fs::temp_directory_path() / "huiliu-demo-XXXXXX").string();
      if (::mkdtemp(name.data()) == nullptr)
        return make_error(ErrorClass::config, "no temporary directory can be made", name);
      state_ = name;
      temporary_ = true;
    }
    std::error_code error;
    fs::create_directories(state_ / "config" / "connections", error);
    fs::create_directories(state_ / "secrets", error);
    if (error) return make_error(ErrorClass::config, error.message(), state_.string());
    fs::permissions(state_ / "secrets", fs::perms::owner_all, error);
    const model::Array* systems = document.value["systems"].if_array();
    if (systems == nullptr)
      return make_error(ErrorClass::config, "systems are missing", document.at("/systems"));
    for (const Value& entry : *systems) {
      DemoSystem system;
      system.name = entry["name"].to_text();
      system.vendor = entry["twin"].to_text();
      system.checks = checks.value[system.name];
      if (!has_data(system.name)) continue;
      HUILIU_ASSIGN(const config::Document file,
                    config::read_yaml((shipped / "connections" / (system.name + ".yaml")).string(),
                                      "demo/connections/" + system.name + ".yaml"));
      system.connection = file.value;
      HUILIU_ASSIGN(system.twin, TwinProcess::start(installation.twin, twin_arguments(system)));
      HUILIU_TRY(write_connection(system));
      systems_.push_back(std::move(system));
    }
    if (systems_.empty())
      return make_error(ErrorClass::config, "none of the systems has a folder there", options_.data);
    HUILIU_ASSIGN(const config::Document people,
                  config::read_yaml((shipped / "hub.yaml").string(), "demo/hub.yaml"));
    model::Object hub{{"listen", model::Object{{"address", "127.0.0.1"}, {"port", options_.port}}},
                      {"quota_factor", options_.quota_factor}};
    if (const model::Object* given = people.value.if_object())
      for (const model::Member& member : *given) hub.set(member.key, member.value);
    return write_file(state_ / "config" / "hub.yaml", config::to_yaml(Value(std::move(hub))), false);
  }

  // With data of one's own only the systems that have some take part.
  bool has_data(const std::string& system) const {
    std::error_code error;
    return options_.data.empty() || fs::is_directory(fs::path(options_.data) / system, error);
  }

  Status begin_checks() {
    std::vector<CheckedSystem> checked;
    for (const DemoSystem& system : systems_)
      checked.push_back({system.name, system.twin->ready()["control"].to_text(), system.checks});
    checks_.emplace(std::move(checked));
    return checks_->begin();
  }

  std::vector<std::string> twin_arguments(const DemoSystem& system) const {
    std::vector<std::string> arguments = {"--vendor", system.vendor, "--quota-factor",
                                          decimal(options_.quota_factor, 3)};
    if (options_.data.empty())
      for (const std::string& word : {std::string("--generate"), std::to_string(options_.customers),
                                      std::string("--seed"), std::to_string(options_.seed)})
        arguments.push_back(word);
    else if (const fs::path records = fs::path(options_.data) / system.name;
             fs::is_directory(records) || !fs::is_directory(options_.data))
      for (const std::string& word : {std::string("--data"), records.string()}) arguments.push_back(word);
    else  // a directory of records that says nothing about this system
      words_ << "huiliu: " << records.string() << say("：没有该目录，", ": no such directory, ")
             << system.name << say("从空开始", " starts empty") << '\n';
    return arguments;
  }

  // The template with the twin's settings; what the connector calls secret goes into files of mode 0600.
  Status write_connection(DemoSystem& system) {
    model::Object settings;
    if (const model::Object* given = system.connection["settings"].if_object()) settings = *given;
    if (const model::Object* offered = system.twin->ready()["settings"].if_object())
      for (const model::Member& setting : *offered) settings.set(setting.key, setting.value);
    for (const std::string& name : secrets_of(system.connection["connector"].to_text())) {
      Value* secret = settings.find(name);
      if (secret == nullptr) continue;
      const fs::path file = state_ / "secrets" / (system.name + "." + name);
      HUILIU_TRY(write_file(file, secret->to_text(), true));
      *secret = "${file:" + fs::absolute(file).string() + "}";
    }
    system.connection.as_object().set("settings", std::move(settings));
    return write_file(state_ / "config" / "connections" / (system.name + ".yaml"),
                      config::to_yaml(system.connection), false);
  }

  std::vector<std::string> secrets_of(const std::string& connector) {
    if (registry_.plugins().empty())
      for (const std::string& directory : Installation::find().plugins)
        for (const Error& error : registry_.scan(directory)) words_ << "huiliu: " << error.text() << '\n';
    const auto found = registry_.connector(connector);
    return found == nullptr ? std::vector<std::string>{} : host::secret_names(found->manifest.settings);
  }

  Status open() {
    GlobalOptions global = session_.options();
    global.store = "sqlite:" + (state_ / "hub.db").string();
    global.config = (state_ / "config").string();
    HUILIU_ASSIGN(hub_, run::Hub::open(hub_options(global, store::OpenMode::owner, true)));
    HUILIU_ASSIGN(server_, Server::start(*hub_, words_));
    return {};
  }

  void announce() {
    if (machine_) {
      model::Array systems;
      for (const DemoSystem& system : systems_)
        systems.push_back(model::Object{{"name", system.name},
                                        {"url", system.twin->ready()["url"]},
                                        {"control", system.twin->ready()["control"]}});
      session_.io().out << model::to_json(model::Object{{"systems", std::move(systems)},
                                                        {"api", server_->url()},
                                                        {"store", hub_->options().store},
                                                        {"config", hub_->options().config}})
                        << std::endl;
    }
    words_ << say("汇流演示：", "Huiliu demo: ") << systems_.size() << say(" 个模拟系统", " twin systems");
    if (options_.quota_factor != 1)
      words_ << say("，接口配额放大 ", ", vendor quotas lifted ") << decimal(options_.quota_factor, 0)
             << say(" 倍", "-fold");
    words_ << '\n';
    for (const DemoSystem& system : systems_)
      words_ << "  " << std::left << std::setw(12) << system.name << ' '
             << system.twin->ready()["url"].to_text() << '\n';
    words_ << std::flush;
  }

  Result<run::CycleReport> synchronise() {
    std::vector<std::string> names;
    for (const DemoSystem& system : systems_) names.push_back(system.name);
    run::ProgressBoard board(names);
    const bool terminal = !machine_ || ::isatty(STDERR_FILENO) == 1;
    const ProgressDisplay display(board, words_, terminal);
    run::CycleOptions options;
    options.connections = names;
    options.job = "demo";
    return hub_->sync(options, &board, session_.stop());
  }

  int summarise(const run::CycleReport& report) {
    const double seconds = static_cast<double>(report.ended - report.started) / 1e6;
    std::map<sync::ReviewKind, std::int64_t> reviews;
    std::map<std::string, std::int64_t> goldens;
    const Status read = hub_->store().read([&](store::Snapshot& snapshot) -> Status {
      reviews = snapshot.count_reviews("open");
      several_numbers_ = several_numbers(snapshot);
      for (const store::GoldenCount& count : snapshot.count_goldens()) goldens[count.entity] = count.live;
      return {};
    });
    if (!read.ok()) return session_.fail(read.error());
    std::int64_t waiting = 0;
    for (const auto& [kind, count] : reviews) waiting += count;
    model::Array systems;
    for (const run::ConnectionReport& system : report.connections)
      systems.push_back(model::Object{{"name", system.name},
                                      {"records", system.records},
                                      {"linked", system.linked},
                                      {"created", system.created},
                                      {"fields_written", system.fields_written},
                                      {"unsupported", system.unsupported},
                                      {"parked", system.parked}});
    const double rate = seconds > 0 ? static_cast<double>(report.read) / seconds : 0;
    words(report, seconds, rate, reviews, goldens);
    if (machine_)
      session_.io().out
          << model::to_json(model::Object{
                 {"converged", report.converged},
                 {"seconds", rounded(seconds, 2)},
                 {"customers", goldens["customer"]},
                 {"contacts", goldens["contact"]},
                 {"waiting", waiting},
                 {"requests", reviews[sync::ReviewKind::create] + reviews[sync::ReviewKind::change]},
                 {"conflicts", reviews[sync::ReviewKind::conflict]},
                 {"records_per_second", rounded(rate)},
                 {"peak_rss_mb", rounded(peak_rss_mb())},
                 {"systems", std::move(systems)},
                 {"checks", counts_view()},
                 {"several_numbers", several_numbers_},
                 {"run", report.run},
                 {"initial_differences", report.initial_differences},
                 {"stages",
                  model::Object{{"read", rounded(static_cast<double>(report.read_time) / 1e6, 2)},
                                {"write", rounded(static_cast<double>(report.write_time) / 1e6, 2)},
                                {"account", rounded(static_cast<double>(report.account_time) / 1e6, 2)}}},
                 {"quota_factor", options_.quota_factor}})
          << std::endl;
    const bool clean =
        std::all_of(counts_.begin(), counts_.end(), [](const auto& each) { return each.second == 0; });
    return report.converged && clean ? done : failed;
  }

  Value counts_view() const {
    model::Object view;
    for (const auto& [name, count] : counts_) view.set(name, count);
    return view;
  }

  void words(const run::CycleReport& report, double seconds, double rate,
             std::map<sync::ReviewKind, std::int64_t>& reviews,
             std::map<std::string, std::int64_t>& goldens) {
    std::int64_t records = 0;
    std::vector<Value> rows;
    for (const run::ConnectionReport& system : report.connections) {
      records += system.records;
      std::string waiting;
      for (const auto& [why, count] : system.waiting)
        waiting += (waiting.empty() ? "" : say("，", ", ")) + std::string(waiting_for(why)) + " " +
                   std::to_string(count);
      rows.push_back(model::Object{{"name", system.name},
                                   {"records", system.records},
                                   {"linked", system.linked},
                                   {"created", system.created},
                                   {"fields", system.fields_written},
                                   {"unsupported", system.unsupported},
                                   {"parked", system.parked},
                                   {"waiting", waiting},
                                   {"different", system.differing}});
    }
    std::int64_t open = 0;
    for (const auto& [kind, count] : reviews) open += count;
    std::int64_t made = 0;
    for (const run::ConnectionReport& system : report.connections)
      if (const auto* connection = hub_->connection(system.name);
          connection != nullptr && connection->role == "erp")
        made += system.created;
    words_ << '\n'
           << report.connections.size() << say(" 个系统的 ", " systems hold ") << records
           << say(" 条记录，是 ", " records: ") << goldens["customer"] << say(" 个客户和 ", " customers and ")
           << goldens["contact"] << say(" 位联系人；一户多码 ", " contacts; ") << several_numbers_
           << say(" 个；等您处理的 ", " have several numbers; ") << open
           << say(" 件（疑似重复 ", " need you (possible duplicates ") << reviews[sync::ReviewKind::duplicate]
           << say("，建档申请 ", ", creation requests ") << reviews[sync::ReviewKind::create]
           << say("，变更申请 ", ", change requests ") << reviews[sync::ReviewKind::change]
           << say("，冲突 ", ", conflicts ") << reviews[sync::ReviewKind::conflict]
           << say("）；在ERP新建的记录（客户仅经审批） ",
                  "); records made in an ERP (customers only when approved) ")
           << made << say("；首次差异 ", "; initial differences ") << report.initial_differences
           << say("；用时 ", "; ") << decimal(seconds) << say("秒（", "s (") << decimal(rate, 0)
           << say(" 条/秒）\n\n", " records/s)\n\n");
    Session table_session({session_.options().store, session_.options().config, false}, io_for_words_,
                          nullptr, session_.stop());
    print_table(table_session,
                {{say("系统", "SYSTEM"), "name"},
                 {say("记录", "RECORDS"), "records"},
                 {say("已挂接", "LINKED"), "linked"},
                 {say("新建", "CREATED"), "created"},
                 {say("写入字段", "FIELDS"), "fields"},
                 {say("不支持", "UNSUPPORTED"), "unsupported"},
                 {say("暂存", "PARKED"), "parked"},
                 {say("仍有差异", "DIFFERENT"), "different"},
                 {say("等待", "WAITING FOR"), "waiting"}},
                rows);
    words_ << '\n'
           << (report.converged ? say("所有系统一致。", "All systems agree.")
                                : say("系统尚未一致：", "The systems do not agree yet:"))
           << '\n';
    for (const auto& [name, count] : counts_)
      words_ << "  " << (count == 0 ? "✓ " : "✗ ") << check_words(name) << say("：", ": ") << count << '\n';
    for (const run::ConnectionReport& system : report.connections) {
      if (!system.error.empty()) words_ << "  " << system.name << ": " << system.error << '\n';
      for (const std::string& difference : system.differences) words_ << "  " << difference << '\n';
    }
    words_ << std::flush;
  }

  int keep_serving() {
    point_webhooks();
    server_->run_schedules();
    words_ << '\n'
           << say("继续运行，Ctrl-C 结束。试试看：", "Serving on; Ctrl-C ends it. Try:")
           << "\n  export HUILIU_STORE=" << hub_->options().store
           << " HUILIU_CONFIG=" << hub_->options().config << "\n  " << Installation::find().executable
           << " customer list --limit 5\n  " << Installation::find().executable << " review list\n"
           << std::flush;
    session_.stop().wait(false);
    return done;
  }

  // Systems that can push events are told where to: a system without this control answers 404.
  void point_webhooks() {
    const auto transport = host::make_live_transport();
    for (const DemoSystem& system : systems_) {
      host::HttpRequest request;
      request.method = "POST";
      request.url = system.twin->ready()["control"].to_text() + "/webhook-target";
      request.headers = {{"Content-Type", "application/json"}};
      request.body = model::to_json(model::Object{{"url", server_->url() + "/hooks/" + system.name}});
      const host::HttpAnswer answer = transport->exchange(request, {});
      if (answer.code != 404 && (answer.code < 200 || answer.code > 299))
        words_ << system.name << say("：事件推送未设置，HTTP ", ": events are not pushed, HTTP ")
               << answer.code << '\n';
    }
  }

  Session& session_;
  const DemoOptions& options_;
  bool machine_;
  std::ostream& words_;
  Io io_for_words_{session_.io().in, words_, session_.io().err};
  fs::path state_;
  bool temporary_ = false;
  std::optional<DemoChecks> checks_;
  std::map<std::string, std::int64_t> counts_;  // what must be zero
  std::int64_t several_numbers_ = 0;
  host::PluginRegistry registry_;
  std::vector<DemoSystem> systems_;
  std::unique_ptr<run::Hub> hub_;
  std::unique_ptr<Server> server_;
};

}  // namespace

int run_demo(Session& session, const DemoOptions& options) { return Demo(session, options).run(); }

}  // namespace huiliu::cli
