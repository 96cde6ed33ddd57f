import { type Command, Option } from 'commander'
import type { Embedder } from '../../src/model/embed/embedder.ts'
import { localEmbedder } from '../../src/model/embed/local-embedder.ts'
import { tellRow } from '../tell.ts'
import { ASKED, type AskedSet } from './asked.ts'
import { askAll, measureAsks } from './asks.ts'
import { reportJudge } from './judge/report.ts'
import { HALVES, type Half, readLabels } from './labels.ts'
import { measureBaselines, measureModel } from './measure.ts'
import type { OfflineReport, OfflineRow } from './report.ts'
import { estimate, type Sample } from './sample.ts'
import { renderEstimate, renderOffline, titleOf } from './table.ts'

type Options = {
  readonly half?: AskedSet
  readonly embedder: OfflineReport['embedder']
  readonly asks?: true
  readonly misses?: true
  readonly judge?: string
  readonly json: boolean
}
/** All samples of one half. */
type Measured = { readonly half: AskedSet; readonly samples: readonly Sample[] }

const ABOUT = `
tune is the half by which the model is changed; held is only counted (bench/offline/labels/README.md).
held2 has questions for ask alone: public texts that nobody wrote for this (bench/offline/held2/README.md).
hit@1, hit@3     the sentence that answers comes first, or is one of the first three
right            the reply holds the sentence that answers
kept             it is not refused, though it may be wrong
foreign refused  the question is put to another text
beyond refused   the text is about it, but does not answer
with --asks, each question is put to its text as antiphon ask --file does`

/** The command that measures how good the offline model is, rather than how fast. */
export function addOffline(program: Command): void {
  program
    .command('offline')
    .description('how good the offline model is, beside BM25, the first sentences and keywords, by labelled texts')
    .addOption(new Option('--half <half>', 'only this half of the labels').choices(ASKED))
    .addOption(
      new Option('--embedder <embedder>', 'none: by words alone').choices(['offline', 'none']).default('offline'),
    )
    .option('--asks', 'only what `ask` makes of the questions of bench/offline/asked')
    .option('--misses', 'what went wrong on the half tune, instead of figures')
    .option('--judge <file>', 'only a fitted judge beside the limits, on a file of SQuAD 2.0')
    .option('--json', 'the report as JSON', false)
    .addHelpText('after', ABOUT)
    .action(run)
}

async function run({ half, embedder: wanted, asks, misses, judge, json }: Options): Promise<void> {
  if (judge !== undefined) {
    process.stdout.write(`${await reportJudge(judge)}\n`)
    return
  }
  const embedder = wanted === 'none' ? undefined : localEmbedder()
  try {
    const halves = misses ? (['tune'] as const) : half ? [half] : HALVES
    const measured: Measured[] = []
    const measure = (one: AskedSet) => (asks || one === 'held2' ? askHalf(one, embedder) : measureHalf(one, embedder))
    for (const one of halves) measured.push({ half: one, samples: await measure(one) })
    process.stdout.write(`${misses ? renderMisses(measured) : renderReport(reportOf(measured, embedder), json)}\n`)
  } finally {
    await embedder?.close()
  }
}

async function measureHalf(half: Half, embedder: Embedder | undefined): Promise<readonly Sample[]> {
  const labels = readLabels(half)
  return [
    ...told(half, await measureBaselines(labels)),
    ...told(half, await measureModel(labels, 'offline, words')),
    ...(embedder ? told(half, await measureModel(labels, 'offline, words and meaning', embedder)) : []),
  ]
}

async function askHalf(half: AskedSet, embedder: Embedder | undefined): Promise<readonly Sample[]> {
  return [
    ...told(half, measureAsks(await askAll(half, 'none'), 'offline, words')),
    ...(embedder ? told(half, measureAsks(await askAll(half, 'offline'), 'offline, words and meaning')) : []),
  ]
}

/** Tells samples as soon as they are there. */
function told(half: AskedSet, samples: readonly Sample[]): readonly Sample[] {
  for (const sample of samples) tellRow(`${half}, ${keyOf(sample)}: ${renderEstimate(estimate(sample.values))}`)
  return samples
}

function reportOf(measured: readonly Measured[], embedder: Embedder | undefined): OfflineReport {
  const all = measured.flatMap(({ samples }) => samples)
  const rows = [...new Map(all.map((sample) => [keyOf(sample), sample])).values()].map((sample) =>
    rowOf(sample, measured),
  )
  const titles = [...new Set(rows.map(titleOf))]
  return {
    concern: 'offline',
    at: new Date().toISOString(),
    embedder: embedder ? 'offline' : 'none',
    rows: titles.flatMap((title) => rows.filter((row) => titleOf(row) === title)),
  }
}

function rowOf({ task, measure, method }: Sample, measured: readonly Measured[]): OfflineRow {
  const key = keyOf({ task, measure, method })
  const halves = measured.flatMap(({ half, samples }) =>
    samples.filter((sample) => keyOf(sample) === key).map(({ values }) => [half, estimate(values)]),
  )
  return { task, measure, method, ...Object.fromEntries(halves) }
}

function keyOf(row: Pick<OfflineRow, 'task' | 'measure' | 'method'>): string {
  return `${titleOf(row)}: ${row.method}`
}

function renderReport(report: OfflineReport, json: boolean): string {
  return json ? JSON.stringify(report, null, 2) : renderOffline(report)
}

/** Of the baselines nobody wants to know. */
function renderMisses(measured: readonly Measured[]): string {
  return measured
    .flatMap(({ samples }) => samples)
    .filter(({ method, missed = [] }) => method.startsWith('offline') && missed.length > 0)
    .map((sample) => [keyOf(sample), ...sample.missed!.map((line) => `  ${line}`)].join('\n'))
    .join('\n\n')
}
