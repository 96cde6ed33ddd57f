import type { WholeFile } from './shown-file.ts'

/** A refusal of a request: its sentence, all of its words, and the body that was sent, if that is known. */
export type Refusal = { readonly words: string; readonly text: string; readonly body: unknown }

/**
 * The files that a refusal names: by their place in the body, such as `messages.0.content.1.image` or
 * `input[0].content[1]`, else by their names. Empty: it names none. Pure.
 */
export function suspectsNamed(suspects: readonly WholeFile[], { text, body }: Refusal): readonly WholeFile[] {
  const places = [...text.matchAll(PLACE)].slice(0, MAX_PLACES).map(([place]) => textAt(body, place.match(/\w+/g)!))
  const placed = suspects.filter(({ data }) => {
    const content = Buffer.from(data).toString('base64')
    return places.some((part) => part.includes(content))
  })
  if (placed.length > 0) return placed
  return suspects.filter(({ file: { name } }) => isNamed(name, text))
}

/** A path through the body of a request, as the providers write it. */
const PLACE = /\b(?:messages|contents|input)(?:[.[\]]{1,3}\w{1,40}){2,20}/g
const MAX_PLACES = 10

/** The part of a body at the end of a path, as far as the body has it. */
function textAt(body: unknown, path: readonly string[]): string {
  let value = body
  for (const step of path) {
    const found = (value ?? {}) as { readonly [step: string]: unknown }
    // a path of Anthropic names the type of a block, too
    if (found.type === step) continue
    if (!Object.hasOwn(found, step)) break
    value = found[step]
  }
  return JSON.stringify(value) ?? ''
}

/** Whether words have the name of a file, with its ending. A name without one may be any word. */
function isNamed(name: string, words: string): boolean {
  if (!/.\.\w+$/.test(name)) return false
  for (let at = words.indexOf(name); at >= 0; at = words.indexOf(name, at + 1))
    if (!/[\w-]/.test(words[at - 1] ?? ' ') && !/[\w-]/.test(words[at + name.length] ?? ' ')) return true
  return false
}
