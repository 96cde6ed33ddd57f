import type { Json } from '../kernel/json.ts'
import { CHECKPOINTS, type CheckpointRecord, latestPart, readCheckpointPart, writePrefix } from './actor.ts'

/**
 * The names of what is older than the newest `keep` checkpoints of the top graph. Ids are in the order of time, so the
 * checkpoints of inner graphs that work for one of these are younger than it. An inner graph that remembers its state
 * between its calls keeps its newest one. Nothing goes while a checkpoint does not say which values it uses. Pure.
 */
export function unneededParts(parts: ReadonlyMap<string, Json>, keep: number): readonly string[] {
  const names = [...parts.keys()]
  const places = names
    .filter((name) => name.startsWith(CHECKPOINTS))
    .map((name) => ({ name, ...readCheckpointPart(name) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const oldest = places.filter(({ namespace }) => namespace === '').at(-keep)?.id ?? ''
  // the namespace of one task of a node has a colon
  const isNeeded = ({ namespace, id }: (typeof places)[number]) =>
    id >= oldest || (!namespace.includes(':') && parts.get(latestPart(namespace)) === id)
  const [gone, staying] = [places.filter((place) => !isNeeded(place)), places.filter(isNeeded)]
  const records = staying.map(({ name }) => parts.get(name) as CheckpointRecord)
  if (records.some(({ uses }) => !uses)) return []
  const used = new Set(records.flatMap(({ uses = [] }) => uses))
  const writes = new Set(gone.map(({ namespace, id }) => writePrefix(namespace, id)))
  const latest = new Set(gone.map(({ namespace }) => latestPart(namespace)))
  for (const { namespace } of staying) latest.delete(latestPart(namespace))
  const isUnused = (name: string) =>
    latest.has(name) || writes.has(prefixOfWrite(name)) || (name.startsWith('value/') && !used.has(name))
  // the checkpoints come last: while one is there, the rest of it is found
  return [...names.filter(isUnused), ...gone.map(({ name }) => name)]
}

/** The beginning of the names of all writes of a checkpoint: the task and the index follow it. */
export const prefixOfWrite = (name: string) => name.slice(0, name.lastIndexOf('/', name.lastIndexOf('/') - 1) + 1)
