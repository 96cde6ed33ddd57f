import type { OutputUnit, Schema, SchemaDraft } from '@cfworker/json-schema'
import { InvalidError, TerminalError } from '../../../errors.ts'
import { asText, type Json } from '../../../kernel/json.ts'
import { valueAt } from '../../../kernel/schema-issues/validation-issues.ts'
import { checkLongNumbers, placeOf } from '../../../lib/json/long-faults.ts'
import { isLongWhole } from '../../../lib/json/whole.ts'
import { measureSchema, sizeOfValue } from '../../../model/structured-output/schema-budget.ts'
import { lintSchema } from './schema-lint.ts'

export const CHECK_SUBJECT = 'Checking this data against the schema'

export type CheckedSchema = { readonly [keyword: string]: Json | undefined }

/** A violation: the path to the value, and the keyword that is violated. */
export type SchemaFault = {
  readonly message: string
  readonly path: readonly (string | number)[]
  readonly validator: string
  /** the types that `type` allows */
  readonly types?: readonly string[]
}

/** A compiled schema. `notes`: parts without effect, such as unknown keywords. */
type SchemaChecker = {
  readonly notes: readonly string[]
  /** The faults per value; `told` limits their total number. */
  check(values: readonly Json[], which?: 'all' | 'told'): readonly (readonly SchemaFault[])[]
}

/** `faults`: reported at most. `thorough`: up to this product of schema and data size, all faults are collected. */
const CHECK_LIMITS = { faults: 1000, thorough: 2_000_000 } as const

/**
 * Compiles a schema of draft 4, 7, 2019-09 or 2020-12. External references are not followed. The
 * schema is interpreted, never compiled to code. For large data, only the first fault per value is
 * collected unless `wantsAll`.
 * @throws InvalidError if the schema is invalid or too large
 */
export async function createChecker(schema: CheckedSchema, data: Json, wantsAll: boolean): Promise<SchemaChecker> {
  const { size } = measureSchema(schema)
  const isSmall = size * sizeOfValue(data, CHECK_LIMITS.thorough / size) <= CHECK_LIMITS.thorough
  const notes = lintSchema(schema)
  const { Validator, format } = await import('@cfworker/json-schema')
  addOwnFormats(format)
  const validator = compile(() => new Validator(schema as Schema, draftOf(schema), !(wantsAll || isSmall)))
  const check = (value: unknown) => {
    const { valid, errors } = validator.validate(value)
    return valid ? [] : leavesOf(errors).map(faultOf)
  }
  const numeric = { check, wantsNumber, numberOf: Number }
  return {
    notes,
    check: (values, which = 'told') =>
      compile(() => {
        let left = which === 'all' ? Number.POSITIVE_INFINITY : CHECK_LIMITS.faults
        return values.map((value) => {
          const { first, faults: all, places } = left > 0 ? checkLongNumbers(value, numeric) : NO_FAULTS
          // the number is the nearest one: limits can be checked by it, and equality only by the digits
          const isOfDigits = (one: SchemaFault) => EXACT.includes(one.validator) && places.has(placeOf(one.path))
          const exact = [...all.filter((one) => !isOfDigits(one)), ...first.filter(isOfDigits)]
          const faults = (places.size === 0 ? all : exact.map((one) => withDigits(one, value))).slice(0, left)
          left -= faults.length
          return faults
        })
      }),
  }
}

const wantsNumber = ({ validator, types = [] }: SchemaFault) =>
  ['anyOf', 'oneOf'].includes(validator) || types.includes('integer') || types.includes('number')

/** A message about a number beyond 2^53 has its digits, not the nearest number. */
function withDigits(fault: SchemaFault, value: Json): SchemaFault {
  const digits = valueAt(value, fault.path)
  if (!isLongWhole(digits)) return fault
  return { ...fault, message: fault.message.replace(String(Number(digits)), digits.trim()) }
}

const NO_FAULTS = { first: [], faults: [], places: new Set<string>() }
const EXACT = ['enum', 'const', 'multipleOf']

function draftOf({ $schema }: CheckedSchema): SchemaDraft {
  const [found] = /2019-09|2020-12|draft-04/.exec(asText($schema ?? '')) ?? []
  return found === undefined ? '7' : found === 'draft-04' ? '4' : (found as SchemaDraft)
}

function compile<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    // many faults below nested references can overflow the stack
    if (error instanceof RangeError) throw tooMuch(error)
    throw new InvalidError(`schema: ${(error as Error).message.split('\n', 1)[0]}`, {
      place: { path: 'schema' },
      cause: error,
    })
  }
}

function tooMuch(cause: unknown): TerminalError {
  return new TerminalError(`${CHECK_SUBJECT} exceeds its limits.`, { code: 'too_large', cause })
}

/** Keywords whose fault only repeats a fault below, and keywords whose faults below are alternatives. */
const WRAPPERS = [
  'properties',
  'patternProperties',
  'items',
  'additionalItems',
  'prefixItems',
  '$ref',
  'allOf',
  'if',
  'dependentSchemas',
]
const CHOICES = ['anyOf', 'oneOf', 'not', 'contains']

/** The faults that explain the problem: without wrappers, and without the reasons why each alternative fails. */
function leavesOf(errors: readonly OutputUnit[]): readonly OutputUnit[] {
  const choices = errors.filter(({ keyword }) => CHOICES.includes(keyword)).slice(0, 100)
  const isInside = ({ keywordLocation, instanceLocation }: OutputUnit) =>
    choices.some(
      (choice) =>
        keywordLocation.startsWith(`${choice.keywordLocation}/`) &&
        instanceLocation.startsWith(choice.instanceLocation),
    )
  const leaves = errors.filter(
    (error) => error.keyword !== 'false' && !WRAPPERS.includes(error.keyword) && !isInside(error),
  )
  const distinct = leaves.filter((error) => !isRepeated(error, leaves))
  return distinct.length > 0 ? distinct : errors.slice(0, 1)
}

/** A declared property with a fault is also reported as an unevaluated one. That report is dropped. */
function isRepeated({ keyword, instanceLocation, error }: OutputUnit, leaves: readonly OutputUnit[]): boolean {
  if (keyword !== 'additionalProperties' && keyword !== 'unevaluatedProperties') return false
  const [, name = ''] = /^Property "(.*)" does not match/.exec(error) ?? []
  const place = `${instanceLocation}/${encodeURI(name.replaceAll('~', '~0').replaceAll('/', '~1'))}`
  return leaves
    .slice(0, 200)
    .some((leaf) => leaf.instanceLocation === place || leaf.instanceLocation.startsWith(`${place}/`))
}

function faultOf({ instanceLocation, keyword, error }: OutputUnit): SchemaFault {
  const path = instanceLocation.replace(/^#/, '').split('/').slice(1).map(partOf)
  const types = keyword === 'type' ? /Expected (.*)\.$/.exec(error)?.[1]?.match(/[a-z]+/g) : undefined
  return {
    message: `${path.join('.') || 'the value'}: ${error.replace(/\.$/, '')}`,
    path,
    validator: keyword,
    ...(types && { types }),
  }
}

function partOf(part: string): string | number {
  const name = decodeURI(part).replaceAll('~1', '/').replaceAll('~0', '~')
  return /^(0|[1-9]\d{0,8})$/.test(name) ? Number(name) : name
}

/** Formats of pipelines in addition to the JSON Schema formats. */
const FORMATS: { readonly [name: string]: (text: string) => boolean } = {
  'model-id': (text) => /^[\w-]+\/[\w.:-]+$/.test(text),
  'tool-name': (text) => /^[a-z][a-z0-9_-]*$/.test(text),
  'file-path': (text) => text !== '' && !text.startsWith(' ') && !text.includes('\0'),
  'yaml-path': (text) => /^\$?\.?[\w[\].*]+$/.test(text),
  'pipeline-ref': (text) => /^[\w-]+$/.test(text),
  'task-ref': (text) => /^[\w-]+\.[\w-]+$/.test(text),
}

function addOwnFormats(known: { [name: string]: (text: string) => boolean }): void {
  Object.assign(known, FORMATS)
}
