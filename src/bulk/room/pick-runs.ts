import { InvalidError } from '../../errors.ts'
import { cursorOfRun, type RunsPort } from '../../run/room/port.ts'
import { MAX_BULK } from '../actor.ts'
import type { BulkRequest } from './port.ts'

const PAGE = 1000

/** The runs of a request, each once, in the order of their list. */
export async function pickRuns(
  runs: Pick<RunsPort, 'list'>,
  { action, runs: given, where = {} }: BulkRequest,
  owner: string | undefined,
): Promise<readonly string[]> {
  if (given) return [...new Set(given)]
  if (owner !== undefined && where.owner !== undefined && where.owner !== owner) return []
  const open = where.status === undefined && action !== 'fork' ? { status: 'open' } : {}
  const own = owner === undefined ? {} : { owner }
  const found = new Set<string>()
  for (let after: string | undefined; ; ) {
    const page = await runs.list({ ...where, ...open, ...own, limit: PAGE, ...(after !== undefined && { after }) })
    for (const { id } of page) found.add(id)
    if (found.size > MAX_BULK) throw tooMany()
    if (page.length < PAGE) return [...found]
    after = cursorOfRun(page.at(-1)!)
  }
}

function tooMany(): InvalidError {
  return new InvalidError(`Expected a filter that picks at most ${MAX_BULK} runs, got more.`, {
    code: 'bad_value',
    place: { path: 'where' },
    hint: 'Narrow it by `name`, `since` or `until`, and repeat it.',
  })
}

/** The runs that a request picks, in words: `status failed, since 2026-11-21T08:00:00.000Z`. */
export function wordsOf({ where, at }: BulkRequest): string {
  const filters = Object.entries(where ?? {}).flatMap(([name, value]) => {
    if (value === undefined || value === false || value === 'false') return []
    if (name === 'top') return ['no child runs']
    return [`${name} ${TIMES.includes(name) ? new Date(Number(value)).toISOString() : value}`]
  })
  const picked = where === undefined ? ['by their ids'] : filters.length === 0 ? ['all'] : filters
  return [...picked, ...(at === undefined ? [] : [`again from step ${at}`])].join(', ')
}

const TIMES: readonly string[] = ['since', 'until']
