import { join } from 'node:path'
import type { Kill } from '../flush/database.ts'
import type { Case } from './case.ts'
import { faultsOf } from './judge.ts'
import { plansFor, pointsOf } from './plan.ts'
import { type Surroundings, simulate } from './simulate.ts'
import { liveThrough, named, type Story } from './story.ts'

/** How often processes were killed in a case, and all that was wrong with what came of it. */
export type Killed = { readonly kills: number; readonly faults: readonly string[] }

/** A case on a simulated clock, undisturbed and then with a process that dies at a point; `isLong`: at every one. */
export async function killSimulated(one: Case, around: Surroundings, isLong: boolean): Promise<Killed> {
  const calm = await simulate(one, around)
  // a simulated process loses nothing of what it kept
  const { cached: _, ...strict } = one
  const faults = [...faultsOf(strict, calm, calm)]
  const points = pointsOf(calm.points, isLong)
  for (const point of points) faults.push(...faultsOf(strict, await simulate(one, around, point), calm))
  return { kills: points.length, faults }
}

/** What became of processes that nobody killed, of others, and of whom it is not known, because they did not come to their end. */
export type Told = { readonly calm: Story; readonly stories: readonly Story[]; readonly lost: readonly string[] }

/** All of the table side by side in processes that nobody kills, and in others that are killed at their flushes; `isLong`: before and after each. */
export async function killProcesses(
  { folder }: Pick<Surroundings, 'folder'>,
  isLong: boolean,
  tell: (story: Story, calm: Story) => void = () => {},
): Promise<Told> {
  const stories: Story[] = []
  const lost: string[] = []
  let count = 0
  const live = (kills: readonly Kill[]) => liveThrough(join(folder, `story-${count++}`), kills)
  const calm = await live([])
  const plans = plansFor(calm.flushes, isLong)
  const next = async () => {
    for (let kills = plans.pop(); kills; kills = plans.pop()) {
      try {
        const story = await live(kills)
        stories.push(story)
        tell(story, calm)
      } catch (error) {
        lost.push(`killed ${named(kills)}: ${(error as Error).message}`)
      }
    }
  }
  // two at a time: a story waits for its processes most of the time
  await Promise.all([next(), next()])
  return { calm, stories, lost }
}
