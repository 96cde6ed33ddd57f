import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { errorOf, InvalidError, NotFoundError } from '../../errors.ts'
import { CHECK_FILE, type CheckOutcome } from '../../http/server/check-outcome.ts'
import { parseExact } from '../../kernel/json.ts'
import type { Terminal } from '../terminal/terminal.ts'

type Answer<Status> = Extract<CheckOutcome, { readonly status: Status }>

/** Runs a program up to its `start`, which compares its code and ends the process. `more`: variables for that. */
export async function askProgram<Status extends 'done' | 'workflows'>(
  status: Status,
  program: string,
  { folder: cwd, environment }: Terminal,
  seconds: number,
  more: { readonly [variable: string]: string } = {},
): Promise<Answer<Status>> {
  const path = resolve(cwd, program)
  if (!existsSync(path)) throw new NotFoundError(`There is no program ${program}.`)
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-check-'))
  const file = join(folder, 'outcome.json')
  try {
    const env = { ...environment, [CHECK_FILE]: file, ...more }
    const { output, code, isLate } = await run(path, { cwd, env }, seconds)
    const said = output === '' ? {} : { hint: `Its output:\n${output}` }
    if (isLate) throw new InvalidError(`${path} did not call start() and answer within ${seconds} s.`, said)
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      throw new InvalidError(`${path} ended with exit code ${code} before it called start().`, said)
    })
    const outcome = parseExact(text) as CheckOutcome
    if (outcome.status === 'failed') throw errorOf(outcome.problem)
    if (outcome.status === status) return outcome as Answer<Status>
    throw new InvalidError(`The antiphon of ${path} cannot do this check.`, {
      hint: 'Install the version of this command in the project of the program.',
    })
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
