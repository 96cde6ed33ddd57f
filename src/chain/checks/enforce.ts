import { TerminalError } from '../../errors.ts'
import type { Assignment, Document } from '../../model/prompt/task.ts'
import type { AnswerCheck } from '../../thread/protocol/domain.ts'
import type { Hit, PhaseInput, PhaseResult } from '../../thread/protocol/phase-types.ts'
import { checkAnswer } from './checks.ts'

type Result = PhaseResult<'yield'>

/** The prompt of a second answer: the faults of the first one, and its text. */
export type Correction = { readonly instruction: string; readonly documents: readonly Document[] }

/** The code of an answer that is refused because a check failed. */
export const CHECK_FAILED = 'check_failed'

/**
 * The answer with the results of its checks. After a failed check it is written again once, if that is possible. A
 * check that fails again becomes a lack of the answer.
 * @throws TerminalError `check_failed` where the ask refuses answers that fail
 */
export async function enforceChecks(
  first: Result,
  input: PhaseInput,
  hits: readonly Hit[],
  again: ((correction: Correction) => Promise<Result>) | undefined,
): Promise<Result> {
  const results = resultsOf(first, input, hits)
  if (faultsOf(results).length === 0) return withResults(first, results)
  const second = again && (await again(correctionOf(first, results)))
  const result = second ?? first
  const last = second ? resultsOf(second, input, hits) : results
  const faults = faultsOf(last)
  if (faults.length > 0 && input.otherwise === 'refuse')
    throw new TerminalError(`The answer failed its checks: ${faults.join('; ')}.`, {
      code: CHECK_FAILED,
      hint: 'Its domain refuses such answers (`otherwise: refuse`). Name texts that state more, or another model.',
    })
  return withResults(result, last)
}

function resultsOf({ output }: Result, { checks = [], askedAt = 0 }: PhaseInput, hits: readonly Hit[]) {
  const vids = new Set(output.citations.map(({ vid }) => vid))
  const cited = hits.filter(({ vid }) => vids.has(vid))
  return checkAnswer([...new Set(checks)], { text: output.answer, cited, now: askedAt })
}

/** Each fault in words, behind the name of its check. */
function faultsOf(results: readonly AnswerCheck[], named = (check: string) => check): readonly string[] {
  return results.flatMap(({ check, faults }) => faults.map((fault) => `${named(check)}: ${fault}`))
}

function correctionOf({ output }: Result, results: readonly AnswerCheck[]): Correction {
  const list = faultsOf(results).map((fault) => `- ${fault}`)
  return {
    instruction: `Your last answer failed these checks:\n${list.join('\n')}\nWrite it again so that it passes them. Leave out what the documents do not state.`,
    documents: [{ name: 'last answer', text: output.answer }],
  }
}

function withResults(result: Result, checks: readonly AnswerCheck[]): Result {
  const lacks = [...(result.lacks ?? []), ...faultsOf(checks, (check) => `the check "${check}" failed`)]
  return { ...result, output: { ...result.output, checks }, ...(lacks.length > 0 && { lacks }) }
}

/** The assignment of a second answer; without a correction it stays as it is. */
export const corrected = (assignment: Assignment, correction: Correction | undefined): Assignment =>
  correction
    ? {
        ...assignment,
        instruction: `${assignment.instruction}\n${correction.instruction}`,
        documents: [...assignment.documents, ...correction.documents],
      }
    : assignment
