// What the drivers share: reads one JSON object a line, {"do", "key"?, "body"?}, carries it out with
// a client of its own and writes what came of it, one JSON object a line.

import readline from "node:readline";

// `makeClient(key)`; `actions`: name -> async (client, body) => answer.
export async function serveLines(makeClient, actions, errorOf) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const wanted = JSON.parse(line);
    let answer;
    try {
      answer = await actions[wanted.do](makeClient(wanted.key ?? "none"), wanted.body);
    } catch (e) {
      answer = errorOf(e);
    }
    console.log(JSON.stringify(answer));
  }
}

// The header of an answer that a client made an error of; clients keep it in either form.
export function headerOf(e, name) {
  const value = e.headers?.get ? e.headers.get(name) : e.headers?.[name];
  return value ?? null;
}
