import type { RunSummary, ThreadSummary } from '../../src/client.ts'
import { kindOf, Origin, titleOf } from '../inbox/card.tsx'
import { firstWaiting, placeOf } from '../inbox/waiting.ts'
import { formatAgo, formatMoney, now } from '../lib/format.ts'
import { useLoaded } from '../lib/load.ts'
import { href, route, setQuery } from '../lib/router.ts'
import { client, may } from '../lib/server.ts'
import { costGroups, isBooked, spendingSince } from '../lib/spending.ts'
import { PoolState } from '../machine/pools.tsx'
import { List, ShownIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Empty, Shown } from '../parts/basics.tsx'
import { Chip } from '../parts/filters.tsx'
import { Guard } from '../parts/guard.tsx'
import { RunRows } from '../parts/run-rows.tsx'
import { FirstSteps } from '../start/first-steps.tsx'

const DAY_MS = 86_400_000

/** Home: what needs a person, what failed, what stands still, and what it costs. */
export function Home() {
  const counts = useLoaded('counts', () => client.runs.counts({ top: 'true' }), ['runs'])
  const work = useLoaded('work', () => client.inspector.work(), ['runs', 'inbox', 'threads']).value
  const talks = useLoaded('home-talks', () => client.threads.list({ limit: MOST_TALKS }), ['threads']).value
  const hasItems = useLoaded('home-items', async () => (await firstWaiting(1)).length > 0, ['inbox']).value
  const isNew =
    talks?.length === 0 &&
    hasItems === false &&
    counts.value &&
    Object.values(counts.value).every((count) => count === 0)
  return (
    <>
      <header class="page-head">
        <h1>Home</h1>
        {may('talk') && (
          <a class="button primary" href={href(['start'])}>
            Start …
          </a>
        )}
      </header>
      {!isNew && work && !areAllWorking(work) && <OpenWork counts={work} />}
      <Shown of={counts} lines={2}>
        {(found) => (isNew && may('run') ? <FirstSteps /> : <Counts counts={found} talks={talks ?? []} />)}
      </Shown>
      {!isNew &&
        [NeedsYou, FailedRuns, StandingStill, Spent, ...(may('admin') ? [Pools] : [])].map((Section, index) => (
          <Guard key={index}>
            <Section work={work} />
          </Guard>
        ))}
    </>
  )
}

/** What open work waits for, in a sentence. A conversation counts once, without its goal and the runs of it. */
function OpenWork({ counts: { person, others, code, more } }: { readonly counts: WorkCounts }) {
  const waits = [
    { count: person, whom: 'you', address: href(['inbox']) },
    { count: others, whom: 'others', address: href(['runs'], { status: 'waiting' }) },
    { count: code, whom: 'code', address: href(['runs'], { waits: 'code' }) },
  ].filter(({ count }) => count > 0)
  return (
    <p class="lead spaced" role="status">
      {waits.map(({ count, whom, address }, index) => (
        <span key={whom}>
          {index > 0 && ', '}
          <a href={address}>
            {count}
            {more && '+'} {index === 0 && (count === 1 ? 'waits ' : 'wait ')}for {whom}
          </a>
        </span>
      ))}
    </p>
  )
}

type WorkCounts = Awaited<ReturnType<typeof client.inspector.work>>

const areAllWorking = ({ person, others, code }: WorkCounts) => person + others + code === 0

/** The newest conversations, of which the open ones are counted. */
const MOST_TALKS = 200

type CountsProps = {
  readonly counts: Awaited<ReturnType<typeof client.runs.counts>>
  readonly talks: readonly ThreadSummary[]
}

/** Runs by status. The runs of conversations are none of them, so these are counted, too. */
function Counts({ counts, talks }: CountsProps) {
  const shown = ['waiting', 'running', 'failed', 'completed', 'cancelled'] as const
  const open = talks.filter(({ status }) => status === 'running').length
  return (
    <ul class="counts" aria-label="Runs by status, and conversations">
      {shown.map((status) => (
        <li key={status}>
          <a href={href(['runs'], { status })} class={`count is-${status}`}>
            <b>
              {counts[status]}
              {counts.more && counts[status] >= 10_000 && '+'}
            </b>
            <span>
              {status} {counts[status] === 1 ? 'run' : 'runs'}
            </span>
          </a>
        </li>
      ))}
      {talks.length > 0 && (
        <li>
          <a href={href(['threads'])} class="count is-running">
            <b>
              {open}
              {talks.length === MOST_TALKS && '+'}
            </b>
            <span>open {open === 1 ? 'conversation' : 'conversations'}</span>
          </a>
        </li>
      )}
    </ul>
  )
}

function NeedsYou() {
  const items = useLoaded('home-inbox', () => firstWaiting(MOST_NEEDS, 'cut'), ['inbox'])
  return (
    <section>
      <h2>Needs you</h2>
      <Shown of={items} lines={2}>
        {(found) => (
          <List of={found} empty={<Empty title="Nothing waits for you." />}>
            {(item, index) => (
              <li key={index} class="row need">
                <a class="cell main" href={placeOf(item)}>
                  <span class="tag person">{kindOf(item)}</span>
                  <span class="name">{titleOf(item)}</span>
                </a>
                <span class="cell quiet">
                  <Origin item={item} isShort />
                </span>
                <span class="cell num quiet">{formatAgo(item.since)}</span>
              </li>
            )}
          </List>
        )}
      </Shown>
    </section>
  )
}

const MOST_NEEDS = 5
const MOST_FAILED = 5
const MOST_STILL = 8

/** The link from the first rows of a list to all of them. */
const More = ({ label, query }: { readonly label: string; readonly query: { readonly [name: string]: string } }) => (
  <p class="small spaced">
    <a href={href(['runs'], query)}>{label}</a>
  </p>
)

function FailedRuns() {
  const read = () =>
    client.runs.list({ status: 'failed', since: Date.now() - DAY_MS, limit: MOST_FAILED + 1, details: true })
  const runs = useLoaded('home-failed', read, ['runs'])
  return (
    <section>
      <h2>Failed in the last day</h2>
      <Shown of={runs} lines={2}>
        {(found) =>
          found.length === 0 ? (
            <Empty title="No run has failed." />
          ) : (
            <>
              <RunRows runs={found.slice(0, MOST_FAILED)} />
              {found.length > MOST_FAILED && (
                <More label="All that failed in the last day" query={{ status: 'failed', time: '24h' }} />
              )}
            </>
          )
        }
      </Shown>
    </section>
  )
}

const isHeld = ({ details }: RunSummary) => details?.stands !== undefined && !details.stands.works

/** Runs that are looked at. */
const MOST_OPEN = 20

function StandingStill({ work }: { readonly work: WorkCounts | undefined }) {
  const read = async () => {
    const [limit, top] = [MOST_OPEN, 'true'] as const
    const open = await client.runs.list({ status: 'open', limit, top, details: true })
    const waiting = await client.runs.list({ status: 'waiting', limit, top, details: true })
    // a run that begins to wait between the two readings is in both
    const held = [...new Map([...open.filter(isHeld), ...waiting].map((run) => [run.id, run])).values()]
    return { held, isWhole: open.length < MOST_OPEN }
  }
  const runs = useLoaded('home-still', read, ['runs', 'inbox'])
  return (
    <section>
      <h2>Stands still</h2>
      <Shown of={runs} lines={2}>
        {({ held, isWhole }) =>
          held.length === 0 ? (
            <Empty
              title={isWhole && work && areAllWorking(work) ? 'All open work makes progress.' : 'No run stands still.'}
            />
          ) : (
            <>
              <RunRows runs={held.slice(0, MOST_STILL)} />
              {held.length > MOST_STILL && <More label="All that wait" query={{ status: 'waiting' }} />}
            </>
          )
        }
      </Shown>
    </section>
  )
}

const NOTHING_BOOKED = 'No budget has booked anything today.'

/** The money of today; a caller without the scope for it does not see the section. */
function Spent() {
  const groups = costGroups().filter((one) => one !== 'day')
  const by = groups.find((one) => one === route.value.query.get('money')) ?? 'work'
  const today = new Date(now.value).toISOString().slice(0, 10)
  const cost = useAllowed(`cost ${by} ${today}`, () => spendingSince(today, by))
  if (cost.value === 'forbidden') return null
  return (
    <section>
      <h2>
        <a href={href(['money'], { by, time: 'today' })}>Money today</a>
      </h2>
      <p class="chips">
        {groups.map((one) => (
          <Chip key={one} isOn={one === by} press={() => setQuery({ money: one === 'work' ? '' : one })}>
            by {one}
          </Chip>
        ))}
      </p>
      <ShownIfAllowed of={cost}>
        {({ items }) => (
          <List of={items} empty={<Empty title={isBooked(by) ? NOTHING_BOOKED : 'No work has cost anything today.'} />}>
            {({ name, cost }) => (
              <li key={name ?? ''} class="row need">
                <span class="cell main name">{name ?? 'without a name'}</span>
                <span class="cell quiet" />
                <span class="cell num">{formatMoney(cost)}</span>
              </li>
            )}
          </List>
        )}
      </ShownIfAllowed>
    </section>
  )
}

/** The pools, and which of them are short. */
function Pools() {
  const pools = useAllowed('pools', () => client.inspector.pools(), ['runs'])
  if (pools.value === 'forbidden' || (pools.value && pools.value.value.items.length === 0)) return null
  return (
    <section>
      <h2>
        <a href={href(['machine'])}>Pools</a>
      </h2>
      <ShownIfAllowed of={pools}>
        {({ items }) => (
          <ul class="rows">
            {items.map((pool) => (
              <li key={pool.id} class="row need">
                <span class="cell main name">{pool.id}</span>
                <span class="cell">
                  <PoolState of={pool} />
                </span>
                <span class="cell num quiet">
                  {pool.running} of {pool.workers} busy
                </span>
              </li>
            ))}
          </ul>
        )}
      </ShownIfAllowed>
    </section>
  )
}
