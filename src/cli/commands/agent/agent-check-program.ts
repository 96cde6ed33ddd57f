import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { CodeReport } from '../../../agent/room/goals/port.ts'
import { errorOf, InvalidError, NotFoundError } from '../../../errors.ts'
import { CHECK_FILE, type CheckOutcome } from '../../../http/server/check-start.ts'
import { parseExact } from '../../../lib/json/exact.ts'
import type { Cli } from '../../cli.ts'
import { printJson } from '../../render/print.ts'
import { commandLine, formatCount } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

type Options = { readonly json?: boolean | undefined; readonly timeout: number }

/** `agent check PROGRAM`: the goals in flight that would wait if it were deployed. Exit code 1 if there are any. */
export async function checkProgram({ terminal }: Cli, program: string, options: Options): Promise<number> {
  const { json = false, timeout } = options
  const path = resolve(terminal.folder, program)
  if (!existsSync(path)) throw new NotFoundError(`There is no program ${program}.`)
  const { data, report } = await askProgram(path, terminal, timeout)
  if (json) printJson(terminal, report)
  else printReport(terminal, program, data, report)
  return report.changes.every(({ outcome }) => outcome === 'goes-on') ? 0 : 1
}

type Done = Extract<CheckOutcome, { status: 'done' }>

async function askProgram(path: string, { folder: cwd, environment }: Terminal, seconds: number): Promise<Done> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-check-'))
  const file = join(folder, 'outcome.json')
  try {
    const env = { ...environment, [CHECK_FILE]: file }
    const { output, code, isLate } = await run(path, { cwd, env }, seconds)
    const said = output === '' ? {} : { hint: `Its output:\n${output}` }
    if (isLate) throw new InvalidError(`${path} did not call start() and answer within ${seconds} s.`, said)
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      throw new InvalidError(`${path} ended with exit code ${code} before it called start().`, said)
    })
    const outcome = parseExact(text) as CheckOutcome
    if (outcome.status === 'failed') throw errorOf(outcome.problem)
    return outcome
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What an error shows of the output of a program. */
const MAX_OUTPUT = 2000

type Ran = { readonly output: string; readonly code: number | string; readonly isLate: boolean }

type Place = { readonly cwd: string; readonly env: NodeJS.ProcessEnv }

async function run(path: string, place: Place, seconds: number): Promise<Ran> {
  const child = spawn(process.execPath, [path], { ...place, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let isLate = false
  const keep = (text: string) => (output = `${output}${text}`.slice(-MAX_OUTPUT))
  const streams = [child.stdout, child.stderr]
  for (const stream of streams) stream.setEncoding('utf8').on('data', keep)
  const late = setTimeout(() => {
    isLate = child.exitCode === null && child.signalCode === null
    child.kill('SIGKILL')
    // a process that the program started may hold them open
    for (const stream of streams) stream.destroy()
  }, seconds * 1000)
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
    return { output: output.trim(), code: code ?? signal ?? '', isLate }
  } finally {
    clearTimeout(late)
  }
}

const OUTCOMES: { readonly [Outcome in CodeReport['changes'][number]['outcome']]: string } = {
  'goes-on': 'would go on with the new code',
  asks: 'would wait for an answer',
  keeps: 'would wait for the old code, as the agent says',
  lacks: 'would wait for code that this program does not have',
}

/** Goals whose ids are shown for each change. */
const MAX_IDS = 3

function printReport(terminal: Terminal, program: string, data: string, { changes }: CodeReport): void {
  if (changes.length === 0) terminal.say(`No goal in ${data} needs code that ${program} does not have.`)
  for (const { agent, outcome, changes: lines, goals } of changes) {
    terminal.out(`${agent}  ${formatCount(goals.length, 'goal')}  ${OUTCOMES[outcome]}`)
    for (const line of lines) terminal.out(`  ${line}`)
    const more = goals.length > MAX_IDS ? ` and ${goals.length - MAX_IDS} more` : ''
    terminal.out(`  ${goals.slice(0, MAX_IDS).join(', ')}${more}`)
    if (outcome !== 'asks') continue
    const command = commandLine(['agent', 'resume', '--all', '--agent', agent, '--with-new-code'], terminal.environment)
    terminal.out(`  After the deploy, to let them go on: ${command}`)
  }
}
