import { describeChannel } from "./describe-channel.ts";
import { SAMPLES } from "./sample-endpoints.ts";

describeChannel(SAMPLES.webhook);
