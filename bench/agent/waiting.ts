import { join } from 'node:path'
import { startChild } from '../children.ts'
import type { Figures, Task } from '../task.ts'

/** How many goals wait for a person when their process is killed. */
const GOALS = 10_000

/** Times from the start of the next process, and the memory that both processes took at most. */
export const measure = ({ folder }: Task): Promise<Figures> => measureWaiting(folder, GOALS)

/** Lets so many goals wait for an approval, kills their process, and lets the next one list them and take an approval. */
export async function measureWaiting(folder: string, goals: number): Promise<Figures> {
  const maker = startChild(SCRIPT)
  const made = await maker.ask<Made>({ folder, goals }, LONGEST)
  process.kill(made.pid, 'SIGKILL')
  await maker.end()
  const next = startChild(SCRIPT)
  try {
    return { making: made.megabytes, ...(await next.ask<Figures>({ folder }, LONGEST)) }
  } finally {
    await next.end()
  }
}

type Made = { readonly pid: number; readonly megabytes: number }

const SCRIPT = join(import.meta.dirname, 'waiting-child.ts')

/** ms for each process */
const LONGEST = 200_000
