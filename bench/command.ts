import { Command, InvalidArgumentError } from 'commander'
import { nearestWord } from '../src/lib/suggest.ts'
import type { Row } from './row.ts'

/** What the bench was told to do. */
export type Request = {
  readonly concern: Concern
  readonly rows: readonly Row[]
  readonly rounds: number
  /** of each measurement, before it counts */
  readonly warmUp: number
  /** of each measurement, after its warm-up */
  readonly seconds: number
  /** it shows that all works: what is not fast enough is no failure */
  readonly quick?: true
  readonly peers: boolean
  readonly json: boolean
}

/** What one run of the bench measures. */
type Concern = keyof typeof CONCERNS

const CONCERNS = {
  engine: 'the engine beside the ceiling and its peers, measured in turn on the same disk',
  pipeline: 'what a step costs in runs of 10 to 10 000 steps, beside LangGraph.js, DBOS and Mastra',
  cluster: 'the engine restate beside the same written by hand, on one server, and beside the engine libSQL',
  http: 'serving: what HTTP adds to an ask, requests beside a bare handler, 10 000 event streams, memory of threads',
  tools: 'a call as a run beside a run of one step, and the start of each sandbox',
  agent:
    'rounds of goals with a scripted model and one pure tool, and what they write, beside LangGraph, DBOS and Mastra',
  pool: 'tasks in pools, beside bare piscina, tinypool and p-queue, and on 1 to 8 workers',
} as const

/** As long for everybody: also whom a server keeps waiting does something in that time. */
const USUAL = {
  engine: { rounds: 3, warmUp: 4, seconds: 1 },
  pipeline: { rounds: 3, warmUp: 4, seconds: 1 },
  cluster: { rounds: 3, warmUp: 2, seconds: 0.6 },
  http: { rounds: 3, warmUp: 4, seconds: 0.4 },
  tools: { rounds: 3, warmUp: 2, seconds: 1 },
  agent: { rounds: 3, warmUp: 4, seconds: 1 },
  pool: { rounds: 3, warmUp: 1.5, seconds: 1 },
} as const
const QUICK = { rounds: 1, warmUp: 0.2, seconds: 0.1 }

type Options = Pick<Request, 'peers' | 'json'> & Partial<Request>
type Rows = { readonly [concern in Concern]: readonly Row[] }

/** The command line: a command for each concern, which measures some of its rows. What is wrong is said and ends the process. */
export function createProgram(rows: Rows, run: (request: Request) => Promise<void>): Command {
  const program = new Command('npm run bench --').showHelpAfterError('(--help lists what can be measured)')
  for (const concern of Object.keys(CONCERNS) as Concern[]) addConcern(program, concern, rows[concern], run)
  return program
}

function addConcern(
  program: Command,
  concern: Concern,
  rows: readonly Row[],
  run: (request: Request) => Promise<void>,
): void {
  program
    .command(concern)
    .description(CONCERNS[concern])
    .option('--rows <names>', 'only these rows, with commas between', (names) => selectRows(rows, names))
    .option('--rounds <number>', `how often each is measured (${USUAL[concern].rounds})`, parseRounds)
    .option('--quick', 'one short round: shows that all works, not how fast')
    .option('--no-peers', 'only what is our own beside it')
    .option('--json', 'the report as JSON', false)
    .addHelpText('after', `\nRows:\n${describeRows(rows)}`)
    .action((options: Options) =>
      run({ concern, rows: rows.filter(({ slow }) => !slow), ...(options.quick ? QUICK : USUAL[concern]), ...options }),
    )
}

function describeRows(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length)) + 2
  return rows
    .map(({ name, title, slow }) => `  ${name.padEnd(width)}${title}${slow ? ' (minutes; only when named)' : ''}`)
    .join('\n')
}

function selectRows(rows: readonly Row[], names: string): readonly Row[] {
  const wanted = names.split(',').map((name) => name.trim())
  const unknown = wanted.find((name) => !rows.some((row) => row.name === name))
  if (unknown !== undefined) throw new InvalidArgumentError(adviceOn(unknown, rows))
  return rows.filter(({ name }) => wanted.includes(name))
}

function adviceOn(unknown: string, rows: readonly Row[]): string {
  const names = rows.map(({ name }) => name)
  const close = nearestWord(unknown, names)
  return `There is no row ${JSON.stringify(unknown)}${close ? `; did you mean ${close}?` : `. There are: ${names.join(', ')}.`}`
}

function parseRounds(text: string): number {
  const rounds = Number(text)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100)
    throw new InvalidArgumentError('Expected a whole number from 1 to 100.')
  return rounds
}
