import { fingerprint } from "../../model/alerting/fingerprint.ts";
import type { Message } from "../../model/alerting/message.ts";

/** The message's id as receivers take it: the same on every try, short, no dot, nothing that a header refuses. */
export const messageKey = ({ id }: Message): string =>
  /^[A-Za-z0-9_-]{1,200}$/.test(id) ? id : `msg_${fingerprint({ id })}`;

/** Names the group of alerts that a message belongs to, in 16 hex digits. */
export const groupHash = ({ groupKey }: Message): string => fingerprint({ groupKey });
