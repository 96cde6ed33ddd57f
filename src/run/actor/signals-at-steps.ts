import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { REJECTED } from '../../step/messages/call-decision.ts'
import { decodeStep } from '../../step/messages/codec.ts'
import type { AwaitSignal, Signal, SignalReceipt, SignalRoom } from '../../step/messages/signal.ts'
import { contentOf, IN_JUDGEMENT, senderPart } from '../../step/messages/signal.ts'
import { hasEnded, type StepPart, stepPartName } from '../../step/record/outcome.ts'

/**
 * A run sends a signal to the step that judges it. It remembers the id of its sender, so that the signal may be
 * repeated on any engine. It also counts what its steps park, so that a sender with all addresses of a run fills no
 * more than one run may hold.
 */

/** How many ids a run remembers. */
const MAX_REMEMBERED = 1000
const MAX_PARKED: SignalRoom = { count: 100, size: 128 * 1024 }

type PartWrites = { [name: string]: Json | null }
type ReadPart = Effects['part']

/** A signal with an id. `of`: its name and value. `step` judges it, or has taken it; without one it is kept. */
type Remembered = { readonly of: string; readonly step?: string; readonly n: number }

const NEXT_PART = 'senders/next'
const slotPart = (n: number) => `senders/${n % MAX_REMEMBERED}`

/** Answers a signal that came before. Undefined: it did not, or it was refused. */
export async function answerRepeated(
  { id, again }: Pick<Signal, 'id' | 'again'>,
  part: ReadPart,
): Promise<Turn | undefined> {
  const known = id === undefined ? undefined : ((await part(senderPart(id))) as Remembered | undefined)
  if (!known) return undefined
  const { of, step } = known
  const receipt = (status: SignalReceipt['status']) => ({ reply: { status, of } satisfies SignalReceipt })
  if (step === undefined) return receipt('kept')
  if (again) return undefined
  const judging = decodeStep(await part(stepPartName(step)))
  if (judging?.status === 'completed' || isDecided(judging)) return receipt('taken')
  return judging?.status === 'running' ? { refuse: IS_JUDGED } : undefined
}

/** Whether a person decided about the call of a step, whatever became of it. */
const isDecided = (step: StepPart | undefined) =>
  hasEnded(step) && (step.decided !== undefined || (step.status === 'skipped' && step.reason === REJECTED))

/** Remembers the id of a signal, and forgets the oldest one. */
export async function remember(signal: Omit<Signal, 'type'>, step: string | undefined, part: ReadPart) {
  const { id } = signal
  if (id === undefined) return {}
  const name = senderPart(id)
  const before = (await part(name)) as Remembered | undefined
  const n = before?.n ?? (((await part(NEXT_PART)) ?? 0) as number)
  const entry: Remembered = { of: contentOf(signal), ...(step !== undefined && { step }), n }
  const parts: PartWrites = { [name]: entry }
  if (before) return parts
  const oldest = (await part(slotPart(n))) as string | undefined
  if (oldest !== undefined) parts[oldest] = null
  return { [NEXT_PART]: n + 1, [slotPart(n)]: name, ...parts }
}

/** The signals that steps park, or may park. */
type ParkedAtSteps = { [step: string]: SignalRoom }

const PARKED_PART = 'parked-at-steps'

/**
 * The room of a step for parked signals, with room reserved for the signal that goes to it. `isStopped`: the code of
 * the run is known not to fit. Otherwise no room is reserved until a step parks a signal.
 */
export async function reserveRoom(step: string, value: Json, isStopped: boolean, part: ReadPart) {
  const parked = (await part(PARKED_PART)) as ParkedAtSteps | undefined
  if (!parked && !isStopped) return { room: MAX_PARKED, parts: {} }
  const { [step]: own = { count: 0, size: 0 }, ...others } = parked ?? {}
  const room = { ...MAX_PARKED }
  for (const [other, { count, size }] of Object.entries(others)) {
    if (decodeStep(await part(stepPartName(other)))?.status !== 'running') delete others[other]
    else Object.assign(room, { count: room.count - count, size: room.size - size })
  }
  const reserved = { count: own.count + 1, size: own.size + JSON.stringify(value).length }
  return { room, parts: { [PARKED_PART]: { ...others, [step]: reserved } as Json } }
}

/** Notes that a step has judged a signal: what it parks, and the sender. A refusal is forgotten. */
export async function noteJudged({ step, parked, after }: AwaitSignal, part: ReadPart): Promise<PartWrites> {
  const parts: PartWrites = {}
  if (!after) return parts
  const { [step]: before, ...others } = ((await part(PARKED_PART)) ?? {}) as ParkedAtSteps
  if (parked) parts[PARKED_PART] = { ...others, [step]: parked }
  else if (before) parts[PARKED_PART] = Object.keys(others).length > 0 ? others : null
  const name = after.id === undefined ? undefined : senderPart(after.id)
  const sender = name && ((await part(name)) as Remembered | undefined)
  if (!sender) return parts
  const { of, n } = sender
  return after.isParked ? { ...parts, [name]: { of, n } } : { ...parts, [name]: null, [slotPart(n)]: null }
}

const IS_JUDGED: Problem = {
  code: 'busy',
  name: 'BusyError',
  message: 'the signal came before, and its step has not judged it yet',
  data: IN_JUDGEMENT,
}
