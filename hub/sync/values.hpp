// Small questions about values and version tokens that several rules ask. Pure.
#pragma once

#include <string>
#include <string_view>

#include "hub/model/schema.hpp"
#include "hub/sync/state.hpp"

namespace huiliu::sync {

// Could `shown` be a system's own spelling of `sent`: other case, spaces, punctuation, or cut at its length
// limit?
bool is_respelling(const FieldValue& sent, const FieldValue& shown);

// Does token `a` name an older state than `b`? Numbers by value, other texts by order. False when either is
// empty.
bool token_older(std::string_view a, std::string_view b);

// The value, or null when there is none.
model::Value plain(const FieldValue& value);
// For a person who need not know: names keep their first character, other personal values their last two.
std::string masked(const model::Field& field, const FieldValue& value);
// What a golden record is called in one line: its name, masked where it is a person's.
std::string title_of(const model::Entity& entity, const Golden& golden);

void note_version(Versions& into, const Line& line, Version version);
void merge_versions(Versions& into, const Versions& from);
// Is a write of ours to this field under way, or was the field not read since? Then nobody knows what it
// shows.
bool is_being_written(const Replica& replica, FieldIndex field);
// What a system has shown that shows this field of the write.
Versions versions_sent(const Intent& intent, const IntentField& sent);

}  // namespace huiliu::sync
