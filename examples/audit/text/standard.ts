import { createRequire } from 'node:module'
import { currentId } from '../expression/ids.ts'
import { once } from '../once.ts'
import { wordsOf } from './words.ts'

/** A standard licence text; several ids may share one, the one to name comes first. */
export type Standard = { readonly ids: readonly string[]; readonly words: readonly string[] }

/** How a licence is called, and whether it is one that people name in passing: OSI-approved or Creative Commons. */
export type Title = { readonly name: string; readonly common: boolean }

type Texts = Readonly<
  Record<string, { readonly name: string; readonly osiApproved: boolean; readonly licenseText: string }>
>

const require = createRequire(import.meta.url)
const loadTexts = once((): Texts => require('spdx-license-list/full'))

/**
 * All standard texts by their normalised words, with and without the appendix that tells how to apply them; read at the first
 * call, once per process (about 0.2 s).
 */
export const standardTexts = once((): ReadonlyMap<string, Standard> => {
  const idsByText = new Map<string, string[]>()
  for (const [id, { licenseText }] of Object.entries(loadTexts())) {
    for (const text of forms(wordsOf(licenseText).words.join(' '))) {
      const ids = idsByText.get(text)
      if (ids) ids.push(id)
      else idsByText.set(text, [id])
    }
  }
  return new Map([...idsByText].map(([text, ids]) => [text, { ids: ids.sort(byPreference), words: text.split(' ') }]))
})

const LAST_TERM = ' end of terms and conditions'

function forms(text: string): readonly string[] {
  const end = text.indexOf(LAST_TERM)
  return end < 0 ? [text] : [text, text.slice(0, end), text.slice(0, end + LAST_TERM.length)].filter(isNew)
}

function isNew(text: string, at: number, texts: readonly string[]): boolean {
  return texts.indexOf(text) === at
}

/** What each standard licence is called, by its id. */
export const standardNames = once(
  (): ReadonlyMap<string, Title> =>
    new Map(
      Object.entries(loadTexts()).map(([id, { name, osiApproved }]) => [
        id,
        { name, common: osiApproved || /^CC(0|-BY)/.test(id) },
      ]),
    ),
)

// A current id before a deprecated one, then the shortest.
function byPreference(one: string, other: string): number {
  const deprecated = Number(currentId(one) !== one) - Number(currentId(other) !== other)
  return deprecated || one.length - other.length || (one < other ? -1 : 1)
}
