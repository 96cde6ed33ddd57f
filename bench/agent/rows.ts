import { countedOf } from '../count/subjects.ts'
import type { Counter } from '../count/trace.ts'
import type { Goal, Rival, Row } from '../row.ts'

/** How many goals are worked on at once. */
const AT_ONCE = [1, 32] as const
type AtOnce = (typeof AT_ONCE)[number]

/** What works on goals, by the subject of its measurements; `goals`: of our rate beside its own. */
type Peer = {
  readonly subject: string
  readonly name: string
  readonly goals?: { readonly [goals in AtOnce]: Goal }
}

/** A step in the place of the model and one for the tool, without messages, their encoding and the check of a call. */
const BARE: Peer = {
  subject: 'dbos',
  name: 'DBOS on PostgreSQL, two bare steps',
  goals: { 1: { floor: 1, aim: 1.2 }, 32: { floor: 1.4, aim: 2 } },
}

const AGENTS: readonly Peer[] = [
  { subject: 'dbos-agent', name: 'DBOS on PostgreSQL, agent of the AI SDK' },
  { subject: 'langgraph-agent', name: 'LangGraph on PostgreSQL, async' },
  {
    subject: 'langgraph-sync',
    name: 'LangGraph on PostgreSQL, sync',
    goals: { 1: { aim: 1 }, 32: { floor: 1, aim: 5 } },
  },
  { subject: 'mastra', name: 'Mastra on libSQL, no fsync' },
]

/** What is ours, and what it is compared with. */
type Compared = { readonly name: string; readonly title: string; readonly peers: readonly Peer[] }

const GOALS: Compared = { name: 'goals', title: '', peers: [BARE, ...AGENTS] }
/** The steps of the bare workflow of DBOS, also without an agent. */
const TWO_STEPS: Compared = {
  name: 'two-steps',
  title: 'two bare steps in a pipeline, ',
  peers: [{ subject: BARE.subject, name: BARE.name }],
}

/** The rows of the agents' table, in its order. */
export const ROWS: readonly Row[] = [
  ...AT_ONCE.map((goals) => rateRow(GOALS, goals)),
  ...AT_ONCE.map((goals) => latencyRow(GOALS, goals)),
  ...AT_ONCE.map((goals) => rateRow(TWO_STEPS, goals)),
  ...AT_ONCE.map((goals) => latencyRow(TWO_STEPS, goals)),
  ...[GOALS, TWO_STEPS].flatMap((compared) => AT_ONCE.map((goals) => countRow(compared, goals, 'syncs'))),
  ...[GOALS, TWO_STEPS].flatMap((compared) => AT_ONCE.map((goals) => countRow(compared, goals, 'bytes'))),
  waitingRow('many-goals', '10 000 goals wait, kill -9: the inbox lists its first page', 'inbox', 'ms', {
    floor: 5000,
  }),
  waitingRow('many-goals-approval', 'and an approval is taken', 'approval', 'ms', { floor: 5000 }),
  waitingRow('many-goals-memory', 'memory of the next process at most', 'megabytes', 'MB', { aim: 1000 }),
  waitingRow('many-goals-making', 'memory of the killed process at most', 'making', 'MB', { aim: 1000 }),
]

function waitingRow(name: string, title: string, figure: string, unit: string, goal: Goal): Row {
  return { name, title, figure, unit, better: 'less', ours: 'goals/waiting', goal, against: [] }
}

function rateRow({ name, title, peers }: Compared, goals: AtOnce): Row {
  return {
    name: `${name}-${goals}`,
    title: `rounds, ${title}${titleOf(goals)}`,
    figure: 'perSecond',
    unit: 'rounds/s',
    better: 'more',
    ours: `${name}/goals-${goals}`,
    against: peers.map((peer) => rivalOf(peer, goals, peer.goals?.[goals])),
  }
}

function latencyRow({ name, title, peers }: Compared, goals: AtOnce): Row {
  return {
    name: `${name}-${goals}-p50`,
    title: `a round, p50, ${title}${titleOf(goals)}`,
    figure: 'p50',
    unit: 'ms',
    better: 'less',
    ours: `${name}/goals-${goals}`,
    against: peers.map((peer) => rivalOf(peer, goals)),
  }
}

function countRow({ name, title, peers }: Compared, goals: AtOnce, counts: Counter): Row {
  return {
    name: `${name}-${goals}-${counts}`,
    title: `${counts === 'syncs' ? 'syncs of a round' : 'written by a round'}, ${title}${titleOf(goals)}`,
    figure: counts === 'syncs' ? 'syncs' : 'kilobytes',
    unit: counts === 'syncs' ? 'syncs' : 'kB',
    better: 'less',
    ours: `${countedOf(name)}/goals-${goals}`,
    against: peers.map(({ subject, ...peer }) => rivalOf({ ...peer, subject: countedOf(subject) }, goals)),
    counts,
  }
}

function titleOf(goals: AtOnce): string {
  return goals === 1 ? 'one goal at a time' : `${goals} goals at once`
}

function rivalOf({ subject, name }: Peer, goals: AtOnce, goal: Goal = {}): Rival {
  return { name, measurement: `${subject}/goals-${goals}`, goal }
}
