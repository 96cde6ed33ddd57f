import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSeededRandom } from '../../trials/simulation/plan/random.ts'
import { ATTENDANTS, type Attendant } from './attend.ts'
import { type Desk, LINES, openDesk } from './desk.ts'
import type { Program } from './programs.ts'

/** What is done to one program. */
export type KillTask = {
  readonly program: Program
  readonly kills: number
  readonly seed: number
  /** a folder of its own, for the program's data and the file outside */
  readonly folder: string
  /** the connection string of PostgreSQL, for programs that need it */
  readonly address?: string
  readonly signal: AbortSignal
  readonly tell: (line: string) => void
}

/** What came out of it. */
export type KillResult = {
  readonly kills: number
  readonly goals: number
  /** calls of the tool that took place more than once */
  readonly twice: number
  /** calls of goals with an answer that never took place */
  readonly lost: number
  /** calls whose outcome nobody can know: they were told to a person, or to the model */
  readonly unknown: { readonly person: number; readonly model: number }
  /** goals that have no answer, or end with an error */
  readonly stuck: number
  /** what some of them said instead, one of each kind */
  readonly said: readonly string[]
  /** answers of the model that it gave, and was asked for again */
  readonly paidTwice: number
  /** ms from the last start until the last answer */
  readonly recovery: number
}

/** ms from a question to the model within which a program is killed: a round takes about as long */
const WINDOW = 30
/** ms after which it is killed if it asks the model nothing */
const LONGEST_SILENCE = 2000
/** goals of earlier lives that a program goes on with beside its new one: more would never end before a kill */
const CARRIED = 3
/** ms that a program may take to be ready */
const LONGEST_START = 60_000
/** ms that the last program may take until its next answer */
const PATIENCE = 90_000

/**
 * Starts the program again and again, with one more goal each time, and kills it with SIGKILL at a random moment. The
 * last one lives until each goal has an answer, or none has come for 90 s.
 */
export async function killAgainAndAgain(task: KillTask): Promise<KillResult> {
  const { program, kills, signal, tell } = task
  const outside = join(task.folder, 'outside.txt')
  const desk = await openDesk(outside)
  const data = join(task.folder, 'data')
  await mkdir(data, { recursive: true })
  await writeFile(outside, '')
  for (const [name, text] of Object.entries(program.files?.(desk.url) ?? {})) await writeFile(join(data, name), text)
  const attend = ATTENDANTS[program.name]?.({ data, outside })
  const random = createSeededRandom(task.seed)
  const goals: string[] = []
  try {
    for (let kill = 0; kill < kills && !signal.aborted; kill++) {
      tell(`${program.title}: kill ${kill + 1} of ${kills}`)
      goals.push(`goal-${kill}`)
      const asked = desk.untilAsked(1 + random.below(2 * LINES))
      const open = goals.slice(0, -1).filter((goal) => !desk.answers.has(goal))
      const life = await startLife(task, desk, data, [...open.slice(0, CARRIED), goals.at(-1)!])
      await Promise.race([asked, sleep(LONGEST_SILENCE)])
      await sleep(random.below(WINDOW))
      await end(life)
    }
    const { recovery, answered } = await finish(task, { desk, data, goals, ...(attend && { attend }) })
    const unknown = { person: answered, model: desk.unknown.size }
    return { ...(await count(task, desk, goals)), kills, recovery, unknown }
  } finally {
    await desk.close()
  }
}

async function startLife(
  { program, folder, address, signal }: KillTask,
  desk: Desk,
  data: string,
  goals: readonly string[],
): Promise<ChildProcess> {
  const open = goals.filter((goal) => !desk.answers.has(goal))
  const life = spawn(process.execPath, [program.script], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      KILLS_DESK: desk.url,
      KILLS_GOALS: open.join(','),
      KILLS_FOLDER: data,
      ...(address !== undefined && { KILLS_ADDRESS: address }),
    },
  })
  let said = ''
  life.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)))
  const stop = new AbortController()
  signal.addEventListener('abort', () => stop.abort(), { once: true })
  const late = sleep(LONGEST_START, undefined, { signal: stop.signal }).then(
    () => `it was not ready after ${LONGEST_START / 1000} s`,
    () => 'it was stopped',
  )
  const death = once(life, 'exit').then(([code, name]) => `it ended with ${name ?? `code ${code}`} before it was ready`)
  const failed = await Promise.race([desk.untilReady().then(() => undefined), death, late]).finally(() => stop.abort())
  if (failed === undefined) return life
  life.kill('SIGKILL')
  throw new Error(`${program.title}: ${failed}: ${said.trim()}`)
}

async function end(life: ChildProcess): Promise<void> {
  if (life.exitCode !== null || life.signalCode !== null) return
  const ended = once(life, 'exit')
  life.kill('SIGKILL')
  await ended
}

async function finish(
  task: KillTask,
  {
    desk,
    data,
    goals,
    attend,
  }: { readonly desk: Desk; readonly data: string; readonly goals: readonly string[]; readonly attend?: Attendant },
): Promise<{ readonly recovery: number; readonly answered: number }> {
  const began = performance.now()
  let [answers, last, answered] = [desk.answers.size, began, 0]
  let life = await startLife(task, desk, data, goals)
  while (desk.answers.size < goals.length && performance.now() - last < PATIENCE && !task.signal.aborted) {
    task.tell(`${task.program.title}: ${desk.answers.size} of ${goals.length} goals have an answer`)
    await sleep(250)
    answered += (await attend?.look()) ?? 0
    if (desk.answers.size > answers) [answers, last] = [desk.answers.size, performance.now()]
    // a program that has ended by itself is started again, as a supervisor does
    if (life.exitCode !== null && desk.answers.size < goals.length) life = await startLife(task, desk, data, goals)
  }
  await end(life)
  return { recovery: last - began, answered }
}

async function count(task: KillTask, desk: Desk, goals: readonly string[]) {
  const lines = (await readFile(join(task.folder, 'outside.txt'), 'utf8')).split('\n').filter(Boolean)
  const taken = new Map<string, number>()
  for (const line of lines) taken.set(line, (taken.get(line) ?? 0) + 1)
  const completed = goals.filter((goal) => desk.answers.get(goal)?.endsWith('lines.'))
  const expected = completed.flatMap((goal) => Array.from({ length: LINES }, (_, line) => `${goal} ${line}`))
  const beyondFirst = (counts: Iterable<number>) => [...counts].reduce((sum, times) => sum + times - 1, 0)
  return {
    goals: goals.length,
    twice: beyondFirst(taken.values()),
    lost: expected.filter((line) => !taken.has(line)).length,
    stuck: goals.length - completed.length,
    said: [
      ...new Set(goals.filter((goal) => !completed.includes(goal)).map((goal) => wordsOf(desk.answers.get(goal)))),
    ].slice(0, 3),
    paidTwice: beyondFirst(desk.paid.values()),
  }
}

/** What an answer says in one line, without the number of its goal. */
function wordsOf(answer = 'no answer'): string {
  return answer
    .replace(/goal-\d+/g, 'goal')
    .split('\n', 1)[0]!
    .slice(0, 120)
}
