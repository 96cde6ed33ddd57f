import type { StandardSchemaV1 } from '@standard-schema/spec'
import { problemOf } from '../../errors.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { faultText, validationIssues } from '../../kernel/schema-issues/validation-issues.ts'
import type { ReportAgentFinding } from './finding.ts'

/** The JSON Schema of an object. */
export type ObjectJsonSchema = { readonly type: 'object'; readonly [keyword: string]: unknown }

/** The form of the answer of an agent: a Standard Schema (zod, valibot, arktype) of an object, or a JSON Schema. */
export type OutputSchema = StandardSchemaV1<object, unknown> | ObjectJsonSchema

/** The output of an agent of a program: the schema that checks it, and the hash of its JSON Schema. */
export type CodeOutput = { readonly schema: StandardSchemaV1; readonly hash: string }

/** The type of the values that a schema gives; never: there is no schema. */
export type OutputOf<Schema> =
  Schema extends StandardSchemaV1<object, infer Value> ? Value : Schema extends ObjectJsonSchema ? JsonObject : never

/** Whether a value is a Standard Schema. Some of them are functions. */
export const isStandardSchema = (value: unknown): value is StandardSchemaV1 =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') && '~standard' in value

/** Reports a JSON Schema that cannot be used; `wrong` says why. */
export function reportUnusable(wrong: string, report: ReportAgentFinding): void {
  report('error', ['output'], `\`output\` is not a usable JSON Schema: ${wrong}`, { hint: EXAMPLE })
}

const EXAMPLE = 'For example: output: { type: object, properties: { name: { type: string } }, required: [name] }'

/** Whether a JSON Schema is not one of an object, which it reports. Models give an answer as parameters of a call. */
export function reportNotObject({ type }: { readonly type?: unknown }, report: ReportAgentFinding): boolean {
  if (type === 'object') return false
  const found = type === undefined ? 'a schema without a type' : `\`type: ${JSON.stringify(type)}\``
  report('error', ['output'], `\`output\`: expected a schema with \`type: object\`, got ${found}`, {
    hint: 'Put another value into a property, such as { type: object, properties: { lines: { type: array } } }.',
  })
  return true
}

/** The value that a schema makes of an answer, or its faults in words. A schema that throws refuses the answer. */
export async function readOutput<Value>(
  schema: StandardSchemaV1<unknown, Value>,
  answer: unknown,
): Promise<{ readonly value: Value } | { readonly wrong: string }> {
  try {
    const result = await schema['~standard'].validate(answer)
    if (!result.issues) return { value: result.value }
    return { wrong: validationIssues(result.issues, answer).slice(0, MAX_FAULTS).map(faultText).join('; ') }
  } catch (error) {
    return { wrong: problemOf(error).message }
  }
}

/** The maximum of faults reported for one answer. */
const MAX_FAULTS = 10
