// Which connection a scheduled call is about.

/** What the hourly schedules send. */
export type ConnectionEvent = { readonly connection: string };

/** The connection that a call names. Throws, with those there are, when it names none that is configured. */
export const namedConnection = (event: unknown, connections: readonly string[]): string => {
  const connection = (event as Partial<ConnectionEvent> | null)?.connection;
  if (connection !== undefined && connections.includes(connection)) return connection;
  throw new Error(
    `a run names its connection, such as {"connection":"stripe"}; configured are ${connections.join(', ')}`,
  );
};
