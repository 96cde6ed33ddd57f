import { endedAsk } from '../../commons/actor.ts'
import { PRIOR_KIND, PUBLIC } from '../../commons/share.ts'
import { InvalidError, problemOf, TerminalError } from '../../errors.ts'
import type { Send } from '../../kernel/types.ts'
import type { AskEnding, AskWork } from '../protocol/ask-state.ts'
import type { AskMessage } from '../protocol/messages.ts'
import type { ChainServices } from '../protocol/phase.ts'
import {
  dateOf,
  lacksOf,
  MAX_RECORDS,
  memoryQuery,
  type RecordQuestion,
  type RecordTexts,
  recordText,
} from './records.ts'

/** Whether an ask shares its prompt, and whether it searches priors. Error `sharing_off` where neither is allowed. */
export function sharingWork(
  { share, priors, agent }: Pick<AskMessage, 'share' | 'priors' | 'agent'>,
  sharing: boolean,
): Pick<AskWork, 'share' | 'priors'> {
  if (!share && !priors) return {}
  if (agent) throw new InvalidError('an agent shares no prompts and searches no priors')
  if (sharing) return { ...(share && { share }), ...(priors && { priors }) }
  throw new TerminalError('Prompts are not shared here.', {
    code: 'sharing_off',
    hint: 'To allow it: ledger: { sharing: public } in antiphon.yaml',
  })
}

/** The prompts of others that fit a question, beside the own records. A failure is a lack. */
export async function withPriors(
  { texts, lacks }: RecordTexts,
  { memory }: Pick<ChainServices, 'memory'>,
  { question, signal }: Pick<RecordQuestion, 'question' | 'signal'>,
): Promise<RecordTexts> {
  if (!memory?.mayHold()) return { texts, lacks }
  try {
    const query = { text: memoryQuery(question), kind: PRIOR_KIND, limit: MAX_RECORDS }
    const { records, ...searched } = await memory(PUBLIC).search(query)
    const priors = records.map((found) => {
      const { record, ...text } = recordText(found)
      const origin = `a prompt of somebody else, ${dateOf(found.learnedAt)}`
      return { ...text, record: { ...record, origin, prior: true as const } }
    })
    return { texts: [...texts, ...priors], lacks: [...lacks, ...lacksOf(searched)] }
  } catch (error) {
    signal.throwIfAborted()
    return { texts, lacks: [...lacks, `shared prompts were not searched: ${problemOf(error).message}`] }
  }
}

/** The message about an answered ask to the commons. Nothing that a model says of rewards is in it. */
export function rewardsOf(
  { share, priors, prompt, askedAt }: AskWork,
  ending: AskEnding,
  about: { readonly ask: string; readonly owner: string },
): readonly Send[] {
  if ((!share && !priors) || ending.status !== 'completed') return []
  const cites = ending.citations.flatMap(({ record, prior }) => (prior && record !== undefined ? record : []))
  return [endedAsk({ ...about, cites: [...new Set(cites)], ...(share && { share: { prompt, begunAt: askedAt } }) })]
}
