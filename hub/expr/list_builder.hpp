// Building an array whose size is not known before: elements gather on the evaluator's scratch stack and are
// copied into the arena once. Builders nest like the calls that use them.
#pragma once

#include "hub/expr/evaluator.hpp"

namespace huiliu::expr {

class ListBuilder {
 public:
  explicit ListBuilder(Evaluator& evaluator)
      : evaluator_(evaluator), scratch_(evaluator.scratch()), base_(scratch_.size()) {}
  ~ListBuilder() { scratch_.resize(base_); }
  ListBuilder(const ListBuilder&) = delete;
  ListBuilder& operator=(const ListBuilder&) = delete;

  void push(const Item& item) {
    if (scratch_.size() == scratch_.capacity()) grow(1);
    scratch_.push_back(item);
  }
  void push_elements(const Item& array) {
    if (scratch_.capacity() - scratch_.size() < array.size) grow(array.size);
    for (std::uint32_t i = 0; i < array.size; ++i) scratch_.push_back(array.element(i));
  }
  // As a path joins the results of a step.
  void push_flat(const Item& item) {
    if (item.is_array() && !item.is_flagged(is_constructed))
      push_elements(item);
    else
      push(item);
  }
  std::size_t size() const noexcept { return scratch_.size() - base_; }
  const Item* data() const noexcept { return scratch_.data() + base_; }

  Item array(std::uint8_t flags = 0) const { return array_of(evaluator_.arena(), data(), size(), flags); }
  // An empty one is undefined.
  Item sequence() const { return size() == 0 ? Item() : array(is_sequence); }

 private:
  void grow(std::size_t more);

  Evaluator& evaluator_;
  std::vector<Item>& scratch_;
  std::size_t base_;
};

}  // namespace huiliu::expr
