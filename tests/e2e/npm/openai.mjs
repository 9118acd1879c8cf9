// Drives the official client `openai` against BASE_URL.

import OpenAI from "openai";
import { headerOf, serveLines } from "./lines.mjs";

const baseURL = process.env.BASE_URL;

function errorOf(e) {
  return { error: e.constructor.name, status: e.status ?? null, code: e.code ?? null,
           type: e.type ?? null, param: e.param ?? null, message: e.message,
           retry_after: headerOf(e, "retry-after") };
}

async function streamed(client, body) {
  const stream = await client.chat.completions.create({ ...body, stream: true });
  const seen = { pieces: [], chunks: 0, finish: null, usage: null, calls: [], role: null, id: null };
  for await (const chunk of stream) {
    seen.chunks += 1;
    seen.id = chunk.id;
    seen.usage = chunk.usage ?? seen.usage;
    const choice = chunk.choices[0];
    if (!choice)
      continue;
    seen.role = choice.delta.role ?? seen.role;
    seen.finish = choice.finish_reason ?? seen.finish;
    if (choice.delta.content)
      seen.pieces.push(choice.delta.content);
    for (const call of choice.delta.tool_calls ?? [])
      seen.calls.push(call);
  }
  return seen;
}

// Reads the first piece, then goes away.
async function leave(client, body) {
  const stream = await client.chat.completions.create({ ...body, stream: true });
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta?.content)
      break;  // which aborts the request
  }
  return { left: true };
}

const actions = {
  models: async client => {
    const ids = [];
    for await (const model of client.models.list())
      ids.push({ id: model.id, object: model.object, owned_by: model.owned_by });
    return { models: ids };
  },
  create: (client, body) => client.chat.completions.create(body),
  stream: streamed,
  leave,
  // The client's own loop: it carries out the calls itself and sends the results.
  run_tools: async (client, body) => {
    const runner = client.beta.chat.completions.runTools({
      ...body,
      tools: [{ type: "function",
                function: { name: "look_outside", description: "The weather here.",
                            parse: JSON.parse, parameters: { type: "object", properties: {} },
                            function: () => "rain" } }],
    });
    return { final: await runner.finalContent() };
  },
};

await serveLines(apiKey => new OpenAI({ baseURL, apiKey, maxRetries: 0 }), actions, errorOf);
