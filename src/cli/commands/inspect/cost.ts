import { InvalidArgumentError } from 'commander'
import { formatDollars, MICROS_PER_DOLLAR } from '../../../budget/money.ts'
import { COST_GROUPS, type Cost, type CostSum } from '../../../budget/room/port.ts'
import { dayOf } from '../../../house/act.ts'
import { parseSince } from '../../arguments/options.ts'
import { showCommand } from '../../client-command.ts'
import { formatCount } from '../../terminal/format.ts'

export const costCommand = showCommand({
  name: 'cost',
  about:
    'Sum what budgets booked for calls of models and tools. Calls that no budget covers are not in it. Days are in UTC; their sums are kept for 90 days.',
  options: [
    ['--since <day>', 'from this day on: yesterday, today, 7d, 2026-11-21', { parse: parseDay }],
    ['--by <group>', 'one sum for each owner, agent, model or day', { choices: COST_GROUPS, default: 'day' }],
    ['--owner <owner>', 'only the work of this owner'],
    ['--json', 'print it as JSON'],
  ],
  examples: ['cost --since yesterday', 'cost --since 7d --by agent', 'cost --by model --owner anna --json'],
  ask: ({ budgets }, query) => budgets.cost(query),
  empty: { total: { cost: 0, calls: 0, tokens: 0 }, items: [] },
  print(cost, terminal, { by, since }) {
    const rows = [...cost.items.map(rowOf), rowOf({ name: 'total', ...cost.total })]
    if (cost.items.length > 0) terminal.table([by.toUpperCase(), 'COST', 'CALLS', 'TOKENS'], rows)
    terminal.say(noteOf(cost, since))
  },
})

const rowOf = ({ name = '-', cost, calls, tokens }: CostSum): readonly string[] => [
  name,
  formatDollars(Math.round(cost * MICROS_PER_DOLLAR)),
  String(calls),
  String(tokens),
]

function noteOf({ since, total }: Cost, asked: string | undefined): string {
  if (since === undefined) return 'No budget has booked a call here. To set one: antiphon budget set SCOPE AMOUNT'
  if (total.calls === 0) return `No budget has booked a call since ${asked}. The first day with sums is ${since}.`
  return asked === undefined || asked < since
    ? `${formatCount(total.calls, 'call')}. Sums begin on ${since}; earlier calls are not in them.`
    : `${formatCount(total.calls, 'call')} since ${asked} (UTC).`
}

/** A UTC day. A day that is named is that day in UTC, wherever the command runs. */
function parseDay(given: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(given)) {
    if (!Number.isNaN(Date.parse(given))) return given
    throw new InvalidArgumentError('Expected a day of the calendar.')
  }
  const back = { today: 0, yesterday: 1 }[given]
  return dayOf(back === undefined ? parseSince(given) : Date.now() - back * 86_400_000)
}
