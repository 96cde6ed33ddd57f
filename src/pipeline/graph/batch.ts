import { isCompactEnd } from '../plan/codec.ts'
import { compiledStepAt } from '../plan/compiled.ts'
import { instanceId, loopAround, parseInstance } from '../plan/instance.ts'
import type { EncodedStepEnd, GroupEnd } from '../plan/messages/step-end.ts'
import type { StepPart } from '../plan/step-outcome.ts'
import { type Draft, instanceOf, readStep, type Start, writeStep } from './draft.ts'
import { endStep, isInFlight } from './end-step.ts'

/** How many steps start with one message at most. */
const LARGEST = 32
/** How many starts are enough for one turn; one more end may bring all that depends on it. */
const ENOUGH = 32

/** What one turn starts of the same loop starts with one message where it may be done in one turn; the first keeps which. */
export function group(draft: Draft): readonly Start[] {
  if (draft.start.length < 2) return draft.start
  const open = new Map<string, string[]>()
  const starts = draft.start.flatMap((start) => {
    const scope = scopeOf(draft, start)
    if (scope === undefined) return [start]
    const others = open.get(scope)
    if (others && others.length < LARGEST - 1) {
      others.push(start.id)
      return []
    }
    const beside: string[] = []
    open.set(scope, beside)
    return [{ ...start, beside }]
  })
  return starts.map((start) => (start.beside ? keepGroup(draft, start) : start))
}

function keepGroup(draft: Draft, { beside = [], ...start }: Start): Start {
  if (beside.length === 0) return start
  writeStep(draft, start.id, { ...readStep(draft, start.id)!, beside })
  return { ...start, beside }
}

/** The loop a step is in, if it may be done beside others; what asks, is rescued, keeps how things were or is never repeated has turns of its own. */
function scopeOf(draft: Draft, { id, turn, apart }: Start): string | undefined {
  const instance = instanceOf(draft, id)
  const { work, effect, autos, rescues } = compiledStepAt(draft.pipeline, instance.node)
  const isPlain = (work.type === 'tool' || work.type === 'decide') && !autos && !rescues && effect !== 'at-most-once'
  if (!isPlain || turn !== undefined || apart || draft.pipeline.undoable) return undefined
  const loop = loopAround(instance)
  return loop ? instanceId(loop) : ''
}

/** Takes what became of a group: what goes on apart, and how the others ended; what failed for good first, for nothing may start after that. */
export function endGroup(draft: Draft, { of, ends, apart }: GroupEnd): void {
  const { beside, ...first } = readStep(draft, of) ?? {}
  if (beside) writeStep(draft, of, first as StepPart)
  const sorted = fatalFirst(draft, ends)
  for (const one of apart)
    if (isInFlight(draft, instanceOf(draft, one.step))) draft.start.push({ id: one.step, apart: one })
  for (let n = 0; n < sorted.length; n++) {
    if (draft.start.length >= ENOUGH) {
      draft.again.push({ type: 'group-end', of, ends: sorted.slice(n), apart: [] })
      return
    }
    endStep(draft, sorted[n]!)
  }
}

function fatalFirst(draft: Draft, ends: readonly EncodedStepEnd[]): readonly EncodedStepEnd[] {
  const fatal = ends.filter((end) => isFatal(draft, end))
  return fatal.length === 0 ? ends : [...fatal, ...ends.filter((end) => !fatal.includes(end))]
}

function isFatal({ pipeline }: Draft, told: EncodedStepEnd): boolean {
  if (isCompactEnd(told)) return false
  const { step, status, handled } = told
  const { onFailure } = compiledStepAt(pipeline, parseInstance(pipeline, step)!.node)
  return status === 'failed' && handled === undefined && onFailure === 'fail'
}
