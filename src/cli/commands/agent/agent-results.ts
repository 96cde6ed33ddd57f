import { NotFoundError } from '../../../errors.ts'
import type { TestDocument, TestSummary } from '../../../tested/room/documents.ts'
import type { TestsView } from '../../../tested/room/port.ts'
import { type Cli, type ConnectionTarget, command, loadSetup, targetOf } from '../../cli.ts'
import { withRuntime } from '../../connect/session.ts'
import { formatCost, formatDuration, localTime } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

/** Results that are columns of a table; `--json` has all. */
const MAX_COLUMNS = 8

export const agentResultsCommand = command({
  name: 'results',
  about: 'Show the last results of "agent test", side by side. Without a test, list those with results.',
  args: [['[test]', 'file of the test, or its id']],
  options: [
    ['--case <name>', 'print the answers of this case in the last two results that have it'],
    ['--json', 'print them as JSON'],
  ],
  at: 'server',
  examples: ['agent results', 'agent results clerk.test.ts', 'agent results clerk.test.ts --case "pays an order back"'],
  run: (cli, test, { case: name, json = false, ...target }) =>
    withTests(cli, targetOf(target), async (tests) => {
      if (test === undefined) return showAll(cli.terminal, (await tests.list()).items, json)
      const documents = await Promise.all((await idsOf(tests, test)).map((id) => tests.get(id)))
      if (name !== undefined) return showCase(cli.terminal, tests, documents, name, json)
      if (json) cli.terminal.json(documents)
      else for (const document of documents) printTest(cli.terminal, document)
      return 0
    }),
})

/** Results are files that are read as they are; those of a server come from it. */
async function withTests(
  cli: Cli,
  target: ConnectionTarget,
  work: (tests: TestsView) => Promise<number>,
): Promise<number> {
  if (target.server !== undefined)
    return withRuntime(cli, { command: 'antiphon agent results', ...target }, ({ client }) => work(client.tests))
  const [{ openTests }, { data }] = await Promise.all([
    import('../../../tested/room/files.ts'),
    loadSetup(cli, target.data),
  ])
  return work(openTests(data))
}

async function idsOf(tests: TestsView, given: string): Promise<readonly string[]> {
  const { items } = await tests.list()
  const found = items.filter(({ test, file }) => test === given || file === given || file.endsWith(`/${given}`))
  if (found.length > 0) return found.map(({ test }) => test)
  const files = [...new Set(items.map(({ file }) => file))].slice(0, 10)
  const hint = files.length === 0 ? `Run it first: antiphon agent test ${given}` : `Tests: ${files.join(', ')}.`
  throw new NotFoundError(`There are no results of ${given}.`, { hint })
}

function showAll(terminal: Terminal, items: readonly TestSummary[], json: boolean): number {
  if (json) terminal.json(items)
  else if (items.length === 0) terminal.say('There are no results here yet. Run a test with: antiphon agent test FILE')
  else {
    const rows = items.map(({ file, agent, results, last }) => [
      ...[file, agent, `${last.cases - last.failed} of ${last.cases}`, last.broke.join(', '), formatCost(last.cost)],
      ...[String(results), localTime(last.at)],
    ])
    const head = ['FILE', 'AGENT', 'PASSED', 'BROKE', 'COST', 'RESULTS', 'LAST']
    terminal.table(head, rows, ([, , passed]) => !/^(\d+) of \1$/.test(passed!))
  }
  return 0
}

const MARKS = { broke: '✗ broke', mended: '✓ mended', new: ' new' } as const

/** A row for each case, a column for each result; the newest is the first column. */
function printTest(terminal: Terminal, { file, agent, results }: TestDocument): void {
  const shown = results.slice(0, MAX_COLUMNS)
  const names = [...new Set(results.flatMap(({ cases }) => cases.map(({ name }) => name)))]
  const mark = (name: string, { cases }: TestDocument['results'][number]): string => {
    const one = cases.find((each) => each.name === name)
    if (!one) return '-'
    const plain = one.passed ? '✓' : '✗'
    const change = one.change === undefined ? plain : one.change === 'new' ? plain + MARKS.new : MARKS[one.change]
    return one.score === undefined ? change : `${change} ${one.score}`
  }
  terminal.out(`${file}  ${agent}`)
  const rows = [
    ...names.map((name) => [name, ...shown.map((result) => mark(name, result))]),
    ['cost', ...shown.map(({ cost }) => formatCost(cost))],
    ['time', ...shown.map(({ ms }) => formatDuration(ms))],
    ['commit', ...shown.map(({ commit }) => commit ?? '-')],
    ['agent', ...shown.map(({ agentHash }) => agentHash?.slice(0, 8) ?? '-')],
  ]
  terminal.table(['CASE', ...shown.map(({ at }) => localTime(at))], rows, ([, first]) => first?.[0] === '✗')
  if (results.length > shown.length)
    terminal.say(`The newest ${shown.length} of ${results.length} results are shown; --json has all.`)
}

async function showCase(
  terminal: Terminal,
  tests: TestsView,
  documents: readonly TestDocument[],
  name: string,
  json: boolean,
): Promise<number> {
  const pairs = documents.map(({ test, results }) => {
    const having = results.filter(({ cases }) => cases.some((one) => one.name === name)).slice(0, 2)
    return having.map(async ({ id, at }) => {
      const { cases } = await tests.result(test, id)
      return { at, ...cases.find((one) => one.name === name)! }
    })
  })
  const found = await Promise.all(pairs.flat())
  if (found.length === 0) throw new NotFoundError(`There is no case ${JSON.stringify(name)} in these results.`)
  if (json) terminal.json(found)
  else
    for (const { at, answer = '(no answer)', failures } of found) {
      terminal.out(localTime(at))
      terminal.lines([...failures, answer].flatMap((text) => text.split('\n')).map((line) => `  ${line}`))
    }
  return 0
}
