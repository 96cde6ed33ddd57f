import { ownValue } from '../../lib/own.ts'

/** Capability levels of models, lowest first. */
export const CAPABILITY_LEVELS = ['low', 'medium', 'medium-high', 'high', 'very-high'] as const
export type CapabilityLevel = (typeof CAPABILITY_LEVELS)[number]

const TAG_LEVELS: { readonly [tag: string]: CapabilityLevel } = {
  analysis: 'very-high',
  research: 'very-high',
  code: 'high',
  reasoning: 'high',
  fast: 'low',
  compact: 'low',
}

type DescribedLevel = { readonly level?: CapabilityLevel; readonly tags?: readonly string[] }

/** The stated level of a model, else the level of its tags. */
export function capabilityLevelOf({ level, tags = [] }: DescribedLevel): CapabilityLevel | undefined {
  if (level !== undefined || tags.length === 0) return level
  return CAPABILITY_LEVELS[
    Math.max(...tags.map((tag) => CAPABILITY_LEVELS.indexOf(ownValue(TAG_LEVELS, tag.toLowerCase()) ?? 'medium')))
  ]
}

/** A level as a number from 0. */
export const levelRank = (level: CapabilityLevel | undefined) =>
  level === undefined ? undefined : CAPABILITY_LEVELS.indexOf(level)

const MIN_COMMON_PREFIX = 5

/** Whether two words name one capability: `analyze` and `analysis` do, `code` and `coding` do not. */
export function isSameCapability(one: string, other: string): boolean {
  const [a, b] = [wordsOf(plain(one)), wordsOf(plain(other))]
  return a.length === b.length && a.every((word, at) => isSameWord(word, b[at]!))
}

function isSameWord(a: string, b: string): boolean {
  if (a === b) return true
  const isLong = Math.min(a.length, b.length) > MIN_COMMON_PREFIX
  return isLong && a.slice(0, MIN_COMMON_PREFIX) === b.slice(0, MIN_COMMON_PREFIX)
}

/** Capabilities that a model has or has not: `image` is not near `image-generation`. */
const EXACT_CAPABILITIES = [
  'text',
  'image',
  'audio',
  'video',
  'json',
  'tools',
  'transcription',
  'speech',
  'image-generation',
]

/** Whether a name is one that a model has or has not, in any of its spellings. */
export const isExactCapability = (name: string): boolean =>
  EXACT_CAPABILITIES.includes(plain(name).replaceAll('_', '-'))

const NEGATION = /^(?:no|non|not|without)$/

/** Whether one name has all words of the other: `data-analysis` and `analysis`. */
export function isNearCapability(one: string, other: string): boolean {
  if (isSameCapability(one, other)) return true
  const [a, b] = [wordsOf(one), wordsOf(other)]
  const [few, many] = a.length < b.length ? [a, b] : [b, a]
  if (few.length === many.length || many.some((word) => NEGATION.test(word))) return false
  if (few.every((word) => EXACT_CAPABILITIES.includes(plain(word)))) return false
  return few.every((word) => many.some((each) => isSameCapability(word, each)))
}

const wordsOf = (name: string): readonly string[] => name.toLowerCase().match(/[^-_\s/]+/g) ?? []

const CAPABILITY_SYNONYMS: { readonly [name: string]: string } = {
  vision: 'image',
  images: 'image',
  json_mode: 'json',
  structured_output: 'json',
  function_calling: 'tools',
  tool_use: 'tools',
}

function plain(word: string): string {
  const name = word.toLowerCase().replaceAll('-', '_')
  return ownValue(CAPABILITY_SYNONYMS, name) ?? name
}
