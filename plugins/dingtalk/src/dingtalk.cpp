#include "plugins/dingtalk/src/dingtalk.hpp"

#include "plugins/dingtalk/src/callback.hpp"
#include "plugins/dingtalk/src/discover.hpp"
#include "plugins/dingtalk/src/follow_records.hpp"
#include "plugins/dingtalk/src/missed_events.hpp"
#include "plugins/dingtalk/src/notices.hpp"
#include "plugins/dingtalk/src/stream.hpp"

namespace dingtalk {
namespace {

[[noreturn]] void no_stream(std::string_view stream) {
  throw huiliu::Unsupported("DingTalk has no stream " + std::string(stream) + " for this");
}

// One record at a time, with the SDK's rules for what a failure means to the ones after it.
template <class WriteOne>
void write_each_record(huiliu::Call& call, const huiliu::Records& records, huiliu::ResultSink& out,
                       const WriteOne& write_record) {
  struct Writer {
    const WriteOne& write;
    huiliu::Outcome write_one(huiliu::Call& one_call, std::string_view, const huiliu::Record& record) const {
      return write(one_call, record);
    }
  };
  Writer writer{write_record};
  huiliu::detail::write_each(writer, call, records, out);
}

}  // namespace

DingTalk::DingTalk(std::string_view settings)
    : settings_(parse_settings(settings)),
      client_(settings_),
      customers_(settings_, client_, ObjectKind::customer),
      contacts_(settings_, client_, ObjectKind::contact),
      directory_(client_),
      people_(client_),
      labels_(client_),
      approvals_(settings_, client_) {}

// One call of the CRM: address, credentials, scope, the app's installation and the form's fields at once.
void DingTalk::check(huiliu::Call& call) {
  const std::vector<FormField> form = form_fields(customers_.object_meta(call));
  if (form.empty()) return;  // it does not say; nothing to compare with
  const std::vector<std::string> missing = missing_fields(form, settings_.customer_fields);
  if (missing.empty()) return;
  throw huiliu::ConfigError(
      "客户表单没有该字段，请在设置 fields 中填写字段标识 / the customers' form has no field " +
          std::string(settings_.customer_fields.key_of(missing.front())) + " for " + missing.front(),
      {}, "/fields/" + missing.front());
}

std::string DingTalk::discover(huiliu::Call& call) {
  const std::vector<FormField> form = form_fields(customers_.object_meta(call));
  return discovered_streams(manifest, form, customers_.unique_keys(call), settings_.customer_fields);
}

void DingTalk::read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) {
  if (request.stream == "customers") return CrmReader(settings_, customers_).read(call, request, out);
  if (request.stream == "contacts") return CrmReader(settings_, contacts_).read(call, request, out);
  if (request.stream == "employees") return directory_.read_employees(call, request, out);
  if (request.stream == "departments") return directory_.read_departments(call, request, out);
  if (request.stream == "external_contacts") return people_.read(call, request, out);
  if (request.stream == "labels") return labels_.read(call, request, out);
  if (request.stream == "approvals") return approvals_.read(call, request, out);
  no_stream(request.stream);
}

void DingTalk::lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) {
  if (request.stream == "customers") return CrmReader(settings_, customers_).lookup(call, request, out);
  if (request.stream == "contacts") return CrmReader(settings_, contacts_).lookup(call, request, out);
  if (request.stream == "employees") return directory_.lookup_employees(call, request, out);
  if (request.stream == "departments") return directory_.lookup_departments(call, request, out);
  if (request.stream == "external_contacts") return people_.lookup(call, request, out);
  if (request.stream == "labels") return labels_.lookup(call, request, out);
  if (request.stream == "approvals") return approvals_.lookup(call, request, out);
  no_stream(request.stream);
}

void DingTalk::find(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out) {
  if (request.stream == "customers") return CrmReader(settings_, customers_).find(call, request, out);
  if (request.stream == "contacts") return CrmReader(settings_, contacts_).find(call, request, out);
  if (request.stream == "employees") return directory_.find_employees(call, request, out);
  no_stream(request.stream);
}

void DingTalk::write(huiliu::Call& call, const huiliu::Records& records, huiliu::ResultSink& out) {
  if (records.stream() == "customers")
    return CrmWriter(settings_, customers_, customers_).write(call, records, out);
  if (records.stream() == "contacts")
    return CrmWriter(settings_, contacts_, customers_).write(call, records, out);
  if (records.stream() == "follow_records")
    return write_follow_records(call, settings_, client_, records, out);
  const auto each = [&](const auto& write_one) { write_each_record(call, records, out, write_one); };
  if (records.stream() == "external_contacts")
    return each(
        [&](huiliu::Call& one, const huiliu::Record& record) { return people_.write_one(one, record); });
  if (records.stream() == "approvals")
    return each(
        [&](huiliu::Call& one, const huiliu::Record& record) { return approvals_.write_one(one, record); });
  for (const auto& [stream, send] :
       {std::pair{"robot", &send_robot_message}, std::pair{"work_notices", &send_work_notice},
        std::pair{"todos", &send_todo}})
    if (records.stream() == stream)
      return each([&, &send_one = send](huiliu::Call& one, const huiliu::Record& record) {
        return send_one(one, settings_, client_, record);
      });
  no_stream(records.stream());
}

void DingTalk::handle_request(huiliu::Call& call, const huiliu::WebRequest& request,
                              huiliu::RecordSink& out) {
  handle_callback(call, settings_, request, out);
}

void DingTalk::listen(huiliu::Call& call, huiliu::RecordSink& out) {
  if (!settings_.stream && settings_.missed_events_minutes > 0)
    return hear_missed_events(call, settings_, client_, out);
  dingtalk::listen(call, settings_, client_, out);
}

huiliu::Token DingTalk::authenticate(huiliu::Call& call, std::string_view credential) const {
  return client_.authenticate(call, credential);
}

}  // namespace dingtalk
