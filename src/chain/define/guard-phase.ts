import { AsyncLocalStorage } from 'node:async_hooks'
import { z } from 'zod'
import { errorOf, InvalidError, is, problemOf, TerminalError } from '../../errors.ts'
import { checkSize } from '../../kernel/limits.ts'
import { validationIssues } from '../../kernel/schema-issues/validation-issues.ts'
import type { PhaseName, PhaseResult } from '../../thread/protocol/phase-types.ts'
import { checkJson, wrongResult } from '../../tool/once/check-json.ts'
import { runGuarded } from '../../tool/plugin/guard.ts'
import { mustPropagate } from '../../work/suspension.ts'
import { poolPhaseOf } from '../phases/registry.ts'
import { connection, decision, hit, report } from '../phases/states.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import type { AnyPhase, PhaseContext, PhaseOrigin, RegisteredPhase } from '../protocol/phase.ts'
import { checkPhase } from '../protocol/phase.ts'
import type { OwnPhaseResult, PhaseDefinition } from './define-phase.ts'
import { keptState } from './kept-state.ts'

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

const text = z.string()
const share = z.number().min(0).max(1)
const citation = hit.omit({ heading: true, score: true })

/** The output of each phase. Additional fields are accepted. */
const OUTPUTS: { readonly [Name in PhaseName]: z.ZodObject } = {
  action: z.object({ response: text, confidence: share }),
  'experience.vectors': z.object({ summary: text, hits: z.array(hit), sources: z.array(report) }),
  'experience.web': z.object({ summary: text, sources: z.array(report) }),
  intention: z.object({
    explicitIntent: text,
    implicitIntent: text,
    goal: z.enum(['answer', 'summarise', 'list']),
    confidence: share,
    priorities: z.array(z.object({ id: text, alignment: z.number() })),
  }),
  observation: z.object({ observations: z.array(text), connections: z.array(connection) }),
  understanding: z.object({ synthesis: text, reasoning: text, confidence: share, gaps: z.array(text) }),
  yield: z.object({ answer: text, citations: z.array(citation), invalidCitations: z.array(text) }),
}

const problem = z.object({ code: text, name: text, message: text })

const resultOf = (name: PhaseName) =>
  z.object({
    state: z.unknown(),
    output: OUTPUTS[name],
    text,
    status: z.enum(['completed', 'degraded', 'skipped']),
    problem: problem.optional(),
    lacks: z.array(text).optional(),
    ...(name === 'understanding' && { decision: decision.optional() }),
  })

/** Characters of JSON that a result may have without its state: later phases read it. */
const MAX_RESULT = 64 * 1024

/**
 * Checks the result of a phase of that name. InvalidError (`invalid_phase_result`, with the path) for a part that is
 * not JSON or does not fit; error `too_large` for one that is too long.
 */
function checkResult(name: PhaseName, given: unknown, what: string): void {
  const { state: _, ...result } = (checkJson({ name: what }, given, 'invalid_phase_result') ?? {}) as {
    state?: unknown
  }
  const { error } = resultOf(name).safeParse(given)
  if (error) {
    const [{ path, message } = NO_RESULT] = validationIssues(error.issues, given)
    const hint = `Return { state, output, text, status }, where the output has ${Object.keys(OUTPUTS[name].shape).join(', ')}.`
    throw wrongResult({ name: what }, path, message, hint, 'invalid_phase_result')
  }
  checkSize(result, MAX_RESULT, `the result of ${what}`)
}

const NO_RESULT = { path: [], message: 'it does not fit' }

/** ms that a phase has to end by itself after its deadline, when its last effect has ended. */
const GRACE_MS = 100

const insideRun = new AsyncLocalStorage<true>()

/**
 * A context for code that may not end in time. Its effects take place one after another, and are refused once the phase
 * has ended. An effect that waits ends the phase: the code never sees the wait, so it cannot take it for a failure.
 */
function lendContext(context: PhaseContext) {
  let isOver = false
  let inFlight: Promise<unknown> = Promise.resolve()
  const end = Promise.withResolvers<never>()
  const lent = (name: string, act: (...given: never[]) => Promise<unknown>) => {
    return (...given: never[]) => {
      // it would wait for the `run` that waits for it
      if (insideRun.getStore()) return Promise.reject(new InvalidError(`${name} cannot be used inside \`run\`.`))
      const effect = inFlight.then(() => {
        if (isOver) throw new TerminalError('The phase has ended.', { code: 'timeout' })
        return act(...given)
      })
      inFlight = effect.catch((error: unknown) => {
        if (!mustPropagate(error)) return
        isOver = true
        end.reject(error)
      })
      return effect.catch((error: unknown) => {
        if (mustPropagate(error)) return new Promise<never>(() => {})
        throw error
      })
    }
  }
  const run: PhaseContext['run'] = (name, work, options) => {
    const inside =
      typeof work === 'function' ? (call: Parameters<typeof work>[0]) => insideRun.run(true, work, call) : work
    return context.run(name, inside, options)
  }
  const parts = Object.entries({ ...context, run }).map(([name, part]) => [
    name,
    typeof part === 'function' ? lent(name, part) : part,
  ])
  return {
    context: Object.fromEntries(parts) as PhaseContext,
    /** The result of the phase, or the error of its deadline (ms). An effect in flight ends before. */
    async within<T>(work: Promise<T>, deadline: number, late: () => Error): Promise<T> {
      let timer = setTimeout(async () => {
        await inFlight
        timer = setTimeout(() => end.reject(late()), GRACE_MS)
      }, deadline)
      try {
        return await Promise.race([work, end.promise])
      } finally {
        isOver = true
        clearTimeout(timer)
      }
    },
  }
}
