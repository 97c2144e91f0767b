/** The key that the receiver knows webhooks by unless it is told others. It protects nothing. */
export const RECEIVER_KEY = `whsec_${btoa("zako-watch-local-receiver-key-01")}`;
