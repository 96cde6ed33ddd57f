import type { Clock, Engine, EngineView } from '../../../engine/engine.ts'
import { inspectOne } from '../../../engine/liveness.ts'
import { unlessDamaged } from '../../../kernel/damage.ts'
import type { ActorIndex } from '../../../kernel/types.ts'
import { runRef } from '../../../pipeline/plan/refs.ts'
import { hasEnded } from '../../../pipeline/plan/step-outcome.ts'
import { readStepPart } from '../../../pipeline/report/step-parts.ts'
import { ONCE_KIND } from '../../../pipeline/step/once/actor.ts'
import { listedOf, portionsOf, rest } from './scan.ts'

/** Removes the records of parts of calls whose step has ended, or whose run has. Resolves with their number. */
export async function dropParts({
  engine,
  clock,
}: {
  readonly engine: Engine
  readonly clock: Clock
}): Promise<number> {
  const over: string[] = []
  for await (const { key, index } of listedOf(engine.view, ONCE_KIND, clock))
    if (await unlessDamaged(() => isOver(index, engine.view), false)) over.push(key)
  for (const portion of portionsOf(over)) {
    await Promise.all(portion.map((key) => engine.tell({ kind: ONCE_KIND, key }, null, { type: 'stop' })))
    await rest(clock)
  }
  return over.length
}

async function isOver({ run, step }: ActorIndex, view: EngineView): Promise<boolean> {
  if (run === undefined) return false
  const of = runRef(`${run}`)
  const index = (await inspectOne(view, of))?.cell?.index
  if (!index || index.finishedAt !== undefined) return true
  return hasEnded(await readStepPart(view.parts, `${run}`, `${step}`))
}
