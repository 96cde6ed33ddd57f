import { useRef, useState } from 'preact/hooks'
import type { RunSummary } from '../../src/client.ts'
import { BulkDialog, type Reach } from '../bulk/bulk-dialog.tsx'
import { type Failure, useLoaded } from '../lib/load.ts'
import { go, href, route, setQuery, useListKeys } from '../lib/router.ts'
import { client, may, mayUseCommands } from '../lib/server.ts'
import { Empty, Failed, Loading, ShowMore } from '../parts/basics.tsx'
import { Chip, Choice, Chosen } from '../parts/filters.tsx'
import { RunRows } from '../parts/run-rows.tsx'
import { SearchField } from '../parts/search-field.tsx'

const PAGE = 50
const STATUSES = ['running', 'waiting', 'failed', 'completed', 'cancelled'] as const
const COSTS = ['0.01', '0.1', '1', '10']
const HOUR_MS = 3_600_000
const TIMES: { readonly [name: string]: number } = { '1h': HOUR_MS, '24h': 24 * HOUR_MS, '7d': 168 * HOUR_MS }
const TIME_WORDS: { readonly [name: string]: string } = { '1h': 'last hour', '24h': 'last day', '7d': 'last 7 days' }

/** The list of runs. Its filters are in the address. */
export function Runs() {
  const { query } = route.value
  const { runs, failure, isWhole, more, reload } = useRuns(query)
  const [chosen, setChosen] = useState(-1)
  const at = useRef(-1)
  useListKeys({
    count: runs?.length ?? 0,
    at: () => at.current,
    move(to) {
      at.current = to
      setChosen(to)
      document.querySelector(`.run-rows .row:nth-child(${to + 2})`)?.scrollIntoView({ block: 'nearest' })
    },
    open: (row) => runs?.[row] && go(href(['runs', runs[row].id])),
  })
  const [bulk, setBulk] = useState<Reach | undefined>()
  const picks = usePicks(runs)
  const closeBulk = (hasBegun: boolean) => {
    setBulk(undefined)
    if (hasBegun) picks.clear()
  }
  const isFiltered = ['status', 'text', 'error', 'time', 'name', 'owner', 'cost', 'waits'].some((name) =>
    query.has(name),
  )
  return (
    <>
      <header class="page-head">
        <h1>Runs</h1>
        <span class="head-buttons">
          {picks.ids.size > 0 ? (
            <button type="button" onClick={() => setBulk({ runs: [...picks.ids] })}>
              {picks.ids.size} chosen …
            </button>
          ) : (
            runs &&
            runs.length > 0 &&
            may('run') && (
              <button type="button" onClick={() => setBulk({ where: whereOf(query) })}>
                All of these …
              </button>
            )
          )}
          {may('talk') && (
            <a class="button primary" href={href(['start'])}>
              Start …
            </a>
          )}
        </span>
      </header>
      {bulk && <BulkDialog reach={bulk} close={closeBulk} />}
      <Filters query={query} owners={ownersOf(query, runs)} />
      {failure && <Failed failure={failure} retry={reload} />}
      {!runs && !failure && <Loading lines={8} />}
      {runs?.length === 0 && isFiltered && (
        <Empty title="No run fits these filters." way={[href(['runs']), 'Show all runs']} />
      )}
      {runs?.length === 0 && !isFiltered && (
        <Empty title="There are no runs yet.">
          <a href={href(['start'], { kind: 'text' })}>Start one here</a>
          {mayUseCommands() && (
            <>
              , or with <code>antiphon run FILE</code>
            </>
          )}
        </Empty>
      )}
      {runs && runs.length > 0 && <RunRows runs={runs} chosen={chosen} {...(may('run') && { picks })} />}
      {runs && runs.length > 0 && !isWhole && <ShowMore more={more} />}
    </>
  )
}

/** The owners of the runs that are listed, and the one that is chosen. */
function ownersOf(query: URLSearchParams, runs: readonly RunSummary[] = []): readonly string[] {
  const chosen = query.get('owner')
  return [...new Set([...(chosen ? [chosen] : []), ...runs.map(({ owner }) => owner)])].sort()
}

type FiltersProps = { readonly query: URLSearchParams; readonly owners: readonly string[] }

function Filters({ query, owners }: FiltersProps) {
  const owner = query.get('owner') ?? ''
  const asked = { top: query.has('all') ? ('false' as const) : ('true' as const), ...(owner && { owner }) }
  const counted = useLoaded(
    `run-counts ${JSON.stringify([asked, query.get('time')])}`,
    () => client.runs.counts({ ...asked, ...sinceOf(query) }),
    ['runs'],
  )
  // runs are not counted by the other filters, and numbers of other runs would mislead
  const counts = ['text', 'error', 'name', 'cost', 'waits'].some((one) => query.has(one)) ? undefined : counted.value
  const status = query.get('status')
  return (
    <div class="filters">
      <SearchField
        value={query.get('text') ?? ''}
        label="Search in names, ids, errors and inputs"
        hint="Name, id, error or input"
        pause={200}
        search={(text) => setQuery({ text })}
      />
      <p class="chips">
        {STATUSES.map((one) => (
          <Chip
            key={one}
            kind={`is-${one}`}
            isOn={one === status}
            press={() => setQuery({ status: one === status ? '' : one })}
          >
            {one} <b>{counts?.[one] ?? ''}</b>
          </Chip>
        ))}
        <Chip isOn={query.get('waits') === 'code'} press={() => setQuery({ waits: query.has('waits') ? '' : 'code' })}>
          for code
        </Chip>
        <Chosen name="error" />
        <Chosen name="name" />
      </p>
      <Choice name="time" label="Started" any="any time" of={Object.keys(TIMES)} words={(time) => TIME_WORDS[time]!} />
      <Choice name="cost" label="Cost" any="any cost" of={COSTS} words={(dollars) => `$${dollars} or more`} />
      {(owner !== '' || owners.length > 1) && <Choice name="owner" label="Owner" any="any owner" of={owners} />}
      <label class="check">
        <input
          type="checkbox"
          checked={query.has('all')}
          onChange={({ currentTarget }) => setQuery({ all: currentTarget.checked ? '1' : '' })}
        />
        child runs
      </label>
    </div>
  )
}

/** The runs of the list that are ticked. One that leaves the list is ticked no more. */
function usePicks(runs: readonly RunSummary[] | undefined) {
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const ids = new Set(runs?.flatMap(({ id }) => (picked.has(id) ? [id] : [])))
  const toggle = (id: string) => setPicked(new Set(ids.has(id) ? [...ids].filter((one) => one !== id) : [...ids, id]))
  return { ids, toggle, clear: () => setPicked(new Set()) }
}

type Listed = {
  readonly runs?: readonly RunSummary[]
  readonly failure?: Failure
  readonly isWhole: boolean
  more(): void
  reload(): void
}

const MOST = 1000

/** The runs that a filter picks: as many pages as were asked for, read again when they change. */
function useRuns(query: URLSearchParams): Listed {
  const asked = queryOf(query)
  const [size, setSize] = useState(PAGE)
  const [time, cost] = [query.get('time'), query.get('cost')]
  const key = JSON.stringify([asked, time, cost, size])
  const before = useRef<{ filter: string; runs: readonly RunSummary[] } | undefined>(undefined)
  const filter = JSON.stringify([asked, time, cost])
  const { value, failure, reload } = useLoaded(`runs ${key}`, () => {
    return client.runs.list({ ...whereOf(query), limit: Math.min(size, MOST), details: true })
  }, ['runs'])
  if (value) before.current = { filter, runs: value }
  // while more are read, those before stay
  const runs = value ?? (before.current?.filter === filter ? before.current.runs : undefined)
  return {
    ...(runs && { runs }),
    ...(failure && { failure }),
    isWhole: (value?.length ?? size) < size || size >= MOST,
    more: () => setSize(Math.min(MOST, size + 2 * PAGE)),
    reload,
  }
}

/** The filters of the list, with the moment of `time`. */
function whereOf(query: URLSearchParams) {
  const cost = Number(query.get('cost'))
  return { ...queryOf(query), ...(cost > 0 && { cost }), ...sinceOf(query) }
}

function sinceOf(query: URLSearchParams): { readonly since?: number } {
  const time = TIMES[query.get('time') ?? '']
  return time === undefined ? {} : { since: Date.now() - time }
}

function queryOf(query: URLSearchParams) {
  const given = ['status', 'text', 'error', 'name', 'owner', 'waits'].flatMap((name) =>
    query.get(name) ? [[name, query.get(name)!]] : [],
  )
  return { ...Object.fromEntries(given), ...(!query.has('all') && { top: 'true' as const }) } as {
    readonly status?: string
    readonly top?: 'true'
  }
}
