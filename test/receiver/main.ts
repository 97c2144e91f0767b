import { parseArgs } from "node:util";
import { RECEIVER_KEY } from "./receiver-key.ts";
import { startReceiver } from "./server.ts";

const HELP = `A receiver that shows what zako-watch sends: Slack, e-mail, PagerDuty and webhook messages as people see them.

  npm run receiver -- [--port N]

  --port N   port of the page and of the receivers; 0 takes a free one (default 8790)

Open its URL in a browser to read the messages.`;

function readOptions(): { port: string; help?: boolean } {
  try {
    return parseArgs({ options: { port: { type: "string", default: "8790" }, help: { type: "boolean", short: "h" } } })
      .values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
    process.exit(2);
  }
}

const values = readOptions();
if (values.help === true) {
  console.log(HELP);
  process.exit(0);
}
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`--port is ${values.port}; give a port number, or 0 for any that is free.`);
  process.exit(2);
}
const receiver = await startReceiver({ port }).catch((error: unknown) => {
  const isTaken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
  console.error(isTaken ? `Port ${port} is in use. Choose another with --port, or --port 0 for a free one.` : error);
  process.exit(1);
});
console.log(`receiver: ${receiver.url}
  Slack      ${receiver.url}/services/T0/B0/local
  e-mail     ${receiver.url}/emails   (any key)
  PagerDuty  ${receiver.url}/v2/enqueue   (any key of 32 characters)
  webhook    ${receiver.url}/webhook   (signed with ${RECEIVER_KEY}, or not at all)`);
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => void receiver.close());
