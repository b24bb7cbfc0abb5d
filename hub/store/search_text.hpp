// The text by which people find a golden record, and how it is compared. Pure functions.
//
// Names, numbers, phones, e-mails and sites of a record, folded alike on both sides (width, case, traditional
// script, without blanks and punctuation), one a line; of Chinese names the pinyin and its initials too. A
// needle matches where it stands inside one line.
//
// The index holds pieces of the lines ("grams"): three neighbours where all are ASCII, two otherwise. Every
// place where a needle of two characters or more stands holds all of the needle's pieces, so the index finds
// a superset, and match_rank decides. Pieces begin with the entity's prefix: entities do not meet in the
// index.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/model/schema.hpp"
#include "hub/sync/state.hpp"

namespace huiliu::store {

std::string search_text(const model::Entity& entity, const sync::Golden& golden);

// What a person typed, folded; empty when nothing of it can be searched.
std::string search_needle(std::string_view typed);

// 0: a line begins with the needle; 1: it stands inside one; nullopt: nowhere. An empty needle is nowhere.
std::optional<int> match_rank(std::string_view text, std::string_view needle);

// Raised with every change of search_text or search_grams: the store then makes its index anew.
inline constexpr int search_rules_version = 1;
// The pieces of a search text, separated by blanks, each once.
std::string search_grams(std::string_view prefix, std::string_view text);
// The index's question for a needle; "" when it is too short for the index: one ASCII character.
std::string search_query(std::string_view prefix, std::string_view needle);

// Whose a record is, by the model's `access` (schema.hpp), one a line: "owner:emp_…", "department:华东",
// "parent:cus_…".
std::string golden_scopes(const model::Entity& entity, const sync::Golden& golden);
std::vector<std::string> scopes_in(std::string_view lines);

}  // namespace huiliu::store
