import { z } from 'zod'
import type { Plain } from '../../document.ts'
import { problemOf } from '../../errors.ts'
import { parse } from '../../kernel/schema.ts'
import { getOrInsert } from '../../lib/collections/get-or-insert.ts'
import type { WorkflowList } from '../definition/workflow-list.ts'
import { replayRun } from '../live/open-execution.ts'
import { runOfHistory } from './history.ts'
import type { RunHistory } from './run-history.ts'

const checkedVersion = z.object({
  name: z.string(),
  version: z.number(),
  isHere: z.boolean().meta({ description: 'whether the program has this version' }),
  open: z.number().meta({ description: 'its open runs' }),
  changes: z
    .array(z.object({ name: z.string(), old: z.number() }))
    .meta({ description: '`patched` and `dropped` in its code: the open runs that need the code before' }),
  differs: z
    .array(z.object({ run: z.string(), message: z.string(), hint: z.string() }))
    .meta({ description: 'open runs that wait with this code, the first 100 of them' }),
  hints: z
    .array(z.string())
    .meta({ description: 'calls in its source that a replay makes again, and inputs that its schema refuses' }),
})

export const workflowReport = z
  .object({
    checked: z.number().meta({ description: 'runs that were replayed' }),
    more: z.boolean().meta({ description: 'whether there are more open runs than were replayed' }),
    versions: z.array(checkedVersion),
  })
  .meta({ id: 'WorkflowReport' })

/** How the code of a program fits the open runs of its workflows. */
export type WorkflowReport = Plain<typeof workflowReport>
type CheckedVersion = WorkflowReport['versions'][number]

/** Runs. */
export const MAX_CHECKED = 1000
/** How many runs that differ a report names. */
const MAX_NAMED = 100

/** Replays runs against the code of a program. Nothing has an effect. */
export async function checkRuns(workflows: WorkflowList, runs: AsyncIterable<RunHistory>): Promise<WorkflowReport> {
  const found = new Map<string, Checking>()
  const of = (name: string, version: number) =>
    getOrInsert(found, `${name}@${version}`, () => begin(workflows, name, version))
  for (const { name, version } of workflows.all) of(name, version)
  let checked = 0
  for await (const history of runs) {
    if (checked === MAX_CHECKED) return { checked, more: true, versions: reportsOf(found) }
    checked++
    await checkRun(workflows, history, of(history.workflow, history.version))
  }
  return { checked, more: false, versions: reportsOf(found) }
}

type Checking = Omit<CheckedVersion, 'open' | 'changes' | 'differs'> & {
  open: number
  /** the first run whose input the schema of today refuses: it goes on with it */
  unfit?: { readonly run: string; readonly message: string }
  readonly changes: Map<string, number>
  readonly differs: CheckedVersion['differs'][number][]
}

function begin({ find }: WorkflowList, name: string, version: number): Checking {
  const run = find(name, version)?.run
  const source = run === undefined ? '' : String(run)
  const changes = new Map(changesIn(source).map((change) => [change, 0]))
  return { name, version, isHere: run !== undefined, open: 0, changes, differs: [], hints: [...hintsIn(source)] }
}

async function checkRun(workflows: WorkflowList, history: RunHistory, checking: Checking): Promise<void> {
  const { changes, differs } = checking
  const { run, workflow: name, version } = history
  checking.open++
  const workflow = workflows.find(name, version)
  if (!workflow) return
  await parse<unknown>(workflow.input as never, history.input, 'input').catch((error: unknown) => {
    checking.unfit ??= { run, message: problemOf(error).message }
  })
  const { execution } = await replayRun(workflow, runOfHistory(history))
  execution.stopIfIdle()
  for (const change of execution.passed) changes.set(change, (changes.get(change) ?? 0) + 1)
  const { end } = execution
  if (differs.length >= MAX_NAMED) return
  if (end.type === 'stopped') differs.push({ run, message: end.stop.message, hint: end.stop.hint })
  if (end.type === 'failed') {
    const { message } = problemOf(end.error)
    differs.push({ run, message: `The run would fail where it waits: ${message}`, hint: 'Mend the code.' })
  }
}

const unfitHint = ({ run, message }: NonNullable<Checking['unfit']>) =>
  `the schema refuses the input of open runs such as ${run}, which keep it: ${message}`

const reportsOf = (found: ReadonlyMap<string, Checking>): CheckedVersion[] =>
  [...found.values()].map(({ changes, unfit, ...checking }) => ({
    ...checking,
    hints: [...checking.hints, ...(unfit ? [unfitHint(unfit)] : [])],
    changes: [...changes].map(([change, old]) => ({ name: change, old })),
  }))

/** Calls that a replay makes again, with another result, and what to write in their place. */
const AGAIN: readonly (readonly [call: RegExp, instead: string])[] = [
  [/\bDate\.now\s*\(|\bnew Date\s*\(\s*\)/, 'ctx.now()'],
  [/\bMath\.random\s*\(/, 'ctx.random()'],
  [/\brandomUUID\s*\(/, 'ctx.uuid()'],
  [/\bfetch\s*\(/, 'ctx.step(name, () => fetch(…))'],
  [/\bset(?:Timeout|Interval)\s*\(/, 'ctx.sleep(time)'],
]

/** Hints about calls in the source of a workflow. Calls in the functions of steps are right there. */
export function hintsIn(source: string): readonly string[] {
  const own = withoutSteps(source)
  return [...racesIn(own), ...againIn(own)]
}

/** A wait that loses a native race stays open, and takes the next signal. */
function racesIn(own: string): readonly string[] {
  const waits = [...own.matchAll(/\b(\w+)\s*=\s*\w+\.(?:signal|approve|sleep|sleepUntil)\s*\(/g)].map(
    ([, name]) => name!,
  )
  const isWait = new RegExp(
    ['\\.(?:signal|approve|sleep|sleepUntil)\\s*\\(', ...waits.map((name) => `\\b${name}\\b`)].join('|'),
  )
  return [...own.matchAll(/\bPromise\s*\.\s*(race|any)\s*\(/g)].flatMap(({ index, 0: call, 1: name }) => {
    const from = index + call.length
    return isWait.test(own.slice(from, endOf(own, from)))
      ? [`Promise.${name} leaves the waits open that lose, and they take signals: write ctx.race([…])`]
      : []
  })
}

function againIn(own: string): readonly string[] {
  return AGAIN.flatMap(([call, instead]) => {
    const found = call.exec(own)
    return found ? [`${found[0].replace(/\s*\(\s*\)?$/, '')}() is called again in each replay: write ${instead}`] : []
  })
}

/** The names that `patched` and `dropped` have in the source of a workflow. */
export const changesIn = (source: string): readonly string[] => [
  ...new Set([...source.matchAll(/\.(?:patched|dropped)\(\s*['"`]([\w-]+)['"`]/g)].map(([, name]) => name!)),
]

const OPENING = '([{'
const CLOSING = ')]}'

/** The source without texts, comments, and the arguments of `.step(…)`. A guess: it reads no regular expressions. */
function withoutSteps(source: string): string {
  const plain = source.replace(
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g,
    (found) => (found.startsWith('/') ? ' ' : "''"),
  )
  let own = ''
  for (let at = 0; at < plain.length; ) {
    const step = /\.step\s*\(/g
    step.lastIndex = at
    const found = step.exec(plain)
    if (!found) return own + plain.slice(at)
    own += plain.slice(at, found.index)
    at = endOf(plain, step.lastIndex)
  }
  return own
}

/** The place behind the bracket that closes. */
function endOf(text: string, from: number): number {
  let depth = 1
  for (let at = from; at < text.length; at++) {
    if (OPENING.includes(text[at]!)) depth++
    if (CLOSING.includes(text[at]!)) depth--
    if (depth === 0) return at + 1
  }
  return text.length
}
