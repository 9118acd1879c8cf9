#include "bootstrap/data_files.hpp"

#include <zlib.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace persona_runtime {
namespace {

constexpr std::size_t ranks_bytes_max = 16u << 20;
constexpr std::size_t prompt_bytes_max = 256u << 10;

bool is_data_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path / "tokenizer", ignored);
}

failure cannot_read(const std::filesystem::path& file, const std::string& why) {
  return {errc::validation_error, "cannot read " + file.string() + ": " + why};
}

}  // namespace

result<data_folder> find_data_folder(std::string_view share, const std::filesystem::path& program) {
  if (!share.empty()) {
    const std::filesystem::path path{share};
    if (is_data_folder(path))
      return data_folder{path, "PERSONA_SHARE"};
    return failure{errc::internal_error, "PERSONA_SHARE=" + path.string()
                                           + " does not hold the data files (no tokenizer/ there)"};
  }
  const auto installed = program.parent_path() / ".." / "share" / "persona-runtime";
  if (is_data_folder(installed))
    return data_folder{installed.lexically_normal(), "installed"};
  const std::filesystem::path source{PERSONA_CONFIG_DIR};
  if (is_data_folder(source))
    return data_folder{source, "source tree"};
  return failure{errc::internal_error, "the data files are neither in " + installed.string()
                                         + " nor in " + source.string()
                                         + "; set PERSONA_SHARE to the folder that holds them"};
}

result<std::string> read_file(const std::filesystem::path& file, std::size_t bytes_max) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    return cannot_read(file, error ? error.message() : "it is not a file");
  const auto size = std::filesystem::file_size(file, error);
  if (error)
    return cannot_read(file, error.message());
  if (size > bytes_max)
    return cannot_read(file, "it has " + std::to_string(size) + " bytes, at most "
                               + std::to_string(bytes_max) + " are allowed");
  std::ifstream in{file, std::ios::binary};
  std::string bytes(size, '\0');
  if (!in.read(bytes.data(), static_cast<std::streamsize>(size)))
    return cannot_read(file, std::generic_category().message(errno));
  return bytes;
}

result<std::string> inflated(std::string_view compressed, std::size_t bytes_max) {
  z_stream stream{};
  constexpr int gzip_or_zlib = 32 + MAX_WBITS;
  if (inflateInit2(&stream, gzip_or_zlib) != Z_OK)
    return failure{errc::internal_error, "zlib cannot be started"};
  // zlib takes the input as mutable and does not change it.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string out;
  std::array<char, 65536> block;
  int state = Z_OK;
  while (state == Z_OK && out.size() <= bytes_max) {
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = static_cast<uInt>(block.size());
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(block.data(), block.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (out.size() > bytes_max)
    return failure{errc::validation_error, "the compressed data is larger than allowed"};
  if (state != Z_STREAM_END)
    return failure{errc::validation_error, "the compressed data is broken or cut off"};
  return out;
}

result<tokenizer_ptr> load_tokenizer(const std::filesystem::path& folder) {
  const auto file = folder / "tokenizer" / "cl100k_base.ranks.gz";
  auto compressed = read_file(file, ranks_bytes_max);
  if (!compressed)
    return compressed.error();
  auto ranks = inflated(*compressed, ranks_bytes_max);
  if (!ranks)
    return cannot_read(file, ranks.error().detail);
  auto loaded = tokenizer::load(*ranks);
  if (!loaded)
    return cannot_read(file, loaded.error().detail);
  return *loaded;
}

result<prompt_texts> load_prompts(const std::filesystem::path& folder) {
  const auto text = read_file(folder / "prompts" / "run.yaml", prompt_bytes_max);
  if (!text)
    return text.error();
  auto texts = parse_prompt_texts(*text);
  if (!texts)
    return failure{errc::validation_error, describe(texts.error().front(), "prompts/run.yaml")};
  return std::move(*texts);
}

}  // namespace persona_runtime
