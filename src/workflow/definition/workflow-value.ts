import type { StandardSchemaV1 } from '@standard-schema/spec'
import { InvalidError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { shown } from '../../lib/shown.ts'
import { type Around, placeOfWorkflow, ruleOf } from '../../work/rules/house-rules.ts'
import type { WorkflowContext } from './context.ts'

/** A schema of an input or of an answer: zod, valibot, arktype, or any other Standard Schema. */
export type AnySchema = StandardSchemaV1

/** The form in which a value comes back from the record: JSON. A value that JSON cannot hold does not compile. */
export type Stored<T> = [Json] extends [T] ? T : StoredPart<T>

type StoredPart<T> = T extends string | number | boolean | null | undefined | void
  ? T
  : T extends Date | Map<unknown, unknown> | Set<unknown> | bigint | symbol | ((...args: never) => unknown)
    ? { readonly 'not JSON': T }
    : { [Key in keyof T]: Stored<T[Key]> }

/** A workflow as a program writes it. */
export type WorkflowOptions<Name extends string, Input extends AnySchema, Output> = {
  /** letters, digits, `-` and `_`; runs keep it */
  readonly name: Name
  readonly description?: string
  /** 1, 2, …; absent: 1. Several may stand beside each other: a run keeps its own, new runs take the highest */
  readonly version?: number
  readonly input: Input
  /** `undo`: a run that fails undoes its completed steps, the newest first; absent: it fails as it stands */
  readonly onFailure?: 'undo'
  /** rules around the calls of its runs, and around all work below them */
  readonly around?: Around
  /** The function. It acts only through `ctx`; whatever else has an effect belongs into a step. */
  run(ctx: WorkflowContext, input: StandardSchemaV1.InferOutput<Input>): Promise<Output>
}

const WORKFLOW = Symbol.for('antiphon.workflow')

/** A durable function: `app.start(workflow, input)` runs it. Its types are those of its input and its result. */
export type Workflow<Name extends string = string, Input = unknown, Output = unknown> = {
  readonly name: Name
  readonly description?: string
  readonly version: number
  readonly input: AnySchema
  readonly onFailure?: 'undo'
  readonly around?: Around
  run(ctx: WorkflowContext, input: unknown): Promise<unknown>
  readonly [WORKFLOW]: true
  /** types only */
  readonly '~types'?: { readonly input: Input; readonly output: Output }
}

/**
 * Defines a workflow: a function whose steps are recorded, so that it goes on after any crash where it was.
 * @throws InvalidError for a wrong name or a missing part
 */
export function defineWorkflow<const Name extends string, Input extends AnySchema, Output>(
  options: WorkflowOptions<Name, Input, Output>,
): Workflow<Name, StandardSchemaV1.InferInput<Input>, Stored<Output>> {
  const { name, description, version = 1, input, onFailure, around, run } = options
  if (typeof name !== 'string' || !WORKFLOW_NAME.test(name))
    throw wrong('name', `expected letters, digits, - and _, beginning with a letter, got ${shown(name)}`)
  if (!Number.isSafeInteger(version) || version < 1) throw wrong('version', `expected 1 or more, got ${shown(version)}`)
  if (typeof input !== 'object' && typeof input !== 'function')
    throw wrong('input', 'expected a schema, such as z.object({ … })')
  if (!('~standard' in input)) throw wrong('input', 'expected a Standard Schema, such as one of zod')
  if (typeof run !== 'function') throw wrong('run', 'expected a function: async run(ctx, input) { … }')
  return {
    name,
    ...(description !== undefined && { description }),
    version,
    input,
    ...(onFailure && { onFailure }),
    ...(around !== undefined && { around: ruleOf(around, placeOfWorkflow({ name, version })) as Around }),
    run: run as Workflow['run'],
    [WORKFLOW]: true,
  }
}

const WORKFLOW_NAME = /^[a-zA-Z][\w-]{0,99}$/

/** Whether a value is a workflow of `defineWorkflow`, also of another copy of this package. */
export const isWorkflow = (value: unknown): value is Workflow =>
  typeof value === 'object' && value !== null && WORKFLOW in value

const wrong = (key: string, what: string) =>
  new InvalidError(`defineWorkflow: ${key}: ${what}.`, { place: { path: key } })
