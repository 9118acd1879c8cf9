// Drives the official client `ollama` against BASE_URL.

import { Ollama } from "ollama";
import { serveLines } from "./lines.mjs";

const host = process.env.BASE_URL;

function errorOf(e) {
  return { error: e.name, status: e.status_code ?? null, message: e.message };
}

async function streamed(client, body) {
  const seen = { pieces: [], calls: [], last: null };
  for await (const part of await client.chat({ ...body, stream: true })) {
    if (part.message.content)
      seen.pieces.push(part.message.content);
    seen.calls.push(...(part.message.tool_calls ?? []));
    seen.last = part;
  }
  return seen;
}

const actions = {
  create: (client, body) => client.chat(body),
  stream: streamed,
  list: client => client.list(),
};

await serveLines(key => new Ollama({ host, headers: { Authorization: `Bearer ${key}` } }), actions,
                 errorOf);
