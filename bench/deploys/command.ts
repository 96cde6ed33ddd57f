import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { tell, tellRow } from '../tell.ts'
import { OUTCOMES } from './judge.ts'
import { type Counts, type DeployRow, type DeploySize, measureDeploys, PRODUCTS, type Product } from './measure.ts'

const ABOUT = `
Runs of twelve workflows wait for a signal, an equal share each. Their process ends, and one with edited code takes its
place: each workflow has one edit. All runs then get their signal. Acts outside are counted in a file. Conversations of
antiphon wait for an approval of a call, and have twelve edits of their agents.

finished    the run ended with the right result, and each act was made once
stranded    the run did not end
failed      the run ended with an error
doubled     an act was made twice
wrong       the run ended, as if all were right, with a wrong result or without an act

Products: ${PRODUCTS.map(({ name }) => name).join(', ')}. Peers are installed by npm ci --prefix bench/peers.`

type Options = DeploySize & { readonly products: readonly Product[]; readonly json: boolean }

/** The command that changes code while runs wait, in antiphon and its peers. */
export function addDeploys(program: Command, signal: AbortSignal): void {
  program
    .command('deploys')
    .description('twelve edits of code while runs wait, beside DBOS, OpenWorkflow and Restate')
    .option('--runs <number>', 'runs that wait', Number, 1000)
    .option('--patience <ms>', 'a run is stranded when nothing has changed for so long', Number, 20_000)
    .option('--products <names>', 'only these, with commas between', selectProducts, PRODUCTS)
    .option('--json', 'the report as JSON', false)
    .addHelpText('after', ABOUT)
    .action(async ({ products, json, ...size }: Options) => {
      const folder = await mkdtemp(join(tmpdir(), 'antiphon-deploys-'))
      try {
        const rows = await measureDeploys(folder, products, { ...size, signal }, (row) => tellRow(renderDeploy(row)))
        tell('')
        process.stdout.write(`${json ? JSON.stringify(rows, null, 2) : rows.map(renderDeploy).join('\n\n')}\n`)
        if (rows.some(({ absent }) => absent !== undefined)) process.exitCode = 1
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    })
}

function selectProducts(names: string): readonly Product[] {
  return names.split(',').map((name) => {
    const found = PRODUCTS.find((product) => product.name === name.trim())
    if (!found) throw new InvalidArgumentError(`There is no product ${JSON.stringify(name)}.`)
    return found
  })
}

/** The outcomes of a product: a line for each edit, and their sum. */
export function renderDeploy(row: DeployRow): string {
  const title = `${row.product.title}${row.versions === '' ? '' : ` (${row.versions})`}`
  if (row.absent !== undefined) return `${title}: absent, ${row.absent}`
  const lines = row.outcomes.map(({ edit, counts }) => `  ${edit}: ${renderCounts(counts)}`)
  return [`${title}: ${renderCounts(sumOf(row.outcomes.map(({ counts }) => counts)))}`, ...lines].join('\n')
}

const renderCounts = (counts: Counts): string =>
  OUTCOMES.toReversed()
    .filter((outcome) => counts[outcome])
    .map((outcome) => `${counts[outcome]} ${outcome}`)
    .join(', ')

/** How many runs had each outcome. */
export const sumOf = (all: readonly Counts[]): Counts =>
  Object.fromEntries(OUTCOMES.map((outcome) => [outcome, all.reduce((sum, counts) => sum + (counts[outcome] ?? 0), 0)]))
