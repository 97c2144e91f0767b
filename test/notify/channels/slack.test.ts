import { describeChannel, READS_ANSWER } from "./describe-channel.ts";
import { SAMPLES } from "./sample-endpoints.ts";

// Slack's answer is 200 and "ok", nothing else; a missing or closed channel stays so.
describeChannel(SAMPLES.slack, {
  ...READS_ANSWER,
  "204 without a body": "failed bad_answer",
  "200 with the words of something else": "failed bad_answer",
  "200 and JSON of something else": "failed bad_answer",
  "takes it, 202": "failed bad_answer",
  "403": "failed gone",
  "404": "failed gone",
});
