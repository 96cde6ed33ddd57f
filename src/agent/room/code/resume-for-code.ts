import type { Engine } from '../../../engine/engine.ts'
import { goalRef, KIND } from '../../../house/actors.ts'
import { listAll } from '../../../house/paging.ts'
import type { StepState } from '../../../step/attempt/step-state.ts'
import { lackOfCode } from '../../../tool/plugin/code-tool.ts'
import { findCalledTool, type Toolbox } from '../../../tool/toolbox.ts'
import type { NeededCode } from '../../../work/code-wait.ts'
import { CODE_WAIT, IN_INBOX } from '../../../work/wait.ts'
import { GO_ON } from '../../goal/think/await-code.ts'
import type { AdoptCode } from './adopt-code.ts'

type Parts = {
  readonly engine: Engine
  readonly toolbox: Toolbox
  /** Takes up what an earlier process left of a run. */
  resumeRun(run: string): Promise<void>
  /** Takes up what an earlier process left of a goal, and follows the work above it. */
  resumeGoal(goal: string): Promise<void>
  readonly adoption: AdoptCode
  /** Tells the user of this process about goals whose code has changed. */
  readonly notice?: ((line: string) => void) | undefined
}

/**
 * Wakes the steps and goals that wait for code of a program which this process has.
 * A goal looks itself, and waits on if its code is not here. Then lets goals whose agents ask nobody go on with code
 * that has changed, and says how many do and how many wait.
 */
export async function resumeForCode({
  engine,
  toolbox,
  resumeRun,
  resumeGoal,
  adoption,
  notice,
}: Parts): Promise<void> {
  const { view } = engine
  const waiting = (kind: string) => allWaiting(view, kind, CODE_WAIT)
  const retry = { type: 'retry' }
  for (const key of await waiting('step')) {
    const ref = { kind: KIND.step, key }
    const { suspended, awaiting } = ((await view.peek(ref)) ?? {}) as StepState
    if (awaiting) {
      // it looks its call up with the code of this process, or waits on
      await engine.tell(ref, { type: 'code' }, { correlationId: awaiting.work })
      await resumeRun(awaiting.run.key)
    }
    if (!suspended?.codeWait || !hasCode(toolbox, suspended.codeWait)) continue
    await engine.tell(ref, retry, { correlationId: suspended.work })
    await resumeRun(suspended.run.key)
  }
  for (const key of await waiting('agent')) {
    await engine.tell(goalRef(key), retry, { correlationId: key })
    await resumeGoal(key)
  }
  for (const { agent, outcome, changes, goals } of (await adoption.all({ auto: true })).changes) {
    if (outcome === 'lacks') continue
    const about = `${countOf(goals)} of ${agent} ${THEN[outcome]}: ${changes.join('; ')}.`
    notice?.(outcome === 'asks' ? `${about} ${GO_ON}` : about)
  }
}

const countOf = ({ length }: readonly string[]) => (length === 1 ? '1 goal' : `${length} goals`)

const THEN = {
  'goes-on': 'may go on with code that has changed',
  asks: 'may not go on with code that has changed until you say so',
  keeps: 'may wait for the old code',
} as const

function hasCode(toolbox: Toolbox, { tool = '', hash = '' }: Partial<NeededCode>): boolean {
  return lackOfCode({ tool, hash }, findCalledTool(toolbox, tool)) === undefined
}

/** The keys of all actors of a kind that have the wait. */
export async function allWaiting(view: Engine['view'], kind: string, waits: string): Promise<readonly string[]> {
  return Array.fromAsync(listAll(view, kind, { ...IN_INBOX, waits }), ({ key }) => key)
}
