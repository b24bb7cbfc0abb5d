#include "hub/crypt/sealed_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "hub/crypt/seal.hpp"

namespace huiliu::crypt {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Status;

constexpr std::string_view magic = "HLSEAL1 ";
constexpr std::size_t piece_size = std::size_t{1} << 20;
constexpr std::size_t sealing_adds = 28;  // nonce and tag

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

File create(const std::string& path) {
  const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  return File(fd < 0 ? nullptr : ::fdopen(fd, "wb"));
}

Status cannot(const char* what, const std::string& path) {
  return make_error(ErrorClass::config, what, path);
}

std::string place(std::size_t index, bool last) {
  return "file piece " + std::to_string(index) + (last ? " last" : "");
}

bool write_all(std::FILE* file, std::string_view bytes) {
  return std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
}

bool finish(File& file) { return std::fflush(file.get()) == 0 && ::fsync(::fileno(file.get())) == 0; }

std::string read_some(std::FILE* file, std::size_t size) {
  std::string bytes(size, '\0');
  bytes.resize(std::fread(bytes.data(), 1, size, file));
  return bytes;
}

// The header's id, with the file standing behind it.
std::optional<std::string> read_header(std::FILE* file) {
  if (read_some(file, magic.size()) != magic) return std::nullopt;
  std::string id;
  for (int c = std::fgetc(file); c != '\n'; c = std::fgetc(file)) {
    if (c == EOF || id.size() == 100) return std::nullopt;
    id += static_cast<char>(c);
  }
  return id;
}

}  // namespace

Status seal_file(const std::string& key, const std::string& id, const std::string& from,
                 const std::string& to) {
  const File in(std::fopen(from.c_str(), "rbe"));
  if (in == nullptr) return cannot("cannot be read", from);
  File out = create(to);
  if (out == nullptr) return cannot("cannot be made", to);
  bool good = write_all(out.get(), std::string(magic) + id + "\n");
  std::string piece = read_some(in.get(), piece_size);
  for (std::size_t index = 0; good; ++index) {
    std::string next = read_some(in.get(), piece_size);
    const bool last = next.empty();
    const std::string sealed = encrypt_with(key, id + " " + place(index, last), piece);
    std::string length(4, '\0');
    for (int i = 0; i < 4; ++i)
      length[static_cast<std::size_t>(i)] = static_cast<char>(sealed.size() >> (24 - 8 * i));
    good = write_all(out.get(), length + sealed);
    if (last) break;
    piece = std::move(next);
  }
  if (std::ferror(in.get()) != 0) return cannot("cannot be read", from);
  return good && finish(out) ? Status() : cannot("cannot be written", to);
}

Status unseal_file(const std::string& key, const std::string& from, const std::string& to) {
  const File in(std::fopen(from.c_str(), "rbe"));
  const auto id = in == nullptr ? std::nullopt : read_header(in.get());
  if (!id) return cannot("cannot be read as a sealed file", from);
  File out = create(to);
  if (out == nullptr) return cannot("cannot be made", to);
  const auto damaged = [&] {
    return make_error(ErrorClass::data, "was changed, or cut off, or needs another key", from);
  };
  for (std::size_t index = 0;; ++index) {
    const std::string head = read_some(in.get(), 4);
    if (head.size() != 4) return damaged();
    std::size_t length = 0;
    for (const char c : head) length = length << 8U | static_cast<unsigned char>(c);
    if (length > piece_size + sealing_adds) return damaged();
    const std::string sealed = read_some(in.get(), length);
    const int ahead = std::fgetc(in.get());
    const bool last = ahead == EOF;
    if (!last) std::ungetc(ahead, in.get());
    const auto piece = decrypt_with(key, *id + " " + place(index, last), sealed);
    if (!piece) return damaged();
    if (!write_all(out.get(), *piece)) return cannot("cannot be written", to);
    if (last) break;
  }
  return finish(out) ? Status() : cannot("cannot be written", to);
}

std::optional<std::string> sealed_file_key(const std::string& path) {
  const File in(std::fopen(path.c_str(), "rbe"));
  return in == nullptr ? std::nullopt : read_header(in.get());
}

}  // namespace huiliu::crypt
