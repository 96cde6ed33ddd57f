import type { GoalsPort } from '../../agent/room/goals/port.ts'
import type { House } from '../../house/house.ts'
import type { PipelinesPort } from '../../pipeline/room/port.ts'
import type { RunsPort } from '../../run/room/port.ts'
import type { WorkflowList } from '../../workflow/definition/workflow-list.ts'
import type { HookDefinition } from '../definition.ts'

/** The needs of hooks: their settings, and the ports of what they start. */
export type HookNeeds = {
  readonly config: { readonly folder: string; readonly hooks?: { readonly [name: string]: HookDefinition } }
  readonly workflows: WorkflowList
  /** the ports of work, which open after the rooms */
  work(): {
    readonly runs: Pick<RunsPort, 'start' | 'signal'>
    readonly goals: Pick<GoalsPort, 'start' | 'tools'>
    readonly pipelines: Pick<PipelinesPort, 'plan'>
  }
}

export type HookHouse = House & HookNeeds
