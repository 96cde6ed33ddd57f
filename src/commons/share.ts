import { problemOf, TerminalError } from '../errors.ts'
import { MEMORY_LIMITS } from '../memory/limits.ts'
import type { Memory } from '../memory/memory.ts'
import { recordText } from '../memory/record.ts'
import { sharedWords, wordsOf } from './similarity.ts'

/** The owner of the memory that has the priors. */
export const PUBLIC = 'public'

/** The error for a caller with the name of the owner of all priors: it could read, write and erase them. */
export const publicOwner = () =>
  new TerminalError(`The owner ${PUBLIC} has the shared prompts, so no key and no visitor has this name.`, {
    code: 'owner_reserved',
    hint: 'Use another owner, or turn sharing off: remove `sharing` from `ledger` in antiphon.yaml.',
  })

/** The kind of a record that is a shared prompt. */
export const PRIOR_KIND = 'prior'

/**
 * The outcome for a prompt that was to be shared. `duplicate`: the same text was there, and is not copied again.
 * `not_comparable`: it was copied, and there are priors, but none can be compared with it. `failed`: it was not copied.
 */
export type Shared =
  | { readonly status: 'copied' | 'duplicate'; readonly maxSimilarity: number; readonly by: 'words' | 'vectors' }
  | { readonly status: 'not_comparable' }
  | { readonly status: 'failed'; readonly reason: string }

type SharedPrompt = { readonly id: string; readonly prompt: string; readonly begunAt: number }
type PublicMemory = Pick<Memory, 'search' | 'list' | 'add'>

/**
 * Compares a prompt with all priors, and copies it unless the same text is there. Repeated, it gives the same: the
 * record with its own id does not count.
 */
export async function sharePrompt(memory: PublicMemory, { id, prompt, begunAt }: SharedPrompt): Promise<Shared> {
  const text = recordText(prompt)
  try {
    const found = await compare(memory, id, text)
    if (found.status !== 'duplicate')
      await memory.add([{ id, kind: PRIOR_KIND, text }], { source: { type: 'ask' }, cause: { type: 'ask' }, begunAt })
    return found
  } catch (error) {
    return { status: 'failed', reason: problemOf(error).message }
  }
}

const PAGE = 1000

/** All priors are compared by words, and the nearest ones by their vectors as well. */
async function compare(memory: PublicMemory, id: string, text: string): Promise<Shared> {
  const words = wordsOf(text)
  let [most, comparable, priors]: [number, boolean, number] = [0, false, 0]
  for (let after: string | undefined; ; ) {
    const page = await memory.list({ kind: PRIOR_KIND, limit: PAGE, ...(after !== undefined && { after }) })
    for (const prior of page) {
      if (prior.id === id) continue
      if (prior.text === text) return { status: 'duplicate', maxSimilarity: 1, by: 'words' }
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
  const near = await nearestByMeaning(memory, id, text)
  if (near === undefined && !comparable) return { status: 'not_comparable' }
  if (near === undefined || near < most) return { status: 'copied', maxSimilarity: most, by: 'words' }
  return { status: 'copied', maxSimilarity: Math.min(1, near), by: 'vectors' }
}

/** The highest cosine of a prior whose vector is known; undefined: no encoder, or no vectors yet. */
async function nearestByMeaning(memory: PublicMemory, id: string, text: string): Promise<number | undefined> {
  const query = text.slice(0, MEMORY_LIMITS.query).toWellFormed()
  const { records, coverage } = await memory.search({ text: query, kind: PRIOR_KIND, limit: 10 })
  if (coverage === undefined) return undefined
  const cosines = records.flatMap((found) => (found.id === id ? [] : (found.parts.meaning ?? [])))
  return cosines.length === 0 ? undefined : Math.max(...cosines)
}
