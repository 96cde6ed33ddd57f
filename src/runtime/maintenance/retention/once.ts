import { type Clock, type Engine, type EngineView, inspectOne } from '../../../engine/engine.ts'
import { runRef } from '../../../house/actors.ts'
import { unlessDamaged } from '../../../kernel/faults.ts'
import type { ActorIndex } from '../../../kernel/types.ts'
import { portionsOf } from '../../../lib/collections/portions.ts'
import { ONCE_KIND } from '../../../step/call/once-actor.ts'
import { readStepPart } from '../../../step/messages/step-parts.ts'
import { hasEnded } from '../../../step/record/outcome.ts'
import { listedOf, PORTION, rest } from './scan.ts'

type Parts = {
  readonly engine: Engine
  readonly clock: Clock
  /** the kinds of actors that end with their run */
  readonly ofRuns: readonly string[]
}

/** Removes what belongs to runs: records of ended steps' parts, and the actors of runs that are gone. */
export async function dropParts({ engine, clock, ofRuns }: Parts): Promise<void> {
  const drop = async (kind: string, isOver: (index: ActorIndex, view: EngineView) => Promise<boolean>) => {
    const over: string[] = []
    for await (const { key, index } of listedOf(engine.view, kind, clock))
      if (await unlessDamaged(() => isOver(index, engine.view), false)) over.push(key)
    for (const portion of portionsOf(over, PORTION)) {
      await Promise.all(portion.map((key) => engine.tell({ kind, key }, null, { type: 'stop' })))
      await rest(clock)
    }
  }
  await drop(ONCE_KIND, isOver)
  for (const kind of ofRuns) await drop(kind, isGone)
}

const isGone = async ({ run }: ActorIndex, view: EngineView) =>
  run !== undefined && (await inspectOne(view, runRef(`${run}`))) === undefined

async function isOver({ run, step }: ActorIndex, view: EngineView): Promise<boolean> {
  if (run === undefined) return false
  const of = runRef(`${run}`)
  const index = (await inspectOne(view, of))?.cell?.index
  if (!index || index.finishedAt !== undefined) return true
  return hasEnded(await readStepPart(view.parts, `${run}`, `${step}`))
}
