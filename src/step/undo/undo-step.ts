import { TerminalError } from '../../errors.ts'
import type { EffectCall } from '../../kernel/types.ts'
import { redactErrors } from '../../tool/secrets.ts'
import type { Tool } from '../../tool/tool.ts'
import { callForOf } from '../../work/origin/call-for.ts'
import type { StepAttempt } from '../attempt/work.ts'
import type { StepServices } from '../call/context.ts'
import { allowedRoots, toolInput } from '../call/permissions.ts'
import type { AuthoredParameters } from '../call/tool-call.ts'
import { toolContextWith } from '../call/tool-context.ts'
import { readStepPart } from '../messages/step-parts.ts'
import type { UndoStart } from '../messages/step-start.ts'
import { hasEnded, type StepParameters, type StepValue, wasMade } from '../record/outcome.ts'
import { readRef, storeRef, type ValueRef } from '../values.ts'

/** The call of a step: its tool, unless that is gone, and its parameters as their author wrote them. */
export type UndoableCall = { readonly tool: Tool | undefined; readonly written: StepParameters }

type Undoing = {
  readonly services: StepServices
  readonly start: UndoStart
  readonly step: string
  readonly call: EffectCall
  readonly made: UndoableCall
}

/** Undoes what a step's tool did. TerminalError when the tool has no way to, or the current state does not allow it. */
export async function undoStep({ services, start, step, call, made: { tool, written } }: Undoing): Promise<void> {
  if (!tool?.undo) throw new TerminalError(`${tool?.name ?? `step ${step}`} cannot be undone.`, { code: 'no_undo' })
  const part = await requirePart(services, start, step)
  const value = (await readRef(services.values, part.result)) as StepValue
  const given = { written, parameters: (value.parameters ?? {}) as StepParameters }
  const input = await toolInput(tool, given, services, start.run)
  const memo = part.memo ? await readRef(services.values, part.memo) : undefined
  if (tool.prepare && memo === undefined)
    throw new TerminalError(`The state before ${tool.name} was not recorded.`, { code: 'no_undo' })
  const context = await contextOf({ services, step, call, emit: () => {} }, start)
  const done = { input, output: value.result, memo: memo ?? null }
  await redactErrors(services.secrets, async () => tool.undo!(done, context))
}

async function requirePart({ readParts }: StepServices, { run }: UndoStart, id: string) {
  const part = await readStepPart(readParts, run.id, id)
  if (!part || !hasEnded(part) || !wasMade(part)) throw new TerminalError(`The run has no completed step ${id}.`)
  if (part.degraded || !part.result)
    throw new TerminalError(`The call of ${id} is no longer known.`, { code: 'no_undo' })
  return { ...part, result: part.result }
}

/** The state that a tool captures before it acts for the first time, so that its action can be undone. */
export async function stateBefore(
  tool: Tool,
  given: AuthoredParameters,
  { services, start, call, emit }: Pick<StepAttempt, 'services' | 'start' | 'call' | 'emit'>,
): Promise<ValueRef | null> {
  const context = await contextOf({ services, step: start.step, call, emit }, start)
  const memo = await redactErrors(services.secrets, async () =>
    tool.prepare!(await toolInput(tool, given, services, start.run), context),
  )
  // a state with a secret in it is not stored; without the secret, restoring would write other content
  return services.secrets && services.secrets.hide(memo) !== memo ? null : storeRef(services.values, memo)
}

async function contextOf(
  { services, step, call, emit }: Pick<Undoing, 'services' | 'step' | 'call'> & Pick<StepAttempt, 'emit'>,
  { run }: Pick<UndoStart, 'run'>,
) {
  const callFor = await callForOf(run, step, services.values)
  const { signal, idempotencyKey } = call
  return toolContextWith(
    services,
    { ...callFor, signal, idempotencyKey, roots: allowedRoots(services, run), emit },
    run,
  )
}
