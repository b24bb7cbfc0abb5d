#include "hub/host/token_cache.hpp"

#include <algorithm>

namespace huiliu::host {
namespace {

// When to fetch anew, before a token's end: a tenth of its life or a minute before, but never in its first
// half.
model::Micros renewal_time(model::Micros now, model::Micros expires_at) {
  if (expires_at == model::unknown_time) return model::unknown_time;
  const model::Micros life = std::max<model::Micros>(expires_at - now, 0);
  return expires_at - std::min(std::max(60 * model::second, life / 10), life / 2);
}

}  // namespace

TokenCache::Lease& TokenCache::Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    std::swap(token_, other.token_);
    std::swap(load_, other.load_);
    std::swap(cache_, other.cache_);
    std::swap(pool_index_, other.pool_index_);
  }
  return *this;
}

TokenCache::Lease::~Lease() {
  if (!load_) return;
  const std::lock_guard lock(cache_->mutex_);
  --*load_;
}

std::size_t TokenCache::least_busy(const std::vector<std::shared_ptr<Place>>& places) const {
  std::size_t best = 0;
  for (std::size_t i = 1; i < places.size(); ++i)
    if (*places[i]->load < *places[best]->load) best = i;
  return best;
}

model::Result<TokenCache::Lease> TokenCache::acquire(const std::string& key, std::uint32_t pool,
                                                     model::Micros now, const Fetch& fetch,
                                                     const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  auto& places = pools_[key];
  while (places.size() < std::max(pool, 1U)) places.push_back(std::make_shared<Place>());
  const std::size_t index = least_busy(places);
  const std::shared_ptr<Place> place = places[index];
  const auto pool_index = static_cast<std::uint32_t>(index);
  const auto lease = [&] {
    ++*place->load;
    return Lease(place->token, place->load, this, pool_index);
  };
  const auto usable = [&] {
    return place->token && (place->renew_at == model::unknown_time || now < place->renew_at);
  };
  while (!usable()) {
    if (place->fetching) {
      const std::uint64_t awaited = place->fetches_begun;
      if (!fetched_.wait(lock, stop, [&] { return place->fetches_ended >= awaited; }))
        return model::make_error(model::ErrorClass::cancelled, "stopped while waiting for a token");
      if (place->failed && !place->cancelled) return place->last_error;
      if (place->token && !place->failed) return lease();
      continue;
    }
    place->fetching = true;
    ++place->fetches_begun;
    lock.unlock();
    model::Result<Token> token =
        model::make_error(model::ErrorClass::bug, "the token's fetch did not return");
    try {
      token = fetch(pool_index);
    } catch (const std::exception& error) {
      token = model::make_error(model::ErrorClass::bug, std::string("fetching a token: ") + error.what());
    }
    lock.lock();
    place->fetching = false;
    ++place->fetches_ended;
    place->failed = !token.ok();
    place->cancelled = !token.ok() && token.error().error_class == model::ErrorClass::cancelled;
    if (token.ok()) {
      place->renew_at = renewal_time(now, token->expires_at);
      place->token = std::make_shared<HeldToken>(HeldToken{std::move(*token), next_generation_++});
    } else {
      place->last_error = token.error();
    }
    fetched_.notify_all();
    if (!token.ok()) return token.error();
    return lease();  // Even one that is about to expire: it is the newest there is.
  }
  return lease();
}

void TokenCache::invalidate(const std::string& key, std::uint32_t pool_index, std::uint64_t generation) {
  const std::lock_guard lock(mutex_);
  const auto found = pools_.find(key);
  if (found == pools_.end() || pool_index >= found->second.size()) return;
  Place& place = *found->second[pool_index];
  if (place.token && place.token->generation == generation) place.token = nullptr;
}

}  // namespace huiliu::host
