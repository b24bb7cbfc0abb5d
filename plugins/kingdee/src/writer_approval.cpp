// The life-cycle of a row: Submit, Audit, UnAudit, Forbid; and the promise that no record stays un-approved
// in silence.
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>

#include "plugins/kingdee/src/writer.hpp"

namespace kingdee {
namespace {

namespace json = boost::json;

constexpr int most_attempts = 4;
constexpr std::string_view unapproved_note = "unapproved.";

std::string ids_text(const std::vector<std::int64_t>& ids) {
  std::string text;
  for (const std::int64_t id : ids) text += (text.empty() ? "" : ",") + std::to_string(id);
  return text;
}

/// Reasons that pass by themselves.
bool may_pass(const huiliu::Failure& why) {
  return why.status == HUILIU_RETRY || why.status == HUILIU_THROTTLED;
}

}  // namespace

Writer::Steps Writer::operate(huiliu::Call& call, std::string_view operation, std::string_view op_number,
                              const std::vector<std::int64_t>& ids) {
  json::object body = request({{"CreateOrgId", 0},
                               {"Numbers", json::array()},
                               {"Ids", ids_text(ids)},
                               {"InterationFlags", ""},
                               {"NetworkCtrl", ""},
                               {"IgnoreInterationFlag", ""}});
  if (!op_number.empty()) body["opNumber"] = op_number;
  const WriteAnswer answer = client_.write(call, operation, body);
  Steps stuck;
  if (answer.fate != WriteAnswer::Fate::answered) {
    for (const std::int64_t id : ids) stuck.emplace(id, answer.why);
    return stuck;
  }
  if (answer.answer.ok) return stuck;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::string id = std::to_string(ids[i]);
    bool reached = false;
    for (const Reached& one : answer.answer.reached) reached = reached || one.id == id;
    if (reached) continue;
    const Complaint* complaint = nullptr;
    for (const Complaint& one : answer.answer.complaints)
      if (one.index == static_cast<int>(i) || complaint == nullptr) complaint = &one;
    stuck.emplace(
        ids[i], complaint == nullptr
                    ? failure_of(answer.answer)
                    : failure_of(judge(answer.answer.msg_code, {}, complaint->message), complaint->message));
  }
  return stuck;
}

std::map<std::int64_t, std::string> Writer::status_of(huiliu::Call& call,
                                                      const std::vector<std::int64_t>& ids) {
  const Form& form = table_.form();
  const Rows rows = reader_.query(call, [&] {
    return Query{table_.columns_of({form.id, "FDocumentStatus"}), in_list(form.id, ids),
                 std::string(form.id) + " ASC", settings_.page_size};
  });
  std::map<std::int64_t, std::string> status;
  for (std::size_t row = 0; row < rows.size(); ++row)
    status[rows.id(row, form.id)] = rows.text(row, "FDocumentStatus");
  return status;
}

Writer::Steps Writer::raise(huiliu::Call& call, std::map<std::int64_t, std::string> status, bool approve) {
  Steps stuck;
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    if (attempt > 0) {
      call.sleep(std::chrono::seconds(1 << (attempt - 1)));
      std::vector<std::int64_t> ids;
      for (const auto& [id, why] : stuck) ids.push_back(id);
      status = status_of(call, ids);  // a step whose answer was lost may have been done
    }
    stuck.clear();
    std::vector<std::int64_t> open;
    for (const auto& [id, state] : status)
      if (state != "B" && state != "C") open.push_back(id);
    if (!open.empty()) {
      stuck = operate(call, "Submit", {}, open);
      for (const std::int64_t id : open)
        if (!stuck.contains(id)) status[id] = "B";
    }
    std::vector<std::int64_t> submitted;
    for (const auto& [id, state] : status)
      if (state == "B") submitted.push_back(id);
    if (approve && !submitted.empty())
      for (auto& [id, why] : operate(call, "Audit", {}, submitted)) stuck.emplace(id, why);
    bool worth_it = false;
    for (const auto& [id, why] : stuck) worth_it = worth_it || may_pass(why);
    if (!worth_it) break;
  }
  return stuck;
}

void Writer::edit_approved(huiliu::Call& call, Job& job, const RowChange& change) {
  job.sent = true;
  const Steps closed = operate(call, "UnAudit", {}, {change.row});
  if (!closed.empty()) {
    const huiliu::Failure& why = closed.begin()->second;
    // Was it un-approved although the answer was lost?
    const auto status = status_of(call, {change.row});
    const auto now = status.find(change.row);
    if (now == status.end() || now->second == "C" || now->second.empty()) {
      job.sent = false;
      const bool transient = may_pass(why) || why.status == HUILIU_AUTH || why.status == HUILIU_CONFIG;
      job.outcome = huiliu::Outcome{transient ? HUILIU_DEFERRED : HUILIU_REJECTED, {}, {}, {}, why};
      return;
    }
  }
  remember_unapproved(call, change.row, true);

  Job one = job;
  one.changes = {change};
  one.outcome.reset();
  one.read_back = false;
  std::optional<huiliu::Failure> ended;
  try {
    save_rows(call, {&one});
  } catch (const huiliu::Failure& failure) {
    ended = failure;  // first approve it again, then stop
  }
  Steps stuck;
  try {
    stuck = raise(call, {{change.row, "D"}}, true);
  } catch (const huiliu::Failure& failure) {
    stuck.emplace(change.row, failure);
  }
  if (stuck.empty()) {
    remember_unapproved(call, change.row, false);
    job.read_back = one.read_back;
    job.outcome = one.outcome;
    if (one.outcome && one.outcome->outcome == HUILIU_IN_DOUBT) {
      job.outcome.reset();
      job.read_back = job.verify = true;
    }
    if (ended && ended->remote_code != "site_down") throw *ended;
    return;
  }
  const huiliu::Failure& why = stuck.begin()->second;
  call.log(HUILIU_LOG_ERROR, "a record had to be left un-approved; it is tried again first thing",
           {{"form", table_.form().form_id}, {"key", std::to_string(change.row)}, {"reason", why.message}});
  huiliu::Failure told = why;
  told.message =
      "记录已反审核但未能重新审核，请人工处理 (the record was un-approved and could not be approved "
      "again): " +
      why.message;
  told.remote_code = "left_unapproved";
  if (one.outcome && one.outcome->outcome == HUILIU_REJECTED && one.outcome->why)
    told.message += "; " + one.outcome->why->message;
  const bool surely_not = one.outcome && one.outcome->outcome != HUILIU_IN_DOUBT;
  job.outcome = huiliu::Outcome{surely_not ? HUILIU_REJECTED : HUILIU_IN_DOUBT, {}, {}, {}, told};
}

std::vector<std::int64_t> Writer::unapproved(huiliu::Call& call) const {
  std::vector<std::int64_t> rows;
  const auto note = call.state(std::string(unapproved_note) + std::string(table_.form().form_id));
  if (!note) return rows;
  boost::system::error_code error;
  const json::value list = json::parse(*note, error);
  if (error || !list.is_array()) return rows;
  for (const json::value& row : list.get_array())
    if (row.is_int64()) rows.push_back(row.get_int64());
  return rows;
}

void Writer::remember_unapproved(huiliu::Call& call, std::int64_t row, bool is_unapproved) {
  json::array list;
  for (const std::int64_t known : unapproved(call))
    if (known != row) list.emplace_back(known);
  if (is_unapproved) list.emplace_back(row);
  const std::string name = std::string(unapproved_note) + std::string(table_.form().form_id);
  if (list.empty())
    call.erase_state(name);
  else
    call.set_state(name, json::serialize(list));
}

void Writer::finish_unapproved(huiliu::Call& call) {
  const std::vector<std::int64_t> rows = unapproved(call);
  if (rows.empty()) return;
  std::map<std::int64_t, std::string> open = status_of(call, rows);
  for (const std::int64_t row : rows)
    if (!open.contains(row) || open.at(row) == "C") remember_unapproved(call, row, false);
  std::erase_if(open, [](const auto& entry) { return entry.second == "C"; });
  if (open.empty()) return;
  const Steps stuck = raise(call, open, true);
  for (const auto& [row, status] : open) {
    const auto why = stuck.find(row);
    if (why == stuck.end())
      remember_unapproved(call, row, false);
    else
      call.log(HUILIU_LOG_ERROR, "a record is still un-approved",
               {{"key", std::to_string(row)}, {"reason", why->second.message}});
  }
}

}  // namespace kingdee
