/**
 * `antiphon/testing`: what tests of your own code need, and trials of your actors,
 * engines and sandboxes. A trial simulates, crashes or kills what it is given, or
 * tries to escape from it. Use it in tests only: nothing of it is part of a runtime.
 */
import '../src/lib/require-node.ts'

export * from '../src/testing/index.ts'
export { checkIntegrity } from './kill/integrity.ts'
export { type KillPlan, killRepeatedly, type ProgramLife } from './kill/kill.ts'
export { type FileLedger, openFileLedger } from './kill/ledger.ts'
export { awaitLife } from './kill/process.ts'
export type { EscapeAttempt, EscapeTarget } from './sandbox/attempt.ts'
export { BOMBS, type Bomb } from './sandbox/bombs.ts'
export { ESCAPE_ATTEMPTS, findEscapes, findUnbounded } from './sandbox/find-escapes.ts'
export type { ClientCommand } from './simulation/plan/plan.ts'
export type { SeededRandom } from './simulation/plan/random.ts'
export { type SimulateOptions, type SimulationResult, simulate } from './simulation/simulate.ts'
export type { TrialResult } from './simulation/trial.ts'
export { type TortureOptions, torture } from './torture/torture.ts'
export type { TortureMessage } from './torture/trial.ts'
