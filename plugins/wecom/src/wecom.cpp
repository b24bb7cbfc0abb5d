#include "plugins/wecom/src/wecom.hpp"

#include <algorithm>

#include "plugins/wecom/src/callback.hpp"
#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/src/messages.hpp"

namespace wecom {
namespace {

[[noreturn]] void no_stream(std::string_view stream) {
  throw huiliu::Unsupported("WeCom has no stream " + std::string(stream) + " for this");
}

}  // namespace

WeCom::WeCom(std::string_view settings)
    : settings_(parse_settings(settings)),
      client_(settings_),
      tags_(settings_, client_),
      contacts_(settings_, client_, tags_),
      directory_(client_),
      chats_(client_) {}

// Address, corporation, secret, trusted address and the right to external contacts in one call.
void WeCom::check(huiliu::Call& call) {
  if (contacts_.followers(call).empty())
    call.warn("no visible member has the customer-contact feature: there is nobody to read");
}

// The streams are the vendor's own and fixed; what the app may not use is left out.
std::string WeCom::discover(huiliu::Call& call) {
  const bool has_tags = [&] {
    try {
      client_.post(call, "externalcontact/get_corp_tag_list", {});
      return true;
    } catch (const Refused& refused) {
      if (refused.kind != ErrorKind::access) throw;
      return false;
    }
  }();
  json::value all = json::parse(manifest);
  json::array streams;
  for (json::value& stream : all.at("streams").as_array()) {
    const std::string name = text_at(stream, "name");
    if ((name == "tags" && !has_tags) || (name == "messages" && settings_.agent_id <= 0)) continue;
    streams.push_back(std::move(stream));
  }
  return json::serialize(json::object{{"streams", std::move(streams)}});
}

void WeCom::read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) {
  if (request.stream == "external_contacts") return contacts_.read(call, request, out);
  if (request.stream == "employees") return directory_.read_employees(call, request, out);
  if (request.stream == "departments") return directory_.read_departments(call, request, out);
  if (request.stream == "tags") return tags_.read(call, request, out);
  if (request.stream == "group_chats") return chats_.read(call, contacts_.followers(call), request, out);
  no_stream(request.stream);
}

void WeCom::lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) {
  if (request.stream == "external_contacts") return contacts_.lookup(call, request, out);
  if (request.stream == "employees") return directory_.lookup_employees(call, request, out);
  if (request.stream == "departments") return directory_.lookup_departments(call, request, out);
  if (request.stream == "tags") return tags_.lookup(call, request, out);
  if (request.stream == "group_chats") return chats_.lookup(call, request, out);
  no_stream(request.stream);
}

void WeCom::find(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out) {
  if (request.stream == "employees") return directory_.find_employees(call, request, out);
  if (request.stream == "tags") return tags_.find(call, request, out);
  no_stream(request.stream);  // external contacts cannot be searched for at all
}

huiliu::Outcome WeCom::write_one(huiliu::Call& call, std::string_view stream, const huiliu::Record& record) {
  if (stream == "external_contacts") return contacts_.write_one(call, record);
  if (stream == "messages") return send_message(call, settings_, client_, record);
  no_stream(stream);
}

void WeCom::handle_request(huiliu::Call& call, const huiliu::WebRequest& request, huiliu::RecordSink& out) {
  handle_callback(call, settings_, request, out);
}

huiliu::Token WeCom::authenticate(huiliu::Call& call, std::string_view credential) const {
  return client_.authenticate(call, credential);
}

}  // namespace wecom
