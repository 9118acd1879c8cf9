// Makes cl100k_base.ranks.gz from the rank table in the npm package js-tiktoken (MIT licence):
//   npm pack js-tiktoken@1.0.21 && tar xzf js-tiktoken-1.0.21.tgz
//   node make_ranks.mjs package/dist/ranks/cl100k_base.js cl100k_base.ranks.gz
//
// Format before gzip: "PTR1", the number of tokens (32 bits, little endian), then every token in
// the order of its rank, from 0 on without gaps: its length (one byte), its bytes.
import {readFileSync, writeFileSync} from "node:fs";
import {gzipSync} from "node:zlib";

const [source, target] = process.argv.slice(2);
const url = "data:text/javascript;base64," + readFileSync(source).toString("base64");
const table = (await import(url)).default;
const tokens = [];
for (const line of table.bpe_ranks.split("\n").filter((text) => text.length > 0)) {
  const [, offset, ...words] = line.split(" ");
  words.forEach((word, i) => (tokens[Number(offset) + i] = Buffer.from(word, "base64")));
}
for (let rank = 0; rank < tokens.length; ++rank) {
  const size = tokens[rank]?.length ?? 0;
  if (size < 1 || size > 255) throw new Error(`rank ${rank}: a token of ${size} bytes`);
}
const head = Buffer.alloc(8);
head.write("PTR1", "latin1");
head.writeUInt32LE(tokens.length, 4);
const body = tokens.flatMap((token) => [Buffer.from([token.length]), token]);
writeFileSync(target, gzipSync(Buffer.concat([head, ...body]), {level: 9}));
console.log(`${tokens.length} tokens, longest ${Math.max(...tokens.map((t) => t.length))} bytes`);
