import { is } from '../../src/errors.ts'
import type { Copy } from './copy.ts'
import type { Mutation } from './mutation.ts'
import { type Limits, type Ran, type Runs, runTests } from './run-tests.ts'

/** What became of a mutation: only one that is caught is as it should be. */
export type Verdict = {
  readonly name: string
  readonly verdict: 'caught' | 'SURVIVED' | 'HANGS' | 'ENDS' | 'BROKEN' | 'NO LONGER APPLIES'
  /** what noticed it: something the test found, or only that the test waited in vain; undefined when nothing did */
  readonly by: 'finding' | 'time limit' | undefined
  /** what the test said, or what is wrong with the mutation */
  readonly why: string
  readonly seconds: number
}

/** Puts the fault into the copy, runs the test that should notice, and says whether it did. */
export async function tryMutation(copy: Copy, mutation: Mutation, limits: Limits): Promise<Verdict> {
  const began = performance.now()
  const outcome = await outcomeOf(copy, mutation, limits)
  return { name: mutation.name, ...outcome, seconds: Math.round(performance.now() - began) / 1000 }
}

type Outcome = Pick<Verdict, 'verdict' | 'by' | 'why'>

async function outcomeOf(copy: Copy, mutation: Mutation, limits: Limits): Promise<Outcome> {
  try {
    return judge(mutation, await copy.withMutation(mutation, () => runTests(copy, [mutation.caughtBy], limits)))
  } catch (error) {
    if (is(error, 'InvalidError')) return unnoticed('NO LONGER APPLIES', error.message)
    throw error
  }
}

/** A mutation is caught by a test that fails by what it found, and by one that does not end only if that is expected. */
export function judge({ caughtBy: [, title], ...mutation }: Mutation, runs: Runs): Outcome {
  const hangs = mutation.hangs === true
  if (!runs) return hung(hangs, 'the tests were killed, as they did not end')
  const failed = runs.tests.find((test) => !test.passed)
  if (failed) return isTimeout(failed) ? hung(hangs, firstLine(failed)) : noticed(hangs, firstLine(failed))
  if (runs.unable[0] !== undefined) return unnoticed('BROKEN', `the tests cannot be run: ${runs.unable[0]}`)
  if (runs.tests.length === 0) return unnoticed('BROKEN', `there is no test "${title}"`)
  return unnoticed('SURVIVED', `"${title}" passes all the same`)
}

const unnoticed = (verdict: Verdict['verdict'], why: string): Outcome => ({ verdict, by: undefined, why })

function hung(isExpected: boolean, why: string): Outcome {
  return { verdict: isExpected ? 'caught' : 'HANGS', by: 'time limit', why }
}

function noticed(hangs: boolean, why: string): Outcome {
  return { verdict: hangs ? 'ENDS' : 'caught', by: 'finding', why }
}

// vitest's report has only the stack of its own timeout, without the message; `until` of the tests says its own
const isTimeout = ({ messages }: Ran) => messages.some((message) => TIMEOUT.test(message))
const TIMEOUT = /^Error: STACK_TRACE_ERROR|^(Error: )?(Test|Hook) timed out in|^TimeoutError: not within/

const firstLine = ({ messages }: Ran) => messages[0]?.split('\n')[0] ?? ''

/** What is wrong with the tests of these mutations before there is any fault: each must be there, and pass. */
export async function checkTests(
  copy: Copy,
  mutations: readonly Mutation[],
  limits: Limits,
): Promise<readonly string[]> {
  const tests = mutations.map(({ caughtBy }) => caughtBy)
  const runs = await runTests(copy, tests, { ...limits, whole: 4 * limits.whole })
  if (!runs) return ['the tests do not end, without any mutation']
  const failed = runs.tests.filter(({ passed }) => !passed).map((test) => `${test.title} fails: ${firstLine(test)}`)
  if (failed.length + runs.unable.length > 0) return [...failed, ...runs.unable]
  const isThere = (title: string) => runs.tests.some((test) => test.title.includes(title))
  return tests.filter(([, title]) => !isThere(title)).map(([file, title]) => `there is no test "${title}" in ${file}`)
}
