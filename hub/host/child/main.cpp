// huiliu-plugin-host: one instance of one connector in a process of its own, which can do nothing but compute
// and talk to the host through descriptor 3. The host starts it (hub/host/isolation.cpp); nobody else has to.
//
//   huiliu-plugin-host                      frames on descriptor 3
//   huiliu-plugin-host --cycles N LIBRARY   loads and unloads the library N times; prints what that left
//   behind
#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "hub/host/child/sandbox.hpp"
#include "hub/host/child/services.hpp"

namespace huiliu::host::child {
namespace {

constexpr int socket_fd = 3;
constexpr const char* entry_name = "huiliu_plugin_entry_v1";
using Entry = const huiliu_plugin* (*)() HUILIU_NOEXCEPT;

// ---- the plugin ----

huiliu_connector slots = {};
void* self = nullptr;
Link* link = nullptr;

void append(void* ctx, huiliu_str text) noexcept {
  if (text.data != nullptr) static_cast<std::string*>(ctx)->append(text.data, text.size);
}

// Opens the library and takes the connector whose manifest this is. Empty: done, else why not.
std::string load(const std::string& library, std::uint32_t index, std::string_view manifest) {
  void* handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return ::dlerror();
  void* symbol = ::dlsym(handle, entry_name);
  if (symbol == nullptr) return std::string("no symbol ") + entry_name;
  const huiliu_plugin* plugin = reinterpret_cast<Entry>(symbol)();
  if (plugin == nullptr || plugin->magic != HUILIU_MAGIC ||
      plugin->struct_size < HUILIU_FIELD_END(huiliu_plugin, connector) || plugin->connector == nullptr)
    return "its entry gives no plugin table";
  if (plugin->abi_minor_needed > HUILIU_ABI_MINOR) return "it needs a later host";
  const huiliu_connector* table = index < plugin->connector_count ? plugin->connector(index) : nullptr;
  if (table == nullptr || table->struct_size < HUILIU_FIELD_END(huiliu_connector, close))
    return "it has no connector " + std::to_string(index);
  std::memcpy(&slots, table, std::min<std::size_t>(table->struct_size, sizeof slots));
  if (slots.describe == nullptr || slots.open == nullptr || slots.close == nullptr)
    return "the connector has no describe, open or close";
  std::string said;
  huiliu_text_sink sink = {sizeof sink, 0, &said, &append};
  if (slots.describe(&sink) != HUILIU_OK || said != manifest)
    return "describe differs from the manifest in the file";
  return {};
}

std::uint32_t offered() {
  const bool set[] = {false,
                      true,
                      true,
                      slots.check != nullptr,
                      slots.discover != nullptr,
                      slots.read != nullptr,
                      slots.lookup != nullptr,
                      slots.find != nullptr,
                      slots.write != nullptr,
                      slots.handle_request != nullptr,
                      slots.authenticate != nullptr,
                      slots.listen != nullptr};
  std::uint32_t bits = 0;
  for (std::uint32_t op = 1; op < std::size(set); ++op)
    if (set[op]) bits |= 1U << op;
  return bits;
}

// ---- operations ----

std::mutex running_mutex;
std::map<std::uint32_t, std::shared_ptr<huiliu_call>> running;

std::shared_ptr<huiliu_call> running_call(std::uint32_t id) {
  const std::lock_guard lock(running_mutex);
  const auto found = running.find(id);
  return found == running.end() ? nullptr : found->second;
}

// In the receiving thread.
void wake(std::uint32_t id) {
  const auto call = running_call(id);
  if (call == nullptr) return;
  call->cancelled = true;
  if (slots.interrupt != nullptr && self != nullptr) slots.interrupt(self);
}

huiliu_status perform(wire::Op op, huiliu_call& call, wire::Reader& in) {
  huiliu_record_sink records = record_sink(call);
  switch (op) {
    case wire::Op::open:
      return slots.open(&host_table(), &call, in.str(), &self);
    case wire::Op::close:
      slots.close(self);
      self = nullptr;
      return HUILIU_OK;
    case wire::Op::check:
      return slots.check(self, &call);
    case wire::Op::discover: {
      huiliu_text_sink sink = text_sink(call);
      return slots.discover(self, &call, &sink);
    }
    case wire::Op::read: {
      huiliu_read_request request = {};
      request.struct_size = sizeof request;
      request.mode = static_cast<std::int32_t>(in.u32());
      request.stream = in.str();
      request.cursor = in.bytes();
      request.limit = in.u64();
      return slots.read(self, &call, &request, &records);
    }
    case wire::Op::lookup: {
      huiliu_lookup_request request = {};
      request.struct_size = sizeof request;
      request.stream = in.str();
      std::vector<huiliu_str> keys(in.count(8));
      for (huiliu_str& key : keys) key = in.str();
      request.keys = keys.data();
      request.key_count = keys.size();
      return slots.lookup(self, &call, &request, &records);
    }
    case wire::Op::find: {
      huiliu_find_request request = {};
      request.struct_size = sizeof request;
      request.stream = in.str();
      const std::vector<huiliu_pair> fields = wire::pairs(in);
      request.fields = fields.data();
      request.field_count = fields.size();
      request.limit = in.u64();
      return slots.find(self, &call, &request, &records);
    }
    case wire::Op::write: {
      const wire::Batch batch = wire::batch(in);
      const huiliu_write_request request = {sizeof request, 0, &batch.batch};
      huiliu_result_sink sink = result_sink(call);
      return slots.write(self, &call, &request, &sink);
    }
    case wire::Op::handle_request: {
      huiliu_web_request request = {};
      request.struct_size = sizeof request;
      request.method = in.str();
      request.target = in.str();
      const std::vector<huiliu_pair> headers = wire::pairs(in);
      request.headers = headers.data();
      request.header_count = static_cast<std::uint32_t>(headers.size());
      request.body = in.bytes();
      huiliu_web_reply reply = web_reply(call);
      return slots.handle_request(self, &call, &request, &records, &reply);
    }
    case wire::Op::authenticate: {
      huiliu_auth_request request = {};
      request.struct_size = sizeof request;
      request.pool_index = in.u32();
      request.credential = in.str();
      huiliu_token_sink sink = token_sink(call);
      return slots.authenticate(self, &call, &request, &sink);
    }
    case wire::Op::listen: {
      const huiliu_listen_request request = {sizeof request, 0};
      return slots.listen(self, &call, &request, &records);
    }
  }
  return HUILIU_UNSUPPORTED;
}

void run(wire::Frame frame) {
  const auto call = std::make_shared<huiliu_call>(frame.header.call);
  {
    const std::lock_guard lock(running_mutex);
    running[call->id] = call;
  }
  wire::Reader in(frame.payload);
  const huiliu_status status = perform(static_cast<wire::Op>(frame.header.request), *call, in);
  {
    const std::lock_guard lock(running_mutex);
    running.erase(call->id);
  }
  wire::Writer out;
  out.u32(static_cast<std::uint32_t>(status));
  out.u32(self != nullptr ? 1 : 0);
  link->send(wire::Kind::result, call->id, 0, out.bytes());
}

int serve() {
  close_descriptors_above(socket_fd);
  static Link the_link(socket_fd, &run, &wake);
  link = &the_link;
  use_link(the_link);
  const std::optional<wire::Frame> first = the_link.take();
  if (!first || first->kind() != wire::Kind::load) return 2;
  wire::Reader in(first->payload);
  SandboxOptions sandbox;
  sandbox.library = in.text();
  const std::uint32_t index = in.u32();
  const std::string manifest(in.text());
  sandbox.memory_bytes = in.u64();
  the_link.set_credit(in.u64());
  std::string problem = enter_sandbox(sandbox);
  if (!problem.empty())
    problem = "the sandbox cannot be entered: " + problem;
  else
    problem = load(sandbox.library, index, manifest);
  wire::Writer out;
  out.u32(problem.empty() ? 1 : 0);
  out.text(problem);
  out.u32(offered());
  the_link.send(wire::Kind::result, first->header.call, 0, out.bytes());
  if (!problem.empty()) return 1;
  the_link.start();
  the_link.serve();
}

// ---- the unload probe of the conformance kit ----

long resident_kib() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 0;  // a sanitizer keeps what was freed
#endif
  long size = 0, resident = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return -1;
  const int read = std::fscanf(file, "%ld %ld", &size, &resident);
  std::fclose(file);
  return read == 2 ? resident * (::sysconf(_SC_PAGESIZE) / 1024) : -1;
}

long open_descriptors() {
  long open = 0;
  for (int fd = 0; fd < 1024; ++fd) open += ::lseek(fd, 0, SEEK_CUR) >= 0 || errno != EBADF ? 1 : 0;
  return open;
}

bool load_once(const char* library) {
  void* handle = ::dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return false;
  void* symbol = ::dlsym(handle, entry_name);
  const huiliu_plugin* plugin = symbol == nullptr ? nullptr : reinterpret_cast<Entry>(symbol)();
  bool good = plugin != nullptr;
  for (std::uint32_t i = 0; good && i < plugin->connector_count; ++i) {
    std::string said;
    huiliu_text_sink sink = {sizeof sink, 0, &said, &append};
    good = plugin->connector(i)->describe(&sink) == HUILIU_OK && !said.empty();
  }
  ::dlclose(handle);
  return good;
}

int cycle(int times, const char* library) {
  if (!load_once(library)) {
    std::printf("{\"loaded\":false}\n");
    return 1;
  }
  for (int i = 0; i < times / 10; ++i) load_once(library);
  const long kib = resident_kib(), descriptors = open_descriptors();
  int loaded = 1 + times / 10;
  for (; loaded < times && load_once(library); ++loaded) continue;
  void* still = ::dlopen(library, RTLD_NOW | RTLD_NOLOAD);
  std::printf("{\"loaded\":%s,\"cycles\":%d,\"unloads\":%s,\"grown_kib\":%ld,\"descriptors\":%ld}\n",
              loaded == times ? "true" : "false", loaded, still == nullptr ? "true" : "false",
              resident_kib() - kib, open_descriptors() - descriptors);
  return 0;
}

}  // namespace
}  // namespace huiliu::host::child

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "--cycles")
    return huiliu::host::child::cycle(std::atoi(argv[2]), argv[3]);
  if (argc != 1) {
    std::fprintf(stderr, "huiliu-plugin-host is started by the hub\n");
    return 2;
  }
  return huiliu::host::child::serve();
}
