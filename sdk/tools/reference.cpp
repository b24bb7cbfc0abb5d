// reference HEADER.h HEADER.hpp: the reference of the SDK as Markdown, on standard output. Everything in it
// stands in the headers; docs/sdk/reference.md and its Chinese twin hold this text, and a test keeps them
// equal.
//
// A section is a comment "---- Title ----"; in it each struct, enum, class and function table is shown with
// the comment before it, word for word.
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace {

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool starts(const std::string& line, const char* with) { return line.rfind(with, 0) == 0; }

// "/* ---- Values ----- */" → "Values"; empty: no such line.
std::string section_of(const std::string& line) {
  const std::size_t from = line.find("---- ");
  if (from == std::string::npos || (!starts(line, "/*") && !starts(line, "//"))) return {};
  std::string title = line.substr(from + 5);
  title = title.substr(0, title.find(" --"));
  while (!title.empty() && (title.back() == '-' || title.back() == ' ')) title.pop_back();
  return title;
}

bool is_comment(const std::string& line) {
  return starts(line, "//") || starts(line, "/*") || starts(line, " *");
}

// The name that a declaration's first line gives; empty: not one that is shown.
std::string name_of(const std::string& line) {
  for (const char* begin : {"typedef struct ", "typedef int32_t ", "struct ", "class ", "enum {", "inline ",
                            "template <", "using "}) {
    if (!starts(line, begin)) continue;
    if (std::string(begin) == "enum {") return "enum";
    std::istringstream words(line.substr(std::string(begin).size()));
    std::string name;
    words >> name;
    while (!name.empty() && (name.back() == ';' || name.back() == '{')) name.pop_back();
    return name.empty() ? "?" : name;
  }
  return {};
}

// From line `at` to where its braces and parentheses are closed and a ; or } ends it.
std::size_t end_of(const std::vector<std::string>& lines, std::size_t at) {
  int depth = 0;
  for (std::size_t i = at; i < lines.size(); ++i) {
    std::string code = lines[i].substr(0, lines[i].find("//"));
    for (std::size_t open = 0; (open = code.find("/*")) != std::string::npos;) {
      const std::size_t close = code.find("*/", open);
      code.erase(open, close == std::string::npos ? std::string::npos : close + 2 - open);
    }
    for (const char c : code) {
      depth += c == '{' || c == '(' ? 1 : 0;
      depth -= c == '}' || c == ')' ? 1 : 0;
    }
    const std::size_t last = code.find_last_not_of(" \t");
    if (depth == 0 && last != std::string::npos && (code[last] == ';' || code[last] == '}')) return i;
  }
  return lines.size() - 1;
}

void print_header(const std::string& path, const std::string& title, const char* language) {
  const std::vector<std::string> lines = lines_of(path);
  std::cout << "## " << title << "\n\n```\n";
  std::size_t i = 0;
  for (; i < lines.size() && is_comment(lines[i]); ++i) std::cout << lines[i] << '\n';
  std::cout << "```\n";
  std::vector<std::string> comment;
  for (; i < lines.size(); ++i) {
    if (const std::string section = section_of(lines[i]); !section.empty()) {
      std::cout << "\n### " << section << '\n';
      comment.clear();
      // A title that is longer than its line goes on in the next one.
      while (i + 1 < lines.size() && is_comment(lines[i + 1]) &&
             lines[i + 1].find("---") != std::string::npos)
        ++i;
      continue;
    }
    if (is_comment(lines[i])) {
      comment.push_back(lines[i]);
      continue;
    }
    if (!name_of(lines[i]).empty()) {
      const std::size_t last = end_of(lines, i);
      std::cout << "\n```" << language << '\n';
      for (const std::string& line : comment) std::cout << line << '\n';
      bool hidden = false;
      for (; i <= last; ++i) {
        if (lines[i] == " private:") hidden = true;
        if (!hidden || i == last) std::cout << lines[i] << '\n';
      }
      --i;
      std::cout << "```\n";
    }
    comment.clear();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: reference plugin.h plugin.hpp\n";
    return 2;
  }
  print_header(argv[1], "huiliu/plugin.h", "c");
  std::cout << '\n';
  print_header(argv[2], "huiliu/plugin.hpp", "cpp");
}
