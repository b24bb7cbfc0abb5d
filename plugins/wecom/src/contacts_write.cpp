#include <algorithm>
#include <array>
#include <optional>

#include "plugins/wecom/src/contacts.hpp"
#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/src/text.hpp"

namespace wecom {
namespace {

constexpr std::size_t kCompanyMax = 20;
constexpr int kTries = 3;  // when somebody edits the same relation
constexpr std::string_view kUnknownPerson = "40096";

// The private fields: what a salesperson typed for himself.
constexpr std::array<std::string_view, 3> kNever{"remark", "description", "remark_pic_mediaid"};
constexpr std::array<std::string_view, 8> kWritable{"mobile",         "remark_mobiles",       "mobiles",
                                                    "remark_company", "remark_company_short", "hub_tags",
                                                    "userid",         "external_userid"};

struct Wanted {
  std::string userid;  // whose relation; "": the owner's
  std::vector<std::string> mobiles;
  std::string last_mobile;  // shall show as the person's mobile
  std::string company, company_short;
  std::optional<std::vector<std::string>> hub_tags;
};

Wanted wanted_in(const huiliu::Record& record) {
  const std::optional<json::value> body = parse_json(record.body);
  if (!body || !body->is_object()) throw huiliu::DataError("a write is a JSON object");
  for (const auto& part : body->get_object()) {
    const std::string_view name = part.key();
    const std::string pointer = "/" + std::string(name);
    if (std::find(kNever.begin(), kNever.end(), name) != kNever.end())
      throw huiliu::DataError(
          "备注和描述是员工的私人内容，从不写入 / remark and description are the employee's own: never "
          "written",
          {}, pointer);
    if (std::find(kWritable.begin(), kWritable.end(), name) == kWritable.end())
      throw huiliu::DataError("企业微信不能写入该字段 / WeCom has no way to write this field", {}, pointer);
  }
  Wanted wanted;
  wanted.userid = text_at(*body, "userid");
  for (const char* name : {"remark_mobiles", "mobiles"})
    for (std::string& number : texts_of(member(*body, name))) wanted.mobiles.push_back(std::move(number));
  wanted.last_mobile = text_at(*body, "mobile");
  wanted.company = text_at(*body, "remark_company");
  wanted.company_short = text_at(*body, "remark_company_short");
  if (body->get_object().contains("hub_tags")) wanted.hub_tags = texts_of(member(*body, "hub_tags"));
  return wanted;
}

// The vendor replaces the whole list, so what stands there goes along, as it was typed; nothing is ever
// dropped. The number that shall show as the newest comes last. Nothing: the list is right already.
std::optional<std::vector<std::string>> appended(const json::object& relation, const Wanted& wanted) {
  const std::vector<std::string> there = texts_of(member(relation, "remark_mobiles"));
  std::vector<std::string> next = there;
  const auto place = [&](const std::string& number) {
    return std::find_if(next.begin(), next.end(), [&](const std::string& known) {
      return mobile_digits(known) == mobile_digits(number);
    });
  };
  for (const std::string& number : wanted.mobiles)
    if (place(number) == next.end()) next.push_back(number);
  if (!wanted.last_mobile.empty()) {
    const auto known = place(wanted.last_mobile);
    if (known == next.end())
      next.push_back(wanted.last_mobile);
    else
      std::rotate(known, known + 1, next.end());
  }
  if (next == there) return std::nullopt;
  return next;
}

// A company of at most 20 characters, else its short name; a name is never cut. Nothing: none fits, or one
// stands there already.
std::optional<std::string> company_to_fill(const json::object& relation, const Wanted& wanted) {
  if (wanted.company.empty() || !text_at(relation, "remark_corp_name").empty()) return std::nullopt;
  for (const std::string* name : {&wanted.company, &wanted.company_short})
    if (!name->empty() && characters(*name) <= kCompanyMax) return *name;
  throw huiliu::DataError(
      "公司备注最多20个字符，且没有更短的简称 / a remarked company has at most 20 characters, and there "
      "is no short name that fits",
      {}, "/remark_company");
}

struct TagChange {
  std::vector<std::string> add, remove;
  bool empty() const { return add.empty() && remove.empty(); }
};

bool holds(const std::vector<std::string>& list, const std::string& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

// What is to be remarked, by the vendor's names; empty: nothing.
json::object remark_change(huiliu::Call& call, const Person& person, const json::object& relation,
                           const Wanted& wanted) {
  json::object change;
  if (const auto mobiles = appended(relation, wanted)) change["remark_mobiles"] = array_of(*mobiles);
  if (person.is_outside_app()) {
    if (const auto company = company_to_fill(relation, wanted)) change["remark_company"] = *company;
  } else if (!wanted.company.empty()) {
    call.info("the company of a WeCom user is his own corporation's: not remarked");
  }
  return change;
}

// The hub's own tags become these; all others stay. Tags that are not there yet are made.
TagChange tag_change(huiliu::Call& call, const Tags& tags, const std::string& own_group,
                     const json::object& relation, const std::vector<std::string>& names) {
  TagTable table = tags.table(call);
  const std::vector<std::string> there = tag_ids_of(relation);
  TagChange change;
  std::vector<std::string> keep;
  for (const std::string& name : names) {
    keep.push_back(tags.own_tag(call, table, name));
    if (!holds(there, keep.back())) change.add.push_back(keep.back());
  }
  for (const std::string& id : there)
    if (const auto known = table.find(id);
        known != table.end() && known->second.group == own_group && !holds(keep, id))
      change.remove.push_back(id);
  return change;
}

// What a refusal means for this record. Only an ended relation or an unknown person is gone; a tag or a
// member that is not there is not.
huiliu::Outcome refused_outcome(const Refused& refused, bool half_done) {
  huiliu_outcome outcome = outcome_of(refused.kind);
  if (outcome == HUILIU_DEFERRED) throw refused;  // concerns the connection, or will pass
  if (outcome == HUILIU_GONE && refused.kind != ErrorKind::no_relation &&
      refused.remote_code != kUnknownPerson)
    outcome = HUILIU_REJECTED;
  if (half_done) outcome = HUILIU_IN_DOUBT;  // the remark was written, the tags were not: look again
  return {outcome, {}, {}, {}, refused};
}

}  // namespace

// Returns nothing when somebody edited the relation meanwhile: then all is read again.
std::optional<huiliu::Outcome> Contacts::write_once(huiliu::Call& call, const huiliu::Record& record,
                                                    bool last) const {
  const std::string id(record.key);
  const Wanted wanted = wanted_in(record);
  bool half_done = false;
  try {
    // Read right before the write: the list of mobiles is replaced as a whole.
    const Person before = person(call, id);
    const json::object* relation = before.relation(wanted.userid);
    if (relation == nullptr)
      return huiliu::Outcome::gone("该客户已无跟进人 / nobody follows this external contact", "84061");
    json::object remark = remark_change(call, before, *relation, wanted);
    TagChange tags;
    std::optional<huiliu::Failure> left_out;  // tags are an extra: the rest does not wait for a right to them
    try {
      if (wanted.hub_tags) tags = tag_change(call, tags_, settings_.tag_group, *relation, *wanted.hub_tags);
    } catch (const Refused& refused) {
      const bool no_right = refused.kind == ErrorKind::access || refused.kind == ErrorKind::forbidden;
      if (!no_right && outcome_of(refused.kind) != HUILIU_REJECTED) throw;
      left_out = refused;
    }
    TagTable names;
    bool names_known = false;
    if (remark.empty() && left_out) return huiliu::Outcome{HUILIU_REJECTED, {}, {}, {}, left_out};
    if (remark.empty() && tags.empty())
      return huiliu::Outcome::unchanged(id, {}, json::serialize(shown(call, before, names, names_known)));
    json::object pair{{"userid", text_at(*relation, "userid")}, {"external_userid", id}};
    if (!remark.empty()) {
      remark.insert(pair.begin(), pair.end());
      client_.post(call, "externalcontact/remark", remark);
      half_done = !tags.empty();
    }
    if (!tags.empty()) {
      pair["add_tag"] = array_of(tags.add);
      pair["remove_tag"] = array_of(tags.remove);
      client_.post(call, "externalcontact/mark_tag", pair);
    }
    // Our own writes bring no event: what stands there now is read back.
    const Person after = person(call, id);
    huiliu::Outcome done =
        huiliu::Outcome::applied(id, {}, json::serialize(shown(call, after, names, names_known)));
    done.why = std::move(left_out);
    return done;
  } catch (const Refused& refused) {
    if (refused.kind == ErrorKind::conflict && !last) return std::nullopt;
    return refused_outcome(refused, half_done);
  }
}

huiliu::Outcome Contacts::write_one(huiliu::Call& call, const huiliu::Record& record) const {
  if (record.creates())
    return huiliu::Outcome::rejected(
        "企业微信客户只能由员工或客户本人添加 / an external contact can only be added by the people "
        "themselves");
  if (record.deletes())
    return huiliu::Outcome::rejected("从不删除企业微信客户 / external contacts are never deleted");
  for (int attempt = 1;; ++attempt)
    if (auto outcome = write_once(call, record, attempt == kTries)) return std::move(*outcome);
}

}  // namespace wecom
