// Where a mapping command finds what it works on: the mapping that a name means, and records to try it on.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/cli/session.hpp"
#include "hub/config/config.hpp"
#include "hub/host/plugin.hpp"
#include "hub/mapping/prove.hpp"

namespace huiliu::cli {

struct MappingSource {
  std::shared_ptr<const config::Document> document;
  std::string path;                                  // of its file, for the tests beside it; "" unknown
  std::string connection;                            // that uses it; "" none
  std::shared_ptr<const host::Connector> connector;  // whose records it is about; null: not known
};

// The configuration, read without opening a store, and the installed connectors.
class MappingFinder {
 public:
  static model::Result<MappingFinder> open(const GlobalOptions& options);
  const model::Schema& schema() const { return config_->schema; }
  // A file, a mapping of the configuration, a connection, or a connector, in this order.
  model::Result<MappingSource> find(const std::string& name) const;
  // Everything that is wrong with it, file:line each: its own rules, the model, the connector's fields.
  // `warnings`: what is suspicious only.
  std::vector<model::Error> errors_in(const MappingSource& source, std::vector<model::Error>& warnings) const;

 private:
  std::string directory_;
  std::shared_ptr<const config::Config> config_;
  std::shared_ptr<host::PluginRegistry> registry_;
};

struct SampleOptions {
  std::string file;         // lines: a record, or {"stream", "record", "key"?}
  std::string stream;       // of plain records
  std::uint64_t live = 0;   // records of each stream read from the system now
  std::uint64_t limit = 0;  // of stored ones; 0: all
};

model::Result<std::vector<mapping::Sample>> collect_samples(Session& session, const MappingSource& source,
                                                            const mapping::Mapping& mapping,
                                                            const SampleOptions& options);

}  // namespace huiliu::cli
