// huiliu audit: who did what, and whether the record of it is whole
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/run/audit.hpp"
#include "hub/run/checkpoints.hpp"

namespace huiliu::cli {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

struct AuditArguments {
  std::string head, actor, action_name, object, key, out, checkpoints, trusted;
  std::size_t limit = 100;
};

std::optional<store::AuditHead> witness_of(const std::string& text) {
  const std::size_t colon = text.find(':');
  const auto sequence = model::Number{text.substr(0, colon)}.to_int64();
  if (colon == std::string::npos || !sequence) return std::nullopt;
  return store::AuditHead{*sequence, text.substr(colon + 1)};
}

Result<std::string> whole_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return make_error(ErrorClass::config, "cannot be read", path);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

// Signed checkpoints against the audit; what they find joins the report.
Status add_checkpoints(run::Hub& hub, const AuditArguments& arguments, store::AuditReport& report) {
  if (arguments.trusted.empty())
    return make_error(ErrorClass::config, "--checkpoints wants --trusted DIR with the public keys (*.pem)");
  HUILIU_ASSIGN(const std::string text, whole_file(arguments.checkpoints));
  HUILIU_ASSIGN(const host::TrustStore trusted, host::TrustStore::load({arguments.trusted}));
  return hub.store().read([&](store::Snapshot& snapshot) -> Status {
    for (store::Finding& finding : run::compare_checkpoints(snapshot, text, trusted))
      report.findings.push_back(std::move(finding));
    return {};
  });
}

int verify_audit(Session& session, const AuditArguments& arguments) {
  std::optional<store::AuditHead> witness;
  if (!arguments.head.empty()) {
    witness = witness_of(arguments.head);
    if (!witness) {
      session.io().err << "huiliu: --head takes SEQUENCE:HASH, as audit verify prints it\n";
      return usage;
    }
  }
  const auto hub = run::Hub::open(hub_options(session.options(), store::OpenMode::reader, false));
  if (!hub.ok()) return session.fail(hub.error());
  auto report = (*hub)->store().verify_audit(witness);
  if (!report.ok()) return session.fail(report.error());
  if (!arguments.checkpoints.empty())
    if (const Status compared = add_checkpoints(**hub, arguments, *report); !compared.ok())
      return session.fail(compared.error());
  const Value view = run::audit_report_view(*report);
  if (session.json()) {
    print_json(session, view);
  } else if (report->findings.empty()) {
    session.io().out << say("审计记录完整：", "the audit is whole: ") << report->entries
                     << say(" 条，末条 ", " lines, head ") << report->head.sequence << ':'
                     << report->head.hash << '\n';
  } else {
    print_table(session, {{"CODE", "code"}, {"MESSAGE", "message"}}, view["findings"].as_array());
  }
  return report->findings.empty() ? done : failed;
}

// A line of the file, on the disk when this returns.
Status append_line(const std::string& path, const std::string& line) {
  std::ofstream file(path, std::ios::app | std::ios::binary);
  file << line << '\n';
  file.flush();
  return file ? Status() : Status(make_error(ErrorClass::config, "cannot be written", path));
}

int make_checkpoint(Session& session, const AuditArguments& arguments) {
  const auto key = whole_file(arguments.key);
  if (!key.ok()) return session.fail(key.error());
  const auto hub = run::Hub::open(hub_options(session.options(), store::OpenMode::reader, false));
  if (!hub.ok()) return session.fail(hub.error());
  const auto report = (*hub)->store().verify_audit({});
  if (!report.ok()) return session.fail(report.error());
  // What is not whole is not vouched for.
  if (!report->findings.empty())
    return session.fail(
        make_error(ErrorClass::data, report->findings.front().message + "; see audit verify"));
  const auto line = run::signed_checkpoint(report->head, (*hub)->clock().now(), *key);
  if (!line.ok()) return session.fail(line.error());
  if (const Status kept = append_line(arguments.out, *line); !kept.ok()) return session.fail(kept.error());
  if (session.json())
    print_json(session, *model::parse_json(*line));
  else
    session.io().out << say("已签名：第 ", "signed: line ") << report->head.sequence << " → " << arguments.out
                     << '\n';
  return done;
}

int list_audit(Session& session, const AuditArguments& arguments) {
  model::Array rows;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema&) -> Status {
    const store::AuditQuery query{arguments.actor, arguments.action_name, arguments.object,
                                  model::unknown_time};
    for (const store::AuditEntry& entry : snapshot.list_audit(query, {{}, arguments.limit}))
      rows.push_back(run::audit_view(entry));
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{"#", "sequence"},
              {say("时间", "AT"), "at"},
              {say("何人", "ACTOR"), "actor"},
              {say("动作", "ACTION"), "action"},
              {say("对象", "OBJECT"), "object"},
              {say("说明", "DETAIL"), "detail"}},
             std::move(rows));
  return done;
}

}  // namespace

void add_audit_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<AuditArguments>();
  CLI::App* audit = app.add_subcommand("audit", say("操作审计", "who did what"));
  audit->require_subcommand(1);
  const auto add = [&](const char* name, const char* zh, const char* en,
                       int (*run)(Session&, const AuditArguments&), bool here) {
    CLI::App* command = audit->add_subcommand(name, say(zh, en));
    command->callback([&action, arguments, run, here] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, false, here};
    });
    return command;
  };
  CLI::App* list = add("list", "列表", "newest first", list_audit, false);
  list->add_option("--actor", arguments->actor, "only his");
  list->add_option("--action", arguments->action_name, "login edit decision reveal export delivery …");
  list->add_option("--object", arguments->object, "only about this");
  list->add_option("--limit", arguments->limit, "at most so many");
  CLI::App* verify = add("verify", "校验", "was anything edited, removed, cut off?", verify_audit, false);
  verify->add_option("--head", arguments->head, "SEQUENCE:HASH noted elsewhere");
  verify->add_option("--checkpoints", arguments->checkpoints, "file of signed checkpoints");
  verify->add_option("--trusted", arguments->trusted, "directory of the public keys that sign them");
  CLI::App* checkpoint =
      add("checkpoint", "签名存证", "the audit's head, signed, as a line of a file", make_checkpoint, false);
  checkpoint->add_option("--key", arguments->key, "private key, as plugin keygen makes one")->required();
  checkpoint->add_option("--out", arguments->out, "file that gets the line; keep it elsewhere")->required();
}

}  // namespace huiliu::cli
