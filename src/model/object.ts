import { InvalidError } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import { objectOfBare } from './bare.ts'
import type { JsonSchema } from './task.ts'

/** The JSON that a text is or, when a model wraps it, holds; or what is wrong with it in one sentence. */
export type Checked = { readonly object: Json } | { readonly wrong: string }

/** A check of texts against a schema; InvalidError when the schema itself cannot be used. */
export async function objectCheck(schema: JsonSchema): Promise<(text: string) => Checked> {
  const accepts = await acceptorOf(schema)
  return (text) => {
    const parsed = parseJson(text)
    const checked = 'wrong' in parsed ? parsed : accepts(parsed.object)
    if ('object' in checked) return checked
    const bare = objectOfBare(schema, text, 'object' in parsed ? parsed.object : undefined)
    const second = bare === undefined ? checked : accepts(bare)
    return 'object' in second ? second : checked
  }
}

type Accepts = (value: Json) => Checked

/** Of the schemas that came last: to make one takes more than the rest of a call, and steps and phases ask by the same schemas again and again. */
const known = new Map<string, Accepts>()
const MOST = 256

async function acceptorOf(schema: JsonSchema): Promise<Accepts> {
  const text = JSON.stringify(schema)
  const found = known.get(text)
  if (found) return found
  const made = await createAcceptor(schema)
  if (known.size >= MOST) known.delete(known.keys().next().value!)
  known.set(text, made)
  return made
}

async function createAcceptor(schema: JsonSchema): Promise<Accepts> {
  const { z } = await import('zod')
  const type = fromSchema(z.fromJSONSchema, schema)
  return (object) => {
    const issue = type.safeParse(object).error?.issues[0]
    return issue ? { wrong: `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}` } : { object }
  }
}

function fromSchema<T>(read: (schema: JsonSchema) => T, schema: JsonSchema): T {
  try {
    return read(schema)
  } catch (error) {
    throw new InvalidError(`the schema cannot be used: ${error instanceof Error ? error.message : error}`, {
      place: { path: 'schema' },
      hint: 'Give a JSON Schema without remote references, conditions or unevaluated keywords.',
    })
  }
}

/** Models like to put JSON into a fence or a sentence: then it is what lies between the first and last bracket. */
function parseJson(text: string): Checked {
  for (const candidate of [text, bracketedIn(text)]) {
    const object = tryParse(candidate)
    if (object !== undefined) return { object }
  }
  return { wrong: 'it is not JSON' }
}

function bracketedIn(text: string): string {
  const last = Math.max(text.lastIndexOf(']'), text.lastIndexOf('}'))
  return text.slice(Math.max(0, text.search(/[[{]/)), last + 1)
}

function tryParse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
