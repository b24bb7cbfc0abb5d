#include "plugins/yonyou/src/writer.hpp"

#include <algorithm>
#include <set>

#include "plugins/yonyou/src/lists.hpp"

namespace yonyou {
namespace {

constexpr std::string_view insert_path = "/yonbip/digitalModel/merchant/idempotent/newinsert";
constexpr std::string_view update_path = "/yonbip/digitalModel/merchant/newupdate";
constexpr std::string_view stop_path = "/yonbip/digitalModel/merchant/stop";
constexpr std::string_view unstop_path = "/yonbip/digitalModel/merchant/unstop";
constexpr std::string_view allocate_path = "/yonbip/digitalModel/merchant/batchDo";

huiliu::Outcome outcome_with(huiliu_outcome outcome, huiliu::Failure why) {
  return {outcome, {}, {}, {}, std::move(why)};
}

json::object object_from(std::string_view text) {
  if (text.empty()) return {};
  const auto parsed = parse_exact(text);
  if (!parsed || !parsed->is_object())
    throw huiliu::DataError("the record to write is not a JSON object", "bad_body");
  return parsed->get_object();
}

/// After these there is no use in sending more.
bool ends_the_batch(const WriteAnswer& answer) {
  switch (answer.cause) {
    case Cause::token:
    case Cause::flow_control:
    case Cause::circuit_open:
    case Cause::not_granted:
    case Cause::application:
    case Cause::address_refused:
    case Cause::no_path:
    case Cause::site_down:
      return answer.fate != WriteAnswer::Fate::answered;
    default:
      return answer.why.status == HUILIU_AUTH || answer.why.status == HUILIU_CONFIG;
  }
}

/// Id of the record that a success names: data is an object here and a list there.
std::string id_in(const Answer& answer) {
  const json::array rows = answer.rows();
  return rows.empty() || !rows.front().is_object() ? std::string() : text_at(rows.front().get_object(), "id");
}

const Merchant* with_id(const std::vector<Merchant>& merchants, const std::string& id) {
  const auto found =
      std::find_if(merchants.begin(), merchants.end(), [&](const Merchant& m) { return m.id() == id; });
  return found == merchants.end() ? nullptr : &*found;
}

const RecordOut* with_key(const std::vector<RecordOut>& records, const std::string& key) {
  const auto found =
      std::find_if(records.begin(), records.end(), [&](const RecordOut& r) { return r.key == key; });
  return found == records.end() ? nullptr : &*found;
}

}  // namespace

void MerchantWriter::parse(const huiliu::Records& records, std::vector<Job>& jobs) const {
  for (std::size_t i = 0; i < records.size(); ++i) {
    const huiliu::Record record = records[i];
    Job& job = jobs.emplace_back();
    job.index = i;
    job.key = huiliu::copy(record.key);
    job.version = huiliu::copy(record.version);
    job.operation_id = huiliu::copy(record.operation_id);
    job.creates = record.creates();
    job.contact = records.stream() == "contacts";
    if (record.deletes()) {
      job.outcome = huiliu::Outcome::rejected(
          "ERP 中的记录不删除，只能停用 (a record of the ERP is never deleted; stop it with stopStatus)",
          "no_delete");
      continue;
    }
    try {
      job.body = object_from(record.body);
      job.base = object_from(record.base);
      const auto parts = job.contact ? contact_key(job.key) : std::nullopt;
      job.customer = parts ? parts->customer : job.contact ? text_at(job.body, "merchantId") : job.key;
      if (job.contact && job.customer.empty())
        throw huiliu::DataError("联系人缺少所属客户 (a contact needs the customer it belongs to)",
                                "no_customer", "/merchantId");
    } catch (const huiliu::Failure& failure) {
      job.outcome = outcome_with(HUILIU_REJECTED, failure);
    }
  }
}

void MerchantWriter::write(huiliu::Call& call, const huiliu::Records& records, huiliu::ResultSink& results) {
  std::vector<Job> jobs;
  parse(records, jobs);
  std::optional<huiliu::Failure> ended;
  const auto report = [&] {
    for (Job& job : jobs) {
      if (!job.outcome) {
        const huiliu::Failure why = ended.value_or(huiliu::RetryLater("stopped before this record"));
        job.outcome = outcome_with(job.sent ? HUILIU_IN_DOUBT : HUILIU_DEFERRED, why);
      }
      results.report(job.index, *job.outcome);
    }
  };
  try {
    work(call, jobs);
  } catch (const huiliu::Failure& failure) {
    ended = failure;
  } catch (const huiliu::Cancelled&) {
    for (Job& job : jobs)
      if (job.read_back && !job.outcome) job.outcome = huiliu::Outcome::applied(job.key);
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
        job.outcome =
            job.key.empty() ? outcome_with(HUILIU_IN_DOUBT, failure) : huiliu::Outcome::applied(job.key);
  } catch (const huiliu::Cancelled&) {
    for (Job& job : jobs)
      if (job.read_back && !job.outcome && !job.key.empty()) job.outcome = huiliu::Outcome::applied(job.key);
    report();
    throw;
  }
  report();
  if (ended) throw *ended;
}

void MerchantWriter::work(huiliu::Call& call, std::vector<Job>& jobs) {
  std::set<std::string, IdLess> ids;
  for (const Job& job : jobs)
    if (!job.outcome && !(job.creates && !job.contact)) ids.insert(job.customer);
  const std::vector<std::string> wanted(ids.begin(), ids.end());
  std::vector<Merchant> current = reader_.merchants(call, wanted);
  for (Job& job : jobs) {
    if (job.outcome) continue;
    call.stop_if_cancelled();
    try {
      if (job.creates && !job.contact) {
        create(call, job);
        continue;
      }
      const Merchant* merchant = with_id(current, job.customer);
      if (merchant == nullptr) {
        const huiliu::Failure why = failure_of(verdict_of(Cause::not_found), {}, {});
        job.outcome = outcome_with(job.creates ? HUILIU_REJECTED : HUILIU_GONE, why);
      } else if (job.contact) {
        write_contact(call, job, *merchant);
        // Another contact of the same customer needs to see this one.
        if (job.read_back)
          for (Merchant& fresh : reader_.merchants(call, std::vector<std::string>{job.customer}))
            *std::find_if(current.begin(), current.end(),
                          [&](const Merchant& m) { return m.id() == job.customer; }) = std::move(fresh);
      } else {
        update(call, job, *merchant);
      }
    } catch (const huiliu::DataError& failure) {
      if (job.sent) throw;
      job.outcome = outcome_with(HUILIU_REJECTED, failure);
    }
  }
}

void MerchantWriter::create(huiliu::Call& call, Job& job) {
  const json::object data = create_package(settings_, job.body, job.operation_id);
  job.sent = true;
  const WriteAnswer answer = client_.write(call, insert_path, json::object{{"data", data}}, true);
  const bool done_before = answer.cause == Cause::duplicate_key && answer.fate == WriteAnswer::Fate::answered;
  if (answer.answer.ok || done_before) {
    job.key = id_in(answer.answer);
    if (!job.key.empty()) {
      job.customer = job.key;
      job.read_back = true;
      return;
    }
    if (answer.answer.ok) {  // made, but which? its number tells
      job.outcome = duplicate_of(call, job, huiliu::DataError("YonBIP answered a create without an id"));
      if (job.outcome->outcome == HUILIU_DUPLICATE) {
        job.key = job.customer = job.outcome->key;
        job.outcome.reset();
        job.read_back = true;
      }
      return;
    }
  }
  settle_failure(call, job, answer);
}

bool MerchantWriter::send_update(huiliu::Call& call, Job& job, const json::object& request) {
  job.sent = true;
  const WriteAnswer answer = client_.write(call, update_path, request, false);
  if (answer.answer.ok && answer.answer.fail_count() == 0) return true;
  settle_failure(call, job, answer);
  return false;
}

bool MerchantWriter::name_organisations(huiliu::Call& call, Job& job, const Merchant& current) {
  json::value* parts = job.body.if_contains("organisations");
  if (parts == nullptr || !parts->is_array()) return true;
  for (json::value& element : parts->get_array()) {
    json::object* part = element.if_object();
    if (part == nullptr || !text_at(*part, "belongOrgId").empty()) continue;
    const std::string code = text_at(*part, "belongOrgCode");
    if (code.empty()) continue;
    std::string id;
    if (code == text_at(current.head, "createOrgCode")) id = text_at(current.head, "createOrgId");
    for (const json::object& user : current.users)
      if (text_at(user, "belongOrgCode") == code) id = text_at(user, "belongOrgId");
    if (id.empty()) id = ListReader(client_, settings_, *list_api("organizations")).id_of(call, code);
    if (id.empty()) {
      job.outcome = huiliu::Outcome::rejected("组织 " + code + " 不存在 (there is no such organisation)",
                                              "no_such_organisation");
      job.outcome->why->pointer = "/organisations";
      return false;
    }
    (*part)["belongOrgId"] = id;
  }
  return true;
}

void MerchantWriter::update(huiliu::Call& call, Job& job, const Merchant& current) {
  if (!name_organisations(call, job, current)) return;
  const RecordOut shown = customer_record(current);
  const UpdatePackage package = update_package(current, job.body);
  if (package.empty()) {
    job.outcome = huiliu::Outcome::unchanged(shown.key, shown.version, json::serialize(shown.body));
    return;
  }
  if (!job.version.empty() && shown.version != job.version && !job.base.empty() &&
      moved_under(job.base, shown.body, job.body)) {
    job.outcome = outcome_with(HUILIU_STALE, failure_of(verdict_of(Cause::changed_by_other), {}, {}));
    return;
  }
  job.cleared = package.cleared;
  if (!package.request.empty() && !send_update(call, job, package.request)) return;
  if (!package.allocate.empty()) allocate(call, job, current, package.allocate);
  for (const json::object& part : package.parts)
    if (!job.outcome && !send_update(call, job, part)) return;
  if (package.stop && !job.outcome) set_stopped(call, job, current, *package.stop);
  if (!job.outcome) job.read_back = true;
}

void MerchantWriter::write_contact(huiliu::Call& call, Job& job, const Merchant& current) {
  const std::vector<RecordOut> before = contact_records(current);
  if (job.creates) {
    // An insert that was repeated after a lost answer would double the contact.
    if (const std::string id = same_contact(current, job.body); !id.empty()) {
      job.outcome = huiliu::Outcome::duplicate(
          current.id() + "-" + id, "客户已有同名同手机的联系人 (the customer has this contact already)");
      return;
    }
  } else {
    const RecordOut* shown = with_key(before, job.key);
    if (shown == nullptr) {
      job.outcome = outcome_with(HUILIU_GONE, failure_of(verdict_of(Cause::not_found), {}, {}));
      return;
    }
    if (const std::string to = text_at(job.body, "merchantId"); !to.empty() && to != job.customer) {
      job.outcome = huiliu::Outcome::rejected(
          "联系人不能移到另一个客户名下 (a contact cannot be moved to another customer)", "not_writable");
      job.outcome->why->pointer = "/merchantId";
      return;
    }
    if (!job.version.empty() && shown->version != job.version && !job.base.empty() &&
        moved_under(job.base, shown->body, job.body)) {
      job.outcome = outcome_with(HUILIU_STALE, failure_of(verdict_of(Cause::changed_by_other), {}, {}));
      return;
    }
  }
  const auto parts = contact_key(job.key);
  const UpdatePackage package = contact_package(current, parts ? parts->contact : std::string(), job.body);
  if (package.empty()) {
    const RecordOut* shown = with_key(before, job.key);
    job.outcome = huiliu::Outcome::unchanged(shown->key, shown->version, json::serialize(shown->body));
    return;
  }
  job.cleared = package.cleared;
  if (send_update(call, job, package.request)) job.read_back = true;
}

void MerchantWriter::set_stopped(huiliu::Call& call, Job& job, const Merchant& current, bool stopped) {
  // The number wins over the id here, unlike everywhere else: send the id alone.
  const json::object one{{"merchantId", current.id()}, {"orgId", text_at(current.head, "createOrgId")}};
  job.sent = true;
  const WriteAnswer answer =
      client_.write(call, stopped ? stop_path : unstop_path, json::object{{"data", json::array{one}}}, true);
  if (answer.answer.ok && answer.answer.fail_count() == 0) return;
  settle_failure(call, job, answer);
  if (job.outcome && job.outcome->why) job.outcome->why->pointer = "/stopStatus";
}

void MerchantWriter::allocate(huiliu::Call& call, Job& job, const Merchant& current,
                              const std::vector<std::string>& organisations) {
  json::array orgs;
  for (const std::string& org : organisations) orgs.emplace_back(org);
  const json::object one{{"merchantId", current.id()},
                         {"orgIds", std::move(orgs)},
                         {"createOrgId", text_at(current.head, "createOrgId")}};
  job.sent = true;
  const WriteAnswer answer =
      client_.write(call, allocate_path, json::object{{"data", json::array{one}}}, true);
  if (answer.answer.ok && answer.answer.fail_count() == 0) return;
  settle_failure(call, job, answer);
  if (job.outcome && job.outcome->why) job.outcome->why->pointer = "/organisations";
}

void MerchantWriter::settle_failure(huiliu::Call& call, Job& job, const WriteAnswer& answer) {
  if (answer.fate != WriteAnswer::Fate::answered) {
    const bool unknown = answer.fate == WriteAnswer::Fate::unknown;
    const huiliu_outcome refused =
        verdict_of(answer.cause).outcome == HUILIU_REJECTED ? HUILIU_REJECTED : HUILIU_DEFERRED;
    job.outcome = outcome_with(unknown ? HUILIU_IN_DOUBT : refused, answer.why);
    if (ends_the_batch(answer)) throw answer.why;
    return;
  }
  Verdict verdict = judge(answer.answer);
  huiliu::Failure why = failure_of(answer.answer);
  if (answer.answer.ok) {  // a batch of one that failed: its message tells why
    const std::vector<std::string> messages = answer.answer.messages();
    const std::string text = messages.empty() ? std::string() : messages.front();
    verdict = judge_message(text);
    why = failure_of(verdict, {}, text);
  }
  if (verdict.cause == Cause::duplicate) {
    job.outcome =
        job.creates && !job.contact ? duplicate_of(call, job, why) : outcome_with(HUILIU_REJECTED, why);
  } else {
    const bool gone_on_create = verdict.outcome == HUILIU_GONE && job.creates;
    job.outcome = outcome_with(gone_on_create ? HUILIU_REJECTED : verdict.outcome, why);
  }
  if (ends_the_batch(answer)) throw answer.why;
}

huiliu::Outcome MerchantWriter::duplicate_of(huiliu::Call& call, const Job& job, const huiliu::Failure& why) {
  const json::object data = create_package(settings_, job.body, job.operation_id);
  for (const std::string_view name : {"code", "creditCode", "name"}) {
    const json::value* member = data.if_contains(name);
    const std::string value = member == nullptr ? std::string() : chinese_of(*member);
    if (value.empty()) continue;
    const Listing found = reader_.list(call, json::object{{name, value}}, 2);
    if (found.size() != 1) continue;
    huiliu::Outcome outcome = outcome_with(HUILIU_DUPLICATE, why);
    outcome.key = found.begin()->first;
    return outcome;
  }
  // Taken, but by nothing that this application may see: a person must look.
  return outcome_with(HUILIU_REJECTED, why);
}

void MerchantWriter::read_back(huiliu::Call& call, std::vector<Job>& jobs) {
  std::set<std::string, IdLess> ids;
  for (const Job& job : jobs)
    if (job.read_back && !job.outcome) ids.insert(job.customer);
  if (ids.empty()) return;
  const std::vector<std::string> wanted(ids.begin(), ids.end());
  const std::vector<Merchant> found = reader_.merchants(call, wanted);
  for (Job& job : jobs) {
    if (!job.read_back || job.outcome) continue;
    const Merchant* merchant = with_id(found, job.customer);
    if (merchant != nullptr && job.contact && job.creates) {
      const std::string id = same_contact(*merchant, job.body);
      if (!id.empty()) job.key = job.customer + "-" + id;
    }
    const std::vector<RecordOut> records = merchant == nullptr ? std::vector<RecordOut>{}
                                           : job.contact       ? contact_records(*merchant)
                                                         : std::vector<RecordOut>{customer_record(*merchant)};
    const RecordOut* shown = with_key(records, job.key);
    if (shown == nullptr) {
      job.outcome = job.key.empty() ? huiliu::Outcome::in_doubt("the new record does not show yet")
                                    : huiliu::Outcome::applied(job.key);
      continue;
    }
    const auto kept = std::find_if(job.cleared.begin(), job.cleared.end(),
                                   [&](const std::string& path) { return !is_empty_at(shown->body, path); });
    if (kept != job.cleared.end()) {
      job.outcome = huiliu::Outcome::rejected(
          "该租户不接受用空文本清空字段 (this tenant keeps a field that was sent empty)", "not_cleared");
      std::string pointer = "/" + *kept;
      std::replace(pointer.begin(), pointer.end(), '.', '/');
      job.outcome->why->pointer = pointer;
      continue;
    }
    job.outcome = huiliu::Outcome::applied(shown->key, shown->version, json::serialize(shown->body));
  }
}

}  // namespace yonyou
