#include "hub/host/package.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include "hub/host/elf_file.hpp"
#include "hub/host/manifest.hpp"

namespace huiliu::host {
namespace {

namespace fs = std::filesystem;
using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

constexpr std::size_t block = 512, longest_path = 99;
constexpr std::size_t largest_file = std::size_t{256} << 20;
constexpr std::string_view manifest_name = "package.json", signature_name = "package.sig";

model::Error refused(std::string why) { return make_error(ErrorClass::config, std::move(why)); }

// ---- tar, in exactly one form ----

std::string tar_header(const std::string& path, std::size_t size) {
  std::string out(block, '\0');
  const auto put = [&](std::size_t at, std::string_view text) { out.replace(at, text.size(), text); };
  char octal[13];
  put(0, path);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  std::snprintf(octal, sizeof octal, "%011zo", size);
  put(124, octal);
  put(136, "00000000000");
  put(148, "        ");
  put(156, "0");
  put(257, std::string_view("ustar\0"
                            "00",
                            8));
  unsigned sum = 0;
  for (const char c : out) sum += static_cast<unsigned char>(c);
  std::snprintf(octal, sizeof octal, "%06o", sum);
  put(148, std::string_view(octal, 7));  // six digits and a zero byte; the blank stays
  return out;
}

void append(std::string& tar, const std::string& path, std::string_view bytes) {
  tar += tar_header(path, bytes.size());
  tar += bytes;
  tar.append((block - bytes.size() % block) % block, '\0');
}

// Takes entries off the front of an archive; an entry that is not byte for byte as append makes it is
// refused.
class TarReader {
 public:
  explicit TarReader(std::string_view bytes) : rest_(bytes) {}
  bool at_end() const { return rest_ == std::string_view(end_.data(), end_.size()); }

  Result<PackedFile> next() {
    if (rest_.size() < block) return refused("is cut off");
    const std::string_view header = rest_.substr(0, block);
    const std::string path(header.substr(0, std::min(header.find('\0'), longest_path + 1)));
    std::size_t size = 0;
    for (const char digit : header.substr(124, 11)) {
      if (digit < '0' || digit > '7') return refused("is not a package");
      size = size * 8 + static_cast<std::size_t>(digit - '0');
    }
    const std::size_t padded = size + (block - size % block) % block;
    if (size > largest_file || padded > rest_.size() - block) return refused("is cut off");
    PackedFile out{path, std::string(rest_.substr(block, size))};
    std::string again;
    append(again, out.path, out.bytes);
    if (again != rest_.substr(0, block + padded))
      return refused("was changed at " + (path.empty() ? "its start" : path));
    rest_.remove_prefix(block + padded);
    return out;
  }

  static const std::string& end() { return end_; }

 private:
  static inline const std::string end_ = std::string(2 * block, '\0');
  std::string_view rest_;
};

bool safe_path(const std::string& path) {
  if (path.empty() || path.size() > longest_path || path.front() == '/' || path.back() == '/' ||
      path.find("//") != std::string::npos)
    return false;
  for (const auto& part : fs::path(path))
    if (part == ".." || part == "." || part.empty()) return false;
  return std::all_of(path.begin(), path.end(),
                     [](unsigned char c) { return c >= 0x20 && c != '\\' && c != 0x7f; });
}

// ---- files ----

Result<std::string> bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) return make_error(ErrorClass::config, "cannot be read", path.string());
  return bytes;
}

Status write_whole(const fs::path& path, std::string_view bytes) {
  std::error_code problem;
  fs::create_directories(path.parent_path(), problem);
  const fs::path draft = path.string() + ".new";
  {
    std::ofstream file(draft, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) return make_error(ErrorClass::config, "cannot be written", draft.string());
  }
  fs::rename(draft, path, problem);
  if (problem)
    return make_error(ErrorClass::config, "cannot be put in place: " + problem.message(), path.string());
  return {};
}

fs::path place_of(const std::string& directory, const std::string& id, const std::string& path) {
  constexpr std::string_view documents = "docs/";
  return path.starts_with(documents) ? fs::path(directory) / "docs" / id / path.substr(documents.size())
                                     : fs::path(directory) / path;
}

fs::path beside(const std::string& directory, const std::string& id, std::string_view name) {
  return fs::path(directory) / (id + "." + std::string(name));
}

// package.json, read and judged.
Result<Package> parse_list(std::string bytes, std::string signature) {
  Package out;
  auto parsed = model::parse_json(bytes);
  if (!parsed || !parsed->is_object()) return refused("has a package.json that is not JSON");
  out.manifest = std::move(*parsed);
  out.manifest_bytes = std::move(bytes);
  out.signature = std::move(signature);
  out.id = out.manifest["id"].to_text();
  out.version = out.manifest["version"].to_text();
  if (out.manifest["format"].to_text() != "1") return refused("is of a later format than this program knows");
  if (out.id.empty() || out.version.empty() || !out.manifest["files"].is_array())
    return refused("has a package.json without id, version or files");
  std::set<std::string> paths;
  for (const Value& file : out.manifest["files"].as_array()) {
    const std::string path = file["path"].to_text();
    if (!safe_path(path) || !paths.insert(path).second)
      return refused("names a file that cannot be installed: " + path);
  }
  if (!safe_path(out.id) || out.id.find('/') != std::string::npos)
    return refused("has an id that cannot be a file's name");
  return out;
}

Status judge_file(const Value& entry, const std::string& bytes) {
  if (entry["sha256"].to_text() != sha256_of(bytes) ||
      entry["size"].to_text() != std::to_string(bytes.size()))
    return refused("was changed: " + entry["path"].to_text() + " is not the file that was packed");
  return {};
}

Result<Verified> judge_signature(const Package& package, const TrustStore& trust) {
  HUILIU_ASSIGN(std::string key, trust.verify(package.manifest_bytes, package.signature));
  return Verified{package.id, package.version, std::move(key)};
}

Result<Package> installed_list(const std::string& directory, const std::string& id) {
  const fs::path list = beside(directory, id, manifest_name);
  std::error_code problem;
  if (!fs::exists(list, problem))
    return make_error(ErrorClass::not_found, "there is no package " + id, directory);
  HUILIU_ASSIGN(std::string bytes, bytes_of(list));
  std::string signature;
  const fs::path sig = beside(directory, id, signature_name);
  if (fs::exists(sig, problem)) {
    HUILIU_ASSIGN(signature, bytes_of(sig));
  }
  return parse_list(std::move(bytes), std::move(signature));
}

}  // namespace

Result<std::string> pack_plugin(const std::string& library, const std::vector<PackedFile>& others,
                                const std::string& private_pem) {
  HUILIU_ASSIGN(const PluginFile plugin, read_plugin_file(library));
  HUILIU_ASSIGN(std::string bytes, bytes_of(library));
  std::vector<PackedFile> files = {{fs::path(library).filename().string(), std::move(bytes)}};
  files.insert(files.end(), others.begin(), others.end());
  model::Array connectors, list;
  std::string id, version;
  for (const std::string& text : plugin.manifests) {
    HUILIU_ASSIGN(const Manifest manifest, parse_manifest(text));
    if (id.empty()) id = manifest.id, version = manifest.version;
    connectors.push_back(manifest.id);
  }
  std::set<std::string> paths;
  for (const PackedFile& file : files) {
    if (!safe_path(file.path) || !paths.insert(file.path).second)
      return make_error(ErrorClass::config, "cannot be packed under this name", file.path);
    list.push_back(Object{{"path", file.path},
                          {"size", static_cast<std::int64_t>(file.bytes.size())},
                          {"sha256", sha256_of(file.bytes)}});
  }
  const std::string manifest =
      model::to_json(Object{{"format", std::int64_t{1}},
                            {"id", id},
                            {"version", version},
                            {"abi", Object{{"major", std::int64_t{plugin.abi_major}},
                                           {"minor_built", std::int64_t{plugin.abi_minor_built}},
                                           {"minor_needed", std::int64_t{plugin.abi_minor_needed}}}},
                            {"connectors", std::move(connectors)},
                            {"files", std::move(list)}});
  std::string tar;
  append(tar, std::string(manifest_name), manifest);
  if (!private_pem.empty()) {
    HUILIU_ASSIGN(const std::string signature, sign(manifest, private_pem));
    append(tar, std::string(signature_name), signature);
  }
  for (const PackedFile& file : files) append(tar, file.path, file.bytes);
  return tar + TarReader::end();
}

Result<Package> read_package(std::string_view bytes) {
  TarReader tar(bytes);
  HUILIU_ASSIGN(PackedFile list, tar.next());
  if (list.path != manifest_name) return refused("is not a package: package.json is not its first file");
  std::vector<PackedFile> files;
  while (!tar.at_end()) {
    HUILIU_ASSIGN(PackedFile file, tar.next());
    files.push_back(std::move(file));
  }
  std::string signature;
  if (!files.empty() && files.front().path == signature_name) {
    signature = std::move(files.front().bytes);
    files.erase(files.begin());
  }
  HUILIU_ASSIGN(Package out, parse_list(std::move(list.bytes), std::move(signature)));
  const model::Array& entries = out.manifest["files"].as_array();
  if (entries.size() != files.size()) return refused("was changed: files are missing or were added");
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (entries[i]["path"].to_text() != files[i].path)
      return refused("was changed: " + files[i].path + " is not in its list");
    HUILIU_TRY(judge_file(entries[i], files[i].bytes));
  }
  out.files = std::move(files);
  return out;
}

Result<Verified> verify_package(std::string_view bytes, const TrustStore& trust) {
  HUILIU_ASSIGN(const Package package, read_package(bytes));
  return judge_signature(package, trust);
}

Result<Verified> verify_installed(const std::string& directory, const std::string& id,
                                  const TrustStore& trust) {
  HUILIU_ASSIGN(const Package package, installed_list(directory, id));
  for (const Value& entry : package.manifest["files"].as_array()) {
    HUILIU_ASSIGN(const std::string bytes, bytes_of(place_of(directory, id, entry["path"].to_text())));
    HUILIU_TRY(judge_file(entry, bytes));
  }
  return judge_signature(package, trust);
}

Result<Verified> verify_library(const std::string& library, const TrustStore& trust) {
  HUILIU_ASSIGN(const PluginFile plugin, read_plugin_file(library));
  const fs::path path = library;
  const std::string directory = path.parent_path().empty() ? "." : path.parent_path().string();
  for (const std::string& text : plugin.manifests) {
    HUILIU_ASSIGN(const Manifest manifest, parse_manifest(text));
    const auto package = installed_list(directory, manifest.id);
    if (!package) {
      if (package.error().error_class == ErrorClass::not_found) continue;
      return package.error();
    }
    for (const Value& entry : package->manifest["files"].as_array())
      if (entry["path"].to_text() == path.filename().string())
        return verify_installed(directory, manifest.id, trust);
  }
  return refused("is not signed: it belongs to no package");
}

Status install_package(const Package& package, const std::string& directory) {
  for (const PackedFile& file : package.files)
    HUILIU_TRY(write_whole(place_of(directory, package.id, file.path), file.bytes));
  std::error_code problem;
  if (package.signature.empty())
    fs::remove(beside(directory, package.id, signature_name), problem);
  else
    HUILIU_TRY(write_whole(beside(directory, package.id, signature_name), package.signature));
  return write_whole(beside(directory, package.id, manifest_name), package.manifest_bytes);
}

Status remove_package(const std::string& directory, const std::string& id) {
  if (!safe_path(id) || id.find('/') != std::string::npos)
    return make_error(ErrorClass::not_found, "there is no package " + id, directory);
  HUILIU_ASSIGN(const Package package, installed_list(directory, id));
  std::error_code problem;
  for (const Value& entry : package.manifest["files"].as_array()) {
    fs::remove(place_of(directory, id, entry["path"].to_text()), problem);
    if (problem)
      return make_error(ErrorClass::config, "cannot be removed: " + problem.message(),
                        entry["path"].to_text());
  }
  fs::remove_all(fs::path(directory) / "docs" / id, problem);
  fs::remove(beside(directory, id, signature_name), problem);
  fs::remove(beside(directory, id, manifest_name), problem);
  if (problem) return make_error(ErrorClass::config, "cannot be removed: " + problem.message(), id);
  return {};
}

}  // namespace huiliu::host
