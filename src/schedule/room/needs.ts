import type { GoalsPort } from '../../agent/room/goals/port.ts'
import type { House } from '../../house/house.ts'
import type { PipelinesPort } from '../../pipeline/room/port.ts'
import type { RunsPort } from '../../run/room/port.ts'
import type { WorkflowList } from '../../workflow/definition/workflow-list.ts'
import type { ScheduleDefinition } from '../definition.ts'

/** A schedule as antiphon.yaml writes it. */
export type WrittenSchedule = Omit<ScheduleDefinition, 'owner' | 'trusted' | 'offered' | 'context' | 'ofFile'>

/** The needs of schedules: their settings, and the ports of what they start. */
export type ScheduleNeeds = {
  readonly config: { readonly folder: string; readonly schedules?: { readonly [name: string]: WrittenSchedule } }
  readonly workflows: WorkflowList
  /** the ports of work, which open after the rooms */
  work(): {
    readonly runs: Pick<RunsPort, 'start' | 'cancel'>
    readonly goals: Pick<GoalsPort, 'start' | 'cancel' | 'tools'>
    readonly pipelines: Pick<PipelinesPort, 'plan'>
  }
}

export type ScheduleHouse = House & ScheduleNeeds
