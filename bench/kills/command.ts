import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { nearestWord } from '../../src/lib/suggest.ts'
import { startChild } from '../children.ts'
import type { Served } from '../peers/peers.ts'
import { tell, tellRow } from '../tell.ts'
import { type KillResult, killAgainAndAgain } from './kill-loop.ts'
import { countLines, PROGRAMS, type Program, versionsOf } from './programs.ts'
import { type KillRow, renderKillRow, renderKills } from './table.ts'

type Options = {
  readonly kills: number
  readonly seed: number
  readonly programs: readonly Program[]
  readonly json: boolean
}

const ABOUT = `
Each program works on goals with one scripted model and one tool, which appends a line to a file outside, and uses its
product as the product's docs say. It is killed with SIGKILL at random moments of its work and started again, with one
more goal each time. The last one lives until all goals have an answer, or none has come for 90 s.

Two programs of antiphon have a tool that looks calls up: one at once, the other at a service that books 2 s late.

twice       calls of the tool that took place more than once
lost        calls of goals with an answer that never took place
told        calls that a kill cut off, which were told: to a person, who settles them, or to the model
stuck       goals without an answer, or that end with an error
paid twice  answers that the model gave, and was asked for again
lines       lines of the user's code
recovery    seconds from the last start until the last answer

Programs: ${PROGRAMS.map(({ name }) => name).join(', ')}. Peers are installed by npm ci --prefix bench/peers.`

/** The command that kills agents of antiphon and of its peers, and counts what is lost or done twice. */
export function addKills(program: Command, stop: AbortSignal): void {
  program
    .command('kills')
    .description('agents under kill -9, beside Flue, OpenWorkflow, Mastra, LangGraph.js, OpenAI Agents SDK and DBOS')
    .option('--kills <number>', 'how often each program is killed', parseCount, 100)
    .option('--seed <number>', 'decides the moments', parseCount, 1)
    .option('--programs <names>', 'only these, with commas between', selectPrograms, PROGRAMS)
    .option('--json', 'the report as JSON', false)
    .addHelpText('after', ABOUT)
    .action(async ({ json, ...options }: Options) => {
      const rows = await measureKills(options, stop)
      process.stdout.write(`${json ? JSON.stringify(rows, null, 2) : renderKills(rows)}\n`)
      if (rows.some(({ absent }) => absent !== undefined)) process.exitCode = 1
    })
}

async function measureKills(
  { programs, kills, seed }: Omit<Options, 'json'>,
  signal: AbortSignal,
): Promise<readonly KillRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-kills-'))
  const servers = startChild(join(import.meta.dirname, '../peers/host.ts'))
  const rows: KillRow[] = []
  try {
    for (const program of programs) {
      if (signal.aborted) break
      const task = { program, kills, seed, folder: join(folder, program.name), signal, tell }
      const row = await measureProgram(program, async () => {
        const served =
          program.postgres && (await servers.ask<Served>({ host: 'postgres', subject: program.name }, 30_000))
        return killAgainAndAgain({ ...task, ...(served && { address: served.address }) })
      })
      rows.push(row)
      tellRow(renderKillRow(row))
    }
  } finally {
    tell('')
    await servers.end()
    await rm(folder, { recursive: true, force: true })
  }
  return rows
}

/** What came out of a program, or why it could not be tried. */
async function measureProgram(program: Program, measure: () => Promise<KillResult>): Promise<KillRow> {
  const { title } = program
  try {
    const versions = await versionsOf(program)
    return { title, versions, lines: await countLines(program), result: await measure() }
  } catch (error) {
    return { title, absent: (error as Error).message }
  }
}

function selectPrograms(names: string): readonly Program[] {
  return names.split(',').map((name) => {
    const found = PROGRAMS.find((program) => program.name === name.trim())
    if (found) return found
    const close = nearestWord(
      name,
      PROGRAMS.map((program) => program.name),
    )
    throw new InvalidArgumentError(
      `There is no program ${JSON.stringify(name)}${close ? `; did you mean ${close}?` : '.'}`,
    )
  })
}

function parseCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('Expected a whole number from 1.')
  return count
}
