import type { TestDocument, TestSummary } from '../../src/client.ts'
import { counted, formatCount, formatMoment, formatMoney, formatSpan } from '../lib/format.ts'
import { changeOf } from '../lib/live.ts'
import { useLoaded } from '../lib/load.ts'
import { href, route } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { List, ShownIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Command, Empty, Shown, Status } from '../parts/basics.tsx'
import { TestCase } from './test-case.tsx'
import { caseRows, changedParts, type ListedCase, type ListedResult, pairOf } from './test-rows.ts'

const testHref = (test: string, more: { readonly result?: string; readonly case?: string } = {}): string =>
  href(['agents'], { view: 'tests', test, ...more })

/** The results of `agent test`: the tests, or the last results of one. */
export function Tests() {
  const test = route.value.query.get('test')
  return test ? <OneTest key={test} test={test} /> : <AllTests />
}

function AllTests() {
  const tests = useAllowed('tests', () => client.tests.list(), SHOWN_AGAIN)
  return (
    <ShownIfAllowed of={tests}>
      {({ items }) => (
        <List
          of={items}
          empty={
            <>
              <Empty title="No test of an agent has run here yet.">
                Write the cases of an agent in a file, and run it. Its last 20 results are compared here.
              </Empty>
              <Command words={['agent', 'test', 'FILE']} />
            </>
          }
        >
          {(one) => <TestRow key={one.test} of={one} />}
        </List>
      )}
    </ShownIfAllowed>
  )
}

/** A page that was hidden reads the results again: a command writes them, and no feed names them. */
const SHOWN_AGAIN = ['shown-again']
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) changeOf('shown-again').value++
})

function TestRow({ of: { test, file, agent, results, last } }: { readonly of: TestSummary }) {
  return (
    <li class="row need">
      <a class="cell main" href={testHref(test)}>
        <Status of={last.passed ? 'completed' : 'failed'} quiet />
        <span class="names">
          <span class="name">{agent}</span>
          <span class="id">{file}</span>
        </span>
      </a>
      <span class="cell quiet">
        {last.failed > 0
          ? `${last.failed} of ${counted(last.cases, 'case')} failed`
          : `${counted(last.cases, 'case')} passed`}
        {last.filter !== undefined && ` · only “${last.filter}”`}
        {last.broke.length > 0 && <span class="problem">{` · broke: ${last.broke.join(', ')}`}</span>}
        {` · ${counted(results, 'result')}`}
        {last.cost > 0 && ` · ${formatMoney(last.cost)}`}
      </span>
      <span class="cell num quiet">{formatMoment(last.at)}</span>
    </li>
  )
}

function OneTest({ test }: { readonly test: string }) {
  const found = useLoaded(`test ${test}`, () => client.tests.get(test), SHOWN_AGAIN)
  if (found.value === undefined && found.failure?.code === 'not_found')
    return (
      <Empty
        title={`There are no results of a test ${test}.`}
        way={[href(['agents'], { view: 'tests' }), 'All tests']}
      />
    )
  return (
    <Shown of={found} lines={5}>
      {(document) => <Results of={document} />}
    </Shown>
  )
}

function Results({ of: { test, file, agent, results } }: { readonly of: TestDocument }) {
  const { query } = route.value
  const name = query.get('case') ?? undefined
  const pair = name === undefined ? {} : pairOf(results, name, query.get('result') ?? undefined)
  return (
    <>
      <p class="crumbs">
        <a href={href(['agents'], { view: 'tests' })}>Tests</a> / <a href={href(['agents'], { agent })}>{agent}</a>
      </p>
      <h2>{file}</h2>
      {name !== undefined && <TestCase test={test} name={name} pair={pair} results={results} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by the keyboard */}
      <section class="matrix" tabIndex={0} aria-label="The last results, the newest first">
        <table>
          <Heads results={results} />
          <tbody>
            {caseRows(results).map((row) => (
              <tr key={row.name} class={row.name === name ? 'chosen' : ''}>
                <th scope="row">{row.name}</th>
                {row.outcomes.map((one, at) => (
                  <td key={results[at]!.id} class={isChosen(pair, results[at]!, row.name === name) ? 'chosen' : ''}>
                    {one ? (
                      <Outcome of={one} address={testHref(test, { result: results[at]!.id, case: row.name })} />
                    ) : (
                      <span class="quiet">not run</span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          <Sums results={results} />
        </table>
      </section>
      <Command words={['agent', 'results', file]} />
    </>
  )
}

const isChosen = (pair: ReturnType<typeof pairOf>, { id }: ListedResult, isRow: boolean) =>
  isRow && (pair.result === id || pair.before === id)

type ResultsProps = { readonly results: readonly ListedResult[] }

function Heads({ results }: ResultsProps) {
  return (
    <thead>
      <tr>
        <th>Case</th>
        {results.map((result, at) => {
          const changed = changedParts(result, results[at + 1])
          return (
            <th key={result.id} scope="col">
              {formatMoment(result.at)}
              {result.filter !== undefined && <span class="under">{`only “${result.filter}”`}</span>}
              {changed.length > 0 && <span class="under">{`other ${changed.join(', ')}`}</span>}
            </th>
          )
        })}
      </tr>
    </thead>
  )
}

/** The shape of its status, and what changed in words. */
function Outcome({ of, address }: { readonly of: ListedCase; readonly address: string }) {
  const { passed, change, differs, score, ms, cost } = of
  return (
    <a href={address} class={`outcome${change === 'broke' ? ' broke' : ''}`}>
      <Status of={passed ? 'completed' : 'failed'} quiet /> <b>{change ?? (passed ? 'passed' : 'failed')}</b>
      {score !== undefined && <span>{` ${score}`}</span>}
      <span class="under quiet">
        {formatSpan(ms)}
        {cost > 0 && ` · ${formatMoney(cost)}`}
        {differs && ' · other answer'}
      </span>
    </a>
  )
}

function Sums({ results }: ResultsProps) {
  const rows: readonly (readonly [string, (result: ListedResult) => string])[] = [
    ['Passed', ({ cases }) => `${cases.filter(({ passed }) => passed).length} of ${cases.length}`],
    ['Cost', ({ cost }) => formatMoney(cost)],
    ['Tokens', ({ tokens }) => formatCount(tokens)],
    ['Time', ({ ms }) => formatSpan(ms)],
    ['Commit', ({ commit }) => commit ?? 'not known'],
  ]
  return (
    <tfoot>
      {rows.map(([name, textOf]) => (
        <tr key={name}>
          <th scope="row">{name}</th>
          {results.map((result) => (
            <td key={result.id}>{textOf(result)}</td>
          ))}
        </tr>
      ))}
    </tfoot>
  )
}
