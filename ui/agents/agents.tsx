import { counted, formatMoment, formatMoney, formatSpan } from '../lib/format.ts'
import { useLoaded } from '../lib/load.ts'
import { href, route } from '../lib/router.ts'
import { client, isMounted, may, mayUseCommands } from '../lib/server.ts'
import { Empty, Shown, Status } from '../parts/basics.tsx'
import { Chosen } from '../parts/filters.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { knownAgents } from './known-agents.ts'
import { Tests } from './tests.tsx'

type Goal = Awaited<ReturnType<typeof client.goals.list>>[number]

const GOALS = 200

/** Agents with their goals, and the results of their tests. */
export function Agents() {
  const isTests = !isMounted() && route.value.query.get('view') === 'tests'
  return (
    <>
      <h1>Agents</h1>
      {!isMounted() && <Tabs views={VIEWS} chosen={isTests ? 'tests' : 'goals'} clears={['test', 'result', 'case']} />}
      {isTests ? <Tests /> : <AgentsAndGoals />}
    </>
  )
}

const VIEWS = { goals: 'Agents', tests: 'Tests' }

function AgentsAndGoals() {
  const chosen = route.value.query.get('agent') ?? undefined
  const agents = useLoaded('agents', knownAgents)
  const goals = useLoaded('goals', () => client.goals.list({ limit: GOALS }), ['threads', 'inbox'])
  const shown = goals.value?.filter(({ agent }) => chosen === undefined || agent === chosen)
  return (
    <>
      <Shown of={agents} lines={3}>
        {(found) => {
          const used = (goals.value ?? []).map(({ agent }) => agent)
          const names = [...new Set([...found.map(({ name }) => name), ...used])]
          if (chosen !== undefined && goals.value && !names.includes(chosen))
            return (
              <Empty
                title={`There is no agent ${chosen}, and no goal of one.`}
                way={[href(['agents']), 'All agents']}
              />
            )
          return names.length === 0 ? (
            <Empty title="There are no agents yet.">
              {mayUseCommands() && (
                <>
                  Write one with <code>antiphon agent new NAME</code>, then{' '}
                  <a href={href(['start'], { kind: 'agent' })}>talk to it</a> or give it a goal with{' '}
                  <code>antiphon agent run NAME</code>
                </>
              )}
            </Empty>
          ) : (
            <ul class="cards agents">
              {names.map((name) => (
                <li key={name} class={name === chosen ? 'card chosen' : 'card'}>
                  <AgentCard
                    name={name}
                    about={found.find((one) => one.name === name)?.description}
                    goals={goals.value?.filter(({ agent }) => agent === name) ?? []}
                  />
                </li>
              ))}
            </ul>
          )
        }}
      </Shown>
      <section>
        <h2>Goals</h2>
        {chosen !== undefined && (
          <p class="chips">
            <Chosen name="agent" />
          </p>
        )}
        <Shown of={goals} lines={4}>
          {() =>
            shown?.length ? <GoalRows goals={shown} ofOne={chosen !== undefined} /> : <Empty title="No goals yet." />
          }
        </Shown>
      </section>
    </>
  )
}

type CardProps = { readonly name: string; readonly about: string | undefined; readonly goals: readonly Goal[] }

function AgentCard({ name, about, goals }: CardProps) {
  const count = (status: string) => goals.filter((goal) => goal.status === status && beginOf(goal) === undefined).length
  const cost = goals.reduce((sum, goal) => sum + goal.cost, 0)
  return (
    <>
      <h2>
        <a href={href(['agents'], { agent: name })}>{name}</a>
      </h2>
      {about && <p class="quiet">{about}</p>}
      <p class="facts-line small">
        <span>{counted(goals.length, 'goal')}</span>
        {count('waiting') > 0 && <span class="tag person">{count('waiting')} waiting</span>}
        {count('failed') > 0 && <span class="problem">{count('failed')} failed</span>}
        {cost > 0 && <span>{formatMoney(cost)}</span>}
      </p>
      {may('talk') && (
        <p class="action">
          <a class="button" href={href(['start'], { kind: 'agent', name })}>
            Talk to it
          </a>
        </p>
      )}
    </>
  )
}

function GoalRows({ goals, ofOne }: { readonly goals: readonly Goal[]; readonly ofOne: boolean }) {
  return (
    <ul class="rows">
      {goals.map(({ id, agent, goal, status, startedAt, finishedAt, rounds, cost, parent, owner, ...later }) => (
        <li key={id} class="row need">
          <a class="cell main" href={href(['goals', id])}>
            <Status of={statusOf(status)} quiet />
            <span class="names">
              <span class="name">{goal}</span>
              <span class="id">{id}</span>
            </span>
          </a>
          <span class="cell quiet wraps">
            {[
              ...(ofOne ? [] : [agent]),
              beginOf(later) ?? status,
              counted(rounds, 'round'),
              ...(cost > 0 ? [formatMoney(cost)] : []),
              ...(owner === 'local' ? [] : [owner]),
            ].join(' · ')}
            {parent?.thread && (
              <>
                {' · '}
                <a href={href(['threads', parent.thread])}>{parent.thread}</a>
              </>
            )}
          </span>
          <span class="cell num quiet">
            {formatMoment(startedAt)}
            {finishedAt !== undefined && <span class="small">{` took ${formatSpan(finishedAt - startedAt)}`}</span>}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** When a goal begins that has not begun, or behind which runs and goals; undefined: it has begun. */
function beginOf({ startsAt, behind }: Pick<Goal, 'startsAt' | 'behind'>): string | undefined {
  if (startsAt !== undefined) return `begins at ${formatMoment(startsAt)}`
  if (behind === undefined) return undefined
  return behind.length === 0 ? 'begins when its key has room' : `behind ${behind.join(', ')}`
}

/** The status of a goal as runs have it. */
export function statusOf(status: string): string {
  if (['new', 'thinking', 'acting', 'undoing'].includes(status)) return 'running'
  if (status === 'paused') return 'waiting'
  return status === 'handed_off' ? 'completed' : status
}
