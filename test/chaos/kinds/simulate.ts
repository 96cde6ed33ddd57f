import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { type InlineDisk, pendingMail } from '../../../src/engine/inline/disk.ts'
import { inlineOpener } from '../../../src/testing/openers/inline.ts'
import { openTortureWorld, type TortureWorld } from '../../../trials/torture/world.ts'
import type { Case } from './case.ts'
import { type Played, play } from './client.ts'
import type { Double } from './double.ts'
import { carriersIn, isHandedOn } from './handed.ts'
import type { Lived, Wreck } from './judge.ts'
import { callsIn, memoryLog } from './log.ts'
import { budgetsIn, filesIn } from './outside.ts'
import { openShop } from './shop.ts'

/** What the processes of simulations have in common. */
export type Surroundings = { readonly folder: string; readonly double: Double; readonly file: string }

/** Longer than any timer of the table, shorter than ids from outside are kept. */
const HOURS = 10 * 3_600_000

/** A case on a simulated clock, its process killed at the point of that number; `points`: how many there were. */
export async function simulate(
  one: Case,
  around: Surroundings,
  crashAt?: number,
): Promise<Lived & { readonly points: number }> {
  const log = memoryLog()
  const { forget, billed } = around.double
  forget()
  const wrecks: Wreck[] = []
  const onCrash = (disk: InlineDisk) =>
    void wrecks.push({ ...known(disk, log.read()), lines: log.read().length, billed: billed().length })
  const root = mkdtempSync(join(around.folder, 'one-'))
  const shop = openShop({ ...around, root }, log, () => world)
  const world: TortureWorld = await openTortureWorld({
    actors: shop.actors,
    open: (onCommit) => inlineOpener({ onCommit, onCrash }),
    ...(crashAt !== undefined && { crashAt }),
  })
  let played: Played | { readonly fault: string } = { fault: 'it does not come to its end' }
  do {
    const { lives } = world
    const hear = (told: typeof played) => {
      if (world.lives === lives) played = told
    }
    play(shop.clientOn(world.engine), one).then(hear, (error: Error) => hear({ fault: String(error.stack) }))
    await world.rest(HOURS)
  } while (await world.recover())
  const letters = await world.engine.deadLetters.list()
  if (letters.length > 0) played = { fault: `dead letters: ${JSON.stringify(letters)}` }
  const left: string[] = []
  for (const [name, ref] of world.actors)
    if (ref.kind === 'step' && (await world.engine.view.peek(ref)) !== undefined) left.push(name)
  const outside = { budgets: await budgetsIn(world.engine.view), files: filesIn(root) }
  await world.close()
  const title = crashAt === undefined ? 'undisturbed' : `killed ${world.crash} (point ${crashAt})`
  return { title, played, wrecks, log: log.read(), billed: billed(), left, ...outside, points: world.points }
}

/** Which calls had outcomes on that disk, as they are there or their messages are not any more, and which only a mark of having begun. */
function known(disk: InlineDisk, lines: readonly string[]): Pick<Wreck, 'done' | 'begun'> {
  const mail = pendingMail(disk)
  const pending = new Set(mail.map(({ id }) => id))
  const carriers = carriersIn(mail, (name) => disk.cells.get(name)?.state)
  const carried = new Map([...carriers].map(([key, [message, effect]]) => [`${message}/${effect}`, key]))
  const done = new Set<string>()
  const begun = new Set<string>()
  for (const { key } of callsIn(lines)) {
    const [message, effect] = carriers.get(key) ?? split(key)
    const outcomes = disk.outcomes.get(message)
    const outcome = outcomes?.get(effect)
    if (!pending.has(message) || (outcome && !('error' in outcome) && !isHandedOn(outcome))) done.add(key)
  }
  for (const [message, outcomes] of disk.outcomes)
    for (const mark of outcomes.keys())
      if (mark.endsWith(BEGIN) && !outcomes.has(mark.slice(0, -BEGIN.length)))
        begun.add(nameOfCall(carried, `${message}/${mark.slice(0, -BEGIN.length)}`))
  return { done, begun }
}

const nameOfCall = (carried: ReadonlyMap<string, string>, key: string) => carried.get(key) ?? key

const BEGIN = '#begin'

/** A key is that of a message and of an effect of its turn. */
function split(key: string): readonly [message: string, effect: string] {
  const at = key.lastIndexOf('/')
  return [key.slice(0, at), key.slice(at + 1)]
}
