import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../../kernel/schema.ts'
import { type DoneCall, NoPlaybook } from './completed-goal.ts'

/** A value inside the result of a call. `trimmed`: without the white space around it. */
export type ResultPlace = { readonly call: number; readonly path: ResultPath; readonly trimmed?: true }
export type ResultPath = readonly (string | number)[]

/** The values in the results of a goal's calls. A call sees those of earlier rounds. */
export interface Results {
  /** The place where a text or number stood first. `key`: the parameter that has it now; a field of that name comes before others. */
  find(value: string | number, round: number, key: string): ResultPlace | undefined
  /** The place of a list or map with the same content. */
  findWhole(value: Json, round: number): ResultPlace | undefined
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

  const add = (text: string, found: Found) => places.set(text, [...(places.get(text) ?? []), found])

  function visit(value: Json, call: number, path: ResultPath): void {
    const { round } = calls[call]!
    if (++count > MAX_VALUES) throw new NoPlaybook(`the results have more than ${MAX_VALUES} values`)
    if (typeof value === 'object' && value !== null) {
      wholes.push({ call, path, round, value })
      for (const [key, item] of Object.entries(value))
        visit(item ?? null, call, [...path, Array.isArray(value) ? Number(key) : key])
    } else if (typeof value === 'string' || typeof value === 'number') {
      const text = String(value)
      const trimmed = text.trim()
      add(text, { call, path, round, value })
      if (trimmed !== text && trimmed !== '') add(trimmed, { call, path, round, value, trimmed: true })
      for (const word of wordsOf(text)) if (!firstRounds.has(word)) firstRounds.set(word, round)
    }
  }

  for (const [call, { result, outcome }] of calls.entries()) if (outcome === 'succeeded') visit(result, call, [])
  const texts = [...places.keys()].filter((text) => text.trim() !== '').toSorted((a, b) => b.length - a.length)

  return {
    find(value, round, key) {
      const found = (places.get(String(value)) ?? []).filter(
        (one) => one.round < round && (typeof value === 'string' || one.value === value),
      )
      const first = found.filter(({ call }) => call === found[0]!.call)
      return first.find(({ path }) => path.at(-1) === key) ?? first.find(({ path }) => !isPositional(path)) ?? first[0]
    },
    findWhole: (value, round) => wholes.find((one) => one.round < round && isDeepStrictEqual(one.value, value)),
    textsBefore: (round) => texts.filter((text) => places.get(text)![0]!.round < round),
    hasWord: (word, round) => (firstRounds.get(word) ?? Number.POSITIVE_INFINITY) < round,
  }
}

const isPositional = (path: ResultPath) => path.some((key) => typeof key === 'number')

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
