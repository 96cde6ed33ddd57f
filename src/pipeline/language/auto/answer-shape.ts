import type { Json } from '../../../kernel/schema.ts'
import type { PropertySchema } from '../../../tool/schema.ts'
import type { AnswerShape } from '../../plan/auto-tag.ts'
import { INPUT_TYPES } from '../../plan/inputs.ts'
import { suggestOrList } from '../diagnostics/did-you-mean.ts'
import type { FoundTag } from '../source/find-tags.ts'

/** What is wrong with the attributes of a tag, and what may be meant. */
export type Wrong = { readonly wrong: string; readonly hint?: string | undefined }

/** Attributes that say what kind of answer is wanted, and those that are words for what it is about. */
const SHAPING = ['type', 'min', 'max', 'choices', 'options', 'values', 'enum']
const ABOUT = ['task', 'expertise', 'domain', 'complexity', 'quality']

/** What a tag says that it is about. */
export function hintsOf({ attributes }: FoundTag): readonly string[] {
  return ABOUT.flatMap((name) => attributes[name] ?? [])
}

/** What is wrong with each attribute that means nothing. */
export function strayAttributes({ attributes }: FoundTag): readonly Wrong[] {
  const known = [...SHAPING, ...ABOUT]
  const stray = Object.keys(attributes).filter((name) => !known.includes(name))
  return stray.map((name) => ({
    wrong: `an <AUTO> tag has no attribute \`${name}\``,
    hint: suggestOrList(name, known, 'attributes'),
  }))
}

/** Where a tag stands: the key, and what the tool that gets the value says of it. */
export type Place = { readonly key: string; readonly property?: PropertySchema | undefined }

const BOOLEAN: AnswerShape = { type: 'boolean', otherwise: false }
const count = (otherwise: number): AnswerShape => ({ type: 'integer', min: 1, otherwise })

/** What a key wants, whatever its step does. */
const KEYS: { readonly [key: string]: AnswerShape } = {
  ...{ condition: BOOLEAN, if: BOOLEAN, while: BOOLEAN, until: BOOLEAN, while_condition: BOOLEAN },
  ...{ for_each: { type: 'list' }, foreach: { type: 'list' }, items: { type: 'list' }, on: { type: 'list' } },
  ...{ max_tokens: count(1000), max_completion_tokens: count(1000), max_iterations: count(10), max_results: count(10) },
  temperature: { type: 'number', min: 0, max: 2, otherwise: 0.7 },
  model: { type: 'model' },
}

/** By its attributes, else by its key, else by what the tool wants, else text; or what is wrong with its attributes. */
export function shapeOf({ attributes, whole, quoted }: FoundTag, { key, property }: Place): AnswerShape | Wrong {
  const typed = attributes.type !== undefined || choicesIn(attributes) !== undefined
  if (typed) return shapeIn(attributes)
  const byKey = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined
  if (byKey && (whole || (byKey.type === 'boolean' && !quoted))) return narrowed(byKey, attributes)
  return (whole ? byProperty(property) : undefined) ?? { type: 'text' }
}

type Attributes = FoundTag['attributes']

function shapeIn(attributes: Attributes): AnswerShape | Wrong {
  const choices = choicesIn(attributes)
  if (choices)
    return choices.length > 0 ? { type: 'choice', choices } : { wrong: 'an <AUTO> tag has nothing to choose from' }
  const word = attributes.type!.toLowerCase()
  const type = Object.hasOwn(INPUT_TYPES, word) ? INPUT_TYPES[word] : undefined
  switch (type) {
    case 'integer':
    case 'number':
      return narrowed({ type }, attributes)
    case 'boolean':
      return BOOLEAN
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

function narrowed(shape: AnswerShape, { min, max }: Attributes): AnswerShape | Wrong {
  if (shape.type !== 'integer' && shape.type !== 'number') return shape
  const [least, most] = [min, max].map((text) => (text === undefined ? undefined : Number(text)))
  if (Number.isNaN(least) || Number.isNaN(most)) return { wrong: '`min` and `max` of an <AUTO> tag are numbers' }
  const low = least ?? shape.min
  const high = most ?? shape.max
  if (low !== undefined && high !== undefined && low > high) return { wrong: `nothing lies between ${low} and ${high}` }
  const usual = shape.otherwise ?? low
  const otherwise = usual === undefined ? undefined : Math.min(Math.max(usual, low ?? usual), high ?? usual)
  return {
    type: shape.type,
    ...(low !== undefined && { min: low }),
    ...(high !== undefined && { max: high }),
    ...(otherwise !== undefined && { otherwise }),
  }
}

function byProperty(property: PropertySchema | undefined): AnswerShape | undefined {
  if (!property) return undefined
  const { type, minimum, maximum } = property
  if (property.enum?.every((value) => typeof value === 'string'))
    return { type: 'choice', choices: property.enum as string[] }
  if (type === 'boolean') return BOOLEAN
  if (type === 'array') return { type: 'list' }
  if (type === 'object') return { type: 'object' }
  if (type !== 'integer' && type !== 'number') return undefined
  const [min, max] = [minimum, maximum].map((limit) =>
    typeof limit === 'number' && Math.abs(limit) < 1e9 ? limit : undefined,
  )
  const usual = typeof property.default === 'number' ? property.default : min
  return {
    type,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(usual !== undefined && { otherwise: usual }),
  }
}

/** The answer of that shape as JSON Schema. */
export function schemaOf(shape: AnswerShape, about: string): { readonly [keyword: string]: Json } {
  const description = about.slice(0, 1000)
  switch (shape.type) {
    case 'integer':
    case 'number':
      return {
        ...{ type: shape.type, description },
        ...(shape.min !== undefined && { minimum: shape.min }),
        ...(shape.max !== undefined && { maximum: shape.max }),
      }
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
