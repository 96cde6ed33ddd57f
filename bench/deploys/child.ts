// One process of a product: it has one code, and works until nobody asks it any more.
import { answer } from '../children.ts'
import type { DeployProgram, End, Opened } from './program.ts'

/** A run, by its edit and its id. */
export type RunOf = readonly [edit: string, id: string]

export type Question =
  | { readonly open: string; readonly as: Opened }
  | { readonly begin: readonly RunOf[]; readonly input: { readonly cents: number } }
  | { readonly find: readonly RunOf[]; readonly input: { readonly cents: number } }
  | { readonly signal: readonly RunOf[]; readonly names: readonly string[] }
  | { readonly look: readonly RunOf[] }

const AT_ONCE = 16
let program: DeployProgram | undefined

answer(act, async () => program?.stop())

async function act(question: Question): Promise<null | readonly (readonly [id: string, end: End])[]> {
  if ('open' in question) {
    const { openProgram } = (await import(question.open)) as { openProgram(as: Opened): Promise<DeployProgram> }
    program = await openProgram(question.as)
    return null
  }
  const { begin, find = async () => {}, signal, ended } = program!
  if ('begin' in question) return each(question.begin, ([edit, id]) => begin(edit, id, question.input))
  if ('find' in question) return each(question.find, ([edit, id]) => find(edit, id, question.input))
  if ('signal' in question)
    return each(question.signal, async ([edit, id]) => {
      for (const name of question.names) await signal(edit, id, name)
    })
  const ends: (readonly [string, End])[] = []
  await each(question.look, async ([edit, id]) => {
    const end = await ended(edit, id)
    if (end) ends.push([id, end])
  })
  return ends
}

async function each(runs: readonly RunOf[], one: (run: RunOf) => Promise<unknown>): Promise<null> {
  let next = 0
  const work = async () => {
    while (next < runs.length) await one(runs[next++]!)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return null
}
