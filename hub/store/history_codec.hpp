// History entries as text: JSON. One change of a record makes entries of many fields that share everything
// but the field, so neighbours are written together: [[common, [field, field, …]], …]. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/sync/state.hpp"

namespace huiliu::store {

// The text of the entries of one golden record, grown by one entry at a time.
class HistoryText {
 public:
  void add(const sync::HistoryEntry& entry);
  model::Micros first_recorded() const noexcept { return first_recorded_; }
  // Leaves it empty.
  std::string take();

 private:
  std::string text_;
  sync::HistoryEntry last_;  // of the group that is open
  model::Micros first_recorded_ = 0;
};

// The golden record's id is not part of it: it stands beside the text.
std::string encode_history(const std::vector<sync::HistoryEntry>& entries);
// Appends to `entries`. Error data: the text is not of this form.
model::Status decode_history(std::string_view text, const sync::GoldenId& golden,
                             std::vector<sync::HistoryEntry>& entries);

}  // namespace huiliu::store
