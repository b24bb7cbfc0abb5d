#include <algorithm>

#include "plugins/wecom/src/contacts.hpp"
#include "plugins/wecom/src/cursor.hpp"
#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/src/text.hpp"

namespace wecom {
namespace {

constexpr std::size_t kGroup = 100;  // followers in one batch
constexpr std::int64_t kContactPage = 100;
constexpr std::int64_t kUnassignedPage = 1000;
constexpr int kGroupRestarts = 2;           // of a group whose page cursor died
constexpr std::size_t kMostWaiting = 2000;  // persons in memory, before it is asked who of them is complete
constexpr int kEmptyPagesMax = 100;         // an answer that never ends must not hold us for ever

std::vector<std::vector<std::string>> in_groups(const std::vector<std::string>& users,
                                                const std::string& after) {
  std::vector<std::vector<std::string>> groups;
  for (const std::string& user : users) {
    if (!after.empty() && folded(user) <= after) continue;
    if (groups.empty() || groups.back().size() == kGroup) groups.emplace_back();
    groups.back().push_back(user);
  }
  return groups;
}

}  // namespace

std::vector<std::string> Contacts::followers(huiliu::Call& call) const {
  std::map<std::string, std::string> users;
  const json::value answer = client_.get(call, "externalcontact/get_follow_user_list");
  for (std::string& user : texts_of(member(answer, "follow_user")))
    users.emplace(folded(user), std::move(user));
  std::vector<std::string> sorted;
  for (auto& [key, user] : users) sorted.push_back(std::move(user));
  return sorted;
}

// A member without customers is refused rather than answered with an empty list.
std::vector<std::string> Contacts::contacts_of(huiliu::Call& call, const std::string& userid) const {
  try {
    return texts_of(
        member(client_.get(call, "externalcontact/list", {{"userid", userid}}), "external_userid"));
  } catch (const Refused& refused) {
    if (!is_absence(refused.kind) && refused.kind != ErrorKind::forbidden) throw;
    return {};
  }
}

std::size_t Contacts::take_page(const json::value& page, People& people) const {
  std::size_t rows = 0;
  for (const json::value* item : items_of(member(page, "external_contact_list"))) {
    const json::value* contact = member(*item, "external_contact");
    const std::string id = contact == nullptr ? std::string() : text_at(*contact, "external_userid");
    if (id.empty()) throw huiliu::DataError("WeCom listed an external contact without an id");
    auto [known, fresh] = people.try_emplace(id, contact->get_object());
    for (const json::value* relation : items_of(member(*item, "follow_info")))
      if (relation->is_object()) known->second.add_relation(relation->get_object());
    ++rows;
  }
  return rows;
}

std::size_t Contacts::give_out_complete(const Group& group, Membership& known, People& waiting,
                                        const Visit& visit) {
  return std::erase_if(waiting, [&](const auto& each) {
    const auto& [id, person] = each;
    const std::size_t followers = known.followers(id, group.place);
    if (followers == 0 || person.relation_count() < followers || known.is_given_out(id, group.place))
      return false;
    known.give_out(id, group.place);
    visit(id, person, true);
    return true;
  });
}

// Pages may be short or empty while a cursor follows; only an empty cursor is the end. A person's followers
// may be pages apart, so he waits until all have shown him; whom one shows later still is looked at by id.
void Contacts::gather(huiliu::Call& call, const Group& group, Membership& known, const Visit& visit) const {
  const auto was_given_out = [&](const auto& each) { return known.is_given_out(each.first, group.place); };
  for (int attempt = 0;; ++attempt) {
    People waiting;
    std::string cursor;
    int empty_pages = 0;
    std::size_t given = 0, most_waiting = kMostWaiting;
    try {
      do {
        call.stop_if_cancelled();
        const json::value page = client_.post(
            call, "externalcontact/batch/get_by_user",
            {{"userid_list", array_of(group.users)}, {"cursor", cursor}, {"limit", kContactPage}});
        const bool empty = take_page(page, waiting) == 0;
        empty_pages = empty ? empty_pages + 1 : 0;
        if (empty_pages > kEmptyPagesMax)
          throw huiliu::DataError("WeCom pages its external contacts without an end");
        cursor = text_at(page, "next_cursor");
        for (const std::string& user :
             texts_of(member(page, "fail_info") == nullptr
                          ? nullptr
                          : member(*member(page, "fail_info"), "unlicensed_userid_list")))
          call.info("a follower has no interop licence: his contacts stay unread", {{"userid", user}});
        if (waiting.size() < most_waiting) continue;
        if (known.empty()) known = members_of(call, {group.users});
        if (attempt > 0) std::erase_if(waiting, was_given_out);
        given += give_out_complete(group, known, waiting, visit);
        most_waiting = kMostWaiting + 2 * waiting.size();
      } while (!cursor.empty() && (group.enough == 0 || given + waiting.size() < group.enough));
    } catch (const Refused& refused) {
      if (!is_absence(refused.kind)) {  // else: nobody there, or nobody licensed
        if (refused.kind != ErrorKind::cursor || attempt >= kGroupRestarts) throw;
        call.info("the page cursor died: this group of followers is read again");
        continue;
      }
    }
    if (attempt > 0) std::erase_if(waiting, was_given_out);
    for (const auto& [id, person] : waiting) visit(id, person, !known.is_given_out(id, group.place));
    return;
  }
}

Membership Contacts::members_of(huiliu::Call& call, const Groups& groups) const {
  Membership known;
  for (std::size_t at = 0; at < groups.size(); ++at)
    for (const std::string& user : groups[at]) {
      call.stop_if_cancelled();
      for (const std::string& id : contacts_of(call, user)) known.add(id, at);
    }
  known.seal();
  return known;
}

std::set<std::string> Contacts::unassigned(huiliu::Call& call) const {
  for (int attempt = 0;; ++attempt) {
    std::set<std::string> ids;
    std::string cursor, last;
    try {
      do {
        call.stop_if_cancelled();
        last = cursor;
        json::object asked{{"page_size", kUnassignedPage}};
        if (!cursor.empty()) asked["cursor"] = cursor;
        const json::value page = client_.post(call, "externalcontact/get_unassigned_list", asked);
        for (const json::value* item : items_of(member(page, "info")))
          if (std::string id = text_at(*item, "external_userid"); !id.empty()) ids.insert(std::move(id));
        cursor = text_at(page, "next_cursor");
      } while (!cursor.empty() && cursor != last);
      return ids;
    } catch (const Refused& refused) {
      if (refused.kind == ErrorKind::access || refused.kind == ErrorKind::forbidden) {
        call.warn("the app may not list the customers of members who left: they are not shown",
                  {{"code", refused.remote_code}});
        return {};
      }
      if (is_absence(refused.kind)) return {};
      if (refused.kind != ErrorKind::cursor || attempt >= kGroupRestarts) throw;
    }
  }
}

Person Contacts::person(huiliu::Call& call, const std::string& id) const {
  json::value answer = client_.get(call, "externalcontact/get", {{"external_userid", id}});
  Person person = person_in(answer);
  // More than 500 followers come in pages.
  for (std::string cursor = text_at(answer, "next_cursor"), last; !cursor.empty() && cursor != last;) {
    last = cursor;
    answer = client_.get(call, "externalcontact/get", {{"external_userid", id}, {"cursor", cursor}});
    for (const json::value* relation : items_of(member(answer, "follow_user")))
      if (relation->is_object()) person.add_relation(relation->get_object());
    cursor = text_at(answer, "next_cursor");
  }
  return person;
}

// Batches show tags by id alone: their names are fetched once, and only when there is a tag to name.
json::object Contacts::shown(huiliu::Call& call, const Person& person, TagTable& tags,
                             bool& tags_known) const {
  if (!tags_known && person.lacks_tag_names()) {
    tags = tags_.table(call);
    tags_known = true;
  }
  return person.body(tags, settings_.tag_group);
}

void Contacts::read_keys(huiliu::Call& call, const huiliu::ReadRequest& request,
                         huiliu::RecordSink& out) const {
  std::set<std::string> known;
  for (const std::string& user : followers(call)) {
    call.stop_if_cancelled();
    huiliu::Batch batch(request.stream);
    for (const std::string& id : contacts_of(call, user))
      if ((request.limit == 0 || known.size() < request.limit) && known.insert(id).second)
        batch.upsert(id, "{}");
    out.emit(batch);
  }
  huiliu::Batch batch(request.stream);
  for (const std::string& id : unassigned(call))
    if ((request.limit == 0 || known.size() < request.limit) && known.insert(id).second)
      batch.upsert(id, "{}");
  out.emit(batch);
  out.checkpoint(Cursor{true, {}}.encode());
}

// One reading of the external contacts, from a cursor on.
struct Contacts::Walk {
  huiliu::Call& call;
  const huiliu::ReadRequest& request;
  const huiliu::RecordSink& out;
  huiliu::Batch batch;
  Membership known;
  std::set<std::string> unassigned;
  TagTable tags;
  bool tags_known = false;
  std::uint64_t emitted = 0;

  bool enough() const { return request.limit > 0 && emitted + batch.size() >= request.limit; }
  void emit() {
    emitted += batch.size();
    out.emit(batch);
    batch.clear();
    call.progress(emitted);
  }
};

// gathered: null or not all that there is to see: the person is looked at by id.
void Contacts::give_on(Walk& walk, const std::string& id, const Person* gathered) const {
  try {
    std::optional<Person> looked;
    const Person& found = gathered != nullptr ? *gathered : looked.emplace(person(walk.call, id));
    if (found.relation_count() > 0)
      walk.batch.upsert(id, json::serialize(shown(walk.call, found, walk.tags, walk.tags_known)));
  } catch (const Refused& refused) {
    if (!is_absence(refused.kind)) throw;  // gone between the list and the look
  }
  if (walk.batch.full()) walk.emit();
}

void Contacts::read_group(Walk& walk, const std::vector<std::string>& users, std::size_t place) const {
  const std::uint64_t enough = walk.request.limit == 0 ? 0 : walk.request.limit - walk.emitted;
  gather(walk.call, {place, users, enough}, walk.known,
         [&](const std::string& id, const Person& gathered, bool whole) {
           if (walk.enough() || walk.unassigned.contains(id) || walk.known.in_earlier_group(id, place))
             return;
           whole = whole && walk.request.limit == 0 && !walk.known.in_several_groups(id);
           give_on(walk, id, whole ? &gathered : nullptr);
         });
  walk.emit();
}

void Contacts::read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) const {
  if (request.mode == HUILIU_READ_KEYS) return read_keys(call, request, out);
  const Cursor from = Cursor::decode(request.cursor);
  const std::vector<std::string> users = followers(call);
  const Groups groups = in_groups(users, from.after);
  // Who belongs to a group that an interrupted walk has read already was emitted there.
  Groups all = groups;
  if (!from.after.empty()) {
    const auto was_read = [&](const std::string& user) { return folded(user) <= from.after; };
    std::copy_if(users.begin(), users.end(), std::back_inserter(*all.emplace(all.begin())), was_read);
  }
  Walk walk{call, request, out, huiliu::Batch(request.stream), {}, unassigned(call), {}};
  if (all.size() > 1) walk.known = members_of(call, all);
  for (std::size_t at = 0; at < groups.size(); ++at) {
    read_group(walk, groups[at], at + (all.size() - groups.size()));
    if (walk.enough()) return;
    if (at + 1 < groups.size()) out.checkpoint(Cursor{false, folded(groups[at].back())}.encode());
  }
  for (const std::string& id : walk.unassigned) {  // the groups do not know all relations of these
    call.stop_if_cancelled();
    if (walk.enough()) return walk.emit();
    give_on(walk, id, nullptr);
  }
  walk.emit();
  out.checkpoint(Cursor{true, {}}.encode());
}

void Contacts::lookup(huiliu::Call& call, const huiliu::LookupRequest& request,
                      huiliu::RecordSink& out) const {
  huiliu::Batch batch(request.stream);
  TagTable tags;
  bool tags_known = false;
  for (const std::string_view key : request.keys) {
    call.stop_if_cancelled();
    try {
      const Person found = person(call, std::string(key));
      if (found.relation_count() == 0)
        batch.remove(key);
      else
        batch.upsert(key, json::serialize(shown(call, found, tags, tags_known)));
    } catch (const Refused& refused) {
      if (refused.kind == ErrorKind::forbidden)  // there, but not for us: neither shown nor gone
        call.info("an external contact is outside the app's visible range", {{"code", refused.remote_code}});
      else if (is_absence(refused.kind))
        batch.remove(key);
      else
        throw;
    }
  }
  out.emit(batch);
}

}  // namespace wecom
