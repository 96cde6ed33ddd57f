import { runRef, stepRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import { justBeforePrefix } from '../../kernel/parts.ts'
import type { Effects } from '../../kernel/types.ts'
import { giveBack, holdPlaces } from '../../run/actor/signals.ts'
import { OPEN_WAITS, type OpenWait, openWaitPart } from '../../run/actor/waits.ts'
import type { StepEnd } from '../../step/messages/step-end.ts'
import { type WorkflowState, workOfStep } from '../replay/state.ts'
import type { TurnDraft } from './draft.ts'

/** Reads a part of the run as the draft leaves it. */
const partOf =
  ({ parts, effects }: TurnDraft): Effects['part'] =>
  async (name) =>
    name in parts ? (parts[name] ?? undefined) : effects.part(name)

/** The part of an open wait; undefined: there is none. */
const readPart = async (draft: TurnDraft, step: string) =>
  (await partOf(draft)(openWaitPart(step))) as OpenWait | undefined

/** The open wait of a step. Undefined: the step is at work, has ended, or is no wait. */
export async function readOpenWait(draft: TurnDraft, state: WorkflowState, step: string) {
  if (!state.workflow.waiting) return undefined
  const wait = await readPart(draft, step)
  return wait?.withdrawn ? undefined : wait
}

/** The run with more open waits, or fewer. */
export function withWaiting(state: WorkflowState, change: number): WorkflowState {
  if (change === 0) return state
  const { waiting = 0, ...workflow } = state.workflow
  const left = waiting + change
  return { ...state, workflow: left > 0 ? { ...workflow, waiting: left } : workflow }
}

/** All open waits of a run, as the draft leaves them. */
export async function openWaitsOf(draft: TurnDraft, { workflow }: WorkflowState): Promise<readonly string[]> {
  if (!workflow.waiting) return []
  const { effects, services, parts } = draft
  const found = new Map<string, Json | null>()
  const page = { prefix: OPEN_WAITS, after: justBeforePrefix(OPEN_WAITS), early: true } as const
  for await (const [name, part] of services.readParts(runRef(effects.self.key), page)) found.set(name, part)
  for (const [name, part] of Object.entries(parts)) if (name.startsWith(OPEN_WAITS)) found.set(name, part)
  return [...found].flatMap(([name, part]) =>
    part === null || (part as OpenWait).withdrawn ? [] : [name.slice(OPEN_WAITS.length)],
  )
}

/**
 * Withdraws open waits: their questions go. A signal on its way to one comes back from its step, and goes to the next
 * wait of that name; without `keepsSignals`, nothing more takes it.
 */
export async function dropWaits(
  draft: TurnDraft,
  state: WorkflowState,
  steps: readonly string[],
  { keepsSignals = true } = {},
): Promise<WorkflowState> {
  const { effects, cancel, parts } = draft
  const { key } = effects.self
  const judging: { readonly step: string; readonly name: string }[] = []
  for (const step of steps) {
    const wait = await readPart(draft, step)
    if (wait?.signal && keepsSignals) {
      // its step takes it and ends, or refuses it and asks again
      parts[openWaitPart(step)] = { ...wait, withdrawn: true } as Json
      judging.push({ step, name: wait.signal.name })
      continue
    }
    parts[openWaitPart(step)] = null
    cancel.push({ of: stepRef(key, step), correlationId: workOfStep(key, step, state) })
  }
  if (judging.length > 0) Object.assign(parts, await holdPlaces(judging, { part: partOf(draft) }))
  return withWaiting(state, -steps.length)
}

/** A withdrawn wait has ended: the run gives the signal that it took to another one. */
export async function takeBack(
  draft: TurnDraft,
  state: WorkflowState,
  { step, status }: Pick<StepEnd, 'step' | 'status'>,
): Promise<void> {
  const { parts, send, effects } = draft
  const wait = await readPart(draft, step)
  if (!wait?.withdrawn) return
  parts[openWaitPart(step)] = null
  const signal = status === 'completed' ? wait.signal : undefined
  const back = await giveBack({ isStopped: state.workflow.stopped !== undefined }, step, signal, {
    ...effects,
    part: partOf(draft),
  })
  Object.assign(parts, back.parts)
  send.push(...back.send)
}
