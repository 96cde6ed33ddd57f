import type { Json } from '../../../kernel/schema.ts'
import { type DoneCall, informs, NoPlaybook, shown } from './completed-goal.ts'
import { hasPhrase, isCommonWord, namesValue } from './phrases.ts'
import { wordsOf } from './results.ts'
import type { Origins } from './write-call.ts'
import { type Leaf, leavesIn, type Segment, type Written } from './written.ts'

/**
 * The origin of a piece of a value. `words`: the text of the goal
 * outside its inputs. `tool`: the schema allows no other value.
 */
export type ValueSource =
  | Exclude<Segment, string>
  | { readonly type: 'words' | 'instructions' | 'tool'; readonly value: Json }

/** A value of a call, and where each piece of it comes from. */
export type SourcedLeaf = { readonly leaf: Leaf; readonly sources: readonly ValueSource[] }

/** Characters that have a meaning in the pipeline language, or that refer to a secret. */
const MARKS = /\{[{%#]|<\/?AUTO|secret:\/\//i

/**
 * The origins of all values of a call. NoPlaybook with the value when one of them
 * is the model's own, or may be: the model may have taken it from a result in a
 * way that no reference can express, or have chosen it by what it read. Pure.
 */
export function sourcesOf(
  call: DoneCall,
  written: Written,
  origins: Origins,
  calls: readonly DoneCall[],
): readonly SourcedLeaf[] {
  checkNames(call, written, origins)
  const hasLooked = calls.some((other) => other.round < call.round && informs(other))
  return leavesIn(written).map((leaf) => {
    const sourceOf = (piece: Json) => literalSource(piece, leaf.key, { call, origins, hasLooked })
    if ('value' in leaf) return { leaf, sources: [sourceOf(leaf.value)] }
    return { leaf, sources: leaf.segments.map((piece) => (typeof piece === 'string' ? sourceOf(piece) : piece)) }
  })
}

type Looking = { readonly call: DoneCall; readonly origins: Origins; readonly hasLooked: boolean }

function literalSource(value: Json, key: string, { call, origins, hasLooked }: Looking): ValueSource {
  const what = `${key} of ${call.tool}`
  if (Object.hasOwn(call.schema.fixed, key) && call.schema.fixed[key] === value) return { type: 'tool', value }
  if (typeof value === 'string' && MARKS.test(value))
    throw new NoPlaybook(`${what} contains template syntax or the name of a secret`)
  const isOfGoal = isWordOfGoal(value, key, origins)
  if (!isOfGoal && !namesValue(origins.instructions, key, value))
    throw new NoPlaybook(`the model wrote ${what}: ${shown(value)}`)
  const words = typeof value === 'string' ? wordsOf(value) : []
  const found = words.find((word) => !isCommonWord(word) && origins.results.hasWord(word, call.round))
  if (found !== undefined) throw new NoPlaybook(`${what} contains the word ${found} of an earlier result`)
  if (isOfGoal) return { type: 'words', value }
  if (hasLooked && isPlain(value))
    throw new NoPlaybook(`the model may have chosen ${what} by what it read: ${shown(value)}`)
  return { type: 'instructions', value }
}

/** A number of the goal that is not an input appears in it as a word. */
function isWordOfGoal(value: Json, key: string, { words }: Origins): boolean {
  if (typeof value === 'number' && wordsOf(words).includes(String(value))) return true
  return namesValue(words, key, value)
}

/** A label, a number or a switch: instructions name several of them, and say when each is right. */
const isPlain = (value: Json) => typeof value !== 'string' || /^[\p{L}\p{N}'’_-]+$/u.test(value.trim())

/** Field names that the schema of the tool does not have are checked as values. */
function checkNames(call: DoneCall, written: Written, origins: Origins): void {
  if (written.type === 'list') for (const item of written.items) checkNames(call, item, origins)
  if (written.type !== 'map') return
  for (const [name, field] of Object.entries(written.fields)) {
    const isNamed = [origins.words, origins.instructions].some((text) => hasPhrase(text, name))
    if (!call.schema.fields.includes(name) && !isNamed)
      throw new NoPlaybook(`the model wrote the name ${shown(name)} in a call of ${call.tool}`)
    checkNames(call, field, origins)
  }
}
