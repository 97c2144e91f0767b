/**
 * What became of one try to deliver a message, by what may have reached the other side. `uncertain`: the message may
 * have been taken (no answer in time, connection lost after sending). That counts neither as told nor as untold: the
 * message is sent again until a try is certain, since a doubled page is better than a lost one.
 */
export type Delivery =
  | { kind: "delivered"; ref?: string }
  | {
      kind: "failed";
      /** Whether another try can help. */
      retryable: boolean;
      /** Epoch ms before which it cannot, from `Retry-After`. */
      notBefore?: number;
      /** Closed set, for metrics. */
      reason: DeliveryReason;
      /** Words of ours; no URL, no secret, no text of the receiver. */
      message: string;
    }
  | {
      kind: "uncertain";
      reason: DeliveryReason;
      message: string;
      /** Part of the message was taken and part of it refused for good: another try cannot deliver the whole. */
      final?: true;
      /** Epoch ms before which it should not be made. */
      notBefore?: number;
    };

/**
 * Why a try was not delivered. `gone`: the receiver says that it will not come back, so the endpoint is not worth a
 * further message until somebody has looked. `egress`: the address is not one that messages may be sent to.
 */
export const DELIVERY_REASONS = [
  "timeout",
  "connect",
  "redirect",
  "rejected",
  "unauthorized",
  "gone",
  "rate_limited",
  "server_error",
  "bad_answer",
  "secret_missing",
  "url_policy",
  "render",
  "internal",
] as const;

export type DeliveryReason = (typeof DELIVERY_REASONS)[number];
