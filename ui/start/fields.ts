/** A field of a form that a JSON Schema makes. `json`: a value that has no simpler form. */
export type Field = {
  readonly name: string
  readonly about?: string
  readonly isRequired: boolean
  /** no draft and no command has its text */
  readonly isSecret: boolean
  /** its text in the form at first */
  readonly given: string
  /** no text is a text of no length, and not left out */
  readonly keepsEmpty?: true
} & (
  | { readonly type: 'text' | 'long' | 'number' | 'integer' | 'boolean' | 'json' }
  | { readonly type: 'choice'; readonly choices: readonly string[] }
)

type Schema = { readonly [key: string]: unknown }

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The fields of an object schema; undefined: its input needs JSON as a whole. Pure. */
export function fieldsOf(schema: unknown): readonly Field[] | undefined {
  if (!isSchema(schema) || !isSchema(schema.properties)) return undefined
  const required = Array.isArray(schema.required) ? schema.required : []
  return Object.entries(schema.properties).map(([name, one]) =>
    fieldOf(name, isSchema(one) ? one : {}, required.includes(name)),
  )
}

function fieldOf(name: string, schema: Schema, isNamed: boolean): Field {
  const { description, default: given, enum: values } = schema
  const about = typeof description === 'string' ? description : undefined
  const field = {
    name,
    isRequired: isNamed && given === undefined,
    isSecret: holdsSecret(schema),
    given: given === undefined || given === null ? '' : typeof given === 'string' ? given : JSON.stringify(given),
    ...(about !== undefined && { about }),
  }
  if (Array.isArray(values) && values.every((value) => typeof value === 'string'))
    return { ...field, type: 'choice', choices: values }
  return { ...field, type: typeOf(schema) }
}

/** The fields of a form that changes an object: one for each of its values; undefined: it needs JSON as a whole. Pure. */
export function fieldsFor(content: unknown): readonly Field[] | undefined {
  const entries = isSchema(content) ? Object.entries(content) : []
  if (entries.length === 0 || entries.length > MAX_FIELDS) return undefined
  return entries.map(([name, value]): Field => {
    const field = { name, isRequired: true, isSecret: false }
    if (typeof value === 'string')
      return {
        ...field,
        given: value,
        keepsEmpty: true,
        type: /\n/.test(value) || value.length > LONG ? 'long' : 'text',
      }
    const given = JSON.stringify(value)
    if (typeof value === 'number') return { ...field, given, type: 'number' }
    if (typeof value === 'boolean') return { ...field, given, type: 'boolean' }
    return { ...field, given, type: 'json', about: 'as JSON' }
  })
}

/** An object of more values is shown and changed as JSON. */
export const MAX_FIELDS = 12

/** Whether a value of the schema is a secret, or has one in it. Pure. */
export const holdsSecret = (schema: unknown): boolean =>
  /"format":"password"|"writeOnly":true/.test(JSON.stringify(schema) ?? '')

/** Texts of this length have several lines. */
const LONG = 200

function typeOf({ type, maxLength, format, writeOnly }: Schema): Exclude<Field['type'], 'choice'> {
  if (type === 'boolean' || type === 'integer' || type === 'number') return type
  if (type !== 'string') return 'json'
  if (writeOnly) return 'text'
  return format === undefined && typeof maxLength === 'number' && maxLength > LONG ? 'long' : 'text'
}

export type Input = { readonly [name: string]: unknown }

/** The input that the texts of a form make, and the fields whose texts are wrong. Pure. */
export function inputOf(
  fields: readonly Field[],
  texts: { readonly [name: string]: string },
): { readonly input: Input; readonly wrong: { readonly [name: string]: string } } {
  const input: { [name: string]: unknown } = {}
  const wrong: { [name: string]: string } = {}
  for (const field of fields) {
    const text = texts[field.name] ?? field.given
    if (isLeftOut(field, text)) {
      if (field.isRequired) wrong[field.name] = 'A value is expected.'
      continue
    }
    const value = readValue(field, text)
    if (value === undefined) wrong[field.name] = EXPECTED[field.type] ?? 'Another value is expected.'
    else input[field.name] = value
  }
  return { input, wrong }
}

/** Blanks are a text, and nothing else. */
const isLeftOut = ({ type, keepsEmpty }: Field, text: string): boolean =>
  (text === '' && !keepsEmpty) || (type !== 'text' && type !== 'long' && text.trim() === '')

/** Said of inputs that are not such an object. */
export const NOT_INPUTS = 'Expected JSON such as {"city": "Kiel"}.'

/** Inputs that are typed as JSON; undefined: it is not an object. Nothing typed is no inputs. Pure. */
export function inputsIn(text: string): Input | undefined {
  if (text.trim() === '') return {}
  const value = readValue({ type: 'json' }, text)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Input) : undefined
}

const EXPECTED: { readonly [type: string]: string } = {
  number: 'A number is expected.',
  integer: 'A whole number is expected.',
  json: 'JSON is expected, such as ["a", "b"] or {"a": 1}.',
}

function readValue({ type }: Pick<Field, 'type'>, text: string): unknown {
  if (type === 'boolean') return text === 'true'
  if (type === 'number' || type === 'integer') {
    const value = Number(text)
    return Number.isFinite(value) && (type === 'number' || Number.isInteger(value)) ? value : undefined
  }
  if (type !== 'json') return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** The field that a path in a refusal names: `inputs.ship` of a pipeline, or `ship` of a workflow. Pure. */
export function fieldAt(path: string, fields: readonly Pick<Field, 'name'>[]): string | undefined {
  const [, named] = /^(?:inputs?\.)?([^.[]+)/.exec(path) ?? []
  return fields.find(({ name }) => name === named)?.name
}
