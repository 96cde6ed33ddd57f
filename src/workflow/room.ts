/**
 * Workflows: durable functions in TypeScript. A run calls its function against a history, and each thing that the
 * function does outside is an operation of the history. `definition/` is the part that a program writes, `replay/`
 * calls a function without effects, `operations/` carry out operations, `actor/` makes turns of runs of it, and `live/`
 * keeps functions between turns. Steps, signals and the inbox are those of all runs. Start in `replay/execution.ts`.
 */

import type { Room } from '../house/room.ts'
import { WORKFLOWS } from './room/contract.ts'
import { openWorkflows, type WorkflowNeeds, type WorkflowsPort } from './room/open-port.ts'

export const workflowRoom: Room<WorkflowsPort, WorkflowsPort, WorkflowNeeds> = {
  contract: WORKFLOWS,
  open: openWorkflows,
  begin: async (house) => (await import('./room/find-misfits.ts')).beginFindingMisfits(house),
}
