/** Where a command works: in a data folder of this machine, or at a server with a key. */
export type ConnectionTarget = {
  readonly data?: string | undefined
  readonly server?: string | undefined
  readonly key?: string | undefined
}

/** The options of a command that say where it works. */
export const targetOf = ({ data, server, key }: ConnectionTarget): ConnectionTarget => ({ data, server, key })
