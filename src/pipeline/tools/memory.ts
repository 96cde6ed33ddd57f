import { z } from 'zod'
import { errorOf } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { ownerOf } from '../../lib/owner.ts'
import type { CallbackContext, CallbackTool, CallbackVerdict } from '../../step/call/callback.ts'
import type { StepContext } from '../../step/call/context.ts'
import type { CallbackRequest, CallbackResult } from '../../step/messages/callback.ts'
import { readRef, storeRef, type ValueRef } from '../../step/values.ts'
import { anyValue, numberParameter, onlyInRuns } from '../../tool/parameters.ts'
import type { NotesMessage } from '../plan/messages/notes.ts'

const name = z.coerce.string().min(1).max(200)
const namespace = name.default('default')
const keyed = z.object({ namespace, key: name })
const storing = keyed.extend({ value: anyValue, ttl: numberParameter.optional() })
const whole = z.object({ namespace })

/** `mcp-memory`: values that outlast the run, by namespace and key, for one owner. */
export const memoryTools: readonly CallbackTool[] = [
  memoryTool('store', 'Stores a value under a key, for `ttl` seconds or forever', storing, {
    key: name,
    stored: z.boolean(),
  }),
  memoryTool('retrieve', 'Returns the value of a key', keyed, {
    key: name,
    found: z.boolean(),
    value: anyValue,
    metadata: z.record(z.string(), anyValue),
  }),
  memoryTool('delete', 'Deletes a key', keyed, { key: name, deleted: z.boolean() }),
  memoryTool('list', 'Lists the keys of a namespace', whole, { keys: z.array(z.string()), count: z.int() }),
  memoryTool('clear', 'Deletes all keys of a namespace', whole, { cleared: z.int() }),
]

function memoryTool(
  operation: NotesMessage['type'],
  description: string,
  input: z.ZodType,
  fields: z.ZodRawShape,
): CallbackTool {
  return {
    name: `mcp-memory:${operation}`,
    description,
    input,
    output: z.object({ namespace, ...fields }),
    effect: 'pure',
    execute: onlyInRuns('mcp-memory'),
    asking: { ask: (given, context) => ask(operation, given as MemoryInput, context), take },
  }
}

type MemoryInput = { readonly namespace: string; readonly key?: string; readonly value?: Json; readonly ttl?: number }

/** About 3000 years. A value with a longer lifetime never expires. */
const MAX_TTL_SECONDS = 1e11

async function ask(
  type: NotesMessage['type'],
  { value, ttl, ...rest }: MemoryInput,
  { start, services }: StepContext,
): Promise<CallbackRequest> {
  const stored = value !== undefined && { value: await storeRef(services.values, value) }
  const body = {
    type,
    ...rest,
    ...stored,
    ...(ttl !== undefined && ttl > 0 && ttl < MAX_TTL_SECONDS && { ttl: ttl * 1000 }),
  }
  // a run without an owner belongs to the user of the data folder
  const owner = ownerOf(start.run.provenance ?? {})
  return { to: { kind: 'notes', key: owner }, body, memo: rest }
}

type Reply = {
  readonly found?: boolean
  readonly value?: ValueRef
  readonly at?: number
  readonly expires?: number
  readonly keys?: readonly string[]
}

async function take(
  { memo }: CallbackRequest,
  received: CallbackResult,
  { services }: CallbackContext,
): Promise<CallbackVerdict> {
  if ('problem' in received) throw errorOf(received.problem)
  const { value, at, expires, keys, ...reply } = received.value as Reply
  const about = memo as { readonly [field: string]: Json }
  if (keys) return toVerdict({ ...about, keys, count: keys.length })
  if (reply.found === undefined) return toVerdict({ ...about, ...(reply as object) })
  if (!reply.found) return toVerdict({ ...about, found: false, value: null, metadata: {} })
  const metadata = { stored_at: moment(at!), ...(expires !== undefined && { expires_at: moment(expires) }) }
  return toVerdict({ ...about, found: true, value: await readRef(services.values, value!), metadata })
}

const moment = (at: number) => new Date(at).toISOString()
const toVerdict = (result: Json): CallbackVerdict => ({ type: 'result', result })
