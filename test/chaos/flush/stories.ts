import { join } from 'node:path'
import { type End, liveThrough, type Plot, type Story } from './story.ts'

/** All that happened to one kind of work. */
export type Stories = {
  readonly all: readonly Story[]
  /** nobody killed it; absent: it never ended */
  readonly undisturbed: End | undefined
  /** every process of it died after one of its first flushes of a cell, `LIVES` of them at most */
  readonly stubborn: Story | undefined
}

/** So many stories more, each with several kills at random flushes; without it the short form. */
export const KILLS = Number(process.env.ANTIPHON_KILLS ?? 0)
export const LIVES = 30

const SIDES = ['before', 'after'] as const
const AFTER = ['after'] as const
/** A chunk of one actor goes with every flush, so that kills find all states of a checkpoint. */
const checkpoint = { bytes: 1, chunk: 1, trim: 1 }
const SHORT = [
  { side: 'before', resume: false },
  { side: 'after', resume: true, checkpoint },
] as const
const LONG = [...SHORT, { side: 'before', resume: true, checkpoint }, { side: 'after', resume: false }] as const

/** In each series a process is killed at flush 1, the next one `STEP` flushes later and so on. */
export const SERIES = KILLS > 0 ? LONG : SHORT
/** The short form kills at every fifth flush. */
export const STEP = KILLS > 0 ? 1 : 5

/** How many flushes of a cell each process of the stubborn story has. */
const FLUSHES_OF_A_LIFE = { run: KILLS > 0 ? 1 : 3, ask: 1 }

/** Flushes that no kill may miss, by what they hold: a begin mark, a failed attempt, the first outcome of several of one turn. */
const MARKED = { run: ['"execute#begin"', '"execute",{"error"'], ask: ['"read",{"value"'] }

type Tell = (plot: Omit<Plot, 'work' | 'folder'>) => Promise<Story>

/** Lives through all plots, one after the other, in folders of their own below `folder`. */
export async function tellStories(work: keyof typeof MARKED, folder: string): Promise<Stories> {
  const all: Story[] = []
  const tell: Tell = async (plot) => {
    const story = await liveThrough({ work, folder: join(folder, `${work}-${all.length}`), ...plot })
    all.push(story)
    return story
  }
  const { end } = await tell({ kills: [] })
  if ('fault' in end) return { all, undisturbed: undefined, stubborn: undefined }
  for (const series of SERIES) await killAtEachFlush(tell, series)
  for (const flush of MARKED[work])
    for (const side of KILLS > 0 ? SIDES : AFTER) await tell({ kills: [{ side, flush }] })
  // the first flushes of a process that takes up work are the record of what it lets go: the next holds a cell
  const kill = { side: 'after', flush: '"cells":', nth: FLUSHES_OF_A_LIFE[work] } as const
  const stubborn = await tell({ kills: Array(LIVES).fill(kill) })
  for (let more = 0; more < KILLS; more++) await tell(randomPlot())
  return { all, undisturbed: end, stubborn }
}

/** At one flush after the other, until a process ends before its kill. */
async function killAtEachFlush(tell: Tell, { side, ...series }: (typeof SERIES)[number]): Promise<void> {
  for (let flush = 1; ; flush += STEP) {
    const { wrecks, end } = await tell({ ...series, kills: [{ side, flush }] })
    if (wrecks.length === 0 || 'fault' in end) return
  }
}

function randomPlot(): Omit<Plot, 'work' | 'folder'> {
  const pick = (most: number) => Math.floor(Math.random() * most)
  const kills = Array.from({ length: 2 + pick(3) }, () => ({ side: SIDES[pick(2)]!, flush: 1 + pick(6) }))
  return { kills, ...(pick(2) === 1 && { checkpoint }) }
}
