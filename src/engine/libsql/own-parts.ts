import type { Json } from '../../kernel/schema.ts'
import type { Database } from '../../store/database.ts'
import { partsBeside } from './beside.ts'
import { type Resident, unsavedPart } from './resident.ts'
import { eitherOf, readBeside } from './view.ts'

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

function readParts(database: Database, { name, compact }: Resident, names: readonly string[]): Parts {
  const beside = compact ? readBeside(database, name) : null
  // it may have got rows meanwhile
  return beside === null ? readRows(database, name, names) : partsBeside(beside)
}

function readRows(database: Database, actor: string, names: readonly string[]): Parts {
  const rows =
    names.length === 1
      ? database.all<Row>(ONE, [actor, names[0]!])
      : database.all<Row>(SOME, [actor, JSON.stringify(names)])
  return new Map(rows.map(({ name, value }) => [name, JSON.parse(value)]))
}

type Row = { readonly name: string; readonly value: string }

const ONE = eitherOf('part', 'select name, value from part where actor = ?1 and name = ?2')
const SOME = eitherOf(
  'part',
  'select name, value from part where actor = ?1 and name in (select value from json_each(?2))',
)
