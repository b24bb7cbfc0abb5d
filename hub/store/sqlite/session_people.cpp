// Reviews, and the questions of people: lists, search, counts.
#include "hub/store/sqlite/session.hpp"
#include "hub/sync/codec.hpp"

namespace huiliu::store::sqlite {
namespace {

sync::Review decoded_review(std::string_view body) {
  auto review = sync::decode_review(body);
  if (!review.ok()) throw sync::StorageFailure("a review cannot be read: " + review.error().text());
  return std::move(*review);
}

std::vector<sync::Review> all_reviews(Statement& q) {
  std::vector<sync::Review> reviews;
  while (q.step()) reviews.push_back(decoded_review(q.view(0)));
  return reviews;
}

}  // namespace

void Session::save(const sync::Review& review) {
  must_write();
  const auto body = sync::encode(review);
  database_
      .query(
          "INSERT INTO review(rid, kind, state, golden, connection, dedupe, body) VALUES(?, ?, ?, ?, ?, ?, ?)"
          " ON CONFLICT(rid) DO UPDATE SET kind=excluded.kind, state=excluded.state, golden=excluded.golden,"
          " connection=excluded.connection, dedupe=excluded.dedupe, body=excluded.body")
      .bind(review.id, static_cast<int>(review.kind), review.state, review.golden, review.connection,
            review.dedupe, body)
      .run();
}

std::optional<sync::Review> Session::load_review(const std::string& id) {
  auto q = database_.query("SELECT body FROM review WHERE rid=?");
  if (!q.bind(id).step()) return std::nullopt;
  return decoded_review(q.view(0));
}

std::optional<sync::Review> Session::open_review(const std::string& dedupe) {
  auto q = database_.query("SELECT body FROM review WHERE dedupe=?1 AND state='open' AND dedupe<>''");
  if (!q.bind(dedupe).step()) return std::nullopt;
  return decoded_review(q.view(0));
}

std::vector<sync::Review> Session::open_reviews_of(const GoldenId& golden) {
  auto q = database_.query("SELECT body FROM review WHERE golden=? AND state='open' ORDER BY rid");
  q.bind(golden);
  return all_reviews(q);
}

std::vector<sync::Review> Session::list_reviews(const ReviewQuery& query, const Page& page) {
  auto q = database_.query(
      "SELECT body FROM review WHERE rid>?1 AND (?2='' OR state=?2) AND (?3<0 OR kind=?3)"
      " AND (?4='' OR connection=?4) ORDER BY rid LIMIT ?5");
  q.bind(page.after, query.state, query.kind ? static_cast<int>(*query.kind) : -1, query.connection,
         page.limit);
  return all_reviews(q);
}

std::map<sync::ReviewKind, std::int64_t> Session::count_reviews(const std::string& state) {
  auto q = database_.query("SELECT kind, count(*) FROM review WHERE ?1='' OR state=?1 GROUP BY kind");
  q.bind(state);
  std::map<sync::ReviewKind, std::int64_t> counts;
  while (q.step()) counts.emplace(static_cast<sync::ReviewKind>(q.integer(0)), q.integer(1));
  return counts;
}

std::vector<sync::Golden> Session::list_goldens(const GoldenQuery& query, const Page& page) {
  flush();
  return goldens_.list(query, page);
}

std::vector<GoldenId> Session::search(const std::string& entity, const std::string& text, std::size_t limit,
                                      const Scopes& scopes) {
  flush();
  return goldens_.search(entity, text, limit, scopes);
}

std::vector<RecordCount> Session::count_records() {
  flush();
  return replicas_.count();
}

std::vector<GoldenCount> Session::count_goldens() {
  flush();
  return goldens_.count();
}

}  // namespace huiliu::store::sqlite
