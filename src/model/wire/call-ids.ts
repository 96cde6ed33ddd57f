import { hash } from 'node:crypto'
import type { WireRules } from './rules.ts'

/** Makes call ids unique. Equal ids in the same order give equal results. */
export type CallIds = (id: unknown) => string

/** OpenAI allows 40 characters. */
const MAX_ID = 40
/** Mistral allows only ids of nine letters and digits, so new ids have this form. */
const NEW_ID = 9

/**
 * Ids of calls as every provider accepts them: letters, digits, `_` and `-`, each once; `nine`: nine letters and
 * digits. An id that is already so stays; a provider may need its own ids again.
 */
export function createCallIds(form: WireRules['callIds'] = 'any'): CallIds {
  const taken = new Set<string>()
  // the number of the next new id of a text: those before are taken
  const tried = new Map<string, number>()
  const valid = form === 'nine' ? /^[A-Za-z0-9]{9}$/ : /[A-Za-z0-9]/
  return (id) => {
    const text = typeof id === 'string' ? id : ''
    const plain = text.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, MAX_ID)
    let free = plain
    let round = tried.get(text) ?? 1
    for (; taken.has(free) || !valid.test(free); round++) free = newId(`${text}#${round}`)
    if (round > 1) tried.set(text, round)
    taken.add(free)
    return free
  }
}

const newId = (seed: string) =>
  hash('sha256', seed, 'base64')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, NEW_ID)
