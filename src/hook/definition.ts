import { z } from 'zod'
import { json, maybe } from '../document.ts'
import { ownerName } from '../house/scope.ts'
import { LOCAL_OWNER } from '../lib/owner.ts'
import { whenFields } from '../run/later/terms.ts'
import { isSecret } from '../secret/names.ts'
import { signalNameSchema } from '../step/messages/signal.ts'

/** The signatures that senders use. */
export const SCHEMES = ['standard', 'stripe', 'github'] as const
export type Scheme = (typeof SCHEMES)[number]

/** The name of a hook, as its address has it. */
export const hookName = z.string().regex(/^[\w-]{1,64}$/, 'expected letters, digits, _ and -')

const secret = z
  .string()
  .refine(isSecret, 'expected the name of a secret such as secret://orders, not the secret itself')
const text = z.string().min(1)
const template = (limit: number) =>
  text.max(limit).meta({ description: 'a text; `{data.id}` is the value at this path of the delivery' })

const signal = z.strictObject({ run: template(300), name: signalNameSchema })

/** The fields of a hook, as antiphon.yaml and programs write them. */
const hookFields = {
  verify: z.enum(SCHEMES, { error: `expected one of ${SCHEMES.join(', ')}` }),
  secret: z.union([secret, z.array(secret).min(1).max(5)]),
  owner: ownerName.default(LOCAL_OWNER),
  events: maybe(z.array(text.max(200)).min(1).max(100)),
  file: maybe(text.max(4096)),
  pipeline: maybe(text.max(1000)),
  workflow: maybe(text.max(100)),
  input: z.string().min(1).max(256).default('event'),
  inputs: maybe(z.record(z.string().max(256), json)),
  agent: maybe(text.max(1000)),
  goal: maybe(text.max(8000)),
  signal: maybe(signal),
  budget: maybe(z.number().min(0).max(1_000_000_000)),
  delay: whenFields.delay,
  queue: whenFields.queue,
}

type Fields = z.output<z.ZodObject<typeof hookFields>>

/** Exactly one thing to do, and the fields that go with it. */
const RULES: readonly (readonly [rule: (fields: Fields) => boolean, expected: string])[] = [
  [
    ({ file, pipeline, workflow, agent, signal: sent }) =>
      [file, pipeline, workflow, agent, sent].filter((one) => one !== undefined).length === 1,
    'expected exactly one of `file`, `pipeline`, `workflow`, `agent` and `signal`',
  ],
  [({ agent, goal }) => (agent === undefined) === (goal === undefined), '`agent` and `goal` go together'],
  [
    ({ file, pipeline, workflow, inputs }) => (file ?? pipeline ?? workflow) !== undefined || inputs === undefined,
    '`inputs` go with a pipeline or a workflow',
  ],
  [
    ({ signal: sent, delay, queue }) => sent === undefined || (delay ?? queue) === undefined,
    '`delay` and `queue` go with work that starts, not with a signal',
  ],
]

export const hookSchema = z.strictObject(hookFields).superRefine((fields, context) => {
  const broken = RULES.find(([rule]) => !rule(fields as Fields))
  if (broken) context.addIssue({ code: 'custom', message: broken[1] })
})

/** A webhook that comes in: its signature, the owner of its work, and the work. */
export type HookDefinition = z.output<typeof hookSchema>

/** A hook, as a program writes it. `input`: the input, or the field of it, that gets the delivery; absent: `event`. */
export type Hook = z.input<typeof hookSchema>

/** The secrets of a hook. While a secret is changed, both are accepted. */
export const secretsOf = ({ secret: named }: Pick<HookDefinition, 'secret'>): readonly string[] => [named].flat()
