import { realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { Json } from '../../kernel/json.ts'
import { mapTexts } from '../../lib/json/map-texts.ts'
import { escapeRegExp } from '../text/strings.ts'

/** A request without what differs from one time to the next, and the way back for its reply. */
export type Masked = {
  readonly request: Json
  /** Replaces values of the request by their names. */
  hide(text: string): string
  /** Replaces names by the values of this request. */
  show(text: string): string
}

/** `counted`: each value has a number of its own, so two different ones are not the same. */
type Kind = { readonly name: string; readonly pattern: RegExp; readonly counted: boolean }

const UUID = /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi
const TIME = /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g
/** ms since the epoch, from 2017 to 2033 */
const INSTANT = /\b1[5-9]\d{11}\b/g
const REST_OF_NAME = '[\\\\/][^\\\\/\\s"\'`<>,:;()]+'

/** Texts that no comparison counts: the folder of the project, temporary folders, UUIDs and times. */
function kindsOf(ignore: readonly RegExp[]): readonly Kind[] {
  const temporary = [...new Set([tmpdir(), realpathSync(tmpdir())])].map(escapeRegExp).join('|')
  const project = process.cwd()
  return [
    ...ignore.map((pattern) => ({ name: 'ignored', pattern: everywhere(pattern), counted: false })),
    ...(project === '/'
      ? []
      : [{ name: 'project', pattern: new RegExp(`${escapeRegExp(project)}(?![\\w.-])`, 'g'), counted: true }]),
    { name: 'folder', pattern: new RegExp(`(?:${temporary})${REST_OF_NAME}`, 'g'), counted: true },
    { name: 'id', pattern: UUID, counted: true },
    { name: 'time', pattern: TIME, counted: false },
    { name: 'time', pattern: INSTANT, counted: false },
  ]
}

const everywhere = ({ source, flags }: RegExp) => new RegExp(source, flags.includes('g') ? flags : `${flags}g`)

/** Masks a request. The names count from 1 in the order in which the values appear. */
export function maskRequest(request: Json, ignore: readonly RegExp[]): Masked {
  const kinds = kindsOf(ignore)
  const names = new Map<string, string>()
  const counts = new Map<string, number>()
  const next = (kind: string) => {
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    return `<${kind}-${count}>`
  }
  const nameOf = ({ name, counted }: Kind, value: string) => {
    const known = names.get(value)
    if (known === undefined || !counted) {
      const given = next(name)
      if (known === undefined) names.set(value, given)
      values.set(given, value)
    }
    return counted ? names.get(value)! : `<${name}>`
  }
  const values = new Map<string, string>()
  const masked = mapTexts(request, (text) =>
    kinds.reduce((rest, kind) => rest.replaceAll(kind.pattern, (value) => nameOf(kind, value)), text),
  )
  // a longer value may contain a shorter one
  const known = [...names].toSorted(([one], [other]) => other.length - one.length)
  return {
    request: masked,
    hide: (text) => known.reduce((rest, [value, name]) => rest.replaceAll(value, name), text),
    show: (text) => text.replaceAll(/<[a-z]+-\d+>/g, (name) => values.get(name) ?? name),
  }
}
