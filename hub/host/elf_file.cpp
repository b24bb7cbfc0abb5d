#include "hub/host/elf_file.hpp"

#include <elf.h>
#include <huiliu/plugin.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <system_error>

namespace huiliu::host {
namespace {

constexpr std::uint64_t max_section_bytes = std::uint64_t{16} << 20;
constexpr std::uint64_t max_sections = 4096;

#if defined(__x86_64__)
constexpr std::uint16_t own_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t own_machine = EM_AARCH64;
#else
#error "state the ELF machine of this architecture"
#endif

// The bytes of a file, each read checked against its end.
class ElfReader {
 public:
  explicit ElfReader(const std::string& path) : path_(path), stream_(path, std::ios::binary) {}

  model::Error error(const std::string& found_and_wanted) const {
    return model::make_error(model::ErrorClass::config, found_and_wanted, path_);
  }
  bool open() const { return stream_.is_open(); }

  model::Result<std::string> bytes(std::uint64_t offset, std::uint64_t size) {
    if (size > max_section_bytes)
      return error("found a section of " + std::to_string(size) + " bytes, want at most " +
                   std::to_string(max_section_bytes));
    std::string out(size, '\0');
    stream_.clear();
    stream_.seekg(static_cast<std::streamoff>(offset));
    stream_.read(out.data(), static_cast<std::streamsize>(size));
    if (!stream_) return error("found a file that ends early, want a whole shared library");
    return out;
  }

  template <class T>
  model::Result<T> read(std::uint64_t offset) {
    HUILIU_ASSIGN(const std::string raw, bytes(offset, sizeof(T)));
    T out{};
    raw.copy(reinterpret_cast<char*>(&out), sizeof out);
    return out;
  }

 private:
  std::string path_;
  std::ifstream stream_;
};

model::Result<Elf64_Ehdr> read_elf_header(ElfReader& file) {
  auto header = file.read<Elf64_Ehdr>(0);
  const bool elf = header.ok() && std::memcmp(header->e_ident, ELFMAG, SELFMAG) == 0;
  if (!elf) return file.error("found a file that is not ELF, want a shared library");
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB)
    return file.error("found another ELF class or byte order, want 64-bit little-endian");
  if (header->e_machine != own_machine)
    return file.error("found a library for machine " + std::to_string(header->e_machine) + ", want " +
                      std::to_string(own_machine));
  if (header->e_type != ET_DYN) return file.error("found an ELF file that is not a shared library");
  if (header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shnum == 0 || header->e_shnum > max_sections ||
      header->e_shstrndx >= header->e_shnum)
    return file.error("found no usable section table, want one (was the file stripped of it?)");
  return header;
}

std::string section_name(const std::string& names, std::uint32_t offset) {
  if (offset >= names.size()) return {};
  return std::string(names.c_str() + offset);
}

model::Status take_note(const ElfReader& file, const std::string& bytes, PluginFile& out) {
  huiliu_note note = {};
  if (bytes.size() < sizeof note) return file.error("found a short .note.huiliu, want a whole one");
  std::memcpy(&note, bytes.data(), sizeof note);
  if (note.magic != HUILIU_MAGIC || std::memcmp(note.name, "Huiliu", 7) != 0)
    return file.error("found a .note.huiliu with another magic, want a Huiliu plugin");
  out.abi_major = note.abi_major;
  out.abi_minor_built = note.abi_minor_built;
  out.abi_minor_needed = note.abi_minor_needed;
  return {};
}

// Each manifest ends with a zero byte; JSON text has none inside.
void take_manifests(const std::string& bytes, PluginFile& out) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\0', at), bytes.size());
    if (end > at) out.manifests.push_back(bytes.substr(at, end - at));
    at = end + 1;
  }
}

}  // namespace

model::Result<PluginFile> read_plugin_file(const std::string& path) {
  errno = 0;
  ElfReader file(path);
  if (!file.open())
    return file.error("cannot be opened: " + std::generic_category().message(errno != 0 ? errno : ENOENT));
  HUILIU_ASSIGN(const Elf64_Ehdr header, read_elf_header(file));
  HUILIU_ASSIGN(const std::string table,
                file.bytes(header.e_shoff, std::uint64_t{header.e_shnum} * sizeof(Elf64_Shdr)));
  const auto section = [&](std::size_t index) {
    Elf64_Shdr out;
    std::memcpy(&out, table.data() + index * sizeof out, sizeof out);
    return out;
  };
  const Elf64_Shdr names_section = section(header.e_shstrndx);
  HUILIU_ASSIGN(const std::string names, file.bytes(names_section.sh_offset, names_section.sh_size));

  PluginFile out;
  bool has_note = false;
  for (std::size_t i = 0; i < header.e_shnum; ++i) {
    const Elf64_Shdr found = section(i);
    const std::string name = section_name(names, found.sh_name);
    if (found.sh_type == SHT_NOBITS || (name != ".note.huiliu" && name != ".huiliu.manifest")) continue;
    HUILIU_ASSIGN(const std::string bytes, file.bytes(found.sh_offset, found.sh_size));
    if (name == ".note.huiliu") {
      HUILIU_TRY(take_note(file, bytes, out));
      has_note = true;
    } else {
      take_manifests(bytes, out);
    }
  }
  if (!has_note) return file.error("found no .note.huiliu, want a Huiliu plugin");
  if (out.manifests.empty())
    return file.error("found no .huiliu.manifest, want the manifest of each connector");
  return out;
}

}  // namespace huiliu::host
