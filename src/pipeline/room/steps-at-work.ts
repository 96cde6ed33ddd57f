import type { EngineView } from '../../engine/engine.ts'
import { stepRef } from '../../house/actors.ts'
import { justBeforePrefix } from '../../kernel/parts.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { OPEN_WAITS } from '../../run/actor/waits.ts'
import { peekRun } from '../../run/run.ts'
import { collectStepParts, readStepPart } from '../../step/messages/step-parts.ts'
import type { StepPart } from '../../step/record/outcome.ts'
import { loopPartName } from '../plan/instance.ts'
import { decodeLoop, type LoopProgress } from '../plan/run-state.ts'

/** The actors of the steps of a pipeline's run that are at work. */
export const stepsAtWork =
  (view: EngineView) =>
  async (of: ActorRef): Promise<readonly ActorRef[]> => {
    const state = await peekRun(view, of.key)
    if (state?.status !== 'running') return []
    const parts = await partsUnder(view, of, loopPartName(''))
    const loops: Loops = new Map(parts.map(([id, part]) => [id, decodeLoop(part)]))
    const atWork = await Promise.all(
      state.inFlight.map(async (id) => (isOpen(loops.get(id)) ? bodyAtWork(view, of, id, loops) : [id])),
    )
    const members = await batchMembers(view, of, state.inFlight)
    const waits = (await partsUnder(view, of, OPEN_WAITS)).map(([id]) => id)
    return [...new Set([...atWork.flat(), ...waits])].filter((id) => !members.has(id)).map((id) => stepRef(of.key, id))
  }

/** Steps that run in the turn of another step of their batch. */
async function batchMembers(
  view: EngineView,
  run: ActorRef,
  inFlight: readonly string[],
): Promise<ReadonlySet<string>> {
  const parts = await Promise.all(inFlight.map((id) => readStepPart(view.parts, run.key, id)))
  return new Set(parts.flatMap(membersOf))
}

const membersOf = (part: StepPart | undefined) => (part?.status === 'running' ? (part.members ?? []) : [])

type Loops = ReadonlyMap<string, LoopProgress | undefined>

/** Steps with an actor in iterations of a loop, also nested ones. The run's cell lists only steps of the graph. */
async function bodyAtWork(view: EngineView, run: ActorRef, loop: string, loops: Loops): Promise<readonly string[]> {
  const within = `${loop}_`
  const steps = [...(await collectStepParts(view.parts, run.key, { within }))]
  const members = new Set(steps.flatMap(([, part]) => membersOf(part)))
  return steps.flatMap(([id, { status }]) =>
    status === 'running' && !isOpen(loops.get(id)) && !members.has(id) ? [id] : [],
  )
}

/** Whether iterations of a loop are active: the loop's actor exists only before them, and after, to decide. */
function isOpen(loop: LoopProgress | undefined): boolean {
  return loop !== undefined && (loop.inFlight > 0 || loop.next < loop.length || loop.active.length > 0)
}

async function partsUnder(
  view: EngineView,
  run: ActorRef,
  prefix: string,
): Promise<readonly (readonly [string, Json])[]> {
  const found: (readonly [string, Json])[] = []
  for await (const [name, part] of view.parts(run, { prefix, after: justBeforePrefix(prefix) }))
    found.push([name.slice(prefix.length), part])
  return found
}
