// first_load N [SEED]: N customers of the five systems of the demo to convergence. Prints records/s counted
// at the store, peak RSS of the hub, bytes on disk, and the time of each stage. The systems run beside the
// hub on the same machine.
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "hub/model/value.hpp"

namespace {

namespace fs = std::filesystem;

std::string output_of(const std::string& command, int& code) {
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  char chunk[4096];
  while (pipe != nullptr) {
    const std::size_t got = std::fread(chunk, 1, sizeof chunk, pipe);
    if (got == 0) break;
    out.append(chunk, got);
  }
  code = pipe == nullptr ? -1 : ::pclose(pipe);
  return out;
}

std::uintmax_t bytes_in(const fs::path& directory) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file() && entry.path().filename().string().starts_with("hub.db"))
      bytes += entry.file_size();
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string customers = argc > 1 ? argv[1] : "5000";
  const std::string seed = argc > 2 ? argv[2] : "1";
  const fs::path huiliu = fs::path(argv[0]).parent_path().parent_path() / "bin" / "huiliu";
  std::string name = (fs::temp_directory_path() / "huiliu-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return 1;
  int code = 0;
  const std::string out = output_of("'" + huiliu.string() + "' demo --once --json --customers " + customers +
                                        " --seed " + seed + " --state '" + name + "' 2>/dev/null",
                                    code);
  const std::size_t last_line = out.rfind('\n', out.size() < 2 ? 0 : out.size() - 2);
  auto summary = huiliu::model::parse_json(out.substr(last_line == std::string::npos ? 0 : last_line + 1));
  const std::uintmax_t bytes = bytes_in(name);
  fs::remove_all(name);
  if (!summary.ok()) {
    std::cerr << "the demo did not end with a summary (" << code << ")\n";
    return 1;
  }
  summary->as_object().set("bytes_on_disk", static_cast<std::int64_t>(bytes));
  std::cout << huiliu::model::to_pretty_json(*summary) << '\n';
  return 0;
}
