import { endedAsk } from '../../commons/actor.ts'
import { sharingOff } from '../../commons/agreement.ts'
import { PRIOR_KIND, PUBLIC, sharedText } from '../../commons/share.ts'
import { problemOf } from '../../errors.ts'
import type { Send } from '../../kernel/types.ts'
import type { AskEnding, AskRecord, AskWork } from '../../thread/protocol/ask-state.ts'
import type { AskMessage } from '../../thread/protocol/messages.ts'
import type { Hit } from '../../thread/protocol/phase-types.ts'
import type { ChainServices } from '../protocol/phase.ts'
import type { RecordQuestion, RecordTexts } from './records.ts'
import { dateOf, lacksOf, MAX_RECORDS, memoryQuery, recordText } from './records.ts'

/** Whether an ask shares its prompt, and whether it searches priors. Error `sharing_off` where neither is allowed. */
export function sharingWork(
  { share, priors }: Pick<AskMessage, 'share' | 'priors'>,
  sharing: boolean,
): Pick<AskWork, 'share' | 'priors'> {
  if (!share && !priors) return {}
  if (sharing) return { ...(share && { share }), ...(priors && { priors }) }
  throw sharingOff()
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

/** Why the prompt of an answered ask is shared. */
export function sharedBy({ share }: AskWork, { status }: AskEnding): Pick<AskRecord, 'shared'> {
  if (!share || status !== 'completed') return {}
  return { shared: share === 'agreed' ? share : 'asked' }
}

/** The message about an answered ask to the commons. It contains no text of a model about rewards. */
export function rewardsOf(
  { share, priors, prompt, askedAt, outputs }: AskWork,
  ending: AskEnding,
  about: { readonly ask: string; readonly owner: string },
): readonly Send[] {
  if ((!share && !priors) || ending.status !== 'completed') return []
  const cites = priorsIn(ending.citations)
  const agreed = share === 'agreed' && { agreed: true as const }
  return [
    endedAsk({
      ...about,
      cites,
      ...(priors && { retrieved: priorsIn([...(outputs['experience.vectors']?.hits ?? []), ...ending.citations]) }),
      ...(share && { share: { ...sharedText(prompt, outputs.action?.response ?? ''), begunAt: askedAt, ...agreed } }),
    }),
  ]
}

/** The ids of the priors among hits or citations. */
const priorsIn = (found: readonly Pick<Hit, 'record' | 'prior'>[]): string[] => [
  ...new Set(found.flatMap(({ record, prior }) => (prior && record !== undefined ? record : []))),
]
