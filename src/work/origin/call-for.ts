import { z } from 'zod'
import { InvalidError } from '../../errors.ts'
import { findNonJson, type Json } from '../../kernel/json.ts'
import { ownerOf } from '../../lib/owner.ts'
import type { CallFor } from '../../model/request/request.ts'

/**
 * The person and the message that a piece of work is done for, as all work below gets it. The owner, the run and
 * its step are not repeated here. `context` is the hash of a value that the program gave. `rules` are the names of the
 * rules of the house that it began with: without them, no call of it is made.
 */
export type WorkFor = Omit<CallFor, 'owner' | 'run' | 'step' | 'context'> & {
  readonly context?: string
  readonly rules?: readonly string[]
}

export const workForSchema: z.ZodType<WorkFor> = z.object({
  conversation: z.string().exactOptional(),
  message: z.string().exactOptional(),
  goal: z.string().exactOptional(),
  agent: z.string().exactOptional(),
  context: z.string().length(64).exactOptional(),
  rules: z.array(z.string()).exactOptional(),
})

const MAX_CONTEXT_BYTES = 16 * 1024

/** InvalidError `invalid_context` for a context that is not JSON, or larger than 16 KiB. */
export function checkContext(context: unknown): Json {
  const strange = findNonJson(context)
  if (strange)
    throw invalidContext(
      `expected JSON, got ${strange.what}${strange.path.length > 0 ? ` at ${strange.path.join('.')}` : ''}`,
    )
  const bytes = Buffer.byteLength(JSON.stringify(context))
  if (bytes <= MAX_CONTEXT_BYTES) return context as Json
  throw invalidContext(
    `expected at most ${MAX_CONTEXT_BYTES} bytes of JSON, got ${bytes}`,
    'Give the id of a record, and let the tool read the rest.',
  )
}

/** The error of a context that cannot be given to the tools of a piece of work. */
export const invalidContext = (why: string, hint = "Write for example context: { customer: 'c-42' }.") =>
  new InvalidError(`\`context\`: ${why}`, { code: 'invalid_context', place: { path: 'context' }, hint })

/** Stores the context of a new piece of work. It has nothing else to pass down but the `rules` of its process. */
export async function storeContext(
  values: { put(value: Json): Promise<string> },
  context: Json | undefined,
  rules: readonly string[] = [],
): Promise<{ readonly workFor?: WorkFor }> {
  const stored = context === undefined ? {} : { context: await values.put(checkContext(context)) }
  return context === undefined && rules.length === 0 ? {} : { workFor: withRules(stored, rules) }
}

export function withRules(work: WorkFor, rules: readonly string[]): WorkFor {
  const { rules: before = [] } = work
  return rules.every((name) => before.includes(name)) ? work : { ...work, rules: [...new Set([...before, ...rules])] }
}

/** Reads the context of a piece of work for a person; undefined: it has none, or it is gone. */
export async function contextOf(
  values: { get(hash: string): Promise<Json> },
  workFor: WorkFor = NOBODY,
): Promise<Json | undefined> {
  const { context } = workFor
  return context === undefined ? undefined : values.get(context).catch(() => undefined)
}

/** The run that makes a call, as far as `callForOf` needs it. */
type RunOfCall = { readonly id: string; readonly owner?: string; readonly workFor?: WorkFor | undefined }

/** Tells a tool for whom a step of a run makes a call. Asynchronous only when a context has to be read. */
export function callForOf(
  { id: run, owner, workFor = NOBODY }: RunOfCall,
  step: string,
  values: { get(hash: string): Promise<Json> },
): CallFor | Promise<CallFor> {
  const { context: hash, rules: _, ...rest } = workFor
  const known: CallFor = { owner: ownerOf({ owner }), run, step, ...rest }
  return hash === undefined ? known : values.get(hash).then((context) => ({ ...known, context }))
}

const NOBODY: WorkFor = {}
