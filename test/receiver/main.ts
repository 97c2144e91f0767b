import { parseArgs } from "node:util";
import { RECEIVER_KEY } from "./receiver-key.ts";
import { startReceiver } from "./server.ts";

const { values } = parseArgs({ options: { port: { type: "string", default: "8790" } } });
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`--port is ${values.port}; give a port number, or 0 for any that is free.`);
  process.exit(2);
}
const receiver = await startReceiver({ port });
console.log(`receiver: ${receiver.url}
  Slack      ${receiver.url}/services/T0/B0/local
  e-mail     ${receiver.url}/emails   (any key)
  PagerDuty  ${receiver.url}/v2/enqueue   (any key of 32 characters)
  webhook    ${receiver.url}/webhook   (signed with ${RECEIVER_KEY}, or not at all)`);
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => void receiver.close());
