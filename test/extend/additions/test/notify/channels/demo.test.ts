import { describeChannel } from "./describe-channel.ts";

describeChannel({
  channel: "demo",
  options: { url_secret: "DEMO_URL" },
  secrets: { DEMO_URL: "https://hooks.example/marker-demo-url" },
  right: { status: 200, text: "" },
});
