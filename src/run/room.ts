/**
 * The room of runs: `runtime.runs`, and its operations. An executor such as `pipeline/` gives a run its steps, and says
 * what the erasure of an owner removes with it.
 */

import type { WorkRoom } from '../house/room.ts'
import { RUN_QUEUE } from './later/messages.ts'
import { RUN_STEERING, RUNS } from './room/contract.ts'

export const runRoom: WorkRoom = {
  contract: { ...RUNS, ...RUN_STEERING },
  owns: [{ kind: RUN_QUEUE, place: 'queues' }],
}
