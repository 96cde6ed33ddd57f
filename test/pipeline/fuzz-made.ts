import { HANDLER_KEYS } from '../../src/pipeline/language/parse/handlers.ts'
import { FAILURE_POLICIES, RETRY_CONFIG_KEYS } from '../../src/pipeline/language/parse/policies.ts'
import type { KeySchema, KeyTable } from '../../src/pipeline/language/schema/key-table.ts'
import { MODEL_NEED_TABLE } from '../../src/pipeline/language/schema/model-need-keys.ts'
import { INPUT_TABLE, PIPELINE_TABLE } from '../../src/pipeline/language/schema/pipeline-keys.ts'
import { QUEUE_TABLE, STEP_TABLE } from '../../src/pipeline/language/schema/step-keys.ts'
import { INPUT_TYPES } from '../../src/pipeline/plan/inputs.ts'
import { fc } from '../property.ts'

/** Of such a map no language tells a text by itself. */
const HOSTILE = fc.constantFrom({ toString: null }, [{ toString: 1, valueOf: {} }], { constructor: 1, length: -1 })

const names = fc.constantFrom('s0', 's1', 's2', 'item', 'prev_s0', 'inputs', 'given', 'nobody', 'constructor')
const text = fc.oneof(
  names,
  fc.constantFrom(
    ...FAILURE_POLICIES,
    ...Object.keys(INPUT_TYPES),
    'idempotent',
    'per-hour',
    'best_available',
    '7B',
    '10MB',
  ),
  fc.constantFrom(
    ...['<AUTO>which?</AUTO>', "<AUTO choices='a,b'>which?</AUTO>", '10 items', '( + )+$', '<<a/b>>', '$item', '1 < 2'],
  ),
  names.map((name) => `{{ ${name} }}`),
  names.map((name) => `{{ ${name}.result[0] | default('x') | upper }}`),
)
const scalar = fc.oneof(text, text, fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null), HOSTILE)

type Made = fc.Arbitrary<unknown>
type Tie = (name: 'any' | 'map' | 'step' | 'steps') => Made

/** What does one thing, as far as it needs words for that. */
const frames = (tie: Tie): readonly Made[] => [
  fc.record({ tool: fc.constant('say'), parameters: tie('map') }),
  fc.record({ action: fc.constantFrom('generate', 'analyze', 'chain'), parameters: fc.record({ prompt: text }) }),
  fc.record({ for_each: fc.array(scalar, { maxLength: 3 }), steps: tie('steps') }),
  fc.record({ foreach: fc.array(scalar, { maxLength: 3 }), tool: fc.constant('say') }),
  fc.record({ while: text, steps: tie('steps'), max_iterations: fc.nat(5) }),
  fc.record({ action_loop: tie('steps'), until: text }),
  fc.record({ create_parallel_queue: fc.record({ on: fc.array(text), action_loop: tie('steps') }) }),
]

/** A pipeline of what the language has, mostly where it belongs and of the shape it has there. */
export const madePipeline: Made = fc.letrec<{
  any: unknown
  map: unknown
  step: unknown
  steps: unknown
  all: unknown
}>((tie) => ({
  any: fc.oneof({ maxDepth: 4 }, scalar, fc.array(tie('any'), { maxLength: 3 }), tie('map'), tie('steps')),
  map: fc.oneof(
    { maxDepth: 4 },
    ...[
      HANDLER_KEYS,
      RETRY_CONFIG_KEYS,
      Object.keys(MODEL_NEED_TABLE),
      Object.keys(QUEUE_TABLE),
      Object.keys(INPUT_TABLE),
    ].map((keys) => fc.dictionary(fc.constantFrom(...keys, '__proto__', 'nope'), tie('any'), { maxKeys: 4 })),
  ),
  step: fc
    .tuple(fc.oneof({ maxDepth: 3 }, ...frames(tie)), keysOf(STEP_TABLE, tie, 2))
    .map(([frame, more]) => ({ ...(frame as object), ...more })),
  steps: fc
    .array(tie('step'), { minLength: 1, maxLength: 3 })
    .map((list) => list.map((step, index) => ({ id: `s${index}`, ...(step as object) }))),
  all: fc.tuple(tie('steps'), keysOf(PIPELINE_TABLE, tie, 2)).map(([steps, more]) => ({ name: 'x', steps, ...more })),
})).all

/** Some keys of a table, four times of five with what fits. */
function keysOf(table: KeyTable, tie: Tie, maxKeys: number): fc.Arbitrary<object> {
  const entries = Object.entries(table).map(([key, { shape = {} }]) =>
    fc
      .oneof({ weight: 4, arbitrary: fitting(shape, tie) }, { weight: 1, arbitrary: tie('any') })
      .map((value) => [key, value] as const),
  )
  return fc.array(fc.oneof(...entries), { maxLength: maxKeys }).map((some) => Object.fromEntries(some))
}

/** What is of a shape. */
function fitting(shape: KeySchema, tie: Tie): Made {
  const { type, anyOf, enum: words, items, properties, minimum = 0, maximum = 9, $ref } = shape as Fields
  if ($ref) return $ref.endsWith('/step') ? tie('step') : tie('map')
  if (words) return fc.constantFrom(...words)
  if (anyOf) return fc.oneof(...anyOf.map((one) => fitting(one, tie)))
  if (Array.isArray(type)) return fc.oneof(...type.map((one) => fitting({ ...shape, type: one }, tie)))
  if (properties) return fc.record(fittingEach(properties, tie), { requiredKeys: [] })
  switch (type) {
    case 'string':
      return text
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'integer':
    case 'number':
      return fc.integer({ min: minimum, max: maximum })
    case 'array':
      return fc.array(items ? fitting(items, tie) : tie('any'), { maxLength: 3 })
    default:
      return tie(type === 'object' ? 'map' : 'any')
  }
}

type Fields = {
  readonly type?: string | readonly string[]
  readonly anyOf?: readonly KeySchema[]
  readonly enum?: readonly unknown[]
  readonly items?: KeySchema
  readonly properties?: { readonly [name: string]: KeySchema }
  readonly minimum?: number
  readonly maximum?: number
  readonly $ref?: string
}

function fittingEach(properties: { readonly [name: string]: KeySchema }, tie: Tie) {
  return Object.fromEntries(Object.entries(properties).map(([name, shape]) => [name, fitting(shape, tie)]))
}
