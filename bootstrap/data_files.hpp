#pragma once
// Finds and reads the data that comes with the program: token ranks, tables, prompts.

#include "domain/failure.hpp"
#include "domain/prompt/prompt_texts.hpp"
#include "domain/text/tokenizer.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace persona_runtime {

struct data_folder {
  std::filesystem::path path;  // holds tokenizer/, tiers/, …
  std::string_view source;     // "PERSONA_SHARE", "installed" or "source tree"
};

/// Where the data lies: `share` (the value of PERSONA_SHARE) when it is not empty, else
/// ../share/persona-runtime beside the program, else config/ of the source tree it was built
/// from. Fails with internal_error that names what was tried.
[[nodiscard]] result<data_folder> find_data_folder(std::string_view share,
                                                   const std::filesystem::path& program);

/// A whole file, at most `bytes_max`. Fails with validation_error that names the file.
[[nodiscard]] result<std::string> read_file(const std::filesystem::path& file,
                                            std::size_t bytes_max);

/// The bytes in a gzip or zlib stream, at most `bytes_max` after inflating.
[[nodiscard]] result<std::string> inflated(std::string_view compressed, std::size_t bytes_max);

/// The tokenizer from tokenizer/cl100k_base.ranks.gz below `folder`. Takes about 20 ms.
[[nodiscard]] result<tokenizer_ptr> load_tokenizer(const std::filesystem::path& folder);

/// The texts of prompts/run.yaml below `folder`. Fails with validation_error that names the line.
[[nodiscard]] result<prompt_texts> load_prompts(const std::filesystem::path& folder);

}  // namespace persona_runtime
