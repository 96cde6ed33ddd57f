import { resolve } from 'node:path'
import { InvalidError } from '../../../errors.ts'
import type { AgentTestReport } from '../../../testing/agents/report.ts'
import type { AgentTest } from '../../../testing/agents/suite.ts'
import type { Cli } from '../../cli.ts'
import { command } from '../../command.ts'
import { printJson } from '../../render/print.ts'
import { listenForSignals } from '../../terminal/signals.ts'

/** `agent test FILE…`: runs the cases of agents in temporary runtimes, and reports them. */
export const agentTestCommand = command({
  name: 'test',
  about: 'Run the tests of agents. Exit code 1 if a case fails, 2 if a test or its agent is wrong.',
  args: [['<file...>', 'modules or YAML files with an agent and cases']],
  options: [
    ['--filter <text>', 'only cases whose names contain this text'],
    ['--record', 'ask the real models of recorded ones again, and replace their replies'],
    ['--json', 'print the reports as JSON'],
  ],
  examples: ['agent test clerk.test.ts', 'agent test agents/clerk.test.yaml --filter closing --json'],
  async run(cli, files, { filter, record = false, json = false }) {
    const tests = (await withRecording(record, () => readTests(cli, files))).flatMap((test) => matching(test, filter))
    if (tests.length === 0)
      throw new InvalidError(`No case has ${JSON.stringify(filter)} in its name.`, { place: { path: '--filter' } })
    const stopping = new AbortController()
    const interruption = listenForSignals(() => process.exit(130))
    interruption.asked.then(() => stopping.abort())
    try {
      const reports: AgentTestReport[] = []
      for (const test of tests) reports.push(await runTest(cli, test, { json, filter, signal: stopping.signal }))
      if (stopping.signal.aborted) return 130
      const passed = reports.every((report) => report.passed)
      if (json) printJson(cli.terminal, { passed, tests: reports })
      return passed ? 0 : 1
    } finally {
      interruption.off()
    }
  },
})

/** The modules read the variable when they make their models. */
async function withRecording<T>(record: boolean, read: () => Promise<T>): Promise<T> {
  if (!record) return read()
  const { ANTIPHON_RECORD: before } = process.env
  process.env.ANTIPHON_RECORD = 'always'
  try {
    return await read()
  } finally {
    if (before === undefined) delete process.env.ANTIPHON_RECORD
    else process.env.ANTIPHON_RECORD = before
  }
}

async function readTests({ terminal }: Cli, files: readonly string[]): Promise<readonly AgentTest[]> {
  const { readTestFile } = await import('../../../testing/agents/read-test-file.ts')
  const tests: AgentTest[] = []
  for (const file of files) tests.push(...(await readTestFile(resolve(terminal.folder, file))))
  return tests
}

/** The test with the selected cases; undefined if there is none. */
function matching(test: AgentTest, filter: string | undefined): readonly AgentTest[] {
  const cases = filter === undefined ? test.cases : test.cases.filter(({ name }) => name.includes(filter))
  return cases.length === 0 ? [] : [{ ...test, cases }]
}

type Running = { readonly json: boolean; readonly filter: string | undefined; readonly signal: AbortSignal }

async function runTest(
  { terminal }: Cli,
  given: AgentTest,
  { json, filter, signal }: Running,
): Promise<AgentTestReport> {
  const [{ runAgentTest }, { caseLines, endLines }] = await Promise.all([
    import('../../../testing/agents/test-agent.ts'),
    import('../../../testing/agents/report.ts'),
  ])
  const print = (lines: readonly string[]) => {
    for (const line of lines)
      if (json) terminal.say(line)
      else terminal.out(line)
  }
  const test = { folder: terminal.folder, ...given }
  const report = await runAgentTest(test, { signal, onEnd: (one) => print(caseLines(one)) })
  // cases that were left out may use the rest
  print(endLines(filter === undefined ? report : { ...report, notes: [] }))
  return report
}
