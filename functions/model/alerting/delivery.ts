/**
 * Result of one attempt to deliver a message. `uncertain`: the message may have arrived (no answer in time, connection
 * lost after sending). The message is retried until an attempt is certain, because a duplicate page is better than a
 * lost one.
 */
export type Delivery =
  | { kind: "delivered"; ref?: string }
  | {
      kind: "failed";
      /** Whether a retry can help. */
      retryable: boolean;
      /** No retry before this, epoch ms, from `Retry-After`. */
      notBefore?: number;
      /** Closed set, for metrics. */
      reason: DeliveryReason;
      /** Our own text: no URL, no secret, nothing that the receiver sent. */
      message: string;
    }
  | {
      kind: "uncertain";
      reason: DeliveryReason;
      message: string;
      /** Part of the message was accepted and part permanently refused: a retry cannot deliver the whole. */
      final?: true;
      /** No retry before this, epoch ms. */
      notBefore?: number;
    };

/**
 * Why an attempt failed. `gone`: the receiver answered that the endpoint no longer exists, so it gets no further message
 * until somebody fixes it. `egress`: messages may not be sent to this address.
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
