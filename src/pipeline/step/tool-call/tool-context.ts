import { ownerOf } from '../../../lib/owner.ts'
import type { CallParts } from '../../../tool/once/call-parts.ts'
import type { Once } from '../../../tool/once/once.ts'
import type { ToolServices } from '../../../tool/services.ts'
import type { CallContext, RoomsForTools, ToolContext } from '../../../tool/tool.ts'
import { callPayer } from '../../../work/payer.ts'
import { fairnessKey, type RunContext } from '../../plan/messages/step-start.ts'
import type { PipelineServices, StepContext } from '../context.ts'
import { partOf, payerOf } from '../model-call/ask-model.ts'
import { callParts } from '../once/records.ts'

type Services = Pick<PipelineServices, 'root' | 'toolServices' | 'rooms'>
type Given = Omit<ToolContext, 'root' | 'services' | 'environments' | 'rooms'>

/** The context of a tool, with the shared services, and with the ports of rooms for the owner of its run. */
export function toolContextWith(
  { root, toolServices, rooms: roomsOf }: Services,
  call: Given,
  run?: Pick<RunContext, 'id' | 'owner'>,
): ToolContext {
  const rooms = run && roomsOf?.(ownerOf(run), `run/${run.id}`)
  return {
    ...call,
    root,
    ...(toolServices && { services: toolServices }),
    ...(rooms && { rooms }),
    ...(rooms?.environments && { environments: rooms.environments }),
  }
}

/** The context of a step's call. `once` is made when the tool reads it: most tools never do. */
export class StepCallContext implements CallContext {
  readonly signal: AbortSignal
  readonly idempotencyKey: string
  readonly root: string
  readonly roots: readonly string[]
  readonly share: string
  readonly emit: ToolContext['emit']
  readonly tell: NonNullable<ToolContext['tell']>
  readonly tellLate: NonNullable<ToolContext['tellLate']>
  declare readonly services?: ToolServices
  declare readonly rooms?: RoomsForTools
  declare readonly environments?: NonNullable<ToolContext['environments']>
  declare readonly pay?: NonNullable<ToolContext['pay']>
  readonly #context: StepContext
  readonly #tool: string
  #parts: CallParts | undefined

  constructor(context: StepContext, tool: string, signal: AbortSignal) {
    const { services, start, call, notes } = context
    const { secrets, toolServices, pay } = services
    const { run, step } = start
    this.signal = signal
    this.idempotencyKey = call.idempotencyKey
    this.root = services.root
    this.roots = context.roots
    this.share = fairnessKey(start)
    this.emit = secrets ? (delta) => context.emit(secrets.hide(delta)) : context.emit
    this.tell = (note) => void notes.push(note)
    this.tellLate = (warning) => void services.tellLate?.(run.id, step, secrets ? secrets.hide(warning) : warning)
    this.#context = context
    this.#tool = tool
    if (toolServices) this.services = toolServices
    const rooms = services.rooms?.(ownerOf(run), `run/${run.id}`)
    if (rooms) this.rooms = rooms
    if (rooms?.environments) this.environments = rooms.environments
    // the step pays, by the id of this call: it stays the same when the call is repeated after a crash
    if (pay) this.pay = (paid) => pay(callPayer(payerOf(start), context.self, call, partOf(0)), paid)
  }

  get once(): Once {
    this.#parts ??= callParts(this.#context, this.#tool, this.signal)
    return this.#parts.once
  }

  /** Resolves when no part of the call works any more. */
  async settled(): Promise<void> {
    await this.#parts?.settled()
  }
}
