import { z } from 'zod'
import { maybe, problem, time } from '../../document.ts'
import { page } from '../../house/common-fields.ts'
import { describe, pages } from '../../house/describe.ts'
import { scheduleFields, scheduleName, scheduleSchema } from '../definition.ts'
import { scheduleOperations } from '../facts.ts'
import { cursorOfSchedule } from './open-port.ts'

const params = z.object({ name: scheduleName })

const decision = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), at: time, instant: time, id: z.string() }),
  z.object({ type: z.literal('skipped'), at: time, instant: time, why: z.string() }),
  z.object({ type: z.literal('failed'), at: time, instant: time, problem }),
  z.object({ type: z.literal('missed'), at: time, from: time, to: time, count: maybe(z.number()) }),
])

const document = z
  .object({
    ...scheduleFields,
    name: z.string(),
    owner: z.string(),
    status: z.enum(['active', 'paused', 'ended']).meta({ description: '`ended`: it is never due again' }),
    next: z.array(time).meta({ description: 'the next ten instants' }),
    waiting: z.array(time).meta({ description: 'instants that are due, and wait for open work' }),
    decisions: z.array(decision).meta({
      description: 'the last 20 decisions, with each of up to 1,000 instants of an outage; the newest comes first',
    }),
    ofFile: maybe(z.literal(true)).meta({ description: 'antiphon.yaml has it' }),
  })
  .meta({ id: 'Schedule' })

const answer = { about: 'the schedule', schema: document }
const notFound = ['not_found'] as const

/** Schedules: work that starts by itself. */
export const SCHEDULES = describe(scheduleOperations, {
  'schedules.put': {
    scope: 'run',
    passes: 'trust',
    summary: 'Make a schedule, or replace it. It goes on from now',
    description: 'Nothing is started by this request. A process that serves starts the work of each instant once.',
    params,
    body: scheduleSchema,
    answer,
    errors: ['not_found', 'schedule_never_due', 'schedule_of_file', 'invalid_pipeline', 'local_only', 'storage'],
  },
  'schedules.list': {
    scope: 'read',
    passes: 'filter',
    summary: 'List schedules by name',
    query: z.object(page),
    answer: pages('a page of schedules', document, cursorOfSchedule),
    errors: ['bad_cursor'],
  },
  'schedules.get': {
    scope: 'read',
    passes: 'owner',
    summary: 'Show a schedule with its next instants and its last decisions',
    params,
    answer,
    errors: notFound,
  },
  'schedules.pause': {
    scope: 'run',
    passes: 'owner',
    summary: 'Start nothing until it is resumed',
    params,
    answer,
    errors: notFound,
  },
  'schedules.resume': {
    scope: 'run',
    passes: 'owner',
    summary: 'Start again at the next instant. Nothing makes up for the time of the pause',
    params,
    answer,
    errors: notFound,
  },
  'schedules.run': {
    scope: 'run',
    passes: 'owner',
    summary: 'Start the work of a schedule now, whatever is open',
    params,
    answer: { about: 'the run or the goal', status: 202, schema: z.object({ id: z.string() }) },
    errors: [...notFound, 'busy', 'storage'],
  },
  'schedules.remove': {
    scope: 'run',
    passes: 'owner',
    summary: 'Remove a schedule. Work that it started goes on',
    params,
    answer: { about: 'its name', names: 'name', schema: z.object({ id: z.string() }) },
    errors: [...notFound, 'schedule_of_file'],
  },
})
