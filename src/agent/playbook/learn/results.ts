import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../../kernel/schema.ts'
import { type DoneCall, NoPlaybook } from './completed-goal.ts'

/** A value inside the result of a call. `trimmed`: without the white space around it. */
export type ResultPlace = { readonly call: number; readonly path: ResultPath; readonly trimmed?: true }
export type ResultPath = readonly (string | number)[]

/**
 * The values in the results of a goal's calls. A call sees those of earlier
 * rounds. Fields that repeat a parameter of their call are left out.
 */
export interface Results {
  /** All places of a text or a number. */
  find(value: string | number, round: number): readonly ResultPlace[]
  /** The places of a list or map with the same content. */
  findWhole(value: Json, round: number): readonly ResultPlace[]
  /** Texts and numbers before a round, the longest first. */
  textsBefore(round: number): readonly string[]
  /** Whether a word stood in a result before a round. */
  hasWord(word: string, round: number): boolean
}

/** Values of all results together at most. */
const MAX_VALUES = 5000

type Found = ResultPlace & { readonly round: number; readonly value: Json }

/** Indexes the results of the calls. NoPlaybook when there are too many values in them. Pure. */
export function indexResults(calls: readonly DoneCall[]): Results {
  const places = new Map<string, Found[]>()
  const wholes: Found[] = []
  const firstRounds = new Map<string, number>()
  let count = 0

  const add = (text: string, found: Found) => {
    const known = places.get(text)
    if (known) known.push(found)
    else places.set(text, [found])
  }

  function visit(value: Json, call: number, path: ResultPath): void {
    const { round } = calls[call]!
    if (++count > MAX_VALUES) throw new NoPlaybook(`the results have more than ${MAX_VALUES} values`)
    if (typeof value === 'object' && value !== null) {
      wholes.push({ call, path, round, value })
      for (const [key, item] of Object.entries(value))
        visit(item ?? null, call, [...path, Array.isArray(value) ? Number(key) : key])
    } else if ((typeof value === 'string' || typeof value === 'number') && !isEcho(value, path, calls[call]!)) {
      const text = String(value)
      const trimmed = text.trim()
      add(text, { call, path, round, value })
      if (trimmed !== text && trimmed !== '') add(trimmed, { call, path, round, value, trimmed: true })
      for (const word of wordsOf(text)) firstRounds.set(word, Math.min(round, firstRounds.get(word) ?? round))
    }
  }

  for (const [call, { result }] of calls.entries()) visit(result, call, [])
  const texts = [...places.keys()].filter((text) => text.trim() !== '').toSorted((a, b) => b.length - a.length)

  return {
    find: (value, round) =>
      (places.get(String(value)) ?? []).filter(
        (one) => one.round < round && (typeof value === 'string' || one.value === value),
      ),
    findWhole: (value, round) => wholes.filter((one) => one.round < round && isDeepStrictEqual(one.value, value)),
    textsBefore: (round) => texts.filter((text) => places.get(text)!.some((one) => one.round < round)),
    hasWord: (word, round) => (firstRounds.get(word) ?? Number.POSITIVE_INFINITY) < round,
  }
}

/** A field that repeats the parameter of the same name, or names the operation, says nothing new. */
function isEcho(value: Json, path: ResultPath, { tool, parameters }: DoneCall): boolean {
  const [key] = path
  if (path.length !== 1 || typeof key !== 'string') return false
  const isParameter = Object.hasOwn(parameters, key) && parameters[key] === value
  return isParameter || tool.split(':').at(-1) === value
}

/** The value at a path. */
export function valueAtPath(result: Json, path: ResultPath): Json {
  return path.reduce<Json>((value, key) => (value as { readonly [key: string]: Json })[key] ?? null, result)
}

/** The words of a text in lower case, without the marks around them. The name of a file is one word. */
export function wordsOf(text: string): readonly string[] {
  return [...text.toLowerCase().matchAll(/[^\s"'`()[\]{}<>|,;“”«»=*#]+/g)].flatMap(([run]) => {
    const word = run.replace(/^[.:!?/-]{1,9}/, '').replace(/[.:!?/-]{1,9}$/, '')
    return word === '' ? [] : [word]
  })
}
