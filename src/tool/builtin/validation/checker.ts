import { Script } from 'node:vm'
import type { ErrorObject, Options, ValidateFunction } from 'ajv'
import { InvalidError, TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import { addOwnFormats } from './formats.ts'

/** A JSON Schema, as data. */
export type JsonSchema = { readonly [keyword: string]: Json | undefined }

/** One thing that is wrong with a value; `path` leads to it, and `validator` is the keyword that says so. */
export type Fault = {
  readonly message: string
  readonly path: readonly (string | number)[]
  readonly validator: string
  /** the types a `type` asks for */
  readonly types?: readonly string[]
}

/** A compiled schema. `notes`: what of it has no effect, such as keywords that do not exist. */
export type Checker = {
  readonly notes: readonly string[]
  /** The faults of each value; `told`: as many in all as are worth telling. */
  check(values: readonly Json[], which?: 'all' | 'told'): readonly (readonly Fault[])[]
}

/** What a schema may have, ms that one check may take, faults that are told, and parts of schema × data of which all faults are looked for. */
const LIMITS = { depth: 64, nodes: 10_000, time: 1000, faults: 1000, thorough: 2_000_000 } as const

/**
 * A checker for a schema of draft 7, 2019-09 or 2020-12; InvalidError when it is none, or too large. References lead nowhere outside.
 * Of much data only the first fault of each value is looked for, unless all are wanted.
 */
export async function openChecker(schema: JsonSchema, data: Json, wantsAll: boolean): Promise<Checker> {
  const notes: string[] = []
  const isSmall = sizeOf(schema) * countNodes(data, LIMITS.thorough) <= LIMITS.thorough
  const ajv = await openAjv(schema, wantsAll || isSmall, notes)
  const { $schema: _, ...given } = schema
  const validate = compile(() => ajv.compile(given))
  const check = (value: Json, left: number) => {
    if (validate(value)) return []
    return (validate.errors ?? []).slice(0, left).map(faultOf)
  }
  return {
    notes,
    check: (values, which = 'told') =>
      inTime(() => {
        let left = which === 'all' ? Number.POSITIVE_INFINITY : LIMITS.faults
        return values.map((value) => {
          const faults = left > 0 ? check(value, left) : []
          left -= faults.length
          return faults
        })
      }),
  }
}

async function openAjv(schema: JsonSchema, allErrors: boolean, notes: string[]) {
  const isNew = /2019-09|2020-12/.test(String(schema.$schema ?? ''))
  const [{ Ajv }, { Ajv2020 }, formats] = await Promise.all([
    import('ajv'),
    import('ajv/dist/2020.js'),
    import('ajv-formats'),
  ])
  const note = (text: unknown) => void (notes.length < 20 && notes.push(String(text)))
  const options: Options = {
    allErrors,
    strictSchema: 'log',
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    addUsedSchema: false,
    logger: { log: note, warn: note, error: note },
  }
  const ajv = isNew ? new Ajv2020(options) : new Ajv(options)
  formats.default.default(ajv as never)
  addOwnFormats(ajv)
  return ajv
}

function compile(make: () => ValidateFunction): ValidateFunction {
  try {
    return inTime(make)
  } catch (error) {
    if ((error as { code?: string }).code === 'too_large') throw error
    throw new InvalidError(`schema: ${(error as Error).message}`, { place: { path: 'schema' }, cause: error })
  }
}

/** A schema is data of somebody's: a pattern or a knot of references in it may take for ever. */
function inTime<T>(act: () => T): T {
  try {
    return new Script('act()').runInNewContext({ act }, { timeout: LIMITS.time }) as T
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    throw new TerminalError(`The schema takes more than ${LIMITS.time} ms to check this data against.`, {
      code: 'too_large',
    })
  }
}

function sizeOf(schema: JsonSchema): number {
  let nodes = 0
  const visit = (value: Json | undefined, depth: number): void => {
    if (++nodes > LIMITS.nodes) throw tooLarge(`more than ${LIMITS.nodes} parts`)
    if (depth > LIMITS.depth) throw tooLarge(`more than ${LIMITS.depth} levels`)
    if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) visit(inner, depth + 1)
  }
  visit(schema, 0)
  return nodes
}

/** How many parts a value has; counted as far as it matters. */
function countNodes(value: Json | undefined, most: number): number {
  if (typeof value !== 'object' || value === null) return 1
  let count = 1
  for (const inner of Object.values(value)) if ((count += countNodes(inner, most - count)) > most) break
  return count
}

function tooLarge(what: string): InvalidError {
  return new InvalidError(`schema: it has ${what}`, { code: 'too_large', place: { path: 'schema' } })
}

function faultOf({ instancePath, message = 'is not valid', keyword, params }: ErrorObject): Fault {
  const path = instancePath.split('/').slice(1).map(partOf)
  const extra = (params as { additionalProperty?: string; allowedValues?: unknown }).additionalProperty
  const values = (params as { allowedValues?: unknown }).allowedValues
  const more = extra === undefined ? (values === undefined ? '' : `: ${JSON.stringify(values)}`) : `: ${extra}`
  return {
    message: `${path.join('.') || 'the value'} ${message}${more}`,
    path,
    validator: keyword,
    ...(keyword === 'type' && { types: [(params as { type: string | string[] }).type].flat() }),
  }
}

function partOf(part: string): string | number {
  const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
  return /^(0|[1-9]\d{0,8})$/.test(name) ? Number(name) : name
}
