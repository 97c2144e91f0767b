/** Protocols for calling a target. `grpc` is gRPC-Web that the platform's edge converts to native gRPC. */
export const protocols = ["connect", "grpc-web", "grpc"] as const;

/** Protocol of a target. */
export type Protocol = (typeof protocols)[number];
