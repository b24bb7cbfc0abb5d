// Writing CRM records: batches of ten, each record judged alone, one reading back at the end.
//
// The vendor has no idempotency key and no version: a lost answer leaves the records of that call in doubt,
// those not yet tried are deferred. What was written is read back in one call, so that the hub sees what the
// system now shows and takes no echo for an edit. Threads: as Client. Errors: refusals that concern the
// connection (token, rate, rights) end the write after every record got its outcome; all others are outcomes
// of single records.
#pragma once

#include <huiliu/plugin.hpp>
#include <vector>

#include "plugins/dingtalk/src/crm_api.hpp"

namespace dingtalk {

class CrmWriter {
 public:
  // `customers`: to look up the names of customers that contacts are related to.
  CrmWriter(const Settings& settings, const CrmApi& api, const CrmApi& customers)
      : settings_(settings), api_(api), customers_(customers) {}

  void write(huiliu::Call& call, const huiliu::Records& records, huiliu::ResultSink& out) const;

 private:
  struct Item;
  struct Work;
  void prepare(huiliu::Call& call, const huiliu::Records& records, Work& work) const;
  void name_customers(huiliu::Call& call, Work& work) const;
  void send(huiliu::Call& call, CrmApi::Write what, const std::vector<std::size_t>& chunk, Work& work) const;
  void judge(const boost::json::array& results, const std::vector<std::size_t>& chunk, std::int64_t now_s,
             Work& work) const;
  void read_back(huiliu::Call& call, Work& work) const;
  std::string operator_of(const std::vector<std::size_t>& chunk, const Work& work) const;

  const Settings& settings_;
  const CrmApi& api_;
  const CrmApi& customers_;
};

}  // namespace dingtalk
