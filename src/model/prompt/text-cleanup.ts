/** Cleanups of a prompt before the model reads it, or of its reply. */
export const TEXT_CLEANUPS = ['trim', 'collapse', 'think', 'fence'] as const
export type TextCleanup = (typeof TEXT_CLEANUPS)[number]

const CLEANUP_FUNCTIONS: { readonly [name in TextCleanup]: (text: string) => string } = {
  trim: (text) => text.trim(),
  collapse: (text) => text.replace(/[^\S\n]+/g, ' ').replace(/\n{3,}/g, '\n\n'),
  think: withoutThoughts,
  fence: unfenced,
}

/** The text after these cleanups, in order. */
export function cleanText(text: string, cleanings: readonly TextCleanup[]): string {
  return cleanings.reduce((rest, name) => CLEANUP_FUNCTIONS[name](rest), text)
}

const TAGS = /<(\/?)(?:think|thinking|reasoning)>/gi

/**
 * Removes thoughts from the text of a model. A thought that never ends covers the rest of the text; one without a
 * beginning covers the text before its end.
 */
function withoutThoughts(text: string): string {
  let [shown, at, thinks] = ['', 0, false]
  for (const { 0: tag, 1: slash, index } of text.matchAll(TAGS)) {
    const isFirst = at === 0
    if (!thinks && !(isFirst && slash)) shown += text.slice(at, index)
    thinks = slash === ''
    at = index + tag.length
  }
  return (thinks ? shown : shown + text.slice(at)).trim()
}

/** The content of a code fence that spans the whole text. */
function unfenced(text: string): string {
  const lines = text.trim().split('\n')
  const isFenced = lines.length > 2 && /^```[\w-]*$/.test(lines[0]!.trim()) && lines.at(-1)!.trim() === '```'
  return isFenced && !lines.slice(1, -1).some((line) => line.startsWith('```')) ? lines.slice(1, -1).join('\n') : text
}
