import { asText, formatMoment } from '../lib/format.ts'
import { useLoaded } from '../lib/load.ts'
import { go, href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { Action, Actions, Command, Empty, Shown, Text } from '../parts/basics.tsx'
import { CausedBy, type Change } from './changes.tsx'
import { ForgetButton } from './forget.tsx'

type Found = Awaited<ReturnType<typeof client.memory.get>>

/** Changes that are looked through for the causes of a record. */
const MOST = 1000

/** A record: its text and source, what is known of its subject over time, what caused each change, and who cites it. */
export function RecordPage({ id }: { readonly id: string }) {
  const record = useLoaded(`record ${id}`, () => client.memory.get(id))
  const changes = useLoaded('record-changes', () => client.memory.changes({ limit: MOST }))
  if (record.value === undefined && record.failure?.code === 'not_found')
    return <Empty title={`There is no record ${id}.`} way={[href(['memory']), 'All records']} />
  return (
    <>
      <p class="crumbs">
        <a href={href(['memory'])}>Memory</a>
      </p>
      <Shown of={record} lines={5}>
        {(found) => (
          <>
            <h1>{found.subject ?? (found.text.slice(0, 80) || id)}</h1>
            <Facts of={found} />
            <Text of={found.text} name="text" />
            {found.data !== undefined && <Text of={asText(found.data)} name="data" />}
            <Actions>
              <Action
                label={found.pinned ? 'Unpin' : 'Pin'}
                copies={['memory', found.pinned ? 'unpin' : 'pin', id]}
                does={() => client.memory.pin(id, { pinned: !found.pinned }).then(record.reload)}
              />
              <ForgetButton target={{ id }} what="this record" done={() => go(href(['memory']))} />
            </Actions>
            <History of={found} changes={changes.value ?? []} />
            {found.citedBy.length > 0 && (
              <section>
                <h2>Answers that cite it</h2>
                <ul class="plain-list">
                  {found.citedBy.map(({ ask, thread, at }) => (
                    <li key={ask}>
                      <a href={href(['threads', thread])}>{thread}</a>{' '}
                      <span class="quiet">
                        {ask} · {formatMoment(at)}
                      </span>
                    </li>
                  ))}
                </ul>
              </section>
            )}
            <Command words={['memory', 'show', id]} />
          </>
        )}
      </Shown>
    </>
  )
}

function Facts({ of: { id, kind, space, source, tier, pinned, learnedAt, expires } }: { readonly of: Found }) {
  const { type, ref, at, run } = source
  return (
    <p class="facts-line small">
      <span>{id}</span>
      <span>{kind}</span>
      {space && <a href={href(['memory'], { space })}>{space}</a>}
      <span>
        from {type} {ref} {at}
      </span>
      {run && <a href={href(['runs', run])}>{run}</a>}
      <span>learned {formatMoment(learnedAt)}</span>
      <span>tier {tier}</span>
      {pinned && <span class="tag">pinned</span>}
      {expires !== undefined && <span>erased after {formatMoment(expires)}</span>}
    </p>
  )
}

/** What was known of a subject, the newest first, each with what caused it. A record without a subject has itself. */
function History({ of, changes }: { readonly of: Found; readonly changes: readonly Change[] }) {
  const facts: readonly Found['history'][number][] = of.history.length > 0 ? of.history : [of]
  return (
    <section>
      <h2>{of.subject === undefined ? 'What changed it' : 'What was known of it'}</h2>
      <ol class="rows">
        {facts.map((fact) => (
          <li key={fact.id} class={fact.id === of.id ? 'row need chosen' : 'row need'}>
            <span class="cell main names">
              <a class="name" href={href(['memory', fact.id])}>
                {fact.text.slice(0, 200)}
              </a>
              <span class="id">
                {fact.validFrom !== undefined && `true from ${formatMoment(fact.validFrom)}`}
                {fact.validTo !== undefined && ` until ${formatMoment(fact.validTo)}`}
              </span>
            </span>
            <span class="cell quiet">
              {changes
                .filter(({ records }) => records.some(({ id }) => id === fact.id))
                .map((change) => (
                  <span key={change.change} class="small">
                    <CausedBy of={change.cause} />: {change.type}, {formatMoment(change.at)}{' '}
                  </span>
                ))}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
