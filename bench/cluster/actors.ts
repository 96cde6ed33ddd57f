import { counter, effects, run, stepOf } from '../engine/actors.ts'

/** What a node of bare actors knows. */
export const BARE = [counter, effects, run, stepOf('idempotent', (value) => value + 1)]
