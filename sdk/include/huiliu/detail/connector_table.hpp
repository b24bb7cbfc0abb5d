// huiliu/detail/connector_table.hpp - turns a connector class into the C table of plugin.h. Included by
// plugin.hpp; nothing here is for authors.
#pragma once

#include "huiliu/plugin.hpp"

namespace huiliu::detail {

template <class T>
struct Instance {
  const huiliu_host* host;
  T connector;
};

inline huiliu_status fail(const huiliu_host* host, huiliu_call* call,
                          const huiliu_failure& failure) noexcept {
  host->calls->fail(call, &failure);
  return failure.status;
}

inline huiliu_status bug(const huiliu_host* host, huiliu_call* call, const char* what) noexcept {
  const huiliu_failure failure = {sizeof failure, HUILIU_BUG, {what, std::strlen(what)}, {}, {}, -1};
  return fail(host, call, failure);
}

// The boundary: every operation of every connector runs inside this function.
template <class F>
huiliu_status guarded(const huiliu_host* host, huiliu_call* call, F&& operation) noexcept {
  try {
    std::forward<F>(operation)();
    return HUILIU_OK;
  } catch (const Cancelled&) {
    return HUILIU_CANCELLED;
  } catch (const Failure& failure) {
    return fail(host, call, to_failure(failure));
  } catch (const std::exception& error) {
    return bug(host, call, error.what());
  } catch (...) {
    return bug(host, call, "an exception of unknown type");
  }
}

// Named: the class has a member of that name. Does: it can be called as the host will call it.
// clang-format off
template <class T> concept NamesCheck = requires { &T::check; };
template <class T> concept NamesDiscover = requires { &T::discover; };
template <class T> concept NamesRead = requires { &T::read; };
template <class T> concept NamesLookup = requires { &T::lookup; };
template <class T> concept NamesFind = requires { &T::find; };
template <class T> concept NamesWrite = requires { &T::write; };
template <class T> concept NamesWriteOne = requires { &T::write_one; };
template <class T> concept NamesHandleRequest = requires { &T::handle_request; };
template <class T> concept NamesAuthenticate = requires { &T::authenticate; };
template <class T> concept NamesListen = requires { &T::listen; };
template <class T> concept NamesInterrupt = requires { &T::interrupt; };

template <class T> concept Checks = requires(T& t, Call& call) { t.check(call); };
template <class T> concept Discovers = requires(T& t, Call& call) {
  { t.discover(call) } -> std::convertible_to<std::string>;
};
template <class T> concept Reads = requires(T& t, Call& call, const ReadRequest& in, RecordSink& out) {
  t.read(call, in, out);
};
template <class T> concept LooksUp = requires(T& t, Call& call, const LookupRequest& in, RecordSink& out) {
  t.lookup(call, in, out);
};
template <class T> concept Finds = requires(T& t, Call& call, const FindRequest& in, RecordSink& out) {
  t.find(call, in, out);
};
template <class T> concept Writes = requires(T& t, Call& call, const Records& in, ResultSink& out) {
  t.write(call, in, out);
};
template <class T> concept WritesOne = requires(T& t, Call& call, std::string_view stream, const Record& record) {
  { t.write_one(call, stream, record) } -> std::same_as<Outcome>;
};
template <class T> concept HandlesRequest = requires(T& t, Call& call, const WebRequest& in, RecordSink& out) {
  t.handle_request(call, in, out);
};
template <class T> concept Authenticates = requires(const T& t, Call& call, std::string_view credential) {
  { t.authenticate(call, credential) } -> std::same_as<Token>;
};
template <class T> concept Listens = requires(T& t, Call& call, RecordSink& out) { t.listen(call, out); };
template <class T> concept Interrupts = requires(T& t) { { t.interrupt() } noexcept; };
// clang-format on

inline void defer_from(std::size_t index, const Records& records, const ResultSink& results) {
  for (; index < records.size(); ++index) results.report(index, Outcome::deferred("not tried"));
}

// A write for a remote that takes one record at a time. A record that throws DataError is rejected and the
// next one is tried. Anything else that is thrown ends the batch: the record at hand is in doubt, unless its
// request surely never arrived, and those not yet tried are deferred.
template <WritesOne T>
void write_each(T& connector, Call& call, const Records& records, ResultSink& results) {
  for (std::size_t index = 0; index < records.size(); ++index) {
    try {
      results.report(index, connector.write_one(call, records.stream(), records[index]));
    } catch (const NoAnswer& none) {
      results.failed(index, none.maybe_delivered ? HUILIU_IN_DOUBT : HUILIU_DEFERRED, none);
      defer_from(index + 1, records, results);
      throw;
    } catch (const Failure& failure) {
      if (failure.status == HUILIU_DATA) {
        results.failed(index, HUILIU_REJECTED, failure);
        continue;
      }
      const bool refused = failure.status == HUILIU_AUTH || failure.status == HUILIU_CONFIG ||
                           failure.status == HUILIU_THROTTLED || failure.status == HUILIU_UNSUPPORTED;
      results.failed(index, refused ? HUILIU_DEFERRED : HUILIU_IN_DOUBT, failure);
      defer_from(index + 1, records, results);
      throw;
    } catch (...) {
      defer_from(index + 1, records, results);
      throw;
    }
  }
}

inline void hand_over(const Token& token, huiliu_token_sink* out) {
  std::vector<huiliu_placement> placements;
  for (const Placement& place : token.placements)
    placements.push_back({to_str(place.host), to_str(place.name), to_str(place.value), place.kind, 0});
  const huiliu_token raw = {sizeof raw,          sizeof(huiliu_placement), to_str(token.text),
                            token.expires_at_us, placements.data(),        placements.size()};
  out->put(out->ctx, &raw);
}

template <class T>
Instance<T>& self_of(void* self) noexcept {
  return *static_cast<Instance<T>*>(self);
}

// Runs operation(connector, call) inside the boundary.
template <class T, class F>
huiliu_status run(void* self, huiliu_call* raw, F&& operation) noexcept {
  auto& me = self_of<T>(self);
  return guarded(me.host, raw, [&] {
    Call call(me.host, raw);
    operation(me.connector, call);
  });
}

template <class T>
constexpr void check_signatures() noexcept {
  static_assert(std::is_convertible_v<decltype(T::manifest), std::string_view>,
                "want: static constexpr std::string_view manifest");
  static_assert(
      std::constructible_from<T, Call&, std::string_view> || std::constructible_from<T, std::string_view>,
      "want: a constructor from (std::string_view settings) or (huiliu::Call&, std::string_view)");
  static_assert(Checks<T> || !NamesCheck<T>, "want: void check(huiliu::Call&)");
  static_assert(Discovers<T> || !NamesDiscover<T>, "want: std::string discover(huiliu::Call&)");
  static_assert(Reads<T> || !NamesRead<T>,
                "want: void read(huiliu::Call&, const huiliu::ReadRequest&, huiliu::RecordSink&)");
  static_assert(LooksUp<T> || !NamesLookup<T>,
                "want: void lookup(huiliu::Call&, const huiliu::LookupRequest&, huiliu::RecordSink&)");
  static_assert(Finds<T> || !NamesFind<T>,
                "want: void find(huiliu::Call&, const huiliu::FindRequest&, huiliu::RecordSink&)");
  static_assert(Writes<T> || !NamesWrite<T>,
                "want: void write(huiliu::Call&, const huiliu::Records&, huiliu::ResultSink&)");
  static_assert(
      WritesOne<T> || !NamesWriteOne<T>,
      "want: huiliu::Outcome write_one(huiliu::Call&, std::string_view stream, const huiliu::Record&)");
  static_assert(HandlesRequest<T> || !NamesHandleRequest<T>,
                "want: void handle_request(huiliu::Call&, const huiliu::WebRequest&, huiliu::RecordSink&)");
  static_assert(Authenticates<T> || !NamesAuthenticate<T>,
                "want: huiliu::Token authenticate(huiliu::Call&, std::string_view credential) const");
  static_assert(Listens<T> || !NamesListen<T>, "want: void listen(huiliu::Call&, huiliu::RecordSink&)");
  static_assert(Interrupts<T> || !NamesInterrupt<T>, "want: void interrupt() noexcept");
  static_assert(!(Writes<T> && WritesOne<T>), "have write or write_one, not both");
}

template <class T>
constexpr huiliu_connector table_of() noexcept {
  check_signatures<T>();
  huiliu_connector table = {};
  table.struct_size = sizeof table;
  table.describe = [](huiliu_text_sink* out) noexcept -> huiliu_status {
    out->put(out->ctx, to_str(T::manifest));
    return HUILIU_OK;
  };
  table.open = [](const huiliu_host* host, huiliu_call* raw, huiliu_str settings, void** self) noexcept {
    return guarded(host, raw, [&] {
      if constexpr (std::constructible_from<T, Call&, std::string_view>) {
        Call call(host, raw);
        *self = new Instance<T>{host, T(call, view(settings))};
      } else {
        *self = new Instance<T>{host, T(view(settings))};
      }
    });
  };
  table.close = [](void* self) noexcept { delete static_cast<Instance<T>*>(self); };
  if constexpr (Checks<T>) {
    table.check = [](void* self, huiliu_call* raw) noexcept {
      return run<T>(self, raw, [](T& connector, Call& call) { connector.check(call); });
    };
  }
  if constexpr (Discovers<T>) {
    table.discover = [](void* self, huiliu_call* raw, huiliu_text_sink* out) noexcept {
      return run<T>(self, raw, [&](T& connector, Call& call) {
        const std::string streams = connector.discover(call);
        out->put(out->ctx, to_str(streams));
      });
    };
  }
  if constexpr (Reads<T>) {
    table.read = [](void* self, huiliu_call* raw, const huiliu_read_request* in,
                    huiliu_record_sink* out) noexcept {
      return run<T>(self, raw, [&](T& connector, Call& call) {
        const ReadRequest request = {in->mode, view(in->stream), view(in->cursor), in->limit};
        RecordSink sink(out);
        connector.read(call, request, sink);
      });
    };
  }
  if constexpr (LooksUp<T>) {
    table.lookup = [](void* self, huiliu_call* raw, const huiliu_lookup_request* in,
                      huiliu_record_sink* out) noexcept {
      return run<T>(self, raw, [&](T& connector, Call& call) {
        LookupRequest request = {view(in->stream), {}};
        for (std::size_t i = 0; i < in->key_count; ++i) request.keys.push_back(view(in->keys[i]));
        RecordSink sink(out);
        connector.lookup(call, std::as_const(request), sink);
      });
    };
  }
  if constexpr (Finds<T>) {
    table.find = [](void* self, huiliu_call* raw, const huiliu_find_request* in,
                    huiliu_record_sink* out) noexcept {
      return run<T>(self, raw, [&](T& connector, Call& call) {
        FindRequest request = {view(in->stream), {}, in->limit};
        for (std::size_t i = 0; i < in->field_count; ++i)
          request.fields.emplace_back(view(in->fields[i].name), view(in->fields[i].value));
        RecordSink sink(out);
        connector.find(call, std::as_const(request), sink);
      });
    };
  }
  if constexpr (Writes<T> || WritesOne<T>) {
    table.write = [](void* self, huiliu_call* raw, const huiliu_write_request* in,
                     huiliu_result_sink* out) noexcept {
      return run<T>(self, raw, [&](T& connector, Call& call) {
        const Records records(in->batch);
        ResultSink sink(out);
        if constexpr (Writes<T>)
          connector.write(call, records, sink);
        else
          write_each(connector, call, records, sink);
      });
    };
  }
  if constexpr (HandlesRequest<T>) {
    table.handle_request = [](void* self, huiliu_call* raw, const huiliu_web_request* in,
                              huiliu_record_sink* out, huiliu_web_reply* reply) noexcept {
      return run<T>(self, raw, [&](T& connector, Call& call) {
        const WebRequest request(in, reply);
        RecordSink sink(out);
        connector.handle_request(call, request, sink);
      });
    };
  }
  if constexpr (Authenticates<T>) {
    table.authenticate = [](void* self, huiliu_call* raw, const huiliu_auth_request* in,
                            huiliu_token_sink* out) noexcept {
      return run<T>(self, raw, [&](const T& connector, Call& call) {
        hand_over(connector.authenticate(call, view(in->credential)), out);
      });
    };
  }
  if constexpr (Listens<T>) {
    table.listen = [](void* self, huiliu_call* raw, const huiliu_listen_request*,
                      huiliu_record_sink* out) noexcept {
      return run<T>(self, raw, [&](T& connector, Call& call) {
        RecordSink sink(out);
        connector.listen(call, sink);
      });
    };
  }
  if constexpr (Interrupts<T>) {
    table.interrupt = [](void* self) noexcept { self_of<T>(self).connector.interrupt(); };
  }
  return table;
}

template <class... Ts>
inline constexpr std::uint32_t count_of = sizeof...(Ts);

template <class... Ts>
const huiliu_connector* connector_at(std::uint32_t index) noexcept {
  static constexpr huiliu_connector tables[] = {table_of<Ts>()...};
  return index < sizeof...(Ts) ? &tables[index] : nullptr;
}

// The manifests one after the other, each ended by a zero byte: what stands in the section .huiliu.manifest.
template <class... Ts>
constexpr auto joined_manifests() noexcept {
  std::array<char, (std::string_view(Ts::manifest).size() + ...) + sizeof...(Ts)> out = {};
  std::size_t at = 0;
  const auto append = [&](std::string_view text) {
    for (const char c : text) out[at++] = c;
    out[at++] = '\0';
  };
  (append(Ts::manifest), ...);
  return out;
}

}  // namespace huiliu::detail
