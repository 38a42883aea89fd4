// What we use of dynalite, which has no types of its own.
declare module 'dynalite' {
  import type { Server } from 'node:http';

  type Options = {
    /** Where to keep the data (LevelDB); in memory when left out. */
    readonly path?: string;
    /** How long a new table stays in CREATING. */
    readonly createTableMs?: number;
  };

  /** An HTTP server that is not listening yet. Closing it closes the data. */
  const dynalite: (options?: Options) => Server;
  export default dynalite;
}
