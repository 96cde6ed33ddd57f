import { formatMoment } from '../lib/format.ts'
import { useLoaded } from '../lib/load.ts'
import { href, route, setQuery } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { List, ShownIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Command, Empty } from '../parts/basics.tsx'
import { Guard } from '../parts/guard.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { Changes } from './changes.tsx'
import { ForgetButton } from './forget.tsx'

type Memory = typeof client.memory
type Found = Awaited<ReturnType<Memory['search']>>['records'][number]
type Listed = Awaited<ReturnType<Memory['list']>>[number] & Partial<Pick<Found, 'score' | 'parts'>>

const MOST = 500
const VIEWS = { records: 'Records', changes: 'Changes' } as const

/** Memory: its records by space and kind, a search that says why it found each, and its changes. */
export function MemoryPage() {
  const view = route.value.query.get('view') === 'changes' ? 'changes' : 'records'
  return (
    <>
      <h1>Memory</h1>
      <Tabs views={VIEWS} chosen={view} />
      <Guard key={view}>{view === 'changes' ? <Changes /> : <Records />}</Guard>
    </>
  )
}

function Records() {
  const { query } = route.value
  const [text, space, kind] = ['text', 'space', 'kind'].map((name) => query.get(name) ?? '')
  const filter = { ...(space && { space }), ...(kind && { kind }) }
  const stats = useLoaded('memory-stats', () => client.memory.stats())
  const spaces = useLoaded('memory-spaces', async () => spacesIn(await client.memory.list({ limit: MOST })))
  const records = useAllowed<{ readonly records: readonly Listed[]; readonly lacks?: readonly string[] }>(
    `memory ${JSON.stringify([text, filter])}`,
    async () => {
      if (!text) return { records: await client.memory.list({ ...filter, limit: MOST }) }
      const { records, degraded } = await client.memory.search({ ...filter, text, limit: 50, explain: true })
      return { records, ...(degraded && { lacks: degraded }) }
    },
  )
  const reload = () => {
    for (const one of [stats, spaces, records]) one.reload()
  }
  return (
    <>
      <div class="filters">
        <SearchField
          value={text ?? ''}
          label="Search records"
          hint="Words or a meaning"
          search={(next) => setQuery({ text: next })}
        />
        <p class="chips">
          {(spaces.value ?? []).map((one) => (
            <Chip key={one} name="space" value={one} label={one} chosen={space === one} />
          ))}
          {Object.entries(stats.value?.kinds ?? {}).map(([one, count]) => (
            <Chip key={one} name="kind" value={one} label={`${one} ${count}`} chosen={kind === one} />
          ))}
        </p>
      </div>
      <ShownIfAllowed of={records}>
        {({ records: found, lacks = [] }) => (
          <>
            {lacks.map((one) => (
              <p key={one} class="note">
                {one}
              </p>
            ))}
            <List
              of={found}
              empty={
                <Empty title={text || space || kind ? 'No record fits.' : 'Nothing is remembered yet.'}>
                  Add a file or a note: <code>antiphon memory add FILE</code>
                </Empty>
              }
            >
              {(record) => <Row key={record.id} record={record} />}
            </List>
            {found.length === MOST && <p class="quiet small">The newest {MOST} are shown.</p>}
          </>
        )}
      </ShownIfAllowed>
      {space && (
        <p class="buttons spaced">
          <ForgetButton target={{ space }} what={`the space ${space}`} done={reload} />
        </p>
      )}
      <Command
        words={
          text
            ? ['memory', 'search', text, ...(space ? ['--space', space] : []), '--explain']
            : ['memory', 'list', ...(space ? ['--space', space] : []), ...(kind ? ['--kind', kind] : [])]
        }
      />
    </>
  )
}

type ChipProps = { readonly name: string; readonly value: string; readonly label: string; readonly chosen: boolean }

const Chip = ({ name, value, label, chosen }: ChipProps) => (
  <button type="button" class="chip" aria-pressed={chosen} onClick={() => setQuery({ [name]: chosen ? '' : value })}>
    {label}
  </button>
)

function Row({ record }: { readonly record: Listed }) {
  const { id, text, kind, space, subject, pinned, learnedAt, validTo } = record
  return (
    <li class="row need">
      <a class="cell main names" href={href(['memory', id])}>
        <span class="name">{subject ?? text.slice(0, SHOWN_CHARS)}</span>
        <span class="id">
          {subject === undefined ? '' : `${text.slice(0, SHOWN_CHARS)} · `}
          {kind} {space && `in ${space}`}
        </span>
      </a>
      <span class="cell quiet">
        {pinned && <span class="tag">pinned</span>} {validTo !== undefined && 'over'}
        {record.parts && <Because of={record.parts} />}
      </span>
      <span class="cell num quiet">{formatMoment(learnedAt)}</span>
    </li>
  )
}

const SHOWN_CHARS = 200

/** Why a search found a record. */
function Because({ of: { words, meaning, recency, importance, ranks } }: { readonly of: Found['parts'] }) {
  const place = (rank: number | undefined) => (rank === undefined ? '' : ` (place ${rank})`)
  return (
    <span class="small">
      words {words.toFixed(2)}
      {place(ranks?.words)}
      {meaning !== undefined && ` · meaning ${meaning.toFixed(2)}${place(ranks?.meaning)}`} · recency{' '}
      {recency.toFixed(2)}
      {importance > 0 && ` · importance ${importance.toFixed(2)}`}
    </span>
  )
}

/** The spaces of records with those above them. */
function spacesIn(records: readonly { readonly space: string }[]): readonly string[] {
  const all = records.flatMap(({ space }) => {
    const parts = space.split('/').filter(Boolean)
    return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
  })
  return [...new Set(all)].sort()
}
