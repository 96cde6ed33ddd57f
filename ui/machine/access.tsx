import { FILTERS, filtersOf } from '../inbox/waiting.ts'
import { doorOf, formatMoment, hasWords, now } from '../lib/format.ts'
import { href, route } from '../lib/router.ts'
import { client, may } from '../lib/server.ts'
import { ListIfAllowed, useAllowed } from '../parts/allowed.tsx'
import { Action, Command, Empty } from '../parts/basics.tsx'
import { ListFilters } from '../parts/filters.tsx'

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
            Make one: <code>antiphon keys api create NAME</code>
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
            <span class="cell quiet">{stateOf(key)}</span>
            <span class="cell buttons">
              {isGood(key) && (
                <Action
                  label="Revoke"
                  copies={['keys', 'api', 'revoke', key.id]}
                  kind="danger"
                  does={() => client.access.keys.revoke(key.id).then(keys.reload)}
                />
              )}
            </span>
          </li>
        )}
      </ListIfAllowed>
      <Command words={['keys', 'api', 'list']} />
    </>
  )
}

const isGood = ({ revokedAt, expiresAt = Number.POSITIVE_INFINITY }: Key) =>
  revokedAt === undefined && expiresAt > now.value

function stateOf(key: Key): string {
  const { revokedAt, expiresAt, createdAt } = key
  if (revokedAt !== undefined) return `revoked ${formatMoment(revokedAt)}`
  if (!isGood(key)) return `expired ${formatMoment(expiresAt!)}`
  return expiresAt === undefined
    ? `good since ${formatMoment(createdAt)}, until it is revoked`
    : `good until ${formatMoment(expiresAt)}`
}

const readActs = (query: { readonly owner?: string; readonly tool?: string; readonly by?: string }) =>
  client.access.audit.list({ of: 'acts', limit: MOST, ...query })
type Act = Awaited<ReturnType<typeof readActs>>[number]

/** The newest first: a page has the days in this order, but not the acts of a day. */
const byTime = (one: Act, two: Act) => two.at - one.at

const useActs = (key: string, query: Parameters<typeof readActs>[0], fits: (act: Act) => boolean) =>
  useAllowed(`acts ${key}`, async () => (await readActs(query)).filter(fits).toSorted(byTime), ['inbox'])

/** The acts of people and programs: approvals, settlements, keys, agents, erasures, and operations on many runs. */
export function Acts() {
  const empty = (
    <Empty title="Nobody has approved, settled or changed anything.">
      Approvals, settlements, decisions, raised budgets, keys and agents come here, each with its person.
    </Empty>
  )
  return (
    <>
      <ListIfAllowed of={useActs('', {}, () => true)} empty={empty}>
        {(act) => <ActRow key={act.cursor} act={act} />}
      </ListIfAllowed>
      <Command words={['audit']} />
    </>
  )
}

const DECISIONS: readonly string[] = ['approved', 'rejected', 'changed', 'settled', 'answered', 'decided', 'consented']

/** What people decided of the items of the inbox, as far as the filters of the address go: the newest acts. */
export function Decisions() {
  const { query } = route.value
  const { agent, ...where } = filtersOf(query)
  const isOwn = !may('audit')
  const by = isOwn ? null : query.get('by')
  const acts = useActs(`${query}`, { ...where, ...(by && { by }) }, (act) => {
    if (!DECISIONS.includes(act.what) || (agent !== undefined && act.agent !== agent)) return false
    return hasWords(act, query.get('text') ?? '')
  })
  const shown = acts.value === undefined || acts.value === 'forbidden' ? [] : acts.value.value
  return (
    <>
      <ListFilters names={isOwn ? FILTERS : ['by', ...FILTERS]} of={shown} valuesOf={valuesOf} />
      <ListIfAllowed of={acts} empty={<Empty title={isOwn ? 'You have decided nothing yet.' : 'No decision fits.'} />}>
        {(act) => <ActRow key={act.cursor} act={act} />}
      </ListIfAllowed>
    </>
  )
}

const nameOf = ({ by }: Act) => by?.typed ?? by?.name
const valuesOf = (act: Act) => ({ by: nameOf(act), agent: act.agent, tool: act.tool, owner: act.owner })

/** Where an act took place: a word, the page of such places, the id there, and another name. */
function placeOf({ owner, conversation, run, goal }: Act): readonly (string | undefined)[] {
  if (conversation !== undefined) return ['conversation', 'threads', `${owner}:${conversation}`, conversation]
  if (run !== undefined) return ['run', 'runs', run]
  return goal === undefined ? [] : ['goal', 'goals', goal]
}

function ActRow({ act }: { readonly act: Act }) {
  const { at, what, outcome, owner, by, tool, run, step, agent, target, title, reason } = act
  const [word, page, id, name] = placeOf(act)
  const isAnswer = run !== undefined && step !== undefined && DECISIONS.includes(what)
  return (
    <li class="row need">
      <span class="cell main names">
        <span class="name">{[what.replace('-', ' '), tool ?? agent ?? target, outcome].filter(Boolean).join(' ')}</span>
        {title !== undefined && (
          <span class="act-text">
            {isAnswer && may('read') ? <a href={href(['inbox'], { run, step })}>{title}</a> : title}
          </span>
        )}
        {reason !== undefined && <span class="act-text quiet">“{reason}”</span>}
        <span class="id">
          {word} {id && may('read') ? <a href={href([page!, id])}>{name ?? id}</a> : id}
        </span>
      </span>
      <span class="cell quiet">
        {by ? `by ${nameOf(act)}, through ${doorOf(by)}` : 'by somebody unknown'} · {owner}
      </span>
      <span class="cell num quiet">{formatMoment(at)}</span>
    </li>
  )
}
