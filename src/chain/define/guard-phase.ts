import { errorOf, is, problemOf, TerminalError } from '../../errors.ts'
import type { PhaseResult } from '../../thread/protocol/phase-types.ts'
import { runGuarded } from '../../tool/plugin/guard.ts'
import { mustPropagate } from '../../work/suspension.ts'
import { poolPhaseOf } from '../phases/registry.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import { type AnyPhase, checkPhase, type PhaseOrigin, type RegisteredPhase } from '../protocol/phase.ts'
import { checkResult } from './check-result.ts'
import type { OwnPhaseResult, PhaseDefinition } from './define-phase.ts'
import { keptState } from './kept-state.ts'
import { lendContext } from './lend-context.ts'

/**
 * A phase whose code may do anything, as the chain runs it: its result is checked, its errors name it, errors that
 * escape it fail the phase instead of the process, and it ends at its deadline even if it hears no signal.
 */
export function guardPhase(
  given: PhaseDefinition | AnyPhase,
  origin: PhaseOrigin,
  limits: Pick<ChainLimits, 'deadline' | 'phaseDeadlines'>,
): RegisteredPhase {
  checkPhase(given)
  const phase = given as PhaseDefinition
  const { name, modality, domain } = phase
  const what = `phase ${name} of ${origin.file ?? 'this program'}`
  const { open, close, ...versioned } = keptState(given, what)
  const deadline = limits.phaseDeadlines?.[poolPhaseOf(name)] ?? limits.deadline
  const late = () =>
    new TerminalError(`${what} took longer than its deadline, ${deadline / 1000} s.`, { code: 'timeout' })

  async function guarded(
    stored: PhaseResult['state'],
    act: (state: never) => OwnPhaseResult | Promise<OwnPhaseResult>,
  ): Promise<PhaseResult> {
    const opened = open(stored)
    try {
      const result = await runGuarded(what, () => act(opened.state as never))
      checkResult(name, result, what)
      const lacks = [...opened.lacks, ...(result.lacks ?? [])]
      return { ...result, state: close(result.state, stored.modality), ...(lacks.length > 0 && { lacks }) }
    } catch (error) {
      if (is(error) || mustPropagate(error)) throw error
      const problem = problemOf(error)
      throw errorOf({ ...problem, message: `${what}: ${problem.message}` })
    }
  }

  return {
    name,
    modality,
    origin,
    ...(domain !== undefined && { domain }),
    ...versioned,
    run(stored, input, context) {
      const lent = lendContext(context)
      const work = guarded(stored, (state) => phase.run(state, input, lent.context))
      return lent.within(work, deadline, late)
    },
    ...(phase.fallback && {
      fallback: (stored, input, problem) => guarded(stored, (state) => phase.fallback!(state, input, problem)),
    }),
  } satisfies RegisteredPhase
}
