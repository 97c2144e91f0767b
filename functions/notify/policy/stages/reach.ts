import { holdWhere, type Notice, type Stage } from "../stage.ts";

/**
 * Holds what is meant for a receiver that has no channel, and so notifies nobody on purpose. Such a receiver is none that
 * cannot be reached: nobody stands in for it. One that the configuration does not have goes on, so that others do.
 */
export const reach: Stage<Notice> = (notices, { endpointsOf }) =>
  holdWhere(notices, ({ receiver }) =>
    endpointsOf.get(receiver)?.length === 0 ? { why: "the receiver has no channel", mute: "receiver" } : undefined,
  );
