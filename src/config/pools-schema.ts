import { z } from 'zod'
import { nearestWord } from '../lib/suggest.ts'
import { timeSpanSchema } from '../lib/time/span-schema.ts'
import { generalPoolIds, isPoolId } from '../worker/pool-id.ts'
import { formSchema } from './models-schema.ts'

const hands = z.int().min(1).max(1000)
const seconds = z.number().min(0.001).max(86_400)
const RATE = 'expected a whole number from 1 to 100,000'
const perMinute = z.int(RATE).min(1, RATE).max(100_000, RATE)
const names = z.array(z.string().min(1).max(200)).min(1, 'expected one name or more').max(20)
const share = z.strictObject({ workers: hands.exactOptional(), perMinute: perMinute.exactOptional() })

const settings = z.strictObject({
  workers: hands.exactOptional(),
  min: hands.exactOptional(),
  max: hands.exactOptional(),
  queue: z.int().min(0).max(100_000).exactOptional(),
  ageing: seconds.exactOptional(),
  deadline: seconds.exactOptional(),
  patience: timeSpanSchema.exactOptional(),
  models: names.exactOptional(),
  share: share.exactOptional(),
})

type PoolSize = { readonly workers?: number; readonly min?: number; readonly max?: number }

/** `workers`, or from `min` to `max`. */
function withSizeCheck<Shape extends z.ZodType<PoolSize>>(shape: Shape): Shape {
  return shape
    .refine(({ min = 1, max = 1000 }) => min <= max, { path: ['min'], error: 'expected no more than `max`' })
    .refine(({ workers, min, max }) => workers === undefined || (min === undefined && max === undefined), {
      path: ['workers'],
      error: 'expected either `workers`, or `min` and `max`',
    })
}

export const poolSettingsSchema = withSizeCheck(settings)

const own = settings.extend({ form: formSchema.exactOptional() })

export const poolsSchema = z.record(
  z.string().refine(isPoolId, { error: ({ input }) => notAPool(String(input)) }),
  withSizeCheck(own),
)

const AMOUNT = 'expected a number above 0, at most 1,000,000'
const amount = z.number(AMOUNT).positive(AMOUNT).max(1_000_000, AMOUNT)
const unitsOf = (expected: string) =>
  z.union([names, z.record(z.string().min(1).max(200), amount)], expected).exactOptional()

const resource = z.strictObject({
  slots: amount.exactOptional(),
  perMinute: perMinute.exactOptional(),
  models: unitsOf('expected a list of models, or a map of what each takes: { ollama/llama3.2: 2 }'),
  tools: unitsOf('expected a list of tools, or a map of what a call of each takes: { http-client: 2 }'),
  steps: z.boolean().exactOptional(),
})

/** Resources that several pools share, by name. One without users serves the provider of its name. */
export const resourcesSchema = z.record(
  z.string().regex(/^[\w.-]{1,100}$/, 'expected letters, digits, dots and dashes'),
  resource.refine(({ slots, perMinute }) => slots !== undefined || perMinute !== undefined, {
    error: 'expected `slots`, `perMinute`, or both',
  }),
)

/** The known keys below `pool`, `pools` and `resources`. */
export function poolKeysAt([first, , third]: readonly PropertyKey[]): readonly string[] {
  if (first === 'resources') return Object.keys(resource.shape)
  if (third === 'share') return Object.keys(share.shape)
  if (third === 'form') return Object.keys(formSchema.shape)
  return Object.keys(first === 'pools' ? own.shape : settings.shape)
}

function notAPool(id: string): string {
  const meant = nearestWord(id, generalPoolIds())
  if (meant !== undefined) return `there is no pool of that name; did you mean \`${meant}\`?`
  return 'expected the name of a pool, such as text_action_pool or text_experience_medical_pool'
}
