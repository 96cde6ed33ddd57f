import { z } from 'zod'
import { json, maybe } from '../document.ts'
import type { Json } from '../kernel/json.ts'
import { timeSpanSchema } from '../lib/time/span-schema.ts'

/** The rules for an instant at which the work of the instant before is still open. */
export const OVERLAPS = ['skip', 'queue', 'allow', 'cancel'] as const
/** The instants that are made up for, if they passed while nothing could start. */
export const MISSED = ['none', 'last', 'all'] as const

export const scheduleName = z.string().regex(/^[\w-]{1,64}$/, 'expected letters, digits, _ and -')

const text = z.string().min(1)

/** When a schedule is due: an expression of cron in a time zone, or a time span from its first instant on. */
const timing = {
  cron: maybe(text.max(200)).meta({ description: 'five or six fields of cron, such as `0 8 * * 1-5`' }),
  every: maybe(timeSpanSchema).meta({ description: 'seconds, or a time such as 30m or 1d; instead of `cron`' }),
  zone: maybe(text.max(100)).meta({ description: 'IANA time zone of `cron`; absent: UTC' }),
}

/** The work of a schedule. The path `file` is only for the user of the data folder. */
const work = {
  file: maybe(text.max(4096)).meta({ description: 'absolute path of a pipeline; only for the local user' }),
  pipeline: maybe(text.max(1000)).meta({ description: 'the name of an uploaded pipeline' }),
  inputs: maybe(z.record(z.string().max(256), json)),
  workflow: maybe(text.max(100)).meta({ description: 'the name of a workflow of the program' }),
  input: maybe(json).meta({ description: 'of the workflow; absent: an empty map' }),
  agent: maybe(text.max(1000)).meta({ description: 'the name of an agent, with `goal`' }),
  goal: maybe(text.max(32_000)),
  budget: maybe(z.number().min(0).max(1_000_000_000)).meta({ description: 'dollars for each run or goal' }),
}

/** The fields of a schedule, as callers and antiphon.yaml write them. */
export const scheduleFields = {
  ...timing,
  ...work,
  overlap: z.enum(OVERLAPS).default('skip').meta({
    description:
      'while the work of the instant before is open: `skip` this instant, `queue` it, `allow` both, or `cancel` the open work',
  }),
  missed: z.enum(MISSED).default('last').meta({
    description: 'instants that passed while nothing could start: made up for `none`, the `last` one, or `all` (100)',
  }),
}

type Fields = z.output<z.ZodObject<typeof scheduleFields>>

/** When it is due. */
export type Timing = Pick<Fields, 'cron' | 'every' | 'zone'>

/** A schedule as it is stored. `trusted: false`: a caller from the network wrote it. `ofFile`: antiphon.yaml has it. */
export type ScheduleDefinition = Fields & {
  readonly owner: string
  readonly trusted?: false
  readonly offered?: true
  readonly context?: Json
  readonly ofFile?: true
}

/** Exactly one way to say when, and exactly one thing to start. */
const RULES: readonly (readonly [rule: (fields: Fields) => boolean, expected: string])[] = [
  [({ cron, every }) => (cron === undefined) !== (every === undefined), 'expected either `cron` or `every`'],
  [({ zone, cron }) => zone === undefined || cron !== undefined, '`zone` is the time zone of `cron`'],
  [
    ({ file, pipeline, workflow, agent }) =>
      [file, pipeline, workflow, agent].filter((one) => one !== undefined).length === 1,
    'expected exactly one of `file`, `pipeline`, `workflow` and `agent`',
  ],
  [({ agent, goal }) => (agent === undefined) === (goal === undefined), '`agent` and `goal` go together'],
  [
    ({ agent, workflow, inputs }) => (agent ?? workflow) === undefined || inputs === undefined,
    '`inputs` are those of a pipeline',
  ],
  [({ workflow, input }) => workflow !== undefined || input === undefined, '`input` is that of a workflow'],
]

/** A schedule as callers and antiphon.yaml write it. */
export const scheduleSchema = RULES.reduce<z.ZodType<Fields, z.input<z.ZodObject<typeof scheduleFields>>>>(
  (schema, [rule, error]) => schema.refine(rule, { error }),
  z.strictObject(scheduleFields),
)
