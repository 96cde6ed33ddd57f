import type { EscapeAttempt } from './attempt.ts'
import { NETWORK } from './network.ts'
import { PROCESSES } from './processes.ts'
import { READ } from './read.ts'
import { WRITE } from './write.ts'

/** All attempts. Each runs as a command in a sandbox; a sandbox holds when none prints ESCAPED and nothing outside was touched. */
export const ESCAPE_ATTEMPTS: readonly EscapeAttempt[] = [...READ, ...WRITE, ...NETWORK, ...PROCESSES]
