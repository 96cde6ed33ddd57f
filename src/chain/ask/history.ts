import type { Effects, Turn } from '../../kernel/types.ts'
import { readRecord, updatedHistoryPart } from '../../thread/actor/parts.ts'
import type { AskWork, ThreadState } from '../../thread/protocol/ask-state.ts'
import { type ProjectedContext, projectContext } from '../context/project.ts'
import { withoutNotice } from '../domains/guide.ts'
import type { ChainLimits } from '../protocol/limits.ts'

/** The completed asks this thread remembers, as the prompts of a question show them. */
export async function historyFor(
  { remembered, context = [] }: ThreadState,
  question: string,
  effects: Effects,
  { historySize: size }: ChainLimits,
): Promise<ProjectedContext> {
  const records = await Promise.all(remembered.map((n) => readRecord(effects, n)))
  const exchanges = records.map((record, at) => ({ ...record, answer: withoutNotice(record), n: remembered[at]! }))
  return projectContext(exchanges, context, { question, size })
}

/** The work of a further cycle: its prompts show messages as the user has decided by now. */
export async function historyForCycle(
  state: ThreadState,
  n: number,
  work: AskWork,
  effects: Effects,
  limits: ChainLimits,
): Promise<{ readonly work: AskWork; readonly parts: NonNullable<Turn['parts']> }> {
  if (!state.context?.some(({ decided }) => decided)) return { work, parts: {} }
  const { history } = await historyFor(state, work.prompt, effects, limits)
  return { work: { ...work, history }, parts: updatedHistoryPart(n, history) }
}
