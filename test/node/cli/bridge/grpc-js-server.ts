import { type DescService, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import {
  type ChannelOptions,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";

/** A native gRPC server of another make than the reference Zako's. */
export interface GrpcJsServer {
  readonly url: string;
  readonly server: Server;
  close(): void;
}

/** Starts a server of @grpc/grpc-js for services that this project has descriptors of. */
export async function startGrpcJs(
  services: readonly (readonly [DescService, UntypedServiceImplementation])[],
  options: ChannelOptions = {},
): Promise<GrpcJsServer> {
  const server = new Server(options);
  for (const [service, handlers] of services) server.addService(definitionOf(service), handlers);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { url: `http://127.0.0.1:${port}`, server, close: () => server.forceShutdown() };
}

function definitionOf(service: DescService): ServiceDefinition {
  return Object.fromEntries(
    service.methods.map((method) => [
      method.localName,
      {
        path: `/${service.typeName}/${method.name}`,
        requestStream: method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
        responseStream: method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
        requestSerialize: (message: Message) => Buffer.from(toBinary(method.input, message)),
        requestDeserialize: (bytes: Buffer) => fromBinary(method.input, bytes),
        responseSerialize: (message: Message) => Buffer.from(toBinary(method.output, message)),
        responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
      },
    ]),
  );
}
