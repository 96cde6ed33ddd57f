import type { Goal, Rival, Row } from '../row.ts'

/** The peers that sync to the disk. At 32 goals a round of ours must not be slower than one of theirs. */
const SYNCING = [
  ['langgraph', 'LangGraph on PostgreSQL'],
  ['dbos', 'DBOS on PostgreSQL'],
] as const

/** The rows of the agents' table, in its order. */
export const ROWS: readonly Row[] = [
  rateRow(1, { aim: 1 }),
  rateRow(32, { floor: 1, aim: 5 }),
  latencyRow(1),
  latencyRow(32),
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

function rateRow(goals: number, goal: Goal): Row {
  return {
    name: `goals-${goals}`,
    title: `rounds of ${titleOf(goals)}`,
    figure: 'perSecond',
    unit: 'rounds/s',
    better: 'more',
    ours: `goals/goals-${goals}`,
    against: rivalsOf(goals, goal),
  }
}

function latencyRow(goals: number): Row {
  return {
    name: `goals-${goals}-p50`,
    title: `a round, p50, of ${titleOf(goals)}`,
    figure: 'p50',
    unit: 'ms',
    better: 'less',
    ours: `goals/goals-${goals}`,
    against: rivalsOf(goals, {}),
  }
}

function titleOf(goals: number): string {
  return goals === 1 ? 'one goal at a time' : `${goals} goals at once`
}

function rivalsOf(goals: number, goal: Goal): readonly Rival[] {
  return [
    ...SYNCING.map(([subject, name]) => ({ name, measurement: `${subject}/goals-${goals}`, goal })),
    { name: 'Mastra on libSQL, no fsync', measurement: `mastra/goals-${goals}` },
  ]
}
