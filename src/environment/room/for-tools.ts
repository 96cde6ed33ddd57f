import { InvalidError, is } from '../../errors.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { ToolEnvironments } from '../../tool/services.ts'
import { patchBetween } from '../merge-patch.ts'
import { environmentRef } from '../state.ts'
import type { EnvironmentsPort } from './port.ts'

/** Changes that one call of `environment:watch` returns at most; the next call gets the following ones. */
const MAX_WATCHED = 100

export function environmentsForTools(port: EnvironmentsPort, owner: string, source: string): ToolEnvironments {
  const keyOf = (name: string) => {
    // a colon would name the environment of another owner
    if (name.includes(':')) throw new InvalidError(`Expected a name without a colon, got ${name}.`)
    return environmentRef({ name, owner }).key
  }
  return {
    async get(name) {
      const { version, state, keys } = await port.get(keyOf(name))
      return { version, state, keys }
    },
    update: async (name, patch, options) => await port.update(keyOf(name), patch, { ...options, source }),
    watch: (name, after, signal) => firstChanges(port, keyOf(name), after, signal),
    setBack: (name, values) => setBack(port, keyOf(name), values, source),
  }
}

async function firstChanges(
  environments: EnvironmentsPort,
  key: string,
  given: number | undefined,
  signal: AbortSignal,
): Promise<readonly Json[]> {
  const { version } = await environments.get(key)
  const after = given ?? version
  const changes: Json[] = []
  for await (const { n, body } of environments.watch(key, { after, signal })) {
    changes.push(body)
    // a change before the start returns at once; else the first change ends the wait
    if (n >= version || changes.length >= MAX_WATCHED) break
  }
  return changes
}

/** Another writer may come between the read and the write. */
const MAX_TRIES = 20

async function setBack(environments: EnvironmentsPort, key: string, values: JsonObject, source: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { version, state } = await environments.get(key)
    const now = Object.fromEntries(Object.entries(state).filter(([name]) => Object.hasOwn(values, name)))
    const before = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
    const patch = patchBetween(now, before)
    if (Object.keys(patch).length === 0) return
    try {
      await environments.update(key, patch, { expectedVersion: version, source })
      return
    } catch (error) {
      if (!is(error) || error.code !== 'stale_version' || tries === MAX_TRIES) throw error
    }
  }
}
