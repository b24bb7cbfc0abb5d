// All built-in functions, by name.
#include <algorithm>
#include <deque>
#include <unordered_map>

#include "hub/expr/builtins.hpp"

namespace huiliu::expr {
namespace {

constexpr std::string_view quick[] = {"append", "count", "exists", "type"};

class BuiltinTable {
 public:
  BuiltinTable() {
    for (const auto entries :
         {string_builtins(), pattern_builtins(), encoding_builtins(), number_builtins(), array_builtins(),
          object_builtins(), higher_order_builtins(), date_builtins(), general_builtins()}) {
      for (const BuiltinEntry& entry : entries) add(entry);
    }
  }
  const BuiltinFunction* find(std::string_view name) const noexcept {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }

 private:
  void add(const BuiltinEntry& entry) {
    functions_.push_back({{Function::Kind::builtin, entry.arity},
                          entry.name,
                          entry.implementation,
                          Signature(entry.signature),
                          std::find(std::begin(quick), std::end(quick), entry.name) != std::end(quick)});
    by_name_.emplace(entry.name, &functions_.back());
  }

  std::deque<BuiltinFunction> functions_;
  std::unordered_map<std::string_view, const BuiltinFunction*> by_name_;
};

}  // namespace

const BuiltinFunction* find_builtin(std::string_view name) noexcept {
  static const BuiltinTable table;
  return table.find(name);
}

}  // namespace huiliu::expr
