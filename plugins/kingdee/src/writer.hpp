// writer.hpp - writing customers and contacts.
//
// A create is Save + Submit, and Audit where the settings leave approval to the hub. An update sends only
// what differs. An approved record is edited, where that is allowed, as un-approve, save, submit, approve:
// one record at a time, and whatever happens in between, the record is approved again before the next one is
// touched; what could not be approved again is reported, remembered, and tried first by the next write or
// read of changes. Every record gets one outcome. A request that got no answer makes its records doubtful,
// and what was not sent yet is deferred. Threads and ownership: as Reader.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "huiliu/plugin.hpp"
#include "plugins/kingdee/src/client.hpp"
#include "plugins/kingdee/src/package.hpp"
#include "plugins/kingdee/src/reader.hpp"
#include "plugins/kingdee/src/table.hpp"

namespace kingdee {

class Writer {
 public:
  Writer(Client& client, const Settings& settings, Table& table)
      : client_(client), settings_(settings), table_(table), reader_(client, settings, table) {}

  void write(huiliu::Call& call, const huiliu::Records& records, huiliu::ResultSink& results);

  /// Approves again what an earlier edit had to leave un-approved. Throws only what a read throws.
  void finish_unapproved(huiliu::Call& call);

 private:
  struct Job {
    std::size_t index = 0;
    std::string key, version, operation_id;
    boost::json::object body, base;
    std::vector<RowChange> changes;
    bool creates = false;
    bool sent = false;  ///< a request about it is or was on its way
    std::int64_t created_id = 0;
    bool read_back = false;                   ///< applied: report it with the record as it is now
    bool verify = false;                      ///< the answer to its save was lost: only the record can tell
    std::optional<huiliu::Failure> left_out;  ///< of an applied write: a field that stayed out, and why
    std::optional<huiliu::Outcome> outcome;
  };
  using Jobs = std::vector<Job>;
  using Chosen = std::vector<Job*>;
  /// What became of one step for one row: no value: it went well.
  using Steps = std::map<std::int64_t, huiliu::Failure>;

  void parse(const huiliu::Records& records, Jobs& jobs) const;
  void create(huiliu::Call& call, Chosen jobs);
  void find_marked(huiliu::Call& call, const Chosen& jobs);
  void create_some(huiliu::Call& call, const Chosen& jobs);
  void submit_created(huiliu::Call& call, const Chosen& jobs);
  huiliu::Outcome duplicate_of(huiliu::Call& call, const Job& job, const huiliu::Failure& why);

  void update(huiliu::Call& call, const Chosen& jobs);
  void plan_update(Job& job, const RecordOut& current);
  /// Approves rows that an edit of ours left un-approved when it was cut off, and reads them again.
  void resume_interrupted(huiliu::Call& call, const Chosen& jobs, std::vector<RecordOut>& current);
  void save_rows(huiliu::Call& call, const Chosen& jobs);
  void edit_approved(huiliu::Call& call, Job& job, const RowChange& change);
  void set_forbidden(huiliu::Call& call, Job& job, const RowChange& change);
  void allocate(huiliu::Call& call, Job& job, const RowChange& change);
  void fill_allocated(huiliu::Call& call, Job& job, const RowChange& change);
  /// One row of BD_Saler: a person who sells for an organisation.
  struct Seller {
    std::string number, employee, organisation;
  };
  std::optional<std::vector<Seller>> sellers_of(huiliu::Call& call, const std::string& numbers);
  void resolve_sellers(huiliu::Call& call, const Chosen& jobs);
  static void resolve_seller(const std::vector<Seller>& sellers, Job& job, RowChange& change);
  Answer bill_query(huiliu::Call& call, std::string_view form, std::string_view fields,
                    const std::string& filter, int limit);

  /// Spreads the answer to one Save over the jobs that were in it, in their order.
  void settle(huiliu::Call& call, const WriteAnswer& answer, const Chosen& jobs);
  huiliu::Outcome outcome_of(huiliu::Call& call, const Verdict& verdict, const Complaint& complaint,
                             const Job& job);
  WriteAnswer save(huiliu::Call& call, const Chosen& jobs, const std::vector<std::string>& need);

  /// Submit, Audit, UnAudit, Forbid … of rows by id.
  Steps operate(huiliu::Call& call, std::string_view operation, std::string_view op_number,
                const std::vector<std::int64_t>& ids);
  /// Brings rows to B, or to C with `approve`, trying again while the reason may pass. Returns those that
  /// stuck.
  Steps raise(huiliu::Call& call, std::map<std::int64_t, std::string> status, bool approve);
  std::map<std::int64_t, std::string> status_of(huiliu::Call& call, const std::vector<std::int64_t>& ids);
  void remember_unapproved(huiliu::Call& call, std::int64_t row, bool unapproved);
  std::vector<std::int64_t> unapproved(huiliu::Call& call) const;

  void read_back(huiliu::Call& call, Jobs& jobs);
  bool approves() const;
  boost::json::object request(boost::json::object data) const;

  Client& client_;
  const Settings& settings_;
  Table& table_;
  Reader reader_;
};

}  // namespace kingdee
