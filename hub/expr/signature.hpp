// The signature of a function: which arguments it takes, and how what was given is fitted to them.
//
// "<s-n?:s>": a string, by default the context value, and perhaps a number. Types: s string, n number, b
// boolean, l null, a array, o object, f function, j any JSON value, x anything, (sf) a choice; a<n> an array
// of numbers. Behind a type: - context by default, ? optional, + one or more. What follows the colon is not
// checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hub/expr/item.hpp"

namespace huiliu::expr {

// The arguments of one call: a few in place, more in the arena.
class Arguments {
 public:
  explicit Arguments(Arena& arena) noexcept : arena_(arena) {}
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
  void push(const Item& item) {
    if (size_ == capacity_) grow();
    items_[size_++] = item;
  }
  std::uint32_t size() const noexcept { return size_; }
  const Item* data() const noexcept { return items_; }
  // Undefined beyond the end.
  Item operator[](std::uint32_t i) const noexcept { return i < size_ ? items_[i] : Item(); }
  // Also forgets what lies in the arena, which may be released.
  void clear() noexcept {
    items_ = few_;
    size_ = 0;
    capacity_ = 4;
  }

 private:
  void grow();

  Arena& arena_;
  Item few_[4];
  Item* items_ = few_;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 4;
};

class Signature {
 public:
  // With or without its angle brackets. Raises S0401, S0402.
  explicit Signature(std::string_view text);

  std::size_t parameter_count() const noexcept { return parameters_.size(); }

  // Fits `given` to the parameters: context values are filled in, single values become arrays where arrays
  // are expected. Raises T0410, T0411, T0412; `name` is for the message.
  void fit(const Arguments& given, const Item& context, std::string_view name, Arguments& fitted,
           Arena& arena) const;

 private:
  struct Parameter {
    std::uint8_t types = 0;  // bits of Type
    bool is_array = false;
    bool is_optional = false;
    bool is_repeated = false;
    bool takes_context = false;
    std::uint8_t element_type = 0;  // of an array, 0: any
  };
  void read_type(std::string_view text, std::size_t& at);
  void read_element_type(std::string_view text, std::size_t& at);
  bool fits_one_by_one(const Arguments& given) const;
  std::vector<std::uint32_t> distribute(const Arguments& given, std::string_view name) const;
  static Item fit_one(const Parameter& parameter, const Item& argument, std::string_view name, Arena& arena);
  static Item context_for(const Parameter& parameter, const Item& context, std::string_view name);

  std::vector<Parameter> parameters_;
};

}  // namespace huiliu::expr
