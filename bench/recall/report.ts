import { alignFigures, type QualityGoal, renderGoal } from '../quality.ts'
import { type Answer, type Figures, figuresOf, mean, separation } from './measure.ts'

/** The answers of a method to all sets. */
export type Measured = { readonly method: string; readonly answers: readonly Answer[] }

/** A line of the report. */
export type RecallRow = { readonly ability: string; readonly method: string } & Figures

/** All that one run measured: what `--json` prints. */
export type RecallReport = {
  readonly concern: 'recall'
  /** ISO 8601 */
  readonly at: string
  readonly data: string
  readonly encoder: string
  readonly rows: readonly RecallRow[]
  /** how well the best score of each method tells apart what cannot be answered; 0.5 is chance */
  readonly separations: readonly { readonly method: string; readonly share: number }[]
  readonly goals: readonly QualityGoal[]
}

/** A line for each ability and method, with `all` last. */
export function rowsOf(measured: readonly Measured[]): readonly RecallRow[] {
  const answerable = measured.map(({ method, answers }) => ({
    method,
    answers: answers.filter(({ places }) => places.length > 0),
  }))
  const abilities = [...new Set(answerable.flatMap(({ answers }) => answers.map(({ ability }) => ability)))]
  return [...abilities, 'all'].flatMap((ability) =>
    answerable.map(({ method, answers }) => ({
      ability,
      method,
      ...figuresOf(answers.filter((answer) => ability === 'all' || answer.ability === ability)),
    })),
  )
}

/** The answers of a method to a set in one line, for a person who watches. */
export function renderAnswers(title: string, answers: readonly Answer[]): string {
  const { questions, recall1, recall10 } = figuresOf(answers.filter(({ places }) => places.length > 0))
  return `${title}: recall@1 ${recall1.toFixed(2)}, recall@10 ${recall10.toFixed(2)}, n ${questions}`
}

export const separationsOf = (measured: readonly Measured[]) =>
  measured.flatMap(({ method, answers }) => {
    const share = separation(answers)
    return share === undefined ? [] : [{ method, share }]
  })

/** The floors and aims of the seeded suite. `inLong`: the answers of words when all records are in the tier long. */
export function goalsOf(
  measured: readonly Measured[],
  rows: readonly RecallRow[],
  inLong: readonly Answer[],
): readonly QualityGoal[] {
  const all = measured.flatMap(({ answers }) => answers)
  const leaks = all.reduce((sum, answer) => sum + answer.leaks, 0)
  const stale = mean(all.filter((answer) => answer.canBeStale).map((answer) => (answer.isStale ? 1 : 0)))
  const recall = (ability: string, method: string) =>
    rows.find((row) => row.ability === ability && row.method === method)?.recall10
  const words = recall('all', 'words')!
  const cost = words - figuresOf(inLong.filter(({ places }) => places.length > 0)).recall10
  const [fused, vectors] = [recall('all', 'words and meaning'), recall('all', 'vectors')]
  const best = measured.at(-1)!.method
  const shared = recall('shared words', best)!
  return [
    { name: 'records of other owners', isFloor: true, value: leaks, holds: leaks === 0 },
    { name: 'share of answers about facts with a stale one', isFloor: true, value: stale, holds: stale <= 0.01 },
    { name: 'recall@10 that the tier long costs', isFloor: false, value: cost, holds: cost <= 0.02 },
    { name: `recall@10 where words are shared, ${best}`, isFloor: false, value: shared, holds: shared >= 0.95 },
    ...(fused === undefined || vectors === undefined
      ? []
      : [
          {
            name: 'recall@10 of words and meaning above the better one of both',
            isFloor: false,
            value: fused - Math.max(words, vectors),
            holds: fused >= Math.max(words, vectors) - 0.01,
          },
        ]),
  ]
}

/** The report as text. */
export function renderRecall({ data, encoder, rows, separations, goals }: RecallReport): string {
  const share = (value: number) => value.toFixed(3)
  const head = ['', '', 'recall@1', '@5', '@10', 'MRR', 'n']
  const lines = rows.map((row, place) => [
    row.ability === rows[place - 1]?.ability ? '' : row.ability,
    row.method,
    ...[row.recall1, row.recall5, row.recall10, row.mrr].map(share),
    String(row.questions),
  ])
  return [
    `${data} · encoder: ${encoder}`,
    '',
    ...alignFigures([head, ...lines]),
    ...(separations.length === 0 ? [] : ['', 'the best score tells apart what cannot be answered (0.5 is chance):']),
    ...separations.map(({ method, share: value }) => `  ${method}: ${share(value)}`),
    ...(goals.length === 0 ? [] : ['']),
    ...goals.map((goal) => renderGoal(goal, share)),
  ].join('\n')
}
