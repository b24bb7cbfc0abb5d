// What the ERP of the acquired 云桥阀门 knows of the planted companies; the table stands in world.hpp.
#include "sdk/twin/world_build.hpp"

namespace huiliu::twin {

void add_planted_records_of_acquired(std::vector<PlantedRecord>& records) {
  // Case 1: the second ERP has it too, under the name of the register, with a blank behind it.
  records.push_back(
      {"yonyou", kSpellings, [](SystemCustomer& record) { record.name = "苏州晟禾精密机械有限公司 "; }});
  // Case 5: what the first ERP keeps for 100 and 200 stands beside what the second keeps for 300.
  records.push_back({"yonyou", kTwoOrganisations, [](SystemCustomer& record) {
                       OrganisationPart own = record.parts.front();
                       own.organisation = kAcquiredOrganisations.first;
                       own.terms = "月结60天";
                       record.parts = {own};
                     }});
  // Case 10: an overseas customer without a credit code, known to both ERPs.
  records.push_back({"yonyou", kOverseas, {}});
  // Case 12: a maker of valves; here nobody has written that it must not be used.
  records.push_back({"yonyou", kDoNotUse, {}});
}

}  // namespace huiliu::twin
