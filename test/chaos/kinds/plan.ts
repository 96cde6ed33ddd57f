import type { Kill } from '../flush/database.ts'

/** How many points of each pipeline are tried in short. */
const SHORT = 3

/** Of so many points those at which a simulated process dies: all, or some that are spread over all, the last of them with them. */
export function pointsOf(count: number, isLong: boolean): readonly number[] {
  const most = isLong ? count : SHORT
  const step = Math.max(1, count / most)
  return Array.from({ length: Math.min(count, most) }, (_, index) => Math.ceil((index + 1) * step))
}

/** Processes of which each dies after so many flushes, until one comes to its end; and one that dies at a flush: at some of them, or before and after each. */
export function plansFor(flushes: number, isLong: boolean): (readonly Kill[])[] {
  const chains = isLong ? [3, 5, 8, 13, 21].flatMap((n) => [again('before', n), again('after', n)]) : []
  const single = isLong ? allOf(flushes) : SOME
  return [...chains, ...single.map((kill) => [kill]), again('before', 25), again('after', 25)]
}

/** Each third one lives longer: what three processes in a row died over is suspected of that, and who dies of its trials as well is given up. */
const again = (side: Kill['side'], flush: number) =>
  Array.from({ length: 40 }, (_, index): Kill => ({ side, flush: index % 3 === 2 ? flush + 20 : flush }))

function allOf(flushes: number): readonly Kill[] {
  return Array.from({ length: flushes }, (_, index) => index + 1).flatMap((flush): Kill[] => [
    { side: 'before', flush },
    { side: 'after', flush },
  ])
}

/** The first flush in which a step waits for its own run, which took up itself without end. */
const WAITING = '"waits":"run/notes"'

const SOME: readonly Kill[] = [{ side: 'after', flush: WAITING }]
