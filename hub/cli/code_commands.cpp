// huiliu codes list, export, import, discover
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>

#include "hub/cli/app.hpp"
#include "hub/run/code_reviews.hpp"

namespace huiliu::cli {
namespace {

namespace fs = std::filesystem;
using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

struct CodeArguments {
  std::string connection, file, state;
};

Result<model::Array> all_codes(run::Hub& hub, const CodeArguments& arguments) {
  model::Array rows;
  for (const config::ConnectionConfig& connection : hub.config().connections) {
    if (!arguments.connection.empty() && connection.name != arguments.connection) continue;
    HUILIU_ASSIGN(const model::Array some, run::code_table_view(hub.workspace(), connection.name));
    for (const Value& row : some)
      if (arguments.state.empty() || row["state"].to_text() == arguments.state) rows.push_back(row);
  }
  return rows;
}

Status known_connection(run::Hub& hub, const std::string& name) {
  if (name.empty() || hub.config().connection(name) != nullptr) return {};
  return make_error(ErrorClass::not_found,
                    "there is no connection \"" + name + "\"; see huiliu connection list");
}

int list_codes(Session& session, const CodeArguments& arguments) {
  auto hub = open_beside(session.options());
  if (!hub.ok()) return session.fail(hub.error());
  if (const Status known = known_connection(**hub, arguments.connection); !known.ok())
    return session.fail(known.error());
  auto rows = all_codes(**hub, arguments);
  if (!rows.ok()) return session.fail(rows.error());
  print_list(session,
             {{say("连接", "CONNECTION"), "connection"},
              {say("数据对象", "STREAM"), "stream"},
              {say("字段", "FIELD"), "field"},
              {say("组织", "ORGANISATION"), "organisation"},
              {say("代码", "CODE"), "code"},
              {say("含义", "MEANING"), "meaning"},
              {say("记录数", "RECORDS"), "records"},
              {say("状态", "STATE"), "state"}},
             std::move(*rows));
  return done;
}

// Everything that is known, one file for a spreadsheet; import reads the same columns back.
int export_codes(Session& session, const CodeArguments& arguments) {
  auto hub = open_beside(session.options());
  if (!hub.ok()) return session.fail(hub.error());
  const auto rows = all_codes(**hub, arguments);
  if (!rows.ok()) return session.fail(rows.error());
  const std::vector<std::string> columns = {"connection", "stream",  "field",   "organisation",
                                            "code",       "meaning", "records", "state"};
  std::ofstream out(arguments.file, std::ios::binary | std::ios::trunc);
  out << "\xEF\xBB\xBF" << config::csv_line(columns) << '\n';  // with the mark, spreadsheets read it as UTF-8
  for (const Value& row : *rows) {
    std::vector<std::string> cells;
    for (const std::string& column : columns) cells.push_back(row[column].to_text());
    out << config::csv_line(cells) << '\n';
  }
  if (!out.flush()) return session.fail(make_error(ErrorClass::config, "cannot be written", arguments.file));
  if (session.json())
    print_json(session,
               model::Object{{"file", arguments.file}, {"rows", static_cast<std::int64_t>(rows->size())}});
  return done;
}

// Only rows whose meaning differs from the one in force are taken; the rest of the file changes nothing.
int import_codes(Session& session, const CodeArguments& arguments) {
  std::ifstream in(arguments.file, std::ios::binary);
  if (!in) return session.fail(make_error(ErrorClass::config, "cannot be read", arguments.file));
  std::ostringstream text;
  text << in.rdbuf();
  const auto cells = config::parse_csv(text.str(), arguments.file,
                                       {"connection", "stream", "field", "organisation", "code", "meaning"});
  if (!cells.ok()) return session.fail(cells.error());
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  std::map<std::string, std::vector<config::CodeRow>> changed;
  for (const auto& row : *cells) {
    if (const Status known = known_connection(**hub, row[0]); !known.ok()) return session.fail(known.error());
    const config::CodeField* field = nullptr;
    for (const config::CodeField& each : (*hub)->workspace().codes[row[0]])
      if (each.stream == row[1] && each.field == row[2]) field = &each;
    if (field == nullptr)
      return session.fail(make_error(ErrorClass::config,
                                     "the mapping of " + row[0] + " has no code table for " + row[1] + " " +
                                         row[2] + "; nothing was taken over",
                                     arguments.file));
    const std::string* now = field->meaning(row[3], row[4]);
    if (row[5].empty() ? now == nullptr || now->empty() : now != nullptr && *now == row[5]) continue;
    if (row[5].empty() && !now->empty() && !field->part) continue;  // an empty cell takes nothing away
    changed[row[0]].push_back(
        {row[1], row[2], row[3], row[4], row[5], fs::path(arguments.file).filename().string()});
  }
  std::int64_t taken = 0;
  for (const auto& [connection, rows] : changed)
    for (const config::CodeRow& row : rows) {
      const Status added = run::add_code_row(session.options().config, connection, row);
      if (!added.ok()) return session.fail(added.error());
      ++taken;
    }
  const Status closed = (*hub)->store().write([&](store::Transaction& transaction) -> Status {
    for (const auto& [connection, rows] : changed)
      for (const config::CodeRow& row : rows)
        if (auto open = transaction.open_review("code/" + connection + "/" + row.stream + "/" + row.field +
                                                "/" + row.organisation + "/" + row.code)) {
          open->state = "withdrawn";
          open->decided = (*hub)->clock().now();
          transaction.save(*open);
        }
    return {};
  });
  if (!closed.ok()) return session.fail(closed.error());
  if (session.json()) print_json(session, model::Object{{"changed", taken}});
  session.io().err << say("已写入 tables/；重启 huiliu serve 后生效\n",
                          "written to tables/; it takes effect when huiliu serve is started again\n");
  return done;
}

// The system's own lists; what it no longer has is named.
int discover_codes(Session& session, const CodeArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  auto system = (*hub)->system(arguments.connection);
  if (!system.ok()) return session.fail(system.error());
  const auto discovered = (*system)->discover();
  if (!discovered.ok()) return session.fail(discovered.error());
  const auto gone = run::take_vendor_lists((*hub)->workspace(), arguments.connection, *discovered);
  if (!gone.ok()) return session.fail(gone.error());
  for (const std::string& code : *gone)
    session.io().err << arguments.connection << " " << code
                     << say("：该系统中已删除，见 huiliu review list\n",
                            ": deleted there; see huiliu review list\n");
  return list_codes(session, arguments);
}

}  // namespace

void add_code_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<CodeArguments>();
  const auto set = [&action, arguments](int (*run)(Session&, const CodeArguments&), bool changes) {
    return [&action, arguments, run, changes] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, changes, false};
    };
  };
  CLI::App* codes = app.add_subcommand("codes", say("码表", "code tables"));
  codes->require_subcommand(1);
  CLI::App* list = codes->add_subcommand("list", say("列表", "every code, with its meaning and use"));
  list->add_option("connection", arguments->connection, "only this connection");
  list->add_option("--state", arguments->state, "mapped, unmapped, unused, deleted");
  list->callback(set(list_codes, false));
  CLI::App* out = codes->add_subcommand("export", say("导出 CSV", "to a CSV file for a spreadsheet"));
  out->add_option("file", arguments->file, "FILE.csv")->required();
  out->add_option("--connection", arguments->connection, "only this connection");
  out->callback(set(export_codes, false));
  CLI::App* in = codes->add_subcommand("import", say("导入 CSV", "changed meanings from such a file"));
  in->add_option("file", arguments->file, "FILE.csv")->required();
  in->callback(set(import_codes, true));
  CLI::App* discover = codes->add_subcommand(
      "discover", say("读取系统自己的码表", "read the system's own lists; name what is gone"));
  discover->add_option("connection", arguments->connection, "connection")->required();
  discover->callback(set(discover_codes, true));
}

}  // namespace huiliu::cli
