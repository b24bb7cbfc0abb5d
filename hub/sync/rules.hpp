// What the engine is told: the rules by which connections take part. Made from configuration and manifests by
// hub/config and hub/run; immutable while a run lasts; the engine never sees a file, a vendor or a plugin.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hub/sync/limits.hpp"
#include "hub/sync/state.hpp"

namespace huiliu::sync {

class Repository;

// The right of a system over a field: the letters of the policy pack.
enum class Right : char {
  owner = 'O',   // its edits win
  shared = 'S',  // may write, with others
  // Receives; a local edit becomes a change request and is put back when refused. It stands in for the
  // authority where there is none: what it shows at first sight is a claim ranked below every owner's, and
  // while no live record of an owner (or of a system ranked before it in FieldPolicy::authority) is linked,
  // its edits are claims like an owner's.
  propose = 'P',
  fill = 'F',     // written only when empty there; its own value may fill an empty golden field
  receive = 'R',  // receives; a local edit is put back
  append = 'A',   // elements are added, never removed
  ignore = 'I',   // read, never written, no claim
  none = '-',     // not exchanged although possible
  missing = '0',  // the system has no such field
};
// May an edit there become golden?
constexpr bool may_claim(Right right) {
  return right == Right::owner || right == Right::shared || right == Right::fill || right == Right::append;
}
// May the hub write it there?
constexpr bool may_receive(Right right) {
  return right == Right::owner || right == Right::shared || right == Right::propose || right == Right::fill ||
         right == Right::receive || right == Right::append;
}

// How one value is chosen from several concurrent ones.
enum class Policy { authority, latest, longest, most_frequent, fill, union_of_elements, manual };

enum class Stage { observe, match, link, fill, one_way, two_way };
enum class CreateRule { never, ask, automatic };
// May a record there be disabled or deleted because its customer was deleted elsewhere?
enum class RemoveRule { never, ask, automatic };
const char* to_string(DeletePolicy policy) noexcept;
std::optional<DeletePolicy> delete_policy_from(std::string_view name);  // nullopt: no such policy
enum class WriteGrade { conditional, before_image, blind };             // A, B, C

// What a connector can do with a field (its manifest says so).
struct FieldOps {
  bool create = true, update = true, clear = true;
  std::size_t max_length = 0;  // characters; 0: no limit known
};

struct StreamRules {
  std::string stream, entity;
  std::string role;  // under which its rights stand: its own, or its connection's
  bool writable = false, creatable = false, disablable = false, deletable = false;
  bool receives() const { return writable || creatable || disablable || deletable; }
  std::optional<DeletePolicy> on_delete;  // of this stream, instead of the connection's
  std::optional<CreateRule> create;       // of this stream, instead of the connection's
  bool deletes_visible = true;         // its changes tell of deletions; otherwise a sweep of keys finds them
  bool list_may_lag = false;           // a listing is a hint, records are evidence only when read by key
  bool has_tokens = false;             // versions order the states of a record
  std::map<FieldIndex, Right> rights;  // of mapped fields; others are Right::missing
  // Where several ERPs may hold one customer: the rights when this one is, or is not, that customer's home
  // ERP. Empty: `rights` holds for every customer.
  std::map<FieldIndex, Right> rights_as_home, rights_as_other;
  std::map<FieldIndex, FieldOps> ops;
  // List fields of which this system shows one element only. owns: replacing the element there removes it
  // everywhere.
  struct Slot {
    bool owns = false;
  };
  std::map<FieldIndex, Slot> slots;
  // Fields that a write may change although it does not name them, as the connector says. nullopt: it does
  // not say; then that may be any field where writes are conditional, and none elsewhere.
  std::optional<std::set<FieldIndex>> touched_by_writes;
  std::string create_organisation;  // path in a new record of the own organisation that it is made for
  // Encoding constraints: fields without which a record cannot be created there.
  std::vector<FieldIndex> required_to_create;
};

// Something that a record needs before it is made in a connection's system.
struct RequiredField {
  std::string name;                    // of the field, or a word that the creation request asks for
  FieldIndex field = model::no_field;  // no_field: a word
  bool ask = false;                    // asked for in the request; unsaid, the system's own default applies
  std::map<FieldIndex, std::set<std::string>> unless;  // not needed where a field has one of these values
};

struct ConnectionRules {
  std::string name, role;
  int rank = 0;  // lower is stronger: breaks ties between equals
  Stage stage = Stage::two_way;
  CreateRule create = CreateRule::never;
  RemoveRule remove = RemoveRule::ask;
  DeletePolicy on_delete = DeletePolicy::unlink;
  WriteGrade grade = WriteGrade::blind;
  BrakeLimits brakes;
  bool put_back = true;  // a refused edit is overwritten with golden
  // A write in doubt that a look did not find this long after its end is taken as not having happened.
  model::Micros doubt_lasts = 5 * model::second;
  // Does this golden record belong there? Empty: everything does.
  std::function<bool(const Golden&)> in_scope;
  // Month-end freeze: why a write of this field to this record waits at that moment; "": it does not. Empty:
  // nothing is ever frozen.
  std::function<std::string(const Cluster&, const Replica&, FieldIndex, Micros)> frozen;
  // Why a value of this field of this record may not be given to the system (no purpose, no consent); "": it
  // may. Empty: nothing is withheld. Emptying a field there gives nothing away and is never withheld.
  std::function<std::string(const Golden&, FieldIndex)> withheld;
  std::map<std::string, StreamRules> streams;  // by stream name
  std::vector<RequiredField> complete;         // of customers
  std::map<std::string, std::string>
      create_with;  // what every creation request states unless a person says else

  // What the creation request of this customer states: a person's words over the connection's own.
  std::map<std::string, std::string> create_words(const Golden& golden) const;
  // The stream of this connection that feeds the entity; null when none does.
  const StreamRules* for_entity(const std::string& entity) const;
};

struct FieldPolicy {
  Policy policy = Policy::latest;
  // For authority: connection names, strongest first: owners, then those that may propose (they stand in when
  // no owner's record is linked). "hub" is implied first for a person's decision. Connections of one role are
  // ordered by rank.
  std::vector<std::string> authority;
};

struct Rules {
  const model::Schema* schema = nullptr;
  std::map<std::string, ConnectionRules> connections;  // by name; the console is "hub", always present
  std::map<std::pair<std::string, FieldIndex>, FieldPolicy> policies;  // by (entity, field)

  // Who is who by a person's table: an account's job number (its comparison key), and the accounts of each
  // number.
  std::map<RecordRef, std::string> said_numbers;
  std::map<std::string, std::vector<RecordRef>> said_accounts;

  // The home ERP of a customer that has none of its own (Golden::home): the first in the configuration.
  std::string default_home;
  // Fields about which the console decides with the authority written first, by (entity, field): a value that
  // a person approved becomes golden when the authority shows it.
  std::set<std::pair<std::string, FieldIndex>> confirmed_by_authority;

  // When the hub's own store was put back from a backup: what was last seen before that is no evidence of
  // what is new. unknown_time: never.
  Micros restored_at = model::unknown_time;
  bool is_stale(const Replica& replica) const;

  // What may be written at stage link: account numbers and external ids, by (entity, field).
  std::set<std::pair<std::string, FieldIndex>> link_fields;

  const ConnectionRules* connection(const std::string& name) const;
  const StreamRules* stream(const RecordRef& ref) const;
  // The connection whose record rules where the policy pack says "home".
  const std::string& home_of(const Golden& golden) const;
  const FieldPolicy& policy(const std::string& entity, FieldIndex field) const;  // latest when none is stated
};

// What a system would show after the golden value was written there: decode∘encode of the lens. The engine
// needs it so that what a system cannot hold is not due for ever.
class Projection {
 public:
  virtual ~Projection() = default;
  struct Result {
    enum class Kind {
      shows,       // `value` is what the system would show
      impossible,  // the system cannot hold it (too long, no code for it): counted as unsupported
      waiting,     // not now: the record it refers to is not there yet, or a code or salesperson is unmapped
    } kind = Kind::shows;
    FieldValue value = {};
    std::string reason = {};
  };
  virtual Result project(const std::string& connection, const std::string& stream, FieldIndex field,
                         const FieldValue& golden, Repository& repository) const = 0;
  // The image that the current mapping makes of a stored raw record: asked for when the mapping changed
  // together with the record. nullopt: not known; then only fields that the old mapping had are compared.
  virtual std::optional<model::Image> remap(const RecordRef& ref, const std::string& raw,
                                            Repository& repository) const {
    static_cast<void>(ref), static_cast<void>(raw), static_cast<void>(repository);
    return std::nullopt;
  }
};

}  // namespace huiliu::sync
