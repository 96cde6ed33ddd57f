import { z } from 'zod'
import type { Plain } from '../../document.ts'
import { problemOf } from '../../errors.ts'
import { parse } from '../../kernel/schema.ts'
import type { WorkflowList } from '../definition/workflow-list.ts'
import { replayRun } from '../live/replay-run.ts'
import { runOfHistory } from './history.ts'
import type { RunHistory } from './run-history.ts'
import { changesIn, hintsIn } from './source.ts'

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

/** Schema of `WorkflowReport`. */
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

/** How many runs a check replays. */
export const MAX_CHECKED = 1000
/** How many runs that differ a report names. */
const MAX_NAMED = 100

/** Replays runs against the code of a program. Nothing has an effect. */
export async function checkRuns(workflows: WorkflowList, runs: AsyncIterable<RunHistory>): Promise<WorkflowReport> {
  const found = new Map<string, Checking>()
  const of = (name: string, version: number) => {
    const key = `${name}@${version}`
    const known = found.get(key) ?? begin(workflows, name, version)
    found.set(key, known)
    return known
  }
  for (const { name, version } of workflows.all) of(name, version)
  let checked = 0
  for await (const history of runs) {
    if (checked === MAX_CHECKED) return { checked, more: true, versions: reportsOf(found) }
    checked++
    await checkRun(workflows, history, of(history.workflow, history.version))
  }
  return { checked, more: false, versions: reportsOf(found) }
}

/** A version of which runs are checked. */
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
