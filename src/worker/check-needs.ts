import { InvalidError } from '../errors.ts'
import { nearest } from '../suggest.ts'
import { NEEDS, type Needs } from './offers.ts'

/** Throws an InvalidError for a key that says nothing of a worker: it would hold nobody from the task. */
export function checkNeeds(pool: string, needs: Needs): void {
  const unknown = Object.keys(needs).find((key) => !KNOWN.has(key) && needs[key as keyof Needs] !== undefined)
  if (unknown === undefined) return
  const meant = nearest(unknown, NEEDS)
  throw new InvalidError(`a task of pool ${pool} needs \`${unknown}\`, which no worker can offer`, {
    place: { path: `needs.${unknown}` },
    hint: meant === undefined ? `A task may need: ${NEEDS.join(', ')}.` : `Did you mean \`${meant}\`?`,
  })
}

const KNOWN: ReadonlySet<string> = new Set(NEEDS)
