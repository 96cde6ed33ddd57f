import type { Done, Note, Story, Strand } from './strand.ts'

export type Entry = Note & { readonly strand: string }

/** What was done under load, and all that is wrong with it. */
export type Verdict = {
  readonly faults: readonly string[]
  /** pieces of work that were acknowledged, by strand */
  readonly done: { readonly [strand: string]: number }
  readonly effects: number
}

/** Judges by what is in the ledger, in its order. */
export function judge(entries: readonly Entry[], strands: readonly Strand[]): Verdict {
  const stories = strands.map((strand) => ({ strand, ...storyOf(strand, entries) }))
  return {
    faults: stories.flatMap(({ strand, story, faults }) => [...faults, ...strand.faults(story)]),
    done: Object.fromEntries(stories.map(({ strand, story }) => [strand.name, story.done.length])),
    effects: entries.filter(({ what }) => what === 'effect' || what === 'work').length,
  }
}

function storyOf({ name }: Strand, entries: readonly Entry[]): { readonly story: Story; readonly faults: string[] } {
  const own = entries.filter(({ strand }) => strand === name)
  const told = own.filter(({ what }) => what === 'done') as readonly unknown[] as readonly Done[]
  const first = new Map<string, Done>()
  const faults: string[] = []
  for (const one of told) {
    const id = `${one.client}-${one.n}`
    const before = first.get(id) ?? one
    first.set(id, before)
    if (JSON.stringify(before.result) !== JSON.stringify(one.result))
      faults.push(`${id} was told ${JSON.stringify(before.result)} first, later ${JSON.stringify(one.result)}`)
  }
  const end = own.find(({ what }) => what === 'end')?.end
  if (end === undefined) throw new Error(`nobody wrote down the end of ${name}`)
  return { story: { done: [...first.values()], notes: own.filter(isNote), end }, faults }
}

const isNote = ({ what }: Note) => what !== 'done' && what !== 'end'
