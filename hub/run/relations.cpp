#include "hub/run/relations.hpp"

#include <set>
#include <sstream>

#include "hub/normalize/company_name.hpp"
#include "hub/normalize/normalize.hpp"
#include "hub/run/changed.hpp"

namespace huiliu::run {
namespace {

using model::FieldIndex;
using model::Status;
using model::Value;

constexpr std::size_t heads_looked_for = 20;
constexpr const char* waiting_space = "branch_waits";  // comparison key of the head's name → ids of branches

class Branches {
 public:
  Branches(Workspace& workspace, store::Transaction& transaction)
      : workspace_(workspace),
        transaction_(transaction),
        customer_(*workspace.config->schema.find("customer")),
        legal_(customer_.index_of("names.legal")),
        branch_of_(customer_.index_of("relations.branch_of")) {}

  Status look_at(const std::vector<sync::Golden>& customers, bool all_are_visited) {
    for (const sync::Golden& golden : customers) {
      HUILIU_TRY(relate(golden));
      if (!all_are_visited) HUILIU_TRY(relate_branches_of(golden));
    }
    return {};
  }

 private:
  std::string legal_name(const sync::Golden& golden) const {
    const auto found = golden.fields.find(legal_);
    return found == golden.fields.end() ? std::string() : found->second.value.value.to_text();
  }

  // "苏州云桥阀门有限公司无锡分公司" → the name before the branch; "" when it is none.
  static std::string name_of_head(const std::string& legal) {
    const normalize::Normalized name = normalize::normalize(normalize::Kind::company_name, legal);
    const Value* branch = name.parts.find("branch");
    const std::size_t at = branch == nullptr ? std::string::npos : name.value.rfind(branch->to_text());
    return at == std::string::npos ? std::string() : name.value.substr(0, at);
  }

  Status relate(const sync::Golden& golden) {
    if (golden.fields.contains(branch_of_)) return {};  // said already, by the rule or by a person
    const auto name = golden.fields.find(legal_);
    if (name == golden.fields.end() || normalize::is_key_of_whole_company(name->second.value.key)) return {};
    const std::string head = name_of_head(legal_name(golden));
    if (head.empty()) return {};
    std::set<std::string> heads, heads_in_erp;
    const std::string key = normalize::comparison_key(normalize::Kind::company_name, head);
    for (const model::RecordRef& ref :
         transaction_.find_by_key("customer", {"company_name", key}, heads_looked_for))
      if (const std::string id = transaction_.golden_of(ref); !id.empty() && id != golden.id) {
        heads.insert(id);
        if (const auto* connection = workspace_.rules->connection(ref.connection);
            connection != nullptr && connection->role == "erp")
          heads_in_erp.insert(id);
      }
    // A possible duplicate of another system, about which a person is still asked, does not stand in the way.
    if (heads.size() > 1) heads = heads_in_erp;
    if (heads.size() != 1) return wait_for(key, golden.id);
    return workspace_.engine->edit(transaction_, golden.id, "relations.branch_of",
                                   {model::Presence::value, Value(*heads.begin()), *heads.begin()}, "rule",
                                   workspace_.clock->now());
  }

  // Until a customer of that name comes.
  Status wait_for(const std::string& key, const std::string& branch) {
    const std::string line = branch + '\n';
    std::string lines = transaction_.load_value(waiting_space, key).value_or("");
    if (lines.find(line) == std::string::npos) transaction_.save_value(waiting_space, key, lines += line);
    return {};
  }

  // A head that came after its branches. Who still finds no single head waits on.
  Status relate_branches_of(const sync::Golden& golden) {
    const std::string legal = legal_name(golden);
    if (legal.empty()) return {};
    const std::string key = normalize::comparison_key(normalize::Kind::company_name, legal);
    const auto lines = transaction_.load_value(waiting_space, key);
    if (!lines) return {};
    transaction_.erase_value(waiting_space, key);
    std::istringstream waiting(*lines);
    for (std::string id; std::getline(waiting, id);) {
      const auto branch = transaction_.load_golden(transaction_.resolve(id));  // it may have been merged
      if (branch) HUILIU_TRY(relate(*branch));
    }
    return {};
  }

  Workspace& workspace_;
  store::Transaction& transaction_;
  const model::Entity& customer_;
  FieldIndex legal_, branch_of_;
};

}  // namespace

Status relate_branches(Workspace& workspace) {
  const model::Entity* customer = workspace.config->schema.find("customer");
  if (customer == nullptr || customer->index_of("relations.branch_of") == model::no_field) return {};
  return each_changed(workspace, "branch_heads", "customer",
                      [&](store::Transaction& transaction, const auto& page, bool first_time) {
                        return Branches(workspace, transaction).look_at(page, first_time);
                      });
}

}  // namespace huiliu::run
