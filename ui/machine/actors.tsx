import { counted, formatMoment } from '../lib/format.ts'
import { useLoaded } from '../lib/load.ts'
import { href, route, setQuery } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { ListIfAllowed, ShownIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Command, Empty, Shown, Status } from '../parts/basics.tsx'
import { Chip } from '../parts/filters.tsx'

type Why = Awaited<ReturnType<typeof client.inspector.why>>

const MOST = 200
const STATUSES = ['working', 'waiting', 'left', 'failed', 'quarantined'] as const

/** Actors by status, and why one of them makes no progress. */
export function Actors() {
  const { query } = route.value
  const status = STATUSES.find((one) => one === query.get('status')) ?? 'working'
  const ref = query.get('ref')
  const actors = useAllowed(`actors ${status}`, () => client.inspector.actors({ status, limit: MOST }), ['runs'])
  return (
    <>
      <p class="chips spaced">
        {STATUSES.map((one) => (
          <Chip key={one} isOn={one === status} press={() => setQuery({ status: one, ref: '' })}>
            {one}
          </Chip>
        ))}
      </p>
      {ref && <Because of={ref} />}
      <ShownIfAllowed of={actors}>
        {(found) =>
          found.length === 0 ? (
            <Empty title={`No actor is ${status}.`} />
          ) : (
            <>
              <ul class="rows">
                {found.map(({ of, waiting, seq, effect }) => (
                  <li key={of} class={of === ref ? 'row need chosen' : 'row need'}>
                    <a class="cell main name" href={href(['machine'], { view: 'actors', status, ref: of })}>
                      {of}
                    </a>
                    <span class="cell quiet">
                      {effect ?? ''} {waiting > 0 && `${waiting} in its mail`}
                    </span>
                    <span class="cell num quiet">{counted(seq, 'commit')}</span>
                  </li>
                ))}
              </ul>
              {found.length === MOST && <p class="quiet small">The first {MOST} are shown.</p>}
            </>
          )
        }
      </ShownIfAllowed>
    </>
  )
}

/** What an actor waits for, and what that waits for in turn. */
function Because({ of }: { readonly of: string }) {
  const why = useLoaded(`why ${of}`, () => client.inspector.why(of), ['runs'])
  return (
    <section class="card">
      <h2>Why {of}</h2>
      <Shown of={why} lines={3}>
        {(found) => (
          <ul class="plain-list">
            <Branch why={found} />
          </ul>
        )}
      </Shown>
      <Command words={['why', of]} />
    </section>
  )
}

function Branch({ why: { of, status, holds, waitsFor } }: { readonly why: Why }) {
  return (
    <li>
      <b>{of}</b> <span class="quiet">{status}</span>
      {holds.map((hold, index) => (
        <div key={index} class="small">
          {wordsOf(hold)}
        </div>
      ))}
      {waitsFor.length > 0 && (
        <ul class="branches">
          {waitsFor.map((one) => (
            <Branch key={one.of} why={one} />
          ))}
        </ul>
      )}
    </li>
  )
}

/** One thing that holds an actor, with what is known of it. */
function wordsOf({ type, ...more }: Why['holds'][number]): string {
  const parts = Object.entries(more).flatMap(([name, value]) => {
    if (typeof value === 'string') return [`${name} ${value}`]
    if (typeof value !== 'number') return []
    return [`${name} ${['since', 'until', 'at'].includes(name) ? formatMoment(value) : value}`]
  })
  return [type, ...parts].join(' · ')
}

/** The actors with work, each below the one that it works for; or all below the actor of the address. */
export function Tree() {
  const ref = route.value.query.get('ref') ?? undefined
  const tree = useAllowed(`tree ${ref}`, () => client.inspector.tree(ref), ['runs', 'threads'])
  return (
    <>
      {ref !== undefined && (
        <p>
          <a href={href(['machine'], { view: 'tree' })}>All actors with work</a>
        </p>
      )}
      <ListIfAllowed of={tree} kind="branches" empty={<Empty title="No actor has work." />}>
        {(one) => <Twig key={one.of} branch={one} />}
      </ListIfAllowed>
      <Command words={['tree', ...(ref === undefined ? [] : [ref])]} />
    </>
  )
}

function Twig({ branch }: { readonly branch: Awaited<ReturnType<typeof client.inspector.tree>>[number] }) {
  const { of, status, note, branches, more } = branch
  return (
    <li>
      <Status of={status} quiet /> <a href={href(['machine'], { view: 'tree', ref: of })}>{of}</a>{' '}
      <span class="quiet small">
        {status}
        {note && ` · ${note}`} · <a href={href(['machine'], { view: 'actors', ref: of })}>why</a>
      </span>
      {branches.length > 0 && (
        <ul class="branches">
          {branches.map((one) => (
            <Twig key={one.of} branch={one} />
          ))}
        </ul>
      )}
      {more > 0 && <p class="quiet small">and {more} more</p>}
    </li>
  )
}
