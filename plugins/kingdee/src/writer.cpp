#include "plugins/kingdee/src/writer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace kingdee {
namespace {

namespace json = boost::json;

constexpr std::size_t rows_per_save = 50;

huiliu::Outcome outcome_with(huiliu_outcome outcome, huiliu::Failure why) {
  return {outcome, {}, {}, {}, std::move(why)};
}

huiliu::Outcome outcome_of_cause(Cause cause, std::string_view text = {}) {
  const Verdict verdict = verdict_of(cause);
  return outcome_with(verdict.outcome, failure_of(verdict, text));
}

json::object object_from(std::string_view text) {
  if (text.empty()) return {};
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error || !value.is_object())
    throw huiliu::DataError("the record to write is not a JSON object", "bad_body");
  return std::move(value.get_object());
}

std::string text_at(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// Approved when last observed, un-approved now, and saved meanwhile by this very user: the middle of our own
/// un-approve, save, submit, approve. A person's un-approval has another last modifier, or no later save.
bool was_ours(const json::object& base, const json::object& current, std::string_view user) {
  const std::string status = text_at(current, "FDocumentStatus");
  if (text_at(base, "FDocumentStatus") != "C" || (status != "D" && status != "B")) return false;
  const json::value* modifier = current.if_contains("FModifierId");
  const json::object* name = modifier != nullptr ? modifier->if_object() : nullptr;
  return name != nullptr && text_at(*name, "FName") == user &&
         text_at(base, "FModifyDate") < text_at(current, "FModifyDate");
}

/// After these there is no use in sending more.
bool ends_the_batch(const WriteAnswer& answer) {
  if (answer.fate == WriteAnswer::Fate::answered) return false;
  const huiliu_status status = answer.why.status;
  return status == HUILIU_AUTH || status == HUILIU_CONFIG || status == HUILIU_THROTTLED ||
         answer.cause == Cause::site_down;
}

bool is_about_the_payload(const WriteAnswer& answer) {
  return answer.fate == WriteAnswer::Fate::refused && answer.cause == Cause::suspicious_input;
}

/// Complaints that are about the whole request, whatever DIndex they carry.
bool concerns_all(Cause cause) {
  return cause == Cause::no_permission || cause == Cause::licence || cause == Cause::call_limit ||
         cause == Cause::unknown_form || cause == Cause::session_lost;
}

}  // namespace

bool Writer::approves() const {
  return (table_.form().stream == "contacts" ? settings_.approve_contacts : settings_.approve) ==
         Approve::hub;
}

json::object Writer::request(json::object data) const {
  return {{"formid", table_.form().form_id}, {"data", std::move(data)}};
}

void Writer::parse(const huiliu::Records& records, Jobs& jobs) const {
  for (std::size_t i = 0; i < records.size(); ++i) {
    const huiliu::Record record = records[i];
    Job& job = jobs.emplace_back();
    job.index = i;
    job.key = huiliu::copy(record.key);
    job.version = huiliu::copy(record.version);
    job.operation_id = huiliu::copy(record.operation_id);
    job.creates = record.creates();
    if (record.deletes()) {
      job.outcome = huiliu::Outcome::rejected(
          "ERP 中的记录不删除，只能禁用 (a record of the ERP is never deleted; disable it with "
          "FForbidStatus)",
          "no_delete");
      continue;
    }
    try {
      job.body = object_from(record.body);
      job.base = object_from(record.base);
      if (job.creates) job.changes = {create_package(table_, settings_, job.body, job.operation_id)};
    } catch (const huiliu::Failure& failure) {
      job.outcome = outcome_with(HUILIU_REJECTED, failure);
    }
  }
}

void Writer::write(huiliu::Call& call, const huiliu::Records& records, huiliu::ResultSink& results) {
  Jobs jobs;
  parse(records, jobs);
  std::optional<huiliu::Failure> ended;
  const auto report = [&] {
    for (Job& job : jobs) {
      if (!job.outcome) {
        const huiliu::Failure why = ended.value_or(huiliu::RetryLater("stopped before this record"));
        job.outcome = outcome_with(job.sent ? HUILIU_IN_DOUBT : HUILIU_DEFERRED, why);
      }
      if (job.left_out && job.outcome->outcome == HUILIU_APPLIED) job.outcome->why = job.left_out;
      results.report(job.index, *job.outcome);
    }
  };
  try {
    finish_unapproved(call);
    Chosen creates, updates;
    for (Job& job : jobs)
      if (!job.outcome) (job.creates ? creates : updates).push_back(&job);
    if (!creates.empty()) create(call, std::move(creates));
    if (!updates.empty()) update(call, updates);
  } catch (const huiliu::Failure& failure) {
    ended = failure;
  } catch (const huiliu::Cancelled&) {
    report();
    throw;
  }
  try {
    read_back(call, jobs);
  } catch (const huiliu::Failure& failure) {
    // The writes stand all the same; the host reads the records itself.
    call.warn("reading back what was written failed", {{"reason", failure.message}});
    for (Job& job : jobs)
      if (job.read_back && !job.outcome)
        job.outcome = job.verify ? outcome_with(HUILIU_IN_DOUBT, failure) : huiliu::Outcome::applied(job.key);
  } catch (const huiliu::Cancelled&) {
    for (Job& job : jobs)
      if (job.read_back && !job.verify && !job.outcome) job.outcome = huiliu::Outcome::applied(job.key);
    report();
    throw;
  }
  report();
  if (ended) throw *ended;
}

void Writer::read_back(huiliu::Call& call, Jobs& jobs) {
  std::vector<std::string> keys;
  for (const Job& job : jobs)
    if (job.read_back && !job.outcome) keys.push_back(job.key);
  if (keys.empty()) return;
  const std::vector<RecordOut> found = reader_.by_key(call, keys);
  for (Job& job : jobs) {
    if (!job.read_back || job.outcome) continue;
    const auto at =
        std::find_if(found.begin(), found.end(), [&](const RecordOut& r) { return r.key == job.key; });
    if (at == found.end()) {
      job.outcome = huiliu::Outcome::applied(job.key);
    } else if (job.verify && !update_packages(table_, settings_, at->body, job.body).empty()) {
      job.outcome = huiliu::Outcome::deferred(
          "保存的应答丢失，记录未改变 (the answer was lost, and the record has not changed)");
    } else {
      job.outcome = huiliu::Outcome::applied(job.key, at->version, json::serialize(at->body));
    }
  }
}

huiliu::Outcome Writer::outcome_of(huiliu::Call& call, const Verdict& verdict, const Complaint& complaint,
                                   const Job& job) {
  huiliu::Failure why = failure_of(verdict, complaint.message);
  std::string field = complaint.field;
  if (verdict.cause == Cause::suspicious_input && !job.changes.empty())
    field = suspicious_member(job.changes.front().fields);
  if (!field.empty()) why.pointer = "/" + field;
  if (verdict.cause == Cause::duplicate)
    return job.creates ? duplicate_of(call, job, why) : outcome_with(HUILIU_REJECTED, why);
  if (verdict.outcome == HUILIU_GONE && job.creates) return outcome_with(HUILIU_REJECTED, why);
  return outcome_with(verdict.outcome, why);
}

void Writer::settle(huiliu::Call& call, const WriteAnswer& answer, const Chosen& jobs) {
  if (answer.fate != WriteAnswer::Fate::answered) {
    for (Job* job : jobs) {
      if (answer.fate == WriteAnswer::Fate::unknown) {
        job->outcome = outcome_with(HUILIU_IN_DOUBT, answer.why);
      } else if (is_about_the_payload(answer)) {
        job->outcome = outcome_of(call, verdict_of(answer.cause), {{}, answer.answer.text(), -1}, *job);
      } else {
        job->outcome = outcome_with(HUILIU_DEFERRED, answer.why);
      }
    }
    if (ends_the_batch(answer)) throw answer.why;
    return;
  }
  const Answer& said = answer.answer;
  const bool alone = jobs.size() == 1;
  const Verdict whole = said.ok ? verdict_of(Cause::unknown) : judge(said);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    Job& job = *jobs[i];
    const auto here = [&](int index) { return index == static_cast<int>(i) || alone; };
    const auto reached = std::find_if(said.reached.begin(), said.reached.end(),
                                      [&](const Reached& r) { return here(r.index); });
    const auto complaint = std::find_if(said.complaints.begin(), said.complaints.end(),
                                        [&](const Complaint& c) { return here(c.index); });
    if (reached != said.reached.end()) {
      if (job.creates) {
        job.key = reached->id;
        job.created_id = std::strtoll(reached->id.c_str(), nullptr, 10);
      }
      job.read_back = true;
    } else if (said.reached.empty() && !said.ok && concerns_all(whole.cause)) {
      job.outcome = outcome_of(call, whole, {{}, said.text(), -1}, job);
    } else if (complaint != said.complaints.end()) {
      job.outcome =
          outcome_of(call, judge(said.msg_code, complaint->field, complaint->message), *complaint, job);
    } else if (said.ok && !job.creates) {
      job.read_back = true;
    } else {
      job.outcome = huiliu::Outcome::in_doubt("应答里没有这条记录 (the answer does not mention this record)");
    }
  }
  if (!said.ok && said.reached.empty() && (whole.status == HUILIU_THROTTLED || whole.status == HUILIU_CONFIG))
    throw failure_of(whole, said.text());
}

WriteAnswer Writer::save(huiliu::Call& call, const Chosen& jobs, const std::vector<std::string>& need) {
  json::array models;
  for (Job* job : jobs) {
    models.push_back(model_of(table_, job->changes.front()));
    job->sent = true;
  }
  if (jobs.size() == 1)
    return client_.write(call, "Save", request(save_data(need, std::move(models.front()))));
  return client_.write(call, "BatchSave", request(save_data(need, std::move(models))));
}

// ---- Updates
// ------------------------------------------------------------------------------------------------

void Writer::plan_update(Job& job, const RecordOut& current) {
  const auto with_record = [&](huiliu::Outcome outcome) {
    outcome.key = current.key;
    outcome.version = current.version;
    outcome.body = json::serialize(current.body);
    return outcome;
  };
  if (!job.version.empty() && job.version != current.version) {
    job.outcome = with_record(
        huiliu::Outcome::stale("记录在上次读取之后变了 (the record has changed since it was read)"));
    return;
  }
  try {
    job.changes = update_packages(table_, settings_, current.body, job.body);
  } catch (const huiliu::Failure& failure) {
    job.outcome = outcome_with(HUILIU_REJECTED, failure);
    return;
  }
  if (job.changes.empty()) job.outcome = with_record(huiliu::Outcome::unchanged());
  for (const RowChange& change : job.changes) {
    if (!change.allocate.empty() && change.status != "C") {
      job.outcome = with_record(huiliu::Outcome::deferred(
          "审核之后才能分配 (a customer is allocated once it is approved)", "not_approved"));
      return;
    }
    if (change.fields.empty() || !change.allocate.empty()) continue;
    if (change.status == "B") {
      job.outcome = with_record(outcome_of_cause(Cause::in_approval));
      return;
    }
    if (change.status != "C") continue;
    if (settings_.edit_approved == EditApproved::listed && change.listed) continue;
    huiliu::Outcome refused = outcome_of_cause(Cause::approved_record);
    const auto first = change.fields.begin();
    const std::string field =
        settings_.edit_approved == EditApproved::off ? std::string(first->key()) : change.first_unlisted;
    refused.why->pointer = "/" + field;
    refused.why->message +=
        "; " + field + " 不在 edit_approved 允许的字段之内 (not among the fields of edit_approved)";
    job.outcome = with_record(std::move(refused));
    return;
  }
}

void Writer::resume_interrupted(huiliu::Call& call, const Chosen& jobs, std::vector<RecordOut>& current) {
  std::map<std::int64_t, std::string> open;
  std::vector<std::string> keys;
  for (const Job* job : jobs)
    for (const RecordOut& record : current)
      if (record.key == job->key && was_ours(job->base, record.body, settings_.user_name)) {
        open.emplace(record.body.at(table_.form().id).to_number<std::int64_t>(),
                     text_at(record.body, "FDocumentStatus"));
        keys.push_back(record.key);
      }
  if (open.empty()) return;
  call.warn("an edit of ours was cut off before the record was approved again; approving it now");
  for (const auto& [row, why] : raise(call, std::move(open), true))
    call.log(HUILIU_LOG_ERROR, "a record is still un-approved",
             {{"key", std::to_string(row)}, {"reason", why.message}});
  std::erase_if(current,
                [&](const RecordOut& r) { return std::find(keys.begin(), keys.end(), r.key) != keys.end(); });
  for (RecordOut& record : reader_.by_key(call, keys)) current.push_back(std::move(record));
}

void Writer::update(huiliu::Call& call, const Chosen& jobs) {
  std::vector<std::string> keys;
  for (const Job* job : jobs) keys.push_back(job->key);
  std::vector<RecordOut> found = reader_.by_key(call, keys);
  resume_interrupted(call, jobs, found);
  for (Job* job : jobs) {
    const auto at =
        std::find_if(found.begin(), found.end(), [&](const RecordOut& r) { return r.key == job->key; });
    if (at == found.end())
      job->outcome = outcome_of_cause(Cause::not_found);
    else
      plan_update(*job, *at);
  }

  Chosen open;
  for (Job* job : jobs)
    if (!job->outcome) open.push_back(job);
  resolve_sellers(call, open);

  // Rows that are open for editing go out together, those of equal fields in one request.
  std::map<std::vector<std::string>, Chosen> together;
  Chosen alone;
  for (Job* job : jobs) {
    if (job->outcome) continue;
    const RowChange& first = job->changes.front();
    if (job->changes.size() == 1 && first.status != "C" && first.forbid.empty() && first.allocate.empty())
      together[needed_fields(first.fields)].push_back(job);
    else
      alone.push_back(job);
  }
  for (auto& [need, chosen] : together)
    for (std::size_t begin = 0; begin < chosen.size(); begin += rows_per_save)
      save_rows(call, {chosen.begin() + static_cast<std::ptrdiff_t>(begin),
                       chosen.begin() +
                           static_cast<std::ptrdiff_t>(std::min(begin + rows_per_save, chosen.size()))});
  for (Job* job : alone) {
    call.stop_if_cancelled();
    for (const RowChange& change : job->changes) {
      if (job->outcome) break;
      if (!change.fields.empty() && change.allocate.empty()) {
        if (change.status == "C") {
          edit_approved(call, *job, change);
        } else {
          Job one = *job;  // settle judges a job by its first change
          one.changes = {change};
          save_rows(call, {&one});
          job->sent = true;
          job->outcome = one.outcome;
          job->read_back = one.read_back;
        }
      }
      if (!job->outcome && !change.allocate.empty()) allocate(call, *job, change);
      if (!job->outcome && !change.forbid.empty()) set_forbidden(call, *job, change);
    }
  }
}

void Writer::save_rows(huiliu::Call& call, const Chosen& jobs) {
  call.stop_if_cancelled();
  const WriteAnswer answer = save(call, jobs, needed_fields(jobs.front()->changes.front().fields));
  if (jobs.size() > 1 && is_about_the_payload(answer)) {  // refused whole because of one: find which
    for (Job* job : jobs) save_rows(call, {job});
    return;
  }
  settle(call, answer, jobs);
}

void Writer::set_forbidden(huiliu::Call& call, Job& job, const RowChange& change) {
  job.sent = true;
  const Steps stuck =
      operate(call, "ExcuteOperation", change.forbid == "B" ? "Forbid" : "Enable", {change.row});
  if (stuck.empty()) {
    job.read_back = true;
    return;
  }
  const huiliu::Failure& why = stuck.begin()->second;
  const bool doubtful = why.remote_code == "site_down" || why.remote_code == "exception";
  job.outcome = outcome_with(doubtful                    ? HUILIU_IN_DOUBT
                             : why.status == HUILIU_DATA ? HUILIU_REJECTED
                                                         : HUILIU_DEFERRED,
                             why);
  job.outcome->why->pointer = "/FForbidStatus";
}

}  // namespace kingdee
