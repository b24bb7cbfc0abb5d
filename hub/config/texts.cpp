#include "hub/config/texts.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "hub/config/yaml.hpp"
#include "hub/model/id.hpp"

namespace huiliu::config {
namespace {

namespace fs = std::filesystem;
using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

constexpr std::string_view yaml_folders[] = {"connections", "mappings", "calendars", "model",
                                             "policies",    "jobs",     "roles"};
constexpr std::size_t file_bytes_max = std::size_t{16} << 20;

Result<std::string> read_file(const fs::path& path, const std::string& shown) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || text.str().size() > file_bytes_max)
    return make_error(ErrorClass::config, file ? "larger than 16 MiB" : "cannot be read", shown);
  return std::move(text).str();
}

// As a whole or not at all: a reader never sees half a file, and a crash leaves the old one.
Status replace_file(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  const fs::path fresh = path.string() + ".new-" + std::to_string(::getpid());
  std::FILE* file = std::fopen(fresh.c_str(), "wbe");
  bool good = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  good = good && std::fflush(file) == 0 && ::fsync(::fileno(file)) == 0;
  if (file != nullptr) good = std::fclose(file) == 0 && good;
  if (good) {
    if (fs::exists(path, error)) fs::permissions(fresh, fs::status(path, error).permissions(), error);
    fs::rename(fresh, path, error);
    good = !error;
  }
  if (good) return {};
  fs::remove(fresh, error);
  return make_error(ErrorClass::config, "cannot be written", path.string());
}

// A text that a literal block scalar holds exactly: whole lines, nothing that YAML would fold or escape.
bool fits_block(const std::string& text) {
  if (text.empty() || text.back() != '\n' || text.front() == ' ' || text.front() == '\n' ||
      !model::is_utf8(text) || text.find("\xEF\xBB\xBF") != std::string::npos)
    return false;
  return std::none_of(text.begin(), text.end(),
                      [](char c) {
                        const auto byte = static_cast<unsigned char>(c);
                        return (byte < 0x20 && c != '\n') || byte == 0x7F;
                      }) &&
         text.find("\xC2\x85") == std::string::npos && text.find("\xE2\x80\xA8") == std::string::npos &&
         text.find("\xE2\x80\xA9") == std::string::npos;
}

}  // namespace

bool is_configuration_file(std::string_view path) {
  if (path == "hub.yaml") return true;
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || path.find('/', slash + 1) != std::string_view::npos) return false;
  const std::string_view folder = path.substr(0, slash), name = path.substr(slash + 1);
  if (name.empty() || name.front() == '.') return false;
  if (folder == "trust") return name.ends_with(".pem") || name == "revoked.txt";
  if (folder == "tables") return name.ends_with(".csv") && name.size() > 4;
  const bool yaml =
      (name.ends_with(".yaml") && name.size() > 5) || (name.ends_with(".yml") && name.size() > 4);
  return yaml &&
         std::find(std::begin(yaml_folders), std::end(yaml_folders), folder) != std::end(yaml_folders);
}

Result<Texts> read_texts(const std::string& directory) {
  Texts texts;
  std::error_code error;
  if (directory.empty() || !fs::is_directory(directory, error)) return texts;
  const auto take = [&](const fs::path& path) -> Status {
    const std::string shown = path.lexically_relative(directory).generic_string();
    if (!is_configuration_file(shown) || !fs::is_regular_file(path, error)) return {};
    HUILIU_ASSIGN(texts[shown], read_file(path, shown));
    return {};
  };
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (!entry.is_directory(error)) {
      HUILIU_TRY(take(entry.path()));
      continue;
    }
    std::error_code inner;
    for (const auto& file : fs::directory_iterator(entry.path(), inner)) HUILIU_TRY(take(file.path()));
  }
  return texts;
}

Status write_texts(const std::string& directory, const Texts& texts) {
  for (const auto& [path, text] : texts)
    if (!is_configuration_file(path))
      return make_error(ErrorClass::config, "this is no file of a configuration", path);
  HUILIU_ASSIGN(const Texts there, read_texts(directory));
  for (const auto& [path, text] : texts) {
    const auto found = there.find(path);
    if (found == there.end() || found->second != text)
      HUILIU_TRY(replace_file(fs::path(directory) / path, text));
  }
  for (const auto& [path, text] : there) {
    std::error_code error;
    if (!texts.contains(path) && !fs::remove(fs::path(directory) / path, error))
      return make_error(ErrorClass::config, "cannot be removed", path);
  }
  return {};
}

std::string fingerprint(const Texts& texts) {
  std::uint64_t hash = model::hash64("");
  for (const auto& [path, text] : texts)
    hash = model::hash64(text, model::hash64(std::to_string(text.size()), model::hash64(path, hash)));
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
  return digits;
}

std::string to_bundle(const Texts& texts) {
  std::string out;
  for (const auto& [path, text] : texts) {
    model::append_json_string(out, path);
    if (!fits_block(text)) {
      out += ": ";
      model::append_json_string(out, text);
      out += '\n';
      continue;
    }
    out += ": |+\n";
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) out += (line.empty() ? "" : "  ") + line + '\n';
  }
  return out.empty() ? "{}\n" : out;
}

Result<Texts> bundle_from(std::string_view text, const std::string& shown_as) {
  HUILIU_ASSIGN(const Document document, parse_yaml(text, shown_as));
  const Value& files = document.value.find("files") != nullptr ? document.value["files"] : document.value;
  const model::Object* members = files.if_object();
  if (members == nullptr)
    return make_error(ErrorClass::config, "a bundle is {path: text}, as huiliu config export writes it",
                      shown_as);
  Texts texts;
  for (const model::Member& member : *members) {
    if (!is_configuration_file(member.key))
      return make_error(ErrorClass::config, "\"" + member.key + "\" is no file of a configuration",
                        document.at("/" + member.key));
    texts[member.key] = member.value.is_null() ? std::string() : member.value.to_text();
  }
  return texts;
}

}  // namespace huiliu::config
