import { resolve } from 'node:path'
import { InvalidError, problemOf } from '../../../errors.ts'
import type { TestResult } from '../../../tested/room/documents.ts'
import type { AgentTestReport } from '../../../testing/agents/report.ts'
import type { AgentTest } from '../../../testing/agents/suite.ts'
import { type Cli, command, loadSetup } from '../../cli.ts'
import { listenForSignals } from '../../terminal/signals.ts'
import type { RanTest } from './save-result.ts'

export const agentTestCommand = command({
  name: 'test',
  about: 'Run the tests of agents. Exit code 1 if a case fails, 2 if a test or its agent is wrong.',
  args: [['<file...>', 'modules or YAML files with an agent and cases']],
  options: [
    ['--filter <text>', 'only cases whose names contain this text'],
    ['--record', 'ask the real models of recorded ones again, and replace their replies'],
    ['--no-save', 'do not keep the results for "antiphon agent results"'],
    ['--json', 'print the reports as JSON'],
  ],
  at: 'folder',
  examples: ['agent test clerk.test.ts', 'agent test agents/clerk.test.yaml --filter closing --json'],
  async run(cli, files, { filter, record = false, save, json = false, data }) {
    const read = await withRecording(record, () => readTests(cli, files))
    const tests = read.flatMap((one) => matching(one, filter))
    if (tests.length === 0)
      throw new InvalidError(`No case has ${JSON.stringify(filter)} in its name.`, { place: { path: '--filter' } })
    const stopping = new AbortController()
    const interruption = listenForSignals(() => process.exit(130))
    interruption.asked.then(() => stopping.abort())
    try {
      const reports: AgentTestReport[] = []
      for (const one of tests) {
        const report = await runTest(cli, one.test, { json, filter, signal: stopping.signal })
        if (stopping.signal.aborted) return 130
        if (save) await keep(cli, { ...one, report, filter }, data, json)
        reports.push(report)
      }
      const passed = reports.every((report) => report.passed)
      if (json) cli.terminal.json({ passed, tests: reports })
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

/** The tests of the files, each with its place among those of the same agent in its file. */
async function readTests({ terminal }: Cli, files: readonly string[]): Promise<readonly FoundTest[]> {
  const { readTestFile } = await import('../../../testing/agents/read-test-file.ts')
  const tests: FoundTest[] = []
  for (const name of files) {
    const file = resolve(terminal.folder, name)
    const found = await readTestFile(file)
    const agents = found.map(({ agent }) => (typeof agent === 'string' ? agent : agent.name))
    for (const [place, test] of found.entries())
      tests.push({ test, file, nth: agents.slice(0, place).filter((agent) => agent === agents[place]).length })
  }
  return tests
}

type FoundTest = Pick<RanTest, 'test' | 'file' | 'nth'>

/** The test with the selected cases; an empty list if there is none. */
function matching(one: FoundTest, filter: string | undefined): readonly FoundTest[] {
  const { cases } = one.test
  const chosen = filter === undefined ? cases : cases.filter(({ name }) => name.includes(filter))
  return chosen.length === 0 ? [] : [{ ...one, test: { ...one.test, cases: chosen } }]
}

/** Stores the result and says what changed. A result that cannot be stored fails no test. */
async function keep(cli: Cli, ran: RanTest, data: string | undefined, json: boolean): Promise<void> {
  const { terminal } = cli
  try {
    const { saveResult } = await import('./save-result.ts')
    const { folder, environment } = terminal
    const result = await saveResult(ran, { ...(await loadSetup(cli, data)), folder, environment })
    for (const line of changeLines(result)) json ? terminal.say(line) : terminal.out(line)
  } catch (error) {
    terminal.say(`note: the results were not saved: ${problemOf(error).message}`)
  }
}

/** What differs from the last result, a line for each kind of change. */
function changeLines({ cases }: TestResult): readonly string[] {
  const names = (change: TestResult['cases'][number]['change']) =>
    cases.flatMap((one) => (one.change === change ? [one.name] : []))
  const [broke, mended] = [names('broke'), names('mended')]
  return [
    ...(broke.length > 0 ? [`broke since the last run: ${broke.join(', ')}`] : []),
    ...(mended.length > 0 ? [`mended since the last run: ${mended.join(', ')}`] : []),
  ]
}

type Running = { readonly json: boolean; readonly filter: string | undefined; readonly signal: AbortSignal }

async function runTest(
  { terminal }: Cli,
  given: AgentTest,
  { json, filter, signal }: Running,
): Promise<AgentTestReport> {
  const [{ runAgentTest }, { caseLines, endLines }, { createRedaction }] = await Promise.all([
    import('../../../testing/agents/test-agent.ts'),
    import('../../../testing/agents/report.ts'),
    import('../../../secret/redaction.ts'),
  ])
  // its own runtime has values that look secret, and the terminal shows none
  const { shown } = createRedaction({ ...process.env, ...terminal.environment })
  const print = (lines: readonly string[]) => {
    for (const line of shown(lines))
      if (json) terminal.say(line)
      else terminal.out(line)
  }
  const test = { folder: terminal.folder, ...given }
  let ended = 0
  const report = await runAgentTest(test, {
    signal,
    onEnd(one) {
      // an interruption is not a failure of the cases that it cuts off
      if (signal.aborted) return
      ended++
      print(caseLines(one))
    },
  })
  if (signal.aborted) {
    terminal.say(`Stopped: ${ended} of ${test.cases.length} cases ended. Results of a stopped test are not kept.`)
    return report
  }
  // cases that were left out may use the rest
  print(endLines(filter === undefined ? report : { ...report, notes: [] }))
  return shown(report)
}
