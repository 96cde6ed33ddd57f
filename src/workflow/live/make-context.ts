import type { OrderMessage } from '../../agent/room/conversation/open-port.ts'
import { InvalidError, problemOf } from '../../errors.ts'
import { isWithinSize } from '../../kernel/limits.ts'
import { type Json, parse } from '../../kernel/schema.ts'
import { shown } from '../../lib/shown.ts'
import type {
  WorkflowAbort,
  WorkflowCallOptions,
  WorkflowContext,
  WorkflowStepOptions,
  WorkflowWaitOptions,
} from '../definition/context.ts'
import { msOf, timeOfWaking } from '../definition/duration.ts'
import { type CallSdkModel, MODEL_CALL } from '../definition/model-call.ts'
import type { AnySchema, Workflow } from '../definition/workflow-value.ts'
import { type CallTarget, type OrderChild, planCall } from '../operations/call.ts'
import { generateWork } from '../operations/generate.ts'
import { runLoop } from '../operations/loop.ts'
import { mapItems } from '../operations/map.ts'
import { modelCallWork } from '../operations/model-call.ts'
import { type StartRun, startWork } from '../operations/start.ts'
import { stepWork } from '../operations/step.ts'
import { toJson } from '../operations/stored-value.ts'
import { approvalWork, signalWork } from '../operations/wait.ts'
import type { WorkflowExecution } from '../replay/execution.ts'
import { seeded } from '../replay/seeded.ts'

type ContextOf = {
  readonly id: string
  /** the seed of its random numbers */
  readonly seed: string
  readonly workflow: string
  readonly version: number
  readonly startedAt: number
  readonly order: OrderChild
  readonly startRun: StartRun
  readonly say: OrderMessage
  /** The address of a wait of this run. */
  addressOf(step: string): string
  /** takes what the function tells; a replay tells nothing */
  tell(event: WorkflowNews): void
}

/** An event or a line of a workflow. */
export type WorkflowNews =
  | { readonly type: 'workflow-event'; readonly name: string; readonly data: Json }
  | { readonly type: 'workflow-log'; readonly text: string }

export function makeContext(execution: WorkflowExecution, of: ContextOf): WorkflowContext {
  const { id, seed, workflow, version, startedAt, order, startRun, say } = of
  let chance = seeded(seed)
  const tell = (event: WorkflowNews) => {
    if (!execution.isReplaying) of.tell(event)
  }
  const context = {
    run: { id, workflow, version, startedAt: new Date(startedAt) },
    step: (name: string, act: Parameters<typeof stepWork>[1], options?: WorkflowStepOptions<unknown>) =>
      execution.begun('step', nameOf(name, 'step'), stepWork(name, act, options, workflow)),
    sleep: (time: Parameters<WorkflowContext['sleep']>[0], options?: WorkflowAbort) =>
      pause(msOf(time, 'sleep'), options),
    sleepUntil: (time: Date | number, options?: WorkflowAbort) =>
      pause(Math.max(0, timeOfWaking(time, 'sleepUntil') - execution.now), options),
    signal(name: string, options: WorkflowWaitOptions & { readonly schema?: AnySchema; readonly url?: true } = {}) {
      const work = signalWork(name, options)
      const wait = execution.begun('signal', `wait-${nameOf(name, 'signal')}`, work, options.signal)
      return options.url ? Object.assign(wait, { url: of.addressOf(execution.operations.at(-1)?.id ?? '') }) : wait
    },
    approve: (name: string, options?: WorkflowWaitOptions & { readonly schema?: AnySchema }) =>
      execution.begun('approve', nameOf(name, 'approve'), approvalWork(name, options), options?.signal),
    race: (promises: unknown) => execution.races.run(promises),
    async call(target: CallTarget, input: unknown, options: WorkflowCallOptions = {}) {
      const { name, work, read } = planCall(target, input, options, { order, say })
      const result = await execution.begun('call', options.name ?? name, work, options.signal)
      return read ? read(result as Json) : result
    },
    start: (target: Workflow, input: unknown, options: WorkflowCallOptions & { readonly id?: string } = {}) =>
      execution.begun(
        'start',
        options.name ?? `start-${target.name}`,
        startWork(target, toJson(input), options, startRun),
      ),
    generate: (name: string, options: Parameters<typeof generateWork>[1]) =>
      execution.begun('generate', nameOf(name, 'generate'), generateWork(name, options)),
    [MODEL_CALL]: ((model, options, form) =>
      execution.begun('generate', 'model', modelCallWork(model, options, form))) as CallSdkModel,
    map: mapItems,
    loop: (state: unknown, each: (state: Json) => Promise<unknown>) => loop(toJson(state), each),
    handle(name: string, schema: AnySchema, answer: (question: unknown) => unknown) {
      const called = nameOf(name, 'handle')
      const read = (value: Json) => parse<unknown>(schema as never, value, `the question ${called}`)
      execution.handlers.set(called, async (value) => answer(await read(value).catch(badValue)))
    },
    event: (name: string, data: unknown = null) =>
      tell({ type: 'workflow-event', name: String(name).slice(0, MAX_LINE), data: eventData(name, data) }),
    log: (text: string) => tell({ type: 'workflow-log', text: String(text).slice(0, MAX_LINE) }),
    now: () => new Date(execution.now),
    random: () => chance.random(),
    uuid: () => chance.uuid(),
    patched: (change: string) => execution.patched(nameOf(change, 'patched')),
    renamed: (before: string, now: string) => execution.renamed(nameOf(before, 'renamed'), nameOf(now, 'renamed')),
    dropped: (name: string) => execution.dropped(nameOf(name, 'dropped')),
  }
  return context as unknown as WorkflowContext

  async function loop(first: Json, each: (state: Json) => Promise<unknown>): Promise<Json> {
    const outer = chance
    try {
      return await runLoop(execution, first, (state, iteration) => {
        // a replay begins with the newest iteration
        chance = seeded(`${seed}/${iteration}`)
        return each(state)
      })
    } finally {
      chance = outer
    }
  }

  function pause(delay: number, { signal }: WorkflowAbort = {}): Promise<void> {
    return execution.begun('sleep', 'sleep', { type: 'timer', delay }, signal) as Promise<void>
  }
}

const MAX_LINE = 4000
/** Characters of JSON of the data of an event. */
const MAX_DATA = 16 * 1024

function eventData(name: string, data: unknown): Json {
  const given = toJson(data)
  if (isWithinSize(given, MAX_DATA)) return given
  throw new InvalidError(`The event ${name} has more than ${MAX_DATA / 1024} KiB of data.`, {
    hint: 'Return the value from a step, and give the event its name.',
  })
}

function badValue(error: unknown): never {
  throw new InvalidError(problemOf(error).message, { code: 'bad_value' })
}

const NAME = /^[a-zA-Z][\w-]{0,99}$/
/** Records of runs have these names. */
const RESERVED: readonly string[] = ['inputs', 'outputs', 'undo']

function nameOf(name: string, what: string): string {
  if (RESERVED.includes(name))
    throw new InvalidError(`ctx.${what}: the name ${name} is reserved for a record of the run.`, {
      hint: `Write another one, such as ${name}-of-order.`,
    })
  if (typeof name === 'string' && NAME.test(name)) return name
  throw new InvalidError(
    `ctx.${what}: expected a name of letters, digits, - and _, beginning with a letter, got ${shown(name)}.`,
    { hint: `Write ${typeof name === 'string' ? suggested(name) : 'a name such as send-mail'} instead.` },
  )
}

/** A name that is allowed, and near to the one that was given. */
function suggested(name: string): string {
  const words = name.replaceAll(/[^a-zA-Z0-9]+/g, '-').replace(/^[^a-zA-Z]+|-$/g, '')
  return words.slice(0, 100) || 'a name such as send-mail'
}
