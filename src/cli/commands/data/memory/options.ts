import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { attempt } from '../../../../lib/flow/attempt.ts'
import { present } from '../../../../lib/json/present.ts'
import { pathOnDisk } from '../../../../lib/nearest-file.ts'
import type { RecordFilter } from '../../../../memory/record.ts'
import { TIERS } from '../../../../memory/tier/decide.ts'
import type { OptionRecord } from '../../../cli.ts'
import type { Terminal } from '../../../terminal/terminal.ts'

export const OWNER_OPTION = ['--owner <name>', 'the memory of this owner, for an admin'] as const satisfies OptionRecord
export const JSON_OPTION = ['--json', 'print it as JSON'] as const satisfies OptionRecord

/** A date or a time as ISO 8601 writes it, in ms since the epoch. A date is its first moment in UTC. */
export function parseMoment(given: string): number {
  const at = /^\d{4}-\d\d(?:-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)?$/.test(given) ? Date.parse(given) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw new InvalidArgumentError('Expected a date such as 2026-03-01, or a time such as 2026-03-01T12:00Z.')
}

/** A space as lists show it: / is the root. */
export const parseSpace = (given: string): string => (given === '/' ? '' : given)

export const FILTER_OPTIONS = [
  ['--space <path>', 'only this space and those below it', { parse: parseSpace }],
  ['--kind <name>', 'only this kind, such as note or fact'],
  ['--subject <text>', 'only facts about this'],
  ['--source <ref>', 'only from this file, folder or URL'],
  ['--tier <name>', 'only this tier: short, intermediate or long', { choices: TIERS }],
  ['--as-of <time>', 'facts that are true at this time', { parse: parseMoment }],
  ['--known-at <time>', 'as it was known at this time', { parse: parseMoment }],
] as const satisfies readonly OptionRecord[]

type Filters = Pick<RecordFilter, 'space' | 'kind' | 'subject' | 'source' | 'tier' | 'asOf' | 'knownAt'>

/** The name of a source: the real path of what exists here, and all else as it is. */
export const sourceRef = (given: string, { folder }: Pick<Terminal, 'folder'>): string =>
  attempt(() => realpathSync(pathOnDisk(resolve(folder, given))), given)

export function filterIn(
  { space, kind, subject, source, tier, asOf, knownAt }: Filters,
  terminal: Pick<Terminal, 'folder'>,
): Filters {
  return {
    ...present({ space, kind, subject }),
    ...(source !== undefined && { source: sourceRef(source, terminal) }),
    ...present({ tier, asOf, knownAt }),
  }
}

export const ownerIn = ({ owner }: { readonly owner?: string }) => (owner === undefined ? {} : { owner })
