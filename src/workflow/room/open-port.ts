import type { Engine } from '../../engine/engine.ts'
import { InvalidError, is, NotFoundError, problemOf, TerminalError } from '../../errors.ts'
import { KIND } from '../../house/actors.ts'
import { listAll } from '../../house/paging.ts'
import type { Json } from '../../kernel/json.ts'
import { isWithinSize } from '../../kernel/limits.ts'
import { standardJsonSchema } from '../../lib/json/standard-json-schema.ts'
import type { ValueStore } from '../../step/values.ts'
import { checkRuns, type WorkflowReport } from '../check/check-runs.ts'
import { historyOf } from '../check/history.ts'
import type { RunHistory } from '../check/run-history.ts'
import type { WorkflowList } from '../definition/workflow-list.ts'
import type { Workflow } from '../definition/workflow-value.ts'
import { type RecordedRun, replayRun } from '../live/open-execution.ts'
import { toJson } from '../operations/stored-value.ts'
import { drain } from '../replay/drain.ts'
import type { WorkflowExecution } from '../replay/execution.ts'
import type { WorkflowSummary } from './contract.ts'
import { readRecordedRun } from './read-recorded.ts'

/** The workflows of a program. `runs.start({ workflow, input })` starts a run of one. */
export interface WorkflowsPort {
  /** Lists them by name, with their versions, and the JSON Schemas of the inputs of the highest. */
  list(): Promise<readonly WorkflowSummary[]>
  /** Replays their open runs, 1,000 at most, without effects. Says which code has open runs, and which do not fit. */
  check(): Promise<WorkflowReport>
  /**
   * Asks a run. A handler of `ctx.handle` answers, in a replay without effects, so also when the run has ended.
   * @throws an error of code `unknown_question`, `unknown_workflow`, `bad_value` or `question_failed`
   */
  ask(run: string, name: string, value?: Json): Promise<{ readonly answer: Json }>
  /** Reads the history of a run. NotFoundError if there is no run of a workflow with that id. */
  history(run: string): Promise<RunHistory>
}

/** The needs of workflows: those that the program has, and the values of runs. */
export type WorkflowNeeds = {
  readonly engine: Pick<Engine, 'view'>
  readonly bytes: ValueStore
  readonly workflows: WorkflowList
}

/** Characters of JSON of a history. */
const MAX_HISTORY = 16 * 1024 * 1024

export function openWorkflows({ workflows, engine, bytes: values }: WorkflowNeeds): WorkflowsPort {
  const { view } = engine
  let checking: Promise<WorkflowReport> | undefined

  async function historyIn(run: string): Promise<RunHistory | undefined> {
    const recorded = await readRecordedRun(view, values, run)
    return recorded && historyOf(...recorded)
  }

  /** The histories of open runs. One that ends meanwhile is left out. */
  async function* open(): AsyncGenerator<RunHistory> {
    for (const name of workflows.names)
      for await (const { key } of listAll(view, KIND.run, { name, status: 'running' })) {
        const history = await historyIn(key)
        if (history) yield history
      }
  }

  return {
    async list() {
      return workflows.names.map((name) => {
        const versions = workflows.all.filter((one) => one.name === name)
        const { description, input } = versions[0]!
        const schema = standardJsonSchema(input, 'input')
        return {
          name,
          ...(description !== undefined && { description }),
          versions: versions.map(({ version }) => version),
          ...(schema && { input: schema as Json }),
        }
      })
    },
    // several callers share one check
    check: () => {
      checking ??= checkRuns(workflows, open()).finally(() => (checking = undefined))
      return checking
    },
    async ask(run, name, value = null) {
      const recorded = await readRecordedRun(view, values, run)
      if (!recorded) throw noRunOf(run)
      const [{ workflow, version }, history] = recorded
      const code = workflows.find(workflow, version)
      if (code) return { answer: await askRun(code, history, name, value) }
      throw new InvalidError(`The program has no workflow ${workflow} of version ${version}, so nothing answers.`, {
        code: 'unknown_workflow',
        hint: 'Ask the process whose start({ workflows }) has it.',
      })
    },
    async history(run) {
      const history = await historyIn(run)
      if (!history) throw noRunOf(run)
      if (isWithinSize(history as Json, MAX_HISTORY)) return history
      throw new InvalidError(`The history of ${run} has more than ${MAX_HISTORY / 1024 / 1024} MiB.`, {
        code: 'too_large',
      })
    },
  }
}

const noRunOf = (run: string) => new NotFoundError(`There is no run ${run} of a workflow.`)

/** Asks a run a question. Its function is replayed beside the one at work, so no handler can change anything. */
async function askRun(workflow: Workflow, run: RecordedRun, name: string, value: Json): Promise<Json> {
  const { execution } = await replayRun(workflow, run)
  const before = stopOf(execution)
  if (before) throw new TerminalError(before.message, { code: 'question_failed', hint: before.hint })
  const handler = execution.handlers.get(name)
  if (!handler) throw unknownQuestion(execution, name)
  const ended = Promise.resolve()
    .then(() => handler(value))
    .then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    )
  const end = await Promise.race([ended, drain()])
  // it began an operation, which never ends here
  if (stopOf(execution)) throw failed(execution, name, 'it begins an operation')
  if (!end) throw failed(execution, name, 'it waits for something')
  if (!('error' in end)) return toJson(end.answer)
  if (is(end.error, 'InvalidError')) throw end.error
  throw failed(execution, name, problemOf(end.error).message, end.error)
}

function unknownQuestion({ name: workflow, handlers }: WorkflowExecution, name: string): InvalidError {
  const names = [...handlers.keys()]
  return new InvalidError(`The workflow ${workflow} answers no question ${name}.`, {
    code: 'unknown_question',
    hint: names.length > 0 ? `It answers: ${names.join(', ')}.` : 'A workflow answers what ctx.handle names.',
  })
}

const stopOf = ({ end }: WorkflowExecution) => (end.type === 'stopped' ? end.stop : undefined)

const failed = ({ name: workflow }: WorkflowExecution, name: string, why: string, cause?: unknown) =>
  new TerminalError(`The workflow ${workflow} could not answer ${name}: ${why}.`, {
    code: 'question_failed',
    hint: 'A handler answers at once, from what the run knows.',
    cause,
  })
