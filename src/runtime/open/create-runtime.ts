import type { Config } from '../../config/config.ts'
import { InvalidError } from '../../errors.ts'
import { nearestWord } from '../../lib/suggest.ts'
import type { ServedRuntime } from '../ports.ts'
import type { InternalParts } from './parts.ts'

export type { Runtime, ServedRuntime } from '../ports.ts'
export type { InternalParts } from './parts.ts'

/**
 * Opens the data folder and makes this process its owner. Work that an earlier process left waits until it is resumed.
 * An error of code `owned` names the process that owns the folder.
 */
export async function createRuntime(config: Config, parts?: InternalParts): Promise<ServedRuntime> {
  // engine and models are loaded here, so that a tool's import of this package costs next to nothing
  const { openRuntime } = await import('./open-runtime.ts')
  return openRuntime(config, parts)
}

const PARTS: { readonly [Part in keyof InternalParts]-?: true } = {
  agents: true,
  tools: true,
  workflows: true,
  actors: true,
  owns: true,
  models: true,
  sandboxes: true,
  notice: true,
  around: true,
  strategies: true,
  phases: true,
  acceptLoss: true,
  engine: true,
  onEnd: true,
  owner: true,
  writer: true,
  background: true,
  openDatabase: true,
  checkpoint: true,
  batches: true,
  clock: true,
  root: true,
  replaceTools: true,
  retentionClock: true,
  watchWorkflows: true,
}

/** A program without types may misspell a part, which would then have no effect. */
export function checkParts(parts: object = {}): void {
  const known = Object.keys(PARTS)
  const unknown = Object.keys(parts).find((key) => !known.includes(key))
  if (unknown === undefined) return
  const near = nearestWord(unknown, known)
  throw new InvalidError(`createRuntime: the key \`${unknown}\` is unknown.`, {
    place: { path: unknown },
    hint:
      near === undefined
        ? `Known keys: ${known.slice(0, known.indexOf('owner')).join(', ')}.`
        : `Did you mean ${near}?`,
  })
}
