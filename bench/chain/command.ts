import { type Command, InvalidArgumentError, Option } from 'commander'
import { HALVES, type Half } from '../offline/labels.ts'
import { tell, tellRow } from '../tell.ts'
import { type Asked, askAll, describeAsked } from './ask.ts'
import { type ChainRow, costsOf, isRight, rowsOf } from './figures.ts'
import { type ChainReport, goalsOf, renderChain, renderChainRow } from './report.ts'
import { type ChainQuestion, KINDS, type Kind, readQuestions } from './sets.ts'

type Options = {
  readonly half?: Half
  readonly kind?: Kind
  readonly sample?: number
  readonly model: string
  readonly embedder: ChainReport['embedder']
  readonly checks?: readonly string[]
  readonly misses?: true
  readonly json: boolean
}

const ABOUT = `
Each question is asked twice over the same files: through the six phases, and with one call of the model that gets the
whole files. tune is the half by which the chain is changed; held is only counted (bench/chain/sets/README.md).
right            the answer holds each part that is expected
parts            the share of the parts that it holds
cited            the share of the parts whose lines it cites
stray numbers    numbers in answers that stand in none of their files; with --checks, only in answers that pass them
failed a check   the share of the answers of the chain that fail one of --checks`

/** The command that measures how good the answers of the chain are. */
export function addChain(program: Command, signal: AbortSignal): void {
  program
    .command('chain')
    .description('how good the answers of the six phases are, beside one call of the same model')
    .addOption(new Option('--half <half>', 'only this half of the questions').choices(HALVES))
    .addOption(new Option('--kind <kind>', 'only questions of this kind').choices(KINDS))
    .addOption(new Option('--sample <number>', 'only so many questions of each kind and half').argParser(parseSample))
    .option('--model <model>', 'the model of all calls', 'offline/extractive')
    .addOption(
      new Option('--embedder <embedder>', 'none: by words alone').choices(['offline', 'none']).default('offline'),
    )
    .option('--checks <checks>', 'checks of the answers of the chain, such as numbers,quotes', (text) =>
      text.split(','),
    )
    .option('--misses', 'what went wrong on the half tune, instead of figures')
    .option('--json', 'the report as JSON', false)
    .addHelpText('after', ABOUT)
    .action((options: Options) => run(options, signal))
}

async function run(options: Options, signal: AbortSignal): Promise<void> {
  const { half, kind, sample, model, embedder, checks, misses, json } = options
  const halves = misses ? (['tune'] as const) : half ? [half] : HALVES
  const questions = select(readQuestions(), { halves, kind, sample })
  const onAsked = kindsTold(questions, (row) => tellRow(renderChainRow(row)))
  const asked = await askAll(questions, { model, embedder, ...(checks && { checks }), signal, tell, onAsked }).catch(
    (error: unknown) => {
      if (!signal.aborted) throw error
      process.exitCode = 130
    },
  )
  if (!asked) return
  tell('')
  if (misses) return void process.stdout.write(`${renderMisses(asked)}\n`)
  const isWhole = kind === undefined && sample === undefined
  const report = reportOf(asked, { halves, model, embedder, ...(checks && { checks }), isWhole })
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : renderChain(report)}\n`)
  if (report.goals?.some(({ isFloor, holds }) => isFloor && !holds)) process.exitCode = 1
}

/** Takes questions as they were asked, and tells the rows of a kind and half as soon as all its questions were. */
export function kindsTold(questions: readonly ChainQuestion[], onRow: (row: ChainRow) => void): (asked: Asked) => void {
  const all: Asked[] = []
  return (asked) => {
    all.push(asked)
    const { kind, half } = asked.question
    const isOwn = (question: ChainQuestion) => question.kind === kind && question.half === half
    const own = all.filter(({ question }) => isOwn(question))
    if (own.length === questions.filter(isOwn).length) rowsOf(own, [half]).forEach(onRow)
  }
}

function parseSample(text: string): number {
  const sample = Number(text)
  if (!Number.isInteger(sample) || sample < 1) throw new InvalidArgumentError('Expected a whole number from 1 on.')
  return sample
}

type Selection = {
  readonly halves: readonly Half[]
  readonly kind?: Kind | undefined
  readonly sample?: number | undefined
}

/** The questions of these halves and this kind; with `sample`, only the first ones of each kind and half. */
export function select(
  questions: readonly ChainQuestion[],
  { halves, kind, sample }: Selection,
): readonly ChainQuestion[] {
  const wanted = questions.filter((one) => halves.includes(one.half) && (kind === undefined || one.kind === kind))
  const groups = Object.values(Object.groupBy(wanted, (one) => `${one.kind} ${one.half}`))
  return groups.flatMap((group) => group!.slice(0, sample))
}

type Reported = Pick<ChainReport, 'model' | 'embedder' | 'checks'> & {
  readonly halves: readonly Half[]
  readonly isWhole: boolean
}

/** The report of what was asked. Goals are those of all kinds of the half `held`. */
export function reportOf(asked: readonly Asked[], { halves, isWhole, ...about }: Reported): ChainReport {
  const [rows, costs] = [rowsOf(asked, halves), costsOf(asked, halves)]
  return {
    concern: 'chain',
    at: new Date().toISOString(),
    ...about,
    rows,
    costs,
    ...(isWhole && halves.includes('held') && { goals: goalsOf(rows, costs) }),
  }
}

function renderMisses(asked: readonly Asked[]): string {
  const missed = asked.filter(({ question, replies }) => {
    return !isRight({ question, reply: replies.find(({ method }) => method === 'chain')! })
  })
  return [`${missed.length} of ${asked.length} are not right:`, ...missed.map(describeAsked)].join('\n')
}
