import { type Command, Option } from 'commander'
import { localEmbedder } from '../../src/model/embed/local-embedder.ts'
import { tell, tellRow } from '../tell.ts'
import { encoderOf } from './encoder.ts'
import type { Answer } from './measure.ts'
import { FORMATS, readSets, type SetFormat } from './public-sets.ts'
import { goalsOf, type RecallReport, renderAnswers, renderRecall, rowsOf, separationsOf } from './report.ts'
import { runRecall } from './run.ts'
import type { RecallSet } from './set.ts'
import { createSuite, SUITE_NOW } from './suite.ts'

type Options = {
  readonly owners: number
  readonly records: number
  readonly questions: number
  readonly seed: number
  readonly data?: string
  readonly format: SetFormat
  readonly sample?: number
  readonly embedder: 'offline' | 'none'
  readonly json: boolean
}

const ABOUT = `
Without --data, it asks the seeded suite: owners with facts that change, notes that are asked for with their own words
and with others, and questions that only another owner could answer. With --data, it asks a public set of yours:
  beam          a folder of conversations, such as chats/100K of github.com/mohammadtavakoli78/BEAM
  longmemeval   a folder with the JSON files of LongMemEval
recall@k is the share of the records that answer which are among the best k.`

/** The command that measures what memory finds. */
export function addRecall(program: Command): void {
  const number = (flag: string, about: string, value?: number) =>
    new Option(`--${flag} <number>`, about).argParser(Number).default(value)
  program
    .command('recall')
    .description('what memory finds, by a seeded suite or by a public set')
    .addOption(number('owners', 'owners of the suite', 5))
    .addOption(number('records', 'records of each owner', 2000))
    .addOption(number('questions', 'questions of each kind for each owner', 60))
    .addOption(number('seed', 'the seed of the suite', 1))
    .option('--data <folder>', 'a public set of yours instead of the suite')
    .addOption(new Option('--format <format>', 'the format of the data').choices(FORMATS).default('beam'))
    .addOption(number('sample', 'only so many conversations, or questions of LongMemEval'))
    .addOption(
      new Option('--embedder <embedder>', 'none: by words alone').choices(['offline', 'none']).default('offline'),
    )
    .option('--json', 'the report as JSON', false)
    .addHelpText('after', ABOUT)
    .action(run)
}

async function run({ data, format, sample, embedder: wanted, json, ...size }: Options): Promise<void> {
  const embedder = wanted === 'none' ? undefined : localEmbedder()
  const encoder = embedder && encoderOf(embedder, 'local')
  const sets = data === undefined ? createSuite(size) : readSets(data, format, sample)
  const now = data === undefined ? SUITE_NOW : Date.now()
  const onAnswers = (method: string, { owner }: RecallSet, answers: readonly Answer[]) =>
    tellRow(renderAnswers(`${owner}, ${method}`, answers))
  const { measured, inLong } = await runRecall(sets, { now, encoder, long: data === undefined, tell, onAnswers })
  await embedder?.close()
  tell('')
  const rows = rowsOf(measured)
  const report: RecallReport = {
    concern: 'recall',
    at: new Date().toISOString(),
    data: `${data === undefined ? `suite, seed ${size.seed}` : format}: ${sets.length} memories with ${sets.reduce((sum, { records }) => sum + records.length, 0)} records`,
    encoder: embedder ? 'offline' : 'none',
    rows,
    separations: separationsOf(measured),
    goals: data === undefined ? goalsOf(measured, rows, inLong) : [],
  }
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : renderRecall(report)}\n`)
  if (report.goals.some(({ isFloor, holds }) => isFloor && !holds)) process.exitCode = 1
}
