import { command } from '../lib/commands.ts'
import { doorOf, formatMoment } from '../lib/format.ts'
import { now } from '../lib/live.ts'
import { href } from '../lib/router.ts'
import { client } from '../lib/server.ts'
import { ListIfAllowed, ShownIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Action, Command, Empty } from '../parts/basics.tsx'

type Key = Awaited<ReturnType<typeof client.access.keys.list>>[number]
const MOST = 200

/** The keys of the network: whose each is, what it may do, and until when. */
export function Keys() {
  const keys = useAllowed('keys', () => client.access.keys.list({ limit: 1000 }))
  return (
    <>
      <ListIfAllowed
        of={keys}
        empty={
          <Empty title="There are no keys.">
            <p class="quiet">
              Make one: <code>antiphon keys api create NAME</code>
            </p>
          </Empty>
        }
      >
        {(key) => (
          <li key={key.id} class="row need">
            <span class="cell main names">
              <span class="name">{key.name}</span>
              <span class="id">
                {key.id} · {key.owner} · {key.scopes.join(', ')}
              </span>
            </span>
            <span class="cell quiet">{stateOf(key, now.value)}</span>
            <span class="cell buttons">
              {isGood(key, now.value) && (
                <Action
                  label="Revoke"
                  copies={command('keys', 'api', 'revoke', key.id)}
                  kind="danger"
                  does={() => client.access.keys.revoke(key.id).then(keys.reload)}
                />
              )}
            </span>
          </li>
        )}
      </ListIfAllowed>
      <Command text={command('keys', 'api', 'list')} />
    </>
  )
}

const isGood = ({ revokedAt, expiresAt = Number.POSITIVE_INFINITY }: Key, at: number) =>
  revokedAt === undefined && expiresAt > at

function stateOf(key: Key, at: number): string {
  const { revokedAt, expiresAt, createdAt } = key
  if (revokedAt !== undefined) return `revoked ${formatMoment(revokedAt, at)}`
  if (!isGood(key, at)) return `expired ${formatMoment(expiresAt!, at)}`
  return expiresAt === undefined
    ? `good since ${formatMoment(createdAt, at)}, until it is revoked`
    : `good until ${formatMoment(expiresAt, at)}`
}

/** The newest first: a page has the days in this order, but not the acts of a day. */
const byTime = (one: { readonly at: number }, two: { readonly at: number }) => two.at - one.at

/** The acts of people and programs: approvals, settlements, keys, agents, erasures, and operations on many runs. */
export function Acts() {
  const acts = useAllowed('acts', () => client.access.audit.list({ of: 'acts', limit: MOST }), ['inbox'])
  return (
    <>
      <ShownIfAllowed of={acts}>
        {(found) =>
          found.length === 0 ? (
            <Empty title="Nobody has approved, settled or changed anything.">
              <p class="quiet">
                Approvals, settlements, decisions, raised budgets, keys and agents come here, each with its person.
              </p>
            </Empty>
          ) : (
            <ul class="rows">
              {[...found]
                .sort(byTime)
                .map(
                  ({ cursor, at, what, outcome, owner, by, tool, run, step, goal, agent, target, title, reason }) => (
                    <li key={cursor} class="row need">
                      <span class="cell main names">
                        <span class="name">
                          {[what.replace('-', ' '), tool ?? agent ?? target, outcome].filter(Boolean).join(' ')}
                        </span>
                        {title !== undefined && <span class="act-text">{title}</span>}
                        {reason !== undefined && <span class="act-text quiet">“{reason}”</span>}
                        <span class="id">
                          {run !== undefined && (
                            <>
                              {'run '}
                              <a href={href(['runs', run], step === undefined ? {} : { step })}>{run}</a>
                            </>
                          )}
                          {goal !== undefined && (
                            <>
                              {run !== undefined && ' · '}
                              {'goal '}
                              <a href={href(['goals', goal])}>{goal}</a>
                            </>
                          )}
                        </span>
                      </span>
                      <span class="cell quiet">
                        {by ? `by ${by.typed ?? by.name}, through ${doorOf(by)}` : 'by somebody unknown'} · {owner}
                      </span>
                      <span class="cell num quiet">{formatMoment(at, now.value)}</span>
                    </li>
                  ),
                )}
            </ul>
          )
        }
      </ShownIfAllowed>
      <Command text={command('audit')} />
    </>
  )
}
