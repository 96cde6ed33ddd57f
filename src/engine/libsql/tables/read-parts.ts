import type { Json } from '../../../kernel/schema.ts'
import type { Database } from '../../../store/database/database.ts'
import { type Resident, unsavedPart } from '../activation/activation.ts'
import { readNamedParts } from './parts.ts'

type Parts = ReadonlyMap<string, Json>

/** Parts as an actor's own turn sees them. What is read from the tables in one moment is read at once: what lies beside a cell is gone through whole. */
export function ownParts(database: Database, resident: Resident): (name: string) => Promise<Json | undefined> {
  let asked: Set<string> | undefined
  let answer: Promise<Parts>
  const read = () => {
    const names = asked!
    asked = undefined
    return readParts(database, resident, [...names])
  }
  return async (name) => {
    const { value, hidden } = unsavedPart(resident, name)
    if (hidden || !resident.stored) return value
    if (asked) asked.add(name)
    else {
      asked = new Set([name])
      answer = Promise.resolve().then(read)
    }
    return (await answer).get(name)
  }
}

function readParts(database: Database, { name }: Resident, names: readonly string[]): Parts {
  return new Map(readNamedParts(database, name, names).map((part) => [part.name, part.value()]))
}
