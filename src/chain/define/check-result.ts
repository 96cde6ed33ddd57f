import { z } from 'zod'
import { checkSize } from '../../kernel/limits.ts'
import { validationIssues } from '../../kernel/schema-issues/validation-issues.ts'
import type { PhaseName } from '../../thread/protocol/phase-types.ts'
import { checkJson, wrongResult } from '../../tool/once/check-json.ts'
import { connection, decision, hit, report } from '../phases/states.ts'

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
export function checkResult(name: PhaseName, given: unknown, what: string): void {
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
