// huiliu user, token, secret, privacy
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>

#include "hub/access/masking.hpp"
#include "hub/cli/app.hpp"
#include "hub/run/audit.hpp"
#include "hub/run/privacy.hpp"
#include "hub/run/retention.hpp"
#include "hub/run/views.hpp"

namespace huiliu::cli {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

constexpr const char* command_line = "command line";

struct AccessArguments {
  std::string name, shown, employee, file, user, object, word;
  std::vector<std::string> roles, functions;
  int days = 90;
  std::size_t limit = 100;
  bool disable = false, enable = false;
};

// One line of a file; secrets are not typed where a shell keeps them.
Result<std::string> first_line(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  if (!std::getline(file, line)) return make_error(ErrorClass::config, "cannot be read, or is empty", path);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

int finish(Session& session, const Status& status, const Value& view, const char* zh, const char* en) {
  if (!status.ok()) return session.fail(status.error());
  if (session.json())
    print_json(session, view);
  else
    session.io().out << say(zh, en) << '\n';
  return done;
}

// --- users

int show_setup_code(Session& session, const std::string& user, const Result<std::string>& code) {
  if (!code.ok()) return session.fail(code.error());
  if (session.json())
    print_json(session, model::Object{{"user", user}, {"setup_code", *code}, {"valid_minutes", 30}});
  else
    session.io().out << say("一次性设置码（30分钟内有效）：", "setup code, good once within 30 minutes: ")
                     << *code << '\n';
  return done;
}

std::set<std::string> set_of(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }

int add_user(Session& session, const AccessArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  access::NewAccount account{arguments.name, arguments.shown, arguments.employee, set_of(arguments.roles)};
  return show_setup_code(session, arguments.name,
                         (*hub)->accounts().add(account, command_line, (*hub)->clock().now()));
}

int list_users(Session& session, const AccessArguments&) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto users = (*hub)->accounts().list();
  if (!users.ok()) return session.fail(users.error());
  model::Array rows;
  for (const access::Account& user : *users) rows.push_back(access::account_view(user));
  print_list(session,
             {{say("用户", "NAME"), "name"},
              {say("姓名", "SHOWN AS"), "shown"},
              {say("角色", "ROLES"), "roles"},
              {say("已停用", "DISABLED"), "disabled"},
              {say("两步验证", "SECOND FACTOR"), "second_factor"},
              {say("上次登录", "LAST LOG-IN"), "last_login"}},
             std::move(rows));
  return done;
}

int show_user(Session& session, const AccessArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto user = (*hub)->accounts().find(arguments.name);
  if (!user.ok()) return session.fail(user.error());
  print_json(session, access::account_view(*user));
  return done;
}

int change_user(Session& session, const AccessArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  access::AccountChange change;
  if (!arguments.shown.empty()) change.shown = arguments.shown;
  if (!arguments.employee.empty()) change.employee = arguments.employee;
  if (!arguments.roles.empty()) change.roles = set_of(arguments.roles);
  if (arguments.disable || arguments.enable) change.disabled = arguments.disable;
  const Status changed =
      (*hub)->accounts().change(arguments.name, change, command_line, (*hub)->clock().now());
  if (!changed.ok()) return session.fail(changed.error());
  return show_user(session, arguments);
}

int remove_user(Session& session, const AccessArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  return finish(session, (*hub)->accounts().remove(arguments.name, command_line, (*hub)->clock().now()),
                model::Object{{"user", arguments.name}, {"removed", true}}, "已删除", "removed");
}

int new_setup_code(Session& session, const AccessArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  return show_setup_code(
      session, arguments.name,
      (*hub)->accounts().new_setup_code(arguments.name, command_line, (*hub)->clock().now()));
}

int set_password(Session& session, const AccessArguments& arguments) {
  const auto password = first_line(arguments.file);
  if (!password.ok()) return session.fail(password.error());
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  return finish(
      session,
      (*hub)->accounts().set_password(arguments.name, *password, command_line, (*hub)->clock().now()),
      model::Object{{"user", arguments.name}, {"password", "set"}}, "密码已设置", "the password is set");
}

int forget_second_factor(Session& session, const AccessArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  return finish(session,
                (*hub)->accounts().forget_second_factor(arguments.name, command_line, (*hub)->clock().now()),
                model::Object{{"user", arguments.name}, {"second_factor", false}}, "已清除两步验证",
                "the authenticator app is forgotten");
}

// --- tokens

int add_token(Session& session, const AccessArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const model::Micros now = (*hub)->clock().now();
  const auto issued = (*hub)->accounts().issue({arguments.name, arguments.user, set_of(arguments.functions),
                                                now + arguments.days * 24LL * 60 * access::minute},
                                               command_line, now);
  if (!issued.ok()) return session.fail(issued.error());
  Value view = access::token_view(issued->token);
  view.as_object().set("token", issued->secret);
  if (session.json())
    print_json(session, view);
  else
    session.io().out << say("令牌（只显示一次）：", "the token, shown once: ") << issued->secret << '\n';
  return done;
}

int list_tokens(Session& session, const AccessArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto tokens = (*hub)->accounts().tokens(arguments.user);
  if (!tokens.ok()) return session.fail(tokens.error());
  model::Array rows;
  for (const access::Token& token : *tokens) rows.push_back(access::token_view(token));
  print_list(session,
             {{"ID", "id"},
              {say("名称", "NAME"), "name"},
              {say("用户", "USER"), "user"},
              {say("功能", "FUNCTIONS"), "functions"},
              {say("到期", "EXPIRES"), "expires"},
              {say("上次使用", "USED"), "used"}},
             std::move(rows));
  return done;
}

int revoke_token(Session& session, const AccessArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  return finish(session, (*hub)->accounts().revoke(arguments.name, {}, command_line, (*hub)->clock().now()),
                model::Object{{"id", arguments.name}, {"revoked", true}}, "已吊销", "revoked");
}

// --- secrets

int set_secret(Session& session, const AccessArguments& arguments) {
  const auto value = first_line(arguments.file);
  if (!value.ok()) return session.fail(value.error());
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  return finish(session, (*hub)->secrets().set(arguments.name, *value, command_line, (*hub)->clock().now()),
                model::Object{{"name", arguments.name}, {"set", true}}, "已保存（不再显示）",
                "kept; it is never shown again");
}

int list_secrets(Session& session, const AccessArguments&) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto secrets = (*hub)->secrets().list();
  if (!secrets.ok()) return session.fail(secrets.error());
  model::Array rows;
  for (const access::SecretInfo& secret : *secrets)
    rows.push_back(model::Object{
        {"name", secret.name}, {"changed", run::time_text(secret.changed)}, {"key", secret.key}});
  print_list(session,
             {{say("名称", "NAME"), "name"},
              {say("修改时间", "CHANGED"), "changed"},
              {say("主密钥", "MASTER KEY"), "key"}},
             std::move(rows));
  return done;
}

int remove_secret(Session& session, const AccessArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  return finish(session, (*hub)->secrets().remove(arguments.name, command_line, (*hub)->clock().now()),
                model::Object{{"name", arguments.name}, {"removed", true}}, "已删除", "removed");
}

int rotate_keys(Session& session, const AccessArguments&) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto rotated = (*hub)->secrets().rotate(command_line, (*hub)->clock().now());
  if (!rotated.ok()) return session.fail(rotated.error());
  if (session.json())
    print_json(session, model::Object{{"moved", rotated->moved},
                                      {"key", rotated->key},
                                      {"older_dropped", rotated->older_dropped}});
  else
    session.io().out << say("已换密钥，重新封存 ", "rotated; sealed anew: ") << rotated->moved << '\n';
  return done;
}

// --- what the law gives a person

int show_purposes(Session& session, const AccessArguments&) {
  auto hub = open_beside(session.options());
  if (!hub.ok()) return session.fail(hub.error());
  print_list(session,
             {{say("对象", "ENTITY"), "entity"},
              {say("字段", "FIELD"), "field"},
              {say("类别", "CLASS"), "class"},
              {say("目的", "PURPOSE"), "purpose"},
              {say("依据", "BASIS"), "basis"},
              {say("接收方", "RECEIVERS"), "connections"}},
             run::purposes(**hub));
  return done;
}

int show_deliveries(Session& session, const AccessArguments& arguments) {
  model::Array rows;
  std::string next;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema&) -> Status {
    rows = run::deliveries(snapshot, arguments.name, arguments.object, {{}, arguments.limit}, next);
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{say("时间", "AT"), "at"},
              {say("人", "PERSON"), "person"},
              {say("系统连接", "CONNECTION"), "connection"},
              {say("编号", "RECORD"), "record"},
              {say("字段", "FIELDS"), "fields"}},
             std::move(rows));
  return done;
}

int export_person(Session& session, const AccessArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  std::optional<Value> document;
  const Status read = (*hub)->store().write([&](store::Transaction& transaction) -> Status {
    document = run::person_export(transaction, (*hub)->config().schema, arguments.name);
    if (!document) return make_error(ErrorClass::not_found, "there is no golden record " + arguments.name);
    run::audit(transaction, command_line, "export", (*document)["id"].to_text(),
               model::Object{{"what", "one person"}}, (*hub)->clock().now());
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_json(session, *document);
  return done;
}

int erase_person(Session& session, const AccessArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto erased = run::erase_person(**hub, arguments.name, arguments.object, command_line);
  if (!erased.ok()) return session.fail(erased.error());
  return finish(session, {},
                model::Object{{"id", erased->id},
                              {"erased", true},
                              {"records", erased->records},
                              {"identifiers", erased->identifiers},
                              {"scrubbed", erased->scrubbed}},
                "已删除，今后读取也不再进入", "forgotten, and no pull brings him back");
}

using Run = int (*)(Session&, const AccessArguments&);
using Setter = std::function<std::function<void()>(Run, bool)>;

void add_users(CLI::App& app, const std::shared_ptr<AccessArguments>& arguments, const Setter& set) {
  CLI::App* user = app.add_subcommand("user", say("用户", "who may log in"));
  user->require_subcommand(1);
  user->add_subcommand("list", say("列表", "every user"))->callback(set(list_users, true));
  const auto named = [&](const char* name, const char* zh, const char* en, Run run) {
    CLI::App* command = user->add_subcommand(name, say(zh, en));
    command->add_option("name", arguments->name, "user")->required();
    command->callback(set(run, true));
    return command;
  };
  const auto described = [&](CLI::App* command) {
    command->add_option("--shown", arguments->shown, "what people call him");
    command->add_option("--employee", arguments->employee, "job number or id of the employee he is");
    command
        ->add_option("--roles", arguments->roles,
                     "admin integrator steward finance sales_manager sales auditor, with commas")
        ->delimiter(',');
  };
  described(named("add", "新增", "add one; prints a setup code", add_user));
  named("show", "查看", "one user", show_user);
  CLI::App* change = named("set", "修改", "roles, names, disabled", change_user);
  described(change);
  change->add_flag("--disable", arguments->disable, "no log-in any more, sessions end");
  change->add_flag("--enable", arguments->enable, "log-in again");
  named("remove", "删除", "account and tokens", remove_user);
  named("setup-code", "设置码", "a new setup code", new_setup_code);
  named("password", "设置密码", "set it from a file's first line", set_password)
      ->add_option("--file", arguments->file, "file with the password")
      ->required();
  named("forget-second-factor", "清除两步验证", "the app was lost", forget_second_factor);
}

void add_tokens(CLI::App& app, const std::shared_ptr<AccessArguments>& arguments, const Setter& set) {
  CLI::App* token = app.add_subcommand("token", say("接口令牌", "API tokens of users"));
  token->require_subcommand(1);
  CLI::App* list = token->add_subcommand("list", say("列表", "without their secrets"));
  list->add_option("--user", arguments->user, "only of this user");
  list->callback(set(list_tokens, true));
  CLI::App* add = token->add_subcommand("add", say("签发", "issue one; shown once"));
  add->add_option("name", arguments->name, "what it is for")->required();
  add->add_option("--user", arguments->user, "whose rights it has at most")->required();
  add->add_option("--functions", arguments->functions, "what it may do, with commas: customers.read,…")
      ->delimiter(',')
      ->required();
  add->add_option("--days", arguments->days, "until it expires (90)")->check(CLI::Range(1, 366));
  add->callback(set(add_token, true));
  CLI::App* revoke = token->add_subcommand("revoke", say("吊销", "end one"));
  revoke->add_option("id", arguments->name, "id")->required();
  revoke->callback(set(revoke_token, true));
}

void add_secrets(CLI::App& app, const std::shared_ptr<AccessArguments>& arguments, const Setter& set) {
  CLI::App* secret = app.add_subcommand("secret", say("密钥库", "the vault: ${secret:NAME} in settings"));
  secret->require_subcommand(1);
  secret->add_subcommand("list", say("列表", "names only"))->callback(set(list_secrets, true));
  CLI::App* keep = secret->add_subcommand("set", say("保存", "from a file's first line"));
  keep->add_option("name", arguments->name, "name")->required();
  keep->add_option("--file", arguments->file, "file with the secret")->required();
  keep->callback(set(set_secret, true));
  CLI::App* remove = secret->add_subcommand("remove", say("删除", "forget one"));
  remove->add_option("name", arguments->name, "name")->required();
  remove->callback(set(remove_secret, true));
  secret->add_subcommand("rotate", say("更换主密钥", "a new master key; nothing pauses"))
      ->callback(set(rotate_keys, true));
}

// Without a word: what the person agreed to. `given` or `withdrawn`: from now on.
int consent(Session& session, const AccessArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  if (!arguments.word.empty()) {
    const Status changed =
        (*hub)->change_consent({arguments.name, arguments.object, arguments.word == "given",
                                access::masked_text(arguments.shown), command_line, (*hub)->clock().now()});
    if (!changed.ok()) return session.fail(changed.error());
  }
  model::Array rows;
  const Status read = (*hub)->store().read([&](store::Snapshot& snapshot) -> Status {
    const std::string person = snapshot.resolve(arguments.name);
    if (person.empty())
      return make_error(ErrorClass::not_found, "there is no golden record " + arguments.name);
    for (const run::Consent& each : run::ConsentBook::of_person(snapshot, person))
      rows.push_back(run::consent_view(each));
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{say("目的", "PURPOSE"), "purpose"},
              {say("同意", "GIVEN"), "given"},
              {say("时间", "AT"), "at"},
              {say("操作人", "BY"), "by"},
              {say("凭据", "NOTE"), "note"}},
             std::move(rows));
  return done;
}

int show_retention(Session& session, const AccessArguments&) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  model::Array rows;
  const Status read = (*hub)->store().read([&](store::Snapshot& snapshot) -> Status {
    rows = run::retention_preview(snapshot, (*hub)->config(), (*hub)->clock().now());
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{say("任务", "JOB"), "job"},
              {say("人员", "PERSON"), "person"},
              {say("最后存在", "SINCE"), "since"},
              {say("期限（天）", "AFTER DAYS"), "after_days"}},
             std::move(rows));
  return done;
}

void add_privacy(CLI::App& app, const std::shared_ptr<AccessArguments>& arguments, const Setter& set) {
  CLI::App* privacy = app.add_subcommand("privacy", say("个人信息", "what the law gives a person"));
  privacy->require_subcommand(1);
  privacy->add_subcommand("purposes", say("目的与依据", "purpose and basis of each personal field"))
      ->callback(set(show_purposes, false));
  CLI::App* deliveries = privacy->add_subcommand("deliveries", say("提供记录", "where personal data went"));
  deliveries->add_option("person", arguments->name, "only of this record");
  deliveries->add_option("--connection", arguments->object, "only to this system");
  deliveries->add_option("--limit", arguments->limit, "at most so many");
  deliveries->callback(set(show_deliveries, false));
  CLI::App* agreed = privacy->add_subcommand("consent", say("同意", "what a person agreed to"));
  agreed->add_option("person", arguments->name, "contact")->required();
  CLI::Option* purpose = agreed->add_option("purpose", arguments->object, "see privacy purposes");
  agreed->add_option("word", arguments->word, "given, withdrawn")
      ->check(CLI::IsMember({"given", "withdrawn"}))
      ->needs(purpose);
  agreed->add_option("--note", arguments->shown, "where it is proved: a contract, a form");
  agreed->callback(set(consent, true));
  privacy->add_subcommand("retention", say("到期待删除的人员", "whom the retention jobs would forget now"))
      ->callback(set(show_retention, false));
  CLI::App* copy = privacy->add_subcommand("export", say("查阅", "everything that is kept of one person"));
  copy->add_option("person", arguments->name, "contact")->required();
  copy->callback(set(export_person, true));
  CLI::App* erase = privacy->add_subcommand("erase", say("删除", "forget a person, here and for the future"));
  erase->add_option("person", arguments->name, "contact")->required();
  erase->add_option("--reason", arguments->object, "why")->required();
  erase->callback(set(erase_person, true));
}

}  // namespace

void add_access_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<AccessArguments>();
  const Setter set = [&action, arguments](Run run, bool changes) -> std::function<void()> {
    return [&action, arguments, run, changes] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, changes, false, {}};
      if (!arguments->file.empty()) action.files = {arguments->file};
    };
  };
  add_users(app, arguments, set);
  add_tokens(app, arguments, set);
  add_secrets(app, arguments, set);
  add_privacy(app, arguments, set);
}

}  // namespace huiliu::cli
