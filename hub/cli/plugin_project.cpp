#include "hub/cli/plugin_project.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace huiliu::cli {
namespace {

namespace fs = std::filesystem;
using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;

constexpr std::size_t longest_name = 40;

bool fits_id(const std::string& name) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && name.size() <= longest_name && lower(name.front()) && !name.ends_with('-') &&
         name.find("--") == std::string::npos && std::all_of(name.begin(), name.end(), [&](char c) {
           return lower(c) || (c >= '0' && c <= '9') || c == '-';
         });
}

// acme-crm → AcmeCrm
std::string class_of(const std::string& name) {
  std::string out;
  bool capital = true;
  for (const char c : name) {
    if (c != '-') out += capital && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    capital = c == '-';
  }
  return out;
}

void replace_all(std::string& text, const std::string& mark, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += by.size())
    text.replace(at, mark.size(), by);
}

Status copy_filled(const fs::path& from, const fs::path& to, const std::string& name) {
  std::ifstream in(from, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in) return make_error(ErrorClass::config, "cannot be read", from.string());
  replace_all(text, "@NAME@", name);
  replace_all(text, "@CLASS@", class_of(name));
  std::error_code problem;
  fs::create_directories(to.parent_path(), problem);
  std::ofstream out(to, std::ios::binary);
  out << text;
  out.close();
  if (!out) return make_error(ErrorClass::config, "cannot be written", to.string());
  return {};
}

}  // namespace

Result<std::size_t> write_project(const std::string& templates, const std::string& name,
                                  const std::string& directory) {
  if (!fits_id(name))
    return make_error(ErrorClass::config,
                      "found the name \"" + name +
                          "\", want lower-case letters, digits and single hyphens, a letter first, at most " +
                          std::to_string(longest_name) + " characters");
  std::error_code problem;
  if (fs::exists(directory, problem) && !fs::is_empty(directory, problem))
    return make_error(ErrorClass::config, "is not empty; name another directory by --dir", directory);
  std::size_t files = 0;
  const fs::path root = templates;
  for (auto at = fs::recursive_directory_iterator(root, problem);
       !problem && at != fs::recursive_directory_iterator(); at.increment(problem)) {
    if (!at->is_regular_file()) continue;
    fs::path relative = fs::relative(at->path(), root);
    // What would be hidden in the template is not, so that packages carry it.
    if (relative == "gitignore" || relative == "clang-format") relative = "." + relative.string();
    HUILIU_TRY(copy_filled(at->path(), fs::path(directory) / relative, name));
    ++files;
  }
  if (problem || files == 0)
    return make_error(ErrorClass::config, "the template is not there; is the SDK installed?", templates);
  return files;
}

}  // namespace huiliu::cli
