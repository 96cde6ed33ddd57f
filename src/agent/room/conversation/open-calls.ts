import type { EngineView } from '../../../engine/engine.ts'
import { goalRef, KIND, stepRef } from '../../../house/actors.ts'
import { readSinglePart } from '../../../kernel/parts.ts'
import { IN_INBOX, readWait } from '../../../work/wait.ts'
import { type Round, roundPart } from '../../protocol/rounds.ts'
import { peekGoal } from '../../protocol/state.ts'
import type { OpenCalls } from '../../protocol/stored-goal.ts'
import type { MessageReply } from './documents.ts'

/** A call whose result comes after the reply to its message. */
type OpenCall = NonNullable<Extract<MessageReply, { readonly status: 'completed' }>['open']>[number]

type View = Pick<EngineView, 'peek' | 'parts' | 'list'>

/** The open calls of a goal, and of those that it was handed over to. */
export async function openCalls(view: View, goal: string): Promise<readonly OpenCall[]> {
  const { open = [], handedTo } = (await peekGoal(view, goal)) ?? {}
  const own = await Promise.all(open.map((one) => callsOf(view, goal, one)))
  return [...own.flat(), ...(handedTo ? await openCalls(view, handedTo.goal) : [])]
}

async function callsOf(view: View, goal: string, { run, round, calls }: OpenCalls): Promise<readonly OpenCall[]> {
  const part = (await readSinglePart(view.parts, goalRef(goal), roundPart(round))) as Round | undefined
  const waiting = await view.list(KIND.step, { where: { ...IN_INBOX, run }, prefix: stepRef(run, '').key })
  const signals = new Map(
    waiting.map(({ key, index }) => {
      const wait = readWait(index)
      return [key.slice(run.length + 1), wait?.type === 'signal' ? wait.name : undefined]
    }),
  )
  return calls.map((call) => {
    const signal = signals.get(call)
    const { tool = call } = part?.calls.find(({ step }) => step === call) ?? {}
    return { tool, run, call, ...(signal !== undefined && { signal }) }
  })
}
