import { join } from 'node:path'
import { expect } from 'vitest'
import type { Kill } from '../flush/database.ts'
import { isKilled } from '../killed.ts'
import { flushesIn, type Life, live, makeFolder, type Talk } from './life.ts'
import { CUSTOMERS, type Note, notesIn } from './shop.ts'

type Talks = Pick<Life, 'talks'>

const CHILD = join(import.meta.dirname, 'child.ts')

/** Lives once without a kill below a folder, and returns all moments at which the program can be killed: both sides of each flush. */
export async function momentsIn(base: string, talks: Talks): Promise<readonly Kill[]> {
  const calm = makeFolder(join(base, 'calm'))
  checkLife(calm, await live({ folder: calm, ...talks }), 'calm')
  return Array.from({ length: flushesIn(calm) }, (_, index) => index + 1).flatMap((flush): Kill[] => [
    { side: 'before', flush },
    { side: 'after', flush },
  ])
}

/** Kills the program at a moment, starts it again, and checks what happened outside. Says whether the kill came. */
export async function killAt(base: string, kill: Kill, talks: Talks): Promise<boolean> {
  const folder = makeFolder(join(base, `${kill.side}-${kill.flush}`))
  const killed = await isKilled(CHILD, { folder, kill, ...talks }, 60_000)
  checkLife(folder, await live({ folder, ...talks }), `${kill.side} flush ${kill.flush}`)
  return killed
}

/** Checks that everything has ended, each refund was paid once, and each call was made for the right person. */
function checkLife(folder: string, talks: readonly Talk[], where: string): void {
  for (const { asks } of talks)
    for (const ask of asks) expect(ask, where).toMatchObject({ status: 'completed', answer: 'That is all.' })
  // each result is a message of its own, and comes once
  for (const { asks } of talks) {
    const results = asks.flatMap(({ resultOf }) => resultOf?.run ?? [])
    expect(results, where).toEqual([...new Set(results)])
  }
  const notes = notesIn(folder)
  const paid = notes.filter(({ what }) => what === 'paid').map(({ order, cents }) => `${order} ${cents}`)
  // in some order: the customers are served side by side
  expect(paid.toSorted(), where).toEqual(['a-large 9000', 'a-small 1000', 'b-small 1000'])
  for (const note of notes) expect(note, where).toMatchObject(personOf(note))
  const asked = new Set(notes.filter(({ what }) => what === 'asked').map(({ order }) => order))
  expect([...asked].sort(), where).toEqual(['a-large', 'a-small', 'b-large', 'b-small'])
}

/** The person for whom a call is made, by the order that the customer wrote about. */
function personOf({ order }: Note): Partial<Note> {
  const [owner, { context }] = Object.entries(CUSTOMERS).find(([, one]) => order.startsWith(`${one.order}-`))!
  return { owner, context, conversation: 'lamp' }
}
