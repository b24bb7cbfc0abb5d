// Creating records: look for our own mark, Save in batches, Submit, Audit where the hub approves.
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "plugins/kingdee/src/writer.hpp"

namespace kingdee {
namespace {

namespace json = boost::json;

constexpr std::size_t creates_per_save = 50;

std::string field_text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

void Writer::create(huiliu::Call& call, Chosen jobs) {
  if (!settings_.external_id_field.empty()) {
    find_marked(call, jobs);
    std::erase_if(jobs, [](const Job* job) { return job->outcome.has_value(); });
  }
  resolve_sellers(call, jobs);
  for (std::size_t begin = 0; begin < jobs.size(); begin += creates_per_save) {
    const std::size_t end = std::min(begin + creates_per_save, jobs.size());
    const Chosen chunk(jobs.begin() + static_cast<std::ptrdiff_t>(begin),
                       jobs.begin() + static_cast<std::ptrdiff_t>(end));
    create_some(call, chunk);
    submit_created(call, chunk);
  }
}

// The vendor has no idempotency key. With a marker field, a create whose answer was lost is found, not
// repeated.
void Writer::find_marked(huiliu::Call& call, const Chosen& jobs) {
  const std::string& field = settings_.external_id_field;
  if (!table_.has(field)) return;
  std::string list;
  for (const Job* job : jobs) {
    const std::string mark = field_text(job->changes.front().fields, field);
    if (!mark.empty()) list += (list.empty() ? "" : ",") + literal(mark);
  }
  if (list.empty()) return;
  const std::vector<RecordOut> found = reader_.matching(call, field + " in (" + list + ")", 0);
  for (Job* job : jobs) {
    const std::string mark = field_text(job->changes.front().fields, field);
    for (const RecordOut& record : found)
      if (!mark.empty() && field_text(record.body, field) == mark)
        job->outcome = huiliu::Outcome::applied(record.key, record.version, json::serialize(record.body));
  }
}

void Writer::create_some(huiliu::Call& call, const Chosen& jobs) {
  call.stop_if_cancelled();
  const WriteAnswer answer = save(call, jobs, {});
  const bool payload = answer.fate == WriteAnswer::Fate::refused && answer.cause == Cause::suspicious_input;
  if (jobs.size() > 1 && payload) {  // refused whole because of one: find which
    for (Job* job : jobs) create_some(call, {job});
    return;
  }
  settle(call, answer, jobs);
}

void Writer::submit_created(huiliu::Call& call, const Chosen& jobs) {
  std::map<std::int64_t, std::string> created;
  for (const Job* job : jobs)
    if (job->created_id > 0 && !job->outcome) created.emplace(job->created_id, "A");
  if (created.empty()) return;
  // The records exist; a failure from here on is a state for a person to see, not a reason to create again.
  for (const auto& [row, why] : raise(call, std::move(created), approves()))
    call.warn("a created record could not be submitted or approved",
              {{"key", std::to_string(row)}, {"reason", why.message}});
}

huiliu::Outcome Writer::duplicate_of(huiliu::Call& call, const Job& job, const huiliu::Failure& why) {
  huiliu::Outcome outcome{HUILIU_DUPLICATE, {}, {}, {}, why};
  const json::object& fields = job.changes.front().fields;
  for (const std::string_view key : {"FNumber", "FSOCIALCRECODE", "FName"}) {
    const std::string value = field_text(fields, key);
    if (value.empty() || !table_.has(key)) continue;
    const std::vector<RecordOut> found = reader_.matching(call, std::string(key) + "=" + literal(value), 2);
    if (found.size() != 1) continue;
    outcome.key = found.front().key;
    outcome.version = found.front().version;
    outcome.body = json::serialize(found.front().body);
    return outcome;
  }
  // Taken, but by nothing that this user may see: a person must look.
  outcome.outcome = HUILIU_REJECTED;
  return outcome;
}

}  // namespace kingdee
