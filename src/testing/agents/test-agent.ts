import { AssertionError } from 'node:assert'
import { basename } from 'node:path'
import { type AgentCaseReport, type AgentTestReport, reportText } from './report.ts'
import { partsOfStub } from './stub-tool.ts'
import { type AgentCase, type AgentTest, type AgentTestOptions, checkTest } from './suite.ts'

/** Cases at a time, if a test does not say how many. */
const CONCURRENCY = 4

/** `onEnd` is called for each ended case; after the signal, no case begins and running ones end. */
type RunOptions = { readonly onEnd?: (report: AgentCaseReport) => void; readonly signal?: AbortSignal }

/**
 * Runs the cases of an agent, each in a runtime of its own, and resolves with the report. Throws one AssertionError
 * with the report if a case fails.
 * @throws InvalidError of code `invalid_agent_test` for a wrong key, and the error of an agent or a tool that is wrong
 */
export async function testAgent(
  agent: AgentTest['agent'],
  cases: readonly AgentCase[],
  options?: AgentTestOptions,
): Promise<AgentTestReport> {
  const report = await runAgentTest({ ...options, agent, cases })
  if (report.passed) return report
  const error = new AssertionError({ message: reportText(report), operator: 'testAgent', stackStartFn: testAgent })
  throw Object.assign(error, { report })
}

/** Runs the cases of a test and reports them. A case that fails throws nothing; one that cannot begin does. */
export async function runAgentTest(given: AgentTest, { onEnd, signal }: RunOptions = {}): Promise<AgentTestReport> {
  const began = performance.now()
  const test = checkTest(given)
  const [{ prepareTest }, { runCase }] = await Promise.all([import('./case-runtime.ts'), import('./run-case.ts')])
  const prepared = await prepareTest(test)
  const stubs = [...new Set([test, ...test.cases].flatMap(({ tools = [] }) => tools))]
  const before = new Map(stubs.map((stub) => [stub, callsOf(stub)]))
  const reports = new Array<AgentCaseReport>(test.cases.length)
  const wrong: unknown[] = []
  let next = 0
  const work = async () => {
    while (next < test.cases.length && wrong.length === 0 && !signal?.aborted) {
      const place = next++
      try {
        reports[place] = await runCase(prepared, test.cases[place]!, signal)
        onEnd?.(reports[place])
      } catch (error) {
        wrong.push(error)
      }
    }
  }
  const workers = Math.min(test.concurrency ?? CONCURRENCY, test.cases.length)
  await Promise.all(Array.from({ length: workers }, work))
  if (wrong.length > 0) throw wrong[0]
  const ended = reports.filter((report) => report !== undefined)
  const idle = stubs.filter((stub) => partsOfStub(stub) && callsOf(stub) === before.get(stub)).map(({ name }) => name)
  return {
    agent: typeof test.agent === 'string' ? basename(test.agent, '.md') : test.agent.name,
    passed: ended.length === reports.length && ended.every(({ passed }) => passed),
    cases: ended,
    notes: [...(idle.length > 0 ? [`stubs that no case called: ${idle.join(', ')}`] : []), ...unusedReplies(test)],
    cost: ended.reduce((sum, { transcript }) => sum + transcript.cost, 0),
    ms: Math.round(performance.now() - began),
  }
}

const callsOf = (stub: object): number => ('calls' in stub && Array.isArray(stub.calls) ? stub.calls.length : 0)

/** A recorded model knows which of its replies no case used. */
function unusedReplies({ model }: AgentTest): readonly string[] {
  if (typeof model !== 'object' || !('unused' in model) || typeof model.unused !== 'function') return []
  const unused = model.unused() as readonly string[]
  return unused.length > 0 ? [`recorded replies that no case used: ${unused.join(', ')}`] : []
}
