import { InvalidError, is, problemOf, TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Workflow } from '../definition/workflow-value.ts'
import { type RecordedRun, replayRun } from '../live/replay-run.ts'
import { toJson } from '../operations/stored-value.ts'
import { drain } from '../replay/drain.ts'
import type { WorkflowExecution } from '../replay/execution.ts'

/**
 * Asks a run a question. Its function is replayed beside the one that works, so the answer changes nothing, whatever
 * the handler does.
 */
export async function askRun(workflow: Workflow, run: RecordedRun, name: string, value: Json): Promise<Json> {
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
