import { hash } from 'node:crypto'
import { z } from 'zod'
import { is, problemOf, TerminalError } from '../errors.ts'
import { MEMORY_LIMITS } from '../memory/limits.ts'
import type { Memory } from '../memory/memory.ts'
import { type MemoryRecord, recordText } from '../memory/record.ts'
import { termsOf } from '../model/text/terms.ts'
import { noveltyReward } from './novelty.ts'

/** The owner of the memory that has the priors. */
export const PUBLIC = 'public'

/** The error for a caller with the name of the owner of all priors: it could read, write and erase them. */
export const publicOwner = () =>
  new TerminalError(`The owner ${PUBLIC} has the shared prompts, so no key and no visitor has this name.`, {
    code: 'owner_reserved',
    hint: 'Use another owner, or turn sharing off: remove `sharing` from `ledger` in antiphon.yaml.',
  })

export const PRIOR_KIND = 'prior'

/**
 * The outcome for a prompt that was to be shared. `duplicate`: the same text was there, and is not copied again.
 * `not_comparable`: it was copied, and there are priors, but none can be compared with it. `isOpen`: not yet, because
 * their vectors are missing; it is compared later. `failed`: it was not copied.
 */
export type Shared =
  | { readonly status: 'copied' | 'duplicate'; readonly maxSimilarity: number; readonly by: 'words' | 'vectors' }
  | { readonly status: 'not_comparable'; readonly isOpen?: true }
  | { readonly status: 'failed'; readonly reason: string }

/** A prompt over this length is not shared itself: the first reply to it is, with the hash of the prompt. */
const MAX_PROMPT = 25_000

/** The text that an ask shares, and what is stored beside it if it is not the prompt. */
export function sharedText(prompt: string, reply: string): Pick<SharedPrompt, 'prompt' | 'long'> {
  if (prompt.length <= MAX_PROMPT || reply.trim() === '') return { prompt }
  const data = {
    embedded_content_type: 'action_response',
    prompt_hash: hash('sha256', prompt.trim(), 'hex'),
    original_prompt_length: prompt.length,
  } as const
  return { prompt: reply, long: data }
}

/** The facts beside a reply that stands for a long prompt. */
export const longPrompt = z.object({
  embedded_content_type: z.literal('action_response'),
  prompt_hash: z.string(),
  original_prompt_length: z.number(),
})

type SharedPrompt = {
  readonly id: string
  readonly prompt: string
  readonly begunAt: number
  readonly long?: z.infer<typeof longPrompt>
}
type PublicMemory = Pick<Memory, 'search' | 'list' | 'add'>

/** Compares a prompt with all priors and copies a new text. A repeat gives the same: its own record does not count. */
export async function sharePrompt(memory: PublicMemory, { id, prompt, begunAt, long }: SharedPrompt): Promise<Shared> {
  const text = recordText(prompt)
  try {
    const found = await compare(memory, { id, text, ...(long && { hash: long.prompt_hash }) })
    if (found.status !== 'duplicate')
      await memory.add([{ id, kind: PRIOR_KIND, text, ...(long && { data: long }) }], {
        source: { type: 'ask' },
        cause: { type: 'ask' },
        begunAt,
      })
    return found
  } catch (error) {
    return { status: 'failed', reason: problemOf(error).message }
  }
}

/** Compares the copy of a prompt with the priors before it. Undefined: there is no copy any more. */
export async function compareLater(
  memory: PublicMemory & Pick<Memory, 'get'>,
  id: string,
): Promise<Shared | undefined> {
  try {
    const { text, learnedAt } = await memory.get(id)
    return await compare(memory, { id, text, until: learnedAt })
  } catch (error) {
    if (is(error) && error.code === 'not_found') return undefined
    throw error
  }
}

const PAGE = 1000

type Compared = { readonly id: string; readonly text: string; readonly hash?: string; readonly until?: number }

/** All priors are compared by words, and the nearest ones by their vectors as well. */
async function compare(memory: PublicMemory, { id, text, hash: own, until }: Compared): Promise<Shared> {
  const before = until === undefined ? {} : { until }
  const words = wordsOf(text)
  let [most, comparable, priors]: [number, boolean, number] = [0, false, 0]
  for (let after: string | undefined; ; ) {
    const page = await memory.list({ kind: PRIOR_KIND, limit: PAGE, ...before, ...(after !== undefined && { after }) })
    for (const prior of page) {
      if (prior.id === id) continue
      if (prior.text === text || (own !== undefined && hashIn(prior) === own))
        return { status: 'duplicate', maxSimilarity: 1, by: 'words' }
      priors++
      const others = words && wordsOf(prior.text)
      if (!others) continue
      comparable = true
      most = Math.max(most, sharedWords(words, others))
    }
    after = page.at(-1)?.id
    if (page.length < PAGE) break
  }
  if (priors === 0) return { status: 'copied', maxSimilarity: 0, by: 'words' }
  const { near, isPartial } = await nearestByMeaning(memory, id, text, before)
  // a prior without a vector may mean the same in other words: nothing is paid before that is known
  const isDecided = noveltyReward(Math.max(most, near ?? 0)) === 0n
  if (isPartial && !isDecided) return { status: 'not_comparable', isOpen: true }
  if (near === undefined && !comparable) return { status: 'not_comparable' }
  if (near === undefined || near < most) return { status: 'copied', maxSimilarity: most, by: 'words' }
  return { status: 'copied', maxSimilarity: Math.min(1, near), by: 'vectors' }
}

const hashIn = ({ data }: Pick<MemoryRecord, 'data'>) =>
  (data as { readonly prompt_hash?: unknown } | undefined)?.prompt_hash

type Nearest = { readonly near?: number; readonly isPartial: boolean }

/** The highest cosine of a prior, if there is an encoder. `isPartial`: not all priors have a vector of it. */
async function nearestByMeaning(
  memory: PublicMemory,
  id: string,
  text: string,
  before: { readonly until?: number },
): Promise<Nearest> {
  const query = text.slice(0, MEMORY_LIMITS.query).toWellFormed()
  const asked = { text: query, kind: PRIOR_KIND, limit: 10, ...before }
  const { records, coverage, degraded } = await memory.search(asked)
  // an encoder that gives no answer now
  if (coverage === undefined) return { isPartial: degraded !== undefined }
  const cosines = records.flatMap((found) => (found.id === id ? [] : (found.parts.meaning ?? [])))
  return { isPartial: coverage < 1, ...(cosines.length > 0 && { near: Math.max(...cosines) }) }
}

/** How often a text has each of its words, in their base forms. */
type Words = { readonly counts: ReadonlyMap<string, number>; readonly length: number }

/** The words of a text for comparisons; undefined: it has none. */
function wordsOf(text: string): Words | undefined {
  const counts = new Map<string, number>()
  for (const term of termsOf(text)) counts.set(term, (counts.get(term) ?? 0) + 1)
  if (counts.size === 0) return undefined
  return { counts, length: Math.hypot(...counts.values()) }
}

/** The cosine of the counts of words, 0 to 1: 1 for the same words, 0 without a shared one. */
function sharedWords(one: Words, other: Words): number {
  let product = 0
  for (const [term, count] of one.counts) product += count * (other.counts.get(term) ?? 0)
  const cosine = product / (one.length * other.length)
  // the same words give a bit less or more than 1
  return cosine > 1 - 1e-12 ? 1 : cosine
}
