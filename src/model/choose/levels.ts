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

/**
 * Whether two words name the same capability: `analyze` and
 * `analysis` do, `code` and `coding` do not; some have synonyms.
 */
export function isSameCapability(one: string, other: string): boolean {
  const [a, b] = [plain(one), plain(other)]
  return (
    a === b ||
    (a.length > MIN_COMMON_PREFIX &&
      b.length > MIN_COMMON_PREFIX &&
      a.slice(0, MIN_COMMON_PREFIX) === b.slice(0, MIN_COMMON_PREFIX))
  )
}

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
