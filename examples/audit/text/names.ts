import { currentId } from '../expression/ids.ts'
import { once } from '../once.ts'
import { standardNames } from './standard.ts'
import { allWordsOf, type Words } from './words.ts'

/** A licence named in a text, on a line from 1. */
export type Named = { readonly id: string; readonly line: number }

const LONGEST_TEXT = 200
const SHORT_TEXT = 8
const NEAR = 4
const LONGEST_NAME = 12

/** The licences that a short text names next to a word like "license", each once, in order; a long text is not read. */
export function namesIn(text: string): readonly Named[] {
  const read = allWordsOf(text)
  if (read.words.length > LONGEST_TEXT) return []
  const named = new Map<string, Named>()
  for (let at = 0; at < read.words.length; ) {
    const match = nameAt(read, at)
    if (match && !named.has(match.id)) named.set(match.id, { id: match.id, line: read.lines[at]! })
    at += match?.size ?? 1
  }
  return [...named.values()]
}

/** The id for a licence name as people write it (`Apache 2`, `The MIT License`), or null. */
export function idOfName(name: string): string | null {
  const words = allWordsOf(name).words.filter((word) => word !== 'the')
  return phrases().get(words.join(' ')) ?? null
}

function nameAt(read: Words, at: number): { readonly id: string; readonly size: number } | null {
  for (let size = Math.min(LONGEST_NAME, read.words.length - at); size > 0; size--) {
    const id = phrases().get(read.words.slice(at, at + size).join(' '))
    if (id && isAboutLicences(read.words, at, size)) return { id, size }
  }
  return null
}

// Many ids are everyday words: alone they say nothing.
function isAboutLicences(words: readonly string[], at: number, size: number): boolean {
  const around = words.slice(Math.max(at - NEAR, 0), at + size + NEAR)
  return words.length <= SHORT_TEXT || around.some((word) => word.startsWith('licens'))
}

const EVERYDAY = ['Fair', 'Intel', 'Nokia', 'Naumen', 'Entessa', 'Xnet', 'CAL-1.0', 'NGPL', 'UCL-1.0']
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'apache 2': 'Apache-2.0',
  'apache v2': 'Apache-2.0',
  'apache license 2': 'Apache-2.0',
  'apache license version 2': 'Apache-2.0',
  'apache license version 2 0': 'Apache-2.0',
  'new bsd': 'BSD-3-Clause',
  'simplified bsd': 'BSD-2-Clause',
  'mit x11': 'MIT',
  gplv2: 'GPL-2.0-only',
  gplv3: 'GPL-3.0-only',
  lgplv3: 'LGPL-3.0-only',
  unlicense: 'Unlicense',
}

const phrases = once((): ReadonlyMap<string, string> => {
  const table = new Map<string, string>()
  const add = (phrase: string, id: string) => {
    for (const form of [phrase, phrase.replace(/ license$/, ''), `${phrase.replace(/ license$/, '')} license`]) {
      if (form !== '' && !table.has(form)) table.set(form, id)
    }
  }
  for (const [phrase, id] of Object.entries(OTHER_NAMES)) add(phrase, id)
  for (const [id, { name, common }] of standardNames()) {
    if (currentId(id) !== id || EVERYDAY.includes(id) || !common) continue
    add(allWordsOf(id).words.join(' '), id)
    add(
      allWordsOf(name)
        .words.filter((word) => word !== 'the')
        .join(' '),
      id,
    )
  }
  return table
})
