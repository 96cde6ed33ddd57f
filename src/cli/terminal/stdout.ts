import { syncBuiltinESMExports } from 'node:module'

const own = process.stdout

/** stdout for the CLI's own output, also after `keepStdout`. */
export const ownStdout = (): NodeJS.WriteStream => own

/**
 * Keeps stdout for the CLI's own output. Other code of this process, such as a plugin that calls `console.log`, writes
 * to stderr instead: one line of it would break JSON that a program reads, or the messages of a protocol.
 */
export function keepStdout(): void {
  Object.defineProperty(process, 'stdout', { configurable: true, enumerable: true, get: () => process.stderr })
  // for `import { stdout } from 'node:process'`
  syncBuiltinESMExports()
}
