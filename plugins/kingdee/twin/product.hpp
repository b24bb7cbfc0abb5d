// product.hpp - what the product does with its records: save, the life-cycle Z A B C D, forbid, allocate. The
// rules hold for API calls; a person's edit goes the way a person would go (un-approve, edit, submit,
// approve). Refusals carry the product's texts. Writes go through the framework's store, which counts them.
// Not synchronised.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/kingdee/twin/site.hpp"

namespace kingdee_twin {

/// A refusal of one record. `msg_code` as in the vendor's list.
struct Refused : std::runtime_error {
  Refused(int code, std::string field_, const std::string& message)
      : std::runtime_error(message), msg_code(code), field(std::move(field_)) {}
  int msg_code;
  std::string field;
};

/// What a site may have set differently; the control surface sets it too.
struct SiteRules {
  enum class Numbers { manual_allowed, manual_refused, renumbered } numbers = Numbers::manual_allowed;
  bool unique_names = false;
  bool firewall = true;  ///< refuses packages with '<' or "--"
  bool audit_moves_modify_date = false;
  bool forget_msg_code = false;  ///< an old site: MsgCode is 0 even for real errors
  int audit_failures = 0;        ///< so many Audits are refused for a passing reason
  int submit_failures = 0;
  bool groups_need_ids = false;                     ///< QueryGroupInfo wants to be told which groups
  std::set<std::string, std::less<>> denied_forms;  ///< forms for which the user has no permission
};

struct SaveOptions {
  std::set<std::string, std::less<>> need;  ///< NeedUpDateFields; empty: the whole package counts
  bool delete_entries = true;  ///< IsDeleteEntry: its default deletes what the package does not hold
  bool draft = false;
  bool submit_and_audit = false;
};

struct Saved {
  std::int64_t id = 0;
  std::string number;
};

class Product {
 public:
  Product(Site& site, std::string api_user) : site_(site), api_user_(std::move(api_user)) {}

  SiteRules& rules() { return rules_; }

  Saved save(const FormDef& form, const boost::json::object& model, const SaveOptions& options);
  Saved submit(const FormDef& form, std::int64_t id);
  Saved audit(const FormDef& form, std::int64_t id);
  Saved un_audit(const FormDef& form, std::int64_t id);
  Saved cancel_assign(const FormDef& form, std::int64_t id);
  Saved remove(const FormDef& form, std::int64_t id);
  Saved forbid(const FormDef& form, std::int64_t id, bool forbidden);
  /// One copy for one more organisation (its internal id). Gives the copy.
  Saved allocate(const FormDef& form, std::int64_t id, std::int64_t organisation, bool submit_and_audit);

  /// A person at the screen. An approved record is un-approved, changed and approved again.
  void edit(const FormDef& form, std::int64_t id, const boost::json::object& fields, std::string_view as);
  std::int64_t create(const FormDef& form, const boost::json::object& fields, std::string_view as);

  /// The next `times` saves and operations on this record meet a network-control lock.
  void lock(const FormDef& form, std::int64_t id, int times) {
    locks_[{std::string(form.form_id), id}] = times;
  }

  /// Ids of rows that the API un-approved and nobody has approved since.
  std::vector<std::string> leftovers() const;
  std::uint64_t approved_creates() const { return approved_creates_; }

 private:
  Record get(const FormDef& form, std::int64_t id) const;
  void meet_lock(const FormDef& form, std::int64_t id);
  void check_package(const FormDef& form, const boost::json::object& fields, bool is_create) const;
  void check_reference(const FormDef& form, const FieldDef& field, const boost::json::object& row,
                       const std::string& number) const;
  void take_entries(const FormDef& form, const boost::json::object& model, const SaveOptions& options,
                    boost::json::object& row, std::vector<std::string>& written);
  void add_row(const FormDef& form, boost::json::object row, const std::vector<std::string>& written);
  Saved create_row(const FormDef& form, const boost::json::object& model, const SaveOptions& options);
  void copy_to_organisations(const FormDef& form, const boost::json::object& head,
                             const std::vector<std::string>& written);
  std::string number_for(const FormDef& form, const std::string& asked, const boost::json::object& row);
  /// A step of the life-cycle: no edit, so it is not counted as one.
  Saved step(const FormDef& form, const Record& row, const boost::json::object& changes);

  Site& site_;
  std::string api_user_;
  SiteRules rules_;
  std::map<std::pair<std::string, std::int64_t>, int> locks_;
  std::set<std::pair<std::string, std::int64_t>> unapproved_;
  std::uint64_t approved_creates_ = 0;  // records that the API both made and approved
  std::set<std::pair<std::string, std::int64_t>> made_;
};

/// Nested form of an object with dotted keys; empty values are left out.
boost::json::object nested(const boost::json::object& flat);

}  // namespace kingdee_twin
