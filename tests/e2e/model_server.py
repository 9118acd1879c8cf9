"""A model on this machine that speaks OpenAI's chat format and behaves as a test tells it.

`ModelServer(play)` calls `play(request, wire)` for each request on a thread of its own. `request`
is the parsed body, `wire` writes the answer, well-formed or not. What a reply depends on should be
read from `request` (`steps_done`), so that a call that is made again gets the same answer.
"""

import http.server
import json
import threading
import time


def steps_done(request):
    """How many replies of the model the conversation holds already."""
    return sum(message["role"] == "assistant" for message in request["messages"])


def results(request):
    """The texts of the tool results in the conversation, oldest first."""
    return [message["content"] for message in request["messages"] if message["role"] == "tool"]


class Wire:
    """One answer being written."""

    def __init__(self, handler, released):
        self.handler = handler
        self.released = released
        self.is_open = False

    # Pieces

    def status(self, code, body="", **headers):
        data = body if isinstance(body, bytes) else body.encode()
        self.handler.send_response(code)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.send_header("Content-Length", str(len(data)))
        self.handler.end_headers()
        self.handler.wfile.write(data)

    def open(self):
        if not self.is_open:
            self.is_open = True
            self.handler.send_response(200)
            self.handler.send_header("Content-Type", "text/event-stream")
            self.handler.send_header("Connection", "close")
            self.handler.end_headers()

    def raw(self, data):
        self.open()
        self.handler.wfile.write(data)
        self.handler.wfile.flush()

    def chunk(self, delta, finish=None, usage=None):
        piece = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m",
                 "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
        if usage:
            piece["usage"] = usage
        self.raw(f"data: {json.dumps(piece)}\n\n".encode())

    def end(self, finish="stop"):
        self.chunk({}, finish, {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25})
        self.raw(b"data: [DONE]\n\n")

    # Whole answers

    def text(self, text, pieces=1):
        size = max(1, -(-len(text) // pieces))
        for start in range(0, len(text), size):
            self.chunk({"content": text[start:start + size]})
        self.end()

    def calls(self, *calls, text=""):
        """Each call: (name, arguments as object or text, call id)."""
        if text:
            self.chunk({"content": text})
        for index, (name, arguments, call_id) in enumerate(calls):
            if not isinstance(arguments, str):
                arguments = json.dumps(arguments)
            self.chunk({"tool_calls": [{"index": index, "id": call_id, "type": "function",
                                        "function": {"name": name, "arguments": arguments}}]})
        self.end("tool_calls")

    def hang(self):
        """Says nothing until the caller goes away or the test ends."""
        self.handler.connection.settimeout(0.05)
        while not self.released.is_set():
            try:
                if not self.handler.connection.recv(1):
                    return
            except TimeoutError:
                continue
            except OSError:
                return

    def wait_for(self, event, seconds=60.0):
        """Waits for a threading.Event of the test; True when it was set."""
        deadline = time.monotonic() + seconds
        while not self.released.is_set() and time.monotonic() < deadline:
            if event.wait(0.02):
                return True
        return False


class ModelServer:
    """Serves until `close`. `requests` holds what arrived, in order."""

    def __init__(self, play):
        self.play = play
        self.requests = []
        self.times = []
        self.released = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers.get("Content-Length", 0))
                request = json.loads(self.rfile.read(size))
                outer.requests.append(request)
                outer.times.append(time.monotonic())
                self.close_connection = True
                try:
                    outer.play(request, Wire(self, outer.released))
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the caller has given up, which is what some tests want

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def env(self):
        """Environment that makes this the only model."""
        return {"PERSONA_PROVIDER": "openai", "PERSONA_MODEL": "test-model",
                "PERSONA_API_KEY": "test-key", "PERSONA_CONTEXT_WINDOW": "100000",
                "PERSONA_BASE_URL": f"http://127.0.0.1:{self.server.server_address[1]}/v1"}

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
