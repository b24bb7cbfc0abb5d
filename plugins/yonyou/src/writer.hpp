// writer.hpp - writing customers and contacts.
//
// A create is newinsert under a resubmitCheckKey made of the operation's id: the vendor remembers its result
// for an hour, so that it may be repeated until its fate is known; after that the number made of the same id
// finds it. An update sends what differs. A contact is a child of its customer. What was written is read back
// in one request. Every record gets one outcome. Threads and ownership: as MerchantReader.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "huiliu/plugin.hpp"
#include "plugins/yonyou/src/client.hpp"
#include "plugins/yonyou/src/package.hpp"
#include "plugins/yonyou/src/reader.hpp"

namespace yonyou {

class MerchantWriter {
 public:
  MerchantWriter(Client& client, const Settings& settings)
      : client_(client), settings_(settings), reader_(client, settings) {}

  void write(huiliu::Call& call, const huiliu::Records& records, huiliu::ResultSink& results);

 private:
  struct Job {
    std::size_t index = 0;
    std::string key, version, operation_id;
    json::object body, base;
    bool creates = false, contact = false;
    bool sent = false;       ///< a request about it is or was on its way
    bool read_back = false;  ///< applied: report it with the record as it is now
    std::string customer;    ///< id of the customer it is in
    std::vector<std::string> cleared;
    std::optional<huiliu::Outcome> outcome;
  };

  void parse(const huiliu::Records& records, std::vector<Job>& jobs) const;
  void work(huiliu::Call& call, std::vector<Job>& jobs);
  void create(huiliu::Call& call, Job& job);
  void update(huiliu::Call& call, Job& job, const Merchant& current);
  /// Organisations that the body names by code alone get their ids. False: one does not exist.
  bool name_organisations(huiliu::Call& call, Job& job, const Merchant& current);
  void write_contact(huiliu::Call& call, Job& job, const Merchant& current);
  void set_stopped(huiliu::Call& call, Job& job, const Merchant& current, bool stopped);
  void allocate(huiliu::Call& call, Job& job, const Merchant& current,
                const std::vector<std::string>& organisations);
  /// Sends one newupdate. False: the job has its outcome.
  bool send_update(huiliu::Call& call, Job& job, const json::object& request);
  /// The outcome of an answer that is no success; ends the batch where more requests are of no use.
  void settle_failure(huiliu::Call& call, Job& job, const WriteAnswer& answer);
  huiliu::Outcome duplicate_of(huiliu::Call& call, const Job& job, const huiliu::Failure& why);
  void read_back(huiliu::Call& call, std::vector<Job>& jobs);

  Client& client_;
  const Settings& settings_;
  MerchantReader reader_;
};

}  // namespace yonyou
