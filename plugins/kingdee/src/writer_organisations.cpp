// What belongs to one using organisation: the row that 分配 makes for it, and its own salesperson (业务员).
#include <algorithm>

#include "plugins/kingdee/src/writer.hpp"

namespace kingdee {
namespace {

namespace json = boost::json;

constexpr std::string_view seller_field = "FSELLER";
constexpr std::string_view unmapped = "salesperson_not_mapped";

std::string number_in(const json::value* reference) {
  const json::object* object = reference == nullptr ? nullptr : reference->if_object();
  const json::value* number = object == nullptr ? nullptr : object->if_contains("FNumber");
  return number != nullptr && number->is_string() ? std::string(number->get_string()) : std::string();
}

std::string cell(const json::value& row, std::size_t column) {
  const json::array* cells = row.if_array();
  if (cells == nullptr || column >= cells->size() || !(*cells)[column].is_string()) return {};
  const std::string text((*cells)[column].get_string());
  return text == " " ? std::string() : text;
}

}  // namespace

Answer Writer::bill_query(huiliu::Call& call, std::string_view form, std::string_view fields,
                          const std::string& filter, int limit) {
  return client_.read(call, "ExecuteBillQuery",
                      {{"data", json::object{{"FormId", form},
                                             {"FieldKeys", fields},
                                             {"FilterString", filter},
                                             {"OrderString", ""},
                                             {"TopRowCount", 0},
                                             {"StartRow", 0},
                                             {"Limit", limit},
                                             {"SubSystemId", ""}}}});
}

/// The salespersons with these numbers, by their own or their employee's. Nothing: this site keeps none, or
/// does not show them.
std::optional<std::vector<Writer::Seller>> Writer::sellers_of(huiliu::Call& call,
                                                              const std::string& numbers) {
  try {
    Answer answer =
        bill_query(call, "BD_Saler", "FNumber,FEmpNumber,FBizOrgId.FNumber",
                   "FForbidStatus='A' and (FNumber in (" + numbers + ") or FEmpNumber in (" + numbers + "))",
                   settings_.page_size);
    if (!answer.ok)  // a site without one of these columns: a salesperson has the employee's number there
      answer = bill_query(call, "BD_Saler", "FNumber,FNumber,FBizOrgId.FNumber",
                          "FNumber in (" + numbers + ")", settings_.page_size);
    if (!answer.ok || answer.shape != Shape::rows) return std::nullopt;
    std::vector<Seller> sellers;
    for (const json::value& row : answer.rows())
      sellers.push_back({cell(row, 0), cell(row, 1), cell(row, 2)});
    if (!sellers.empty()) return sellers;
    const Answer any = bill_query(call, "BD_Saler", "FNumber", "", 1);
    if (!any.ok || any.shape != Shape::rows || any.rows().empty()) return std::nullopt;
    return sellers;
  } catch (const huiliu::Failure& failure) {
    if (failure.status == HUILIU_RETRY || failure.status == HUILIU_THROTTLED || failure.status == HUILIU_AUTH)
      throw;
    call.warn("the salespersons of this site cannot be read; they are written as asked",
              {{"reason", failure.message}});
    return std::nullopt;
  }
}

// The product wants a salesperson of the record's own organisation, not an employee. Where there is not
// exactly one, the field stays out of the package and the rest goes on; the outcome says so.
void Writer::resolve_sellers(huiliu::Call& call, const Chosen& jobs) {
  std::string wanted;
  for (const Job* job : jobs)
    for (const RowChange& change : job->changes)
      if (const std::string number = number_in(change.fields.if_contains(seller_field)); !number.empty())
        wanted += (wanted.empty() ? "" : ",") + literal(number);
  if (wanted.empty()) return;
  const auto sellers = sellers_of(call, wanted);
  if (!sellers) return;
  for (Job* job : jobs) {
    for (RowChange& change : job->changes) resolve_seller(*sellers, *job, change);
    std::erase_if(job->changes, [](const RowChange& change) { return change.row != 0 && change.empty(); });
    if (job->changes.empty() && job->left_out)
      job->outcome = huiliu::Outcome{HUILIU_REJECTED, {}, {}, {}, job->left_out};
  }
}

void Writer::resolve_seller(const std::vector<Seller>& sellers, Job& job, RowChange& change) {
  const std::string asked = number_in(change.fields.if_contains(seller_field));
  if (asked.empty() || change.organisation.empty()) return;
  std::vector<std::string> found;
  for (const Seller& seller : sellers) {
    const bool here = seller.organisation.empty() || seller.organisation == change.organisation;
    if (here && (seller.employee == asked || seller.number == asked) &&
        std::find(found.begin(), found.end(), seller.number) == found.end())
      found.push_back(seller.number);
  }
  if (found.size() == 1) {
    change.fields[seller_field] = json::object{{"FNumber", found.front()}};
    return;
  }
  std::string why = "业务员未对应：" + asked + " 在组织 " + change.organisation;
  if (found.empty()) {
    why += " 没有业务员，请在金蝶中为其建立 (no salesperson of this organisation: make one there)";
  } else {
    why += " 有多个业务员 (several salespersons there:";
    for (const std::string& number : found) why += " " + number;
    why += "; forbid all but one)";
  }
  change.fields.erase(seller_field);
  job.left_out = huiliu::DataError(why, std::string(unmapped), "/" + std::string(seller_field));
}

// What the organisation keeps of its own, saved into the row that 分配 has just made and nobody has approved.
void Writer::fill_allocated(huiliu::Call& call, Job& job, const RowChange& change) {
  RowChange own;
  own.fields = change.fields;
  for (const RecordOut& record : reader_.by_key(call, std::vector<std::string>{job.key})) {
    const json::value* rows = record.body.if_contains("organisations");
    if (rows == nullptr) continue;
    for (const json::value& row : rows->as_array()) {
      if (number_in(row.as_object().if_contains("FUseOrgId")) != change.allocate) continue;
      own.row = row.at(table_.form().id).to_number<std::int64_t>();
      own.status = "A";
    }
  }
  if (own.row == 0) {  // not shown yet: its own fields are written when it is
    job.left_out = huiliu::RetryLater(
        "已分配，组织的记录尚不可见 (allocated; the organisation's row does not show yet)", "row_not_shown");
    return;
  }
  Job one = job;  // settle judges a job by its first change
  one.changes = {std::move(own)};
  one.outcome.reset();
  save_rows(call, {&one});
  if (one.outcome) job.outcome = one.outcome;
}

// 分配: a row of the customer for one more organisation, filled with what that keeps of its own, and
// submitted like a new record; 审核 is up to the settings.
void Writer::allocate(huiliu::Call& call, Job& job, const RowChange& change) {
  const Answer organisation =
      bill_query(call, "ORG_Organizations", "FOrgID", "FNumber=" + literal(change.allocate), 1);
  if (!organisation.ok || organisation.shape != Shape::rows) throw failure_of(organisation);
  const json::array* first = organisation.rows().empty() ? nullptr : organisation.rows().front().if_array();
  if (first == nullptr || first->empty()) {
    job.outcome = huiliu::Outcome::rejected(
        "组织 " + change.allocate + " 不存在 (there is no such organisation)", "no_such_organisation");
    job.outcome->why->pointer = "/organisations";
    return;
  }
  const std::int64_t target = (*first)[0].is_int64()
                                  ? (*first)[0].get_int64()
                                  : std::strtoll(cell(organisation.rows().front(), 0).c_str(), nullptr, 10);
  job.sent = true;
  const WriteAnswer answer =
      client_.write(call, "Allocate",
                    request({{"PkIds", std::to_string(change.row)},
                             {"TOrgIds", std::to_string(target)},
                             // An approved row could not be filled any more.
                             {"IsAutoSubmitAndAudit", approves() && change.fields.empty()}}));
  if (answer.fate != WriteAnswer::Fate::answered) {
    // Done or not, the rows tell: they are read back before anything else.
    job.outcome =
        huiliu::Outcome{answer.fate == WriteAnswer::Fate::unknown ? HUILIU_IN_DOUBT : HUILIU_DEFERRED,
                        {},
                        {},
                        {},
                        answer.why};
    return;
  }
  if (!answer.answer.ok && answer.answer.reached.empty()) {
    const Verdict verdict = judge(answer.answer);
    job.outcome = huiliu::Outcome{verdict.outcome, {}, {}, {}, failure_of(verdict, answer.answer.text())};
    job.outcome->why->pointer = "/organisations";
    return;
  }
  if (!change.fields.empty()) fill_allocated(call, job, change);
  std::map<std::int64_t, std::string> copies;
  if (!approves() || !change.fields.empty())
    for (const Reached& made : answer.answer.reached)
      if (const std::int64_t row = std::strtoll(made.id.c_str(), nullptr, 10); row > 0)
        copies.emplace(row, "A");
  if (!copies.empty())
    for (const auto& [row, why] : raise(call, std::move(copies), approves()))
      call.warn("an allocated record could not be submitted",
                {{"key", std::to_string(row)}, {"reason", why.message}});
  job.read_back = true;
}

}  // namespace kingdee
