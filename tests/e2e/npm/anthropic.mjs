// Drives the official client `@anthropic-ai/sdk` against BASE_URL.

import Anthropic from "@anthropic-ai/sdk";
import { headerOf, serveLines } from "./lines.mjs";

const baseURL = process.env.BASE_URL;

function errorOf(e) {
  return { error: e.constructor.name, status: e.status ?? null,
           type: e.error?.error?.type ?? null, message: e.message,
           retry_after: headerOf(e, "retry-after") };
}

// The events as they come.
async function streamed(client, body) {
  const seen = { pieces: [], json: "", events: [], stop: null, usage: null };
  for await (const event of await client.messages.create({ ...body, stream: true })) {
    seen.events.push(event.type);
    if (event.type === "content_block_delta" && event.delta.type === "text_delta")
      seen.pieces.push(event.delta.text);
    if (event.type === "content_block_delta" && event.delta.type === "input_json_delta")
      seen.json += event.delta.partial_json;
    if (event.type === "message_delta") {
      seen.stop = event.delta.stop_reason;
      seen.usage = event.usage;
    }
  }
  return seen;
}

const actions = {
  create: (client, body) => client.messages.create(body),
  stream: streamed,
  // The client's own assembly of the events.
  gather: (client, body) => client.messages.stream(body).finalMessage(),
};

await serveLines(apiKey => new Anthropic({ baseURL, apiKey, maxRetries: 0 }), actions, errorOf);
