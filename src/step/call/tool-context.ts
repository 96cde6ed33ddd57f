import { runRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import { nameOf } from '../../kernel/ref.ts'
import { ownerOf } from '../../lib/owner.ts'
import { type CallParts, contextHere } from '../../tool/once/call-parts.ts'
import type { CallProgress } from '../../tool/once/call-progress.ts'
import type { Once } from '../../tool/once/once.ts'
import type { CallContext, ResultNote, ToolContext } from '../../tool/tool.ts'
import { callPayer } from '../../work/payer.ts'
import { fairnessKey, type RunContext } from '../messages/step-start.ts'
import type { StepContext, StepServices } from './context.ts'
import { partOf, payerOf } from './payer.ts'

type Services = Pick<StepServices, 'root' | 'toolServices' | 'rooms'>
type Given = Omit<ToolContext, 'root' | 'services' | 'environments' | 'files' | 'rooms'>

/** The context of a tool, with the shared services, and with the ports of rooms for the owner of its run. */
export function toolContextWith<Call extends Given>(
  { root, toolServices, rooms: roomsOf }: Services,
  call: Call,
  run?: Pick<RunContext, 'id' | 'owner' | 'startedAt' | 'chosenByModel'>,
): Call & ToolContext {
  const rooms = run && roomsOf?.(ownerOf(run), nameOf(runRef(run.id)), run)
  return {
    ...call,
    root,
    ...(toolServices && { services: toolServices }),
    ...(rooms && { rooms }),
    ...(rooms?.environments && { environments: rooms.environments }),
    ...(rooms?.files && { files: rooms.files }),
  }
}

/**
 * The context of a step's call. `parts` makes the parts of the call when the tool has the first one: most have none. It
 * is built by spreads, because V8 takes 10 % longer for a step if the optional fields are assigned one after another.
 */
export function callContext(
  context: StepContext,
  signal: AbortSignal,
  parts: () => CallParts,
  words: () => CallProgress,
): CallContext {
  const { services, start, call, callFor, roots } = context
  const { toolAnswers: answers } = start
  const { secrets } = services
  const { idempotencyKey } = call
  const tell = (note: ResultNote) => void context.notes.push(note)
  const tellLate = (warning: string) =>
    void services.tellLate?.(context.start.run.id, context.start.step, secrets?.shown(warning) ?? warning)
  const emit = shownEmit(context)
  const once: Once = (name, act, options) => parts().once(name, act, options)
  const share = fairnessKey(start)
  const progress: CallProgress = {
    progress: (value) => words().progress(value),
    log: (level, text) => words().log(level, text),
    heartbeat: () => words().heartbeat(),
  }
  return toolContextWith(
    services,
    {
      ...callFor,
      signal,
      idempotencyKey,
      roots,
      share,
      emit,
      tell,
      tellLate,
      once,
      ...progress,
      ...paying(context),
      ...(answers && { answers }),
    },
    start.run,
  )
}

/** Hears what a call emits, as it is shown. */
export function shownEmit({ emit, services: { secrets } }: Pick<StepContext, 'emit' | 'services'>) {
  return secrets ? (delta: Json) => emit(secrets.shown(delta)) : emit
}

/** The step pays, by the id of this call: it stays the same when the call is repeated after a crash. */
function paying({ services, self, call, ...work }: StepContext): Pick<ToolContext, 'pay'> {
  const { pay } = services
  return pay ? { pay: (paid) => pay(callPayer(payerOf(work), self, call, partOf(0)), paid) } : {}
}

export function toolContextOf({ services, roots, call, callFor, emit, start, notes }: StepContext): CallContext {
  const { signal, idempotencyKey } = call
  return contextHere({
    ...callFor,
    signal,
    idempotencyKey,
    root: services.root,
    roots,
    share: fairnessKey(start),
    emit,
    tell: (note) => void notes.push(note),
  })
}
