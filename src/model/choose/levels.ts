/** How capable a model is, from the least. */
export const LEVELS = ['low', 'medium', 'medium-high', 'high', 'very-high'] as const
export type Level = (typeof LEVELS)[number]

const TAG_LEVELS: { readonly [tag: string]: Level } = {
  analysis: 'very-high',
  research: 'very-high',
  code: 'high',
  reasoning: 'high',
  fast: 'low',
  compact: 'low',
}

type Said = { readonly level?: Level; readonly tags?: readonly string[] }

/** A model's own level, else what its tags stand for. */
export function levelOf({ level, tags = [] }: Said): Level | undefined {
  if (level !== undefined || tags.length === 0) return level
  return LEVELS[Math.max(...tags.map((tag) => LEVELS.indexOf(TAG_LEVELS[tag.toLowerCase()] ?? 'medium')))]
}

/** A level as a number, the least being 0. */
export const rank = (level: Level | undefined) => (level === undefined ? undefined : LEVELS.indexOf(level))

const STEM = 5

/** `analyze` and `analysis` are one word, `code` and `coding` are two; some things have several names. */
export function alike(one: string, other: string): boolean {
  const [a, b] = [plain(one), plain(other)]
  return a === b || (a.length > STEM && b.length > STEM && a.slice(0, STEM) === b.slice(0, STEM))
}

const NAMES: { readonly [name: string]: string } = {
  vision: 'image',
  images: 'image',
  json_mode: 'json',
  structured_output: 'json',
  function_calling: 'tools',
  tool_use: 'tools',
}

function plain(word: string): string {
  const name = word.toLowerCase().replaceAll('-', '_')
  return NAMES[name] ?? name
}
