import { z } from 'zod'
import { TerminalError, unlessMissing } from '../../errors.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { anyValue, jsonOr, numberParameter } from '../../tool/parameters.ts'
import type { ToolEnvironments } from '../../tool/services.ts'
import { defineTool, type Tool, type ToolContext } from '../../tool/tool.ts'

const name = z.coerce.string().min(1).max(200)
const map = z.record(z.string(), anyValue) as z.ZodType<JsonObject>
const version = numberParameter.pipe(z.int().min(0))

/** The longest wait for a change in seconds: a call that waits holds a place in its pool. */
const MAX_WAIT_SECONDS = 300

const get = defineTool({
  name: 'environment:get',
  description: 'Reads an environment: state that the runs, agents and programs of one owner share',
  input: z.object({ name }),
  output: z.object({ name, version: z.int(), state: map, keys: anyValue }),
  effect: 'pure',
  async execute({ name }, context) {
    const { version, state, keys } = await environmentsOf(context).get(name)
    return { name, version, state, keys }
  },
})

const update = defineTool({
  name: 'environment:update',
  description:
    'Changes an environment with a JSON Merge Patch: null deletes a key. `expected_version` rejects the change if the environment has changed since; `ttl` is the lifetime of the patched keys in ms',
  input: z.object({
    name,
    patch: jsonOr(map),
    expected_version: version.optional(),
    ttl: numberParameter.pipe(z.int().positive()).optional(),
  }),
  output: z.object({ version: z.int(), applied: z.array(z.string()) }),
  effect: 'idempotent',
  async execute({ name, patch, expected_version: expectedVersion, ttl }, context) {
    const options = { ...(expectedVersion !== undefined && { expectedVersion }), ...(ttl !== undefined && { ttl }) }
    const done = await environmentsOf(context).update(name, patch, { id: context.idempotencyKey, ...options })
    return done as { readonly version: number; readonly applied: string[] }
  },
  async prepare({ name, patch }, context) {
    const state = await stateBefore(environmentsOf(context), name)
    return Object.fromEntries(Object.keys(patch).map((key) => [key, Object.hasOwn(state, key) ? state[key]! : null]))
  },
  undo: ({ input, memo }, context) => environmentsOf(context).setBack(input.name, memo as JsonObject),
})

const watch = defineTool({
  name: 'environment:watch',
  description:
    'Waits for changes of an environment after the given version, for at most `timeout` seconds, and returns them',
  input: z.object({
    name,
    after: version.optional(),
    timeout: numberParameter.pipe(z.number().max(MAX_WAIT_SECONDS)).default(30),
  }),
  output: z.object({ changed: z.boolean(), changes: z.array(anyValue) }),
  effect: 'pure',
  async execute({ name, after, timeout }, context) {
    const until = AbortSignal.any([context.signal, AbortSignal.timeout(timeout * 1000)])
    const changes = await environmentsOf(context).watch(name, after, until)
    context.signal.throwIfAborted()
    return { changed: changes.length > 0, changes: [...changes] }
  },
})

/** `environment`: shared state of the owner of the run. */
export const environmentTools: readonly Tool[] = [get, update, watch]

function environmentsOf({ environments }: ToolContext): ToolEnvironments {
  if (environments) return environments
  throw new TerminalError('Environment works only as a step of a run, because environments have owners.', {
    code: 'only_in_runs',
  })
}

async function stateBefore(environments: ToolEnvironments, name: string): Promise<JsonObject> {
  return (await environments.get(name).catch(unlessMissing))?.state ?? {}
}
