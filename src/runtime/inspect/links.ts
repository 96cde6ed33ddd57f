import type { ChainState } from '../../chain/ask.ts'
import { phaseRef } from '../../chain/phase.ts'
import type { Inspected, View } from '../../engine/engine.ts'
import { type WaitsFor, waitsInIndex } from '../../engine/liveness.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { loopPartName, partName } from '../../pipeline/instance.ts'
import { stepRef } from '../../pipeline/start.ts'
import type { LoopState, RunState, StepPart } from '../../pipeline/state.ts'
import { UNDO } from '../../pipeline/undone.ts'
import { justBefore } from '../../pipeline/values.ts'

/** Whom an actor waits for: of a run its steps, of a chain its phases, of all others what their index says. */
export function linksOf(view: View): WaitsFor {
  return async (actor) => {
    switch (actor.of.kind) {
      case 'run':
        return stepsAtWork(view, actor)
      case 'chain':
        return phasesAtWork(view, actor)
      default:
        return waitsInIndex(actor)
    }
  }
}

async function stepsAtWork(view: View, { of }: Inspected): Promise<readonly ActorRef[]> {
  const state = (await view.peek(of)) as RunState | undefined
  if (state?.status !== 'running') return []
  const loops = new Map(await partsUnder<LoopState>(view, of, loopPartName('')))
  const steps = await stepParts(view, of)
  // what undoes a run is no step of its pipeline, and has no part
  const undoing = state.flying.includes(UNDO) ? [stepRef(of.key, UNDO)] : []
  const atWork = steps.flatMap(([id, { status }]) =>
    status === 'running' && !isOpen(loops.get(id)) ? [stepRef(of.key, id)] : [],
  )
  return [...atWork, ...undoing]
}

/** A loop has an actor while it finds what to go over, and again when it is asked what now; in between its iterations do. */
function isOpen(loop: LoopState | undefined): boolean {
  return loop !== undefined && (loop.flying > 0 || loop.next < loop.length || Object.keys(loop.active).length > 0)
}

/** What a run keeps of the steps it touched, by their ids. */
export function stepParts(view: View, run: ActorRef): Promise<readonly (readonly [string, StepPart])[]> {
  return partsUnder(view, run, partName(''))
}

async function partsUnder<Part>(
  view: View,
  run: ActorRef,
  prefix: string,
): Promise<readonly (readonly [string, Part])[]> {
  const found: (readonly [string, Part])[] = []
  for await (const [name, part] of view.parts(run, { prefix, after: justBefore(prefix) }))
    found.push([name.slice(prefix.length), part as Part])
  return found
}

async function phasesAtWork(view: View, { of }: Inspected): Promise<readonly ActorRef[]> {
  const state = (await view.peek(of)) as ChainState | undefined
  return (state?.current?.waiting ?? []).map((phase) => phaseRef(of.key, phase))
}
