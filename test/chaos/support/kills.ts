import { join } from 'node:path'
import { expect } from 'vitest'
import type { Kill } from '../flush/database.ts'
import { isKilled } from '../killed.ts'
import { flushesIn, live, makeFolder } from './life.ts'
import { CUSTOMERS, type Note, notesIn } from './shop.ts'

const CHILD = join(import.meta.dirname, 'child.ts')

/** Lives once without a kill below a folder, and returns all moments at which the program can be killed: both sides of each flush. */
export async function momentsIn(base: string): Promise<readonly Kill[]> {
  const calm = makeFolder(join(base, 'calm'))
  checkLife(calm, await live({ folder: calm }), 'calm')
  return Array.from({ length: flushesIn(calm) }, (_, index) => index + 1).flatMap((flush): Kill[] => [
    { side: 'before', flush },
    { side: 'after', flush },
  ])
}

/** Kills the program at a moment, starts it again, and checks what happened outside. Says whether the kill came. */
export async function killAt(base: string, kill: Kill): Promise<boolean> {
  const folder = makeFolder(join(base, `${kill.side}-${kill.flush}`))
  const killed = await isKilled(CHILD, { folder, kill }, 60_000)
  checkLife(folder, await live({ folder }), `${kill.side} flush ${kill.flush}`)
  return killed
}

/** Checks that everything has ended, each refund was paid once, and each call was made for the right person. */
function checkLife(folder: string, replies: readonly unknown[], where: string): void {
  expect(replies, where).toMatchObject([
    { status: 'completed', answer: 'That is all.' },
    { status: 'completed', answer: 'That is all.' },
  ])
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
