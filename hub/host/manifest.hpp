// A connector's manifest, parsed and judged (its meaning: sdk/manifest.md).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hub/host/quota.hpp"
#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::host {

struct Label {
  std::string zh, en;
};

struct FieldSpec {
  std::set<std::string> operations;  // of create update clear
  std::int64_t max_length = 0;       // characters; 0: not stated
  bool unique = false;
  bool touched_by_writes = false;   // a write that does not name it may change it
  std::string update_if_listed_in;  // a setting: paths that it lists may be updated too
};

struct StreamSpec {
  std::string name;
  std::string role;  // the role that its rights stand under; empty: the connection's
  Label label;
  std::string entity;                     // hint; may be empty
  std::string key;                        // path of the identity in the body
  std::string allocate_organisation;      // path by which an update asks for a row of one more organisation
  std::string create_organisation;        // path of the own organisation that a new record is made for
  std::vector<std::string> natural_keys;  // paths that find accepts
  bool key_ranges = false;                // find accepts ranges of keys, which are whole numbers
  std::set<std::string> read, write;      // modes and operations
  std::map<std::string, FieldSpec> fields;
};

struct CredentialSpec {
  enum class Kind { token, bearer, basic, header, query, secret };
  enum class Scope { account, connection, instance };
  Kind kind = Kind::secret;
  Scope scope = Scope::account;
  std::uint32_t pool = 1;
  std::string pool_setting = {};  // the connection's setting that says it instead
  std::string secret;  // setting, for bearer, basic, header, query
  std::string user;    // setting, for basic
  std::string name;    // of the header or parameter
  std::set<std::string> reveal;
};

struct Grade {
  std::string write = "C", key = "N";
  bool deletes_visible = false, stable_paging = false, respells = false;
  std::int64_t lag_seconds = 0;
};

struct Manifest {
  std::string id, version;
  Label label;
  model::Value settings;  // the schema
  std::vector<std::string> account;
  std::set<std::string> capabilities;
  std::vector<StreamSpec> streams;
  std::map<std::string, CredentialSpec> credentials;
  std::map<std::string, QuotaLimits> quotas;
  std::vector<std::string> hosts;
  Grade grade;
  std::string default_role;
  model::Value json;  // the whole of it

  // Null when there is none.
  const StreamSpec* stream(std::string_view name) const noexcept;
};

enum class UnknownMembers { refused, ignored };  // ignored: the plugin is newer than this host

// Errors: class config; where is a JSON Pointer into the manifest, the message says what is wanted.
model::Result<Manifest> parse_manifest(std::string_view text,
                                       UnknownMembers unknown = UnknownMembers::refused);

// The streams of a discover answer, {"streams": [...]}.
model::Result<std::vector<StreamSpec>> parse_streams(const model::Value& answer);

// Limits by name, as in a manifest's or a connection's "quotas".
model::Result<std::map<std::string, QuotaLimits>> parse_quotas(const model::Value& quotas);

}  // namespace huiliu::host
