// The text by which people find a golden record, and how it is compared. Pure functions.
//
// Names, numbers, phones, e-mails and sites of a record, folded alike on both sides (width, case, traditional
// script, without blanks and punctuation), one a line. A needle matches where it stands inside one line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hub/model/schema.hpp"
#include "hub/sync/state.hpp"

namespace huiliu::store {

std::string search_text(const model::Entity& entity, const sync::Golden& golden);

// What a person typed, folded; empty when nothing of it can be searched.
std::string search_needle(std::string_view typed);

// 0: a line begins with the needle; 1: it stands inside one; nullopt: nowhere. An empty needle is nowhere.
std::optional<int> match_rank(std::string_view text, std::string_view needle);

}  // namespace huiliu::store
