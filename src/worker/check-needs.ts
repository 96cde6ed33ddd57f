import { InvalidError } from '../errors.ts'
import { NEEDS, type Needs } from './capabilities.ts'

const KNOWN: ReadonlySet<string> = new Set(NEEDS)
const sound = new WeakSet<Needs>()

/** The first key that says nothing of a worker, and so would hold nobody from the task; undefined when there is none. */
export function unknownNeed(needs: Needs): string | undefined {
  // whoever submits many tasks has the same needs at hand
  if (sound.has(needs)) return undefined
  const unknown = Object.keys(needs).find((key) => !KNOWN.has(key) && needs[key as keyof Needs] !== undefined)
  if (unknown === undefined) sound.add(needs)
  return unknown
}

/** Rejects with an InvalidError that names the key, and the one that is probably meant. */
export async function refuseNeed(pool: string, unknown: string): Promise<never> {
  // loaded when it is needed: the import of the package loads none of its dependencies
  const { nearest } = await import('../lib/suggest.ts')
  const meant = nearest(unknown, NEEDS)
  throw new InvalidError(`a task of pool ${pool} needs \`${unknown}\`, which no worker can offer`, {
    place: { path: `needs.${unknown}` },
    hint: meant === undefined ? `A task may need: ${NEEDS.join(', ')}.` : `Did you mean \`${meant}\`?`,
  })
}
