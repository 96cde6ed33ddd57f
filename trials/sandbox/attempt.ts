/** The targets outside a sandbox that an attempt tries to reach. */
export type EscapeTarget = {
  /** a file outside, which holds the word `secret` */
  readonly file: string
  /** the name of a file in the scratch folder of another sandbox, which holds the word `secret` */
  readonly other: string
  /** a port on 127.0.0.1 that answers `secret` to a connection, over TCP; datagrams to it are counted, too */
  readonly port: number
  /** the name of an abstract unix socket that answers `secret` */
  readonly socket: string
  /** a unix socket in a folder, as antiphon itself and docker have one, that answers `secret` */
  readonly socketFile: string
  /** a process outside, of the same user where that can be */
  readonly pid: number
}

/** One attempt to leave a sandbox. It prints ESCAPED when it succeeds. */
export type EscapeAttempt = {
  readonly name: string
  readonly command: (target: EscapeTarget) => readonly [string, ...string[]]
  /** it does no harm where there is no sandbox, and succeeds there: so the suite shows that the attempt itself works */
  readonly harmless: boolean
  /** files of the scratch folder that the caller then reads; a link must not lead it outside */
  readonly reads?: readonly string[]
}

type Code = (target: EscapeTarget) => string

export const shell = (name: string, code: Code, harmless = true): EscapeAttempt => ({
  name,
  harmless,
  command: (target) => ['sh', '-c', code(target)],
})
export const python = (name: string, code: Code, harmless = true): EscapeAttempt => ({
  name,
  harmless,
  command: (target) => ['python3', '-c', code(target)],
})
export const javascript = (name: string, code: Code, harmless = true): EscapeAttempt => ({
  name: `${name}, in Node.js`,
  harmless,
  command: (target) => ['node', '-e', code(target)],
})

export const prints = (command: string) => `{ ${command}; } 2>/dev/null | grep -q secret && echo ESCAPED`
export const succeeds = (command: string) => `{ ${command}; } >/dev/null 2>&1 && echo ESCAPED`
