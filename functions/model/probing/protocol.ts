/** The ways to speak to a target. `grpc` is gRPC-Web that the platform's edge turns into native gRPC. */
export const protocols = ["connect", "grpc-web", "grpc"] as const;

/** How a target is spoken to. */
export type Protocol = (typeof protocols)[number];
