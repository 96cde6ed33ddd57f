import { z } from 'zod'
import { nearestWord } from '../../lib/suggest.ts'
import type { ModelChoice, SourceRef } from './phase-types.ts'

/** Words and phrases that mean the same, as they are written. The first one is the name of the term. */
export type SameWords = readonly string[]

/** Texts for phases, by the name of a phase, or by `experience` for both of its phases. */
type Instructions = { readonly [phase: string]: string }

/** The checks of an answer, and the end of an ask whose answer fails one; absent: `degrade`. */
export type AnswerChecks = { readonly checks?: readonly string[]; readonly otherwise?: 'degrade' | 'refuse' }

/** The result of a check of an answer: what is wrong, a sentence each; none: it passed. */
export type AnswerCheck = { readonly check: string; readonly faults: readonly string[] }

/** A domain of antiphon.yaml, as far as it is read when a process starts. */
export type Domain = AnswerChecks & {
  /** what its questions are about, in words; absent: it is not chosen by `auto` */
  readonly about?: string
  readonly instructions?: Instructions
  /** the paragraph below each answer */
  readonly notice?: string
  readonly models?: ModelChoice
  /** the tools of an ask that names none and may call tools */
  readonly tools?: readonly string[]
  readonly sources: readonly SourceRef[]
  /** The terms that a question mentions, in any of their words. Absent: it has no terms. */
  termsIn?(question: string): readonly SameWords[]
}

/** The domains of antiphon.yaml by name. */
export type ConfiguredDomains = ReadonlyMap<string, Domain>

/** The part of its domain that an ask keeps, besides files, models and checks. */
export type DomainPart = Pick<Domain, 'instructions' | 'notice'> & {
  /** the terms that its question mentions */
  readonly terms?: readonly SameWords[]
  /** it was chosen, as the ask wanted */
  readonly chosen?: true
}

const CHECKS = ['cited', 'numbers', 'quotes', 'fresh']

/** The name of a check of an answer: `cited`, `numbers`, `quotes`, or `fresh: 90d` with an age in days. */
export const checkName = z
  .string()
  .regex(/^(?:cited|numbers|quotes|fresh: ?[1-9]\d{0,4}d)$/, { error: ({ input }) => unknownCheck(String(input)) })

/** The same in YAML, where `fresh: 90d` in a list is a map. */
export const checkSetting = z.preprocess((given) => {
  const [entry, ...more] = typeof given === 'object' && given !== null ? Object.entries(given) : []
  return entry && more.length === 0 ? entry.map(String).join(': ') : given
}, checkName)

function unknownCheck(given: string): string {
  if (/^fresh\b/.test(given)) return 'expected the age in days, such as fresh: 90d'
  const meant = nearestWord(given, CHECKS)
  return `expected cited, numbers, quotes or fresh: 90d${meant === undefined ? '' : `; did you mean ${meant}?`}`
}
