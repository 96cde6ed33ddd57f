import type { Json } from '../../../kernel/schema.ts'
import { present } from '../../../lib/json/present.ts'
import type { PropertySchema } from '../../../tool/schema.ts'
import type { AnswerShape } from '../../plan/auto-tag.ts'
import { INPUT_TYPES } from '../../plan/inputs.ts'
import { suggestOrList } from '../diagnostics/did-you-mean.ts'
import type { FoundTag } from '../source/find-tags.ts'

type TagFault = { readonly wrong: string; readonly hint?: string | undefined }

/** Attributes that state the kind of answer, and attributes that name its subject. */
const SHAPE_ATTRIBUTES = ['type', 'min', 'max', 'choices', 'options', 'values', 'enum']
const HINT_ATTRIBUTES = ['task', 'expertise', 'domain', 'complexity', 'quality']

/** The topic words of a tag. */
export function tagHints({ attributes }: FoundTag): readonly string[] {
  return HINT_ATTRIBUTES.flatMap((name) => attributes[name] ?? [])
}

/** Reports attributes without a meaning. */
export function strayAttributes({ attributes }: FoundTag): readonly TagFault[] {
  const known = [...SHAPE_ATTRIBUTES, ...HINT_ATTRIBUTES]
  const stray = Object.keys(attributes).filter((name) => !known.includes(name))
  return stray.map((name) => ({
    wrong: `an <AUTO> tag has no attribute \`${name}\``,
    hint: suggestOrList(name, known, 'attributes'),
  }))
}

/** The target of a tag: its key, and the schema of the property it fills. */
type TagTarget = { readonly key: string; readonly property?: PropertySchema | undefined }

const BOOLEAN_SHAPE: AnswerShape = { type: 'boolean', otherwise: false }
const positiveInteger = (otherwise: number): AnswerShape => ({ type: 'integer', min: 1, otherwise })

const SHAPES_BY_KEY: { readonly [key: string]: AnswerShape } = {
  condition: BOOLEAN_SHAPE,
  if: BOOLEAN_SHAPE,
  while: BOOLEAN_SHAPE,
  until: BOOLEAN_SHAPE,
  while_condition: BOOLEAN_SHAPE,
  for_each: { type: 'list' },
  foreach: { type: 'list' },
  items: { type: 'list' },
  on: { type: 'list' },
  max_tokens: positiveInteger(1000),
  max_completion_tokens: positiveInteger(1000),
  max_iterations: positiveInteger(10),
  max_results: positiveInteger(10),
  temperature: { type: 'number', min: 0, max: 2, otherwise: 0.7 },
  model: { type: 'model' },
}

/** The shape of the answer: from its attributes, key or tool's schema, else text; or a fault in its attributes. */
export function answerShapeOf(
  { attributes, whole, quoted }: FoundTag,
  { key, property }: TagTarget,
): AnswerShape | TagFault {
  const typed = attributes.type !== undefined || choicesIn(attributes) !== undefined
  if (typed) return shapeOfAttributes(attributes)
  const byKey = Object.hasOwn(SHAPES_BY_KEY, key) ? SHAPES_BY_KEY[key] : undefined
  if (byKey && (whole || (byKey.type === 'boolean' && !quoted))) return narrowShape(byKey, attributes)
  return (whole ? shapeOfProperty(property) : undefined) ?? { type: 'text' }
}

type Attributes = FoundTag['attributes']

function shapeOfAttributes(attributes: Attributes): AnswerShape | TagFault {
  const choices = choicesIn(attributes)
  if (choices) return choices.length > 0 ? { type: 'choice', choices } : { wrong: 'an <AUTO> tag has no choices' }
  const word = attributes.type!.toLowerCase()
  const type = Object.hasOwn(INPUT_TYPES, word) ? INPUT_TYPES[word] : undefined
  switch (type) {
    case 'integer':
    case 'number':
      return narrowShape({ type }, attributes)
    case 'boolean':
      return BOOLEAN_SHAPE
    case 'array':
      return { type: 'list' }
    case 'object':
    case 'any':
      return { type }
    case 'string':
      return { type: 'text' }
    default:
      return {
        wrong: `an <AUTO> tag has no type \`${word}\``,
        hint: suggestOrList(word, Object.keys(INPUT_TYPES), 'types'),
      }
  }
}

function choicesIn({ choices, options, values, enum: allowed }: Attributes): readonly string[] | undefined {
  const text = choices ?? options ?? values ?? allowed
  return text?.split(/[,|;]/).flatMap((choice) => choice.trim().replace(/^(["'])(.*)\1$/, '$2') || [])
}

function narrowShape(shape: AnswerShape, { min, max }: Attributes): AnswerShape | TagFault {
  if (shape.type !== 'integer' && shape.type !== 'number') return shape
  const [least, most] = [min, max].map((text) => (text === undefined ? undefined : Number(text)))
  if (Number.isNaN(least) || Number.isNaN(most))
    return {
      wrong: `expected numbers as \`min\` and \`max\` of an <AUTO> tag, got ${[min, max].filter(Boolean).join(' and ')}`,
    }
  const low = least ?? shape.min
  const high = most ?? shape.max
  if (low !== undefined && high !== undefined && low > high)
    return { wrong: `expected min below max, got ${low} and ${high}` }
  const usual = shape.otherwise ?? low
  const otherwise = usual === undefined ? undefined : Math.min(Math.max(usual, low ?? usual), high ?? usual)
  return { type: shape.type, ...present({ min: low, max: high, otherwise }) }
}

function shapeOfProperty(property: PropertySchema | undefined): AnswerShape | undefined {
  if (!property) return undefined
  const { type, minimum, maximum } = property
  if (property.enum?.every((value) => typeof value === 'string'))
    return { type: 'choice', choices: property.enum as string[] }
  if (type === 'boolean') return BOOLEAN_SHAPE
  if (type === 'array') return { type: 'list' }
  if (type === 'object') return { type: 'object' }
  if (type !== 'integer' && type !== 'number') return undefined
  const [min, max] = [minimum, maximum].map((limit) =>
    typeof limit === 'number' && Math.abs(limit) < 1e9 ? limit : undefined,
  )
  const usual = typeof property.default === 'number' ? property.default : min
  return { type, ...present({ min, max, otherwise: usual }) }
}

/** The answer shape as JSON Schema. */
export function answerSchema(shape: AnswerShape, about: string): { readonly [keyword: string]: Json } {
  const description = about.slice(0, 1000)
  switch (shape.type) {
    case 'integer':
    case 'number':
      return { type: shape.type, description, ...present({ minimum: shape.min, maximum: shape.max }) }
    case 'boolean':
      return { type: 'boolean', description }
    case 'list':
      return { type: 'array', description }
    case 'object':
      return { type: 'object', description }
    case 'choice':
      return shape.many
        ? { type: 'array', items: { enum: [...shape.choices] }, description }
        : { enum: [...shape.choices], description }
    default:
      return { description }
  }
}
