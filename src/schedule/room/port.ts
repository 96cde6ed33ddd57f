import type { ListQuery } from '../../house/paging.ts'
import type { RunRequest } from '../../run/room/port.ts'
import type { MISSED, OVERLAPS, ScheduleDefinition } from '../definition.ts'
import type { Decision } from '../state.ts'

/** A schedule to make: its work, its instants and its rules. */
export type ScheduleRequest = Partial<
  Pick<
    ScheduleDefinition,
    'cron' | 'zone' | 'file' | 'pipeline' | 'inputs' | 'workflow' | 'input' | 'agent' | 'goal' | 'budget'
  >
> & {
  /** seconds, or a text such as `30m` or `1d`; instead of `cron` */
  readonly every?: number | string
  /** while the work of the instant before is open; absent: `skip` */
  readonly overlap?: (typeof OVERLAPS)[number]
  /** instants that passed while nothing could start; absent: `last` */
  readonly missed?: (typeof MISSED)[number]
}

/** The owner of a schedule, and whether a caller from the network wrote it. */
type PutScheduleOptions = Pick<RunRequest, 'owner' | 'trusted' | 'offered' | 'context'>

/** A schedule as callers see it. Times are ms since the epoch. */
export type Schedule = Omit<ScheduleDefinition, 'trusted' | 'offered' | 'context' | 'ofFile'> & {
  readonly name: string
  /** `ended`: it is never due again */
  readonly status: 'active' | 'paused' | 'ended'
  /** the next ten instants; none while it is paused */
  readonly next: readonly number[]
  /** instants that are due and wait for open work */
  readonly waiting: readonly number[]
  /** the last 20 decisions, with each of up to 1,000 instants of an outage; the newest comes first */
  readonly decisions: readonly Decision[]
  /** antiphon.yaml has it */
  readonly ofFile?: true
}

/** Schedules: work that starts by itself. A process that serves starts it. */
export interface SchedulesPort {
  /**
   * Makes a schedule, or changes the one of that name: with the same timing it keeps its instants, with another one it
   * goes on from now. InvalidError if the expression, the zone, the pipeline, the agent or an input is wrong.
   */
  put(name: string, request: ScheduleRequest & PutScheduleOptions): Promise<Schedule>
  list(query?: ListQuery): Promise<readonly Schedule[]>
  /** @throws NotFoundError if there is none */
  get(name: string, options?: { readonly owner?: string }): Promise<Schedule>
  /** Starts nothing until `resume`. Nothing makes up for the time between. */
  pause(name: string, options?: { readonly owner?: string }): Promise<Schedule>
  resume(name: string, options?: { readonly owner?: string }): Promise<Schedule>
  /** Starts the work now, whatever is open. Resolves with its id. */
  run(name: string, options?: { readonly owner?: string }): Promise<{ readonly id: string }>
  /** Removes the schedule. Work that it started goes on. */
  remove(name: string, options?: { readonly owner?: string }): Promise<void>
}

/** Schedules as a caller uses them: callers have schedules of their own. */
export interface SchedulesView extends Pick<SchedulesPort, 'list'> {
  put(name: string, request: ScheduleRequest): Promise<Schedule>
  get(name: string): Promise<Schedule>
  pause(name: string): Promise<Schedule>
  resume(name: string): Promise<Schedule>
  run(name: string): Promise<{ readonly id: string }>
  remove(name: string): Promise<void>
}
