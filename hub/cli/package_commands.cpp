// huiliu plugin keygen, pack, verify, install, remove
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <system_error>

#include "hub/cli/app.hpp"
#include "hub/host/isolation.hpp"
#include "hub/host/package.hpp"

namespace huiliu::cli {
namespace {

namespace fs = std::filesystem;
using host::PackedFile;
using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;

struct PackageArguments {
  std::string subject;  // a package, a library or an id
  std::string mapping, documents, key, out, directory;
  std::vector<std::string> trust;
  bool unsigned_too = false;
};

Result<std::string> bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) return make_error(ErrorClass::config, "cannot be read", path.string());
  return bytes;
}

// Never over an existing file: a key that is lost cannot be made again.
Status write_new(const fs::path& path, const std::string& bytes, mode_t mode) {
  if (std::error_code ignored; fs::exists(path, ignored))
    return make_error(ErrorClass::config, "exists; it is not overwritten", path.string());
  const mode_t before = ::umask(static_cast<mode_t>(0777) & ~mode);
  std::ofstream file(path, std::ios::binary);
  ::umask(before);
  file << bytes;
  file.close();
  if (!file) return make_error(ErrorClass::config, "cannot be written", path.string());
  return {};
}

std::string plugin_directory(const PackageArguments& arguments) {
  if (!arguments.directory.empty()) return arguments.directory;
  const Installation installation = Installation::find();
  return installation.plugins.empty() ? std::string("plugins") : installation.plugins.front();
}

// Where trusted keys lie: what was named; else beside the configuration and in the installation.
Result<host::TrustStore> trusted(const Session& session, const PackageArguments& arguments) {
  if (!arguments.trust.empty()) return host::TrustStore::load(arguments.trust);
  std::vector<std::string> directories = {(fs::path(Installation::find().shipped) / "trust").string()};
  if (!session.options().config.empty())
    directories.push_back((fs::path(session.options().config) / "trust").string());
  return host::TrustStore::load(directories);
}

int report(Session& session, const model::Object& what, const std::string& text) {
  if (session.json())
    print_json(session, what);
  else
    session.io().out << text << '\n';
  return done;
}

int report(Session& session, const char* did, const host::Verified& verified) {
  return report(
      session, {{"id", verified.id}, {"version", verified.version}, {"signed_by", verified.key}},
      verified.id + " " + verified.version + ": " + did + ", " +
          (verified.key.empty() ? say("未签名", "not signed") : say("签名者 ", "signed by ") + verified.key));
}

int fail_at(Session& session, model::Error error, const std::string& where) {
  if (error.where.empty()) error.where = where;
  return session.fail(error);
}

int make_keys(Session& session, const PackageArguments& arguments) {
  const auto key = host::make_key();
  if (!key.ok()) return session.fail(key.error());
  const auto fingerprint = host::fingerprint_of(key->public_pem);
  if (!fingerprint.ok()) return session.fail(fingerprint.error());
  const std::string open = arguments.subject + ".pem";
  if (const Status written = write_new(arguments.subject, key->private_pem, 0600); !written.ok())
    return session.fail(written.error());
  if (const Status written = write_new(open, key->public_pem, 0644); !written.ok())
    return session.fail(written.error());
  return report(session, {{"private", arguments.subject}, {"public", open}, {"fingerprint", *fingerprint}},
                arguments.subject + ", " + open + "\n" + *fingerprint);
}

// The files under a directory, or one file, as docs/….
Status add_documents(const std::string& from, std::vector<PackedFile>& files) {
  std::error_code problem;
  std::vector<fs::path> paths;
  if (fs::is_directory(from, problem)) {
    for (const auto& entry : fs::recursive_directory_iterator(from, problem))
      if (entry.is_regular_file()) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());  // the same package from the same files
  } else {
    paths.push_back(from);
  }
  if (problem) return make_error(ErrorClass::config, "cannot be read: " + problem.message(), from);
  for (const fs::path& path : paths) {
    HUILIU_ASSIGN(std::string bytes, bytes_of(path));
    const fs::path name = fs::is_directory(from) ? fs::relative(path, from) : path.filename();
    files.push_back({"docs/" + name.generic_string(), std::move(bytes)});
  }
  return {};
}

Result<model::Object> make_package(const PackageArguments& arguments) {
  HUILIU_ASSIGN(const auto plugin, host::isolate_plugin(arguments.subject));
  std::vector<PackedFile> files;
  // The mapping that stands beside the library, unless another is named.
  const std::string id = plugin->connectors.front()->manifest.id;
  fs::path mapping = arguments.mapping;
  if (mapping.empty()) mapping = fs::path(arguments.subject).parent_path() / (id + ".mapping.yaml");
  if (std::error_code ignored; !arguments.mapping.empty() || fs::exists(mapping, ignored)) {
    HUILIU_ASSIGN(std::string bytes, bytes_of(mapping));
    files.push_back({id + ".mapping.yaml", std::move(bytes)});
  }
  if (!arguments.documents.empty()) HUILIU_TRY(add_documents(arguments.documents, files));
  std::string key;
  if (!arguments.key.empty()) {
    HUILIU_ASSIGN(key, bytes_of(arguments.key));
  }
  HUILIU_ASSIGN(const std::string bytes, host::pack_plugin(arguments.subject, files, key));
  const std::string out = arguments.out.empty() ? id + "-" + plugin->version + ".huiliu" : arguments.out;
  std::ofstream file(out, std::ios::binary | std::ios::trunc);
  file << bytes;
  file.close();
  if (!file) return make_error(ErrorClass::config, "cannot be written", out);
  return model::Object{{"package", out},
                       {"id", id},
                       {"version", plugin->version},
                       {"bytes", static_cast<std::int64_t>(bytes.size())},
                       {"signed", !key.empty()}};
}

int pack(Session& session, const PackageArguments& arguments) {
  const auto made = make_package(arguments);
  if (!made.ok()) return session.fail(made.error());
  return report(session, *made, made->find("package")->to_text());
}

int verify(Session& session, const PackageArguments& arguments) {
  const auto trust = trusted(session, arguments);
  if (!trust.ok()) return session.fail(trust.error());
  const fs::path subject = arguments.subject;
  std::error_code ignored;
  const bool file = fs::is_regular_file(subject, ignored);
  Result<host::Verified> verified = make_error(ErrorClass::not_found, "nothing to verify");
  if (file && subject.extension() == ".so") {
    verified = host::verify_library(arguments.subject, *trust);
  } else if (file) {
    const auto bytes = bytes_of(subject);
    if (!bytes.ok()) return session.fail(bytes.error());
    verified = host::verify_package(*bytes, *trust);
  } else {
    verified = host::verify_installed(plugin_directory(arguments), arguments.subject, *trust);
  }
  if (!verified.ok()) return fail_at(session, verified.error(), arguments.subject);
  return report(session, say("完好", "unchanged"), *verified);
}

int install(Session& session, const PackageArguments& arguments) {
  const auto trust = trusted(session, arguments);
  if (!trust.ok()) return session.fail(trust.error());
  const auto bytes = bytes_of(arguments.subject);
  if (!bytes.ok()) return session.fail(bytes.error());
  const auto package = host::read_package(*bytes);
  if (!package.ok()) return fail_at(session, package.error(), arguments.subject);
  host::Verified verified{package->id, package->version, ""};
  // A signature that is there must hold; none at all may be let pass by whoever runs this.
  if (!package->signature.empty() || !arguments.unsigned_too) {
    auto judged = host::verify_package(*bytes, *trust);
    if (!judged.ok()) return fail_at(session, judged.error(), arguments.subject);
    verified = std::move(*judged);
  }
  if (const Status installed = host::install_package(*package, plugin_directory(arguments)); !installed.ok())
    return session.fail(installed.error());
  return report(session, say("已安装", "installed"), verified);
}

int remove(Session& session, const PackageArguments& arguments) {
  const Status removed = host::remove_package(plugin_directory(arguments), arguments.subject);
  if (!removed.ok()) return session.fail(removed.error());
  return report(session, {{"removed", arguments.subject}}, say("已移除 ", "removed ") + arguments.subject);
}

}  // namespace

void add_package_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<PackageArguments>();
  CLI::App* plugin = app.get_subcommand("plugin");
  const auto add = [&](const char* name, const std::string& text, const char* subject, const char* what,
                       int (*run)(Session&, const PackageArguments&)) {
    CLI::App* command = plugin->add_subcommand(name, text);
    command->add_option(subject, arguments->subject, what)->required();
    command->callback([&action, arguments, run] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, false, true};
    });
    return command;
  };
  const auto with_trust = [&](CLI::App* command) {
    command->add_option("--trust", arguments->trust,
                        "directory of trusted public keys (*.pem) and revoked.txt; default: trust beside the "
                        "configuration");
  };
  const auto with_directory = [&](CLI::App* command) {
    command->add_option("--plugins", arguments->directory,
                        "the plugin directory; default: the installation's");
  };
  add("keygen", say("生成签名密钥", "a key to sign packages with"), "file",
      "the private key; the public one is FILE.pem", make_keys);
  CLI::App* packed =
      add("pack", say("打包并签名", "a package of a library, signed"), "library", "file", pack);
  packed->add_option("--mapping", arguments->mapping, "default: ID.mapping.yaml beside the library");
  packed->add_option("--docs", arguments->documents, "a directory or file of documents");
  packed->add_option("--key", arguments->key, "private key; without it the package is unsigned");
  packed->add_option("--out", arguments->out, "default: ID-VERSION.huiliu");
  CLI::App* verified = add("verify", say("校验签名和内容", "is it what its signer packed?"), "subject",
                           "a package, a library, or the id of an installed one", verify);
  with_trust(verified);
  with_directory(verified);
  CLI::App* installed =
      add("install", say("安装签名包", "verifies a package and installs it"), "package", "file", install);
  with_trust(installed);
  with_directory(installed);
  installed->add_flag("--unsigned", arguments->unsigned_too, "take a package without a signature");
  CLI::App* removed =
      add("remove", say("移除已安装的包", "removes an installed package"), "id", "connector id", remove);
  with_directory(removed);
}

}  // namespace huiliu::cli
