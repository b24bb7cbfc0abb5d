// Codes without a meaning: asked about once each, named with the records that show them, answered by a
// person; and codes that a system no longer has. The field of such a record waits, the record itself goes on.
#pragma once

#include <string>
#include <vector>

#include "hub/config/code_tables.hpp"
#include "hub/run/workspace.hpp"

namespace huiliu::run {

// Opens a review for each code of the record that has no meaning.
void ask_about_codes(const Workspace& workspace, store::Transaction& transaction,
                     const std::string& connection, const std::string& stream, const std::string& key,
                     const model::Value& record);
// Puts meanings that hold for one organisation only into the parts of an image.
void apply_organisation_codes(const Workspace& workspace, const std::string& connection,
                              const std::string& stream, const model::Value& record, model::Image& image);

// The row that a decided review adds to the table; nullopt: it is no such review, or needs none.
std::optional<config::CodeRow> row_of_decision(const sync::Review& review);

// One line per code of a connection's tables:
// {"connection","stream","field","organisation","code","meaning","records", "state"}; state mapped, unmapped
// (records show it), unused (none does), deleted (the system's own list lacks it).
model::Result<model::Array> code_table_view(Workspace& workspace, const std::string& connection);

// What the system's own lists hold, from `discover`: kept for the view, and a review for each code that is
// mapped and no longer there. Returns the codes that are gone, "stream field code".
model::Result<std::vector<std::string>> take_vendor_lists(Workspace& workspace, const std::string& connection,
                                                          const model::Value& discovered);

// DIR/tables/CONNECTION.csv with this row added or replaced. Errors: config.
model::Status add_code_row(const std::string& directory, const std::string& connection,
                           const config::CodeRow& row);

}  // namespace huiliu::run
