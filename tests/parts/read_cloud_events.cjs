// Reads requests with the official SDK of CloudEvents, which is given as a file, and writes the events, or why one is none.
// The file is made for browsers.
globalThis.window = globalThis;
const { HTTP } = require(process.argv[2]);
const requests = JSON.parse(require("fs").readFileSync(0, "utf8"));

function read({ headers, body }) {
  if (!HTTP.isEvent({ headers, body })) {
    return { invalid: "this is no event" };
  }
  try {
    const event = HTTP.toEvent({ headers, body });
    event.validate();
    return event.toJSON();
  } catch (error) {
    return { invalid: String(error) };
  }
}

process.stdout.write(JSON.stringify(requests.map(read)));
